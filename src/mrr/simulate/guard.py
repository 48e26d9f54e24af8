"""When an action is possible: one a day a customer, away from every boundary, on a subscription that stands firm."""

from collections.abc import Callable
from typing import Any

from mrr.simulate.catalogue import Price
from mrr.simulate.clock import DAY, HOUR
from mrr.simulate.life import Life
from mrr.simulate.state import Subscription

Action = Callable[..., bool]
_TRIES = 14
_CYCLES = {("month", 1): "month", ("month", 3): "quarter", ("year", 1): "year", ("week", 1): "week", ("day", 1): "day"}


def attempt(
    life: Life,
    one: Subscription,
    action: Action,
    arguments: tuple[Any, ...] = (),
    then: Any = None,
    tries: int = _TRIES,
) -> None:
    """Do an action when it is possible, at the earliest now, one a day a customer; afterwards plan `then(life)`."""
    if not one.alive or life.now > life.setting.ends_at - 2 * DAY:
        return
    if not life.touched_today() and life.clear(life.now) and action(life, one, *arguments):
        life.changed_day = life.now // DAY
    elif tries:
        wait = life.between(20 * HOUR, 50 * HOUR)
        life.plan(life.now + wait, attempt, one, action, arguments, then, tries - 1)
        return
    if then is not None:
        then(life)


def follow(life: Life, one: Subscription, action: Action, *arguments: Any) -> None:
    """A further action on the day of the one before it; left out if the moment does not allow it."""
    if one.alive and life.touched_today() and life.clear(life.now):
        action(life, one, *arguments)


def steady(one: Subscription) -> bool:
    """Active, paid, not about to end or change: open to any change."""
    face = one.face
    return (
        face.status == "active"
        and not face.paused
        and not one.busy
        and not one.carrying
        and face.cancel_at is None
        and face.schedule is None
    )


def alone(life: Life, one: Subscription) -> bool:
    """Steady, and the customer's only subscription."""
    return steady(one) and len(life.alive()) == 1


def full_price(life: Life, one: Subscription) -> bool:
    """Whether no coupon can bring the subscription to 0."""
    given = one.deductions if life.customer.discount is None else (*one.deductions, life.customer.discount)
    free = any(d.coupon.percent == 100 or d.coupon.id.startswith("NONPROFIT") for d in given)
    return not free and life.pays(one)


def morning(life: Life) -> bool:
    """Whether the rest of the UTC day leaves room for more."""
    return life.now % DAY < 15 * HOUR


def cycle_of(price: Price) -> str:
    """The name of a price's billing cycle in the catalogue."""
    return _CYCLES[price.interval, price.count]
