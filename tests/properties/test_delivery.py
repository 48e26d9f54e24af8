"""Invariants 1, 2, 3 and 5: order and repetition of delivery change nothing, and incremental is rebuilt."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrr.derivation import build, posting
from mrr.journal import Entry
from mrr.policy import Policy
from mrr.warehouse import Warehouse, sql
from tests.oracle.stories import stories
from tests.properties import telling
from tests.properties.telling import Story
from tests.properties.test_oracle import LOOSE, TIMES

CATALOGUE: list[dict[str, Any]] = [
    {
        "fact": "price",
        "price": "later",
        "product": "pro",
        "currency": "USD",
        "unit_amount": "77.00",
        "interval": "month",
    },
    {"fact": "customer", "customer": "acme", "effective_at": "2025-02-20T00:00:00Z", "attributes": {"country": "FR"}},
    {
        "fact": "customer_discount",
        "customer": "beta",
        "effective_at": "2025-02-12T00:00:00Z",
        "discounts": [{"id": "cd", "percent": "20", "duration": "forever", "scope": "customer"}],
    },
]
WAITING: dict[str, Any] = {
    "fact": "subscription",
    "customer": "acme",
    "subscription": "SW",
    "effective_at": "2025-01-20T00:00:00Z",
    "status": "active",
    "currency": "USD",
    "items": [{"item": "SW-A", "price": "later", "quantity": 3}],
    "period": ["2025-01-20T00:00:00Z", "2025-02-20T00:00:00Z"],
}


def whole(policy: Policy, batch: Sequence[Entry]) -> str:
    """The digest of the ledger of all entries at once."""
    warehouse = telling.whole(policy, batch)
    digest = telling.digest(warehouse)
    warehouse.close()
    return digest


def renumbered(bodies: Sequence[Entry]) -> list[Entry]:
    """The same entries, with seqs in the order given; a second delivery of a key keeps its key."""
    return [Entry(n, e.source, e.key, e.kind, None, n, e.body, b"", b"") for n, e in enumerate(bodies, start=1)]


def post(warehouse: Warehouse, policy: Policy, batch: Sequence[Entry]) -> None:
    """What posting.post does with a batch, without a journal."""
    after = batch[0].seq - 1
    telling.fill(warehouse, batch)
    posting.refresh(warehouse, after, policy)
    build.some(warehouse, [name for (name,) in warehouse.rows(sql("models/touched"))])
    build.audit(warehouse)


@settings(max_examples=20 * TIMES, **LOOSE)
@given(stories(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_ledger(story: Story, chance: random.Random) -> None:
    """Invariant 2: shuffled and delivered twice, whole."""
    policy = telling.policy_of(story)
    entries = [e for e in telling.entries(story) if b'"merge"' not in e.body]
    twice = [*entries, *chance.sample(entries, len(entries) // 2)]
    chance.shuffle(twice)
    assert whole(policy, renumbered(twice)) == whole(policy, entries)


@settings(max_examples=12 * TIMES, **LOOSE)
@given(stories(), st.randoms(use_true_random=False))
def test_incremental_is_rebuilt_after_every_batch(story: Story, chance: random.Random) -> None:
    """Invariant 3: rates, prices, attributes, discounts, merges and snapshots in batches of any size and order."""
    policy = telling.policy_of(story)
    facts = [telling.entry(900 + n, "native", body) for n, body in enumerate([WAITING, *CATALOGUE])]
    entries = [*telling.entries(story), *facts]
    chance.shuffle(entries)
    entries = renumbered(entries)
    first, *cuts = sorted({1, *chance.sample(range(1, len(entries)), min(4, len(entries) - 1))})
    warehouse = telling.whole(policy, entries[:first])
    for start, end in zip([first, *cuts], [*cuts, len(entries)], strict=True):
        if start == end:
            continue
        post(warehouse, policy, entries[start:end])
        assert telling.digest(warehouse) == whole(policy, entries[:end])
    warehouse.close()


@settings(max_examples=25 * TIMES, **LOOSE)
@given(stories(fx=False), st.integers(0, 180))
def test_levels_and_movements_agree_at_any_instant(story: Story, day: int) -> None:
    """Invariant 1: the running totals are the sums of the values in force, customer by customer, at any as_of."""
    as_of = f"2025-{1 + day // 30:02d}-{1 + day % 28:02d}T{day % 24:02d}:30:00Z"
    warehouse = telling.whole(telling.policy_of(story), telling.entries(story))
    closing: dict[str, int] = {}
    for _, customer, _, amount, after, _ in telling.told(warehouse, as_of):
        closing[customer] = closing.get(customer, 0) + amount
        assert closing[customer] == after
    in_force = warehouse.rows(f"""SELECT split_part(customer_id, '/', 2), CAST(sum(reporting_micros) AS BIGINT)
        FROM seen_value WHERE starts_at < TIMESTAMP '{as_of}' AND ends_at >= TIMESTAMP '{as_of}' GROUP BY 1""")
    warehouse.close()
    assert {k: v for k, v in closing.items() if v} == {k: v for k, v in in_force if v}


@pytest.mark.parametrize("model", ["movement", "level"])
def test_an_audit_can_fail(model: str) -> None:
    """A ledger that was tampered with does not pass the audits."""
    offer = {field: value for field, value in CATALOGUE[0].items() if field != "fact"}
    story: Story = {"policy": {}, "facts": [{**WAITING, "items": [{**offer, "item": "A", "quantity": 1}]}]}
    warehouse = telling.whole(telling.policy_of(story), telling.entries(story))
    table = {"movement": "movement SET amount_micros", "level": "value SET reporting_micros"}[model]
    column = table.split()[-1]
    warehouse.execute(f"UPDATE ledger.{table} = {column} + 1")
    with pytest.raises(Exception, match="audit"):
        build.audit(warehouse)
    warehouse.close()
