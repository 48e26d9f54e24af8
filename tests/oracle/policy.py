"""Reads a policy of a story: the standard of DESIGN §7 and the keys in which the story differs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

STANDARD: dict[str, Any] = {
    "basis": "subscription",
    "currency": "USD",
    "timezone": "UTC",
    "normalise.week": "52/12",
    "normalise.day": "365/12",
    "rounding": {"to": "micro", "mode": "half_away"},
    "starts_at": "activation",
    "status.trialing": "exclude",
    "status.unpaid": "exclude",
    "status.past_due": "include",
    "status.paused": "churn",
    "churn_at": "ended",
    "zero": "lapse",
    "discount.once": "ignore",
    "discount.repeating": "deduct",
    "discount.forever": "deduct",
    "one_time": "exclude",
    "usage": "exclude",
    "refund": "ignore",
    "dispute": "ignore",
    "credit_note": "ignore",
    "proration": "full_period",
    "invoice.carry": 3,
    "renewal.grace": 0,
    "netting": "day",
    "reactivation": "any_gap",
    "gap": 0,
    "fx.rate": "month_end",
    "fx.fixed": {},
    "fx.stale": 7,
    "customers.exclude": [{"test": True}],
}
WITHOUT_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"


@dataclass(frozen=True)
class Policy:
    """The ledger keys as written, standard ones included."""

    keys: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.keys[key]

    @property
    def zone(self) -> ZoneInfo:
        """The reporting time zone."""
        return ZoneInfo(str(self.keys["timezone"]))

    @property
    def currency(self) -> str:
        """The reporting currency."""
        return str(self.keys["currency"])

    def bills_a_month(self, interval: str, interval_count: int) -> Fraction:
        """How many bills of an interval a month holds; a price times this is its monthly level (DESIGN §6, §7)."""
        ratios = {
            "day": Fraction(str(self.keys["normalise.day"])),
            "week": Fraction(str(self.keys["normalise.week"])),
            "month": Fraction(1),
            "year": Fraction(1, 12),
        }
        return ratios[interval] / interval_count

    def round_micros(self, amount: Fraction, currency: str) -> int:
        """The one rounding: an exact amount in major units of `currency` to micros (DESIGN §6, A25)."""
        step = Fraction(10) ** (6 - self._decimals(currency))
        return int(_whole(amount * 1_000_000 / step, str(self.keys["rounding"]["mode"])) * step)

    def _decimals(self, currency: str) -> int:
        to = self.keys["rounding"]["to"]
        if to == "micro":
            return 6
        return minor_digits(currency) if to == "minor" else int(to)


def minor_digits(currency: str) -> int:
    """ISO 4217 digits of the minor unit."""
    if currency in WITHOUT_MINOR.split():
        return 0
    return 3 if currency in THREE_DIGITS.split() else 2


def _whole(value: Fraction, mode: str) -> int:
    """A rational to an integer by one of the three modes; the halves of `half_away` go away from 0."""
    floor = value.numerator // value.denominator
    rest = value - floor
    if mode == "floor":
        return floor
    if rest != Fraction(1, 2):
        return floor + (rest > Fraction(1, 2))
    if mode == "half_even":
        return floor + floor % 2
    if mode == "half_away":
        return floor + (value > 0)
    raise ValueError(f"rounding.mode {mode!r}: use half_away, half_even or floor")


def read_policy(differences: dict[str, Any]) -> Policy:
    """The standard policy with the differences put over it; raises ValueError on a key or value out of scope."""
    unknown = sorted(set(differences) - set(STANDARD))
    if unknown:
        raise ValueError(f"policy {unknown}: out of the oracle's scope")
    return Policy({**STANDARD, **differences})
