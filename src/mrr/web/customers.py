"""Customers by search, state and order, and one customer whole: down to the bytes that were told of it."""

from fractions import Fraction
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from mrr.door import Needs
from mrr.errors import WrongUse
from mrr.lookups.directory import Order
from mrr.metrics.asking import decimal
from mrr.web.page import book_of, page
from mrr.web.view import ViewIs

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)
# Customers on a page; entries, invoices and payments of one customer.
ROWS, ENTRIES, PAPERS = 50, 12, 12
STATES = ("", "active", "held", "lapsed")
HEADINGS: tuple[tuple[str, str], ...] = (
    ("name", "Customer"),
    ("mrr", "MRR"),
    ("since", "Since"),
    ("changed", "Last movement"),
)


@router.get("/customers")
def customers(
    request: Request,
    view: ViewIs,
    state: str = "",
    search: str = "",
    order: Order = "-mrr",
    at: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> HTMLResponse:
    """A page of the customers that fit."""
    book = book_of(request)
    with book.on(view.ledger):
        found = book.directory(search=search, state=state, order=order, limit=ROWS, offset=ROWS * (at - 1))
        told: dict[str, Any] = {"meant": found.definition, "rows": found.rows, "count": found.matching, "view": view}
        told |= {"state": state, "search": search, "order": order, "at": at, "pages": -(-found.matching // ROWS)}
        return page(request, "customers.html", told | {"states": STATES, "headings": HEADINGS, "size": ROWS})


@router.get("/customers/{customer:path}")
def customer(request: Request, customer: str, view: ViewIs) -> HTMLResponse:
    """One customer: where it stands, every movement, what it pays for, what was billed and paid, and what was told."""
    book = book_of(request)
    with book.on(view.ledger):
        try:
            found = book.account(customer=customer)
        except WrongUse as error:
            return page(request, "error.html", {"detail": str(error), "remedy": error.remedy}, 404)
        moved = book.movements(customer=customer).rows[::-1]
        bare = found.customer.customer_id if found.customer else customer
        entries = book.entries(customer=bare, limit=ENTRIES)
        total = book.rollforward(first=str(found.definition.as_of.date().replace(day=1))).rows
        told: dict[str, Any] = {"meant": found.definition, "found": found, "one": found.customer, "moved": moved}
        told |= {"name": (found.customer and found.customer.attributes.get("name")) or bare, "id": bare, "view": view}
        told |= {"entries": entries, "names": book.names(), "papers": PAPERS}
        told["share"] = _share(
            found.customer.mrr_micros if found.customer else 0, total[-1].closing_micros if total else 0
        )
        return page(request, "customer.html", told)


def _share(part: int, whole: int) -> str | None:
    """A share as a ratio with six places."""
    return decimal(Fraction(part, whole)) if whole > 0 else None
