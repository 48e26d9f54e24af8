"""Coupons given to subscriptions and to customers, stacked, and taken away early."""

import mrr.simulate.cycle as cycle
from mrr.simulate.catalogue import Coupon
from mrr.simulate.clock import months_later
from mrr.simulate.guard import alone, steady
from mrr.simulate.life import LATEST, Life
from mrr.simulate.state import Discount, Subscription


def grant(life: Life, coupon: Coupon, subscription: str | None) -> Discount:
    """A discount by `coupon` from now on, of a subscription or (None) of the customer."""
    ends_at = None if coupon.months is None else months_later(life.now, coupon.months)
    return Discount(life.codes.long("di_1", life.now), coupon, life.customer.id, subscription, life.now, ends_at)


def mark_coupon(life: Life, one: Subscription, coupon: Coupon) -> None:
    """Count the kinds of coupon given."""
    kind = "amount" if coupon.percent is None else "percent"
    life.mark(f"coupon_{kind}_{coupon.duration}")
    if coupon.duration == "repeating" and one.price.interval == "year":
        life.mark("coupon_repeating_on_annual")
    if coupon.id.startswith("NONPROFIT"):
        life.mark("coupon_above_price")
    if kind == "amount" and len(one.face.items) > 1:
        life.mark("coupon_shared")


def apply_coupon(life: Life, one: Subscription, coupon_id: str) -> bool:
    """A coupon for the subscription from now on; a second one is stacked, where the body can show it."""
    coupon = life.setting.catalogue.coupons[coupon_id]
    face = one.face
    if not steady(one) or life.customer.discount is not None or coupon.currency not in (None, one.currency):
        return False
    if (face.discounts and not life.shape().stacks) or any(item.price.metered for item in face.items):
        return False
    if len(face.discounts) > 1 or (face.discounts and not _stackable((*(d.coupon for d in face.discounts), coupon))):
        return False
    discount = grant(life, coupon, one.id)
    one.deductions = one.deductions if coupon.duration == "once" else (*one.deductions, discount)
    life.show_discount(discount, "created")
    life.changed(one, face._replace(discounts=(*face.discounts, discount)))
    cycle.schedule_discount_end(life, one, discount)
    mark_coupon(life, one, coupon)
    if face.discounts:
        life.mark("coupons_stacked")
    return True


def _stackable(coupons: tuple[Coupon, ...]) -> bool:
    """Amounts stack only without months: where a carried discount would stand in the order is open."""
    ends = any(coupon.months is not None for coupon in coupons)
    amounts = any(coupon.percent is None for coupon in coupons)
    return len(set(coupons)) == len(coupons) and not (ends and amounts)


def remove_coupon(life: Life, one: Subscription) -> bool:
    """The latest discount of the subscription is taken away before its end."""
    if not steady(one) or not one.face.discounts:
        return False
    *kept, gone = one.face.discounts
    one.deductions = tuple(d for d in one.deductions if d is not gone)
    life.show_discount(gone, "deleted")
    life.changed(one, one.face._replace(discounts=tuple(kept)))
    life.mark("coupon_removed_early")
    return True


def give_customer(life: Life, coupon: Coupon) -> None:
    """A coupon for the whole customer; subscriptions without a coupon of their own are billed less."""
    before = life.portrait()
    given = grant(life, coupon, None)
    life.customer.discount = given
    if given.ends_at is not None:
        life.plan(given.ends_at + 2 * LATEST, _lapse_unused, given)
    life.show_discount(given, "created")
    life.show_customer(before)
    for one in life.alive():
        life.note(one)
    life.mark("coupon_on_customer")


def _lapse_unused(life: Life, given: Discount) -> None:
    """A customer without a subscription loses the coupon when its months are over; the others at a period's end."""
    if life.customer.discount is not given or life.alive():
        return
    before = life.portrait()
    life.customer.discount = None
    life.show_discount(given, "deleted", automatic=True)
    life.show_customer(before, automatic=True)


def give_customer_later(life: Life, one: Subscription, coupon_id: str) -> bool:
    """A coupon without end for a customer whose subscription has none."""
    if not alone(life, one) or one.deductions or life.customer.discount is not None:
        return False
    give_customer(life, life.setting.catalogue.coupons[coupon_id])
    return True


def take_from_customer(life: Life, one: Subscription) -> bool:
    """The customer's coupon without end is taken away."""
    gone = life.customer.discount
    if gone is None or gone.ends_at is not None or not steady(one):
        return False
    before = life.portrait()
    life.customer.discount = None
    life.show_discount(gone, "deleted")
    life.show_customer(before)
    for each in life.alive():
        life.note(each)
    life.mark("customer_coupon_removed")
    return True
