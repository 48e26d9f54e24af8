"""What cannot be read of invoices, payments and usage is said, and no level is made up for it."""

from typing import Any

import pytest

from tests.properties import telling

Fact = dict[str, Any]
MONTH = ["2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z"]


def _invoice(lines: list[Fact], **more: Any) -> Fact:
    return {"fact": "invoice", "invoice": "in_1", "customer": "acme", "effective_at": "2025-03-01T00:00:00Z",
            "status": "open", "currency": "USD", "total": "100.00", "lines": lines, **more}  # fmt: skip


def _subscription(**item: Any) -> Fact:
    sold = {"item": "A", "product": "pro", "unit_amount": "1.00", "quantity": 1, "interval": "month", **item}
    return {"fact": "subscription", "subscription": "S1", "customer": "acme", "effective_at": "2025-03-01T00:00:00Z",
            "status": "active", "currency": "USD", "items": [sold]}  # fmt: skip


USED = {"fact": "usage", "usage": "u1", "customer": "acme", "meter": "calls", "quantity": "7",
        "effective_at": "2025-03-05T00:00:00Z"}  # fmt: skip
STORIES: dict[str, tuple[Fact, list[Fact]]] = {
    "a line of invoice in_1 has no service period": (
        {"basis": "invoice"},
        [_invoice([{"line": "l1", "product": "pro", "amount": "100.00", "recurring": True}])],
    ),
    "invoice in_1 bills part of a period, and of which is not known": (
        {"basis": "invoice"},
        [_invoice([{"line": "l1", "product": "pro", "amount": "50.00", "proration": True, "period": MONTH}])],
    ),
    "the list of lines of invoice in_1 is cut short": ({"basis": "invoice"}, [_invoice([], has_more=True)]),
    "no payment of it is known": ({"starts_at": "first_payment"}, [_subscription()]),
    "no final invoice of it is known": ({"starts_at": "finalised"}, [_subscription()]),
    "usage of calls belongs to no metered price that is known": ({"usage": "last"}, [_subscription(), USED]),
}


@pytest.mark.parametrize("reason", STORIES)
def test_it_is_pending(reason: str) -> None:
    """With the reason that names the place; and its MRR is neither guessed nor 0 by default."""
    policy, facts = STORIES[reason]
    warehouse = telling.whole(
        telling.policy_of({"policy": policy}), telling.entries({"policy": policy, "facts": facts})
    )
    told = [why for (why,) in warehouse.rows("SELECT reason FROM ledger.pending")]
    levels = warehouse.one("SELECT count(*) FROM ledger.level WHERE item_id <> 'A'")
    warehouse.close()
    assert (told, levels) == ([reason], (0,))


def test_what_is_read_is_not_pending() -> None:
    """The same lines with what they lack."""
    facts = [_invoice([{"line": "l1", "product": "pro", "amount": "100.00", "recurring": True, "period": MONTH}])]
    told = {"policy": {"basis": "invoice"}, "facts": facts}
    warehouse = telling.whole(telling.policy_of(told), telling.entries(told))
    assert warehouse.one("SELECT count(*) FROM ledger.pending") == (0,)
    assert warehouse.rows("SELECT local_micros, ends_at FROM ledger.level")[0][0] == 100_000_000
    warehouse.close()
