"""What people do: subscribe, change, pause, cancel. Each action returns whether it was possible now."""

from typing import Any

import mrr.simulate.cycle as cycle
from mrr.simulate.catalogue import Coupon, Price
from mrr.simulate.clock import DAY, HOUR, MINUTE, boundary
from mrr.simulate.coupons import grant, mark_coupon
from mrr.simulate.guard import alone, cycle_of, follow, full_price, morning, steady
from mrr.simulate.life import Life
from mrr.simulate.state import Face, Item, Subscription

_FEEDBACK = ("too_expensive", "missing_features", "switched_service", "unused", "other", None)


# Starting.


def subscribe(
    life: Life,
    items: list[tuple[Price, int]],
    *,
    trial_days: int = 0,
    coupons: tuple[Coupon, ...] = (),
    status: str = "active",
) -> Subscription:
    """A new subscription from now on, in the trial if it has one."""
    now, codes, customer = life.now, life.codes, life.customer
    identity = codes.long("sub_1", now)
    parts = tuple(Item(codes.short("si_", now), now, price, quantity) for price, quantity in items)
    price = items[0][0]
    ends = now + trial_days * DAY if trial_days else boundary(now, price.interval, price.count, 1)
    discounts = tuple(grant(life, coupon, identity) for coupon in coupons)
    face = Face(
        status="trialing" if trial_days else status,
        items=parts,
        period=(now, ends),
        anchor=ends if trial_days else now,
        discounts=discounts,
        trial=(now, ends) if trial_days else None,
        latest_invoice=codes.long("in_1", now),
    )
    metadata = {
        "workspace_id": f"ws_{life.number:06d}",
        "plan": price.product.key,
        "source": customer.metadata["channel"],
    }
    one = Subscription(identity, customer.id, now, price.currency, metadata, customer.payment_method, face)
    one.deductions = tuple(d for d in discounts if d.coupon.duration != "once")
    life.subscriptions.append(one)
    life.changed_day = now // DAY
    life.note(one)
    _announce(life, one)
    return one


def _announce(life: Life, one: Subscription) -> None:
    face = one.face
    for discount in face.discounts:
        life.show_discount(discount, "created")
        cycle.schedule_discount_end(life, one, discount)
        mark_coupon(life, one, discount.coupon)
    life.show(one, "created")
    _first_bill(life)
    cycle.schedule_period_end(life, one)
    if face.trial is not None:
        life.plan(face.trial[1] - 3 * DAY, cycle.announce_trial_end, one, face.trial[1])
    if life.till is not None:
        life.till.subscribed(one)
    life.mark(one.currency)
    life.mark(cycle_of(one.price))


def _first_bill(life: Life) -> None:
    """The first bill of all fixes the customer's currency."""
    if not life.customer.billed:
        before = life.portrait()
        life.customer.billed = True
        life.show_customer(before, automatic=True)


def fail_first_payment(life: Life, one: Subscription, wait: int, expires: bool) -> None:
    """An incomplete subscription is paid after `wait` seconds (0: in the same second), or expires."""
    life.plan(life.now + wait, cycle.expire if expires else cycle.activate, one)


# Plan, quantity, items.


def change_price(life: Life, one: Subscription, price: Price, mark: str) -> bool:
    """The plan becomes `price`; another interval starts a new period now and takes the add-ons with it."""
    if not steady(one) or price is one.price or price.currency != one.currency:
        return False
    if (price.interval, price.count) == (one.price.interval, one.price.count):
        items = (one.face.items[0]._replace(price=price), *one.face.items[1:])
        face = one.face._replace(items=items)
    else:
        given = life.customer.discount
        if any(item.price.metered for item in one.face.items) or (given is not None and given.ends_at is not None):
            return False
        face = _on_new_cycle(life, one, price)
    before = one.face
    life.changed(one, face)
    life.mark(mark)
    if face.anchor != before.anchor:
        cycle.schedule_period_end(life, one)
    if life.till is not None:
        life.till.prorated(one, before)
    return True


def _on_new_cycle(life: Life, one: Subscription, price: Price) -> Face:
    cycle_name, now = cycle_of(price), life.now
    others = tuple(
        item._replace(price=life.setting.catalogue.price(item.price.product.key, one.currency, cycle_name))
        for item in one.face.items[1:]
    )
    one.period = 0
    return one.face._replace(
        items=(one.face.items[0]._replace(price=price), *others),
        anchor=now,
        period=(now, boundary(now, price.interval, price.count, 1)),
        latest_invoice=life.codes.long("in_1", now),
    )


