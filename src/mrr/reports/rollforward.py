"""The roll-forward: how opening MRR becomes closing MRR, period by period, in total or by a trait."""

from datetime import date

import msgspec

from mrr.policy import Policy
from mrr.reports import frame
from mrr.reports.frame import Asked
from mrr.warehouse import Warehouse

__all__ = ["CLASSES", "JUMPS", "Asked", "Row", "rollforward"]

CLASSES = ("new", "expansion", "contraction", "churn", "reactivation", "fx", "entering", "leaving")
# What no movement tells: from one ledger to the next MRR changes without anybody having done anything.
JUMPS = ("policy", "restated")


class Row(msgspec.Struct):
    """One period of one group. Amounts are signed micros of the reporting currency; losses are negative.

    `policy_micros` is what a change of policy in this period makes of its opening, `restated_micros` what became known
    after the period before was closed, where that is shown as closed.
    """

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
    policy_micros: int = 0
    restated_micros: int = 0


_ROWS = f"""SELECT
    period_starts_on, trait, opening_micros, {", ".join(f"{kind}_micros" for kind in CLASSES)},
    ending_micros, customers_opening, customers_ending
FROM temp.rolled
ORDER BY trait NULLS LAST, period_starts_on"""


def rollforward(warehouse: Warehouse, policy: Policy, asked: Asked) -> list[Row]:
    """All rows, by group and period (A46: from the first movement of the unfiltered ledger to `as_of`).

    Raises WrongUse for a grain finer than the netting window.
    """
    if not frame.look(warehouse, policy, asked):
        return []
    frame.moves(warehouse, policy, asked)
    return rows(warehouse, asked)


def rows(warehouse: Warehouse, asked: Asked) -> list[Row]:
    """The rows of the roll-forward that the frame holds."""
    return [Row(start, frame.group_name(asked.by, trait), *figures) for start, trait, *figures in warehouse.rows(_ROWS)]
