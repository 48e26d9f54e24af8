"""The roll-forward: how opening MRR becomes closing MRR, period by period, in total or by a trait."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from mrr import seen
from mrr.errors import WrongUse
from mrr.period import Grain, local_day, period_start, periods
from mrr.policy import Policy
from mrr.warehouse import Warehouse, sql

# Traits of a level; every other key is an attribute of the customer.
TRAITS: Mapping[str, str] = {
    "plan": "product_id",
    "product": "product_id",
    "price": "price_id",
    "subscription": "subscription_id",
    "currency": "currency",
    "interval": "unit",
}
CLASSES = ("new", "expansion", "contraction", "churn", "reactivation", "fx", "entering", "leaving")


class Row(msgspec.Struct):
    """One period of one group. Amounts are signed micros of the reporting currency; losses are negative."""

    period_starts_on: date
    group: str | None
    opening_micros: int = 0
    new_micros: int = 0
    expansion_micros: int = 0
    contraction_micros: int = 0
    churn_micros: int = 0
    reactivation_micros: int = 0
    fx_micros: int = 0
    entering_micros: int = 0
    leaving_micros: int = 0
    closing_micros: int = 0
    customers_opening: int = 0
    customers_closing: int = 0


class Asked(msgspec.Struct, frozen=True):
    """Which roll-forward: grain, the local days of the first and last period shown, grouping and filters."""

    grain: Grain
    as_of: datetime
    first: date | None = None
    last: date | None = None
    by: str | None = None
    where: tuple[tuple[str, str], ...] = ()


# A filter names an id with or without its source.
_OUTSIDE = "DELETE FROM temp.member WHERE NOT coalesce($value IN (trait, regexp_replace(trait, '^[^/]*/', '')), FALSE)"

Moves = Sequence[tuple[date, str | None, str, int, int]]


def rollforward(warehouse: Warehouse, policy: Policy, asked: Asked) -> list[Row]:
    """All rows, by group and period (A46: from the first movement of the unfiltered ledger to `as_of`).

    Raises WrongUse for a grain finer than the netting window, or filters that the ledger cannot know.
    """
    if policy["netting"] == "month" and asked.grain in ("day", "week"):
        raise WrongUse(
            f"a report by {asked.grain} is finer than the netting window, a month",
            remedy="Ask by month, quarter or year, or choose another `netting`.",
        )
    seen.look(warehouse, asked.as_of)
    shown = _periods(warehouse, policy, asked)
    if not shown:
        return []
    return _assembled(_moves(warehouse, policy, asked), shown, asked, _week_start(policy))


def _periods(warehouse: Warehouse, policy: Policy, asked: Asked) -> list[date]:
    (begun,) = warehouse.one("SELECT min(on_day) FROM seen_movement")
    if begun is None and asked.first is None:
        return []
    today = local_day(asked.as_of - timedelta(microseconds=1), policy["timezone"])
    return list(periods(asked.first or begun, min(asked.last or today, today), asked.grain, _week_start(policy)))


def _week_start(policy: Policy) -> int:
    return 6 if policy["report.week_start"] == "sunday" else 0


def _moves(warehouse: Warehouse, policy: Policy, asked: Asked) -> Moves:
    if asked.by is None and not asked.where:
        return [tuple(row) for row in warehouse.rows(sql("reports/rollforward_total"))]
    current = policy["report.attributes"] == "current"
    warehouse.create("member", sql("reports/member"))
    for key, value in asked.where:
        _trait(warehouse, key, current, asked.as_of)
        warehouse.execute(_OUTSIDE, {"value": value})
    if asked.by is None:
        warehouse.execute("UPDATE temp.member SET trait = NULL")
    else:
        _trait(warehouse, asked.by, current, asked.as_of)
    warehouse.create("member_edge", sql("reports/member_edge"))
    return [tuple(row) for row in warehouse.rows(sql("reports/rollforward_by"))]


def _trait(warehouse: Warehouse, key: str, current: bool, as_of: datetime) -> None:
    """Give every member its trait of that name, cut where it changes."""
    if key in TRAITS:
        warehouse.execute(f"UPDATE temp.member SET trait = {TRAITS[key]}")
        return
    query = sql("reports/member_cut").replace("$current", str(current))
    query = query.replace("$as_of", f"TIMESTAMP '{as_of.isoformat(sep=' ')}'")
    warehouse.create("member_next", query.replace("$key", "'" + key.replace("'", "''") + "'"))
    warehouse.create("member", "SELECT * FROM temp.member_next")


def _assembled(moves: Moves, shown: Sequence[date], asked: Asked, week_start: int) -> list[Row]:
    amounts: dict[tuple[str | None, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    groups: set[str | None] = set() if asked.by else {None}
    for on, trait, kind, amount, customers in moves:
        groups.add(trait)
        cell = amounts[trait, period_start(on, asked.grain, week_start)]
        cell[kind] += amount
        cell["customers"] += customers
    result: list[Row] = []
    for group in sorted(groups, key=lambda name: (name is None, name)):
        result += _group(group, shown, amounts)
    return result


def _group(
    group: str | None, shown: Sequence[date], amounts: Mapping[tuple[str | None, date], Mapping[str, int]]
) -> Iterable[Row]:
    earlier = [cell for (trait, start), cell in amounts.items() if trait == group and start < shown[0]]
    total = sum(_net(cell) for cell in earlier)
    customers = sum(cell.get("customers", 0) for cell in earlier)
    for start in shown:
        cell = amounts.get((group, start), {})
        row = Row(start, _shown(group), opening_micros=total, customers_opening=customers)
        for kind in CLASSES:
            setattr(row, f"{kind}_micros", cell.get(kind, 0))
        total, customers = total + _net(cell), customers + cell.get("customers", 0)
        row.closing_micros, row.customers_closing = total, customers
        yield row


def _net(cell: Mapping[str, int]) -> int:
    return sum(cell.get(kind, 0) for kind in CLASSES)


def _shown(trait: str | None) -> str | None:
    """A group without the name of its source."""
    return trait.partition("/")[2] if trait and "/" in trait else trait
