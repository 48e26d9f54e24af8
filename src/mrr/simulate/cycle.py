"""What happens to a subscription by itself: renewals, trial ends, scheduled ends, discount ends, failed payments."""

from mrr.simulate.clock import DAY, HOUR, MINUTE, boundary
from mrr.simulate.life import Life
from mrr.simulate.state import Discount, Subscription

# How a failed renewal ends: (of a hundred, outcome). The retry that succeeds is drawn apart.
_OUTCOMES = ((84, "recovered"), (89, "unpaid_recovered"), (93, "unpaid_cancelled"), (100, "cancelled"))
_RETRY_DAYS = (3, 5, 7)
_FAILURES_IN_A_THOUSAND = 36


def schedule_period_end(life: Life, one: Subscription) -> None:
    """Put the end of the current period on the agenda; its event comes a little later."""
    due = one.face.period[1]
    life.plan(due + life.delay(), end_of_period, one, due)


def end_of_period(life: Life, one: Subscription, due: int) -> None:
    """The billing period (or the trial) that ended at `due` is told: an end, a conversion or a renewal."""
    face = one.face
    if not one.alive or face.period[1] != due or one.doomed:
        return
    if face.cancel_at_period_end:
        life.mark("trial_cancelled" if face.status == "trialing" else "cancelled_at_period_end")
        end(life, one, due)
    elif face.status == "trialing" and one.cardless:
        life.changed(one, face._replace(status="paused"), automatic=True)
        life.mark("trial_paused")
    elif face.status == "trialing":
        _convert(life, one, due)
    else:
        _renew(life, one, due)


def end(life: Life, one: Subscription, ended_at: int, *, automatic: bool = True) -> None:
    """The subscription is over since `ended_at`."""
    face = one.face
    canceled_at = ended_at if face.canceled_at is None else face.canceled_at
    reason = face.reason or "cancellation_requested"
    one.face = face._replace(status="canceled", ended_at=ended_at, canceled_at=canceled_at, reason=reason)
    life.note(one, ended_at)
    life.show(one, "deleted", automatic=automatic)
    life.ended(life, one)


def _convert(life: Life, one: Subscription, due: int) -> None:
    face = one.face
    one.period = 0
    period = (due, boundary(due, one.price.interval, one.price.count, 1))
    one.face = face._replace(status="active", anchor=due, period=period, latest_invoice=life.codes.long("in_1", due))
    _keep_deductions(life, one, due)
    life.note(one, due)
    life.show(one, automatic=True)
    life.mark("trial_converted")
    _bill(life, one, due)


def _renew(life: Life, one: Subscription, due: int) -> None:
    face = one.face
    one.period += 1
    period = (due, boundary(face.anchor, one.price.interval, one.price.count, one.period + 1))
    over = tuple(
        d for d in face.discounts if d.coupon.duration == "once" or (d.ends_at is not None and d.ends_at <= due)
    )
    kept = tuple(d for d in face.discounts if d not in over)
    one.face = face._replace(period=period, discounts=kept, latest_invoice=life.codes.long("in_1", due))
    one.carrying = False
    _keep_deductions(life, one, due)
    _end_customer_discount(life, due)
    life.note(one, due)
    for discount in over:
        life.show_discount(discount, "deleted", automatic=True)
    _enter_phase(life, one, due)
    life.show(one, automatic=True)
    _bill(life, one, due)


def _keep_deductions(life: Life, one: Subscription, due: int) -> None:
    one.deductions = tuple(d for d in one.deductions if d.ends_at is None or d.ends_at > due)


def _end_customer_discount(life: Life, due: int) -> None:
    """A customer's discount starts with its one subscription, so it ends where a period of it ends."""
    discount = life.customer.discount
    if discount is None or discount.ends_at is None or discount.ends_at > due:
        return
    before = life.portrait()
    life.customer.discount = None
    life.show_discount(discount, "deleted", automatic=True)
    life.show_customer(before, automatic=True)
    life.mark("customer_coupon_ended")


def _enter_phase(life: Life, one: Subscription, due: int) -> None:
    if one.phase is None or one.phase[1] != due:
        return
    item = one.face.items[0]._replace(price=one.phase[0])
    one.face = one.face._replace(items=(item, *one.face.items[1:]), schedule=None)
    one.phase = None
    life.note(one)
    life.mark("schedule_phase")


def _bill(life: Life, one: Subscription, due: int) -> None:
    """Bill the new period; the payment may fail, which the subscription shows an hour later."""
    schedule_period_end(life, one)
    outcome = _outcome(life, one)
    if life.till is not None:
        life.till.renewed(one, due, fails=outcome is not None)
    if outcome is not None:
        one.busy = True
        life.plan(life.clear_time(life.now + HOUR + life.delay()), _past_due, one, outcome)


