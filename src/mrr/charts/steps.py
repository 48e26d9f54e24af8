"""One customer's MRR over its life: a step at each movement, marked by its class."""

from collections.abc import Iterator, Sequence
from datetime import date

import altair as alt

import mrr.charts.moves as moves
import mrr.charts.parts as parts
import mrr.charts.theme as theme
from mrr.answers import Movements
from mrr.figures import day
from mrr.reports.movements import Movement


def steps(life: Movements, name: str) -> theme.Spec:
    """The MRR of one customer after each of its movements, up to the instant of the answer."""
    meant = life.definition
    rows = [*_rows(life.rows), *_until(life.rows, parts.today(meant))]
    shown = [told for told in moves.COLOURS if any(row["class"] == moves.NAMES[told] for row in rows)]
    x = alt.X("day:T", axis=alt.Axis(format="%b %Y", tickCount=8, labelFlush=False))
    y = alt.Y("mrr:Q", axis=parts.money_axis(meant.currency), scale=alt.Scale(zero=True))
    base = alt.Chart(parts.values(rows))
    layers = [
        base.mark_area(interpolate="step-after", color=theme.role("ink"), opacity=0.06),
        base.mark_line(interpolate="step-after", color=theme.role("ink"), strokeWidth=2),
        _points(rows, shown, meant.currency),
    ]
    encoded = [layer.encode(x=x, y=y) for layer in layers]
    return parts.titled(encoded, f"MRR of {name}", f"{meant.currency} a month; a step at each movement", meant)


def _rows(life: Sequence[Movement]) -> Iterator[parts.Datum]:
    for one in life:
        amount = {"mrr": parts.major(one.mrr_after_micros), "change": parts.major(one.amount_micros)}
        yield {"day": f"{one.on}", "label": day(one.on), "class": moves.NAMES.get(one.class_, "Other"), **amount}


def _until(life: Sequence[Movement], today: date) -> Iterator[parts.Datum]:
    if life and life[-1].on < today:
        yield {"day": f"{today}", "class": "", "mrr": parts.major(life[-1].mrr_after_micros)}


def _points(rows: Sequence[parts.Datum], shown: Sequence[str], currency: str) -> alt.Chart:
    colours = alt.Scale(
        domain=[moves.NAMES[name] for name in shown], range=[theme.role(moves.COLOURS[name]) for name in shown]
    )
    drawn: alt.Chart = (
        alt.Chart(parts.values([row for row in rows if row["class"]]))
        .mark_point(filled=True, size=64, opacity=1, stroke=theme.role("surface"), strokeWidth=1.5)
        .encode(
            fill=alt.Fill("class:N", scale=colours),
            tooltip=[
                alt.Tooltip("label:N", title="Day"),
                alt.Tooltip("class:N", title="Class"),
                alt.Tooltip("change:Q", title=f"Change, {currency}", format="+,.2f"),
                alt.Tooltip("mrr:Q", title="MRR after", format=",.2f"),
            ],
        )
    )
    return drawn
