"""Until when a card is good, as its charges tell."""

from typing import Any

import pytest

from .bodies import step
from .test_payment import charge, payment


@pytest.mark.parametrize(
    ("tried", "expires"),
    [
        ({"card": {"exp_month": 4, "exp_year": 2027, "last4": "4242"}, "type": "card"}, "2027-04"),
        ({"card": {"last4": "4242"}, "type": "card"}, None),
        ({"type": "sepa_debit", "sepa_debit": {}}, None),
        (None, None),
    ],
)
def test_a_charge_says_until_when_its_card_is_good(tried: Any, expires: str | None) -> None:
    assert payment(charge(payment_method_details=tried)).card_expires == expires


def test_recorded_charges_say_so_too() -> None:
    body: dict[str, Any] = step(4, 5)
    card = body["payment_method_details"]["card"]
    assert payment(body).card_expires == f"{card['exp_year']}-{card['exp_month']:02}"
