"""How an ordinary customer behaves: what it buys first and what it decides month by month."""

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

import mrr.simulate.actions as actions
import mrr.simulate.coupons as coupons
import mrr.simulate.guard as guard
from mrr.simulate.catalogue import ADD_ONS, Coupon, Price
from mrr.simulate.clock import DAY, HOUR
from mrr.simulate.life import Life
from mrr.simulate.people import change_attributes, pick
from mrr.simulate.state import Subscription

_FIRST_PLANS = ((32, "starter"), (66, "team"), (83, "business"), (90, "scale"), (95, "free"), (100, "contacts"))
_LADDER = ("free", "starter", "team", "business", "scale")


def first_price(life: Life) -> Price:
    """The plan and cycle that an ordinary customer starts with."""
    product = pick(life, _FIRST_PLANS)
    cycle = "year" if life.below(100) < 26 and product != "free" else "month"
    if product == "contacts" and life.customer.currency not in ("USD", "EUR"):
        product = "team"
    return life.setting.catalogue.price(product, life.customer.currency, cycle, life.now)


def first_quantity(life: Life, price: Price) -> int:
    """How many of it."""
    key = price.product.key
    if key == "contacts":
        return life.between(4, 60) * 500
    return life.between(5, 30) if key in ("business", "scale") else life.between(1, 15)


def first_coupons(life: Life) -> tuple[Coupon, ...]:
    """Every eighth has a coupon; one that takes everything is not for everybody."""
    if life.below(100) >= 12:
        return ()
    every = life.setting.catalogue.coupons_for[life.customer.currency]
    return (life.choice([c for c in every if c.percent != 100 and not c.id.startswith("NONPROFIT")]),)


def start(life: Life) -> None:
    """An ordinary first subscription, and the decisions that follow."""
    price = first_price(life)
    quantity = first_quantity(life, price)
    given = first_coupons(life)
    trial = 14 if life.below(100) < 38 and price.product.key != "free" else 0
    incomplete = not trial and price.product.key != "free" and life.below(100) < 4
    one = actions.subscribe(
        life, [(price, quantity)], trial_days=trial, coupons=given, status="incomplete" if incomplete else "active"
    )
    if incomplete:
        expires = life.below(3) == 0
        wait = 23 * HOUR if expires else life.between(0, 900)
        actions.fail_first_payment(life, one, wait, expires)
    if trial and life.below(100) < 28:
        plan_attempt(life, one, life.between(2, 12), actions.cancel_at_period_end)
    settle(life)


def settle(life: Life) -> None:
    """From now on the customer behaves like any other."""
    life.ended = after_end
    life.plan(life.now + life.between(20 * DAY, 70 * DAY), decide)


def plan_attempt(life: Life, one: Subscription, days: int, action: guard.Action, *arguments: object) -> None:
    """Try `action` some days from now, at any time of day."""
    life.plan(life.now + days * DAY + life.below(DAY), guard.attempt, one, action, arguments)


def after_end(life: Life, one: Subscription) -> None:
    """Every seventh who leaves comes back one day."""
    if life.below(7) == 0:
        life.plan(life.now + life.between(12 * DAY, 200 * DAY), come_back)


def come_back(life: Life) -> None:
    """A customer without a subscription takes a new one, without a trial."""
    if life.alive() or life.now > life.setting.ends_at - 2 * DAY:
        return
    price = first_price(life)
    actions.subscribe(life, [(price, first_quantity(life, price))])
    life.mark("returned_new_subscription")
    life.plan(life.now + life.between(20 * DAY, 70 * DAY), decide)


def decide(life: Life) -> None:
    """Every six weeks or so: most often nothing, else one of the things below."""
    alive = life.alive()
    if not alive or life.now > life.setting.ends_at - 3 * DAY:
        return
    drawn = life.below(1000)
    one = alive[life.below(len(alive))]
    place = bisect_right(_BELOW, drawn)
    if place < len(_CHOICES):
        _CHOICES[place][1](life, one)
    life.plan(life.now + life.between(20 * DAY, 70 * DAY), decide)


# The choices; each plans an attempt in the coming days.


def _soon(life: Life, one: Subscription, action: guard.Action, *arguments: object) -> None:
    plan_attempt(life, one, life.between(1, 5), action, *arguments)


