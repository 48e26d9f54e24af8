"""Cohorts as a heat map: a row for each, a column for each period since they joined."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

import altair as alt

import mrr.charts.parts as parts
import mrr.charts.theme as theme
from mrr.answers import Triangle
from mrr.figures import period_label
from mrr.metrics.cohorts import Cell
from mrr.period import Grain

# The table in which the cells stand, in pixels.
_ROW, _LOW, _LEFT, _WIDEST, _TIGHT = 27, 20, 110, 56, 26
# From which share on, in per cent, a cell takes which colour: around 100 % where it can be passed, else below it.
AROUND: Mapping[str, int] = {"n3": 0, "n2": 80, "n1": 90, "z0": 98, "p1": 103, "p2": 110, "p3": 120}
BELOW: Mapping[str, int] = {"n2": 0, "n1": 20, "z0": 40, "p1": 55, "p2": 75, "p3": 90}


def cohorts(answer: Triangle, grain: Grain | None) -> theme.Spec:
    """The share of each cohort that is left. Without a grain the cohorts are no periods, but values of an attribute."""
    meant = answer.definition
    steps = AROUND if any(cell.numerator > cell.denominator for cell in answer.rows) else BELOW
    rows = [_datum(cell, grain, steps) for cell in answer.rows if cell.denominator]
    ranked = list(dict.fromkeys(row["cohort"] for row in rows))
    columns = 1 + max(cell.periods_since for cell in answer.rows)
    width = min(_WIDEST, (parts.WIDTH - _LEFT) // columns)
    x = alt.X("since:O", axis=alt.Axis(orient="top", domain=False, labelPadding=8))
    x = x.scale(domain=list(range(columns)), padding=0, range=[_LEFT, _LEFT + width * columns])
    y = alt.Y("cohort:O", axis=None).scale(domain=ranked, padding=0)
    layers = [layer.encode(y=y) for layer in _layers(rows, ranked, x, 11 if width >= _TIGHT else 8)]
    subtitle = f"% of what they joined with, by {f'{grain}s' if grain else 'periods'} since; {meant.variant}"
    height = (_ROW if width >= _TIGHT else _LOW) * len(ranked)
    return parts.titled(layers, meant.title, subtitle, meant, height=height, below=16)


def _datum(cell: Cell, grain: Grain | None, steps: Mapping[str, int]) -> parts.Datum:
    share = Fraction(cell.numerator, cell.denominator) * 100
    shown = int((share * 2 + 1) // 2)
    colour = [name for name, least in steps.items() if shown >= least][-1]
    return {
        "cohort": period_label(date.fromisoformat(cell.cohort), grain)
        if cell.cohort and grain
        else cell.cohort or "none",
        "since": cell.periods_since,
        "share": float(share),
        "shown": f"{shown}",
        "members": cell.members,
        "colour": theme.role(colour),
        "ink": theme.role({"p3": "on-3", "n3": "on-3", "p2": "on-2", "n2": "on-2"}.get(colour, "ink")),
    }


def _layers(rows: Sequence[parts.Datum], ranked: Sequence[str], x: alt.X, size: int) -> Iterator[alt.Chart]:
    cells = alt.Chart(parts.values(rows)).encode(x=x)
    yield cells.mark_rect(stroke=theme.role("surface"), strokeWidth=2, cornerRadius=3).encode(
        color=alt.Color("colour:N", scale=None, legend=None),
        tooltip=[
            alt.Tooltip("cohort:N", title="Cohort"),
            alt.Tooltip("since:Q", title="Periods since"),
            alt.Tooltip("share:Q", title="Left, %", format=".2f"),
            alt.Tooltip("members:Q", title="Members", format=","),
        ],
    )
    numbers = cells.mark_text(baseline="middle", fontSize=size)
    yield numbers.encode(text="shown:N", color=alt.Color("ink:N", scale=None, legend=None))
    labels = alt.Chart(parts.values([{"cohort": name} for name in ranked]))
    yield labels.mark_text(align="left", baseline="middle").encode(x=alt.value(0), text="cohort:N")
