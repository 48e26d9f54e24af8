"""The overview: MRR and what moved it, the key figures, the newest movements, the largest plans."""

from datetime import timedelta

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

import mrr.web.board as board
import mrr.web.rolling as rolling
from mrr.answers import Rollforward
from mrr.book import Book
from mrr.door import Needs
from mrr.period import local_day, next_period
from mrr.web.page import MONTHS, book_of, page
from mrr.web.view import ViewIs, months_before

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)
PLANS, FEED = 7, 9


@router.get("/")
def overview(request: Request, view: ViewIs) -> HTMLResponse:
    """The board: MRR and what moved it, the key figures, the newest movements, the largest plans."""
    book = book_of(request)
    with book.on(view.ledger):
        meant = book.definition()
        first = months_before(local_day(meant.as_of, meant.timezone), MONTHS)
        history = book.rollforward(first=str(first))
        if not history.rows or not any(row.closing_micros or row.opening_micros for row in history.rows):
            return page(request, "empty.html", {"meant": meant, "view": view})
        found = {one.metric: book.metric(name=one.metric, first=str(first)) for one in board.asked()}
        before, seals = _to_date(book, history), book.seals()
        tiles = [board.tile(one, found[one.metric], seals, before if one.to_date else None) for one in board.BOARD]
        shares, rest = board.first(board.shares(book.rollforward(first=str(first), by="plan")), PLANS)
        told = {"meant": meant, "hero": board.hero(history), "tiles": tiles, "feed": book.latest(limit=FEED).rows}
        told |= {"plans": shares, "rest": rest, "names": book.names(), "view": view}
        told |= {"columns": rolling.columns(history, "month", (), {}), "classes": rolling.classes(history.rows)}
        return page(request, "overview.html", told | {"title": rolling.title})


def _to_date(book: Book, history: Rollforward) -> int | None:
    """What moved in the month before up to the day on which the present one stands; None where that cannot be told."""
    today, start = local_day(history.definition.as_of, history.definition.timezone), history.rows[-1].period_starts_on
    if len(history.rows) < 2 or today >= next_period(start, "month") or book.policy["netting"] == "month":
        return None
    then = history.rows[-2].period_starts_on
    last = min(then + (today - start), start - timedelta(days=1))
    days = book.rollforward(interval="day", first=f"{then}", last=f"{last}").rows
    return days[-1].closing_micros - days[0].opening_micros if days else None
