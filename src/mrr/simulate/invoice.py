"""An invoice of the simulated company: its lines, prorations to the second, discounts and totals, in minor units."""

from dataclasses import dataclass, field
from fractions import Fraction

from mrr.simulate.catalogue import MINOR, Coupon, Price
from mrr.simulate.exact import bill, half_away
from mrr.simulate.state import Discount, Face, Item, Subscription


@dataclass(slots=True, eq=False)
class InvoiceLine:
    """`amount` minor units for `quantity` of a price over a service period; `off`: (discount id, amount) taken off."""

    id: str
    item: str
    price: Price
    quantity: int
    amount: int
    period: tuple[int, int]
    proration: bool = False
    text: str = ""
    invoice_item: str | None = None
    off: list[tuple[str, int]] = field(default_factory=list)

    def net(self) -> int:
        """The amount less its discounts."""
        return self.amount - sum(amount for _, amount in self.off)


@dataclass(slots=True, eq=False)
class Invoice:
    """An invoice from draft to paid; `balance` is the customer's credit (negative) before it."""

    id: str
    number: str
    subscription: Subscription
    created: int
    reason: str
    period: tuple[int, int]
    lines: list[InvoiceLine]
    discounts: tuple[Discount, ...]
    balance: int
    intent: str
    status: str = "draft"
    attempts: int = 0
    charge: str | None = None
    finalized_at: int | None = None
    paid_at: int | None = None
    next_attempt_at: int | None = None
    failure: tuple[str, str, str] | None = None
    refunded: int = 0

    @property
    def subtotal(self) -> int:
        """The sum of the lines before discounts."""
        return sum(line.amount for line in self.lines)

    @property
    def total(self) -> int:
        """The sum of the lines after discounts; negative where more is credited than billed."""
        return sum(line.net() for line in self.lines)

    @property
    def due(self) -> int:
        """What is to be paid after the customer's credit."""
        return max(0, self.total + self.balance)

    @property
    def balance_after(self) -> int:
        """The customer's credit that is left (negative), 0 if none."""
        return min(0, self.total + self.balance)


def minor(price: Price, quantity: int, share: Fraction = Fraction(1)) -> int:
    """The amount for a share of an interval, rounded once to minor units."""
    return half_away(bill(price, quantity) * MINOR[price.currency] * share)


def remaining_share(face: Face, now: int) -> Fraction:
    """Which part of the current period is still to come, to the second."""
    starts_at, ends_at = face.period
    return Fraction(ends_at - now, ends_at - starts_at)


def changes(before: Face, after: Face) -> list[tuple[Item | None, Item | None]]:
    """Old and new of every item that changed."""
    old = {item.id: item for item in before.items}
    new = {item.id: item for item in after.items}
    pairs = [(old.get(key), new.get(key)) for key in (*old, *(key for key in new if key not in old))]
    return [(was, now) for was, now in pairs if was != now]


def take_off(lines: list[InvoiceLine], discounts: tuple[Discount, ...]) -> None:
    """Apply the discounts, in their order, to the lines that can be discounted."""
    open_lines = [line for line in lines if not line.proration and line.amount > 0]
    for discount in discounts:
        for line, amount in zip(open_lines, _shares(open_lines, discount.coupon), strict=True):
            if amount:
                line.off.append((discount.id, amount))


def _shares(lines: list[InvoiceLine], coupon: Coupon) -> list[int]:
    nets = [line.net() for line in lines]
    if coupon.percent is not None:
        return [half_away(Fraction(net * coupon.percent, 100)) for net in nets]
    total = sum(nets)
    left = off = min(total, coupon.amount or 0)
    shares = []
    for net in nets:
        share = off * net // total if total else 0
        shares.append(share)
        left -= share
    if shares:
        shares[-1] += left
    return shares
