"""From a body to its fact: which reader belongs to which shape."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mrr.providers.native.billing as billing
import mrr.providers.native.envelope as envelope
import mrr.providers.native.offer as offer
import mrr.providers.native.people as people
import mrr.providers.native.reading as reading
import mrr.providers.native.shapes as shapes
from mrr.errors import DecodeError
from mrr.facts import Fact
from mrr.providers.native.subscription import subscription

READERS: Mapping[type[shapes.Fact], Callable[[Any, reading.Seen], Fact]] = {
    shapes.Subscription: subscription,
    shapes.Customer: people.customer,
    shapes.CustomerDiscount: offer.customer_discount,
    shapes.Product: offer.product,
    shapes.Price: offer.price,
    shapes.Coupon: offer.coupon,
    shapes.DiscountGiven: offer.discount_given,
    shapes.Invoice: billing.invoice,
    shapes.CreditNote: billing.credit_note,
    shapes.Payment: billing.payment,
    shapes.Payout: billing.payout,
    shapes.BalanceLine: billing.balance_line,
    shapes.Checkout: billing.checkout,
    shapes.Usage: billing.usage,
    shapes.Cost: billing.cost,
    shapes.Rate: billing.rate,
    shapes.Merge: people.merge,
    shapes.Continues: people.continues,
}


def decode(body: bytes, observed_at: int) -> Sequence[Fact]:
    """The fact that a body states, as observed at that instant (µs).

    Raises DecodeError with the path of the field from the root of the body and what is wrong with it.
    """
    told, time, place = envelope.opened(body)
    try:
        return [READERS[type(told)](told, reading.Seen(observed_at, time))]
    except DecodeError as error:
        raise reading.inside(place, error) from None
