"""Tables of payouts and of the lines of a balance."""

from decimal import Decimal
from typing import Any

from mrr.balance import BalanceLine, Payout

from .tables import at, facts


def test_payouts() -> None:
    told: list[Any] = facts(
        "payout_id,sent_at,amount,currency,status\npo_1,2024-01-03,97.10,EUR,In transit\npo_2,2024-01-04,5,EUR,\n"
    )
    assert all(isinstance(payout, Payout) for payout in told)
    assert [(payout.subject, payout.outcome, payout.amount, payout.currency, payout.sent_at) for payout in told] == [
        ("po_1", "pending", Decimal("97.1"), "EUR", at("2024-01-03")),
        ("po_2", "paid", Decimal(5), "EUR", at("2024-01-04")),
    ]


def test_lines_of_the_balance_of_another_source() -> None:
    """A provider's report of a payout: what its lines are of are payments that the provider has told itself."""
    text = (
        "automatic_payout_id,balance_transaction_id,created,available_on,currency,amount,fee,reporting_category,source_id\n"
        "po_1,txn_1,2024-01-01,2024-01-03,usd,100.00,2.90,charge,ch_1\n"
    )
    assert facts(text, 'customers_of = "stripe"') == [
        BalanceLine(
            effective_at=at("2024-01-01"), observed_at=at("2026-01-01"), line="stripe/txn_1", kind="charge",
            amount=Decimal(100), currency="USD", fee=Decimal("2.9"), of="stripe/ch_1", available_at=at("2024-01-03"),
            payout="stripe/po_1",
        )
    ]  # fmt: skip
