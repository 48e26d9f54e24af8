"""What a subscription says in shapes that no recording shows: authored bodies."""

from decimal import Decimal
from typing import Any

import pytest

from mrr.facts import Discount, DiscountGiven, Item, Offer, Price, Product, Tier

from .bodies import AT, MONTH, START, event, facts, item, price, snapshot, subscription

MONTHLY = Offer(product="prod_1", price="price_1", currency="USD", unit_amount=Decimal(20), interval="month")


def offer(**fields: Any) -> Offer:
    """The offer of a subscription to one item of that price."""
    return snapshot(subscription(item(price=price(**fields)), currency=fields.get("currency", "usd"))).items[0].offer


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("created", "created"),
        ("updated", "updated"),
        ("deleted", "deleted"),
        ("paused", "updated"),
        ("resumed", "updated"),
        ("trial_will_end", "updated"),
        ("pending_update_applied", "updated"),
        ("pending_update_expired", "updated"),
    ],
)
def test_an_event_dates_its_snapshot(kind: str, change: str) -> None:
    """The provider's own instant, exactly; every event of a subscription is a snapshot of it."""
    said = snapshot(event(f"customer.subscription.{kind}", subscription(), created=START + 5))
    assert (said.effective_at, said.observed_at, said.precision) == (AT + 5_000_000, AT + 5_000_000, "exact")
    assert (said.change, said.prior, said.test) == (change, None, False)


@pytest.mark.parametrize(
    ("currency", "minor", "major"),
    [
        ("usd", "2000", "20"),
        ("usd", "0.05", "0.0005"),
        ("usd", "0.000000000001", "0.00000000000001"),
        ("usd", "2000.00", "20"),
        ("usd", "-0", "0"),
        ("jpy", "2000", "2000"),
        ("kwd", "2000", "2"),
        ("isk", "2000", "20"),
        ("ugx", "2000", "20"),
        ("mga", "2000", "2000"),
        ("huf", "2000", "20"),
        ("usd", "1000000000000", "10000000000"),
    ],
)
def test_minor_units(currency: str, minor: str, major: str) -> None:
    """Stripe's minor units as exact major units in one form."""
    found = offer(currency=currency, unit_amount=None, unit_amount_decimal=minor).unit_amount
    assert found is not None
    assert format(found, "f") == major
    assert found == 0 or found.as_tuple().digits[-1] != 0 or found.as_tuple().exponent == 0


def test_the_decimal_goes_before_the_integer() -> None:
    """`unit_amount` is rounded, or null, where the decimal has places."""
    assert offer(unit_amount=2000, unit_amount_decimal="1999.5").unit_amount == Decimal("19.995")
    assert offer(unit_amount=2000, unit_amount_decimal=None).unit_amount == Decimal(20)
    assert offer(unit_amount=None, unit_amount_decimal=None).unit_amount is None


def test_tiers() -> None:
    """Expanded tiers stand in the offer and in the catalogue; without them the catalogue is asked."""
    tiers = [
        {"up_to": 10, "unit_amount": 500, "flat_amount": None},
        {"up_to": None, "unit_amount_decimal": "0.5", "unit_amount": None, "flat_amount": 1000},
    ]
    tiered = price(unit_amount=None, unit_amount_decimal=None, tiers_mode="graduated", tiers=tiers)
    said = facts(subscription(item(price=tiered)))
    expected = (
        Tier(up_to=10, unit_amount=Decimal(5)),
        Tier(up_to=None, unit_amount=Decimal("0.005"), flat_amount=Decimal(10)),
    )
    whole = Offer(
        product="prod_1", price="price_1", currency="USD", tiers=expected, tiers_mode="graduated", interval="month"
    )
    assert said[0].items[0].offer == whole  # type: ignore[attr-defined]
    assert said[1:] == [Price(effective_at=AT, observed_at=AT, precision="by", price="price_1", offer=whole)]
    folded = offer(unit_amount=None, unit_amount_decimal=None, tiers_mode="volume")
    assert (folded.unit_amount, folded.tiers, folded.tiers_mode) == (None, (), "volume")


def test_terms_of_an_offer() -> None:
    """Interval, packages, usage and one-time prices."""
    weekly = offer(recurring={"interval": "week", "interval_count": 4, "usage_type": "metered"})
    assert (weekly.interval, weekly.interval_count, weekly.usage_type) == ("week", 4, "metered")
    packed = offer(transform_quantity={"divide_by": 10, "round": "down"})
    assert (packed.package, packed.package_up) == (10, False)
    once = offer(recurring=None)
    assert (once.recurring, once.interval) == (False, None)


def test_quantities() -> None:
    """No quantity is one of a licensed item, and none yet of a metered one."""
    metered = price(recurring={"interval": "month", "interval_count": 1, "usage_type": "metered"})
    said = snapshot(subscription(item(quantity=None), item(id="si_2", price=metered, quantity=None), item(quantity=0)))
    assert [each.quantity for each in said.items] == [1, 0, 0]


def test_plan_price_and_product() -> None:
    """The price goes before the plan; ids alone are references; an expanded product is a catalogue fact."""
    plan = {"id": "plan_1", "object": "plan", "currency": "usd", "amount": 900, "interval": "year", "product": "prod_2"}
    yearly = Offer(product="prod_2", price="plan_1", currency="USD", unit_amount=Decimal(9), interval="year")
    said = snapshot(
        subscription(
            item(plan=plan),
            item(id="si_2", price=None, plan=plan),
            item(id="si_3", price="price_9", plan=plan),
            item(id="si_4", price="price_9"),
        )
    )
    assert [each.offer for each in said.items] == [MONTHLY, yearly, yearly, Offer(price="price_9")]
    named = facts(subscription(item(price=price(product={"id": "prod_1", "object": "product", "name": "Pro"}))))
    assert named[1:] == [Product(effective_at=AT, observed_at=AT, precision="by", product="prod_1", name="Pro")]
    assert named[0].items[0].offer == MONTHLY  # type: ignore[attr-defined]


