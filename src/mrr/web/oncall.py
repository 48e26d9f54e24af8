"""On-call: how the promises stand and what is wrong, for who is woken, for who leads, for who looks for a cause."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from mrr import charts, figures
from mrr.access import Actor
from mrr.answers import Definition
from mrr.book import Book
from mrr.book.clock import now
from mrr.door import Needs
from mrr.figures import micros_of, rounded, written
from mrr.period import zone
from mrr.watch.alerts import Alert
from mrr.watch.annotations import KINDS
from mrr.watch.budgets import Burnt, Standing, amount_of, lasting, share_of
from mrr.watch.drilled import latest
from mrr.watch.gauges import Gauges
from mrr.watch.remedies import remedies
from mrr.watch.runbooks import runbook
from mrr.watch.settings import span
from mrr.watch.told import Acknowledged, Event, Faded, Opened, Resolved, Seen, Sent, Unsent
from mrr.web.forms import Does, onward
from mrr.web.page import book_of, page, went
from mrr.web.shown import plain

router = APIRouter(include_in_schema=False)
reads = [Depends(Needs("read"))]
Operates = Annotated[Actor, Depends(Does("operate"))]
Reason = Annotated[str, Form()]

# The width of a budget's bar, and what is left (in millionths) where it turns amber.
BAR, LOW, MILLION = 160, 250_000, 1_000_000
# Percentages and rates beyond this are all the same.
FAR = 999
VIEWS = (
    ("/on-call", "On-call"),
    ("/on-call/incident", "Incident"),
    ("/on-call/executive", "Executive"),
    ("/on-call/debug", "Debug"),
)
NOTES = 12
# So many alerts that are over are shown below those that stand, and so many in the list of all.
OVER, LISTED = 5, 200
WINDOWS = {"1h": "1 h", "1d": "24 h", "7d": "7 d", "28d": "28 d"}
SILENT_FOR = {"1h": "1 hour", "4h": "4 hours", "1d": "1 day", "7d": "7 days"}
FAILURES = {
    "F1": "Missing events",
    "F2": "Double counting",
    "F3": "Proration errors",
    "F4": "Currency mismatch",
    "F5": "Late billing",
    "F6": "Reconciliation drift",
}
# In the order in which an entry goes through the book; what else there may be follows.
OUTCOMES = ("decoded", "irrelevant", "duplicate", "quarantined", "conflict", "key_reused")


class Failure(NamedTuple):
    """A failure mode of the catalogue: the latest alert of it, if there ever was one."""

    name: str
    title: str
    alert: Alert | None


class Filed(NamedTuple):
    """What became of so many entries of the journal, all sources together."""

    outcome: str
    entries: int


@router.get("/on-call", dependencies=reads)
def on_call(request: Request, window: str = "1d", alert: int = 0, alerts: str = "") -> HTMLResponse:
    """Objectives with their budgets, the alerts that stand, their course, the queue, what people did.

    `alert` is shown whatever became of it, and laid open: messages lead there.
    """
    book, every = book_of(request), book_of(request).alerts()
    asked = [one for one in every if one.alert_id == alert] or ([book.alert(alert=alert)] if alert else [])
    told = _common(book) | {"window": window, "windows": WINDOWS, "all": alerts == "all", "open_id": alert}
    told |= {"alerts": every[:LISTED] if alerts == "all" else _shown(every, asked)}
    told |= {"standing": [one for one in every if one.state != "resolved"], "happened": happened}
    told |= {"remedies": partial(remedies, promoted_at=book.promoted_at())}
    told |= {"silences": book.silences(), "silent_for": SILENT_FOR, "kinds": KINDS, "runbook": runbook}
    told |= {"latency": book.course(indicator="queue.posting", window=window), "drifts": book.drifts()}
    told |= {"checkout": book.course(indicator="checkout.success", window=window), "failures": _failures(every)}
    told |= {"notes": book.annotations()[::-1][:NOTES], "head": book.journal.head().seq}
    told |= {"drilled": latest(book.drills()), "folder": book.folder.resolve().name, "hours": figures.hours}
    return page(request, "oncall.html", told | {"filed": _filed(told["gauges"])})


@router.get("/on-call/runbooks/{rule}", dependencies=reads)
def one_runbook(request: Request, rule: str) -> HTMLResponse:
    """What to do about the findings of a rule."""
    book = book_of(request)
    found = [one for one in book.alerts() if rule in one.rules][:NOTES]
    return page(
        request,
        "runbook.html",
        {"meant": book.definition(), "rule": rule, "text": runbook(rule), "of": found, "clock": clock},
    )


@router.get("/on-call/executive", dependencies=reads)
def executive(request: Request) -> HTMLResponse:
    """MRR now, what of it is at risk or leaks, and which promises about revenue are kept."""
    book = book_of(request)
    told = _common(book)
    levels = [one for one in told["gauges"].standings if one.unit == "micros"]
    return page(request, "executive.html", told | {"levels": levels, "names": book.names()})


@router.get("/on-call/debug", dependencies=reads)
def debug(request: Request, window: str = "1h") -> HTMLResponse:
    """What came in, from whom and how it went; how long it took; what was tried; how the service itself went."""
    book = book_of(request)
    told = _common(book) | {"head": book.journal.head().seq, "comparisons": book.reconciliations()[::-1][:NOTES]}
    told |= {"went": went(request, window), "drawn": charts.WENT, "windows": {"1h": "1 h", "6h": "6 h"}}
    told |= {"bucket": bucket, "recorded": {tuple(one.labels): one.amount for one in book.recorded(window=window)}}
    return page(request, "debug.html", told)


# ----- what a person does about an alert


@router.post("/on-call/alerts/{alert}/acknowledge")
def acknowledge(request: Request, actor: Operates, alert: int, reason: Reason = "") -> Response:
    """Take an alert on."""
    book_of(request).acknowledge(alert=alert, author=actor.name, reason=reason)
    return onward(_place(alert))


@router.post("/on-call/alerts/{alert}/resolve")
def resolve(request: Request, actor: Operates, alert: int, reason: Reason = "") -> Response:
    """Say that it is over, and why."""
    book_of(request).resolve(alert=alert, author=actor.name, reason=reason)
    return onward(_place(alert))


@router.post("/on-call/alerts/{alert}/silence")
def silence(
    request: Request,
    actor: Operates,
    alert: int,
    matching: Annotated[str, Form()],
    lasts: Annotated[str, Form()],
    reason: Reason = "",
) -> Response:
    """Tell nobody of it, or of all that has its cause or rule, for a while."""
    until = f"{(now() + span(lasts)).isoformat()}Z"
    book_of(request).silence(matching=matching, ends_at=until, author=actor.name, reason=reason)
    return onward(_place(alert))


@router.post("/on-call/silences/lifted")
def lift(request: Request, actor: Operates, matching: Annotated[str, Form()], reason: Reason = "") -> Response:
    """End before its time what is silenced under a pattern."""
    book_of(request).lift(matching=matching, author=actor.name, reason=reason)
    return onward("/on-call#silenced")


@router.post("/on-call/annotations")
def annotate(
    request: Request, actor: Operates, kind: Annotated[str, Form()], text: Annotated[str, Form()] = ""
) -> Response:
    """Keep what was done to the service just now."""
    book_of(request).annotate(kind=kind, text=text, author=actor.name)
    return onward("/on-call#done")


def _place(alert: int) -> str:
    return f"/on-call?alert={alert}#alert-{alert}"


# ----- what the pages are made of


def _common(book: Book) -> dict[str, Any]:
    """What the three pages share."""
    meant: Definition = book.definition()
    told: dict[str, Any] = {"meant": meant, "gauges": book.gauges(), "views": VIEWS, "bar": bar, "tone": tone}
    told |= {"left": left, "rate": rate, "clock": clock, "took": took}
    return told | {"share_of": share_of, "amount_of": amount_of, "lasting": lasting}


def _shown(every: Sequence[Alert], asked: Sequence[Alert]) -> list[Alert]:
    """Those that stand, pages first; the last that are over; the one that was asked for."""
    standing = sorted((one for one in every if one.state != "resolved"), key=lambda one: one.urgency != "page")
    over = [one for one in every if one.state == "resolved"][:OVER]
    return list({one.alert_id: one for one in (*standing, *over, *asked)}.values())


def _failures(every: Sequence[Alert]) -> list[Failure]:
    """Each failure mode with its latest alert; `every` has the latest first, and one that stands goes before."""
    ranked = sorted(every, key=lambda one: one.state == "resolved")
    return [
        Failure(name, title, next((one for one in ranked if any(r.startswith(name) for r in one.rules)), None))
        for name, title in FAILURES.items()
    ]


def _filed(gauges: Gauges) -> list[Filed]:
    """The entries by outcome: those that there are, in the order of their way, and quarantine in any case."""
    counts = {"decoded": 0, "quarantined": 0}
    for one in gauges.entries:
        counts[one.labels[1]] = counts.get(one.labels[1], 0) + one.amount
    rank = {name: place for place, name in enumerate(OUTCOMES)}
    return [Filed(name, counts[name]) for name in sorted(counts, key=lambda one: (rank.get(one, len(rank)), one))]


def happened(event: Event) -> str:
    """What an event did to an alert, in words."""
    match event.said:
        case Opened():
            return "seen first"
        case Seen(findings=findings):
            return f"seen, {', '.join(dict.fromkeys(one.rule for one in findings))}"
        case Faded():
            return "seen no more"
        case Acknowledged(reason=reason):
            return f"taken on by {event.actor}" + (f": {reason}" if reason else "")
        case Resolved(reason=reason):
            return f"resolved by {event.actor}: {reason}"
        case Sent(route=route, stage=stage):
            return f"{stage} told on {route}"
        case Unsent(route=route, stage=stage, error=error):
            return f"{stage} not told on {route}: {error}"
    return ""


def bar(one: Standing) -> int:
    """How much of a bar stands for what is left of a budget; all of it for one that is overspent, in another colour."""
    millionths = micros_of(one.left_ratio or "0")
    return BAR if millionths < 0 else BAR * min(millionths, MILLION) // MILLION


def tone(one: Standing) -> str:
    """The colour of the bar, by what is left."""
    millionths = micros_of(one.left_ratio or "0")
    return "bad" if millionths < 0 else "warn" if millionths < LOW else ""


def left(one: Standing) -> str:
    """What is left of a budget as a whole percentage; beyond ten times its size it is overspent, however far."""
    share = rounded(micros_of(one.left_ratio or "0") * 100, 0)
    return f"{written(share)}%" if share > -FAR else f"< {written(-FAR)}%"


def rate(burn: Burnt) -> str:
    """How fast a budget burns, in short."""
    return plain(burn.rate_ratio) if micros_of(burn.rate_ratio) < FAR * MILLION else f"> {FAR}"


def clock(then: datetime, timezone: str) -> str:
    """An instant in short, on the clock of the book: `22 Nov 09:24`."""
    local = then.replace(tzinfo=UTC).astimezone(zone(timezone))
    return f"{local.day} {local:%b %H:%M}"


def bucket(seconds: float | None) -> str:
    """The end of a bucket of times; none is beyond the last one."""
    if seconds is None:
        return "longer"
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1000:g} ms"


def took(us: int | None) -> str:
    """A time that events took."""
    if us is None:
        return "–"
    if us < MILLION:
        return f"{us // 1000} ms"
    return f"{written(us // 100_000, 1)} s".replace(".0", "") if us < 10 * MILLION else lasting(us // MILLION)
