"""The governed metrics: each with its definition, its place among the others, its figures."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

import mrr.web.filters as filters
from mrr.answers import Definition
from mrr.door import Needs
from mrr.errors import WrongUse
from mrr.metrics.asking import Figure
from mrr.metrics.catalogue import Metric
from mrr.web.page import book_of, page
from mrr.web.shown import count, money, percent, plain
from mrr.web.view import ViewIs

# The words by which a part of a metric is told to be an amount.
_OF_MONEY = ("MRR", "value", "ten largest", "largest customer", "expansion")

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request, view: ViewIs) -> HTMLResponse:
    """Every metric with what it is."""
    book = book_of(request)
    return page(request, "metrics.html", {"metrics": book.metrics(), "meant": book.definition(), "view": view})


@router.get("/metrics/{name}")
def metric(request: Request, name: str, view: ViewIs) -> HTMLResponse:
    """One metric: definition, formula, what moves it and what it moves, its figures as chart and table."""
    book = book_of(request)
    every = {one.name: one for one in book.metrics()}
    if name not in every:
        remedy = "The page of metrics lists them all."
        return page(request, "error.html", {"detail": f"there is no metric {name!r}", "remedy": remedy}, 404)
    one = every[name]
    with book.on(view.ledger):
        seen = view.since(book.definition())
        told: dict[str, Any] = {"metric": one, "view": view, "seen": seen, "names": book.names()}
        told |= {
            "moved_by": one.moved_by,
            "moves": _moves(one, list(every.values())),
            "every": every,
            "value": value,
            "parts_of": parts_of,
        }
        if one.is_cohort:
            return page(request, "metric.html", told | {"meant": book.definition(), "rows": [], "refused": ""})
        told |= {"presets": filters.presets(view, book.definition(), f"/metrics/{name}")}
        try:
            found = book.metric(name=name, **seen.words)
        except WrongUse as error:
            refused = f"{error}. {error.remedy}"
            return page(request, "metric.html", told | {"meant": book.definition(), "rows": [], "refused": refused})
        told |= {"meant": found.definition, "rows": _newest(found.rows), "refused": ""}
        return page(request, "metric.html", told)


def _newest(rows: Sequence[Figure]) -> list[Figure]:
    """The figures, the newest first, groups beside one another."""
    return sorted(rows, key=lambda row: (-row.period_starts_on.toordinal(), row.group is None, row.group or ""))


def _moves(one: Metric, every: Sequence[Metric]) -> list[tuple[Metric, str]]:
    """The metrics that this one moves, with the sense in which it does."""
    return [(other, cause.sign) for other in every for cause in other.moved_by if cause.metric == one.name]


def value(row: Figure, metric: Metric, meant: Definition) -> Any:
    """A figure as its metric is told: an amount, a number, a share, a multiple."""
    if row.value_micros is not None:
        return money(row.value_micros, meant.currency, cents=True)
    if row.count is not None:
        return count(row.count)
    if row.ratio is None:
        return "–"
    return percent(row.ratio, 2) if metric.unit == "ratio" and metric.shown == "percent" else plain(row.ratio, 2)


def parts_of(row: Figure, metric: Metric, meant: Definition) -> list[Any]:
    """Numerator and denominator of a figure, where the metric has them."""
    told = zip(metric.parts, (row.numerator, row.denominator), strict=False)
    return [_part(number, any(word in name for word in _OF_MONEY), meant) for name, number in told]


def _part(number: int | None, is_money: bool, meant: Definition) -> Any:
    if number is None:
        return "–"
    return money(number, meant.currency) if is_money else count(number)
