"""On-call: how the promises stand and what is wrong, for who is woken, for who leads, for who looks for a cause."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from mrr.answers import Definition
from mrr.book import Book
from mrr.door import Needs
from mrr.watch.budgets import Standing, amount_of, lasting, share_of
from mrr.web.page import book_of, page

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)

# The width of a budget's bar, and the share below which it is told in amber.
BAR, LOW = 160, "0.250000"
VIEWS = (("/on-call", "On-call"), ("/on-call/executive", "Executive"), ("/on-call/debug", "Debug"))
NOTES = 12


@router.get("/on-call")
def on_call(request: Request) -> HTMLResponse:
    """Objectives with their budgets, the alerts that stand, the queue, what people did."""
    book = book_of(request)
    told = _common(book)
    told |= {"alerts": book.alerts(state="standing"), "notes": book.annotations()[::-1][:NOTES]}
    return page(request, "oncall.html", told)


@router.get("/on-call/executive")
def executive(request: Request) -> HTMLResponse:
    """MRR now, what of it is at risk or leaks, and which promises about revenue are kept."""
    told = _common(book_of(request))
    standings = {one.objective: one for one in told["gauges"].standings}
    levels = [one for one in standings.values() if one.unit == "micros"]
    return page(request, "executive.html", told | {"levels": levels})


@router.get("/on-call/debug")
def debug(request: Request) -> HTMLResponse:
    """What came in, from whom and how it went; how long it took; what was tried."""
    book = book_of(request)
    told = _common(book) | {"head": book.journal.head().seq, "comparisons": book.reconciliations()[::-1][:NOTES]}
    return page(request, "debug.html", told)


def _common(book: Book) -> dict[str, Any]:
    """What the three pages share."""
    meant: Definition = book.definition()
    told: dict[str, Any] = {"meant": meant, "gauges": book.gauges(), "views": VIEWS, "bar": bar, "is_low": is_low}
    return told | {"share_of": share_of, "amount_of": amount_of, "lasting": lasting, "took": took}


def bar(one: Standing) -> int:
    """How much of a bar stands for what is left of a budget."""
    millionths = int((one.left_ratio or "0").replace(".", ""))
    return BAR * max(min(millionths, 1_000_000), 0) // 1_000_000


def is_low(one: Standing) -> bool:
    """Whether little is left of a budget."""
    return one.left_ratio is not None and (one.left_ratio.startswith("-") or one.left_ratio < LOW)


def took(us: int | None) -> str:
    """A time that events took."""
    if us is None:
        return "–"
    return f"{us // 1000:,} ms" if us < 10_000_000 else lasting(us // 1_000_000)
