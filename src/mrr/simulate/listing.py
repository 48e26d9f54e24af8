"""How the catalogue is written: products, plans, prices and coupons, each body built once."""

from mrr.simulate.catalogue import Coupon, Price, Product
from mrr.simulate.state import Body
from mrr.simulate.templates import COUPON, PRODUCT_PRICE


class Listing:
    """The catalogue in one API version; `metered_by_meter` where a meter counts usage, not the price itself."""

    metered_by_meter: bool = False

    def __init__(self) -> None:
        self._plans: dict[str, Body] = {}
        self._prices: dict[str, Body] = {}
        self._coupons: dict[str, Body] = {}

    def plan(self, price: Price) -> Body:
        """The price as a plan, the older name of the same thing and of the same id."""
        if price.id not in self._plans:
            self._plans[price.id] = self._plan(price)
        return self._plans[price.id]

    def price(self, price: Price) -> Body:
        """The price without its tiers, which Stripe leaves out unless asked."""
        if price.id not in self._prices:
            self._prices[price.id] = self._price(price)
        return self._prices[price.id]

    def coupon(self, coupon: Coupon) -> Body:
        """A coupon."""
        if coupon.id not in self._coupons:
            self._coupons[coupon.id] = _coupon(coupon)
        return self._coupons[coupon.id]

    def product(self, product: Product) -> Body:
        """A product."""
        return {**PRODUCT_PRICE, **named(product)}

    def catalogue_events(self, price: Price) -> list[tuple[str, Body]]:
        """The events that a new price sends, its tiers included as in an export."""
        listed = tiers(price)
        plan, body = self.plan(price), self.price(price)
        if listed is not None:
            plan, body = {**plan, "tiers": listed}, {**body, "tiers": listed}
        return [("plan.created", plan), ("price.created", body)]

    def _plan(self, price: Price) -> Body:
        unit, decimal = _unit(price)
        body = {
            "id": price.id,
            "object": "plan",
            "active": True,
            "aggregate_usage": "sum" if price.metered else None,
            "amount": unit,
            "amount_decimal": decimal,
            "billing_scheme": "tiered" if price.tiers else "per_unit",
            "created": price.created,
            "currency": price.currency.lower(),
            "interval": price.interval,
            "interval_count": price.count,
            "livemode": True,
            "metadata": {},
            "nickname": price.nickname,
            "product": price.product.id,
            "tiers_mode": price.tiers_mode,
            "transform_usage": None,
            "trial_period_days": None,
            "usage_type": "metered" if price.metered else "licensed",
        }
        return self._metered(body, price)

    def _price(self, price: Price) -> Body:
        unit, decimal = _unit(price)
        recurring = {
            "aggregate_usage": "sum" if price.metered else None,
            "interval": price.interval,
            "interval_count": price.count,
            "trial_period_days": None,
            "usage_type": "metered" if price.metered else "licensed",
        }
        return {
            "id": price.id,
            "object": "price",
            "active": True,
            "billing_scheme": "tiered" if price.tiers else "per_unit",
            "created": price.created,
            "currency": price.currency.lower(),
            "custom_unit_amount": None,
            "livemode": True,
            "lookup_key": price.key,
            "metadata": {},
            "nickname": price.nickname,
            "product": price.product.id,
            "recurring": self._metered(recurring, price),
            "tax_behavior": "exclusive",
            "tiers_mode": price.tiers_mode,
            "transform_quantity": None,
            "type": "recurring",
            "unit_amount": unit,
            "unit_amount_decimal": decimal,
        }

    def _metered(self, body: Body, price: Price) -> Body:
        if not self.metered_by_meter:
            return body
        del body["aggregate_usage"]
        return {**body, "meter": f"mtr_{price.product.id[5:]}" if price.metered else None}


def tiers(price: Price) -> list[Body] | None:
    """The tiers of a price as a body has them."""
    if not price.tiers:
        return None
    return [
        {
            "flat_amount": tier.flat or None,
            "flat_amount_decimal": str(tier.flat) if tier.flat else None,
            "unit_amount": tier.unit,
            "unit_amount_decimal": str(tier.unit),
            "up_to": tier.up_to,
        }
        for tier in price.tiers
    ]


def named(product: Product) -> Body:
    """What every version says of a product."""
    return {
        "id": product.id,
        "created": product.created,
        "description": f"{product.name} for teams",
        "metadata": {"family": product.key},
        "name": product.name,
        "unit_label": product.unit_label,
        "updated": product.created,
    }


def _unit(price: Price) -> tuple[int | None, str | None]:
    """The unit amount as a whole number of minor units, where it is one, and as a decimal string."""
    if price.tiers:
        return None, None
    return (int(price.unit) if "." not in price.unit else None), price.unit


def _coupon(coupon: Coupon) -> Body:
    return {
        **COUPON,
        "id": coupon.id,
        "amount_off": coupon.amount,
        "created": coupon.created,
        "currency": None if coupon.currency is None else coupon.currency.lower(),
        "duration": coupon.duration,
        "duration_in_months": coupon.months,
        "name": coupon.name,
        "percent_off": coupon.percent,
    }
