"""What charts are made of: titles, the line with the definition, axes of periods and of money."""

from collections.abc import Sequence
from datetime import date
from textwrap import wrap
from typing import Any

import altair as alt

import mrr.charts.theme as theme
from mrr.answers import Definition
from mrr.figures import local, period_label
from mrr.money import MICROS
from mrr.period import Grain, local_day, next_period

WIDTH, HEIGHT = 760, 300
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "ILS": "₪", "PLN": "zł "}
# How many characters a line above a chart has: it leaves room for a value at its right.
_LINE = 100
# How near the labels of an axis may stand, in pixels.
_LABEL = 36
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)

Datum = dict[str, Any]


def major(micros: int) -> float:
    """Micros in major units, for drawing only."""
    return micros / MICROS


def values(rows: Sequence[Datum]) -> alt.InlineData:
    """Rows as part of a spec."""
    return alt.InlineData(values=list(rows))


def titled(
    layers: Sequence[alt.Chart], title: str, subtitle: str, meant: Definition, *, height: int = HEIGHT, below: int = 44
) -> theme.Spec:
    """The spec of a chart with what it shows above it, and what that means `below` its bottom, in pixels.

    What stands behind a colon in the title becomes part of the subtitle.
    """
    title, _, more = title.rstrip(".").partition(": ")
    lines = [line for text in (more, subtitle) for line in wrap(text[:1].upper() + text[1:], _LINE)]

    text = alt.Chart(values([{}]), name="definition").mark_text(
        align="left", baseline="top", color=theme.role("ink-3"), text=definition_line(meant)
    )
    whole: Any = alt.layer(*layers, text.encode(x=alt.value(0), y=alt.value(height + below)))
    heading = alt.TitleParams(text=title, subtitle=lines)
    described = whole.properties(width=WIDTH, height=height, title=heading, description=f"{title}. {' '.join(lines)}.")
    spec: theme.Spec = described.to_dict()
    del spec["config"]
    return spec


def embedded(spec: theme.Spec) -> theme.Spec:
    """A chart for a page that says itself what it shows and means: without words, as wide as its place there."""
    layers = [layer for layer in spec["layer"] if layer["mark"]["type"] != "text"]
    kept = {name: value for name, value in spec.items() if name != "title"}
    return {**kept, "layer": layers, "width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}


def at_the_end(starts: Sequence[date], grain: Grain, meant: Definition) -> str:
    """How to read a balance over time."""
    cut = "; the last one is not over yet" if starts and is_open(starts[-1], grain, meant) else ""
    return f"{meant.currency}, at the end of each {grain}{cut}"


def definition_line(meant: Definition) -> str:
    """Policy, instant and journal behind every figure of a chart, in a line."""
    pending = f"{meant.pending_items} pending" if meant.pending_items else ""
    stale = f"stale rates {', '.join(meant.stale_rates)}" if meant.stale_rates else ""
    parts = (
        f"{meant.metric}, policy {meant.policy} {meant.policy_hash[:8]}",
        f"as of {local(meant.as_of, meant.timezone)}",
        f"known at entry {meant.known_at_seq:,}",
        meant.status,
        pending,
        stale,
    )
    return "  ·  ".join(part for part in parts if part)


def today(meant: Definition) -> date:
    """The local day on which an answer's instant falls."""
    return local_day(meant.as_of, meant.timezone)


def is_open(start: date, grain: Grain, meant: Definition) -> bool:
    """Whether a period is not over as of the answer's instant."""
    return today(meant) < next_period(start, grain)


def period_axis(starts: Sequence[date], grain: Grain, *, domain: bool = True) -> alt.Axis:
    """Periods by their name, each year under its first; as many as have room."""
    step = next((step for step in _STEPS if len(starts) * _LABEL <= step * WIDTH), _STEPS[-1])
    shown = [start for number, start in enumerate(starts) if _place(start, grain, number) % step == 0]
    names = ",".join(f"'{start}':{_name(start, grain, starts[0])}" for start in shown)
    label = f"({{{names}}})[datum.value]"
    return alt.Axis(values=[f"{start}" for start in shown], labelExpr=label, labelLineHeight=14, domain=domain)


def _place(start: date, grain: Grain, number: int) -> int:
    """Where a period stands in the rhythm of the labels: months and quarters in their year, others in their row."""
    return {"month": start.month - 1, "quarter": (start.month - 1) // 3}.get(grain, number)


def _name(start: date, grain: Grain, first: date) -> str:
    if grain == "year":
        return f"'{start.year}'"
    short = {"month": f"{start:%b}", "quarter": f"Q{(start.month + 2) // 3}"}.get(grain, f"{start.day} {start:%b}")
    turns = start == first or (start.month == 1 and (grain in ("month", "quarter") or start.day <= 7))
    return f"['{short}','{start.year}']" if turns else f"'{short}'"


def money_axis(currency: str) -> alt.Axis:
    """Amounts, compact, as `$0`, `$50k`, `−$1.5M`; without a sign where the currency has none of its own."""
    sign = SYMBOLS.get(currency, "")
    amount = "replace(format(abs(datum.value),'~s'),'G','B')"
    label = f"(datum.value < 0 ? '−' : '') + '{sign}' + (datum.value == 0 ? '0' : {amount})"
    return alt.Axis(orient="right", labelExpr=label, tickCount=4, labelPadding=10)


def label_of(start: date, grain: Grain) -> str:
    """A period in a tooltip."""
    return period_label(start, grain)
