"""Small companies whose every figure can be reckoned by hand, and questions put to them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from mrr.metrics.asking import Figure, ask
from mrr.metrics.catalogue import named
from mrr.metrics.cohorts import Cell, cohorts
from mrr.period import parse_instant
from mrr.policy import Policy
from mrr.reports.frame import Asked
from mrr.reports.rollforward import Row, rollforward
from mrr.warehouse import Warehouse
from tests.properties import telling

Fact = dict[str, Any]


def holds(customer: str, at: str, amount: int, /, status: str = "active", every: str = "month", **more: Any) -> Fact:
    """A snapshot: from an instant on the customer's one subscription costs so much; 0 is the end of it."""
    price = {"product": "pro", "price": f"p{amount}", "unit_amount": str(amount), "interval": every, "quantity": 1}
    items = [{"item": f"{customer}-A", "interval_count": 1, **price, **more.pop("item", {})}]
    return {
        "fact": "subscription",
        "customer": customer,
        "subscription": f"{customer}-S",
        "effective_at": at,
        "status": status if amount else "canceled",
        "currency": "USD",
        "items": items,
        **more,
    }


def is_(customer: str, at: str, **attributes: str) -> Fact:
    """A dated fact about a customer."""
    return {"fact": "customer", "customer": customer, "effective_at": at, "attributes": attributes}


class Company:
    """A ledger that was told, under a policy."""

    def __init__(self, warehouse: Warehouse, policy: Policy, as_of: str) -> None:
        self.warehouse, self.policy, self.as_of = warehouse, policy, as_of

    def asked(self, grain: Any = "month", first: str | None = None, by: str | None = None, **where: str) -> Asked:
        """A report's frame."""
        begins = date.fromisoformat(first) if first else None
        return Asked(grain, parse_instant(self.as_of), begins, None, by, tuple(where.items()))

    def figures(self, name: str, **words: Any) -> list[Figure]:
        """A metric, row by row."""
        return ask(self.warehouse, self.policy, self.asked(**words), named(name))

    def values(self, name: str, **words: Any) -> list[Any]:
        """The values of a metric alone: major units of money, counts, decimals as text, None where there is none."""
        return [_value(row) for row in self.figures(name, **words)]

    def grouped(self, name: str, **words: Any) -> dict[str | None, list[Any]]:
        """The values by group."""
        found: dict[str | None, list[Any]] = {}
        for row in self.figures(name, **words):
            found.setdefault(row.group, []).append(_value(row))
        return found

    def cells(self, name: str, **words: Any) -> dict[tuple[str | None, int], tuple[int, int]]:
        """A triangle: numerator and denominator by cohort and period."""
        found: list[Cell] = cohorts(self.warehouse, self.policy, self.asked(**words), named(name))
        return {(cell.cohort, cell.periods_since): (cell.numerator, cell.denominator) for cell in found}

    def rolled(self, **words: Any) -> list[Row]:
        """The roll-forward."""
        return rollforward(self.warehouse, self.policy, self.asked(**words))


def _value(row: Figure) -> Any:
    if row.value_micros is not None:
        return row.value_micros / 1_000_000
    return row.count if row.count is not None else row.ratio


@contextmanager
def company(facts: Sequence[Fact], *, as_of: str, rates: Sequence[Any] = (), **policy: Any) -> Iterator[Company]:
    """A company of these facts under the standard policy, but for these keys."""
    story = {"facts": facts, "rates": rates, "policy": policy}
    chosen = telling.policy_of(story)
    warehouse = telling.whole(chosen, telling.entries(story))
    try:
        yield Company(warehouse, chosen, as_of)
    finally:
        warehouse.close()
