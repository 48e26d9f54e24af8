"""Bodies as Stripe writes them in three eras: `plan`, `price` and `basil`; and the envelope around them."""

from typing import Final

from mrr.simulate.catalogue import Price, Product
from mrr.simulate.listing import Listing, named, tiers
from mrr.simulate.state import Body, Customer, Discount, Face, Item, Subscription
from mrr.simulate.templates import (
    CUSTOMER_PLAN,
    CUSTOMER_PRICE,
    DISCOUNT,
    PHASE,
    PRODUCT_PLAN,
    SCHEDULE,
    SUBSCRIPTION_BASIL,
    SUBSCRIPTION_PLAN,
    SUBSCRIPTION_PRICE,
)


def envelope(
    identity: str,
    version: str,
    at: int,
    kind: str,
    body: Body,
    previous: Body | None,
    request: tuple[str | None, str | None],
) -> Body:
    """An event; `previous` are the former values of what changed, None where nothing is compared."""
    told = {"object": body} if previous is None else {"object": body, "previous_attributes": previous}
    return {
        "id": identity,
        "object": "event",
        "api_version": version,
        "created": at,
        "data": told,
        "livemode": True,
        "pending_webhooks": 1 + at % 3,
        "request": {"id": request[0], "idempotency_key": request[1]},
        "type": kind,
    }


def difference(before: Body, after: Body) -> Body:
    """As in `previous_attributes`: old values of changed keys; objects key by key, lists whole, new keys as null."""
    if before.keys() != after.keys():
        before, after = {**dict.fromkeys(after), **before}, {**dict.fromkeys(before), **after}
    changed: Body = {}
    for key, new in after.items():
        old = before[key]
        if old is not new and old != new:
            both = isinstance(old, dict) and isinstance(new, dict)
            changed[key] = difference(old, new) if both else old
    return changed


class Shape(Listing):
    """One API version's way to write each object; `stacks` says whether a subscription can show several discounts."""

    name: str
    version: str
    stacks: bool = True

    def discount(self, discount: Discount) -> Body:
        """A discount with its coupon."""
        return {
            **DISCOUNT,
            "id": discount.id,
            "coupon": self.coupon(discount.coupon),
            "customer": discount.customer,
            "end": discount.ends_at,
            "start": discount.starts_at,
            "subscription": discount.subscription,
        }

    def customer(self, customer: Customer) -> Body:
        """A customer with its attributes."""
        return {**CUSTOMER_PRICE, **self._person(customer)}

    def subscription(self, one: Subscription, face: Face) -> Body:
        """A subscription as `face` has it."""
        raise NotImplementedError

    def item(self, one: Subscription, item: Item, face: Face) -> Body:
        """One item of a subscription."""
        raise NotImplementedError

    def schedule(self, one: Subscription, phase: tuple[Price, int]) -> Body:
        """A schedule that goes from the present price to that of `phase` at its instant."""
        face, (price, due) = one.face, phase
        now = (face.period[0], due, face.items[0].price)
        then = (due, 2 * due - face.period[0], price)
        return {
            **SCHEDULE,
            "id": face.schedule,
            "created": face.period[0],
            "current_phase": {"end_date": due, "start_date": face.period[0]},
            "customer": one.customer,
            "phases": [self._phase(one, *part) for part in (now, then)],
            "subscription": one.id,
        }

    def _phase(self, one: Subscription, starts_at: int, ends_at: int, price: Price) -> Body:
        item: Body = {
            "billing_thresholds": None,
            "metadata": {},
            "price": price.id,
            "quantity": one.face.items[0].quantity,
        }
        return {
            **PHASE,
            "currency": one.currency.lower(),
            "end_date": ends_at,
            "items": [{**item, "tax_rates": []}],
            "start_date": starts_at,
        }

    def _person(self, customer: Customer) -> Body:
        return {
            "id": customer.id,
            "address": customer.address,
            "created": customer.created,
            "currency": customer.currency.lower() if customer.billed else None,
            "delinquent": customer.delinquent,
            "discount": None if customer.discount is None else self.discount(customer.discount),
            "email": customer.email,
            "invoice_prefix": customer.invoice_prefix,
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": customer.payment_method,
                "footer": None,
                "rendering_options": None,
            },
            "metadata": customer.metadata,
            "name": customer.name,
            "next_invoice_sequence": 2 if customer.billed else 1,
        }

    def _items(self, one: Subscription, face: Face) -> Body:
        return {
            "object": "list",
            "data": [self.item(one, item, face) for item in face.items],
            "has_more": False,
            "total_count": len(face.items),
            "url": f"/v1/subscription_items?subscription={one.id}",
        }

    def _fixed(self, one: Subscription, template: Body) -> Body:
        """What never changes in a subscription, kept with it."""
        if one.fixed is None or one.fixed_by is not self:
            one.fixed_by = self
            one.fixed = {
                **template,
                "id": one.id,
                "created": one.created,
                "customer": one.customer,
                "default_payment_method": one.payment_method,
                "metadata": one.metadata,
                "start_date": one.created,
            }
            if "currency" in template:
                one.fixed["currency"] = one.currency.lower()
        return one.fixed

    def _common(self, one: Subscription, face: Face) -> Body:
        """What every version says of a subscription; plan and quantity only where there is a single item."""
        single = face.items[0] if len(face.items) == 1 else None
        return {
            "billing_cycle_anchor": face.anchor,
            "cancel_at": face.cancel_at,
            "cancel_at_period_end": face.cancel_at_period_end,
            "canceled_at": face.canceled_at,
            "ended_at": face.ended_at,
            "items": self._items(one, face),
            "latest_invoice": face.latest_invoice,
            "pause_collection": {"behavior": "void", "resumes_at": face.resumes_at} if face.paused else None,
            "plan": None if single is None else self.plan(single.price),
            "quantity": None if single is None or single.price.metered else single.quantity,
            "schedule": face.schedule,
            "status": face.status,
            "trial_end": None if face.trial is None else face.trial[1],
            "trial_start": None if face.trial is None else face.trial[0],
        }


