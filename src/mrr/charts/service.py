"""Charts of the service: how long entries take, how many checkouts succeed, how far the book is from others."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

import altair as alt

import mrr.charts.parts as parts
import mrr.charts.theme as theme
from mrr.period import zone
from mrr.watch.annotations import Annotation
from mrr.watch.course import Course, Drifts, Slot
from mrr.watch.pulse import Went

HEIGHT = 150
# In so short a time minutes alone would be told twice.
BRIEF = timedelta(minutes=10)
# Microseconds of a second, and millionths of a whole.
MILLION = 1_000_000
SECONDS = "datum.value < 1 ? format(datum.value * 1000, '~r') + ' ms' : format(datum.value, '~r') + ' s'"
COUNTS = "datum.value < 1 ? format(datum.value, '.2~f') : format(datum.value, '~s')"
SHARES = "format(datum.value * 100, '.3~f') + ' %'"
# An axis of drifts reaches at least this far: less is not worth a bar that fills the chart.
LEAST_DRIFT = 0.0001


class Series(NamedTuple):
    """A line: a field of a beat, its name, its colour by role."""

    field: str
    title: str
    colour: str = "ink"


class Drawn(NamedTuple):
    """A chart of how a service went: its words and lines, the labels of its axis, how far that reaches at least."""

    title: str
    says: str
    series: tuple[Series, ...]
    label: str = COUNTS
    least: float = 1.0
    form: str = ",.2~f"


WENT: Mapping[str, Drawn] = {
    "debug-entries": Drawn("Entries a second", "What the journal took", (Series("entries", "Entries a second"),)),
    "debug-behind": Drawn(
        "Journal ahead of ledger",
        "Entries not posted; faint: deliveries that wait for the disk",
        (Series("waiting", "Deliveries that wait", "ink-3"), Series("behind", "Entries not posted")),
        form=",",
    ),
    "debug-answers": Drawn(
        "Answers a second",
        "All of them; red: errors of its own",
        (Series("answers", "Answers a second"), Series("failed", "Failed a second", "bad")),
    ),
    "debug-cpu": Drawn("CPU", "100 % is one processor", (Series("cpu_share", "CPU"),), SHARES, 0.1, ".1%"),
    "debug-memory": Drawn(
        "Memory", "Resident", (Series("memory_bytes", "Bytes"),), "format(datum.value, '~s') + 'B'", 1e8, ".4~s"
    ),
    "debug-files": Drawn("Open files", "And sockets", (Series("files", "Open files"),), least=10, form=","),
}


def latency(course: Course) -> theme.Spec:
    """How long events took, slot by slot: the 99th percentile strong, the median faint, on a logarithmic scale."""
    timezone, most = course.definition.timezone, course.within_us
    rows = [row for one in course.rows for row in _times(one, timezone)]
    reach = [row["seconds"] for row in rows] + ([] if most is None else [most / MILLION])
    low, high = min(reach) / 2, max(reach) * 2
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    y = alt.Y("seconds:Q", axis=_axis(SECONDS, values=_decades(low, high), grid=False), scale=scale)
    told = [("label:N", "From", ""), ("of:N", "Of all", ""), ("seconds:Q", "Seconds", ".3~f")]
    layers = [
        *_line([row for row in rows if row["of"] == "50 %"], y, told, theme.role("ink-3")),
        *_line([row for row in rows if row["of"] == "99 %"], y, told, theme.role("ink")),
    ]
    return _course(course, layers, None if most is None else most / MILLION, "99 % strong, half of all faint")


def success(course: Course) -> theme.Spec:
    """The share of events that went well, slot by slot."""
    least = None if course.least_ratio is None else float(Fraction(course.least_ratio))
    rows = [_share(one, course.definition.timezone) for one in course.rows]
    lowest = min([row["share"] for row in rows] + ([] if least is None else [least]))
    y = alt.Y("share:Q", axis=_axis(SHARES), scale=alt.Scale(domain=[max(0.0, lowest - (1 - lowest) / 4), 1]))
    told = [("label:N", "From", ""), ("share:Q", "Went well", ".1%"), ("events:N", "Events", "")]
    layers = [*_line(rows, y, told, theme.role("ink"))]
    return _course(course, layers, least, "the share of each slot that went well")


def drift(drifts: Drifts) -> theme.Spec:
    """How far each comparison was apart; what is out of bounds in the colour of trouble."""
    meant, most = drifts.definition, None if drifts.most is None else drifts.most / MILLION
    rows = [
        {**_when(one.at, meant.timezone), "what": one.what, "share": one.millionths / MILLION, "within": one.within}
        for one in drifts.rows
    ]
    highest = max([row["share"] for row in rows] + [most or 0, LEAST_DRIFT])
    y = alt.Y("share:Q", axis=_axis(SHARES), scale=alt.Scale(domain=[0, highest * 1.05]))
    colour = alt.condition("datum.within", alt.value(theme.role("ink-3")), alt.value(theme.role("bad")))
    told = [("label:N", "Compared", ""), ("what:N", "With", ""), ("share:Q", "Drift", ".3%")]
    base = alt.Chart(parts.values(rows)).encode(x=_x(drifts.starts_at, drifts.ends_at, meant.timezone), color=colour)
    layers = [
        base.mark_rule(strokeWidth=2).encode(y=y, y2=alt.datum(0)),
        base.mark_point(size=54, filled=True, opacity=1).encode(y=y, tooltip=_tooltip(told)),
        *_bound(most),
    ]
    return parts.titled(layers, meant.title, "each comparison; dashed: the bound", meant, height=HEIGHT)


def went(service: Went, of: str) -> theme.Spec:
    """How a service went, in one of `WENT`: from reading to reading, what is bad in the colour of trouble."""
    meant, drawn = service.definition, WENT[of]
    rows = [
        {**_when(one.ends_at, meant.timezone), **{series.field: getattr(one, series.field) for series in drawn.series}}
        for one in service.rows
    ]
    highest = max([row[series.field] for row in rows for series in drawn.series] + [drawn.least])
    y = alt.Y(axis=_axis(drawn.label), scale=alt.Scale(domain=[0, highest * 1.05], nice=False), type="quantitative")
    x = _x(service.starts_at, service.ends_at, meant.timezone)
    layers = []
    for series in drawn.series:
        told = [("label:N", "Until", ""), (f"{series.field}:Q", series.title, drawn.form)]
        base = alt.Chart(parts.values(rows)).encode(x=x, y=y.copy().field(series.field))
        colour = theme.role(series.colour)
        layers += [
            base.mark_line(color=colour, strokeWidth=1.5, strokeJoin="round", clip=True),
            base.mark_point(color=colour, size=30, filled=True, opacity=0).encode(tooltip=_tooltip(told)),
        ]
    return parts.titled(layers, drawn.title, drawn.says, meant, height=HEIGHT)


def _course(course: Course, layers: Sequence[alt.Chart], bound: float | None, subtitle: str) -> theme.Spec:
    """Lines over the window of a course, what was done meanwhile, and what is promised."""
    x = _x(course.starts_at, course.ends_at, course.definition.timezone)
    notes = _notes(course.notes, course.definition.timezone)
    encoded = [*(one.encode(x=x) for one in (*notes, *layers)), *_bound(bound)]
    said = f"{subtitle}; dashed: the objective" if bound is not None else subtitle
    return parts.titled(encoded, course.title, said, course.definition, height=HEIGHT)


def _line(
    rows: Sequence[parts.Datum], y: alt.Y, told: Sequence[tuple[str, str, str]], colour: str
) -> Iterator[alt.Chart]:
    """A line with a point at each slot: slots without events are left out, and the line alone would hide that."""
    base = alt.Chart(parts.values(rows))
    yield base.mark_line(color=colour, strokeWidth=1.5, strokeJoin="round").encode(y=y)
    yield base.mark_point(color=colour, size=16, filled=True, opacity=1).encode(y=y, tooltip=_tooltip(told))


def _bound(bound: float | None) -> Iterator[alt.Chart]:
    if bound is not None:
        line = alt.Chart(parts.values([{}])).mark_rule(color=theme.role("bad"), strokeWidth=1.25, strokeDash=[5, 4])
        yield line.encode(y=alt.YDatum(bound, type="quantitative"))


def _notes(notes: Sequence[Annotation], timezone: str) -> Iterator[alt.Chart]:
    """What was done, each a line through the chart."""
    if notes:
        rows = [{**_when(one.happened_at, timezone), "what": f"{one.kind}: {one.text}"} for one in notes]
        drawn = alt.Chart(parts.values(rows)).mark_rule(color=theme.role("line-strong"), strokeWidth=2)
        yield drawn.encode(tooltip=_tooltip([("label:N", "At", ""), ("what:N", "What", "")]))


def _times(one: Slot, timezone: str) -> Iterator[parts.Datum]:
    for of, took in (("50 %", one.p50_us), ("99 %", one.p99_us)):
        if took is not None:
            # A logarithm has no zero: what took no time is drawn as what took a microsecond.
            yield {**_when(one.begins_at, timezone), "of": of, "seconds": max(took, 1) / MILLION}


def _share(one: Slot, timezone: str) -> parts.Datum:
    events = f"{one.good:,} of {one.total:,}"
    return {**_when(one.begins_at, timezone), "share": float(Fraction(one.met_ratio)), "events": events}


def _when(moment: datetime, timezone: str) -> parts.Datum:
    """An instant on the clock of the book: where it is drawn, and how a tooltip says it."""
    local = _local(moment, timezone)
    return {"t": f"{local:%Y-%m-%dT%H:%M:%S}", "label": f"{local.day} {local:%b %H:%M}"}


def _local(moment: datetime, timezone: str) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(zone(timezone)).replace(tzinfo=None)


def _x(starts_at: datetime, ends_at: datetime, timezone: str) -> alt.X:
    """Time, as the clock of the book shows it; a chart knows no zones, so that none is named."""
    domain = [alt.ExprRef(f"datetime('{_local(at, timezone):%Y-%m-%dT%H:%M:%S}')") for at in (starts_at, ends_at)]
    lasts = ends_at - starts_at
    form = "%-d %b" if lasts.days > 1 else "%H:%M" if lasts > BRIEF else "%H:%M:%S"
    axis = alt.Axis(format=form, tickCount=4 if lasts <= BRIEF else 5, labelFlush=True, domain=True)
    return alt.X("t:T", axis=axis, scale=alt.Scale(domain=domain, nice=False))


def _axis(label: str, **more: Any) -> alt.Axis:
    return alt.Axis(orient="right", labelExpr=label, tickCount=4, labelPadding=10, **more)


def _decades(low: float, high: float) -> list[float]:
    """The round values of a logarithmic axis: 1, 2 and 5 of each decade, or 1 alone where there are many."""
    steps = [(step, step * 10.0**power) for power in range(-7, 7) for step in (1, 2, 5)]
    shown = [(step, value) for step, value in steps if low <= value <= high]
    return [value for step, value in shown if step == 1 or len(shown) <= 6]


def _tooltip(told: Sequence[tuple[str, str, str]]) -> list[alt.Tooltip]:
    return [alt.Tooltip(field, title=title, format=form or alt.Undefined) for field, title, form in told]
