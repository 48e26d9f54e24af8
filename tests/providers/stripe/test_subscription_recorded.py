"""Golden facts of recorded subscriptions, one a shape and era; the expected values are read off the bodies by hand."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from mrr.facts import Discount, DiscountGiven, Item, Offer, Subscription

from .bodies import facts, step, when

SMALL = Offer(
    product="prod_EYTX7RYhRjcwKD", price="small-monthly", currency="USD", unit_amount=Decimal(25), interval="month"
)
DEFAULT = Offer(
    product="prod_EYTX7RYhRjcwKD", price="default", currency="USD", unit_amount=Decimal(10), interval="month"
)


def seconds(epoch: int) -> int:
    """µs of epoch seconds."""
    return epoch * 1_000_000


@dataclass(frozen=True)
class Golden:
    """A recorded body, by run and step, and what it says."""

    run: int
    step: int
    recorded_at: str
    says: dict[str, Any]


TEN_OFF: dict[str, Any] = {"coupon": "10BUCKS", "amount": Decimal(10), "currency": "USD", "duration": "forever"}

GOLDEN = {
    # `plan` alone, period on the subscription, no currency of its own, `start` beside `start_date`.
    "2019-08-14 plan": Golden(
        192,
        4,
        "Sat, 02 May 2020 03:22:18 GMT",
        {
            "subscription": "sub_HCb7HkmCd7xZPU",
            "customer": "cus_HCb7ALreCADwzd",
            "items": (Item(item="si_HCb7jvxYaxapgF", offer=SMALL, quantity=10),),
            "started_at": seconds(1588389736),
            "period_starts_at": seconds(1588389736),
            "period_ends_at": seconds(1591068136),
        },
    ),
    # `price` beside `plan`, `discount` as an object with its coupon.
    "2020-08-27 price, discount": Golden(
        162,
        3,
        "Thu, 28 Jul 2022 03:32:42 GMT",
        {
            "subscription": "sub_1LQNSmKXBGcbgpbZyOSohpOw",
            "customer": "cus_M8emFk7U2OIGRh",
            "items": (Item(item="si_M8em91xnfPQlSU", offer=SMALL),),
            "discounts": (Discount(discount="di_1LQNSmKXBGcbgpbZFsO4sHWs", starts_at=seconds(1658979159), **TEN_OFF),),
            "started_at": seconds(1658979159),
            "period_starts_at": seconds(1658979159),
            "period_ends_at": seconds(1661657559),
        },
    ),
    # A scheduled cancellation: three fields say it, and the reason.
    "2023-10-16 cancel at period end": Golden(
        129,
        5,
        "Tue, 27 Feb 2024 14:03:38 GMT",
        {
            "subscription": "sub_1OoRFqKXBGcbgpbZZDgkZQfq",
            "customer": "cus_Pdih9brqTTcCNE",
            "items": (Item(item="si_Pdihpyjo2uUNWN", offer=DEFAULT),),
            "started_at": seconds(1709042614),
            "period_starts_at": seconds(1709042614),
            "period_ends_at": seconds(1711548214),
            "cancel_at_period_end": True,
            "cancel_at": seconds(1711548214),
            "canceled_at": seconds(1709042617),
            "involuntary": False,
        },
    ),
    # `discounts` as ids beside `discount` as an object, periods on both.
    "2025-02-24.acacia discounts and discount": Golden(
        112,
        3,
        "Wed, 26 Mar 2025 19:58:01 GMT",
        {
            "subscription": "sub_1R705KKXBGcbgpbZ7k1hm9LR",
            "customer": "cus_S129cadrLAu71S",
            "items": (Item(item="si_S129126nBJ8Pmw", offer=SMALL),),
            "discounts": (Discount(discount="di_1R705KKXBGcbgpbZ4oM3FMNW", starts_at=seconds(1743019078), **TEN_OFF),),
            "started_at": seconds(1743019078),
            "period_starts_at": seconds(1743019078),
            "period_ends_at": seconds(1745697478),
        },
    ),
    # The period on the item alone; `discounts` expanded, its coupon an id below `source`.
    "2025-10-29.clover source.coupon": Golden(
        15,
        3,
        "Mon, 10 Nov 2025 18:27:23 GMT",
        {
            "subscription": "sub_1SRzoCKXBGcbgpbZDYbXPugg",
            "customer": "cus_TOnOcioLlQifd9",
            "items": (Item(item="si_TOnPebaBCsrZC0", offer=SMALL),),
            "discounts": (
                Discount(discount="di_1SRzoCKXBGcbgpbZFvreiDjk", coupon="10OFF", starts_at=seconds(1762799240)),
            ),
            "started_at": seconds(1762799240),
            "period_starts_at": seconds(1762799240),
            "period_ends_at": seconds(1765391240),
        },
    ),
    "2025-10-29.clover paused": Golden(
        10,
        8,
        "Mon, 10 Nov 2025 18:29:47 GMT",
        {
            "subscription": "sub_1SRzqaKXBGcbgpbZayOL8079",
            "customer": "cus_TOnRCmtCxfIJa0",
            "items": (Item(item="si_TOnR12FTAMFxPI", offer=SMALL),),
            "started_at": seconds(1762799388),
            "period_starts_at": seconds(1762799388),
            "period_ends_at": seconds(1765391388),
            "paused": True,
            "resumes_at": seconds(1765391387),
        },
    ),
    "2025-10-29.clover trialing": Golden(
        3,
        3,
        "Fri, 31 Oct 2025 18:15:17 GMT",
        {
            "subscription": "sub_1SOMr4KXBGcbgpbZnKDfiVUj",
            "customer": "cus_TL2wOKapdYV2oF",
            "status": "trialing",
            "items": (Item(item="si_TL2w7O68TulXaf", offer=DEFAULT),),
            "started_at": seconds(1761934518),
            "period_starts_at": seconds(1761934518),
            "period_ends_at": seconds(1763144118),
            "trial_ends_at": seconds(1763144118),
        },
    ),
    "2026-03-25.dahlia incomplete": Golden(
        14,
        3,
        "Mon, 30 Mar 2026 21:21:04 GMT",
        {
            "subscription": "sub_1TGnF3KXBGcbgpbZ9Jnx79C5",
            "customer": "cus_UFHo6401omwF5E",
            "status": "incomplete",
            "items": (Item(item="si_UFHo6hFKZVZiZb", offer=SMALL),),
            "started_at": seconds(1774905661),
            "period_starts_at": seconds(1774905661),
            "period_ends_at": seconds(1777584061),
        },
    ),
}


@pytest.mark.parametrize("golden", GOLDEN.values(), ids=GOLDEN.keys())
def test_a_recorded_subscription_says(golden: Golden) -> None:
    """An object as observed when it was recorded, in test mode."""
    at = when(golden.recorded_at)
    always: dict[str, Any] = {"status": "active", "currency": "USD", "test": True}
    found = facts(step(golden.run, golden.step), at)
    assert found[0] == Subscription(effective_at=at, observed_at=at, precision="by", **{**always, **golden.says})


def test_the_expanded_discount_is_told_apart() -> None:
    """What a discount id stands for is kept for the snapshots that list only ids."""
    at = when("Thu, 28 Jul 2022 03:32:42 GMT")
    given = Discount(discount="di_1LQNSmKXBGcbgpbZFsO4sHWs", starts_at=seconds(1658979159), **TEN_OFF)
    assert facts(step(162, 3), at)[1:] == [
        DiscountGiven(effective_at=at, observed_at=at, precision="by", discount=given)
    ]
