"""The journal: what it holds, and what needs a person's eye."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from mrr.door import Needs
from mrr.web.page import book_of, page

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)


@router.get("/journal")
def journal(request: Request) -> HTMLResponse:
    """How much the journal holds, and what needs a person's eye."""
    book = book_of(request)
    told = {"head": book.journal.head().seq, "totals": book.journal.receipts_summary(), "quarantine": book.quarantine()}
    return page(request, "journal.html", told)
