"""A whole simulated company: its stream of webhook events, its exchange rates and the truth of its revenue."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from heapq import heappop, heappush, heapreplace

import mrr.simulate.stories as stories
from mrr.errors import WrongUse
from mrr.simulate.catalogue import Catalogue
from mrr.simulate.clock import HOUR, first_of_month, instant, midnight, month_ends
from mrr.simulate.codes import CATALOGUE, Codes
from mrr.simulate.life import Life, Setting
from mrr.simulate.movements import movements
from mrr.simulate.people import Arrivals
from mrr.simulate.rates import Rate, RateTable, walk
from mrr.simulate.shapes import SHAPES, Shape, envelope
from mrr.simulate.state import Body
from mrr.simulate.truth import Closings, History, Truth, levels, noted

_ERAS = tuple(shape.name for shape in SHAPES)


class Company:
    """A SaaS company from `starts_on` for some months; everything of it is decided by the seed alone."""

    def __init__(
        self, seed: int, customers: int, months: int, starts_on: date, era: str | None, invoices: bool
    ) -> None:
        self.starts_on = starts_on
        self.ends_on = first_of_month(starts_on, months)
        self._months = months
        starts_at = midnight(starts_on)
        raised_at = midnight(first_of_month(starts_on, months * 2 // 5)) + 9 * HOUR
        self._catalogue = Catalogue(seed, starts_at, raised_at)
        eras = _eras(starts_on, months, era)
        ends_at = midnight(self.ends_on)
        self._setting = Setting(seed, customers, starts_at, ends_at, self._catalogue, eras, invoices)
        self._arrivals = Arrivals(seed, customers, starts_on, months)

    def events(self) -> Iterator[Body]:
        """Every event in time order, one at a time: only the customers who are there at a moment are in memory."""
        running: list[tuple[int, int, Life]] = []
        listed = self._catalogue_events()
        pending = next(listed, None)
        waiting = (life for number in range(self._setting.customers) if (life := self._life(number)))
        newcomer = next(waiting, None)
        while running or newcomer is not None:
            while newcomer is not None and (not running or _start(newcomer) <= running[0][0]):
                heappush(running, (_start(newcomer), newcomer.number, newcomer))
                newcomer = next(waiting, None)
            at, number, life = running[0]
            while pending is not None and pending["created"] <= at:
                yield pending
                pending = next(listed, None)
            yield from life.step()
            following = life.next_at()
            if following is None:
                heappop(running)
            else:
                heapreplace(running, (following, number, life))

    def rates(self) -> Iterator[Rate]:
        """Rates of every working day in US dollars, from two months before the start to the end."""
        return walk(self._setting.seed, self.starts_on, self.ends_on)

    def truth(self) -> Truth:
        """What really happened, by the simulator's own books."""
        rates = RateTable(self.rates())
        ends = month_ends(self.starts_on, self.ends_on)
        closings = Closings(rates, self.starts_on, self.ends_on)
        truth, marks = Truth(instant(self._setting.ends_at)), Counter[str]()
        for number in range(self._setting.customers):
            life = self._life(number, silent=True)
            while life.next_at() is not None:
                life.step()
            history = self._history(life)
            truth.movements.extend(movements(history, rates, ends))
            truth.levels.extend(levels(history))
            closings.add(history)
            marks.update(life.marks)
        truth.movements.sort(key=lambda row: (row["on"], row["customer_id"]))
        truth.closings = closings.rows()
        truth.lifecycles = dict(sorted(marks.items()))
        return truth

    def _life(self, number: int, *, silent: bool = False) -> Life:
        life = Life(self._setting, number, silent=silent)
        life.plan(self._arrivals.at(number), stories.live)
        return life

    def _history(self, life: Life) -> History:
        ends_at = self._setting.ends_at
        return History(life.customer.id, {one.id: noted(one.notes, ends_at) for one in life.subscriptions})

    def _catalogue_events(self) -> Iterator[Body]:
        """Products, prices and coupons at the opening, and later the raised prices."""
        codes, listed, opening = (
            Codes(self._setting.seed, CATALOGUE, 1_000_000),
            self._catalogue,
            self._setting.shape(0),
        )
        found = [(one.created, "product.created", opening.product(one)) for one in listed.products.values()]
        found += [(one.created, "coupon.created", opening.coupon(one)) for one in listed.coupons.values()]
        for price in listed.prices.values():
            shape = self._setting.shape(price.created)
            found += [(price.created, kind, body) for kind, body in shape.catalogue_events(price)]
        found.sort(key=lambda one: one[0])
        for at, kind, body in found:
            version = self._setting.shape(at).version
            yield envelope(codes.long("evt_1", at), version, at, kind, body, None, codes.request())


def _start(life: Life) -> int:
    at = life.next_at()
    assert at is not None
    return at


def _eras(starts_on: date, months: int, era: str | None) -> tuple[tuple[int, Shape], ...]:
    """Which shape from when: one for all time, or each for a third of the months, changing in mid-month."""
    if era is not None:
        if era not in _ERAS:
            raise WrongUse(f"era {era!r} is not known", remedy=f"choose one of {', '.join(_ERAS)}, or leave it out")
        return ((0, SHAPES[_ERAS.index(era)]()),)
    changes = [0] + [
        midnight(first_of_month(starts_on, months * third // 3)) + 9 * 24 * HOUR + 33_207 for third in (1, 2)
    ]
    return tuple((at, shape()) for at, shape in zip(changes, SHAPES, strict=True))


def company(
    seed: int,
    customers: int = 500,
    months: int = 36,
    starts_on: date = date(2023, 1, 1),
    era: str | None = None,
    invoices: bool = True,
) -> Company:
    """A company of `customers` over `months`, in the shapes of three eras one after the other, or of one `era`.

    Without `invoices` it sends only catalogue, customer and subscription events. Raises WrongUse for a bad number.
    """
    if customers < 1 or months < 3:
        raise WrongUse("a company needs at least one customer and three months", remedy="ask for more")
    return Company(seed, customers, months, starts_on, era, invoices)
