"""Attempts, refunds, disputes and checkouts."""

from decimal import Decimal
from typing import Any

import pytest

from mrr.balance import BalanceLine
from mrr.facts import Checkout, Payment
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe import decode

from .bodies import AT, event, facts, step

SEEN: dict[str, Any] = {"effective_at": AT, "observed_at": AT, "precision": "by"}


def charge(**fields: Any) -> dict[str, Any]:
    """A charge of 25 USD that succeeded."""
    own = {"id": "ch_1", "object": "charge", "amount": 2500, "currency": "usd", "status": "succeeded", "captured": True}
    return {**own, "customer": "cus_1", "invoice": "in_1", "payment_intent": "pi_1", **fields}


def intent(**fields: Any) -> dict[str, Any]:
    """A payment intent of 25 USD without a charge."""
    own = {"id": "pi_1", "object": "payment_intent", "amount": 2500, "currency": "usd", "status": "processing"}
    return {**own, "latest_charge": None, **fields}


def payment(body: Any) -> Payment:
    """The one payment that a body tells of."""
    (said,) = (fact for fact in facts(body) if not isinstance(fact, BalanceLine))
    assert isinstance(said, Payment)
    return said


def test_a_recorded_charge_and_refund() -> None:
    """2025-10-29.clover: an intent and no invoice, the line of the balance expanded; the refund names the charge."""
    assert facts(step(4, 5)) == [
        Payment(
            **SEEN,
            payment="ch_3SRzp4KXBGcbgpbZ1EpWO6qC",
            kind="attempt",
            outcome="succeeded",
            customer="cus_TOnPTfYVb5cWQv",
            of_payment="pi_3SRzp4KXBGcbgpbZ1utYtuTe",
            amount=Decimal(10),
            currency="USD",
            card_expires="2026-11",
        ),
        BalanceLine(
            effective_at=1_762_799_295_000_000,
            observed_at=AT,
            line="txn_3SRzp4KXBGcbgpbZ10HBWUeL",
            kind="charge",
            amount=Decimal(10),
            currency="USD",
            fee=Decimal("0.59"),
            of="ch_3SRzp4KXBGcbgpbZ1EpWO6qC",
            available_at=1_763_337_600_000_000,
        ),
    ]
    assert facts(step(16, 5)) == [
        Payment(
            **SEEN,
            payment="re_3SRzqkKXBGcbgpbZ1Ri48Fy5",
            kind="refund",
            outcome="succeeded",
            of_payment="ch_3SRzqkKXBGcbgpbZ17eTrqrl",
            amount=Decimal(10),
            currency="USD",
        )
    ]


@pytest.mark.parametrize(
    ("fields", "outcome", "code"),
    [
        ({}, "succeeded", None),
        ({"status": "pending"}, "pending", None),
        ({"status": "failed", "failure_code": "card_declined"}, "failed", "card_declined"),
        ({"status": "failed", "outcome": {"reason": "insufficient_funds"}}, "failed", "insufficient_funds"),
        ({"captured": False}, "pending", None),
        ({"captured": False, "refunded": True}, "canceled", None),
    ],
)
def test_outcomes_of_a_charge(fields: dict[str, Any], outcome: str, code: str | None) -> None:
    """An authorisation has collected nothing yet; released, it never will."""
    said = payment(charge(**fields))
    assert (said.outcome, said.failure_code, said.invoice) == (outcome, code, "in_1")


def test_refunds_in_a_charge() -> None:
    """Up to API 2022-08-01 a charge lists its refunds; they are the same facts as by themselves."""
    refund = {"id": "re_1", "object": "refund", "amount": 500, "currency": "usd", "charge": "ch_1", "status": "pending"}
    listed = facts(event("charge.refunded", charge(refunds={"data": [refund]})))
    assert listed[1:] == facts(event("refund.created", refund))
    assert (listed[1].payment, listed[1].outcome) == ("re_1", "pending")  # type: ignore[attr-defined]


def test_one_attempt_is_told_once() -> None:
    """By its charge, also where the intent shows it; an intent that only names its charge adds nothing."""
    alone = facts(charge())
    assert facts(intent(latest_charge=charge())) == facts(intent(charges={"data": [charge()]})) == alone
    assert decode(b'{"id":"pi_1","object":"payment_intent","amount":5,"currency":"usd","status":"succeeded",'
                  b'"latest_charge":"ch_1"}', AT) == Irrelevant("payment_intent (its charge speaks)")  # fmt: skip
    assert {fact.payment for fact in facts(step(16, 3))} == {"ch_3SRzqkKXBGcbgpbZ17eTrqrl"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fields", "outcome", "code"),
    [
        ({}, "pending", None),
        ({"status": "requires_action"}, "pending", None),
        ({"status": "requires_payment_method"}, "pending", None),
        (
            {"status": "requires_payment_method", "last_payment_error": {"code": "card_declined"}},
            "failed",
            "card_declined",
        ),
        (
            {"status": "requires_payment_method", "last_payment_error": {"code": "a", "decline_code": "b"}},
            "failed",
            "b",
        ),
        ({"status": "canceled"}, "canceled", None),
        ({"status": "succeeded"}, "succeeded", None),
    ],
)
def test_an_intent_without_a_charge(fields: dict[str, Any], outcome: str, code: str | None) -> None:
    """Then it is the attempt."""
    said = payment(intent(**fields))
    assert (said.payment, said.kind, said.outcome, said.failure_code) == ("pi_1", "attempt", outcome, code)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("needs_response", "pending"), ("won", "won"), ("lost", "lost"), ("warning_closed", "canceled")],
)
def test_a_dispute(status: str, outcome: str) -> None:
    """Open until it is won or lost; an inquiry that is closed took nothing."""
    body = {"id": "dp_1", "object": "dispute", "amount": 900, "currency": "kwd", "status": status, "charge": "ch_1"}
    said = payment({**body, "reason": "fraudulent"})
    assert (said.kind, said.outcome, said.of_payment, said.amount) == ("dispute", outcome, "ch_1", Decimal("0.9"))
    assert said.failure_code == "fraudulent"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"status": "open"}, "started"),
        ({"status": "complete"}, "completed"),
        ({"status": "expired"}, "expired"),
        ({"payment_status": "paid"}, "completed"),
        ({"payment_status": "no_payment_required"}, "completed"),
        ({"payment_status": "unpaid"}, "started"),
    ],
)
def test_a_checkout(fields: dict[str, Any], outcome: str) -> None:
    """By its status; before there was one, by its payment."""
    body = {"id": "cs_1", "object": "checkout.session", "customer": "cus_1", "subscription": {"id": "sub_1"}}
    assert facts({**body, "amount_total": 3000, "currency": "usd", **fields}) == [
        Checkout(
            **SEEN,
            checkout="cs_1",
            outcome=outcome,  # type: ignore[arg-type]
            customer="cus_1",
            subscription="sub_1",
            amount=Decimal(30),
            currency="USD",
        )
    ]
    assert facts({**body, "amount_total": None, "currency": None, **fields})[0].amount is None  # type: ignore[attr-defined]
