"""Tiles and columns of the pages: what is not over stands back, what is closed says so, what is rounded adds up."""

from datetime import date, datetime

from mrr.answers import Definition, Measured, Rollforward
from mrr.lookups.movers import Moved
from mrr.metrics.asking import Figure
from mrr.reports.rollforward import Row
from mrr.web import board, rolling
from mrr.web.shown import NARROW

MEANT = Definition("nrr", "standard", "h", "e", "USD", "UTC", datetime(2025, 3, 15), 9, 0, "d")
SEALS = {"2025-01-01": "closed", "2025-02-01": "restated"}
RATE = board.Board("nrr", "NRR", over=True)


def test_a_rate_is_of_the_last_month_that_is_over_and_says_how_that_stands() -> None:
    rows = [
        Figure(date(2025, 1, 1), None, True, ratio="0.950000"),
        Figure(date(2025, 2, 1), None, True, ratio="1.010000"),
        Figure(date(2025, 3, 1), None, False, ratio="0.500000"),
    ]
    told = board.tile(RATE, Measured(MEANT, rows), SEALS)
    assert (told.value, told.change, told.since, told.status) == (
        f"101.0{NARROW}%",
        "+6.0 pt",
        "Feb vs Jan",
        "restated",
    )
    assert board.tile(RATE, Measured(MEANT, rows), {}).status == "provisional"
    assert board.tile(RATE, Measured(MEANT, []), SEALS).value == "–"


def test_part_of_a_month_compares_with_the_same_days() -> None:
    rows = [
        Figure(date(2025, 2, 1), None, True, value_micros=900_000_000),
        Figure(date(2025, 3, 1), None, False, value_micros=300_000_000),
    ]
    flow = board.Board("mrr.net_new", "Net new MRR", to_date=True)
    told = board.tile(flow, Measured(MEANT, rows), SEALS, before=200_000_000)
    assert (told.change, told.is_good, told.since, told.is_open) == ("+$100", True, "vs Feb, same day", True)


def test_columns_add_up_and_know_how_their_month_stands() -> None:
    half = 500_000
    rows = [
        Row(date(2025, 1, 1), None, 0, new_micros=3 * half, closing_micros=3 * half, customers_closing=1),
        Row(date(2025, 2, 1), None, 3 * half, new_micros=half, churn_micros=-3 * half, closing_micros=half),
        Row(date(2025, 3, 1), None, half, expansion_micros=half, closing_micros=2 * half),
    ]
    shown = rolling.columns(Rollforward(MEANT, rows), "month", [Moved(date(2025, 1, 1), "new", 7)], SEALS)
    for one in shown:
        assert one.opening.units + sum(cell.units for cell in one.moved.values()) == one.closing.units
    assert [one.state for one in shown] == ["closed", "restated", "open"]
    assert [one.moved["new"].customers for one in shown] == [7, None, None]
    assert [one.closing.units for one in shown] == [2, 1, 1]


def test_the_shares_of_groups_add_up() -> None:
    start = date(2025, 3, 1)
    rows = [Row(start, name, closing_micros=333_500_000, customers_closing=1) for name in ("a", "b", "c")]
    shown = board.shares(Rollforward(MEANT, [*rows, Row(start, "gone")]))
    assert [one.group for one in shown] == ["a", "b", "c"]
    assert sum(one.units for one in shown) == 1_001
    kept, rest = board.first(shown, 1)
    assert rest is not None
    assert (len(kept), rest.group, rest.row.closing_micros) == (1, "2 others", 667_000_000)
