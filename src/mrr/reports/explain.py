"""One movement taken apart: the entries and facts behind it, the arithmetic, the policy keys that decided it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

import msgspec

from mrr import bill
from mrr.derivation import build
from mrr.derivation.derive import PER_ENTRY
from mrr.policy import Policy, standard
from mrr.reports import edited
from mrr.reports.edited import Edited
from mrr.reports.movements import Movement
from mrr.warehouse import Warehouse, sql

# Which keys can decide a line of each cause; every amount also rests on those of ALWAYS.
ALWAYS = ("normalise.week", "normalise.day", "rounding", "netting")
DECIDES: Mapping[str, tuple[str, ...]] = {
    "trial_conversion": ("status.trialing",),
    "trial": ("status.trialing",),
    "pause": ("status.paused",),
    "resume": ("status.paused",),
    "past_due": ("status.past_due",),
    "unpaid": ("status.unpaid",),
    "recovery": ("status.past_due", "status.unpaid"),
    "cancellation": ("churn_at", "gap"),
    "reactivation": ("reactivation",),
    "discount": ("discount.once", "discount.repeating", "discount.forever"),
    "fx": ("fx.rate",),
    "refund": ("refund",),
    "dispute": ("dispute",),
    "credit_note": ("credit_note",),
}
# Which keys besides can decide any line, where they are not as in `standard`.
BILLING = ("basis", "starts_at", "proration", "invoice.carry", "renewal.grace", "one_time", "usage")


class Evidence(msgspec.Struct):
    """An entry of the journal and the fact that it decoded to."""

    seq: int
    key: str
    kind: str
    recorded_at: datetime
    effective_at: datetime
    subscription_id: str
    status: str
    assumed: bool


class Worth(msgspec.Struct):
    """What an item was worth on one side of the movement, with the arithmetic."""

    item_id: str
    side: str
    local_micros: int
    currency: str
    reporting_micros: int
    arithmetic: str


class Explanation(msgspec.Struct):
    """Everything behind a movement. `keys` are the policy keys that decided it, with their values.

    `edits` are those that stand and bear on the customer, its subscriptions, or what was told of them.
    """

    movement: Movement
    worth: list[Worth]
    evidence: list[Evidence]
    keys: dict[str, Any]
    edits: list[Edited]


def explain(warehouse: Warehouse, policy: Policy, movement: Movement, as_of: datetime) -> Explanation:
    """Derive the customer anew, up to `as_of`, and read the working off the models."""
    customer = f"{movement.source}/{movement.customer_id}"
    build.scope(warehouse, [customer])
    build.derive(warehouse, horizon=as_of)
    where = {"movement": movement.movement_id}
    rows = warehouse.rows(sql("reports/worth"), where)
    worth = [_worth(policy, *row) for row in rows]
    evidence = warehouse.dicts(sql("reports/evidence").replace("$per_entry", str(PER_ENTRY)), where)
    found = [Evidence(**row) for row in evidence]
    return Explanation(movement, worth, found, _keys(policy, movement), edited.bearing(warehouse))


def _keys(policy: Policy, movement: Movement) -> dict[str, Any]:
    causes = [cause for line in movement.lines for cause in line.causes]
    unusual = [key for key in BILLING if policy[key] != standard()[key]]
    names = dict.fromkeys([*ALWAYS, *(key for cause in causes for key in DECIDES.get(cause, ())), *unusual])
    if movement.class_ == "reactivation":
        names["reactivation"] = None
    return {name: policy[name] for name in names}


def _worth(policy: Policy, item: str, side: str, local: int, currency: str, reporting: int, *terms: Any) -> Worth:
    return Worth(item, side, local, currency, reporting, _arithmetic(policy, terms[0], item, *terms[1:]))


def _arithmetic(policy: Policy, text: str | None, item: str, *terms: Any) -> str:
    """`1200 × 1 ÷ 12`; for a bill with tiers or discounts its steps; then the rate, where there is one."""
    unit, units, quantity, each_num, den, rate_num, rate_den = terms
    months = _months(policy, unit, units)
    price = _decimal(*(Fraction(int(each_num), int(den)) * months).as_integer_ratio())
    told = f"{price} × {quantity}" if text is None else " ".join(_told(item, bill.decode(text)))
    return told + _per_month(unit, months) + ("" if rate_num == rate_den else f" × {_decimal(rate_num, rate_den)}")


def _months(policy: Policy, unit: str, units: int) -> Fraction:
    """The length of a billing period in months."""
    if unit in ("week", "day"):
        return units / Fraction(policy[f"normalise.{unit}"])
    return Fraction(12 * units if unit == "year" else units)


def _per_month(unit: str, months: Fraction) -> str:
    if months == 1:
        return ""
    return f" × {1 / months}" if unit in ("week", "day") else f" ÷ {months}"


def _told(item: str, whole: bill.Bill) -> Iterator[str]:
    own = next(part for part in whole.items if part.item == item)
    yield f"{_decimal(*bill.gross(own).as_integer_ratio())} for {own.quantity}"
    for discount in whole.discounts:
        if item in discount.covers and discount.amount_micros is None:
            yield f"× {discount.keep_num}/{discount.keep_den}"
        elif item in discount.covers:
            yield f"− its share of {_decimal(discount.amount_micros or 0, 1_000_000)}"


def _decimal(num: int, den: int) -> str:
    """A ratio as a decimal where it ends within twelve places, else as the fraction."""
    scaled, rest = divmod(int(num) * 10**12, int(den))
    if rest:
        return f"{int(num)}/{int(den)}"
    whole, parts = divmod(scaled, 10**12)
    return f"{whole}.{parts:012d}".rstrip("0").rstrip(".")
