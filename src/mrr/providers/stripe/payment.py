"""Charges, payment intents, refunds, disputes and checkout sessions."""

from typing import Literal

import mrr.providers.stripe.billing_shapes as shapes
from mrr import facts
from mrr.facts import Fact
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe.catalogue import Facts, stamped
from mrr.providers.stripe.payout import expanded
from mrr.providers.stripe.reading import Told, amount, currency, id_of

Outcome = Literal["succeeded", "failed", "pending", "canceled", "won", "lost"]
CheckoutOutcome = Literal["started", "completed", "expired"]

REFUNDS: dict[str | None, Outcome] = {"succeeded": "succeeded", "failed": "failed", "canceled": "canceled"}
# An inquiry that is closed or prevented took nothing; one that was refunded is money gone.
DISPUTES: dict[str, Outcome] = {
    "won": "won",
    "lost": "lost",
    "charge_refunded": "lost",
    "warning_closed": "canceled",
    "prevented": "canceled",
}
SESSIONS: dict[str | None, CheckoutOutcome] = {"open": "started", "complete": "completed", "expired": "expired"}


def charge_facts(charge: shapes.Charge, told: Told) -> list[Fact]:
    """The attempt, and the refunds that are listed in it."""
    return _attempt(charge, "", told)


def _attempt(charge: shapes.Charge, at: str, told: Told) -> list[Fact]:
    """`of_payment` of an attempt is its payment intent: invoices since 2025-03-31.basil name only that."""
    attempt: Fact = stamped(
        facts.Payment,
        told,
        payment=charge.id,
        kind="attempt",
        outcome=_charged(charge),
        customer=id_of(charge.customer),
        invoice=id_of(charge.invoice),
        of_payment=id_of(charge.payment_intent),
        **_size(charge, at),
        failure_code=charge.failure_code or _reason(charge),
        card_expires=_expires(charge.payment_method_details),
    )
    refunds = charge.refunds.elements if charge.refunds else ()
    given_back = (
        fact for n, refund in enumerate(refunds) for fact in _refunded(refund, f"{at}refunds.data[{n}].", told)
    )
    return [attempt, *expanded(charge.balance_transaction, at, told), *given_back]


def _charged(charge: shapes.Charge) -> Outcome:
    # An authorisation that was never captured has collected nothing; once refunded it is released.
    if charge.status == "succeeded" and not charge.captured:
        return "canceled" if charge.refunded else "pending"
    return charge.status


def _reason(charge: shapes.Charge) -> str | None:
    return charge.outcome.reason if charge.status == "failed" and charge.outcome else None


def _expires(tried: shapes.Tried | None) -> str | None:
    """The last month of a card, where it was one and says so."""
    card = tried.card if tried is not None else None
    if card is None or card.exp_month is None or card.exp_year is None:
        return None
    return f"{card.exp_year:04}-{card.exp_month:02}"


def _size(paid: shapes.Charge | shapes.PaymentIntent | shapes.Refund | shapes.Dispute, at: str) -> dict[str, object]:
    code = currency(paid.currency, at)
    return {"amount": amount(paid.amount, code, at, "amount"), "currency": code}


def payment_intent_facts(intent: shapes.PaymentIntent, told: Told) -> Facts:
    """The attempts that are expanded in it; by itself it speaks only where it has no charge."""
    if isinstance(intent.latest_charge, shapes.Charge):
        return _attempt(intent.latest_charge, "latest_charge.", told)
    if intent.charges and intent.charges.elements:
        tried = enumerate(intent.charges.elements)
        return [fact for n, charge in tried for fact in _attempt(charge, f"charges.data[{n}].", told)]
    if intent.latest_charge:
        return Irrelevant("payment_intent (its charge speaks)")
    error = intent.last_payment_error
    return [
        stamped(
            facts.Payment,
            told,
            payment=intent.id,
            kind="attempt",
            outcome=_intended(intent),
            customer=id_of(intent.customer),
            invoice=id_of(intent.invoice),
            **_size(intent, ""),
            failure_code=(error.decline_code or error.code) if error else None,
        )
    ]


def _intended(intent: shapes.PaymentIntent) -> Outcome:
    if intent.status in ("succeeded", "canceled"):
        return "succeeded" if intent.status == "succeeded" else "canceled"
    return "failed" if intent.status == "requires_payment_method" and intent.last_payment_error else "pending"


def refund_facts(refund: shapes.Refund, told: Told) -> list[Fact]:
    """A refund; the amount is what goes back, positive."""
    return _refunded(refund, "", told)


def _refunded(refund: shapes.Refund, at: str, told: Told) -> list[Fact]:
    refunded: Fact = stamped(
        facts.Payment,
        told,
        payment=refund.id,
        kind="refund",
        outcome=REFUNDS.get(refund.status, "pending"),
        customer=id_of(refund.customer),
        of_payment=id_of(refund.charge) or id_of(refund.payment_intent),
        **_size(refund, at),
        failure_code=refund.failure_reason,
    )
    return [refunded, *expanded(refund.balance_transaction, at, told)]


def dispute_facts(dispute: shapes.Dispute, told: Told) -> list[Fact]:
    """A dispute; `failure_code` is the reason that the cardholder's bank gives."""
    return [
        stamped(
            facts.Payment,
            told,
            payment=dispute.id,
            kind="dispute",
            outcome=DISPUTES.get(dispute.status, "pending"),
            of_payment=id_of(dispute.charge) or id_of(dispute.payment_intent),
            **_size(dispute, ""),
            failure_code=dispute.reason,
        )
    ]


def checkout_facts(session: shapes.CheckoutSession, told: Told) -> list[Fact]:
    """A checkout session; before it had a status, a settled payment says that it was completed."""
    settled = "complete" if session.payment_status in ("paid", "no_payment_required") else "open"
    code = currency(session.currency, "") if session.currency else None
    total = session.amount_total
    return [
        stamped(
            facts.Checkout,
            told,
            checkout=session.id,
            outcome=SESSIONS[session.status or settled],
            customer=id_of(session.customer),
            subscription=id_of(session.subscription),
            amount=amount(total, code, "", "amount_total") if code and total is not None else None,
            currency=code,
        )
    ]
