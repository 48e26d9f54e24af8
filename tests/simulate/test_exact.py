"""The simulator's own arithmetic, against figures worked out by hand."""

from fractions import Fraction

import pytest

from mrr.simulate.catalogue import Coupon, Price, Product, Tier
from mrr.simulate.exact import MICRO, Line, bill, half_away, monthly

SEAT = Product("prod_seat", "seat", "Seat", "seat", 0)
TIERS = (Tier(10, 500, 0), Tier(20, 400, 100), Tier(None, 300, 200))


def price(unit: str, interval: str = "month", count: int = 1, currency: str = "USD", mode: str | None = None) -> Price:
    """A price of the test."""
    key = f"{unit}-{interval}-{count}"
    return Price(key, key, SEAT, currency, unit, interval, count, 0, key, TIERS if mode else (), mode)


def off(percent: int | None = None, amount: int | None = None) -> Coupon:
    """A coupon without end."""
    return Coupon("c", "c", "forever", 0, percent, amount, "USD")


def micros(lines: tuple[Line, ...], *coupons: Coupon) -> dict[str, int]:
    """Monthly amounts in micros by item."""
    return {item: half_away(amount * MICRO) for item, amount in monthly(lines, coupons).items()}


@pytest.mark.parametrize(
    ("one", "quantity", "expected"),
    [
        (price("1000", "week"), 100, 4_333_333_333),  # 10 × 100 × 52/12
        (price("1000", "week", 2), 1, 21_666_667),  # 10 × 52/12 / 2
        (price("100", "day"), 1, 30_416_667),  # 1 × 365/12
        (price("79000", "year"), 1, 65_833_333),  # 790 / 12
        (price("9000", "month", 6), 1, 15_000_000),  # 90 / 6
        (price("0.375"), 5_000, 18_750_000),  # 0.00375 × 5,000
        (price("1000", currency="JPY"), 3, 3_000_000_000),  # no minor unit
        (price("5700", currency="KWD"), 1, 5_700_000),  # a thousand fils
    ],
)
def test_normalises_the_item_total_and_rounds_once(one: Price, quantity: int, expected: int) -> None:
    assert micros((Line("A", one, quantity),)) == {"A": expected}


@pytest.mark.parametrize(
    ("mode", "quantity", "expected"),
    [("graduated", 25, 108), ("volume", 25, 77), ("graduated", 10, 50), ("volume", 20, 81), ("volume", 0, 0)],
)
def test_tiers_count_flat_fees_of_what_is_entered(mode: str, quantity: int, expected: int) -> None:
    assert bill(price("", mode=mode), quantity) == expected


def test_coupons_take_from_what_the_ones_before_left() -> None:
    line = (Line("A", price("10000"), 1),)
    assert micros(line, off(percent=10), off(amount=500)) == {"A": 85_000_000}
    assert micros(line, off(amount=500), off(percent=10)) == {"A": 85_500_000}


def test_an_amount_off_comes_off_every_bill_and_never_goes_below_nothing() -> None:
    assert micros((Line("A", price("2000", "week"), 1),), off(amount=500)) == {"A": 65_000_000}
    assert micros((Line("A", price("2000"), 1),), off(amount=9_000)) == {"A": 0}


def test_a_shared_amount_goes_by_largest_remainder_and_ties_to_the_lower_id() -> None:
    lines = tuple(Line(item, price("2000"), 1) for item in ("C", "A", "B"))
    assert micros(lines, off(amount=1_000)) == {"A": 16_666_666, "B": 16_666_667, "C": 16_666_667}


def test_halves_go_up() -> None:
    assert [half_away(Fraction(n, 4)) for n in (1, 2, 3, 5, 6)] == [0, 1, 1, 1, 2]
