"""MRR by plan, currency or any other group: areas on one another, the largest at the bottom."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import altair as alt

import mrr.charts.parts as parts
import mrr.charts.theme as theme
from mrr.answers import Rollforward
from mrr.period import Grain

# More groups than this cannot be told apart by colour; the smaller ones are drawn as one.
MOST = 6


def mrr_by_group(history: Rollforward, grain: Grain, *, by: str, names: Mapping[str, str]) -> theme.Spec:
    """Closing MRR of each group of a roll-forward by group; `names` are what groups are called."""
    meant = history.definition
    starts = sorted({row.period_starts_on for row in history.rows})
    ranked = list(_amounts(history, names).items())
    amounts, smaller = dict(ranked[:MOST]), [cells for _, cells in ranked[MOST:]]
    colours = {name: theme.role(f"group-{number}") for number, name in enumerate(amounts, start=1)}
    if smaller:
        rest = f"{len(smaller)} others"
        amounts[rest] = {start: sum(cells[start] for cells in smaller) for start in starts}
        colours[rest] = theme.role("group-rest")
    x = alt.X("period:O", axis=parts.period_axis(starts, grain)).scale(padding=0.3)
    chart = _areas(list(_rows(amounts, grain)), colours, meant.currency)
    return parts.titled(
        [chart.encode(x=x)],
        f"Monthly recurring revenue by {by}",
        parts.at_the_end(starts, grain, meant),
        meant,
    )


Amounts = dict[str, Mapping[date, int]]


def _amounts(history: Rollforward, names: Mapping[str, str]) -> Amounts:
    """Closing micros of each group at each period, the largest first; groups of one name count as one."""
    found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row in history.rows:
        name = names.get(row.group, row.group) if row.group else "none"
        found[name][row.period_starts_on] += row.closing_micros
    return dict(sorted(found.items(), key=lambda item: (-item[1][history.rows[-1].period_starts_on], item[0])))


def _rows(amounts: Amounts, grain: Grain) -> Iterator[parts.Datum]:
    for order, (name, cells) in enumerate(amounts.items()):
        for start, micros in cells.items():
            period = {"period": f"{start}", "label": parts.label_of(start, grain)}
            yield {**period, "group": name, "mrr": parts.major(micros), "order": order}


def _areas(rows: Sequence[parts.Datum], colours: Mapping[str, str], currency: str) -> alt.Chart:
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    drawn: alt.Chart = (
        alt.Chart(parts.values(rows))
        .mark_area(stroke=theme.role("surface"), strokeWidth=1)
        .encode(
            y=alt.Y("mrr:Q", axis=parts.money_axis(currency), stack="zero"),
            color=alt.Color("group:N", scale=scale),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("label:N", title="Period"),
                alt.Tooltip("group:N", title="Group"),
                alt.Tooltip("mrr:Q", title=f"Ending MRR, {currency}", format=",.2f"),
            ],
        )
    )
    return drawn
