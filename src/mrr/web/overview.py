"""The overview: MRR and what moved it, the key figures, the newest movements, the largest plans."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

import mrr.web.board as board
from mrr.book import NOW
from mrr.door import Needs
from mrr.period import local_day
from mrr.web.page import MONTHS, Words, book_of, page

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)


@router.get("/")
def overview(request: Request, ledger: Words = NOW) -> HTMLResponse:
    """The board: MRR and what moved it, the key figures, the newest movements, the largest plans."""
    book = book_of(request)
    with book.on(ledger):
        meant = book.definition()
        first = board.months_before(local_day(meant.as_of, meant.timezone), MONTHS)
        history = book.rollforward(first=str(first))
        if not history.rows:
            return page(request, "empty.html", {"meant": meant, "ledger": ledger})
        tiles = [board.tile(one, book.metric(name=one.metric, first=str(first))) for one in board.BOARD]
        feed = book.movements(first=str(board.months_before(local_day(meant.as_of, meant.timezone), 2))).rows[::-1][:9]
        plans = book.rollforward(first=str(history.rows[-1].period_starts_on), by="plan")
        told = {"meant": meant, "hero": board.hero(history), "tiles": tiles, "feed": feed, "ledger": ledger}
        return page(request, "overview.html", told | {"plans": board.plans(plans), "names": book.names()})
