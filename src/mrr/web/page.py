"""What every page knows and shows: the rail of pages, the book, who is there, how fresh the ledger is."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, cast

from fastapi import Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from mrr.book import Book, clock
from mrr.book.clock import now_micros
from mrr.door import known
from mrr.errors import MrrError, WrongUse
from mrr.live import Live
from mrr.watch.pulse import WINDOWS, Pulse, Went

MONTHS = 13
# The ledger that a page looks at, in words (see docs/bridge.md).
Words = Annotated[str, Query(alias="ledger")]


class Place(NamedTuple):
    """A page on the rail: where it is, its name, and the key that goes there after `g`."""

    path: str
    name: str
    key: str


# In this order; the author of a page adds its place in the same move as the page.
RAIL: dict[str, tuple[Place, ...]] = {
    "Revenue": (
        Place("/", "Overview", "o"),
        Place("/movements", "Movements", "m"),
        Place("/customers", "Customers", "c"),
        Place("/cohorts", "Cohorts", "h"),
        Place("/plans", "Plans", "p"),
    ),
    "Trust": (
        Place("/bridge", "Bridge", "b"),
        Place("/reconcile", "Reconcile", "r"),
        Place("/close", "Close", "l"),
        Place("/policy", "Policy", "y"),
        Place("/metrics", "Metrics", "d"),
        Place("/journal", "Journal", "j"),
    ),
    "Operations": (Place("/on-call", "On-call", "n"),),
}


def page(request: Request, template: str, told: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """A template with what every page knows: the book, the place in it, who is there, how fresh the ledger is."""
    live = cast(Live, request.app.state.live)
    try:
        actor = known(request)
    except MrrError:
        actor = None
    common = {"book": live.book.settings.get("name", "book"), "path": request.url.path, "actor": actor}
    common |= {"failure": live.failure, "posted": live.posted, "query": request.url.query}
    common |= {"rail": RAIL, "now": now_micros(), "may_export": actor is not None and actor.may("export")}
    templates = cast(Environment, request.app.state.templates)
    return HTMLResponse(templates.get_template(template).render(**common, **told), status)


def went(request: Request, window: str) -> Went:
    """How the service went over a window. Raises WrongUse for one that is none of `WINDOWS`."""
    if window not in WINDOWS:
        raise WrongUse(f"there is no window {window!r}", remedy=f"Use one of {', '.join(WINDOWS)}.")
    pulse = cast(Pulse, request.app.state.pulse)
    return pulse.went(window, clock.now(), book_of(request).definition())


def book_of(request: Request) -> Book:
    """The book that is served."""
    return cast(Live, request.app.state.live).book
