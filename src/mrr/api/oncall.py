"""What notices trouble and what is done about it: findings, alerts, silences, drills, impact, postmortems."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Path, Query
from pydantic import Field

from mrr.answers import Definition
from mrr.api.known import ActorIs, BookIs
from mrr.api.listed import Listed
from mrr.api.routes import Routes
from mrr.api.words import AsOf, Because, Said, Where, filters
from mrr.book.watching import Watched
from mrr.watch import alerts as alerting
from mrr.watch.alerts import Alert
from mrr.watch.digest import Digest, Which
from mrr.watch.drilled import Kept
from mrr.watch.finding import Finding
from mrr.watch.impact import Impact
from mrr.watch.postmortem import Postmortem
from mrr.watch.remedies import Remedy

router = Routes("On-call")

Number = Annotated[int, Path(ge=1, le=2**62, description="The number of an alert.", examples=[1])]
Since = Annotated[
    str | None, Query(description="From this day or instant on; else a day ago.", examples=["2025-03-01"])
]
Until = Annotated[str | None, Query(description="Until this day or instant; else now.", examples=["2025-03-02"])]
Names = Annotated[Sequence[str], Query(description="Again for more.")]


class Alerts(Listed):
    """Alerts, the latest first."""

    rows: list[Alert]


class Remedies(Listed):
    """What may safely be done, each as the command that does it."""

    rows: list[Remedy]


class Silences(Listed):
    """What is silenced for now, the latest last."""

    rows: list[alerting.Silence]


class Drills(Listed):
    """What came of drills, the latest first. Minutes are of simulated time, from the first failure on."""

    rows: list[Kept]


class Findings(msgspec.Struct):
    """What watchers found, and on which ledger."""

    definition: Definition
    rows: list[Finding]


class Silenced(msgspec.Struct):
    """Until when nobody is told."""

    until: datetime


class TakenOn(Said):
    """Why, where there is something to say."""

    reason: Annotated[str, Field(max_length=2_000, examples=["replaying the archive"])] = ""


class ToSilence(Because):
    """Alerts whose id, cause or rule matches, and until when nobody is told of them."""

    matching: Annotated[str, Field(min_length=1, max_length=200, examples=["source:*"])]
    ends_at: Annotated[str, Field(max_length=40, examples=["2099-01-01T06:00:00Z"])]


class ToLift(TakenOn):
    """Silences of exactly this pattern, and why they end, where there is something to say."""

    matching: Annotated[str, Field(min_length=1, max_length=200, examples=["source:*"])]


@router.ask("/alerts", pages=True)
def alerts(book: BookIs, state: Literal["open", "acknowledged", "resolved", "standing"] | None = None) -> Alerts:
    """All alerts, those of a state, or those that are not resolved (`standing`)."""
    return Alerts(book.alerts(state=state))


@router.ask("/alerts/{alert}")
def alert(book: BookIs, alert: Number) -> Alert:
    """One alert with everything that happened to it."""
    return book.alert(alert=alert)


@router.ask("/alerts/{alert}/remedies")
def remedies(book: BookIs, alert: Number) -> Remedies:
    """What may safely be done about an alert."""
    return Remedies(book.offered(alert=alert))


@router.tell("/alerts/{alert}/acknowledge", "operate")
def acknowledge(book: BookIs, actor: ActorIs, alert: Number, said: TakenOn) -> Alert:
    """Take an alert on."""
    return book.acknowledge(alert=alert, author=actor.name, reason=said.reason)


@router.tell("/alerts/{alert}/resolve", "operate")
def resolve(book: BookIs, actor: ActorIs, alert: Number, said: Because) -> Alert:
    """Say that it is over."""
    return book.resolve(alert=alert, author=actor.name, reason=said.reason)


@router.ask("/silences", pages=True)
def silences(book: BookIs) -> Silences:
    """What people have silenced, as far as it still holds."""
    return Silences(book.silences())


@router.tell("/silences", "operate", 201)
def silence(book: BookIs, actor: ActorIs, said: ToSilence) -> Silenced:
    """Tell nobody of some alerts for a while."""
    return Silenced(book.silence(author=actor.name, **said.model_dump()))


@router.tell("/silences/lifted", "operate")
def lift(book: BookIs, actor: ActorIs, said: ToLift) -> Silences:
    """End before its time what is silenced under a pattern; what still is silenced."""
    return Silences(book.lift(author=actor.name, **said.model_dump()))


@router.tell("/watch", "operate")
def watch(book: BookIs) -> Watched:
    """Look now whether anything is wrong, and tell who should know; a served book does so by itself."""
    return book.watch()


@router.ask("/drills", pages=True)
def drills(book: BookIs, drill: Annotated[str | None, Query(examples=["F4"])] = None) -> Drills:
    """The drills that were run on copies of this book, or those of one failure: whether it was noticed and mended."""
    return Drills(book.drills(drill=drill))


@router.ask("/signals")
def signals(book: BookIs, as_of: AsOf = None) -> Findings:
    """What points to events that are lost, doubled, late, wrong or out of order."""
    return Findings(book.definition(as_of=as_of), book.signals(as_of=as_of))


@router.ask("/anomalies")
def anomalies(book: BookIs, as_of: AsOf = None) -> Findings:
    """Days on which revenue moved as it does not usually."""
    return Findings(book.definition(as_of=as_of), book.anomalies(as_of=as_of))


@router.ask("/impact")
def impact(
    book: BookIs,
    since: Since = None,
    until: Until = None,
    plan: Names = (),
    where: Where = (),
    code: Names = (),
    customer: Names = (),
) -> Impact:
    """Who was concerned, customer by customer, and what it is about in money."""
    return book.impact(since=since, until=until, plans=plan, where=filters(where), codes=code, customers=customer)


@router.ask("/postmortem")
def postmortem(
    book: BookIs,
    alert: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    since: Since = None,
    until: Until = None,
    title: Annotated[str, Query(max_length=200)] = "",
    plan: Names = (),
    where: Where = (),
    code: Names = (),
    customer: Names = (),
) -> Postmortem:
    """The draft of a postmortem: of an alert, or of a stretch of time; of whom it tells is what `impact` answers."""
    about: dict[str, Any] = {"plans": plan, "where": filters(where), "codes": code, "customers": customer}
    return book.postmortem(alert=alert, since=since, until=until, title=title, **about)


@router.ask("/digest/{which}")
def digest(book: BookIs, which: Which, as_of: AsOf = None) -> Digest:
    """The last whole day, week or month, in short."""
    return book.digest(which=which, as_of=as_of)
