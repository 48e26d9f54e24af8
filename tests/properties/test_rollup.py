"""What the roll-up tells is what the movements tell, however the ledger was built."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrr.derivation import build, rollup
from mrr.metrics import asking, catalogue
from mrr.period import parse_instant
from mrr.policy import Policy
from mrr.reports import frame, rollforward
from mrr.reports.frame import Asked
from mrr.warehouse import Warehouse
from tests.oracle.stories import stories
from tests.properties import telling
from tests.properties.telling import Story
from tests.properties.test_delivery import post
from tests.properties.test_oracle import LOOSE, TIMES

INSTANTS = ("2025-02-10T12:00:00Z", "2025-02-28T09:00:00Z", "2025-03-01", "2025-03-15T09:00:00Z", "2025-12-01")
# A year behind what stories tell, when it leaves the twelve months.
LATER = ("2026-01-31T12:00:00Z", "2026-02-10T12:00:00Z", "2026-03-02")
KEPT = ("nrr", "grr", "nrr.trailing_12", "grr.trailing_12")


def _from_movements(warehouse: Warehouse, policy: Policy, asked: Asked) -> list[rollforward.Row]:
    if not frame.look(warehouse, policy, asked):
        return []
    frame.moved(warehouse, policy, asked)
    return rollforward.rows(warehouse, asked)


def _posted(story: Story, batches: int) -> Warehouse:
    """The ledger of a story that came in some batches."""
    policy, entries = telling.policy_of(story), telling.entries(story)
    size = -(-len(entries) // batches)
    warehouse = telling.whole(policy, entries[:size])
    warehouse.prepared = True
    for start in range(size, len(entries), size):
        post(warehouse, policy, entries[start : start + size])
    return warehouse


@settings(max_examples=18 * TIMES, **LOOSE)
@given(
    stories(), st.sampled_from([None, "plan"]), st.sampled_from((*INSTANTS, *LATER)), st.booleans(), st.integers(1, 5)
)
def test_the_roll_up_tells_what_the_movements_tell(
    story: Story, by: str | None, as_of: str, includes_fx: bool, batches: int
) -> None:
    """Row by row, by day where windows are shorter than a month; and what is kept, of a month and of twelve."""
    warehouse = _posted(story, batches)
    policy = telling.policy_of(story).differing({"report.nrr.includes_fx": includes_fx})
    grain: Any = "month" if policy["netting"] == "month" or batches % 2 else "day"
    asked = Asked(grain, parse_instant(as_of), by=by)
    assert rollforward.rollforward(warehouse, policy, asked) == _from_movements(warehouse, policy, asked)
    monthly = Asked("month", asked.as_of)
    told = _retention(warehouse, policy, monthly)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame, "_KEPT_UP", ())
        warehouse.changed()
        assert told == _retention(warehouse, policy, monthly)
    warehouse.close()


def _retention(warehouse: Warehouse, policy: Policy, asked: Asked) -> list[Any]:
    return [asking.ask(warehouse, policy, asked, catalogue.named(name)) for name in KEPT]


MOVED = "sign INTEGER, customer_id VARCHAR, on_day DATE, amount_micros BIGINT, is_fx BOOLEAN"
DAYS = st.one_of(
    st.dates(date(2023, 2, 26), date(2023, 3, 2)),
    st.dates(date(2024, 2, 26), date(2024, 3, 2)),
    st.dates(date(2023, 1, 1), date(2025, 4, 1)),
)


@settings(max_examples=40, **LOOSE)
@given(st.lists(st.tuples(st.sampled_from("ab"), DAYS, st.integers(-9, 9), st.booleans()), max_size=12))
def test_steps_add_up_to_what_is_kept(drawn: list[tuple[str, date, int, bool]]) -> None:
    """By every day with which a month or a year may end, whichever February is longer."""
    moved, worth = [], {"a": 0, "b": 0}
    for who, day, micros, is_fx in sorted(drawn, key=lambda one: one[1]):
        micros = max(micros, -worth[who])
        worth[who] += micros
        moved.append((1, who, day, micros, is_fx))
    warehouse = Warehouse()
    warehouse.temp("told", MOVED, moved)
    found = warehouse.dicts(rollup.steps("kept_up", lambda _: "temp.told"))
    warehouse.close()
    for over in filter(_at_an_edge, (date(2023, 1, 1) + timedelta(days=n) for n in range(1500))):
        last = over - timedelta(days=1)
        for stretch, opens in (("month", last.replace(day=1)), ("twelve_months", frame._year_before(over))):
            told = [row for row in found if row["stretch"] == stretch and row["on_day"] < over]
            sums = [sum(row[name] for row in told) for name in rollup.SUMS["kept_up"][1].split(", ")]
            assert sums == _kept(moved, opens, over), (stretch, over)


def _at_an_edge(day: date) -> bool:
    return day.day < 4 or day.day > 26


def _kept(moved: list[tuple[int, str, date, int, bool]], opens: date, over: date) -> list[int]:
    """What is kept, capped or not, without fx and with it, from the words of the metrics."""
    told = [0, 0, 0, 0]
    for who in "ab":
        mine = [row for row in moved if row[1] == who and row[2] < over]
        opening, ending = sum(row[3] for row in mine if row[2] < opens), sum(row[3] for row in mine)
        fx = sum(row[3] for row in mine if row[4] and row[2] >= opens)
        if opening > 0:
            kept = max(ending - fx, 0) if ending else 0
            for n, micros in enumerate((kept, min(kept, opening), ending, min(ending, opening))):
                told[n] += micros
    return told


@settings(max_examples=8 * TIMES, **LOOSE)
@given(stories())
def test_a_book_in_slices_is_the_book(story: Story) -> None:
    """Customers derived slice by slice, a snapshot each: the same ledger and the same sums."""
    policy, entries = telling.policy_of(story), telling.entries(story)
    at_once = telling.whole(policy, entries)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "SLICE", 1)
        sliced = telling.whole(policy, entries)
    assert telling.digest(sliced) == telling.digest(at_once)
    assert _sums(sliced) == _sums(at_once)
    sliced.close()
    at_once.close()


def _sums(warehouse: Warehouse) -> list[Any]:
    return [warehouse.rows(f"SELECT * FROM ({rollup.sums(table)}) ORDER BY ALL") for table in rollup.SUMS]
