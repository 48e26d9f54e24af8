"""What moved MRR: gains above zero, losses below it, and the net of both."""

from collections.abc import Iterator, Sequence

import altair as alt

import mrr.charts.parts as parts
import mrr.charts.theme as theme
from mrr.answers import Rollforward
from mrr.period import Grain
from mrr.reports.rollforward import Row

# In the order in which they lie on zero, with the role of their colour.
COLOURS = {
    "new": "new",
    "expansion": "expansion",
    "reactivation": "reactivation",
    "entering": "group-4",
    "contraction": "contraction",
    "churn": "churn",
    "leaving": "n1",
    "fx": "fx",
    "policy": "group-5",
    "restated": "group-6",
}
NAMES = {name: name.capitalize() for name in COLOURS} | {"fx": "FX"}


def movements(history: Rollforward, grain: Grain) -> theme.Spec:
    """The movements of each period by class, with the net change; a period that is not over yet stands back."""
    meant = history.definition
    shown = [name for name in COLOURS if any(getattr(row, f"{name}_micros") for row in history.rows)]
    bars = [datum for row in history.rows for datum in _bars(row, shown, grain, history)]
    nets = [
        {**_period(row, grain), "net": parts.major(row.closing_micros - row.opening_micros)} for row in history.rows
    ]
    starts = [row.period_starts_on for row in history.rows]
    x = alt.X("period:O", axis=parts.period_axis(starts, grain, domain=False)).scale(
        paddingInner=0.34, paddingOuter=0.17
    )
    y = alt.Y("amount:Q", axis=parts.money_axis(meant.currency))
    zero = (
        alt.Chart(parts.values([{}])).mark_rule(color=theme.role("ink-3")).encode(y=alt.datum(0, type="quantitative"))
    )
    layers = [_stacked(bars, shown, meant.currency).encode(x=x, y=y), zero]
    layers += [layer.encode(x=x) for layer in _net(nets, meant.currency)]
    return parts.titled(
        layers,
        "What moved MRR",
        f"{meant.currency} by {grain}; line: net change",
        meant,
    )


def _period(row: Row, grain: Grain) -> parts.Datum:
    return {"period": f"{row.period_starts_on}", "label": parts.label_of(row.period_starts_on, grain)}


def _bars(row: Row, shown: Sequence[str], grain: Grain, history: Rollforward) -> Iterator[parts.Datum]:
    is_open = parts.is_open(row.period_starts_on, grain, history.definition)
    for order, name in enumerate(shown):
        amount = parts.major(getattr(row, f"{name}_micros"))
        yield {**_period(row, grain), "class": NAMES[name], "amount": amount, "order": order, "open": is_open}


def _stacked(bars: Sequence[parts.Datum], shown: Sequence[str], currency: str) -> alt.Chart:
    names, colours = [NAMES[name] for name in shown], [theme.role(COLOURS[name]) for name in shown]
    drawn: alt.Chart = (
        alt.Chart(parts.values(bars))
        .mark_bar()
        .encode(
            color=alt.Color("class:N", scale=alt.Scale(domain=names, range=colours)),
            order=alt.Order("order:Q"),
            opacity=alt.condition("datum.open", alt.value(0.55), alt.value(1)),
            tooltip=[
                alt.Tooltip("label:N", title="Period"),
                alt.Tooltip("class:N", title="Class"),
                alt.Tooltip("amount:Q", title=f"Amount, {currency}", format="+,.2f"),
            ],
        )
    )
    return drawn


def _net(nets: Sequence[parts.Datum], currency: str) -> Iterator[alt.Chart]:
    base = alt.Chart(parts.values(nets)).encode(y=alt.Y("net:Q"))
    yield base.mark_line(color=theme.role("ink"), strokeWidth=1.25)
    yield base.mark_point(
        filled=True, fill=theme.role("ink"), stroke=theme.role("surface"), strokeWidth=1.5, size=44, opacity=1
    ).encode(
        tooltip=[
            alt.Tooltip("label:N", title="Period"),
            alt.Tooltip("net:Q", title=f"Net change, {currency}", format="+,.2f"),
        ]
    )
