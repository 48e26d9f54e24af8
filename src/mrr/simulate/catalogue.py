"""What the simulated company sells: products, prices in five currencies, coupons."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from mrr.simulate.codes import CATALOGUE, Codes

# Minor units of one major unit.
MINOR = {"USD": 100, "EUR": 100, "GBP": 100, "JPY": 1, "KWD": 1000}


@dataclass(frozen=True, slots=True)
class Product:
    """A thing sold; `unit_label` is what a quantity counts."""

    id: str
    key: str
    name: str
    unit_label: str | None
    created: int


@dataclass(frozen=True, slots=True)
class Tier:
    """Up to and including `up_to` units (None: all the rest) at `unit` each plus `flat` once, in minor units."""

    up_to: int | None
    unit: int
    flat: int


@dataclass(frozen=True, eq=False, slots=True)
class Price:
    """One price: `unit` is minor units as a decimal string (empty when tiers rule); two prices are never equal."""

    id: str
    key: str
    product: Product
    currency: str
    unit: str
    interval: str
    count: int
    created: int
    nickname: str
    tiers: tuple[Tier, ...] = ()
    tiers_mode: str | None = None
    metered: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Coupon:
    """A coupon: `percent` off, or `amount` minor units of `currency` off; `months` where it repeats."""

    id: str
    name: str
    duration: str
    created: int
    percent: int | None = None
    amount: int | None = None
    currency: str | None = None
    months: int | None = None


# Key, name, what a quantity counts, US dollars a month in cents.
_PLANS = (
    ("free", "Free", "seat", 0),
    ("starter", "Starter", "seat", 1_900),
    ("team", "Team", "seat", 3_900),
    ("classic", "Business Classic", "seat", 6_900),
    ("business", "Business", "seat", 6_900),
    ("scale", "Scale", "seat", 11_900),
    ("analytics", "Analytics", None, 2_900),
    ("support", "Priority Support", None, 9_900),
    ("workspace", "Extra Workspace", "workspace", 1_500),
)
_OTHERS = (
    ("graduated", "Pro Seats", "seat"),
    ("volume", "Storage", "terabyte"),
    ("contacts", "Contacts", "contact"),
    ("calls", "API Calls", "call"),
)
ADD_ONS = ("analytics", "support", "workspace")
PER_SEAT = ("starter", "team")
# Price points are set by hand in each currency, as companies do: (currency, numerator, denominator, step).
_POINTS = (("USD", 1, 1, 1), ("EUR", 19, 20, 10), ("GBP", 4, 5, 10), ("JPY", 7, 5, 10), ("KWD", 3, 1, 10))
_CYCLES = (("month", 1, 1, 1), ("year", 1, 10, 1))
_RARE_CYCLES = (("month", 3, 14, 5), ("week", 1, 6, 25), ("day", 1, 1, 20))
_GRADUATED = (Tier(10, 500, 0), Tier(25, 425, 100), Tier(None, 350, 250))
_VOLUME = (Tier(10, 900, 0), Tier(50, 750, 0), Tier(None, 600, 500))


class Catalogue:
    """Everything on sale; `raised_at` is when the Team plan gets its second, higher price."""

    def __init__(self, seed: int, opened_at: int, raised_at: int) -> None:
        self._codes = Codes(seed, CATALOGUE)
        self.opened_at = opened_at
        self.raised_at = raised_at
        self.products = {key: self._product(key, name, label) for key, name, label, _ in _PLANS}
        self.products |= {key: self._product(key, name, label) for key, name, label in _OTHERS}
        self.prices = {price.key: price for price in self._all_prices()}
        self.coupons = {coupon.id: coupon for coupon in self._all_coupons()}

    def price(self, product: str, currency: str, cycle: str = "month", at: int = 0) -> Price:
        """The price to offer at the instant `at`; `cycle` is month, year, quarter, week or day."""
        key = f"{product}-{cycle}-{currency.lower()}"
        raised = self.prices.get(f"{key}-v2")
        return raised if raised is not None and at > raised.created else self.prices[key]

    def raised(self, price: Price) -> Price | None:
        """The later, higher price of the same thing, if there is one."""
        return self.prices.get(f"{price.key}-v2")

    @cached_property
    def coupons_for(self) -> dict[str, tuple[Coupon, ...]]:
        """By currency, the coupons that a customer who pays in it may be given."""
        every = tuple(self.coupons.values())
        return {money: tuple(c for c in every if c.currency in (None, money)) for money in MINOR}

    def _product(self, key: str, name: str, label: str | None) -> Product:
        return Product(self._codes.short("prod_", self.opened_at), key, name, label, self.opened_at)

    def _price(self, key: str, product: str, currency: str, unit: str, interval: str, count: int = 1) -> Price:
        thing = self.products[product]
        nickname = f"{thing.name}, {currency}, every {count} {interval}"
        created = self.raised_at if key.endswith("-v2") else self.opened_at + 1
        return Price(
            self._codes.long("price_1", created), key, thing, currency, unit, interval, count, created, nickname
        )

    def _all_prices(self) -> Iterator[Price]:
        for product, _, _, cents in _PLANS:
            for currency, *point in _POINTS:
                yield from self._cycles(product, currency, cents, point)
        for currency in ("USD", "EUR"):
            yield from self._rare(currency)

    def _cycles(self, product: str, currency: str, cents: int, point: list[int]) -> Iterator[Price]:
        cycles = _CYCLES + (_RARE_CYCLES if product in PER_SEAT and currency in ("USD", "EUR") else ())
        for interval, count, times, per in cycles:
            cycle = "quarter" if count == 3 else interval
            key = f"{product}-{cycle}-{currency.lower()}"
            unit = _round_to(cents * times * point[0] // (per * point[1]), point[2])
            yield self._price(key, product, currency, str(unit), interval, count)
            if product == "team" and interval in ("month", "year") and count == 1:
                yield self._price(f"{key}-v2", product, currency, str(_round_to(unit * 11 // 10, point[2])), interval)

    def _rare(self, currency: str) -> Iterator[Price]:
        money = currency.lower()
        for mode, steps in (("graduated", _GRADUATED), ("volume", _VOLUME)):
            plain = self._price(f"{mode}-month-{money}", mode, currency, "", "month")
            yield replace(plain, tiers=steps, tiers_mode=mode)
        yield self._price(f"contacts-month-{money}", "contacts", currency, "0.375", "month")
        yield self._price(f"contacts-year-{money}", "contacts", currency, "3.6015", "year")
        yield replace(self._price(f"calls-month-{money}", "calls", currency, "0.02", "month"), metered=True)

    def _all_coupons(self) -> Iterator[Coupon]:
        at = self.opened_at + 2
        for percent in (10, 15, 20, 50, 100):
            yield Coupon(f"FOREVER{percent}", f"{percent} % off", "forever", at, percent=percent)
        for percent, months in ((25, 3), (50, 3), (30, 6), (100, 2)):
            name = f"{percent} % off, {months} months"
            yield Coupon(f"LAUNCH{percent}X{months}", name, "repeating", at, percent, months=months)
        yield Coupon("WELCOME40", "40 % off the first bill", "once", at, percent=40)
        for currency, minor in MINOR.items():
            for name, tenths, duration, lasting in _AMOUNTS:
                amount = tenths * minor // 10 * (100 if currency == "JPY" else 1)
                identity = f"{name}-{currency}"
                yield Coupon(identity, identity.title(), duration, at, None, amount, currency, lasting)


# Name, tenths of a major unit (JPY: times a hundred), duration, months.
_AMOUNTS: tuple[tuple[str, int, str, int | None], ...] = (
    ("PARTNER", 50, "forever", None),
    ("NONPROFIT", 100_000, "forever", None),
    ("SPRING", 75, "repeating", 3),
    ("HELLO", 100, "once", None),
)


def _round_to(amount: int, step: int) -> int:
    return amount // step * step
