"""What the figures themselves suggest, without a ledger: factors, taxes, minor units, who is missing."""

from collections.abc import Mapping

import pytest

from mrr.compare.answer import Hypothesis
from mrr.compare.policies import Scale
from mrr.compare.shapes import suggested
from mrr.compare.sides import Cell, Known, agrees, distance, gap
from mrr.money import micros

OURS = {"p1": "10", "p2": "20", "p3": "30", "p4": "40", "yearly": "100", "odd": "19.508333"}
BOOK = Known({name: frozenset({name}) for name in (*OURS, "gone", "test")}, frozenset({"test"}))


def side(figures: Mapping[str, str], currency: str = "USD") -> dict[Cell, int]:
    """Figures as a side of a comparison at one moment."""
    return {Cell(0, name, currency): micros(figure) for name, figure in figures.items()}


def found(theirs: Mapping[str, str], ours: Mapping[str, str] = OURS, currency: str = "USD") -> dict[str, Hypothesis]:
    """The suggestions for two sides, by name."""
    claim, ledger = side(theirs, currency), side(ours, currency)
    cells = tuple(dict.fromkeys([*claim, *ledger]))
    differing = [cell for cell in cells if not agrees(cell, claim.get(cell, 0), ledger.get(cell, 0))]
    scale = Scale(claim, ledger, cells, distance(cells, claim, ledger))
    gaps = [(cell, gap(cell, claim, ledger, BOOK, {})) for cell in differing]
    return {one.name: one for one in suggested(scale, gaps, {})}


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"yearly": "1200"}, "a year for a month"),
        ({"yearly": "8.33"}, "a month for a year"),
        ({"p1": "1000", "p2": "2000"}, "minor units"),
        ({"odd": "1951"}, "minor units"),
        ({"p3": "0.30"}, "minor units on our side"),
        ({"p1": "11.90", "p2": "23.80", "yearly": "119.00"}, "19 % on top"),
        ({"p1": "9.71", "p2": "19.42"}, "2.9 % off"),
        ({"p4": "80"}, "counted twice"),
        ({"p4": "120"}, "a quarter for a month"),
    ],
)
def test_a_factor_is_told(changed: dict[str, str], name: str) -> None:
    one = found(OURS | changed)[name]
    assert (one.kind, one.gap_after_micros, one.explained, one.broken) == ("data", 0, len(changed), 0)
    assert one.gap_before_micros > 0


def test_a_factor_is_told_only_of_whom_it_fits() -> None:
    one = found(OURS | {"yearly": "1200", "p1": "13"})["a year for a month"]
    assert (one.gap_before_micros, one.gap_after_micros, one.explained) == (1_103_000_000, 3_000_000, 1)


def test_a_share_of_one_customer_is_no_tax() -> None:
    assert not [name for name in found(OURS | {"p1": "11.90"}) if "on top" in name]


def test_minor_units_follow_the_currency() -> None:
    """Yen have none, Kuwaiti dinars have three digits."""
    assert found({"p1": "10000"}, {"p1": "10"}, "KWD")["minor units"].gap_after_micros == 0
    assert "minor units" not in found({"p1": "1000"}, {"p1": "10"}, "JPY")


def test_whom_only_one_side_has() -> None:
    theirs = {name: figure for name, figure in OURS.items() if name != "p4"} | {"nobody": "5", "gone": "7", "test": "9"}
    told = found(theirs)
    assert {name: one.gap_before_micros - one.gap_after_micros for name, one in told.items()} == {
        "missing in the journal": 5_000_000,
        "no longer counted": 7_000_000,
        "excluded customers": 9_000_000,
        "left out by them": 40_000_000,
    }


def test_figures_that_agree_suggest_nothing() -> None:
    assert found(OURS) == {}
