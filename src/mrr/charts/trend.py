"""Figures over time: a line for a total, with its newest value; a line a group, told apart by colour."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import altair as alt

import mrr.charts.parts as parts
import mrr.charts.theme as theme
import mrr.charts.units as units
from mrr.answers import Definition, Measured, Rollforward
from mrr.figures import day
from mrr.metrics.asking import Figure
from mrr.money import MICROS
from mrr.period import Grain

# More lines than this cannot be told apart.
MOST = 6
# Lines cross: neighbours in size take colours that lie further apart than those of areas.
_APART = (1, 3, 5, 2, 6, 4)


class Point(NamedTuple):
    """A value at the end of a period, or none."""

    start: date
    value: Fraction | None


def ending_mrr(history: Rollforward, grain: Grain) -> theme.Spec:
    """The closing MRR of each period of a roll-forward in total, with the instant up to which the last one counts."""
    points = [Point(row.period_starts_on, Fraction(row.closing_micros, MICROS)) for row in history.rows]
    meant = history.definition
    return _total(points, grain, "Monthly recurring revenue", f"{meant.currency}, at the end of each {grain}", meant)


def metric(answer: Measured, grain: Grain, names: Mapping[str, str]) -> theme.Spec:
    """Any metric by period: in total, or its largest groups; `names` are what groups are called."""
    meant = answer.definition
    subtitle = f"{units.unit_of(meant).name} by {grain}; {meant.variant}"
    lines: dict[str | None, list[Point]] = {}
    for row in answer.rows:
        lines.setdefault(row.group, []).append(Point(row.period_starts_on, value_of(row)))
    if list(lines) == [None]:
        return _total(lines[None], grain, meant.title, subtitle, meant)
    named = {names.get(group, group) if group else "none": points for group, points in lines.items()}
    return _groups(named, grain, meant.title, subtitle, meant)


def value_of(row: Figure) -> Fraction | None:
    """The value of a figure, whatever its unit: major units, a number, a ratio."""
    if row.value_micros is not None:
        return Fraction(row.value_micros, MICROS)
    if row.count is not None:
        return Fraction(row.count)
    return None if row.ratio is None else Fraction(row.ratio)


def _total(points: Sequence[Point], grain: Grain, title: str, subtitle: str, meant: Definition) -> theme.Spec:
    unit, starts = units.unit_of(meant), [point.start for point in points]
    is_open = parts.is_open(starts[-1], grain, meant)
    layers = list(_line(list(_rows(points, grain)), title, unit, is_open=is_open))
    last = points[-1].value
    if last is not None:
        layers.append(_end(list(_rows(points[-1:], grain)), is_open=is_open))
    encoded = [layer.encode(x=_x(starts, grain), y=_y(unit)) for layer in layers]
    encoded += [] if last is None else _value(unit.label(last), meant)
    return parts.titled(encoded, title, subtitle + ("; dashed: not over yet" if is_open else ""), meant)


def _x(starts: Sequence[date], grain: Grain) -> alt.X:
    axis: alt.X = alt.X("period:O", axis=parts.period_axis(starts, grain)).scale(padding=0.3)
    return axis


def _y(unit: units.Unit) -> alt.Y:
    return alt.Y("value:Q", axis=unit.axis, scale=alt.Scale(zero=unit.from_zero))


def _rows(points: Sequence[Point], grain: Grain) -> Iterator[parts.Datum]:
    for point in points:
        value = None if point.value is None else float(point.value)
        yield {"period": f"{point.start}", "label": parts.label_of(point.start, grain), "value": value}


def _line(rows: Sequence[parts.Datum], title: str, unit: units.Unit, *, is_open: bool) -> Iterator[alt.Chart]:
    line: theme.Spec = {"color": theme.role("ink"), "strokeWidth": 2, "strokeCap": "round", "strokeJoin": "round"}
    base = alt.Chart(parts.values(rows))
    if unit.from_zero:
        yield base.mark_area(color=theme.role("ink"), opacity=0.05)
    yield alt.Chart(parts.values(rows[:-1] if is_open else rows)).mark_line(**line)
    if is_open:
        yield alt.Chart(parts.values(rows[-2:])).mark_line(**line, strokeDash=[3, 4])
    yield base.mark_point(size=220, opacity=0, filled=True).encode(tooltip=_tooltip(title, unit))


def _tooltip(title: str, unit: units.Unit) -> list[alt.Tooltip]:
    return [alt.Tooltip("label:N", title="Period"), alt.Tooltip("value:Q", title=title, format=unit.tooltip)]


def _end(last: Sequence[parts.Datum], *, is_open: bool) -> alt.Chart:
    """The newest point, hollow while its period is not over."""
    ink = theme.role("ink")
    fill = theme.role("surface") if is_open else ink
    point: alt.Chart = alt.Chart(parts.values(last)).mark_point(
        filled=True, fill=fill, stroke=ink, strokeWidth=2, size=54, opacity=1
    )
    return point


def _value(value: str, meant: Definition) -> Iterator[alt.Chart]:
    """What the newest point says, above the chart at its right, clear of every line."""
    base = alt.Chart(parts.values([{}])).encode(x=alt.value(parts.WIDTH))
    strong = base.mark_text(align="right", text=value, fontSize=18, fontWeight=600, color=theme.role("ink"))
    yield strong.encode(y=alt.value(-38))
    until = base.mark_text(align="right", text=f"as of {day(parts.today(meant))}", color=theme.role("ink-3"))
    yield until.encode(y=alt.value(-18))


def _groups(
    lines: Mapping[str, Sequence[Point]], grain: Grain, title: str, subtitle: str, meant: Definition
) -> theme.Spec:
    unit, starts = units.unit_of(meant), sorted({point.start for points in lines.values() for point in points})
    ranked = sorted(lines, key=lambda name: (-(lines[name][-1].value or 0), name))
    shown = ranked[:MOST]
    rows = [{**row, "group": name} for name in shown for row in _rows(lines[name], grain)]
    colours = alt.Scale(domain=shown, range=[theme.role(f"group-{number}") for number in _APART[: len(shown)]])
    chart = alt.Chart(parts.values(rows)).mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=24))
    tooltip = [alt.Tooltip("group:N", title="Group"), *_tooltip(title, unit)]
    colour = alt.Color("group:N", scale=colours)
    left_out = f"; the {MOST} largest of {len(ranked)} groups" if len(ranked) > MOST else ""
    encoded = chart.encode(x=_x(starts, grain), y=_y(unit), color=colour, tooltip=tooltip)
    return parts.titled([encoded], title, subtitle + left_out, meant)
