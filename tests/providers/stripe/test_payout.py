"""Payouts and lines of the balance: alone, in events, and expanded in what they are of."""

from decimal import Decimal
from typing import Any

import pytest

from mrr.balance import BalanceLine, Payout
from mrr.errors import DecodeError

from .bodies import AT, START, event, facts
from .test_payment import charge

DAY = 86_400


def payout(**fields: Any) -> dict[str, Any]:
    """A payout of 97.10 EUR made at START."""
    own = {"id": "po_1", "object": "payout", "amount": 9710, "currency": "eur", "status": "paid", "created": START}
    return {**own, "arrival_date": START + 2 * DAY, "automatic": True, "balance_transaction": "txn_po_1", **fields}


def line(**fields: Any) -> dict[str, Any]:
    """The line of a charge of 100.00 EUR, of which 2.90 are kept."""
    own = {"id": "txn_1", "object": "balance_transaction", "amount": 10_000, "fee": 290, "net": 9710, "currency": "eur"}
    own |= {"type": "charge", "created": START, "available_on": START + 2 * DAY, "source": "ch_1"}
    return {**own, **fields}


LINE = BalanceLine(
    effective_at=AT, observed_at=AT, line="txn_1", kind="charge", amount=Decimal(100), currency="EUR",
    fee=Decimal("2.9"), of="ch_1", available_at=AT + 2 * DAY * 10**6,
)  # fmt: skip


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("paid", "paid"),
        ("pending", "pending"),
        ("in_transit", "pending"),
        ("failed", "failed"),
        ("canceled", "canceled"),
    ],
)
def test_what_became_of_a_payout(status: str, outcome: str) -> None:
    (said,) = facts(event(f"payout.{status}", payout(status=status), created=START + DAY))
    assert isinstance(said, Payout)
    assert (said.outcome, said.amount, said.currency) == (outcome, Decimal("97.1"), "EUR")
    assert (said.sent_at, said.effective_at) == (AT, AT + DAY * 10**6)


def test_why_it_failed() -> None:
    (said,) = facts(event("payout.failed", payout(status="failed", failure_code="account_closed")))
    assert isinstance(said, Payout)
    assert said.failure_code == "account_closed"


def test_a_line_by_itself_has_been_so_since_it_was_made() -> None:
    assert facts(line()) == [LINE]
    assert facts(line(source={"id": "ch_1", "object": "charge"})) == [LINE]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"type": "payment"}, "charge"),
        ({"type": "refund", "amount": -2000}, "refund"),
        ({"type": "adjustment", "reporting_category": "dispute", "amount": -2000}, "dispute"),
        ({"type": "stripe_fee", "amount": -50}, "fee"),
        ({"type": "payout", "amount": -9710}, "payout"),
        ({"type": "payout_failure"}, "payout"),
        ({"type": "topup"}, "other"),
    ],
)
def test_of_what_kind_a_line_is(fields: dict[str, Any], kind: str) -> None:
    (said,) = facts(line(**fields))
    assert isinstance(said, BalanceLine)
    assert (said.kind, said.amount) == (kind, Decimal(fields.get("amount", 10_000)) / 100)


def test_lines_that_are_expanded() -> None:
    """In a charge, in the refunds that it lists, and in a payout; an id alone says nothing."""
    refund = {"id": "re_1", "object": "refund", "amount": 2500, "currency": "usd", "status": "succeeded"}
    refund |= {"charge": "ch_1", "balance_transaction": line(id="txn_2", type="refund", source="re_1", amount=-2500)}
    whole = charge(balance_transaction=line(), refunds={"object": "list", "data": [refund]})
    assert [fact.subject for fact in facts(whole)] == ["ch_1", "txn_1", "re_1", "txn_2"]
    assert facts(whole)[1] == LINE
    assert [fact.subject for fact in facts(payout(balance_transaction=line(type="payout")))] == ["po_1", "txn_1"]
    assert [fact.subject for fact in facts(charge(balance_transaction="txn_1"))] == ["ch_1"]


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(DecodeError) as raised:
        facts(event("payout.paid", payout(currency="xxx")))
    assert raised.value.path == "data.object.currency"
    with pytest.raises(DecodeError) as raised:
        facts(charge(balance_transaction=line(currency="xxx")))
    assert raised.value.path == "balance_transaction.currency"
