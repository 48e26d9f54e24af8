"""The roll-forward, from a cell down to the event behind it."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

import mrr.web.board as board
from mrr import figures
from mrr.answers import Rollforward
from mrr.book import NOW
from mrr.door import Needs
from mrr.period import Grain, local_day, next_period
from mrr.web.page import Words, book_of, page

CLASSES = ("new", "expansion", "reactivation", "entering", "contraction", "churn", "leaving", "fx", "policy")
TITLES = {"fx": "FX", "policy": "Policy change"}

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)


@router.get("/movements")
def movements(
    request: Request,
    interval: Grain = "month",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    where: Annotated[Sequence[str], Query()] = (),
    ledger: Words = NOW,
    period: str = "",
    kind: Annotated[str, Query(alias="class")] = "",
    movement: str = "",
) -> HTMLResponse:
    """The roll-forward with a column a period; a cell opens its movements, a movement its explanation."""
    book = book_of(request)
    pairs = [(key, value) for key, _, value in (word.partition("=") for word in where if word) if value]
    with book.on(ledger):
        meant = book.definition()
        if not first:
            back = {"day": 1, "week": 3, "month": 12, "quarter": 36, "year": 120}[interval]
            first = str(board.months_before(local_day(meant.as_of, meant.timezone), back))
        history = book.rollforward(interval=interval, first=first, last=last or None, where=pairs)
        told = {
            "meant": history.definition,
            "rows": history.rows[-12:],
            "interval": interval,
            "classes": _shown(history),
        }
        told |= {"titles": TITLES, "first": first, "last": last, "where": where, "ledger": ledger, "period": period}
        told |= {"kind": kind, "label": figures.period_label, "list": None, "explained": None}
        if period:
            ends = date.fromordinal(next_period(date.fromisoformat(period), interval).toordinal() - 1)
            told["list"] = book.movements(first=period, last=str(ends), kind=kind or None).rows
        if movement:
            told["explained"] = book.explain(movement_id=movement)
        return page(request, "movements.html", told)


def _shown(history: Rollforward) -> list[str]:
    """The classes that have a row: the five always, the others where they are not all 0."""
    always = ("new", "expansion", "reactivation", "contraction", "churn")
    return [name for name in CLASSES if name in always or any(getattr(row, f"{name}_micros") for row in history.rows)]
