"""The roll-forward, from a cell down to the event behind it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

import mrr.web.filters as filters
import mrr.web.rolling as rolling
import mrr.web.shown as shown
from mrr import figures
from mrr.book import Book
from mrr.dates import first_day
from mrr.door import Needs
from mrr.period import next_period, period_start
from mrr.web.page import book_of, page
from mrr.web.view import View, ViewIs

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)
# More columns than these no page has room for; more movements than these no drawer.
COLUMNS, LISTED = 36, 200
# From this amount on, in micros, figures need wider columns.
_LONG = 10**13


@router.get("/movements")
def movements(
    request: Request,
    view: ViewIs,
    period: str = "",
    kind: Annotated[str, Query(alias="class")] = "",
    movement: str = "",
) -> HTMLResponse:
    """The roll-forward with a column a period; a cell opens its movements, a movement its explanation."""
    book = book_of(request)
    with book.on(view.ledger):
        whole = view._replace(by="").since(book.definition())
        history = book.rollforward(**whole.words)
        is_cut = len(history.rows) > COLUMNS
        seen = whole._replace(first=f"{history.rows[-COLUMNS].period_starts_on}") if is_cut else whole
        history.rows = history.rows[-COLUMNS:] if rolling.has_moved(history.rows) else []
        counted = book.moved(**seen.words)
        told: dict[str, Any] = {"meant": history.definition, "view": seen, "asked": view}
        told |= {"columns": rolling.columns(history, seen.interval, counted, book.seals())}
        told |= {"classes": rolling.classes(history.rows), "title": rolling.title, "period": period, "kind": kind}
        told |= {"presets": filters.presets(view, history.definition), "filters": filters.offered(book, view)}
        told["wide"] = any(abs(row.closing_micros) >= _LONG for row in history.rows)
        told |= {"names": book.names(), "drawer": None, "explained": None, "is_cut": is_cut}
        if period:
            told |= _cell(book, period, kind, seen)
        if movement:
            told["explained"] = _explained(book, movement, told["names"])
        return page(request, "movements.html", told)


def _cell(book: Book, period: str, kind: str, view: View) -> dict[str, Any]:
    """The movements of a cell, and what it is called."""
    found = book.cell(period=period, interval=view.interval, kind=kind or None, where=view.pairs, limit=LISTED)
    start = period_start(first_day(period) or date.min, view.interval)
    last = next_period(start, view.interval) - timedelta(days=1)
    return {"drawer": found, "cell": figures.period_name(start, view.interval), "period_last": f"{last}"}


def _explained(book: Book, movement: str, names: Mapping[str, str]) -> dict[str, Any]:
    """A movement with its receipt, in a sentence, and the month in which it lands."""
    found = book.explain(movement_id=movement)
    move = found.movement
    cell = book.cell(period=f"{move.on}", interval="day", kind=move.class_)
    mover = next((one for one in cell.rows if one.movement_id == move.movement_id), None)
    why = ", ".join(dict.fromkeys(shown.change(part, names) for part in mover.parts)) if mover else ""
    causes = dict.fromkeys(shown.cause(cause) for line in move.lines for cause in line.causes)
    article = "an" if move.class_[0] in "aeiou" else "a"
    told = {"found": found, "month": move.on.replace(day=1), "article": article, "why": why or ", ".join(causes)}
    return told | {"name": (mover.name if mover else None) or move.customer_id}
