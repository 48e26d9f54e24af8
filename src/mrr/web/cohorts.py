"""Cohorts: what became of those who joined together, by period or by an attribute, as a table of heat."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

import mrr.web.filters as filters
from mrr import figures
from mrr.answers import Triangle
from mrr.charts.heat import AROUND, BELOW
from mrr.dates import first_day
from mrr.door import Needs
from mrr.metrics.cohorts import Cell
from mrr.period import Grain, local_day
from mrr.web.page import book_of, page
from mrr.web.view import ViewIs, months_before

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)
# The strip on the overview: so many quarters, at so many quarters since they joined.
STRIP = 8
COLUMNS = 25


class Share(NamedTuple):
    """A cell of heat: per cent as shown, exactly, out of how many; `heat` is the class of its colour."""

    shown: int
    ratio: str
    members: int
    heat: str


class Cohort(NamedTuple):
    """Those who joined together: what they are called, with how much or many, and what is left, period by period."""

    name: str
    joined: int
    cells: list[Share | None]


@router.get("/cohorts")
def cohorts(request: Request, view: ViewIs, of: Literal["logo", "revenue"] = "revenue") -> HTMLResponse:
    """A triangle of cohorts, of customers or of their MRR."""
    book = book_of(request)
    with book.on(view.ledger):
        meant = book.definition()
        seen = view if view.by else view.since(meant)
        found = book.cohort(of=of, **seen.words)
        rows = rows_of(found, None if view.by else view.interval)
        told: dict[str, Any] = {"meant": found.definition, "view": view, "seen": seen, "of": of, "rows": rows}
        told |= {"columns": min(max((len(row.cells) for row in rows), default=0), COLUMNS), "step": 1}
        told |= {
            "filters": [one for one in filters.offered(book, view) if one.key not in ("plan", "currency", "interval")]
        }
        told |= {"presets": filters.presets(view, meant, "/cohorts"), "period_of": view.interval, "linked": True}
        return page(request, "cohorts.html", told)


@router.get("/cohorts/strip")
def strip(request: Request, view: ViewIs) -> HTMLResponse:
    """NRR by cohort of a quarter, for the overview, which loads it when the rest stands."""
    book = book_of(request)
    with book.on(view.ledger):
        meant = book.definition()
        first = months_before(local_day(meant.as_of, meant.timezone), 3 * STRIP + 3)
        found = book.cohort(of="revenue", interval="quarter", first=f"{first}")
        rows = [row for row in rows_of(found, "quarter") if any(row.cells[1:])][-STRIP:]
        told = {"meant": found.definition, "rows": [row._replace(cells=row.cells[1:]) for row in rows], "step": 3}
        told |= {"columns": max((len(row.cells) - 1 for row in rows), default=0), "of": "revenue"}
        return page(request, "strip.html", told)


def rows_of(found: Triangle, grain: Grain | None) -> list[Cohort]:
    """The cohorts of a triangle in their order; without a grain they are values of an attribute."""
    steps = AROUND if any(cell.numerator > cell.denominator for cell in found.rows) else BELOW
    cells: dict[str | None, list[Cell]] = {}
    for cell in found.rows:
        cells.setdefault(cell.cohort, []).append(cell)
    return [_cohort(name, told, grain, steps) for name, told in cells.items()]


def _cohort(name: str | None, told: Sequence[Cell], grain: Grain | None, steps: Mapping[str, int]) -> Cohort:
    start = first_day(name) if name and grain else None
    called = figures.period_name(start, grain) if start and grain else name or "none"
    shares = {cell.periods_since: _share(cell, steps) for cell in told}
    line = [shares.get(since) for since in range(min(max(shares, default=0) + 1, COLUMNS))]
    return Cohort(called, told[0].denominator, line)


def _share(cell: Cell, steps: Mapping[str, int]) -> Share | None:
    if not cell.denominator:
        return None
    shown = int((Fraction(cell.numerator, cell.denominator) * 200 + 1) // 2)
    heat = [name for name, least in steps.items() if shown >= least][-1]
    return Share(shown, cell.ratio or "", cell.members, heat)
