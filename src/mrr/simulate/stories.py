"""Scripted lives: each lets one kind of thing happen for certain, then goes on like an ordinary customer."""

from dataclasses import dataclass
from typing import Any

import mrr.simulate.actions as actions
import mrr.simulate.coupons as coupons
import mrr.simulate.guard as guard
import mrr.simulate.nature as nature
from mrr.simulate.catalogue import Price
from mrr.simulate.clock import DAY, HOUR, MINUTE, day_of, first_of_month, midnight
from mrr.simulate.life import Life
from mrr.simulate.people import change_attributes, meet
from mrr.simulate.state import Subscription
from mrr.simulate.till import Till

# Days after the step before, the action, its arguments.
Step = tuple[int, guard.Action, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Story:
    """How a life begins and the steps that follow; `outcome` is how the first renewal's payment fails.

    `cardless` pauses it at the trial's end. `undone` ends it within the day it began; the customer then returns as a
    new one. `eve` lets the first subscription begin, and its periods end, in the last minute of a `day` or of a
    `month`, or at the `first` instant of a month.
    """

    product: str = "team"
    cycle: str = "month"
    currency: str | None = "USD"
    quantity: int = 4
    trial_days: int = 0
    cardless: bool = False
    coupons: tuple[str, ...] = ()
    customer_coupon: str | None = None
    add_ons: tuple[str, ...] = ()
    status: str = "active"
    wait: int = 0
    outcome: str | None = None
    undone: bool = False
    eve: str | None = None
    steps: tuple[Step, ...] = ()


def begin(life: Life, story: Story) -> None:
    """Start a story; when its steps are done, or the subscription has ended, the customer is like any other."""
    shop, currency = life.setting.catalogue, life.customer.currency
    if story.customer_coupon is not None:
        coupons.give_customer(life, shop.coupons[story.customer_coupon])
    items = [(shop.price(story.product, currency, story.cycle, life.now), story.quantity)]
    items += [(shop.price(add_on, currency, story.cycle, life.now), 1) for add_on in story.add_ons]
    given = tuple(shop.coupons[name] for name in story.coupons)
    if not life.shape().stacks:
        given = given[:1]
    one = actions.subscribe(life, items, trial_days=story.trial_days, coupons=given, status=story.status)
    one.fate, one.cardless = story.outcome, story.cardless
    _mark_start(life, story, given)
    if story.status == "incomplete":
        actions.fail_first_payment(life, one, story.wait, story.wait > 20 * HOUR)
    life.ended = nature.after_end
    if story.undone and life.now % DAY < DAY - HOUR:
        life.plan(life.now + 40 * MINUTE, _undo, one)
    _next(life, one, story.steps)


def _mark_start(life: Life, story: Story, given: tuple[object, ...]) -> None:
    if len(given) > 1:
        life.mark("coupons_stacked")
    for name in (story.product, *story.add_ons):
        life.mark(f"sold_{name}")


def _next(life: Life, one: Subscription, steps: tuple[Step, ...]) -> None:
    if not steps:
        nature.settle(life)
        return
    (days, action, arguments), *rest = steps
    at = life.now + days * DAY + life.below(DAY)
    life.plan(at, guard.attempt, one, action, arguments, lambda again: _next(again, one, tuple(rest)))


# Steps that need the customer's own currency or the moment's prices.


def _to(life: Life, one: Subscription, product: str, cycle: str, mark: str) -> bool:
    return actions.change_price(life, one, _price(life, one, product, cycle), mark)


def _price(life: Life, one: Subscription, product: str, cycle: str) -> Price:
    return life.setting.catalogue.price(product, one.currency, cycle, life.now)


def _schedule(life: Life, one: Subscription, product: str) -> bool:
    return actions.schedule_price(life, one, _price(life, one, product, guard.cycle_of(one.price)))


def _raise(life: Life, one: Subscription) -> bool:
    raised = life.setting.catalogue.raised(one.price)
    return raised is not None and life.now > raised.created and actions.change_price(life, one, raised, "price_raised")


def _replace(life: Life, one: Subscription, product: str, currency: str) -> bool:
    price = life.setting.catalogue.price(product, currency, "month", life.now)
    return actions.replace_subscription(life, one, [(price, 3)], lambda again, _: nature.settle(again))


def _leave_and_return(life: Life, one: Subscription, days: int) -> bool:
    if not actions.cancel_now(life, one):
        return False
    if life.now - one.created < 28 * DAY:
        life.mark("joined_and_left_in_a_month")
    life.plan(life.now + days * DAY, nature.come_back)
    return True


def _leave_other(life: Life, one: Subscription) -> bool:
    others = [each for each in life.alive() if each is not one]
    return bool(others) and actions.cancel_now(life, others[0], "second_subscription_cancelled")


def _attributes(life: Life, one: Subscription) -> bool:
    change_attributes(life)
    return True


def _undo(life: Life, one: Subscription) -> None:
    if actions.cancel_now(life, one, "joined_and_left_in_a_day"):
        life.plan(life.now + 9 * DAY, nature.come_back)


def live(life: Life) -> None:
    """The customer's whole life: every fourth follows a story in turn, the others their nature."""
    story = _story(life)
    meet(life, None if story is None else story.currency)
    if life.setting.invoices and not life.silent:
        life.till = Till(life)
    at = life.now + life.between(5, 20 * MINUTE)
    if story is None:
        life.plan(at if life.below(20) else _eve(life, at, "day", 0), nature.start)
    else:
        life.plan(at if story.eve is None else _eve(life, at, story.eve, story.trial_days), begin, story)


def _story(life: Life) -> Story | None:
    """The stories in turn, spread so that neighbours differ; stacked coupons once more when bodies can show them."""
    turn, rest = divmod(life.number, 4)
    if life.number == (life.setting.customers * 3 // 4) | 1:
        return _STACKED
    return STORIES[(turn * _STRIDE + life.setting.seed) % len(STORIES)] if rest == 0 else None


def _eve(life: Life, at: int, eve: str, trial_days: int) -> int:
    """From `at` on the first instant whose trial ends in the last minute of a day or month, or with a month's start."""
    day = day_of(at + trial_days * DAY)
    if eve == "day":
        last = midnight(day) + DAY
    else:
        last = midnight(first_of_month(day, 1))
    before = 0 if eve == "first" else life.between(1, 60)
    starts_at = last - before - trial_days * DAY
    return starts_at if starts_at > at else starts_at + DAY


_TRIAL = 14
_CANCEL = (actions.cancel_at_period_end, ())
_STACKED = Story(coupons=("FOREVER10", "WELCOME40", "PARTNER-USD"))
# No factor of the number of stories, so that all of them have their turn.
_STRIDE = 31
STORIES: tuple[Story, ...] = (
    Story(trial_days=_TRIAL, eve="month"),
    Story(trial_days=_TRIAL, cardless=True, steps=((24, actions.give_card, ()),)),
    Story(trial_days=_TRIAL, eve="day", currency="EUR"),
    Story(eve="month", steps=((75, *_CANCEL),)),
    Story(eve="first", currency="GBP", steps=((40, actions.pause, (20,)), (50, *_CANCEL))),
    Story(eve="month", currency="EUR", coupons=("LAUNCH25X3",)),
    Story(eve="day", coupons=("LAUNCH50X3",), steps=((100, *_CANCEL),)),
    Story(trial_days=_TRIAL, currency=None),
    Story(trial_days=_TRIAL, steps=((5, *_CANCEL),)),
    Story(trial_days=_TRIAL, steps=((3, actions.end_trial_a_second_late, ()),)),
    Story(trial_days=_TRIAL, currency="EUR", steps=((6, actions.extend_trial, (14,)),)),
    Story(quantity=7, steps=((40, actions.cancel_now, ()),)),
    Story(product="business", steps=((50, *_CANCEL),)),
    Story(currency=None, steps=((20, *_CANCEL), (4, actions.uncancel, ()), (60, *_CANCEL))),
    Story(product="starter", steps=((30, actions.cancel_at, (25,)),)),
    Story(currency="GBP", steps=((45, _leave_and_return, (30,)),)),
    Story(steps=((4, _leave_and_return, (12,)),)),
    Story(steps=((30, actions.pause, ()), (20, actions.resume, ()))),
    Story(product="business", currency="EUR", steps=((25, actions.pause, (33,)),)),
    Story(steps=((20, actions.pause, ()), (9, actions.resume, ()), (30, actions.pause, (20,)))),
    Story(steps=((33, actions.pause_for_hours, ()),)),
    Story(outcome="recovered"),
    Story(outcome="unpaid_recovered", currency="EUR"),
    Story(outcome="unpaid_cancelled"),
    Story(outcome="cancelled", currency="JPY"),
    Story(status="incomplete", wait=0),
    Story(status="incomplete", wait=700),
    Story(status="incomplete", wait=23 * HOUR),
    Story(
        product="starter",
        steps=((35, _to, ("team", "month", "upgraded")), (40, _to, ("starter", "month", "downgraded"))),
    ),
    Story(quantity=3, steps=((50, _to, ("team", "year", "month_to_year")),)),
    Story(cycle="year", quantity=2, steps=((70, _to, ("team", "month", "year_to_month")),)),
    Story(
        product="starter",
        cycle="week",
        steps=((24, actions.change_quantity, (2,)), (45, _to, ("starter", "month", "week_to_month"))),
    ),
    Story(
        product="starter",
        cycle="day",
        steps=((9, actions.change_quantity, (1,)), (12, _to, ("starter", "month", "day_to_month"))),
    ),
    Story(cycle="quarter", steps=((40, actions.change_quantity, (3,)),)),
    Story(quantity=5, steps=((28, actions.change_quantities, ((4, -2, 3, -1),)),)),
    Story(steps=((40, actions.second_subscription, ()), (50, _leave_other, ()))),
    Story(add_ons=("analytics",), steps=((30, actions.add_item, ("support",)), (40, actions.remove_item, ()))),
    Story(product="classic", steps=((45, _to, ("business", "month", "swapped_at_equal_price")),)),
    Story(product="starter", steps=((38, _replace, ("team", "USD")),)),
    Story(product="starter", currency="EUR", steps=((38, _replace, ("team", "USD")),)),
    Story(coupons=("WELCOME40",)),
    Story(coupons=("LAUNCH25X3",)),
    Story(coupons=("FOREVER15",), currency=None),
    Story(coupons=("HELLO-USD",)),
    Story(coupons=("SPRING-USD",)),
    Story(coupons=("PARTNER-GBP",), currency="GBP"),
    Story(cycle="year", coupons=("LAUNCH50X3",)),
    Story(quantity=2, steps=((17, coupons.apply_coupon, ("LAUNCH30X6",)),)),
    Story(
        coupons=("FOREVER10",), steps=((30, coupons.apply_coupon, ("PARTNER-USD",)), (40, coupons.remove_coupon, ()))
    ),
    _STACKED,
    Story(steps=((30, coupons.apply_coupon, ("NONPROFIT-USD",)), (40, coupons.remove_coupon, ()))),
    Story(customer_coupon="FOREVER20"),
    Story(customer_coupon="LAUNCH25X3", product="business"),
    Story(steps=((25, coupons.give_customer_later, ("FOREVER10",)), (40, coupons.take_from_customer, ()))),
    Story(customer_coupon="PARTNER-USD", steps=((40, actions.second_subscription, ()),)),
    Story(coupons=("LAUNCH50X3",), steps=((33, coupons.remove_coupon, ()),)),
    Story(coupons=("LAUNCH100X2",)),
    Story(
        coupons=("PARTNER-USD",), add_ons=("analytics", "support"), steps=((30, actions.add_item, ("workspace", 2)),)
    ),
    Story(product="free", steps=((20, _to, ("starter", "month", "free_then_paid")),)),
    Story(steps=((30, _to, ("free", "month", "fell_to_free")), (35, _to, ("team", "month", "free_then_paid")))),
    Story(
        product="graduated",
        quantity=9,
        steps=((20, actions.change_quantity, (4,)), (30, actions.change_quantity, (17,))),
    ),
    Story(
        product="volume",
        quantity=8,
        currency="EUR",
        steps=((20, actions.change_quantity, (5,)), (30, actions.change_quantity, (40,))),
    ),
    Story(add_ons=("calls",), steps=((30, actions.change_quantity, (2,)),)),
    Story(product="calls", quantity=1),
    Story(product="contacts", quantity=12_345, steps=((30, actions.change_quantity, (678,)),)),
    Story(product="contacts", cycle="year", quantity=5_001, currency="EUR"),
    Story(currency="EUR", steps=((30, actions.change_quantity, (3,)), (20, actions.change_quantity, (-2,)))),
    Story(currency="JPY", steps=((30, actions.change_quantity, (3,)),)),
    Story(currency="KWD", steps=((30, actions.change_quantity, (-1,)),)),
    Story(steps=((20, _schedule, ("business",)),)),
    Story(currency="GBP", steps=((15, _attributes, ()), (30, _attributes, ()), (30, _attributes, ()))),
    Story(undone=True),
    Story(quantity=6, steps=((150, _raise, ()), (30, _raise, ()), (60, _raise, ()))),
)