def change_quantity(life: Life, one: Subscription, change: int, mark: str = "quantity_changed") -> bool:
    """`change` more or fewer of the first item, at least one."""
    item = one.face.items[0]
    quantity = max(1, item.quantity + change)
    if not steady(one) or quantity == item.quantity:
        return False
    before = one.face
    life.changed(one, before._replace(items=(item._replace(quantity=quantity), *before.items[1:])))
    life.mark(mark)
    if life.till is not None:
        life.till.prorated(one, before)
    return True


def change_quantities(life: Life, one: Subscription, changes: tuple[int, ...]) -> bool:
    """Several changes of the quantity within one day."""
    if not morning(life) or not change_quantity(life, one, changes[0]):
        return False
    for number, change in enumerate(changes[1:], 1):
        life.plan(
            life.now + number * (HOUR + 7 * MINUTE), follow, one, change_quantity, change, "quantities_in_one_day"
        )
    return True


def add_item(life: Life, one: Subscription, product: str, quantity: int = 1) -> bool:
    """An add-on more; it goes by the plan's cycle."""
    name = cycle_of(one.price)
    key = f"{product}-{name}-{one.currency.lower()}"
    price = life.setting.catalogue.prices.get(key)
    if price is None or not steady(one) or not full_price(life, one):
        return False
    if any(item.price is price for item in one.face.items) or len(one.face.items) > 3:
        return False
    before = one.face
    item = Item(life.codes.short("si_", life.now), life.now, price, quantity)
    life.changed(one, before._replace(items=(*before.items, item)))
    life.mark("item_added")
    if life.till is not None:
        life.till.prorated(one, before)
    return True


def remove_item(life: Life, one: Subscription) -> bool:
    """The latest add-on goes."""
    before = one.face
    if not steady(one) or len(before.items) < 2 or before.items[-1].price.metered:
        return False
    life.changed(one, before._replace(items=before.items[:-1]))
    life.mark("item_removed")
    if life.till is not None:
        life.till.prorated(one, before)
    return True


def schedule_price(life: Life, one: Subscription, price: Price) -> bool:
    """A subscription schedule: the plan becomes `price` when the next period begins."""
    due = one.face.period[1]
    same_cycle = (price.interval, price.count) == (one.price.interval, one.price.count)
    if not steady(one) or price is one.price or not same_cycle or len(one.face.items) > 1 or due - life.now < 2 * DAY:
        return False
    if due % DAY > DAY - 2 * MINUTE:
        return False  # The new phase is told by its event alone, which has to keep to the day of the period's end.
    one.phase = (price, due)
    schedule = life.codes.long("sub_sched_1", life.now)
    life.changed(one, one.face._replace(schedule=schedule))
    if not life.silent:
        life.emit("subscription_schedule.created", life.shape().schedule(one, one.phase))
    return True


# Trials, ends, pauses.


def extend_trial(life: Life, one: Subscription, days: int) -> bool:
    """The trial ends later."""
    trial = one.face.trial
    if (
        one.face.status != "trialing"
        or trial is None
        or one.face.cancel_at is not None
        or trial[1] - life.now < 2 * DAY
    ):
        return False
    ends = trial[1] + days * DAY
    life.changed(one, one.face._replace(trial=(trial[0], ends), period=(trial[0], ends), anchor=ends))
    life.plan(ends - 3 * DAY, cycle.announce_trial_end, one, ends)
    cycle.schedule_period_end(life, one)
    life.mark("trial_extended")
    return True


def give_card(life: Life, one: Subscription) -> bool:
    """A subscription that was paused at its trial's end, for want of a card, begins to be paid now."""
    face = one.face
    if face.status != "paused":
        return False
    one.cardless, one.period = False, 0
    period = (life.now, boundary(life.now, one.price.interval, one.price.count, 1))
    invoice = life.codes.long("in_1", life.now)
    life.changed(one, face._replace(status="active", anchor=life.now, period=period, latest_invoice=invoice))
    life.mark("trial_converted_after_pause")
    cycle.schedule_period_end(life, one)
    if life.till is not None:
        life.till.started(one)
    return True


def end_trial_a_second_late(life: Life, one: Subscription) -> bool:
    """The customer's cancellation reaches Stripe a second after the trial's end: it never converts."""
    trial = one.face.trial
    if one.face.status != "trialing" or trial is None or trial[1] - life.now < DAY:
        return False
    one.doomed = True
    life.plan(trial[1] + 1, _cancel_late, one)
    return True


def _cancel_late(life: Life, one: Subscription) -> None:
    if one.alive:
        cycle.end(life, one, life.now, automatic=False)
        life.mark("trial_cancelled_second_after")