def test_periods() -> None:
    """The same period on subscription or items is the same fact; an item keeps its own where it differs."""
    both = {"current_period_start": START, "current_period_end": START + MONTH}
    none = {"current_period_start": None, "current_period_end": None}
    classic = snapshot(subscription())
    assert classic.period_ends_at == AT + MONTH * 1_000_000
    assert snapshot(subscription(item(**both))) == classic
    assert snapshot(subscription(item(**both), **none)) == classic
    yearly = {"current_period_start": START, "current_period_end": START + 366 * 86_400}
    mixed = snapshot(subscription(item(**both), item(id="si_2", **yearly), **none))
    assert (mixed.period_starts_at, mixed.period_ends_at) == (None, None)
    assert [each.period_ends_at for each in mixed.items] == [AT + MONTH * 1_000_000, AT + 366 * 86_400_000_000]
    backwards = {"current_period_start": START, "current_period_end": START}
    assert snapshot(subscription(item(**backwards), **none)).items[0] == Item(item="si_1", offer=MONTHLY)


def test_a_truncated_list_says_so() -> None:
    """`has_more` ends nothing, and its items do not speak for those that are not shown."""
    items = {
        "object": "list",
        "data": [item(current_period_start=START, current_period_end=START + 1)],
        "has_more": True,
    }
    said = snapshot(subscription(items=items, current_period_start=None, current_period_end=None))
    assert said.truncated
    assert said.period_ends_at is None


def test_who_when_and_how_it_ends() -> None:
    """Customer expanded or an id; start, trial, pause and end; why it ended."""
    said = snapshot(
        subscription(
            customer={"id": "cus_9", "object": "customer"},
            status="paused",
            start_date=None,
            created=START - 60,
            trial_end=START + 1,
            ended_at=START + 2,
            canceled_at=START + 3,
            cancellation_details={"reason": "payment_failed"},
            livemode=False,
        )
    )
    assert (said.customer, said.status, said.paused, said.resumes_at) == ("cus_9", "paused", True, None)
    assert (said.started_at, said.trial_ends_at) == (AT - 60_000_000, AT + 1_000_000)
    assert (said.ended_at, said.canceled_at, said.involuntary, said.test) == (
        AT + 2_000_000,
        AT + 3_000_000,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("reason", "involuntary"),
    [
        ("payment_disputed", True),
        ("cancellation_requested", False),
        (None, None),
        ("canceled_by_retention_policy", None),
    ],
)
def test_involuntary(reason: str | None, involuntary: bool | None) -> None:
    """Only what Stripe says outright."""
    assert snapshot(subscription(cancellation_details={"reason": reason})).involuntary is involuntary


def test_discounts_in_order() -> None:
    """Those of items first, confined to them, then the subscription's; ids are references; products restrict."""
    coupon = {"id": "half", "percent_off": 50.5, "duration": "repeating", "applies_to": {"products": ["prod_1"]}}
    given = {"id": "di_2", "coupon": coupon, "start": START, "end": START + 90, "subscription": "sub_1"}
    said = facts(subscription(item(discounts=["di_1"]), discounts=["di_3", given]))
    half = Discount(
        discount="di_2",
        coupon="half",
        percent=Decimal("50.5"),
        duration="repeating",
        starts_at=AT,
        ends_at=AT + 90_000_000,
        products=("prod_1",),
    )
    listed = (Discount(discount="di_1", items=("si_1",)), Discount(discount="di_3"), half)
    assert said[0].discounts == listed  # type: ignore[attr-defined]
    assert said[1:] == [DiscountGiven(effective_at=AT, observed_at=AT, precision="by", discount=half)]


def test_a_discount_without_an_id() -> None:
    """Before API 2020-08-27 a discount has none: coupon and start name it."""
    old = {"coupon": {"id": "half", "percent_off": 50, "duration": "forever"}, "start": START}
    (discount,) = snapshot(subscription(discount=old)).discounts
    assert (discount.discount, discount.percent, discount.scope) == (f"half@{START}", Decimal(50), "subscription")


def test_a_price_of_several_currencies() -> None:
    """Billed in another currency, the amount is that of the option; not expanded, it is unknown, not the default's."""
    euros = {"eur": {"unit_amount": 1800, "unit_amount_decimal": "1800"}, "usd": {"unit_amount": 2000}}
    billed = Offer(product="prod_1", price="price_1:eur", currency="EUR", unit_amount=Decimal(18), interval="month")
    shown = snapshot(subscription(item(price=price(currency_options=euros)), currency="eur"))
    assert shown.items[0].offer == billed
    hidden = snapshot(subscription(currency="eur")).items[0].offer
    assert (hidden.price, hidden.currency, hidden.unit_amount) == ("price_1:eur", "EUR", None)
    prices = facts(price(currency_options=euros))
    assert {fact.price: fact.offer for fact in prices} == {"price_1": MONTHLY, "price_1:eur": billed}  # type: ignore[attr-defined]


def test_items_name_the_currency_of_old_subscriptions() -> None:
    """Subscriptions had no currency of their own before API 2022-08-01."""
    assert snapshot(subscription(item(price=price(currency="gbp")), currency=None)).currency == "GBP"
