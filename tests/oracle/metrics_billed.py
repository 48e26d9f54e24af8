"""What invoices billed for the days of a period: recognised MRR and usage MRR."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from tests.oracle.clock import local_day
from tests.oracle.fx import Rates
from tests.oracle.metrics_frame import Frame, Group
from tests.oracle.metrics_lives import attributes_at
from tests.oracle.metrics_money import Figure, Figures, Metric
from tests.oracle.metrics_people import traits_of
from tests.oracle.services import Reader
from tests.oracle.state import World
from tests.oracle.story import Offer

Bill = tuple[Group, date, date, Fraction]


def _bills(frame: Frame, world: World, metered: bool) -> Iterator[Bill]:
    """Group, service days and net amount (reporting currency, micros) of every line."""
    billing, policy = world.billing, world.policy
    owners = {name: life.facts[0].customer for name, life in world.lives.items()}
    reader = Reader(policy, world.story.snapshots, owners)
    for paper, line, terms in reader.lines([one for one in billing.papers if not one.is_credit]):
        customer = world.owner(paper.customer or owners[str(paper.subscription)])
        if line.period is None or line.period[1] <= line.period[0] or world.excluded(customer):
            continue
        if bool(terms and terms.metered) != metered or line.period[0] >= frame.calendar.as_of:
            continue
        starts, ends = line.period
        unit, units, _ = reader.length(starts, ends, terms.offer.interval if terms else None)
        offer = Offer(str(line.product), str(line.price), Fraction(0), (), "", unit, units, line.currency)
        traits = traits_of(offer, line.subscription or customer)
        group = frame.group({**attributes_at(frame, world, customer, starts), **traits})
        if group is not None:
            opens = local_day(starts, policy.zone)
            closes = max(local_day(ends, policy.zone), date.fromordinal(opens.toordinal() + 1))
            yield group[0], opens, closes, line.net * 1_000_000 * Rates(world, [], {}).on(line.currency, opens)


def _earned(bill: Bill, before: date) -> int:
    """What a line had earned by the morning of a day, in micros, halves away from 0."""
    _, opens, closes, net = bill
    days = min(max((before - opens).days, 0), (closes - opens).days)
    exact = abs(net) * days / (closes - opens).days
    return (1 if net >= 0 else -1) * int(exact + Fraction(1, 2))


def _of(frame: Frame, metered: bool) -> Figures:
    bills = [bill for world in frame.firm.worlds for bill in _bills(frame, world, metered)]
    others = [bill for world in frame.firm.worlds for bill in _bills(frame, world, not metered)]
    groups = {bill[0] for bill in bills + others} | ({None} if frame.asked.by is None else set())
    found: Figures = {}
    for period in frame.periods:
        months = frame.calendar.stretch(period).months
        for group in groups:
            mine = [bill for bill in bills if bill[0] == group]
            earned = sum(_earned(bill, period.closes_on) - _earned(bill, period.starts_on) for bill in mine)
            found[period.starts_on, group] = Figure(earned * months.denominator, months.numerator)
    return found


METRICS: dict[str, Metric] = {
    "mrr.recognised": lambda frame: _of(frame, metered=False),
    "mrr.usage": lambda frame: _of(frame, metered=True),
}
