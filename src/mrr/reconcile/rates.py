"""Amounts of any currency in the reporting currency, at the rates of the day of a comparison."""

from datetime import datetime
from fractions import Fraction

from mrr.money import MICROS, settle
from mrr.period import local_day
from mrr.policy import Policy
from mrr.warehouse import Warehouse, sql


class Rates:
    """The rates of one day. Currencies without one are remembered: their amounts count as 0, and a note says so."""

    def __init__(self, warehouse: Warehouse, policy: Policy, at: datetime) -> None:
        on_day = local_day(at, policy["timezone"])
        rows = warehouse.rows(sql("reports/rate_at"), {"on_day": on_day})
        self._worth = {currency: Fraction(int(num), int(den)) for currency, num, den in rows}
        self._unknown: set[str] = set()

    def of(self, micros: int, currency: str) -> int:
        """Micros of a currency as micros of the reporting currency, rounded half away from 0."""
        worth = self._worth.get(currency)
        if worth is None:
            self._unknown.add(currency)
            return 0
        size = settle(abs(micros) * worth / MICROS, 6, "half_away")
        return -size if micros < 0 else size

    def notes(self) -> list[str]:
        """What could not be converted."""
        return [f"There is no rate for {currency}: its amounts count as 0." for currency in sorted(self._unknown)]
