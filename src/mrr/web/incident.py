"""An incident: whom it concerns and what that costs, as a page, as a list for the CRM, as the draft of a postmortem."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

import mrr.web.oncall as oncall
import mrr.web.sheets as sheets
from mrr.book import Book
from mrr.dates import asked_at
from mrr.door import Needs
from mrr.errors import MrrError
from mrr.period import zone
from mrr.watch.impact import PLAYBOOK, Impact, play, playbook
from mrr.web.page import book_of, page
from mrr.web.view import filters

router = APIRouter(include_in_schema=False)
reads = [Depends(Needs("read"))]

# So many customers are shown; the list for the CRM has all of them.
SHOWN = 100
# What an incident cannot be narrowed by is a trait of a level, not of a customer.
NO_ATTRIBUTES = ("plan", "currency", "interval")
AMOUNTS = ("mrr", "at_risk", "lost")
Values = Annotated[Sequence[str], Query()]


class About(NamedTuple):
    """What a person says of an incident; an empty text for whatever is left open. `customers` are ids, a line each."""

    since: str = ""
    until: str = ""
    plan: Sequence[str] = ()
    where: Sequence[str] = ()
    code: Sequence[str] = ()
    customers: str = ""
    alert: int = 0

    @property
    def words(self) -> dict[str, Any]:
        """What the book is asked by. Raises WrongUse for a filter that is no KEY=VALUE."""
        return {
            "since": self.since or None,
            "until": self.until or None,
            "plans": self.plan,
            "where": filters(self.where),
            "codes": self.code,
            "customers": re.split(r"[\s,;]+", self.customers.strip()) if self.customers.strip() else [],
        }

    def link(self, path: str, **more: str) -> str:
        """The URL of something about the same incident."""
        told = {"from": self.since, "to": self.until, **self._asdict(), **more}
        kept = {name: value for name, value in told.items() if value and name not in ("since", "until")}
        return f"{path}?{urlencode(kept, doseq=True)}" if kept else path


def about(
    request: Request,
    since: Annotated[str, Query(alias="from")] = "",
    until: Annotated[str, Query(alias="to")] = "",
    plan: Values = (),
    where: Values = (),
    code: Values = (),
    customers: str = "",
    alert: int = 0,
) -> About:
    """The incident of a request: what it says, and of an alert when it was and whom it concerns."""
    plans, pairs, codes = ([one for one in some if one] for some in (plan, where, code))
    book = book_of(request)
    timezone = book.policy["timezone"]
    told = About(_field(since, timezone), _field(until, timezone), plans, pairs, codes, customers, alert)
    if not alert:
        return told
    found = book.alert(alert=alert)
    # Its last minute is part of it.
    over = "" if found.resolved_at is None else _local(found.resolved_at + timedelta(minutes=1), timezone)
    whom = "\n".join(found.customers)
    begun = _local(found.begins_at, timezone)
    return told._replace(since=told.since or begun, until=told.until or over, customers=customers or whom)


AboutIs = Annotated[About, Depends(about)]


@router.get("/on-call/incident", dependencies=reads)
def incident(request: Request, asked: AboutIs, as_: Annotated[str, Query(alias="as")] = "") -> Response:
    """Whom an incident concerns, customer by customer; without any word who had trouble within a day."""
    book = book_of(request)
    try:
        found = book.impact(**asked.words)
    except MrrError as trouble:
        return _page(request, book, {"asked": asked, "found": None, "trouble": trouble}, 400)
    if as_ == "csv":
        return sheets.sheet(request, "at-risk", PLAYBOOK, _plays(found))
    return _page(request, book, {"asked": asked, "found": found, "trouble": None})


@router.get("/on-call/postmortem", dependencies=reads)
def postmortem(request: Request, asked: AboutIs, title: str = "") -> Response:
    """The draft of a postmortem of the same incident, in Markdown."""
    text = book_of(request).postmortem(alert=asked.alert or None, title=title, **asked.words).text()
    told = {"Content-Disposition": 'attachment; filename="postmortem.md"'}
    return Response(text, 200, told, "text/markdown; charset=utf-8")


def _page(request: Request, book: Book, told: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    choices = {key: values for key, values in book.choices().items() if key not in NO_ATTRIBUTES}
    more = {"meant": book.definition(), "views": oncall.VIEWS, "shown": SHOWN, "play": play, "names": book.names()}
    more |= {"plans": book.choices().get("plan", []), "attributes": choices, "codes": _codes(book)}
    return page(request, "incident.html", {**more, **told}, status)


def _codes(book: Book) -> list[str]:
    """The codes with which payments ever failed."""
    labels = (one.labels for one in book.gauges(thorough=False).payments)
    return sorted({code for _, outcome, code in labels if outcome == "failed" and code})


def _plays(found: Impact) -> list[list[Any]]:
    """The rows for the CRM, amounts as numbers."""
    return [[Decimal(row[key]) if key in AMOUNTS else row[key] for key in PLAYBOOK] for row in playbook(found)]


def _field(text: str, timezone: str) -> str:
    """A day or instant as a field of the form has it; what is none is left to be complained of."""
    try:
        return _local(asked_at(text, timezone), timezone) if text else ""
    except MrrError:
        return text


def _local(then: datetime, timezone: str) -> str:
    """An instant on the clock of the book, to the minute."""
    return f"{then.replace(tzinfo=UTC).astimezone(zone(timezone)):%Y-%m-%dT%H:%M}"
