"""What is true of a simulated customer and of a subscription at one moment."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from mrr.simulate.catalogue import Coupon, Price
from mrr.simulate.exact import Terms

if TYPE_CHECKING:
    from mrr.simulate.shapes import Shape

Body = dict[str, Any]

ALIVE = ("trialing", "active", "past_due", "unpaid", "incomplete", "paused")


class Item(NamedTuple):
    """One line of a subscription: a price and how many of it."""

    id: str
    created: int
    price: Price
    quantity: int


@dataclass(frozen=True, slots=True, eq=False)
class Discount:
    """A coupon given to a subscription or, with `subscription` None, to a customer; `ends_at` None is for ever."""

    id: str
    coupon: Coupon
    customer: str
    subscription: str | None
    starts_at: int
    ends_at: int | None


class Face(NamedTuple):
    """All that Stripe shows of a subscription and that can change; an older face gives the previous attributes."""

    status: str
    items: tuple[Item, ...]
    period: tuple[int, int]
    anchor: int
    discounts: tuple[Discount, ...] = ()
    trial: tuple[int, int] | None = None
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    reason: str | None = None
    feedback: str | None = None
    paused: bool = False
    resumes_at: int | None = None
    schedule: str | None = None
    latest_invoice: str | None = None


@dataclass(slots=True, eq=False)
class Subscription:
    """A subscription: `face` is what is true now, `shown` what its last event said, `deductions` what lowers its bills.

    A deduction outlives the discount that Stripe shows: it holds to the end of the last period that starts before
    its own end.
    """

    id: str
    customer: str
    created: int
    currency: str
    metadata: dict[str, str]
    payment_method: str
    face: Face
    shown: Face | None = None
    body: Body | None = None
    shape: "Shape | None" = None
    fixed: Body | None = None
    fixed_by: "Shape | None" = None
    deductions: tuple[Discount, ...] = ()
    notes: list[tuple[int, Terms]] = field(default_factory=list)
    period: int = 0
    busy: bool = False
    carrying: bool = False
    phase: tuple[Price, int] | None = None
    fate: str | None = None
    doomed: bool = False
    cardless: bool = False

    @property
    def price(self) -> Price:
        """The price of the first item: the plan itself, before add-ons."""
        return self.face.items[0].price

    @property
    def alive(self) -> bool:
        """Whether it can still be changed."""
        return self.face.status in ALIVE

    @property
    def counted(self) -> bool:
        """Whether it counts as recurring revenue under the policy `standard`."""
        return self.face.status in ("active", "past_due") and not self.face.paused

    def finite(self) -> bool:
        """Whether a deduction with an end is in force, or dropped by Stripe and still carried to the period's end."""
        return any(one.ends_at is not None for one in self.deductions)


@dataclass(slots=True, eq=False)
class Customer:
    """A customer: `discount` is the customer-level one, `billed` whether a first bill has fixed the currency."""

    id: str
    created: int
    name: str
    email: str
    currency: str
    address: dict[str, str | None]
    metadata: dict[str, str]
    payment_method: str
    invoice_prefix: str
    discount: Discount | None = None
    billed: bool = False
    delinquent: bool = False