class PlanShape(Shape):
    """API 2019-08-14: plans without prices, periods on the subscription, one discount, tiers on the plan."""

    name = "plan"
    version = "2019-08-14"
    stacks = False

    def product(self, product: Product) -> Body:
        """A product, of type service."""
        return {**PRODUCT_PLAN, **named(product)}

    def catalogue_events(self, price: Price) -> list[tuple[str, Body]]:
        """There are no prices yet."""
        return [("plan.created", self.plan(price))]

    def customer(self, customer: Customer) -> Body:
        """A customer, with lists of sources and subscriptions."""
        return {**CUSTOMER_PLAN, **self._person(customer)}

    def subscription(self, one: Subscription, face: Face) -> Body:
        """A subscription of 2019: its currency is the plan's."""
        return {
            **self._fixed(one, SUBSCRIPTION_PLAN),
            **self._common(one, face),
            "current_period_end": face.period[1],
            "current_period_start": face.period[0],
            "discount": self.discount(face.discounts[0]) if face.discounts else None,
            "start": face.period[0],
        }

    def item(self, one: Subscription, item: Item, face: Face) -> Body:
        """An item with its plan."""
        return {
            "id": item.id,
            "object": "subscription_item",
            "billing_thresholds": None,
            "created": item.created,
            "metadata": {},
            "plan": self.plan(item.price),
            **_quantity(item),
            "subscription": one.id,
            "tax_rates": [],
        }

    def _plan(self, price: Price) -> Body:
        return {**super()._plan(price), "tiers": tiers(price)}


class PriceShape(Shape):
    """API 2022-11-15 as it is sent today: plan and price, period on the subscription, `discount` beside `discounts`."""

    name = "price"
    version = "2022-11-15"

    def subscription(self, one: Subscription, face: Face) -> Body:
        """A subscription of 2022."""
        return {
            **self._fixed(one, SUBSCRIPTION_PRICE),
            **self._common(one, face),
            "cancellation_details": _cancellation(face),
            "current_period_end": face.period[1],
            "current_period_start": face.period[0],
            "discount": self.discount(face.discounts[0]) if face.discounts else None,
            "discounts": [discount.id for discount in face.discounts],
        }

    def item(self, one: Subscription, item: Item, face: Face) -> Body:
        """An item with its plan and its price."""
        return {
            "id": item.id,
            "object": "subscription_item",
            "billing_thresholds": None,
            "created": item.created,
            "discounts": [],
            "metadata": {},
            "plan": self.plan(item.price),
            "price": self.price(item.price),
            **_quantity(item),
            "subscription": one.id,
            "tax_rates": [],
        }


class BasilShape(Shape):
    """API 2025-06-30.basil: periods on the items only, discounts as ids, customers without the old lists."""

    name = "basil"
    version = "2025-06-30.basil"
    metered_by_meter = True

    def subscription(self, one: Subscription, face: Face) -> Body:
        """A subscription of 2025."""
        return {
            **self._fixed(one, SUBSCRIPTION_BASIL),
            **self._common(one, face),
            "cancellation_details": _cancellation(face),
            "discounts": [discount.id for discount in face.discounts],
        }

    def item(self, one: Subscription, item: Item, face: Face) -> Body:
        """An item with its own period."""
        return {
            "id": item.id,
            "object": "subscription_item",
            "billing_thresholds": None,
            "created": item.created,
            "current_period_end": face.period[1],
            "current_period_start": face.period[0],
            "discounts": [],
            "metadata": {},
            "plan": self.plan(item.price),
            "price": self.price(item.price),
            **_quantity(item),
            "subscription": one.id,
            "tax_rates": [],
        }

    def discount(self, discount: Discount) -> Body:
        """A discount, which may also be of one item."""
        return {**super().discount(discount), "subscription_item": None}


def _cancellation(face: Face) -> Body:
    return {"comment": None, "feedback": face.feedback, "reason": face.reason}


def _quantity(item: Item) -> Body:
    return {} if item.price.metered else {"quantity": item.quantity}


SHAPES: Final[tuple[type[Shape], ...]] = (PlanShape, PriceShape, BasilShape)