def _leave(life: Life, one: Subscription) -> None:
    _soon(life, one, actions.cancel_at_period_end)


def _waver(life: Life, one: Subscription) -> None:
    _soon(life, one, actions.cancel_at_period_end)
    plan_attempt(life, one, 7 + life.below(5), actions.uncancel)


def _leave_now(life: Life, one: Subscription) -> None:
    _soon(life, one, actions.cancel_now)


def _leave_on(life: Life, one: Subscription) -> None:
    _soon(life, one, actions.cancel_at, life.between(3, 40))


def _move(life: Life, one: Subscription, step: int, mark: str) -> None:
    product = one.price.product.key
    if product not in _LADDER:
        return
    rung, cycle = _LADDER.index(product) + step, guard.cycle_of(one.price)
    if 0 < rung < len(_LADDER) and f"{_LADDER[rung]}-{cycle}-{one.currency.lower()}" in life.setting.catalogue.prices:
        price = life.setting.catalogue.price(_LADDER[rung], one.currency, cycle, life.now)
        _soon(life, one, actions.change_price, price, mark)


def _upgrade(life: Life, one: Subscription) -> None:
    _move(life, one, 1, "upgraded")


def _downgrade(life: Life, one: Subscription) -> None:
    _move(life, one, -1, "downgraded")


def _other_cycle(life: Life, one: Subscription) -> None:
    key = one.price.product.key
    cycle, mark = ("month", "year_to_month") if guard.cycle_of(one.price) == "year" else ("year", "month_to_year")
    if key == "free" or f"{key}-{cycle}-{one.currency.lower()}" not in life.setting.catalogue.prices:
        return
    _soon(life, one, actions.change_price, life.setting.catalogue.price(key, one.currency, cycle, life.now), mark)


def _grow(life: Life, one: Subscription) -> None:
    if one.price.product.unit_label:
        most = 4 if one.face.items[0].quantity < 400 else 4000
        _soon(life, one, actions.change_quantity, life.between(1, most + 1))


def _shrink(life: Life, one: Subscription) -> None:
    if one.price.product.unit_label:
        _soon(life, one, actions.change_quantity, -life.between(1, 3))


def _busy_day(life: Life, one: Subscription) -> None:
    if one.price.product.unit_label:
        _soon(life, one, actions.change_quantities, (life.between(2, 6), -1, life.between(1, 4)))


def _add(life: Life, one: Subscription) -> None:
    _soon(life, one, actions.add_item, life.choice(ADD_ONS), life.between(1, 3))


def _remove(life: Life, one: Subscription) -> None:
    _soon(life, one, actions.remove_item)


def _coupon(life: Life, one: Subscription) -> None:
    given = first_coupons(life)
    if given:
        _soon(life, one, coupons.apply_coupon, given[0].id)


def _lose_coupon(life: Life, one: Subscription) -> None:
    _soon(life, one, coupons.remove_coupon)


def _pause(life: Life, one: Subscription) -> None:
    if life.below(2):
        _soon(life, one, actions.pause, life.between(10, 70))
    else:
        _soon(life, one, actions.pause)
        plan_attempt(life, one, life.between(12, 70), actions.resume)


def _second(life: Life, one: Subscription) -> None:
    _soon(life, one, actions.second_subscription)


def _attributes(life: Life, one: Subscription) -> None:
    change_attributes(life)


def _raise(life: Life, one: Subscription) -> None:
    raised = life.setting.catalogue.raised(one.price)
    if raised is not None and life.now > raised.created:
        _soon(life, one, actions.change_price, raised, "price_raised")


# Of a thousand decisions.
_CHOICES: tuple[tuple[int, Callable[[Life, Subscription], None]], ...] = (
    (27, _leave),
    (4, _leave_now),
    (3, _leave_on),
    (9, _waver),
    (50, _upgrade),
    (13, _downgrade),
    (20, _other_cycle),
    (160, _grow),
    (50, _shrink),
    (12, _busy_day),
    (36, _add),
    (18, _remove),
    (45, _coupon),
    (12, _lose_coupon),
    (9, _pause),
    (8, _second),
    (33, _attributes),
    (90, _raise),
)
_BELOW = tuple(accumulate(share for share, _ in _CHOICES))
