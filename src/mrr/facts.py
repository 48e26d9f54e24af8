"""The facts: what is true of whom and when, in words that belong to no provider and to no policy."""

import hashlib
from decimal import Decimal
from typing import ClassVar, Literal

import msgspec

Status = Literal["trialing", "active", "past_due", "unpaid", "paused", "incomplete", "incomplete_expired", "canceled"]
Interval = Literal["day", "week", "month", "year"]
Change = Literal["created", "updated", "deleted"]
Duration = Literal["once", "repeating", "forever"]

ENDED: tuple[Status, ...] = ("canceled", "incomplete_expired")


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A piece of a fact. Amounts are exact decimals of the currency's major unit, instants µs since the epoch (UTC)."""


class Fact(Part, frozen=True, kw_only=True, tag_field="fact"):
    """What one entry says. `effective_at` None: it always held.

    Precision `by`: it was so when observed, since when is not known.
    """

    effective_at: int | None
    observed_at: int
    precision: Literal["exact", "by"] = "exact"

    SUBJECT: ClassVar[str] = ""

    @property
    def subject(self) -> str:
        """The id of what the fact speaks of, unique within its source and kind."""
        return str(getattr(self, self.SUBJECT))


class Tier(Part, frozen=True, kw_only=True):
    """One tier of a tiered price; `up_to` None is the last one."""

    up_to: int | None
    unit_amount: Decimal = Decimal(0)
    flat_amount: Decimal = Decimal(0)


class Offer(Part, frozen=True, kw_only=True):
    """What is sold and on which terms: product, price and scheme. None means: look it up in the catalogue by `price`.

    `package` and `package_up`: quantities are sold in packages of that size, rounded up or down.
    `interval` None together with `recurring` False is a one-time price.
    """

    product: str | None = None
    price: str | None = None
    currency: str | None = None
    unit_amount: Decimal | None = None
    tiers: tuple[Tier, ...] = ()
    tiers_mode: Literal["graduated", "volume"] | None = None
    package: int = 1
    package_up: bool = True
    interval: Interval | None = None
    interval_count: int = 1
    recurring: bool = True
    usage_type: Literal["licensed", "metered"] = "licensed"


class Item(Part, frozen=True, kw_only=True):
    """A line of a subscription. Its own billing period goes before the subscription's."""

    item: str
    offer: Offer
    quantity: int = 1
    period_starts_at: int | None = None
    period_ends_at: int | None = None


class Discount(Part, frozen=True, kw_only=True):
    """A discount as an object lists it. Without percent and amount it is a reference to `discount` or `coupon`.

    `items` and `products` restrict what it covers (empty: everything on the bill).
    """

    discount: str
    coupon: str | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None
    duration: Duration | None = None
    starts_at: int | None = None
    ends_at: int | None = None
    scope: Literal["subscription", "customer"] = "subscription"
    items: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


class Subscription(Fact, frozen=True, kw_only=True, tag="subscription"):
    """A snapshot of a subscription with the complete list of its items, unless `truncated`.

    `started_at` is the subscription's own start. `change` and `prior` order facts of one instant: `prior` is the
    `content_digest` of the state before this change, where the provider told what changed.
    """

    SUBJECT: ClassVar[str] = "subscription"

    subscription: str
    customer: str
    status: Status
    currency: str
    items: tuple[Item, ...] = ()
    truncated: bool = False
    discounts: tuple[Discount, ...] = ()
    started_at: int | None = None
    period_starts_at: int | None = None
    period_ends_at: int | None = None
    trial_ends_at: int | None = None
    paused: bool = False
    resumes_at: int | None = None
    cancel_at_period_end: bool = False
    cancel_at: int | None = None
    canceled_at: int | None = None
    ended_at: int | None = None
    involuntary: bool | None = None
    test: bool = False
    change: Change | None = None
    prior: str | None = None


class Price(Fact, frozen=True, kw_only=True, tag="price"):
    """Catalogue: what a price id stands for."""

    SUBJECT: ClassVar[str] = "price"

    price: str
    offer: Offer


class Product(Fact, frozen=True, kw_only=True, tag="product"):
    """Catalogue: the name of a product."""

    SUBJECT: ClassVar[str] = "product"

    product: str
    name: str | None = None


class Coupon(Fact, frozen=True, kw_only=True, tag="coupon"):
    """Catalogue: what a coupon takes off and for how long (`months` of a repeating one)."""

    SUBJECT: ClassVar[str] = "coupon"

    coupon: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None
    duration: Duration | None = None
    months: int | None = None
    products: tuple[str, ...] = ()


class DiscountGiven(Fact, frozen=True, kw_only=True, tag="discount"):
    """Catalogue: what a discount id stands for, where subscriptions list only ids."""

    SUBJECT: ClassVar[str] = "discount_id"

    discount: Discount

    @property
    def discount_id(self) -> str:
        """The id that subscriptions refer to."""
        return self.discount.discount


class CustomerDiscount(Fact, frozen=True, kw_only=True, tag="customer_discount"):
    """The discounts of a customer from `effective_at` on: they apply where a subscription lists none of its own."""

    SUBJECT: ClassVar[str] = "customer"

    customer: str
    discounts: tuple[Discount, ...] = ()


class Customer(Fact, frozen=True, kw_only=True, tag="customer"):
    """Attributes of a customer that hold from `effective_at` on; `test` is the attribute of test mode ("true")."""

    SUBJECT: ClassVar[str] = "customer"

    customer: str
    attributes: dict[str, str] = {}


class Merge(Fact, frozen=True, kw_only=True, tag="merge"):
    """An edit: customer `customer` is, and always was, customer `into`. Both are canonical ids (`source/id`)."""

    SUBJECT: ClassVar[str] = "customer"

    customer: str
    into: str


