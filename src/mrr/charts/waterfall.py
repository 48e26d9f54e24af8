"""From opening to closing MRR of one period: a row a class, drawn as change only, so that small ones are seen."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import accumulate, pairwise

import altair as alt

import mrr.charts.moves as moves
import mrr.charts.parts as parts
import mrr.charts.theme as theme
from mrr.answers import Rollforward
from mrr.figures import cascade, day, decimals, period_name, rounded, written
from mrr.period import Grain, next_period
from mrr.reports.rollforward import Row

# Heights and columns of the table in which the bars stand, in pixels.
_ROW, _LEFT, _RIGHT = 34, 190, 620


def rollforward(history: Rollforward, grain: Grain) -> theme.Spec:
    """The last period of a roll-forward in total, which has rows; amounts are rounded so that the column adds up."""
    meant, row = history.definition, history.rows[-1]
    is_open = parts.is_open(row.period_starts_on, grain, meant)
    until = parts.today(meant) if is_open else next_period(row.period_starts_on, grain) - timedelta(days=1)
    ends = f"Opening {day(row.period_starts_on)}", f"{'As of' if is_open else 'Closing'} {day(until)}"
    rows = list(_rows(row, ends, decimals(meant.currency, cents=True), parts.SYMBOLS.get(meant.currency, "")))
    y = alt.Y("row:O", axis=None).scale(paddingInner=0.46, paddingOuter=0.23)
    layers = [layer.encode(y=y) for layer in _layers(rows, meant.currency)]
    return parts.titled(
        layers,
        f"How MRR changed in {period_name(row.period_starts_on, grain)}",
        f"{meant.currency}; bars show the change from the opening" + ("; not over yet" if is_open else ""),
        meant,
        height=_ROW * len(rows),
        below=14,
    )


def _rows(row: Row, ends: tuple[str, str], places: int, sign: str) -> Iterator[parts.Datum]:
    """Opening, the classes that moved, their net, closing; each with its bar from `a` to `b` above the opening."""
    shown = [name for name in moves.COLOURS if getattr(row, f"{name}_micros")]
    micros = [getattr(row, f"{name}_micros") for name in shown]
    units = cascade(row.opening_micros, micros, places)
    opening, closing = rounded(row.opening_micros, places), rounded(row.closing_micros, places)
    sums = [parts.major(total) for total in accumulate(micros, initial=0)]
    yield _row(0, ends[0], sign + written(opening, places), "balance")
    for number, (name, change, (before, after)) in enumerate(zip(shown, units, pairwise(sums), strict=True), start=1):
        kind = "gain" if change > 0 else "loss"
        colour = theme.role(moves.COLOURS[name])
        told = _change(change, places, sign)
        yield _row(number, moves.NAMES[name], told, kind) | {"a": before, "b": after, "colour": colour}
    net = {"a": 0, "b": sums[-1], "colour": theme.role("ink")}
    yield _row(len(shown) + 1, "Net change", _change(closing - opening, places, sign), "net") | net
    yield _row(len(shown) + 2, ends[1], sign + written(closing, places), "balance")


def _row(number: int, label: str, amount: str, kind: str) -> parts.Datum:
    return {"row": number, "label": label, "amount": amount, "kind": kind}


def _change(units: int, places: int, sign: str) -> str:
    text = written(units, places, plus=True)
    return f"{text[0]}{sign}{text[1:]}" if units else f"{sign}{text}"


def _layers(rows: Sequence[parts.Datum], currency: str) -> Iterator[alt.Chart]:
    base = alt.Chart(parts.values(rows))
    bars = alt.Chart(parts.values([row for row in rows if "b" in row]))
    inks = alt.Scale(
        domain=["balance", "gain", "loss", "net"],
        range=[theme.role(name) for name in ("ink", "gain-ink", "loss-ink", "ink")],
    )
    x = alt.X("a:Q", axis=None).scale(range=[_LEFT, _RIGHT], nice=False)
    tooltip = [alt.Tooltip("label:N", title="Class"), alt.Tooltip("amount:N", title=f"Change, {currency}")]
    # A hairline between the rows, as in the table that this is.
    yield base.mark_rule(color=theme.role("line"), yOffset=_ROW / 2).encode(x=alt.value(0), x2=alt.value(parts.WIDTH))
    yield bars.mark_bar().encode(x=x, x2="b:Q", color=alt.Color("colour:N", scale=None, legend=None), tooltip=tooltip)
    yield (
        _links(rows)
        .mark_rule(color=theme.role("ink-3"), strokeDash=[2, 2])
        .encode(x=x, y2=alt.Y2("next:O", bandPosition=0.5))
    )
    for strong in (True, False):
        kept = base.transform_filter(f"(datum.kind == 'balance' || datum.kind == 'net') == {str(strong).lower()}")
        text: theme.Spec = {"baseline": "middle", "fontSize": 12, "fontWeight": 600 if strong else 400}
        label = kept.mark_text(**text, align="left", color=theme.role("ink"))
        yield label.encode(x=alt.value(0), text="label:N")
        amount = kept.mark_text(**text, align="right")
        colour = alt.Color("kind:N", scale=inks, legend=None)
        yield amount.encode(x=alt.value(parts.WIDTH), text="amount:N", color=colour)


def _links(rows: Sequence[parts.Datum]) -> alt.Chart:
    """From the end of each bar to the next."""
    bars = [row for row in rows if "b" in row]
    return alt.Chart(parts.values([{"row": row["row"], "next": row["row"] + 1, "a": row["b"]} for row in bars[:-1]]))
