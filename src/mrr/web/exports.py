"""What a page shows, as a file: any answer of the book as CSV, for who may take figures out."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from mrr.book.exporting import frame
from mrr.door import Needs
from mrr.web.page import book_of
from mrr.web.sheets import table
from mrr.web.view import ViewIs

router = APIRouter(dependencies=[Depends(Needs("export"))], include_in_schema=False)


@router.get("/exports/{what}.csv")
def export(request: Request, what: str, view: ViewIs, customer: str = "", kind: str = "", state: str = "") -> Response:
    """An answer as `mrr export` writes it, with exact amounts."""
    book = book_of(request)
    more = {"customer": customer, "kind": kind, "state": state}
    told = {name: value for name, value in view.words.items() if name != "interval" or what not in _LISTS}
    with book.on(view.ledger):
        return table(request, what, frame(book, what, told | {name: word for name, word in more.items() if word}))


# These have days, but no periods.
_LISTS = ("movements", "lines", "customers", "changes", "subscribers-by-month", "summary")