class Continues(Fact, frozen=True, kw_only=True, tag="continues"):
    """An edit: subscription `new` continues `old` from `effective_at` on. Both are canonical ids (`source/id`)."""

    SUBJECT: ClassVar[str] = "old"

    old: str
    new: str


class Rate(Fact, frozen=True, kw_only=True, tag="rate"):
    """One unit of `currency` is `numerator / denominator` of `base` on a local day (ISO date)."""

    SUBJECT: ClassVar[str] = "pair"

    day: str
    currency: str
    base: str
    numerator: int
    denominator: int

    @property
    def pair(self) -> str:
        """Currency and base."""
        return f"{self.currency}/{self.base}"


class InvoiceLine(Part, frozen=True, kw_only=True):
    """A line of an invoice; amounts are signed, before tax and before `discount_amount`; the period is half-open."""

    line: str
    amount: Decimal
    currency: str
    kind: Literal["subscription", "item"] = "item"
    subscription: str | None = None
    item: str | None = None
    price: str | None = None
    product: str | None = None
    quantity: int | None = None
    proration: bool = False
    recurring: bool | None = None
    discount_amount: Decimal = Decimal(0)
    tax_amount: Decimal = Decimal(0)
    starts_at: int | None = None
    ends_at: int | None = None


class Invoice(Fact, frozen=True, kw_only=True, tag="invoice"):
    """A snapshot of an invoice with its lines, or of a credit note (then `invoice` is what it corrects).

    `payments` are the ids of what pays it; an attempt is meant by its own id or by its `of_payment`.
    """

    SUBJECT: ClassVar[str] = "document"

    document: str
    invoice: str | None = None
    customer: str | None = None
    subscription: str | None = None
    status: str
    currency: str
    total: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    reason: str | None = None
    credit_note: bool = False
    finalised_at: int | None = None
    lines: tuple[InvoiceLine, ...] = ()
    truncated: bool = False
    payments: tuple[str, ...] = ()


class Payment(Fact, frozen=True, kw_only=True, tag="payment"):
    """A payment attempt, a refund or a dispute, by `kind`; `outcome` is the provider-neutral result.

    `card_expires` is the last month (`2027-04`) of the card that was tried.
    """

    SUBJECT: ClassVar[str] = "payment"

    payment: str
    kind: Literal["attempt", "refund", "dispute"]
    outcome: Literal["succeeded", "failed", "pending", "canceled", "won", "lost"]
    customer: str | None = None
    invoice: str | None = None
    of_payment: str | None = None
    amount: Decimal = Decimal(0)
    currency: str = ""
    failure_code: str | None = None
    retry: int | None = None
    card_expires: str | None = None


class Checkout(Fact, frozen=True, kw_only=True, tag="checkout"):
    """A checkout that was started, completed or expired."""

    SUBJECT: ClassVar[str] = "checkout"

    checkout: str
    outcome: Literal["started", "completed", "expired"]
    customer: str | None = None
    subscription: str | None = None
    amount: Decimal | None = None
    currency: str | None = None


class Usage(Fact, frozen=True, kw_only=True, tag="usage"):
    """A quantity of `meter` that a customer used, told for the instant `effective_at` (the start of what it covers)."""

    SUBJECT: ClassVar[str] = "usage"

    usage: str
    customer: str
    meter: str
    quantity: Decimal
    subscription: str | None = None
    item: str | None = None


class Cost(Fact, frozen=True, kw_only=True, tag="cost"):
    """What a service cost on the day that begins at `effective_at`; of one customer, where it was told apart."""

    SUBJECT: ClassVar[str] = "cost"

    cost: str
    service: str
    amount: Decimal
    currency: str
    customer: str | None = None


class Edit(Fact, frozen=True, kw_only=True, tag="edit"):
    """What a person said of the book itself, with author and reason, when observed.

    It is of an entry (by seq), or `of` a customer or subscription and, where it joins two, `to` another from `at` on.
    """

    SUBJECT: ClassVar[str] = "verb"

    verb: Literal["exclude", "include", "merge", "continue", "correct", "decide", "revert"]
    author: str
    reason: str
    entry: int | None = None
    of: str | None = None
    to: str | None = None
    at: int | None = None
    changes: dict[str, str] = {}


class Restated(Fact, frozen=True, kw_only=True, tag="restated"):
    """An edit: a fact in place of what an entry of `source` told."""

    SUBJECT: ClassVar[str] = "source"

    source: str
    told: Fact


_canonical = msgspec.json.Encoder(order="deterministic", decimal_format="string")


def exact(text: str | int | Decimal) -> Decimal:
    """An amount in its one normal form, so that equal amounts have equal bytes: 10, not 10.00 and not 1E+1."""
    number = Decimal(text)
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) if number == whole else number.normalize()


def canonical(fact: Fact | Part) -> bytes:
    """The canonical JSON of a fact: keys sorted, amounts as strings in the form of `exact`."""
    return _canonical.encode(fact)


def fact_digest(fact: Fact) -> bytes:
    """SHA-256 of the canonical JSON: the identity of a fact."""
    return hashlib.sha256(canonical(fact)).digest()


def content_digest(fact: Fact) -> str:
    """SHA-256 (hex) of what a fact says of its subject, apart from when and how it was learned."""
    ordering = {"change": None, "prior": None} if isinstance(fact, Subscription) else {}
    timeless: Fact = msgspec.structs.replace(fact, effective_at=None, observed_at=0, precision="exact", **ordering)
    return hashlib.sha256(canonical(timeless)).hexdigest()