def _feedback(life: Life) -> str | None:
    return _FEEDBACK[life.below(len(_FEEDBACK))]


def cancel_at_period_end(life: Life, one: Subscription) -> bool:
    """It shall end with the period (or with the trial)."""
    face = one.face
    trialing = face.status == "trialing" and face.cancel_at is None
    if not (steady(one) or trialing) or one.doomed or face.period[1] - life.now < 2 * HOUR:
        return False
    life.changed(
        one,
        face._replace(
            cancel_at=face.period[1],
            cancel_at_period_end=True,
            canceled_at=life.now,
            reason="cancellation_requested",
            feedback=_feedback(life),
        ),
    )
    return True


def uncancel(life: Life, one: Subscription) -> bool:
    """The scheduled end is taken back."""
    face = one.face
    if face.cancel_at is None or face.cancel_at - life.now < 2 * HOUR:
        return False
    life.changed(
        one, face._replace(cancel_at=None, cancel_at_period_end=False, canceled_at=None, reason=None, feedback=None)
    )
    life.mark("uncancelled")
    return True


def _chosen_instant(life: Life, days: int) -> int:
    """An instant about `days` from now as people choose it: at any time, at midnight, or just before it."""
    at = life.now + days * DAY + 2 * HOUR
    next_midnight = at - at % DAY + DAY
    return life.clear_time((at, next_midnight, next_midnight - life.between(1, 60))[life.below(3)])


def cancel_at(life: Life, one: Subscription, days: int) -> bool:
    """It shall end at a given instant inside a period."""
    if not steady(one):
        return False
    at = _chosen_instant(life, days)
    life.changed(one, one.face._replace(cancel_at=at, canceled_at=life.now, reason="cancellation_requested"))
    life.plan(at + life.delay(), cycle.cancel_due, one, at)
    return True


def cancel_now(life: Life, one: Subscription, mark: str = "cancelled_now") -> bool:
    """It ends at once."""
    if not (steady(one) or (one.face.status == "trialing" and not one.doomed)):
        return False
    one.face = one.face._replace(feedback=_feedback(life))
    cycle.end(life, one, life.now, automatic=False)
    life.mark(mark)
    return True


def pause(life: Life, one: Subscription, days: int | None = None, mark: str = "paused") -> bool:
    """Collection is paused, until a date if `days` is given."""
    if not alone(life, one) or one.finite() or life.customer.discount is not None:
        return False
    resumes_at = None if days is None else _chosen_instant(life, days)
    life.changed(one, one.face._replace(paused=True, resumes_at=resumes_at))
    life.mark(mark if resumes_at is None else "paused_with_resumes_at")
    if resumes_at is not None:
        life.plan(resumes_at + life.delay(), cycle.resume_due, one, resumes_at)
    return True


def resume(life: Life, one: Subscription) -> bool:
    """The pause without an end is over."""
    if not one.face.paused or one.face.resumes_at is not None:
        return False
    life.changed(one, one.face._replace(paused=False))
    life.mark("resumed")
    return True


def pause_for_hours(life: Life, one: Subscription) -> bool:
    """Paused and resumed on one day: nothing has moved by its end."""
    if not morning(life) or not pause(life, one, None, "paused_for_hours"):
        return False
    at = life.clear_time(life.now + 2 * HOUR)
    life.plan(at, follow, one, resume)
    return True


def second_subscription(life: Life, one: Subscription, product: str = "starter", quantity: int = 1) -> bool:
    """Another subscription beside the first, without a trial."""
    if not alone(life, one) or not full_price(life, one):
        return False
    given = life.customer.discount
    if given is not None and given.ends_at is not None:
        return False
    subscribe(life, [(life.setting.catalogue.price(product, one.currency, "month", life.now), quantity)])
    life.mark("second_subscription")
    return True


def replace_subscription(life: Life, one: Subscription, items: list[tuple[Price, int]], then: Any) -> bool:
    """Ended, and another one begun within the day; `then(life, new one)` goes on."""
    if not morning(life) or not alone(life, one) or not life.pays(one) or life.customer.discount is not None:
        return False
    cancel_now(life, one, "replaced")
    life.plan(life.now + life.between(MINUTE, 3 * HOUR), _begin_anew, items, then)
    return True


def _begin_anew(life: Life, items: list[tuple[Price, int]], then: Any) -> None:
    successor = subscribe(life, items)
    life.mark("replaced_on_one_day")
    if items[0][0].currency != life.subscriptions[-2].currency:
        life.mark("replaced_in_another_currency")
    then(life, successor)
