"""Figures as people read them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrr.figures import MINUS, cascade, exact, local, period_label, plural, rounded, written

AMOUNTS = st.integers(-(10**16), 10**16)


@pytest.mark.parametrize(("micros", "places", "units"), [
    (1_500_000, 0, 2), (1_499_999, 0, 1), (-1_500_000, 0, -2), (-499_999, 0, 0), (0, 0, 0),
    (1_005_000, 2, 101), (-1_004_999, 2, -100), (12_345_678, 3, 12_346),
])  # fmt: skip
def test_rounded(micros: int, places: int, units: int) -> None:
    assert rounded(micros, places) == units


@given(AMOUNTS, st.lists(AMOUNTS, max_size=12), st.sampled_from([0, 2, 3]))
def test_what_is_shown_adds_up(opening: int, changes: list[int], places: int) -> None:
    shown = cascade(opening, changes, places)
    assert rounded(opening, places) + sum(shown) == rounded(opening + sum(changes), places)
    assert all(abs(10**6 * units - 10**places * micros) <= 10**6 for units, micros in zip(shown, changes, strict=True))


def test_written() -> None:
    assert written(1_234_567) == "1,234,567"
    assert written(-123_456, 2) == f"{MINUS}1,234.56"
    assert written(5, 2, plus=True) == "+0.05"
    assert written(0, plus=True) == "0"


def test_exact() -> None:
    assert exact(100_000_000) == "100.00"
    assert exact(65_833_333) == "65.833333"
    assert exact(-15_830_000, plus=True) == f"{MINUS}15.83"
    assert exact(-1) == f"{MINUS}0.000001"


def test_periods_and_instants() -> None:
    start = date(2025, 4, 1)
    told = [period_label(start, grain) for grain in ("day", "week", "month", "quarter", "year")]
    assert told == ["2025-04-01", "2025-04-01", "2025-04", "2025-Q2", "2025"]
    assert local(datetime(2025, 7, 1, 22, 30), "Europe/Berlin") == "2025-07-02 00:30 CEST"
    assert local(datetime(2025, 1, 1, 0, 0, 7), "UTC") == "2025-01-01 00:00:07 UTC"
    assert (plural(1, "entry", "entries"), plural(2000, "entry", "entries")) == ("1 entry", "2,000 entries")
