"""What metered items are worth a month: each month's usage priced exactly, and the mean of the last whole months."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from mrr import bill
from mrr.warehouse import Row, Warehouse

MICROS = 1_000_000
_COLUMNS = """customer_id VARCHAR, subscription_id VARCHAR, item_id VARCHAR, product_id VARCHAR, price_id VARCHAR,
    currency VARCHAR, fact_id BIGINT, month_no BIGINT, num HUGEINT, den HUGEINT"""
# Of what was used at one instant the last by currency, price and product is the last that was told.
_ORDER = "used_at, currency, price_id NULLS FIRST, product_id NULLS FIRST, fact_id"


class Terms(msgspec.Struct, frozen=True):
    """What a metered price asks for a quantity."""

    unit_num: int | None = None
    unit_den: int | None = None
    tiers: str | None = None
    tiers_mode: str | None = None
    package: int = 1
    package_up: bool = True


def usage_mean(warehouse: Warehouse) -> None:
    """Per metered item and month the mean of the whole months before it, in major units, while it is above 0."""
    (months,) = warehouse.one("SELECT usage_months FROM policy")
    told = warehouse.dicts(
        f"SELECT * FROM usage_told WHERE terms IS NOT NULL OR amount_micros IS NOT NULL ORDER BY {_ORDER}"
    )
    items: dict[Row, list[dict[str, Any]]] = defaultdict(list)
    for row in told:
        items[row["customer_id"], row["subscription_id"], row["item_id"]].append(row)
    warehouse.temp("usage_mean", _COLUMNS, (row for uses in items.values() for row in _means(uses, months)))


def _means(uses: Sequence[Mapping[str, Any]], months: int) -> Iterator[Row]:
    """A row for each month in which the item is worth something; those before its first use do not count.

    What was used in another currency than the last before the month does not count either.
    """
    spoken: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for use in uses:
        spoken[use["currency"]].append(use)
    worths = {currency: _worth(told) for currency, told in spoken.items()}
    for month in range(uses[0]["used_no"] + 1, uses[-1]["used_no"] + months + 1):
        known = [use for use in uses if use["used_no"] < month][-1]
        worth = worths[known["currency"]]
        before = range(max(month - months, min(worth)), month)
        mean = sum((worth.get(no, Fraction(0)) for no in before), Fraction(0)) / len(before)
        if mean > 0:
            names = (known[name] for name in ("customer_id", "subscription_id", "item_id", "product_id", "price_id"))
            ratio = (Decimal(mean.numerator), Decimal(mean.denominator))
            yield *names, known["currency"], known["fact_id"], month, *ratio


def _worth(uses: Iterable[Mapping[str, Any]]) -> dict[int, Fraction]:
    """What each month's usage comes to: its quantities together at the terms last told in it, or its bills."""
    quantities: dict[int, Fraction] = defaultdict(Fraction)
    terms: dict[int, str] = {}
    worth: dict[int, Fraction] = defaultdict(Fraction)
    for use in uses:
        month = use["used_no"]
        if use["amount_micros"] is not None:
            worth[month] += Fraction(use["amount_micros"], MICROS)
        else:
            quantities[month] += Fraction(use["quantity_num"], use["quantity_den"])
            terms[month] = use["terms"]
    for month, quantity in quantities.items():
        worth[month] += _price(msgspec.json.decode(terms[month], type=Terms), quantity)
    return worth


def _price(terms: Terms, quantity: Fraction) -> Fraction:
    unit = (terms.unit_num or 0, terms.unit_den or 1)
    item = bill.BillItem("", 1, *unit, 1, 1, "", terms.tiers, terms.tiers_mode, terms.package, terms.package_up)
    return bill.gross(item, quantity)
