"""What is promised of the service and of revenue, and what is kept of it; deploys and the like as annotations."""

from typing import Annotated, Literal

import msgspec
from fastapi import Path, Query
from pydantic import Field

from mrr.api.known import ActorIs, BookIs
from mrr.api.listed import Listed
from mrr.api.routes import Routes
from mrr.api.words import AsOf, Said
from mrr.watch.annotations import LONGEST, Annotation
from mrr.watch.budgets import Standing
from mrr.watch.course import Course, Drifts
from mrr.watch.finding import Finding
from mrr.watch.indicators import Indicator
from mrr.watch.sli import Slis

router = Routes("Promises")

Window = Annotated[str, Query(pattern=r"^\d{1,4}[smhdw]$", description="Events of so long.", examples=["28d", "1h"])]
Moment = Annotated[str | None, Query(max_length=40, description="A day or instant.", examples=["2025-03-01"])]


class Indicators(Listed):
    """Every indicator with its governed definition."""

    rows: list[Indicator]


class Standings(Listed):
    """How every objective stands. Ratios have six places; amounts are in the unit of the indicator."""

    rows: list[Standing]


class Missed(msgspec.Struct):
    """The objectives that are missed, or will be soon."""

    rows: list[Finding]


class Annotations(Listed):
    """What people did to the service, the oldest first."""

    rows: list[Annotation]


class Done(Said):
    """Something that was done to the service, now or at another instant."""

    kind: Annotated[Literal["deploy", "flag", "price", "incident", "note"], Field(examples=["deploy"])]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST, examples=["billing 4.2 is out"])]
    at: Annotated[str | None, Field(max_length=40, description="When; else now.", examples=["2025-03-01"])] = None


@router.ask("/indicators", pages=True)
def indicators(book: BookIs) -> Indicators:
    """Every indicator, with owner and formula."""
    return Indicators(book.indicators())


@router.ask("/slis")
def slis(book: BookIs, window: Window = "28d", as_of: AsOf = None) -> Slis:
    """Every indicator measured: of events over a window, of what stands at its end."""
    return book.slis(window=window, as_of=as_of)


@router.ask("/slis/{indicator}/course")
def course(
    book: BookIs,
    indicator: Annotated[str, Path(examples=["checkout.success", "queue.posting"])],
    window: Annotated[Literal["1h", "1d", "7d", "28d"], Query(description="Of so long until now.")] = "1d",
) -> Course:
    """An indicator of events slot by slot, with what is promised of it and what was noted meanwhile."""
    return book.course(indicator=indicator, window=window)


@router.ask("/drifts")
def drifts(book: BookIs, window: Window = "28d") -> Drifts:
    """Every comparison with others that was made in a time, and by how much it was apart."""
    return book.drifts(window=window)


@router.ask("/slos", pages=True)
def slos(book: BookIs, as_of: AsOf = None) -> Standings:
    """How every objective stands: what is left of its budget, and how fast that burns."""
    return Standings(book.slos(as_of=as_of))


@router.ask("/slos/missed")
def missed(book: BookIs, as_of: AsOf = None) -> Missed:
    """The objectives that are missed, each with what it rests on and whom it concerns."""
    return Missed(book.missed(as_of=as_of))


@router.ask("/annotations", pages=True)
def annotations(book: BookIs, since: Moment = None, until: Moment = None) -> Annotations:
    """Deploys, flags, prices, incidents and notes of a time."""
    return Annotations(book.annotations(since=since, until=until))


@router.tell("/annotations", "operate", 201)
def annotate(book: BookIs, actor: ActorIs, done: Done) -> Annotation:
    """Keep what was done, under the name of who says so."""
    return book.annotate(kind=done.kind, text=done.text, author=actor.name, at=done.at)
