"""Payouts and balance transactions, alone and expanded in what they are of."""

from typing import Literal

import mrr.providers.stripe.billing_shapes as shapes
from mrr.balance import BalanceLine, Payout
from mrr.facts import Fact
from mrr.providers.stripe.catalogue import stamped
from mrr.providers.stripe.reading import Told, amount, currency, id_of, micros

Kind = Literal["charge", "refund", "dispute", "fee", "payout", "other"]
Sent = Literal["paid", "failed", "canceled"]

# docs.stripe.com/reports/balance-transaction-types, and the reporting categories of the same page.
KINDS: dict[str, Kind] = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund",
    "payment_failure_refund": "refund",
    "dispute": "dispute",
    "dispute_reversal": "dispute",
    "fee": "fee",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "fee",
    "network_cost": "fee",
    "payout": "payout",
    "payout_cancel": "payout",
    "payout_failure": "payout",
    "payout_reversal": "payout",
}
# A payout that is pending or in transit has left the balance.
SENT: dict[str, Sent] = {"paid": "paid", "failed": "failed", "canceled": "canceled"}


def payout_facts(payout: shapes.Payout, told: Told) -> list[Fact]:
    """A payout, and its line of the balance where that is expanded."""
    code = currency(payout.currency, "")
    sent: Fact = stamped(
        Payout,
        told,
        payout=payout.id,
        outcome=SENT.get(payout.status, "pending"),
        amount=amount(payout.amount, code, "", "amount"),
        currency=code,
        sent_at=micros(payout.created),
        failure_code=payout.failure_code,
    )
    return [sent, *expanded(payout.balance_transaction, "", told)]


def expanded(line: shapes.BalanceTransaction | str | None, at: str, told: Told) -> list[Fact]:
    """The line of the balance that is expanded in an object at this place; nothing where there is only its id."""
    return [_line(line, f"{at}balance_transaction.", told)] if isinstance(line, shapes.BalanceTransaction) else []


def balance_facts(line: shapes.BalanceTransaction, told: Told) -> list[Fact]:
    """A line of the balance."""
    return [_line(line, "", told)]


def _line(line: shapes.BalanceTransaction, at: str, told: Told) -> Fact:
    """A line does not change: it has been so since it was made, whenever it is told."""
    code = currency(line.currency, at)
    return BalanceLine(
        effective_at=line.created * 1_000_000,
        observed_at=told.observed_at,
        line=line.id,
        kind=KINDS.get(line.reporting_category or "") or KINDS.get(line.type, "other"),
        amount=amount(line.amount, code, at, "amount"),
        currency=code,
        fee=amount(line.fee, code, at, "fee"),
        of=id_of(line.source),
        available_at=micros(line.available_on),
    )
