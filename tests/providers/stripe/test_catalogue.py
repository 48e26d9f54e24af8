"""Prices, plans, products, coupons, discounts and customers."""

from decimal import Decimal
from typing import Any

import pytest

from mrr.facts import Coupon, Customer, CustomerDiscount, Discount, DiscountGiven, Fact, Offer, Price, Product
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe import decode

from .bodies import AT, START, event, facts, price

SEEN: dict[str, Any] = {"effective_at": AT, "observed_at": AT, "precision": "by"}
TOLD: dict[str, Any] = {"effective_at": AT, "observed_at": AT}
MONTHLY = Offer(product="prod_1", price="price_1", currency="USD", unit_amount=Decimal(20), interval="month")
COUPON = {"id": "half", "object": "coupon", "percent_off": 50, "duration": "repeating", "duration_in_months": 3}
GIVEN = {"id": "di_1", "object": "discount", "coupon": COUPON, "customer": "cus_1", "start": START}
HALF = Discount(
    discount="di_1", coupon="half", percent=Decimal(50), duration="repeating", starts_at=AT, scope="customer"
)


def customer(**fields: Any) -> dict[str, Any]:
    """A customer without any attribute."""
    return {"id": "cus_1", "object": "customer", "livemode": True, "metadata": {}, "discount": None, **fields}


def test_prices_and_plans() -> None:
    """The event's instant is when the catalogue learns it; bare objects when they were observed."""
    assert facts(event("price.created", price())) == [Price(**TOLD, price="price_1", offer=MONTHLY)]
    assert facts(price()) == [Price(**SEEN, price="price_1", offer=MONTHLY)]
    plan = {"id": "gold", "object": "plan", "currency": "eur", "amount": 900, "interval": "year", "interval_count": 2}
    yearly = Offer(price="gold", currency="EUR", unit_amount=Decimal(9), interval="year", interval_count=2)
    assert facts(event("plan.updated", plan)) == [Price(**TOLD, price="gold", offer=yearly)]


def test_products_and_coupons() -> None:
    """Deleting a coupon ends no discount, so the event says what it always said."""
    product = {"id": "prod_1", "object": "product", "name": "Pro"}
    assert facts(event("product.updated", product)) == [Product(**TOLD, product="prod_1", name="Pro")]
    half = Coupon(**TOLD, coupon="half", percent=Decimal(50), duration="repeating", months=3)
    assert facts(event("coupon.created", COUPON)) == facts(event("coupon.deleted", COUPON)) == [half]
    off = {"id": "ten", "object": "coupon", "amount_off": 1000, "currency": "jpy", "duration": "once"}
    scoped = {**off, "applies_to": {"products": ["prod_1", "prod_2"]}}
    ten = Coupon(**SEEN, coupon="ten", amount=Decimal(1000), currency="JPY", duration="once")
    assert facts(off) == [ten]
    assert facts(scoped)[0].products == ("prod_1", "prod_2")  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["price", "plan", "product", "coupon"])
def test_a_deleted_object_says_nothing(kind: str) -> None:
    """What was sold stays what it was."""
    body = f'{{"id": "x", "object": "{kind}", "deleted": true}}'.encode()
    assert decode(body, AT) == Irrelevant(f"deleted {kind}")


@pytest.mark.parametrize("verb", ["created", "updated"])
def test_a_customers_discount(verb: str) -> None:
    """It stands for itself, and is the customer's."""
    said = facts(event(f"customer.discount.{verb}", GIVEN))
    given = CustomerDiscount(**TOLD, customer="cus_1", discounts=(HALF,))
    assert said == [DiscountGiven(**TOLD, discount=HALF), given]


def test_a_customers_discount_ends() -> None:
    """By its event, or as the bare object that deleting it returns."""
    ended = [DiscountGiven(**TOLD, discount=HALF), CustomerDiscount(**TOLD, customer="cus_1")]
    assert facts(event("customer.discount.deleted", GIVEN)) == ended
    assert facts({**GIVEN, "deleted": True})[1] == CustomerDiscount(**SEEN, customer="cus_1")
    bare = {"object": "discount", "deleted": True, "customer": "cus_1"}
    assert facts(bare) == [CustomerDiscount(**SEEN, customer="cus_1")]


@pytest.mark.parametrize("owner", ["subscription", "subscription_item", "invoice", "invoice_item"])
def test_a_discount_of_something_else(owner: str) -> None:
    """What is a subscription's or a bill's is not the customer's as a whole."""
    said = facts(event("customer.discount.created", {**GIVEN, owner: "x_1"}))
    assert [type(fact) for fact in said] == [DiscountGiven]
    assert said[0].discount.scope == "subscription"  # type: ignore[attr-defined]
    assert said[0].discount.items == (("x_1",) if owner == "subscription_item" else ())  # type: ignore[attr-defined]


def test_attributes_of_a_customer() -> None:
    """Names as strings; metadata by its keys; the customer's own fields go before them; no e-mail."""
    body = customer(
        name="Acme",
        email="a@example.com",
        currency="eur",
        address={"country": "DE", "city": "Bonn"},
        metadata={"segment": "smb", "name": "other"},
        livemode=False,
    )
    own = {"name": "Acme", "country": "DE", "currency": "EUR", "segment": "smb", "test": "true"}
    assert facts(event("customer.created", body)) == [Customer(**TOLD, customer="cus_1", attributes=own)]


def test_attributes_that_went_away() -> None:
    """A metadata key that was there before and is not now has no value any more."""
    updated = event("customer.updated", customer(metadata={"a": "1"}), {"metadata": {"a": "0", "b": "2"}})
    assert facts(updated) == [Customer(**TOLD, customer="cus_1", attributes={"a": "1", "b": ""})]


def test_a_deleted_customer() -> None:
    """By its event, or as the stub that deleting it returns."""
    gone = {"deleted": "true"}
    assert facts(event("customer.deleted", customer())) == [Customer(**TOLD, customer="cus_1", attributes=gone)]
    stub = {"id": "cus_1", "object": "customer", "deleted": True}
    assert facts(stub) == [Customer(**SEEN, customer="cus_1", attributes=gone)]


def discount_said(body: dict[str, Any]) -> list[Fact]:
    """What a body of a customer says beside the attributes."""
    return facts(body)[1:]


def test_a_customer_snapshot_says_its_discount() -> None:
    """Where it has one; where an event says that it had one; and where a bare object shows none."""
    having = customer(discount=GIVEN)
    standing = [DiscountGiven(**TOLD, discount=HALF), CustomerDiscount(**TOLD, customer="cus_1", discounts=(HALF,))]
    none = [CustomerDiscount(**TOLD, customer="cus_1")]
    assert discount_said(event("customer.updated", having)) == standing
    assert discount_said(event("customer.updated", customer(), {"discount": GIVEN})) == none
    assert discount_said(event("customer.updated", customer(), {"name": "x"})) == []
    assert discount_said(customer()) == [CustomerDiscount(**SEEN, customer="cus_1")]
    unsaid = customer()
    del unsaid["discount"]
    assert discount_said(unsaid) == []
