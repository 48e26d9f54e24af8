"""What metered items are worth a month under `usage`: what was used, or billed, of them in the local months before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.oracle.bill import Term, cost
from tests.oracle.billed import BilledOffer
from tests.oracle.clock import local_day
from tests.oracle.phase import TICK, Life
from tests.oracle.policy import Policy
from tests.oracle.services import Reader
from tests.oracle.story import Item, Offer, required_instant

Month = tuple[int, int]


@dataclass(frozen=True)
class Use:
    """Something used of one item: a quantity at the terms of its instant, or (`billed`) what a line bills for it."""

    customer: str
    subscription: str
    item: str
    at: datetime
    offer: Offer
    quantity: Fraction
    billed: Fraction | None = None

    @property
    def order(self) -> tuple[datetime, str, str, str]:
        """The last one in this order is the last that was told."""
        return self.at, self.offer.currency, self.offer.price, self.offer.product


class Meter:
    """All uses of a story, asked for what they make an item worth at an instant."""

    def __init__(self, policy: Policy, uses: list[Use]) -> None:
        """Takes the uses of everybody."""
        self.policy = policy
        self.uses = uses

    @property
    def months(self) -> int:
        """Of how many months the mean is taken; 0: usage does not count."""
        rule = self.policy["usage"]
        return {"exclude": 0, "last": 1}[rule] if isinstance(rule, str) else int(rule["average"])

    def worth(self, customer: str, subscription: str, at: datetime) -> dict[str, Term]:
        """The metered items of a subscription that are worth something at an instant, at a price of a month."""
        found: dict[str, Term] = {}
        for item in {use.item for use in self.uses}:
            mine = [u for u in self.uses if (u.customer, u.subscription, u.item) == (customer, subscription, item)]
            term = self._mean(mine, self._month(at)) if self.months else None
            if term is not None:
                found[item] = term
        return found

    def _mean(self, uses: list[Use], now: Month) -> Term | None:
        """The mean of the last months; one before the first use does not count, a later one without use is 0."""
        past = [use for use in uses if self._month(use.at) < now]
        if not past:
            return None
        known = max(past, key=lambda use: use.order).offer
        spoken = [use for use in past if use.offer.currency == known.currency]
        first = min(self._month(use.at) for use in spoken)
        counted: list[Fraction] = []
        month = _before(now)
        while len(counted) < self.months and month >= first:
            counted.append(_came_to([use for use in spoken if self._month(use.at) == month]))
            month = _before(month)
        mean = sum(counted, Fraction(0)) / len(counted)
        names = known.product, known.price
        return Term(BilledOffer(*names, mean, (), "", "month", 1, known.currency, "usage"), 1) if mean > 0 else None

    def _month(self, at: datetime) -> Month:
        day = local_day(at, self.policy.zone)
        return day.year, day.month


def _before(month: Month) -> Month:
    """The month before one."""
    return (month[0], month[1] - 1) if month[1] > 1 else (month[0] - 1, 12)


def _came_to(uses: list[Use]) -> Fraction:
    """What the uses of one month come to: its bills, or all that was used at the terms last told in it."""
    if not uses:
        return Fraction(0)
    told = [use for use in uses if use.billed is None]
    bills = sum((use.billed for use in uses if use.billed is not None), Fraction(0))
    if not told:
        return bills
    return bills + cost(max(told, key=lambda use: use.order).offer, sum((use.quantity for use in told), Fraction(0)))


def told_uses(raw: list[dict[str, Any]], lives: dict[str, Life], owner: Callable[[str], str]) -> list[Use]:
    """The quantities that facts tell; one that belongs to no one metered item is pending."""
    found: list[Use] = []
    for fact in {str(fact["usage"]): fact for fact in raw}.values():
        customer, at = owner(str(fact["customer"])), required_instant(fact["effective_at"])
        listed: dict[tuple[str, str], list[tuple[datetime, Item]]] = {}
        for subscription, life in lives.items():
            for snapshot in life.facts:
                for item in snapshot.items if owner(snapshot.customer) == customer else ():
                    if item.metered and fact.get("subscription") in (None, subscription):
                        listed.setdefault((subscription, item.item_id), []).append((snapshot.at, item))
        meant = [place for place in listed if fact.get("item") in (None, place[1])]
        if len(meant) == 1:
            # As the item was when it was used, or else at first.
            then = [item for since, item in listed[meant[0]] if since <= at] or [listed[meant[0]][0][1]]
            found.append(Use(customer, *meant[0], at, then[-1].offer, Fraction(str(fact["quantity"]))))
    return found


def billed_uses(reader: Reader, papers: list[Any], owner: Callable[[str], str]) -> list[Use]:
    """The metered lines of the invoices that count; each belongs to the month in which its service period ends."""
    found: list[Use] = []
    for paper, line, terms in reader.metered(papers):
        if line.period is None or line.period[1] <= line.period[0]:
            continue
        customer = paper.customer or reader.owner[str(paper.subscription)]
        item = line.item or terms.item_id
        offer = BilledOffer(str(line.product), str(line.price), line.net, (), "", "month", 1, line.currency)
        place = owner(customer), line.subscription or customer, item
        found.append(Use(*place, line.period[1] - TICK, offer, Fraction(0), line.net))
    return found
