"""Three reports that billing dashboards offer as downloads: MRR by subscriber and month, the summary, the changes."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from mrr.answers import Customers, Definition, Measured, Movements, Rollforward
from mrr.metrics.asking import Figure
from mrr.period import period_start
from mrr.reports.movements import Movement
from mrr.reports.rollforward import Row
from mrr.reports.tables import Table, column, labelled

# The metrics of the summary.
RATES = ("trial_to_paid", "churn.logo", "arpa", "ltv.simple")


class Report(NamedTuple):
    """A report whose columns are known only from its figures: a name, a type and the values of each."""

    definition: Definition
    columns: Sequence[tuple[str, type, Sequence[Any]]]

    def arrow(self, *, micros: bool = False) -> pa.Table:
        """The report as an Arrow table, as `Table.arrow` makes it of other answers."""
        found: dict[str, pa.Array] = {}
        for name, kind, values in self.columns:
            found |= column(name, kind, values, micros=micros)
        return labelled(found, self.definition, micros=micros)


class Month(msgspec.Struct):
    """A month of the summary: how MRR and the number of subscribers came from its beginning to its end, and rates.

    `subscribers_other` are those who came or went in a movement of another class (`reactivation = "as_expansion"`).
    Rates are the metrics trial_to_paid, churn.logo, arpa and ltv.simple; without a value where these have none.
    """

    month: date
    mrr_opening_micros: int
    mrr_new_micros: int
    mrr_reactivation_micros: int
    mrr_expansion_micros: int
    mrr_contraction_micros: int
    mrr_churn_micros: int
    mrr_fx_micros: int
    mrr_closing_micros: int
    subscribers_opening: int
    subscribers_new: int
    subscribers_reactivated: int
    subscribers_churned: int
    subscribers_other: int
    subscribers_closing: int
    trials_ended: int | None
    trials_paid: int | None
    trial_to_paid_ratio: str | None
    churn_ratio: str | None
    arpa_micros: int | None
    ltv_micros: int | None


class Summary(msgspec.Struct, Table[Month]):
    """The summary with its definition."""

    definition: Definition
    rows: list[Month]


class Change(msgspec.Struct):
    """A change of a customer's MRR; `causes` names why, the lines have the amounts."""

    on: date
    customer_id: str
    name: str | None
    change: str
    mrr_before_micros: int
    mrr_change_micros: int
    mrr_after_micros: int
    causes: str
    subscription_ids: str
    movement_id: str
    source: str


class Changes(msgspec.Struct, Table[Change]):
    """The changes with their definition."""

    definition: Definition
    rows: list[Change]


def subscribers_by_month(history: Rollforward, moves: Movements, known: Customers) -> Report:
    """MRR of each subscriber at the end of each month of a monthly roll-forward; the columns add up to its closing.

    `moves` are all movements from the first one on. Subscribers without MRR in any of these months are left out.
    """
    months = [row.period_starts_on for row in history.rows]
    levels = _levels(moves.rows, months)
    kept = sorted((who for who in levels if any(levels[who])), key=lambda who: (-levels[who][-1], who))
    names = _names(known)
    columns: list[tuple[str, type, Sequence[Any]]] = [
        ("customer_id", str, [customer for _, customer in kept]),
        ("name", str, [names.get(who) for who in kept]),
        ("source", str, [source for source, _ in kept]),
        ("currency", str, [history.definition.currency] * len(kept)),
    ]
    columns += [
        (f"{month:%Y-%m}_micros", int, [levels[who][number] for who in kept]) for number, month in enumerate(months)
    ]
    return Report(history.definition, columns)


def _levels(moves: Sequence[Movement], months: Sequence[date]) -> Mapping[tuple[str, str], Sequence[int]]:
    """The MRR of each customer, by source and id, at the end of each of these months, which follow one another."""
    places = {month: number for number, month in enumerate(months)}
    steps: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * len(months))
    for move in moves:
        # What moved before the first month shown is where that month begins.
        place = places.get(max(period_start(move.on, "month"), months[0])) if months else None
        if place is not None:
            steps[move.source, move.customer_id][place] += move.amount_micros
    return {who: list(accumulate(amounts)) for who, amounts in steps.items()}


def summary(history: Rollforward, moves: Movements, rates: Mapping[str, Measured]) -> Summary:
    """The roll-forward of MRR and of subscribers, month by month; both add up. `rates` are the metrics of RATES."""
    counted: dict[date, Counter[str]] = defaultdict(Counter)
    for move in moves.rows:
        counted[period_start(move.on, "month")][move.class_] += 1 if _comes(move) else -1
    told = {name: {row.period_starts_on: row for row in rates[name]} for name in RATES}
    return Summary(
        history.definition,
        [
            _month(row, counted[row.period_starts_on], {name: told[name][row.period_starts_on] for name in RATES})
            for row in history.rows
        ],
    )


def _comes(move: Movement) -> bool:
    """Whether a movement that makes or ends a subscriber makes one; under `net_churn` a return is a churn above 0."""
    return move.class_ != "churn" or move.amount_micros > 0


def _month(row: Row, counted: Mapping[str, int], rates: Mapping[str, Figure]) -> Month:
    new, back, gone = counted["new"] + counted["opening"], counted["reactivation"], counted["churn"]
    return Month(
        month=row.period_starts_on,
        mrr_opening_micros=row.opening_micros,
        mrr_new_micros=row.new_micros,
        mrr_reactivation_micros=row.reactivation_micros,
        mrr_expansion_micros=row.expansion_micros,
        mrr_contraction_micros=row.contraction_micros,
        mrr_churn_micros=row.churn_micros,
        mrr_fx_micros=row.fx_micros,
        mrr_closing_micros=row.closing_micros,
        subscribers_opening=row.customers_opening,
        subscribers_new=new,
        subscribers_reactivated=back,
        subscribers_churned=gone,
        subscribers_other=row.customers_closing - row.customers_opening - new - back - gone,
        subscribers_closing=row.customers_closing,
        trials_ended=rates["trial_to_paid"].denominator,
        trials_paid=rates["trial_to_paid"].numerator,
        trial_to_paid_ratio=rates["trial_to_paid"].ratio,
        churn_ratio=rates["churn.logo"].ratio,
        arpa_micros=rates["arpa"].value_micros,
        ltv_micros=rates["ltv.simple"].value_micros,
    )


def changes(moves: Movements, known: Customers) -> Changes:
    """Every change of every customer's MRR, with the MRR before and after it."""
    names = _names(known)
    rows = [_change(move, names.get((move.source, move.customer_id))) for move in moves.rows if move.class_ != "none"]
    return Changes(moves.definition, rows)


def _change(move: Movement, name: str | None) -> Change:
    return Change(
        on=move.on,
        customer_id=move.customer_id,
        name=name,
        change=move.class_,
        mrr_before_micros=move.mrr_after_micros - move.amount_micros,
        mrr_change_micros=move.amount_micros,
        mrr_after_micros=move.mrr_after_micros,
        causes=", ".join(dict.fromkeys(cause for line in move.lines for cause in line.causes)),
        subscription_ids=", ".join(dict.fromkeys(line.subscription_id for line in move.lines)),
        movement_id=move.movement_id,
        source=move.source,
    )


def _names(known: Customers) -> Mapping[tuple[str, str], str]:
    return {(one.source, one.customer_id): one.attributes["name"] for one in known.rows if "name" in one.attributes}
