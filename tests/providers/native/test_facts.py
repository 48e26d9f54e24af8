"""What native bodies say, fact by fact, and how those that cannot be read are refused."""

import json
from decimal import Decimal
from typing import Any

import pytest

from mrr import facts
from mrr.errors import DecodeError
from mrr.facts import Fact
from mrr.providers import native

from .page import EXAMPLES, Body

DAY = 86_400_000_000
JANUARY = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z in µs
SEEN = 7


def read(body: Body) -> Any:
    """The one fact of a body."""
    (fact,) = native.decode(json.dumps(body).encode(), SEEN)
    return fact


def example(kind: str, **changed: Any) -> Body:
    """The first example of a fact on the page, with some fields changed."""
    return next(body for body in EXAMPLES if body["fact"] == kind) | changed


def refused(body: Any) -> str:
    """Why a body is refused."""
    with pytest.raises(DecodeError) as raised:
        native.decode(json.dumps(body).encode(), SEEN)
    return str(raised.value)


def dated(**content: Any) -> dict[str, Any]:
    """The fields of a fact effective on 1 January 2026."""
    return {"effective_at": JANUARY, "observed_at": SEEN, **content}


SMALL: list[tuple[Body, Fact]] = [
    (
        {"fact": "product", "product": "p", "name": "Pro"},
        facts.Product(effective_at=None, observed_at=SEEN, product="p", name="Pro"),
    ),
    (
        {"fact": "coupon", "coupon": "c", "percent": 25, "duration": "repeating", "months": 3, "products": ["p"]},
        facts.Coupon(
            effective_at=None, observed_at=SEEN, coupon="c", percent=Decimal(25), duration="repeating", months=3,
            products=("p",),
        ),
    ),
    (
        {"fact": "coupon", "coupon": "c", "amount": "5.50", "currency": "eur", "duration": "once", "percent": None},
        facts.Coupon(
            effective_at=None, observed_at=SEEN, coupon="c", amount=Decimal("5.5"), currency="EUR", duration="once"
        ),
    ),
    (
        {"fact": "discount", "discount": {"id": "d", "coupon": "c", "ends_at": "2026-01-02"}},
        facts.DiscountGiven(
            effective_at=None, observed_at=SEEN,
            discount=facts.Discount(discount="d", coupon="c", ends_at=JANUARY + DAY),
        ),
    ),
    (
        {"fact": "payment", "payment": "r", "kind": "refund", "outcome": "succeeded", "of_payment": "p", "retry": 0,
         "amount": "35.70", "currency": "USD", "effective_at": "2026-01-01", "failure_code": None},
        facts.Payment(
            **dated(payment="r", kind="refund", outcome="succeeded", of_payment="p", amount=Decimal("35.7"),
                    currency="USD", retry=0)
        ),
    ),
    (
        {"fact": "checkout", "checkout": "c", "outcome": "expired", "effective_at": "2026-01-01T00:00:00Z"},
        facts.Checkout(**dated(checkout="c", outcome="expired")),
    ),
    (
        {"fact": "usage", "usage": "u", "customer": "a", "meter": "calls", "quantity": 12, "item": "i",
         "effective_at": "2026-01-01T01:00:00+01:00"},
        facts.Usage(**dated(usage="u", customer="a", meter="calls", quantity=Decimal(12), item="i")),
    ),
    (
        {"fact": "cost", "cost": "c", "service": "s", "amount": "-1.5", "currency": "USD",
         "effective_at": "2026-01-01"},
        facts.Cost(**dated(cost="c", service="s", amount=Decimal("-1.5"), currency="USD")),
    ),
    (
        {"fact": "rate", "day": "2026-01-01", "currency": "EUR", "base": "USD", "value": "1.25"},
        facts.Rate(effective_at=None, observed_at=SEEN, day="2026-01-01", currency="EUR", base="USD", numerator=5,
                   denominator=4),
    ),
    (
        {"fact": "price", "price": "p", "currency": "USD", "unit_amount": "99", "product": "x"},
        facts.Price(
            effective_at=None, observed_at=SEEN, price="p",
            offer=facts.Offer(product="x", price="p", currency="USD", unit_amount=Decimal(99), recurring=False),
        ),
    ),
    (
        {"fact": "customer", "customer": "c", "attributes": {"seats": 40, "test": True, "ratio": 0.5, "gone": None}},
        facts.Customer(
            effective_at=None, observed_at=SEEN, customer="c",
            attributes={"seats": "40", "test": "true", "ratio": "0.5"},
        ),
    ),
    (
        {"fact": "merge", "from": "a", "into": "stripe/b"},
        facts.Merge(effective_at=None, observed_at=SEEN, customer="a", into="stripe/b"),
    ),
    (
        {"fact": "continues", "old": "a", "new": "b", "at": "2026-01-01"},
        facts.Continues(**dated(old="a", new="b")),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "fact"), SMALL, ids=[body["fact"] for body, _ in SMALL])
def test_what_a_fact_says(body: Body, fact: Fact) -> None:
    assert read(body) == fact
    assert facts.canonical(read(body)) == facts.canonical(fact)


def test_an_invoice_with_its_lines() -> None:
    invoice = read(example("invoice", effective_at="2026-01-01"))
    assert (invoice.document, invoice.invoice, invoice.credit_note) == ("in_1", None, False)
    assert (invoice.total, invoice.paid, invoice.payments) == (Decimal(714), Decimal(714), ("pay_1",))
    (line,) = invoice.lines
    assert (line.kind, line.amount, line.tax_amount, line.currency) == ("subscription", Decimal(600), 114, "USD")
    assert line.ends_at - line.starts_at == 31 * DAY


