"""Who the customers are: names, countries, attributes, and when they come."""

from bisect import bisect_right
from datetime import date
from itertools import accumulate
from random import Random

from mrr.simulate.clock import first_of_month, midnight
from mrr.simulate.life import Life
from mrr.simulate.state import Customer

_FIRST = (
    "Amber", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper", "Kestrel", "Lumen",
    "Maple", "Nimbus", "Orchid", "Pioneer", "Quartz", "River", "Summit", "Tundra", "Umber", "Vertex", "Willow",
)  # fmt: skip
_SECOND = (
    "Analytics", "Bakery", "Clinic", "Designs", "Energy", "Foods", "Games", "Health", "Imports", "Labs", "Logistics",
    "Media", "Networks", "Optics", "Partners", "Robotics", "Software", "Studios", "Systems", "Textiles", "Works",
)  # fmt: skip
_COUNTRIES = {
    "USD": (
        ("US", "Austin", "78701"),
        ("US", "Portland", "97201"),
        ("CA", "Toronto", "M5H 2N2"),
        ("SG", "Singapore", "049213"),
    ),
    "EUR": (("DE", "Berlin", "10115"), ("FR", "Lyon", "69002"), ("NL", "Utrecht", "3511"), ("ES", "Valencia", "46001")),
    "GBP": (("GB", "Leeds", "LS1 4AP"), ("GB", "Bristol", "BS1 5TR")),
    "JPY": (("JP", "Osaka", "530-0001"),),
    "KWD": (("KW", "Kuwait City", "13001"),),
}
_CURRENCIES = ((62, "USD"), (80, "EUR"), (92, "GBP"), (97, "JPY"), (100, "KWD"))
SEGMENTS = ("self-serve", "smb", "mid-market", "enterprise")
CHANNELS = ("organic", "ads", "partner", "outbound", "referral")
# Each month this many more customers come than in the month before; the launch brings several months' worth at once.
_GROWTH = (1035, 1000)
_LAUNCH = 3


def pick(life: Life, shares: tuple[tuple[int, str], ...]) -> str:
    """One of the names, by cumulated shares of a hundred."""
    drawn = life.below(100)
    return next(name for below, name in shares if drawn < below)


def meet(life: Life, currency: str | None = None) -> None:
    """A new customer appears now and is told at once."""
    money = currency or pick(life, _CURRENCIES)
    name = f"{life.choice(_FIRST)} {life.choice(_SECOND)}"
    place = life.choice(_COUNTRIES[money])
    metadata = {
        "account_id": f"acc_{life.setting.seed}_{life.number:06d}",
        "segment": SEGMENTS[min(3, life.below(9) // 2)],
        "channel": life.choice(CHANNELS),
        "crm_owner": f"owner-{life.below(9)}",
    }
    email = f"billing+{life.number}@{name.lower().replace(' ', '-')}.example"
    life.customer = Customer(
        life.codes.short("cus_", life.now),
        life.now,
        name,
        email,
        money,
        _address(life, place),
        metadata,
        life.codes.long("pm_1", life.now),
        f"{life.number * 7919 % (1 << 32):08X}",
    )
    life.show_customer(None, "created")


def _address(life: Life, place: tuple[str, str, str]) -> dict[str, str | None]:
    street = f"{life.number % 250 + 1} Harbour Street"
    return {
        "city": place[1],
        "country": place[0],
        "line1": street,
        "line2": None,
        "postal_code": place[2],
        "state": None,
    }


def change_attributes(life: Life) -> None:
    """The customer grows into another segment, is counted to another channel, or moves to another country."""
    before, customer = life.portrait(), life.customer
    kind = life.below(3)
    if kind == 0:
        following = SEGMENTS[(SEGMENTS.index(customer.metadata["segment"]) + 1) % len(SEGMENTS)]
        customer.metadata = {**customer.metadata, "segment": following}
    elif kind == 1:
        following = CHANNELS[(CHANNELS.index(customer.metadata["channel"]) + 1) % len(CHANNELS)]
        customer.metadata = {**customer.metadata, "channel": following}
    else:
        every = [place for places in _COUNTRIES.values() for place in places]
        here = next(number for number, place in enumerate(every) if place[1] == customer.address["city"])
        customer.address = _address(life, every[(here + 3) % len(every)])
    life.show_customer(before)
    life.mark("attributes_changed")


class Arrivals:
    """When each customer comes: month by month more of them, in order of their number; whole numbers only."""

    def __init__(self, seed: int, customers: int, starts_on: date, months: int) -> None:
        self._seed = seed
        self._customers = customers
        self._starts = [midnight(first_of_month(starts_on, number)) for number in range(months + 1)]
        self._starts[0] = midnight(starts_on)
        weights = [1_000_000]
        for _ in range(months - 1):
            weights.append(weights[-1] * _GROWTH[0] // _GROWTH[1])
        weights[0] *= _LAUNCH
        self._until = [0, *accumulate(weights)]

    def at(self, number: int) -> int:
        """The epoch second at which customer `number` comes; a later number never comes earlier."""
        chance = Random(f"mrr arrival {self._seed} {number}").getrandbits(32)
        place = ((number << 32) + chance) * self._until[-1] // (self._customers << 32)
        month = bisect_right(self._until, place) - 1
        share, whole = place - self._until[month], self._until[month + 1] - self._until[month]
        return self._starts[month] + share * (self._starts[month + 1] - self._starts[month]) // whole
