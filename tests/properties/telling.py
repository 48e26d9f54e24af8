"""Tells a story to the real models in memory: no files, no journal, so that Hypothesis can tell hundreds."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mrr.derivation import build, derive, posting
from mrr.journal import Entry
from mrr.period import parse_instant
from mrr.policy import Policy, standard
from mrr.reports import movements, rollforward
from mrr.warehouse import Warehouse, sql

Story = Mapping[str, Any]
Told = list[tuple[str, str, str, int, int, dict[str, dict[str, int]]]]


def policy_of(story: Story) -> Policy:
    """The policy of a story."""
    return standard().differing(story.get("policy") or {}, "story")


def entries(story: Story, first: int = 1) -> list[Entry]:
    """The rates and facts of a story as entries of a journal, in the order of delivery."""
    base = policy_of(story)["currency"]
    rates = [
        ("rates", {"day": str(day), "base": base, "values": {str(currency): str(value)}})
        for day, currency, value in story.get("rates") or ()
    ]
    facts = [("native", fact) for fact in story["facts"]]
    return [entry(seq, source, body) for seq, (source, body) in enumerate([*rates, *facts], start=first)]


def entry(seq: int, source: str, body: Mapping[str, Any]) -> Entry:
    """One entry with a key of its own."""
    text = json.dumps(body, default=str).encode()
    return Entry(seq, source, f"{seq}", "drawn", None, seq, text, b"", b"")


def opened(policy: Policy) -> Warehouse:
    """An empty warehouse in memory."""
    warehouse = Warehouse()
    warehouse.execute(sql("facts"))
    build.prepare(warehouse, policy)
    warehouse.prepared = True
    return warehouse


def fill(warehouse: Warehouse, batch: Sequence[Entry]) -> None:
    """Decode a batch into the tables of facts."""
    derive.store(warehouse, derive.decoded(batch))
    after = min(entry.seq for entry in batch) - 1
    derive.settle(warehouse, after)


def whole(policy: Policy, batch: Sequence[Entry]) -> Warehouse:
    """The ledger of all entries, derived at once, audited."""
    warehouse = opened(policy)
    fill(warehouse, batch)
    build.prepare(warehouse, policy)
    build.whole(warehouse)
    build.audit(warehouse)
    return warehouse


def told(warehouse: Warehouse, as_of: Any) -> Told:
    """The movements as of an instant, as plain rows."""
    found = movements.movements(warehouse, movements.Wanted(parse_instant(as_of)))
    return [
        (
            str(m.on),
            m.customer_id,
            m.class_,
            m.amount_micros,
            m.mrr_after_micros,
            {x.item_id: x.causes for x in m.lines},
        )
        for m in found
    ]


def rows(
    warehouse: Warehouse, policy: Policy, as_of: Any, grain: Any, where: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    """A roll-forward as the oracle gives it: per period the amounts that are not 0."""
    asked = rollforward.Asked(grain, parse_instant(as_of), where=tuple(where))
    result: dict[str, Any] = {}
    for row in rollforward.rollforward(warehouse, policy, asked):
        cells = {kind: getattr(row, f"{kind}_micros") for kind in rollforward.CLASSES}
        kept = {kind: amount for kind, amount in cells.items() if amount}
        result[str(row.period_starts_on)] = {"opening": row.opening_micros, **kept, "closing": row.closing_micros}
    return result


def digest(warehouse: Warehouse) -> str:
    """The digest of the ledger."""
    return posting.ledger_digest(warehouse)
