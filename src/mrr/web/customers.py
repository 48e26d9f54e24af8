"""Everybody with state and MRR, and one customer."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from mrr.book import NOW
from mrr.door import Needs
from mrr.web.page import Words, book_of, page

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)


@router.get("/customers")
def customers(request: Request, state: str = "", ledger: Words = NOW) -> HTMLResponse:
    """Everybody with state and MRR, the largest first."""
    book = book_of(request)
    with book.on(ledger):
        found = book.customers(state=state or None)
        told = {"meant": found.definition, "rows": found.rows[:500], "count": len(found.rows)}
        return page(request, "customers.html", told | {"state": state, "ledger": ledger})


@router.get("/customers/{customer}")
def customer(request: Request, customer: str, ledger: Words = NOW) -> HTMLResponse:
    """One customer: where it stands, and every movement of it."""
    book = book_of(request)
    with book.on(ledger):
        found, moved = book.customers(customer=customer), book.movements(customer=customer)
        if not found.rows:
            return page(request, "error.html", {"detail": f"there is no customer {customer}", "remedy": ""}, 404)
        told = {"meant": found.definition, "one": found.rows[0], "moved": moved.rows[::-1], "ledger": ledger}
        return page(request, "customer.html", told)
