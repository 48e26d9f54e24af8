"""Every recorded body goes through; what is quarantined is on a list, with the reason."""

from collections import Counter
from collections.abc import Iterable

import pytest

from mrr.errors import DecodeError
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe import decode, stamp

from .bodies import Recorded, events, fixtures, objects, runs

Outcome = tuple[str, str]


def outcome(recorded: Recorded) -> Outcome:
    """The kind of a body, and the facts it says (or `-`, or `quarantined`)."""
    kind = stamp(recorded.body, recorded.observed_at).kind
    try:
        found = decode(recorded.body, recorded.observed_at)
    except DecodeError:
        return kind, "quarantined"
    if isinstance(found, Irrelevant):
        return kind, "-"
    return kind, "+".join(sorted(type(fact).__name__ for fact in found))


def quarantined(bodies: Iterable[Recorded]) -> list[tuple[str, str]]:
    """Place and reason of each body that cannot be read."""
    found = []
    for recorded in bodies:
        try:
            decode(recorded.body, recorded.observed_at)
        except DecodeError as error:
            found.append((recorded.place, str(error)))
    return found


def table(bodies: Iterable[Recorded]) -> Counter[Outcome]:
    """How many bodies of each kind had each outcome; irrelevant kinds together."""
    found = Counter(map(outcome, bodies))
    return Counter({key: count for key, count in found.items() if key[1] != "-"}) + Counter(
        {("irrelevant", "-"): sum(count for (_, said), count in found.items() if said == "-")}
    )


def test_the_runs() -> None:
    """199 runs of 14 API versions: 1,524 responses, of which four are errors of the API."""
    assert table(runs()) == {
        ("subscription", "Subscription"): 321,
        ("subscription", "DiscountGiven+Subscription"): 14,
        ("customer", "Customer+CustomerDiscount"): 429,
        ("invoice", "Invoice"): 51,
        ("credit_note", "Invoice"): 14,
        ("charge", "BalanceLine+Payment"): 151,
        ("charge", "Payment"): 63,
        ("payment_intent", "Payment"): 9,
        ("refund", "Payment"): 10,
        ("plan", "Price"): 3,
        ("irrelevant", "-"): 451,
        ("unreadable", "quarantined"): 4,
    }


def test_the_events() -> None:
    """164 webhook events, mostly of API 2020: every subscription, customer, price and invoice is read."""
    assert table(events()) == {
        ("customer.subscription.created", "Subscription"): 2,
        ("customer.subscription.updated", "Subscription"): 2,
        ("customer.subscription.deleted", "Subscription"): 2,
        ("customer.subscription.trial_will_end", "Subscription"): 1,
        ("customer.created", "Customer"): 2,
        ("customer.updated", "Customer"): 3,
        ("customer.deleted", "Customer"): 2,
        ("customer.discount.created", "CustomerDiscount+DiscountGiven"): 1,
        ("customer.discount.updated", "CustomerDiscount+DiscountGiven"): 1,
        ("customer.discount.deleted", "CustomerDiscount+DiscountGiven"): 1,
        ("plan.created", "Price"): 3,
        ("plan.updated", "Price"): 2,
        ("plan.deleted", "Price"): 1,
        ("price.created", "Price"): 2,
        ("price.updated", "Price"): 2,
        ("price.deleted", "Price"): 2,
        ("product.created", "Product"): 2,
        ("product.updated", "Product"): 2,
        ("product.deleted", "Product"): 2,
        ("coupon.created", "Coupon"): 1,
        ("coupon.deleted", "Coupon"): 1,
        ("invoice.created", "Invoice"): 1,
        ("invoice.deleted", "Invoice"): 1,
        ("invoice.finalized", "Invoice"): 2,
        ("invoice.paid", "Invoice"): 2,
        ("invoice.payment_action_required", "Invoice"): 1,
        ("invoice.payment_failed", "Invoice"): 1,
        ("invoice.payment_succeeded", "Invoice"): 1,
        ("invoice.updated", "Invoice"): 2,
        ("invoice.voided", "Invoice"): 1,
        ("credit_note.created", "Invoice"): 1,
        ("credit_note.updated", "Invoice"): 1,
        ("credit_note.voided", "Invoice"): 1,
        ("charge.captured", "Payment"): 2,
        ("charge.expired", "Payment"): 1,
        ("charge.failed", "Payment"): 2,
        ("charge.pending", "Payment"): 1,
        ("charge.refunded", "Payment+Payment"): 2,
        ("charge.succeeded", "Payment"): 2,
        ("charge.updated", "Payment"): 1,
        ("charge.refund.updated", "Payment"): 1,
        ("charge.dispute.created", "Payment"): 2,
        ("charge.dispute.updated", "Payment"): 1,
        ("charge.dispute.closed", "Payment"): 1,
        ("charge.dispute.funds_reinstated", "Payment"): 2,
        ("charge.dispute.funds_withdrawn", "Payment"): 2,
        ("payment_intent.amount_capturable_updated", "Payment"): 2,
        ("payment_intent.canceled", "Payment"): 2,
        ("payment_intent.created", "Payment"): 2,
        ("payment_intent.partially_funded", "Payment"): 1,
        ("payment_intent.payment_failed", "Payment"): 2,
        ("payment_intent.processing", "Payment"): 2,
        ("payment_intent.requires_action", "Payment"): 2,
        ("payment_intent.succeeded", "Payment"): 2,
        ("refund.created", "Payment"): 1,
        ("refund.updated", "Payment"): 1,
        ("refund.failed", "Payment"): 1,
        ("checkout.session.completed", "Checkout"): 4,
        ("payout.created", "Payout"): 1,
        ("payout.paid", "Payout"): 1,
        ("payout.updated", "Payout"): 1,
        ("irrelevant", "-"): 64,
        ("charge.updated", "quarantined"): 1,
        ("charge.dispute.updated", "quarantined"): 1,
        ("charge.dispute.closed", "quarantined"): 1,
    }
    assert sum(table(events()).values()) == 164


def test_the_objects() -> None:
    """29 bare objects, five of them lists of one kind or another."""
    assert table(objects()) == {
        ("subscription", "Subscription"): 2,
        ("customer", "Customer+CustomerDiscount"): 2,
        ("discount", "DiscountGiven"): 1,
        ("balance_transaction", "quarantined"): 12,
        ("irrelevant", "-"): 20,
        ("payment_intent", "quarantined"): 4,
    }


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        (runs, {"object: missing: neither an event nor an object of Stripe's API": 4}),
        (events, {"data.object.id: missing": 2, "data.object.status: missing": 1}),
        (objects, {"charges.data[0].amount: missing": 4, "amount: missing": 12}),
        (
            fixtures,
            {
                'discount.coupon.duration: expected one of the known values, got ""': 2,
                "data.object.id: missing": 1,
                "status: missing": 2,
            },
        ),
    ],
)
def test_what_is_quarantined_and_why(bodies, expected: dict[str, int]) -> None:  # type: ignore[no-untyped-def]
    """Errors of the API; skeletons without the fields that matter; shapes from before API 2019-08-14."""
    assert Counter(reason for _, reason in quarantined(bodies())) == expected


def test_fixtures_since_2019_are_all_read() -> None:
    """What the fixtures have in quarantine is older than API 2019-08-14."""
    assert {place for place, _ in quarantined(fixtures())} == {
        "2017-09-05 customer",
        "2017-09-05 event",
        "2017-09-05 invoice",
        "2017-09-05 subscription",
        "2018-06-08 invoice",
    }
