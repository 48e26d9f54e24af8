"""A metric asked of the ledger: the frame that its query reads, the query, and its rows as exact figures."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

import msgspec

from mrr.derivation import build
from mrr.errors import WrongUse
from mrr.metrics.catalogue import Metric, query
from mrr.money import MICROS
from mrr.policy import Policy
from mrr.reports import frame
from mrr.reports.frame import TRAITS, Asked, Stretch
from mrr.warehouse import Warehouse, sql


class Figure(msgspec.Struct):
    """A metric in one period of one group. By its unit one of `value_micros`, `count` and `ratio` holds the value.

    `ratio` is a decimal with six places (also of months); `numerator` and `denominator` are exact, amounts in micros,
    where the metric has parts that add up. Without a value `missing` says why. `complete`: the period is over.
    """

    period_starts_on: date
    group: str | None
    complete: bool
    value_micros: int | None = None
    count: int | None = None
    ratio: str | None = None
    numerator: int | None = None
    denominator: int | None = None
    missing: str | None = None


def ask(warehouse: Warehouse, policy: Policy, asked: Asked, metric: Metric) -> list[Figure]:
    """The figures of a metric, by group and period. Raises WrongUse for a grain or group that it cannot have."""
    if metric.is_cohort:
        raise WrongUse(f"{metric.name} is a triangle", remedy=f"`mrr cohort {metric.name[7:]}` shows it.")
    asked = msgspec.structs.replace(asked, by=asked.by or metric.by, stretch=stretch(metric, policy))
    check_groups(asked, metric)
    shown = frame.look(warehouse, policy, asked)
    if not shown:
        return []
    _READS[metric.reads](warehouse, policy, asked)
    complete = {period.period_starts_on: period.complete for period in shown}
    rows = warehouse.rows(f"SELECT * FROM ({query(metric.name)}\n) ORDER BY trait NULLS LAST, period_starts_on")
    return [
        figure(metric, Figure(start, frame.group_name(asked.by, trait), complete[start]), int(above), int(below))
        for start, trait, above, below in rows
    ]


def check_groups(asked: Asked, metric: Metric) -> None:
    """Raises WrongUse where a metric is grouped or filtered by what its subjects do not have."""
    level = [key for key in (asked.by, *(key for key, _ in asked.where)) if key in TRAITS]
    if metric.groups == "attributes" and level:
        raise WrongUse(
            f"{metric.name} knows no {level[0]}",
            remedy="Group and filter it by attributes of customers, such as segment.",
        )


def stretch(metric: Metric, policy: Policy) -> Stretch:
    """Which days a metric looks at under a policy."""
    if metric.stretch == "as_churn":
        return "thirty_days" if policy["report.churn_rate.denominator"] == "thirty_days_ago" else "period"
    return metric.stretch


def figure(metric: Metric, empty: Figure, numerator: int, denominator: int) -> Figure:
    """A figure with its value and, where the metric has parts, these."""
    if metric.parts:
        empty.numerator, empty.denominator = numerator, denominator
    if denominator == 0:
        empty.missing = metric.missing
    elif metric.unit == "micros":
        empty.value_micros = nearest(Fraction(numerator, denominator))
    elif metric.unit == "count":
        empty.count = numerator
    else:
        empty.ratio = decimal(Fraction(numerator, denominator))
    return empty


def decimal(exact: Fraction) -> str:
    """An exact ratio as a decimal with six places, ties away from 0."""
    units = nearest(exact * MICROS)
    return f"{'-' if units < 0 else ''}{abs(units) // MICROS}.{abs(units) % MICROS:06d}"


def nearest(exact: Fraction) -> int:
    """The nearest integer, ties away from 0."""
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return -size if exact < 0 else size


# ----- what the queries read


def _member(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
    view(warehouse, "standing_snapshot")
    frame.members(warehouse, policy, asked)
    frame.groups(warehouse, asked, "SELECT DISTINCT trait FROM member")


def _account(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
    _member(warehouse, policy, asked)
    warehouse.create("account", sql("reports/account"))


def _of(name: str) -> Callable[[Warehouse, Policy, Asked], None]:
    """Members of another kind than levels that are seen: those of reports/NAME.sql."""

    def made(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
        view(warehouse, "standing_snapshot")
        warehouse.create(name, sql(f"reports/{name}"))
        frame.members(warehouse, policy, asked, f"SELECT * FROM temp.{name}")
        frame.groups(warehouse, asked, "SELECT DISTINCT trait FROM member")

    return made


def _with_invoices(name: str) -> Callable[[Warehouse, Policy, Asked], None]:
    """The same, of what all invoices tell, whatever the ledger's basis reads of them."""

    def made(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
        warehouse.create("scope_billed", "SELECT DISTINCT unnest([customer_id, subscription_id]) AS id FROM invoice")
        build.run(warehouse, ("invoice_standing", "invoice_sold"))
        _of(name)(warehouse, policy, asked)

    return made


def _recognised(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
    _with_invoices("recognised")(warehouse, policy, asked)
    warehouse.create("earned", sql("reports/earned"))


def view(warehouse: Warehouse, name: str) -> None:
    """Make a temporary view of reports/NAME.sql."""
    warehouse.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {sql(f'reports/{name}')}")


_READS: Mapping[str, Callable[[Warehouse, Policy, Asked], None]] = {
    "rolled": frame.moves,
    "retained": frame.kept,
    "member": _member,
    "account": _account,
    "foreseen": _with_invoices("foreseen"),
    "trial": _of("trial"),
    "sign_up": _of("sign_up"),
    "recognised": _recognised,
}