def _outcome(life: Life, one: Subscription) -> str | None:
    """How the payment of this period fails in the end, None if it succeeds."""
    chance, course = life.below(1000), life.below(100)
    if one.fate is None and (chance >= _FAILURES_IN_A_THOUSAND or one.price.interval in ("day", "week")):
        return None
    if not one.counted or one.busy or one.face.cancel_at is not None or not life.pays(one):
        return None
    outcome, one.fate = one.fate, None
    return outcome or next(name for below, name in _OUTCOMES if course < below)


def _past_due(life: Life, one: Subscription, outcome: str) -> None:
    """The payment failed: past due, with retries after three, five and seven days."""
    if outcome.startswith("unpaid") and (one.finite() or len(life.alive()) > 1):
        outcome = "recovered"
    life.changed(one, one.face._replace(status="past_due"), automatic=True)
    _set_delinquent(life, True)
    retry = life.below(3) if outcome == "recovered" else 2
    if life.till is not None:
        life.till.failed(one)
        for days in _RETRY_DAYS[:retry]:
            life.plan(life.now + days * DAY - MINUTE, _retry, one)
    life.plan(life.clear_time(life.now + _RETRY_DAYS[retry] * DAY), _resolve, one, outcome)


def _retry(life: Life, one: Subscription) -> None:
    if one.alive and life.till is not None:
        life.till.failed(one)


def _resolve(life: Life, one: Subscription, outcome: str) -> None:
    """The last retry: paid, given up, or left unpaid."""
    if not one.alive:
        return
    if outcome == "recovered":
        _recover(life, one, "past_due_recovered")
    elif outcome == "cancelled":
        _give_up(life, one, "past_due_cancelled")
    else:
        life.changed(one, one.face._replace(status="unpaid"), automatic=True)
        life.mark("unpaid")
        wait = life.clear_time(life.now + life.between(4 * DAY, 19 * DAY))
        if outcome == "unpaid_recovered":
            life.plan(wait, _recover, one, "unpaid_recovered")
        else:
            life.plan(wait, _give_up, one, "unpaid_cancelled")


def _recover(life: Life, one: Subscription, mark: str) -> None:
    if not one.alive:
        return
    one.busy = False
    life.changed(one, one.face._replace(status="active"), automatic=True)
    _set_delinquent(life, False)
    life.mark(mark)
    if life.till is not None:
        life.till.recovered(one)


def _give_up(life: Life, one: Subscription, mark: str) -> None:
    if not one.alive:
        return
    if life.till is not None:
        life.till.failed(one, last=True)
    one.face = one.face._replace(reason="payment_failed")
    end(life, one, life.now)
    life.mark(mark)


def _set_delinquent(life: Life, value: bool) -> None:
    before = life.portrait()
    life.customer.delinquent = value
    life.show_customer(before, automatic=True)


def schedule_discount_end(life: Life, one: Subscription, discount: Discount) -> None:
    """Stripe drops a repeating discount when its months are over, also inside a period."""
    if discount.ends_at is not None:
        life.plan(discount.ends_at + life.delay(), _drop_discount, one, discount)


def _drop_discount(life: Life, one: Subscription, discount: Discount) -> None:
    """Inside a period the discount leaves the body but still lowers the bill; at its end the renewal tells it."""
    if not one.alive or discount not in one.face.discounts or discount.ends_at == one.face.period[1]:
        return
    one.carrying = True
    one.face = one.face._replace(discounts=tuple(d for d in one.face.discounts if d is not discount))
    life.show_discount(discount, "deleted", automatic=True)
    life.show(one, automatic=True)
    life.mark("coupon_carried")


def cancel_due(life: Life, one: Subscription, at: int) -> None:
    """A `cancel_at` that still stands ends the subscription at that instant."""
    if one.alive and one.face.cancel_at == at:
        life.mark("cancel_at")
        end(life, one, at)


def resume_due(life: Life, one: Subscription, at: int) -> None:
    """A pause with an end is over at `at`."""
    if one.alive and one.face.paused and one.face.resumes_at == at:
        one.face = one.face._replace(paused=False, resumes_at=None)
        life.note(one, at)
        life.show(one, automatic=True)
        life.mark("resumed_by_date")


def activate(life: Life, one: Subscription) -> None:
    """The first payment went through after all."""
    life.changed(one, one.face._replace(status="active"), automatic=True)
    life.mark("incomplete_activated")
    if life.till is not None:
        life.till.recovered(one)


def expire(life: Life, one: Subscription) -> None:
    """The first payment never came: over after 23 hours, and never counted."""
    life.changed(one, one.face._replace(status="incomplete_expired"), automatic=True)
    life.mark("incomplete_expired")


def announce_trial_end(life: Life, one: Subscription, trial_end: int) -> None:
    """Three days before a trial ends Stripe says so; nothing changes by it."""
    if one.face.status == "trialing" and one.face.trial is not None and one.face.trial[1] == trial_end:
        life.show(one, "trial_will_end", automatic=True)
