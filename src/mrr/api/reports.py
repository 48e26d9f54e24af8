"""What the book can be asked over HTTP: reports, metrics, movements, customers, explanations, on any ledger."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from mrr.api.forms import answered
from mrr.api.known import BookIs, Needs
from mrr.book import NOW, Book
from mrr.errors import WrongUse
from mrr.period import Grain

router = APIRouter(prefix="/v1", dependencies=[Depends(Needs("read"))])

Ledger = Annotated[str, Query(description="Another ledger: @2026-05-03, a preset, churn_at=request, close:2026-10.")]
AsOf = Annotated[str | None, Query(description="The ledger up to a day or instant, exclusive; else now.")]
Day = Annotated[str | None, Query(description="A day, month or year: 2025, 2025-03, 2025-03-15.")]
State = Literal["active", "held", "lapsed", "never"]
Class = Literal["opening", "new", "expansion", "contraction", "churn", "reactivation", "none", "fx"]
Limit = Annotated[int, Query(ge=1, le=5_000, description="At most so many rows; `Link` leads to the next.")]
Cursor = Annotated[str | None, Query(description="Where a page before ended.")]


def report(
    interval: Grain = "month",
    first: Annotated[str | None, Query(alias="from", description="The first day, month or year shown.")] = None,
    last: Annotated[
        str | None, Query(alias="to", description="The last day, month or year shown, it included.")
    ] = None,
    as_of: AsOf = None,
    by: Annotated[str | None, Query(description="By plan, currency or customer attribute.")] = None,
    where: Annotated[Sequence[str], Query(description="KEY=VALUE: only what has this.")] = (),
) -> dict[str, Any]:
    """The words that all reports take."""
    pairs = [(key, value) for key, equals, value in (word.partition("=") for word in where) if equals and key]
    if len(pairs) != len(where):
        raise WrongUse("a filter is KEY=VALUE", remedy="As in where=currency=EUR.")
    words = {"interval": interval, "first": first, "last": last, "as_of": as_of, "by": by}
    return {name: value for name, value in words.items() if value is not None} | {"where": pairs}


Words = Annotated[dict[str, Any], Depends(report)]


@router.get("/rollforward")
def rollforward(request: Request, book: BookIs, words: Words, ledger: Ledger = NOW) -> Response:
    """How opening MRR became closing MRR, period by period."""
    with book.on(ledger):
        return answered(request, book.rollforward(**words))


@router.get("/metrics")
def metrics(request: Request, book: BookIs) -> Response:
    """Every metric with its governed definition."""
    return answered(request, book.metrics())


@router.get("/metrics/{name}")
def metric(request: Request, name: str, book: BookIs, words: Words, ledger: Ledger = NOW) -> Response:
    """A metric by period, in total or by group."""
    with book.on(ledger):
        return answered(request, book.metric(name=name, **words))


@router.get("/cohorts/{of}")
def cohort(request: Request, of: str, book: BookIs, words: Words, ledger: Ledger = NOW) -> Response:
    """What became of those who joined together, `of` logo or revenue."""
    with book.on(ledger):
        return answered(request, book.cohort(of=of, **words))


@router.get("/movements")
def movements(
    request: Request,
    book: BookIs,
    first: Annotated[Day, Query(alias="from")] = None,
    last: Annotated[Day, Query(alias="to")] = None,
    as_of: AsOf = None,
    customer: str | None = None,
    kind: Annotated[Class | None, Query(alias="class")] = None,
    ledger: Ledger = NOW,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> Response:
    """What changed, for whom, by how much, and why; in the order of day and customer."""
    place = Place.read(cursor, ledger, as_of)
    with book.on(place.ledger):
        words = {"first": first, "last": last, "as_of": place.as_of, "customer": customer, "kind": kind}
        return _paged(request, book, book.movements(**_told(words)), place, limit)


@router.get("/movements/{movement_id}")
def explain(request: Request, movement_id: str, book: BookIs, as_of: AsOf = None, ledger: Ledger = NOW) -> Response:
    """One movement, down to the entries behind it."""
    with book.on(ledger):
        return answered(request, book.explain(movement_id=movement_id, as_of=as_of))


@router.get("/customers")
def customers(
    request: Request,
    book: BookIs,
    as_of: AsOf = None,
    customer: str | None = None,
    state: State | None = None,
    ledger: Ledger = NOW,
    limit: Limit = 500,
    cursor: Cursor = None,
) -> Response:
    """Every customer with its state and MRR, the largest first."""
    place = Place.read(cursor, ledger, as_of)
    with book.on(place.ledger):
        words = {"as_of": place.as_of, "customer": customer, "state": state}
        return _paged(request, book, book.customers(**_told(words)), place, limit)


@router.get("/definition")
def definition(request: Request, book: BookIs, as_of: AsOf = None, ledger: Ledger = NOW) -> Response:
    """What the figures of this book mean, and on what they rest."""
    with book.on(ledger):
        return answered(request, book.definition(as_of=as_of))


@router.get("/policy")
def policy(request: Request, book: BookIs) -> Response:
    """The policy in force, key by key, with its hashes."""
    return answered(request, {"name": book.policy.name, "hash": book.policy.hash, "values": dict(book.policy.values)})


class Place(msgspec.Struct, frozen=True):
    """Where a page begins, and on which ledger: later pages stay on that of the first."""

    ledger: str
    as_of: str | None
    offset: int = 0

    @classmethod
    def read(cls, cursor: str | None, ledger: str, as_of: str | None) -> "Place":
        """The place that a cursor names, or the first one. Raises WrongUse for what is no cursor of ours."""
        if cursor is None:
            return cls(ledger, as_of)
        try:
            return msgspec.convert(json.loads(base64.urlsafe_b64decode(cursor.encode())), cls)
        except (binascii.Error, ValueError, msgspec.ValidationError) as error:
            raise WrongUse("this is no cursor of ours", remedy="Follow the header Link, rel=next.") from error

    def cursor(self) -> str:
        """This place as a text for a URL."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()


def _paged(request: Request, book: Book, found: Any, place: Place, limit: int) -> Response:
    """A page of an answer; the header Link leads to the next one."""
    end = place.offset + limit
    rows = found.rows[place.offset : end]
    headers = {"X-Total-Count": str(len(found.rows))}
    if end < len(found.rows):
        meant = found.definition
        pinned = f"{NOW}@seq:{meant.known_at_seq}" if place.ledger == NOW else place.ledger
        cursor = Place(pinned, f"{meant.as_of.isoformat()}Z", end).cursor()
        following = request.url.include_query_params(cursor=cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return answered(request, msgspec.structs.replace(found, rows=rows), headers)


def _told(words: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in words.items() if value is not None}
