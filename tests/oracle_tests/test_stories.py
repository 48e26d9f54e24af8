"""What must hold of the oracle on any drawn story, whoever else agrees with it (DESIGN §11, 1, 2, 4)."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.oracle import Movement, ledger, rollforward
from tests.oracle.stories import filters, stories

SMALL = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
GAINS, LOSSES = {"new", "expansion", "reactivation"}, {"contraction"}


@SMALL
@given(story=stories())
def test_a_ledger_adds_up(story: dict[str, Any]) -> None:
    """Movements sum to the closing, lines to movements, and `after` is each customer's running total."""
    told = ledger(story)
    assert told.closing == sum(row.amount for row in told.movements)
    for row in told.movements:
        assert row.amount == sum(sum(causes.values()) for causes in row.lines.values())
        assert row.cls not in GAINS or row.amount > 0
        assert row.cls not in LOSSES or row.amount < 0
    for rows in _by_customer(told.movements).values():
        assert [sum(row.amount for row in rows[: n + 1]) for n in range(len(rows))] == [row.after for row in rows]


@SMALL
@given(story=stories(netting=("event", "minutes", "day")), chosen=filters())
def test_a_rollforward_is_a_plain_sum(story: dict[str, Any], chosen: dict[str, str]) -> None:
    """Opening plus all classes is the closing, which is the next opening; unfiltered, the last is the ledger's."""
    rows = rollforward(story, "month", chosen)
    running = 0
    for row in rows.values():
        assert row["opening"] == running
        running += sum(amount for cls, amount in row.items() if cls not in ("opening", "closing"))
        assert row["closing"] == running
    if not chosen:
        assert running == ledger(story).closing


@SMALL
@given(story=stories(shuffled=False))
def test_delivery_does_not_matter(story: dict[str, Any]) -> None:
    """Backwards and twice, the facts say the same."""
    assert ledger({**story, "facts": (story["facts"] * 2)[::-1]}) == ledger(story)


@SMALL
@given(story=stories(fx=False, discounts=False, same_instant=False, netting=("day",), policy_keys=("churn_at",)))
def test_features_can_be_switched_off(story: dict[str, Any]) -> None:
    """A failure can be narrowed down: what is off is not drawn."""
    facts = [fact for fact in story["facts"] if fact["fact"] == "subscription"]
    assert not story["rates"]
    assert {fact["currency"] for fact in facts} == {"USD"}
    assert not any(fact["discounts"] for fact in facts)
    assert set(story["policy"]) <= {"churn_at", "netting"}
    assert story["policy"]["netting"] == "day"


def _by_customer(movements: list[Movement]) -> dict[str, list[Movement]]:
    rows: dict[str, list[Movement]] = {}
    for row in movements:
        rows.setdefault(row.customer, []).append(row)
    return rows
