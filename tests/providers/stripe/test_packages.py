"""Packages of a price: they come with the price, inline or from the catalogue."""

from typing import Any

import pytest

from mrr.policy import standard
from tests.properties import telling

PRICE: dict[str, Any] = {
    "id": "price_1",
    "object": "price",
    "active": True,
    "created": 1704067200,
    "currency": "usd",
    "product": "prod_1",
    "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
    "unit_amount": 500,
    "unit_amount_decimal": "500",
    "billing_scheme": "per_unit",
    "transform_quantity": {"divide_by": 10, "round": "up"},
}


def _subscription(price: Any) -> dict[str, Any]:
    item = {"id": "si_1", "object": "subscription_item", "quantity": 25, "price": price}
    return {
        "id": "sub_1",
        "object": "subscription",
        "customer": "cus_1",
        "status": "active",
        "currency": "usd",
        "created": 1704067200,
        "start_date": 1704067200,
        "current_period_start": 1704067200,
        "current_period_end": 1706745600,
        "items": {"object": "list", "data": [item], "has_more": False},
    }


@pytest.mark.parametrize("price", [PRICE, "price_1"], ids=["inline", "catalogue"])
def test_twenty_five_units_are_three_packages_of_ten(price: Any) -> None:
    """5.00 a package of ten begun: 25 units are 15.00 a month."""
    entries = [telling.entry(1, "stripe", PRICE), telling.entry(2, "stripe", _subscription(price))]
    warehouse = telling.whole(standard(), entries)
    assert warehouse.rows("SELECT local_micros FROM ledger.level") == [(15_000_000,)]
    warehouse.close()
