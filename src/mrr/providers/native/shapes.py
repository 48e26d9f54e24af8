"""The shapes of native facts, version 1: which fields each one has and of which type. `schema-1.json` says the same.

The descriptions of types are what errors say was expected. Optional fields may be null, which is leaving them out.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Union, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

VERSION = 1

Text = Annotated[str, Meta(min_length=1, description="text")]
Instant = Annotated[str, Meta(description="a date or an instant as text")]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", description="a day such as 2026-10-31")]
Currency = Annotated[str, Meta(description="a currency as text")]
# A JSON number with a point may have lost digits before it came here.
Amount = Annotated[str | int, Meta(description="an amount as text")]
Truth = Annotated[bool, Meta(description="true or false")]
Count = Annotated[int, Meta(ge=0, le=10**9, description="a whole number from 0 to 10^9")]
Positive = Annotated[int, Meta(ge=1, le=10**9, description="a whole number from 1 to 10^9")]
Period = Annotated[tuple[Instant | None, Instant | None], Meta(description="two instants")]

Status = Literal["trialing", "active", "past_due", "unpaid", "paused", "incomplete", "incomplete_expired", "canceled"]
Interval = Literal["day", "week", "month", "year"]
TiersMode = Literal["graduated", "volume"]
Duration = Literal["once", "repeating", "forever"]


class Shape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A JSON object of known fields: a misspelt one must not pass for one left out."""


class Fact(Shape, kw_only=True, tag_field="fact"):
    """What every fact may say of itself. `key` names the entry; `extra` is the sender's own and never read."""

    version: Literal[1] | None = None
    key: Text | None = None
    extra: Raw = Raw(b"null")


class Dated(Fact, kw_only=True):
    """A fact that holds from an instant on; where it names none, it always held."""

    NEEDS_INSTANT: ClassVar[bool] = False

    effective_at: Instant | None = None
    precision: Literal["exact", "by"] | None = None


class Happening(Dated, kw_only=True):
    """A fact that needs its instant, its own or that of its envelope."""

    NEEDS_INSTANT: ClassVar[bool] = True


class Tier(Shape, kw_only=True):
    """A tier of a price; without `up_to` it is the last one."""

    up_to: Count | None = None
    unit_amount: Amount | None = None
    flat_amount: Amount | None = None


class Item(Shape, kw_only=True):
    """An item of a subscription. What it leaves out of its offer is looked up by `price`."""

    item: Text
    quantity: Count | None = None
    period: Period | None = None
    product: Text | None = None
    price: Text | None = None
    currency: Currency | None = None
    unit_amount: Amount | None = None
    tiers: list[Tier] | None = None
    tiers_mode: TiersMode | None = None
    interval: Interval | None = None
    interval_count: Positive | None = None
    usage_type: Literal["licensed", "metered"] | None = None


class Discount(Shape, kw_only=True):
    """A discount as it is listed: with its terms, or as a reference to what `id` or `coupon` stands for."""

    id: Text
    coupon: Text | None = None
    percent: Amount | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    duration: Duration | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    scope: Literal["subscription", "customer"] | None = None
    items: list[Text] | None = None
    products: list[Text] | None = None


class Pause(Shape, kw_only=True):
    """Present while a subscription is paused."""

    resumes_at: Instant | None = None


class Changing(Happening, kw_only=True):
    """What can change of a subscription."""

    customer: Text
    status: Status
    currency: Currency
    items: list[Item]
    has_more: Truth | None = None
    discounts: list[Discount] | None = None
    started_at: Instant | None = None
    period: Period | None = None
    trial_ends_at: Instant | None = None
    pause: Pause | None = None
    cancel_at_period_end: Truth | None = None
    cancel_at: Instant | None = None
    canceled_at: Instant | None = None
    ended_at: Instant | None = None
    involuntary: Truth | None = None


if TYPE_CHECKING:

    class Before(Shape):
        """The former values of some of the fields of `Changing`."""

else:
    _TYPES = get_type_hints(Changing, include_extras=True)
    _FORMER = [(name, _TYPES[name] | UnsetType, UNSET) for name in Changing.__annotations__]
    Before = msgspec.defstruct("Before", _FORMER, bases=(Shape,), kw_only=True, forbid_unknown_fields=True, gc=False)


class Subscription(Changing, kw_only=True, tag="subscription"):
    """A snapshot of a subscription. `previous` holds the former values of what this change changed."""

    subscription: Text
    change: Literal["created", "updated", "deleted"] | None = None
    previous: Before | None = None


class Customer(Dated, kw_only=True, tag="customer"):
    """Attributes of a customer."""

    customer: Text
    attributes: dict[str, Any] | None = None


class CustomerDiscount(Dated, kw_only=True, tag="customer_discount"):
    """The discounts of a customer, all of them."""

    customer: Text
    discounts: list[Discount]
    currency: Currency | None = None


class Product(Dated, kw_only=True, tag="product"):
    """The name of a product."""

    product: Text
    name: Text | None = None