def test_a_credit_note_is_a_document_that_takes_back() -> None:
    note = read(example("credit_note"))
    assert isinstance(note, facts.Invoice)
    assert (note.document, note.invoice, note.credit_note) == ("cn_1", "in_1", True)
    assert note.total == Decimal("-35.7")
    reason = refused(example("credit_note", total="35.70"))
    assert reason.startswith("total: expected a negative amount")


def test_equal_facts_have_equal_bytes_however_they_are_written() -> None:
    one = read(example("subscription", started_at="2026-01-15T00:00:00Z", cancel_at=None, currency="usd"))
    assert facts.canonical(one) == facts.canonical(read(example("subscription")))


def test_the_state_before_is_the_digest_of_what_stood_then() -> None:
    now = example("subscription", effective_at="2026-01-01")
    was = now | {"status": "trialing", "trial_ends_at": "2026-01-01"}
    told = read(now | {"previous": {"status": "trialing", "trial_ends_at": "2026-01-01"}})
    assert told.prior == facts.content_digest(read(was))
    assert refused(now | {"previous": {"status": "bad"}}).startswith("previous.status: expected one of trialing")
    assert refused(now | {"previous": {"currency": "XXX"}}).startswith("previous.currency: unknown currency")
    assert refused(now | {"previous": {"subscription": "x"}}).startswith("previous.subscription: unknown field")


def test_an_item_without_interval_and_price_is_paid_once() -> None:
    def recurs(**terms: Any) -> bool:
        return bool(read(example("subscription", items=[{"item": "i", **terms}])).items[0].offer.recurring)

    assert not recurs(unit_amount="5")
    assert recurs(unit_amount="5", interval="year")
    assert recurs(price="p")


LISTED = {"id": "d", "duration": "forever"}

REFUSED: list[tuple[Body, str]] = [
    (
        example("subscription", discounts=[LISTED | {"percent": "100.01"}]),
        "discounts[0].percent: expected a percentage",
    ),
    (example("coupon", percent="250"), "percent: expected a percentage from 0 to 100, got '250'"),
    (
        example("subscription", discounts=[LISTED | {"percent": "-1"}]),
        "discounts[0].percent: expected an amount from 0",
    ),
    (
        example("subscription", discounts=[LISTED | {"percent": 5, "amount": 5}]),
        "discounts[0].amount: a discount takes",
    ),
    (example("subscription", discounts=[{"id": "d", "percent": 5}]), "discounts[0].duration: missing"),
    (example("customer_discount", currency=None), "discounts[0].currency: missing"),
    (example("discount", discount=LISTED | {"amount": 5}), "discount.currency: missing"),
    (example("coupon", months=None), "months: missing with 'repeating'"),
    (example("coupon", duration="once"), "months: unexpected with 'once'"),
    (example("coupon", percent=None), "percent: missing"),
    (example("payment", outcome="won"), "outcome: only a dispute is won"),
    (example("payment", amount="-1"), "amount: expected an amount from 0 to 10^10, got '-1'"),
    (example("payment", effective_at=None), "effective_at: missing: this fact needs the instant"),
    (example("checkout", currency=None), "currency: missing"),
    (example("rate", value="0"), "value: expected a positive rate"),
    (example("customer", attributes={"a": [1]}), "attributes.a: expected a text, a number or a truth value"),
    (example("subscription", items=[{"item": "i", "quantiy": 3}]), "items[0].quantiy: unknown field, expected one of"),
    (example("subscription", trial="x"), "trial: unknown field, expected one of version, key, extra, effective_at"),
    (example("subscription", pause=True), "pause: expected an object, got true"),
    (example("subscription", items="x"), 'items: expected a list, got "x"'),
    (example("subscription", has_more="yes"), 'has_more: expected true or false, got "yes"'),
    (example("invoice", status="written"), "status: expected one of draft, open, paid, void, uncollectible, deleted"),
    (example("usage", meter=""), 'meter: expected text, got ""'),
    (example("usage", quantity=1.5), "quantity: expected an amount as text, got 1.5"),
    (example("merge", into=None), "into: expected text, got null"),
    ({"fact": "price", "price": "p"}, "currency: missing"),
    ({"customer": "c"}, "fact: missing"),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_what_is_refused_names_its_place(body: Body, reason: str) -> None:
    assert refused(body).startswith(reason)


@pytest.mark.parametrize("version", [2, 0, "1", 1.5, True, []])
def test_another_version_is_refused_with_a_remedy_before_anything_else(version: Any) -> None:
    for body in (example("usage", version=version), {"fact": "engagement", "who": 5, "version": version}):
        reason = refused(body)
        assert reason.startswith("version: expected 1, got ")
        assert "upgrade mrr" in reason
        assert "docs/native.md" in reason


def test_what_is_no_json_is_refused() -> None:
    for body, reason in (
        (b"", "empty"),
        (b"{", "truncated JSON"),
        (b"\xff", "malformed JSON"),
        (b'{"a":' * 9999, "nested"),
    ):
        with pytest.raises(DecodeError, match=reason):
            native.decode(body, SEEN)


def test_a_byte_order_mark_is_no_part_of_a_fact() -> None:
    body = b"\xef\xbb\xbf" + json.dumps(example("product")).encode() + b" \n"
    assert native.decode(body, SEEN)
    assert native.stamp(body, None).kind == "product"
