"""What the book can be asked about revenue: reports, metrics, movements, customers, explanations, on any ledger."""

from typing import Annotated, Literal

import msgspec
from fastapi import Path, Query

from mrr.answers import Customers, Definition, Measured, Movements, Rollforward, Triangle
from mrr.api.known import BookIs
from mrr.api.listed import Listed
from mrr.api.routes import Routes
from mrr.api.words import AsOf, Class, CustomerIs, First, Last, Report, State, Where, filters, told
from mrr.lookups.account import Account
from mrr.lookups.directory import Directory, Order
from mrr.lookups.movers import Movers
from mrr.metrics.catalogue import Metric
from mrr.period import Grain
from mrr.reports.explain import Explanation

router = Routes("Revenue")


class Choices(msgspec.Struct):
    """The values of each key: plan, currency, interval, attributes of customers."""

    keys: dict[str, list[str]]


class Metrics(Listed):
    """Every metric with its governed definition; they are the same for every book."""

    rows: list[Metric]


@router.ask("/rollforward", ledgers=True)
def rollforward(
    book: BookIs,
    words: Report,
    as_closed: Annotated[bool, Query(description="Closed months as they were sealed.")] = False,
) -> Rollforward:
    """How opening MRR became closing MRR, period by period."""
    return book.rollforward(**words, as_closed=as_closed)


@router.ask("/metrics")
def metrics(book: BookIs) -> Metrics:
    """Every metric with its governed definition."""
    return Metrics(book.metrics())


@router.ask("/metrics/{name}", ledgers=True)
def metric(book: BookIs, name: Annotated[str, Path(examples=["nrr", "arr"])], words: Report) -> Measured:
    """A metric by period, in total or by group."""
    return book.metric(name=name, **words)


@router.ask("/cohorts/{of}", ledgers=True)
def cohort(book: BookIs, of: Literal["logo", "revenue"], words: Report) -> Triangle:
    """What became of those who joined together."""
    return book.cohort(of=of, **words)


@router.ask("/movements", ledgers=True, pages=True)
def movements(
    book: BookIs,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    customer: CustomerIs = None,
    kind: Annotated[Class | None, Query(alias="class", description="Only movements of this class.")] = None,
) -> Movements:
    """What changed, for whom, by how much, and why; in the order of day and customer."""
    words = {"first": first, "last": last, "as_of": as_of, "customer": customer, "kind": kind}
    return book.movements(**told(words))


@router.ask("/movements/{movement_id}", ledgers=True)
def explain(book: BookIs, movement_id: Annotated[str, Path(examples=["2f36a6d1"])], as_of: AsOf = None) -> Explanation:
    """One movement, down to the entries behind it; a prefix of its id will do where it is unique."""
    return book.explain(movement_id=movement_id, as_of=as_of)


@router.ask("/customers", ledgers=True, pages=True)
def customers(
    book: BookIs,
    as_of: AsOf = None,
    customer: CustomerIs = None,
    state: Annotated[State | None, Query(description="Only customers in this state.")] = None,
) -> Customers:
    """Every customer with its state and MRR, the largest first."""
    return book.customers(**told({"as_of": as_of, "customer": customer, "state": state}))


@router.ask("/customers/{customer:path}", ledgers=True)
def account(book: BookIs, customer: Annotated[str, Path(examples=["acme"])], as_of: AsOf = None) -> Account:
    """One customer whole: state, subscriptions, invoices, payments; where two sources use the id, `source/id`."""
    return book.account(customer=customer, as_of=as_of)


@router.ask("/directory", ledgers=True)
def directory(
    book: BookIs,
    search: Annotated[str | None, Query(max_length=200, description="Part of a name or id.")] = None,
    state: State | None = None,
    order: Order = "-mrr",
    as_of: AsOf = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> Directory:
    """A page of the customers whose name or id contains a text."""
    return book.directory(search=search, state=state, order=order, as_of=as_of, limit=limit, offset=offset)


@router.ask("/movers", ledgers=True)
def movers(
    book: BookIs,
    period: Annotated[str, Query(description="A day within the period.", examples=["2025-02-01"])],
    interval: Grain = "month",
    kind: Annotated[Class | None, Query(alias="class", description="Only movements of this class.")] = None,
    as_of: AsOf = None,
    where: Where = (),
    limit: Annotated[int, Query(ge=1, le=5_000)] = 200,
) -> Movers:
    """Who is behind a cell of the roll-forward, the largest first."""
    words = {"period": period, "interval": interval, "kind": kind, "as_of": as_of}
    return book.cell(**told(words), where=filters(where), limit=limit)


@router.ask("/choices", ledgers=True)
def choices(book: BookIs, as_of: AsOf = None) -> Choices:
    """By what figures can be filtered and grouped, with the values that there are."""
    return Choices(book.choices(as_of=as_of))


@router.ask("/definition", ledgers=True)
def definition(book: BookIs, as_of: AsOf = None) -> Definition:
    """What the figures of this book mean, and on what they rest."""
    return book.definition(as_of=as_of)
