"""Cohort triangles: what became of those who joined together, period after period."""

from datetime import date
from fractions import Fraction

import msgspec

from mrr.metrics.asking import check_groups, decimal
from mrr.metrics.catalogue import Metric, query
from mrr.policy import Policy
from mrr.reports import frame
from mrr.reports.frame import Asked
from mrr.warehouse import Warehouse, sql


class Cell(msgspec.Struct):
    """A cohort at the end of the k-th period after the one of joining (`periods_since` = k); only where that is over.

    `cohort` is the first day of the period of joining, or the attribute's value. `members` are those for whom the
    period is over. `numerator` and `denominator` are customers, or micros; `ratio` is a decimal with six places.
    """

    cohort: str | None
    periods_since: int
    members: int
    numerator: int
    denominator: int
    ratio: str | None


def cohorts(warehouse: Warehouse, policy: Policy, asked: Asked, metric: Metric) -> list[Cell]:
    """The cells of a triangle, by cohort and period; cohorts who joined from `first` to `last`.

    `asked.by` is the attribute that makes a cohort, instead of the period of joining. Raises WrongUse where it is none.
    """
    check_groups(asked, metric)
    whole = msgspec.structs.replace(asked, by=None, first=None, last=None)
    if not frame.look(warehouse, policy, whole):
        return []
    frame.moved(warehouse, policy, whole)
    current = policy["report.attributes"] == "current"
    joined = sql("reports/joined").replace("$current", str(current)).replace("$key", frame.text(asked.by or ""))
    warehouse.create("joined", f"SELECT * FROM ({joined}\n) WHERE {_between(asked)}")
    warehouse.create("cohort", sql("reports/cohort"))
    rows = warehouse.rows(f"SELECT * FROM ({query(metric.name)}\n) ORDER BY cohort NULLS LAST, periods_since")
    return [_cell(*row) for row in rows]


def _between(asked: Asked) -> str:
    first, last = asked.first or date.min, asked.last or date.max
    return f"on_day BETWEEN DATE '{first.isoformat()}' AND DATE '{last.isoformat()}'"


def _cell(cohort: str | None, since: int, members: int, numerator: int, denominator: int) -> Cell:
    ratio = decimal(Fraction(numerator, denominator)) if denominator else None
    return Cell(cohort, since, members, numerator, denominator, ratio)
