"""Closing months: the questions that a month must answer, what was sealed against now, reopening."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

import mrr.web.sheets as sheets
from mrr.access import Actor
from mrr.book import Book
from mrr.book.clock import now
from mrr.controls.close import ClosedMonth
from mrr.door import Needs
from mrr.errors import MrrError
from mrr.period import local_day, midnight, next_period
from mrr.restate import Restatement
from mrr.web.aside import SHORT_S, Aside, Work, aside_of, waiting
from mrr.web.forms import Does, onward
from mrr.web.page import book_of, page

# So many closed months are listed with what became of them since.
LISTED = 13

router = APIRouter(include_in_schema=False)
reads = [Depends(Needs("read"))]
Closes = Annotated[Actor, Depends(Does("close"))]
Reason = Annotated[str, Form()]
As = Annotated[str, Query(alias="as")]


class Since(NamedTuple):
    """A closed month as sealed, as now, and whether its movements are still those that were sealed."""

    month: ClosedMonth
    sealed_micros: int
    now_micros: int
    status: str


@router.get("/close", dependencies=reads)
def closing(request: Request, ask: str = "", as_: As = "") -> Response:
    """The closed months against now, and the questions of the next one where they are asked."""
    book = book_of(request)
    work = _asked(aside_of(request), book, ask) if ask else None
    if work is not None and not work.told():
        return waiting(request, work)
    months = _since(book)
    if as_ == "csv":
        rows = [(one.month.month, *map(sheets.major, one[1:3]), one.status) for one in months]
        return sheets.sheet(request, "closes", ("month", "as closed", "as now", "status"), rows)
    return _page(request, book, {"months": months, "gate": work.answer if work else None})


def _page(request: Request, book: Book, told: Mapping[str, Any], status: int = 200) -> Response:
    meant = book.definition()
    more = {"meant": meant, "due": _due(book, local_day(now(), meant.timezone)), "listed": LISTED, "trouble": None}
    return page(request, "closing.html", {**more, "gate": None, **told}, status)


def _asked(aside: Aside, book: Book, month: str) -> Work:
    return aside.ask(_key(book, "gate", month), f"whether {month} can be closed", lambda _: book.gate(month=month))


def _key(book: Book, what: str, month: str) -> str:
    """What is asked of a month is asked anew after each decision."""
    return f"{what} {month} after {len(book.governed.acts)} decisions"


def _since(book: Book) -> "list[Since]":
    closed = book.closes()[-LISTED:]
    if not closed:
        return []
    history = book.rollforward(first=str(closed[0].month), last=str(closed[-1].month)).rows
    ending = {row.period_starts_on: row.closing_micros for row in history}
    return [
        Since(one, one.sealed.rollforward["closing_micros"], ending.get(one.month, 0), _status(book, one.month))
        for one in reversed(closed)
    ]


def _status(book: Book, month: date) -> str:
    """`closed` where all that was sealed still holds, else `restated`."""
    ends_at = midnight(next_period(month, "month"), book.policy["timezone"])
    return book.definition(as_of=f"{ends_at.isoformat()}Z").status


def _due(book: Book, today: date) -> date:
    """The month that is to be closed next."""
    closed = book.closes()
    if closed:
        return next_period(closed[-1].month, "month")
    return date.fromordinal(today.replace(day=1).toordinal() - 1).replace(day=1)


@router.get("/close/{month}", dependencies=reads)
def closed_month(request: Request, month: str, as_: As = "") -> Response:
    """A closed month as sealed and as now, with each entry that changed it."""
    book = book_of(request)
    title = f"what has changed {month} since it was closed"
    work = aside_of(request).ask(_key(book, "restate", month), title, lambda _: book.restate(month=month))
    if not work.told(None if as_ == "csv" else SHORT_S):
        return waiting(request, work)
    found: Restatement = work.answer
    if as_ == "csv":
        return sheets.sheet(request, f"restated-{month}", _COLUMNS, _rows(found))
    closed = book.closes()
    told = {"meant": book.definition(), "found": found, "month": month, "is_last": closed[-1].month == found.month}
    told["one"] = next(one for one in closed if one.month == found.month)
    return page(request, "restated.html", told)


_COLUMNS = ("customer", "source", "state as closed", "state now", "as closed", "as now", "entries")


def _rows(found: Restatement) -> "list[tuple[Any, ...]]":
    return [
        (
            *(one.customer_id, one.source, one.state_sealed, one.state_now),
            *(sheets.major(one.sealed_micros), sheets.major(one.now_micros), " ".join(map(str, one.entries))),
        )
        for one in found.customers
    ]


@router.post("/close")
def close(
    request: Request,
    actor: Closes,
    month: Annotated[str, Form()],
    reason: Reason = "",
    force: Annotated[bool, Form()] = False,
) -> Response:
    """Seal a month; where a question fails, the page says which, and nothing is sealed."""
    book = book_of(request)
    try:
        book.close_month(month=month, author=actor.name, reason=reason, force=force)
    except MrrError as trouble:
        return _page(request, book, {"months": _since(book), "trouble": trouble}, 409)
    return onward(f"/close/{month}")


@router.post("/close/{month}/reopen")
def reopen(request: Request, actor: Closes, month: str, reason: Reason = "") -> Response:
    """Open the latest closed month again."""
    book_of(request).reopen_month(month=month, author=actor.name, reason=reason)
    return onward("/close")
