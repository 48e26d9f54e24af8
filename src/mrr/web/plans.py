"""Plans and segments: MRR, share, change, customers and ARPA of each group, and the roll-forward of one."""

from fractions import Fraction
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

import mrr.web.board as board
import mrr.web.filters as filters
import mrr.web.rolling as rolling
from mrr.door import Needs
from mrr.metrics.asking import nearest
from mrr.web.page import book_of, page
from mrr.web.view import View, ViewIs

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)


@router.get("/plans")
def plans(request: Request, view: ViewIs) -> HTMLResponse:
    """What MRR is made of, by plan unless another key is named."""
    book = book_of(request)
    with book.on(view.ledger):
        seen = view._replace(by=view.by or "plan").since(book.definition())
        found = book.rollforward(**seen.words)
        total = book.rollforward(**seen._replace(by="").words)
        shares = board.shares(found)
        last = total.rows[-1] if total.rows else None
        told: dict[str, Any] = {"meant": found.definition, "view": view, "seen": seen, "shares": shares, "last": last}
        told |= {"names": book.names() if seen.by in ("plan", "product") else {}, "by": seen.by}
        told |= {"keys": list(book.choices()), "filters": filters.offered(book, view), "arpa": _arpa(shares, last)}
        told |= {"presets": filters.presets(view, found.definition, "/plans"), "classes": rolling.classes(found.rows)}
        told |= {"rolled": _rolled(shares, seen), "title": rolling.title}
        return page(request, "plans.html", told)


def _arpa(shares: list[board.Share], last: Any) -> dict[str | None, int | None]:
    """Average revenue per account of each group, and of all under `None`'s stead the empty text."""
    rows = {one.group: one.row for one in shares} | ({"": last} if last is not None else {})
    return {
        group: nearest(Fraction(row.closing_micros, row.customers_closing)) if row.customers_closing else None
        for group, row in rows.items()
    }


def _rolled(shares: list[board.Share], seen: View) -> dict[str | None, Any]:
    """The last period of each group, class by class, in whole units that add up."""
    names = rolling.classes([one.row for one in shares])
    return {one.group: rolling.column(one.row, names, seen.interval, {}, "") for one in shares}