class Price(Dated, kw_only=True, tag="price"):
    """What a price id stands for; without `interval` it is paid once."""

    price: Text
    currency: Currency
    product: Text | None = None
    unit_amount: Amount | None = None
    tiers: list[Tier] | None = None
    tiers_mode: TiersMode | None = None
    interval: Interval | None = None
    interval_count: Positive | None = None
    usage_type: Literal["licensed", "metered"] | None = None


class Coupon(Dated, kw_only=True, tag="coupon"):
    """What a coupon takes off, and for how long."""

    coupon: Text
    duration: Duration
    percent: Amount | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    months: Positive | None = None
    products: list[Text] | None = None


class DiscountGiven(Dated, kw_only=True, tag="discount"):
    """What a discount id stands for, where subscriptions list only ids."""

    discount: Discount


class InvoiceLine(Shape, kw_only=True):
    """A line of an invoice or a credit note; `amount` is signed, before tax and after discounts."""

    line: Text
    amount: Amount
    currency: Currency | None = None
    kind: Literal["subscription", "item"] | None = None
    subscription: Text | None = None
    item: Text | None = None
    price: Text | None = None
    product: Text | None = None
    quantity: Count | None = None
    proration: Truth | None = None
    recurring: Truth | None = None
    discount_amount: Amount | None = None
    tax_amount: Amount | None = None
    period: Period | None = None


class Invoice(Happening, kw_only=True, tag="invoice"):
    """A snapshot of an invoice."""

    invoice: Text
    status: Literal["draft", "open", "paid", "void", "uncollectible", "deleted"]
    currency: Currency
    customer: Text | None = None
    subscription: Text | None = None
    total: Amount | None = None
    paid: Amount | None = None
    reason: Text | None = None
    finalised_at: Instant | None = None
    lines: list[InvoiceLine] | None = None
    has_more: Truth | None = None
    payments: list[Text] | None = None


class CreditNote(Happening, kw_only=True, tag="credit_note"):
    """A snapshot of a credit note; what it takes back is negative."""

    credit_note: Text
    status: Literal["issued", "void"]
    currency: Currency
    invoice: Text | None = None
    customer: Text | None = None
    total: Amount | None = None
    reason: Text | None = None
    finalised_at: Instant | None = None
    lines: list[InvoiceLine] | None = None
    has_more: Truth | None = None


class Payment(Happening, kw_only=True, tag="payment"):
    """A payment attempt, a refund or a dispute."""

    payment: Text
    kind: Literal["attempt", "refund", "dispute"]
    outcome: Literal["succeeded", "failed", "pending", "canceled", "won", "lost"]
    amount: Amount
    currency: Currency
    customer: Text | None = None
    invoice: Text | None = None
    of_payment: Text | None = None
    failure_code: Text | None = None
    retry: Count | None = None


class Payout(Happening, kw_only=True, tag="payout"):
    """Money that was sent from the provider's balance to the bank."""

    payout: Text
    outcome: Literal["pending", "paid", "failed", "canceled"]
    amount: Amount
    currency: Currency
    sent_at: Instant | None = None
    failure_code: Text | None = None


class BalanceLine(Happening, kw_only=True, tag="balance_line"):
    """What something came to in the provider's balance; `amount` is signed and before `fee`."""

    line: Text
    kind: Literal["charge", "refund", "dispute", "fee", "payout", "other"]
    amount: Amount
    currency: Currency
    fee: Amount | None = None
    of: Text | None = None
    available_at: Instant | None = None
    payout: Text | None = None


class Checkout(Happening, kw_only=True, tag="checkout"):
    """A checkout that was started, completed or expired."""

    checkout: Text
    outcome: Literal["started", "completed", "expired"]
    customer: Text | None = None
    subscription: Text | None = None
    amount: Amount | None = None
    currency: Currency | None = None


class Usage(Happening, kw_only=True, tag="usage"):
    """What a customer used of something that is metered."""

    usage: Text
    customer: Text
    meter: Text
    quantity: Amount
    subscription: Text | None = None
    item: Text | None = None


class Cost(Happening, kw_only=True, tag="cost"):
    """What a service cost on a day."""

    cost: Text
    service: Text
    amount: Amount
    currency: Currency
    customer: Text | None = None


class Rate(Fact, kw_only=True, tag="rate"):
    """What one unit of `currency` is worth in `base` on a day."""

    day: Day
    currency: Currency
    base: Currency
    value: Amount


class Merge(Fact, kw_only=True, tag="merge"):
    """An edit: one customer is, and always was, another."""

    from_: Text = msgspec.field(name="from")
    into: Text


class Continues(Fact, kw_only=True, tag="continues"):
    """An edit: a subscription takes the place of another from an instant on."""

    old: Text
    new: Text
    at: Instant


KINDS: tuple[type[Fact], ...] = (
    *(Subscription, Customer, CustomerDiscount, Product, Price, Coupon, DiscountGiven),
    *(Invoice, CreditNote, Payment, Payout, BalanceLine, Checkout, Usage, Cost, Rate, Merge, Continues),
)
NAMES: dict[str, type[Fact]] = {str(kind.__struct_config__.tag): kind for kind in KINDS}
ANY: Any = Union[KINDS]  # noqa: UP007
