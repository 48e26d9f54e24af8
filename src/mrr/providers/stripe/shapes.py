"""The shapes of Stripe's subscriptions, catalogue and customers: the fields that are read, in every API version."""

from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

# Epoch seconds of the years 1970 to 9998; what lies beyond is milliseconds or a mistake.
LAST_SECOND = 253_370_764_799
Instant = Annotated[int, Meta(ge=0, le=LAST_SECOND)]
# Eighteen digits are the most that 64 bits hold of any number.
Count = Annotated[int, Meta(ge=0, lt=10**18)]
Positive = Annotated[int, Meta(ge=1, lt=2**31)]
Id = Annotated[str, Meta(min_length=1)]

Interval = Literal["day", "week", "month", "year"]
TiersMode = Literal["graduated", "volume"]
UsageType = Literal["licensed", "metered"]
Duration = Literal["once", "repeating", "forever"]
Status = Literal["trialing", "active", "past_due", "unpaid", "paused", "incomplete", "incomplete_expired", "canceled"]


class Shape(msgspec.Struct, gc=False):
    """A JSON object as Stripe sends it; unknown fields are ignored."""


class Reference(Shape):
    """An object where only its id matters."""

    id: Id


class Product(Shape):
    """A product; deleted ones come as id and `deleted` alone."""

    id: Id
    name: str | None = None
    deleted: bool = False


class Tier(Shape):
    """A tier of a price, amounts in minor units; `*_decimal` has up to 12 places."""

    up_to: Positive | None = None
    unit_amount: int | None = None
    unit_amount_decimal: str | None = None
    flat_amount: int | None = None
    flat_amount_decimal: str | None = None


class Packages(Shape):
    """`transform_quantity` of a price, `transform_usage` of a plan."""

    divide_by: Positive
    round: Literal["up", "down"] = "up"


class Recurring(Shape):
    """What makes a price recurring."""

    interval: Interval
    interval_count: Positive | None = None
    usage_type: UsageType | None = None


class CurrencyOption(Shape):
    """What a price costs in another of its currencies."""

    unit_amount: int | None = None
    unit_amount_decimal: str | None = None
    tiers: list[Tier] | None = None


class Price(Shape):
    """A price (API 2020-08-27 and later, and as an addition before)."""

    id: Id
    currency: str | None = None
    product: str | Product | None = None
    recurring: Recurring | None = None
    unit_amount: int | None = None
    unit_amount_decimal: str | None = None
    tiers: list[Tier] | None = None
    tiers_mode: TiersMode | None = None
    transform_quantity: Packages | None = None
    currency_options: dict[str, Raw] | None = None
    deleted: bool = False


class Plan(Shape):
    """A plan: the older form of a recurring price."""

    id: Id
    currency: str | None = None
    product: str | Product | None = None
    interval: Interval | None = None
    interval_count: Positive | None = None
    usage_type: UsageType | None = None
    amount: int | None = None
    amount_decimal: str | None = None
    tiers: list[Tier] | None = None
    tiers_mode: TiersMode | None = None
    transform_usage: Packages | None = None
    deleted: bool = False


class AppliesTo(Shape):
    """The products that a coupon is restricted to; present only where expanded."""

    products: list[str] | None = None


class Coupon(Shape):
    """A coupon; `amount_off` in minor units of `currency`, `percent_off` from 0 to 100."""

    id: Id
    percent_off: Decimal | None = None
    amount_off: Count | None = None
    currency: str | None = None
    duration: Duration | None = None
    duration_in_months: Positive | None = None
    applies_to: AppliesTo | None = None
    deleted: bool = False


class DiscountSource(Shape):
    """Where the coupon is from API 2025-09-30.clover on."""

    coupon: str | Coupon | None = None


class Discount(Shape):
    """A discount; before API 2020-08-27 it has no id."""

    id: str | None = None
    coupon: str | Coupon | None = None
    source: DiscountSource | None = None
    start: Instant | None = None
    end: Instant | None = None
    customer: str | Reference | None = None
    subscription: str | Reference | None = None
    subscription_item: str | Reference | None = None
    invoice: str | Reference | None = None
    invoice_item: str | Reference | None = None
    deleted: bool = False


class SubscriptionItem(Shape):
    """An item of a subscription; its own period from API 2024-12-18.acacia on."""

    id: Id
    price: str | Price | None = None
    plan: str | Plan | None = None
    quantity: Count | None = None
    current_period_start: Instant | None = None
    current_period_end: Instant | None = None
    discounts: list[str | Discount] | None = None


class SubscriptionItems(Shape):
    """The list of items; `has_more` says that it is not complete."""

    elements: list[SubscriptionItem] = msgspec.field(name="data")
    has_more: bool = False


class PauseCollection(Shape):
    """Collection is paused while this is present."""

    resumes_at: Instant | None = None


class CancellationDetails(Shape):
    """Why a subscription ends."""

    reason: str | None = None


class Subscription(Shape):
    """A subscription; the period is on it up to API 2025-02-24.acacia, then only on its items."""

    id: Id
    status: Status
    customer: Id | Reference
    items: SubscriptionItems
    currency: str | None = None
    discounts: list[str | Discount] | None = None
    discount: Discount | None = None
    start_date: Instant | None = None
    created: Instant | None = None
    start: Instant | None = None
    current_period_start: Instant | None = None
    current_period_end: Instant | None = None
    trial_end: Instant | None = None
    pause_collection: PauseCollection | None = None
    cancel_at_period_end: bool | None = None
    cancel_at: Instant | None = None
    canceled_at: Instant | None = None
    ended_at: Instant | None = None
    cancellation_details: CancellationDetails | None = None
    livemode: bool | None = None


class Address(Shape):
    """Of a customer's address only the country is read."""

    country: str | None = None


class Customer(Shape):
    """A customer; personal data (e-mail, phone, street) is not read."""

    id: Id
    name: str | None = None
    address: Address | None = None
    currency: str | None = None
    metadata: dict[str, str] | None = None
    livemode: bool | None = None
    discount: Discount | UnsetType | None = UNSET
    deleted: bool = False
