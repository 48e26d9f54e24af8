"""From a customer's history to day-netted movements: lines, causes, classes (DESIGN §8, RULINGS A26-A38)."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from mrr.simulate.clock import DAY, midnight
from mrr.simulate.exact import MICRO, Line, Terms, half_away, monthly
from mrr.simulate.rates import RateTable
from mrr.simulate.truth import History, Noted, Row, days, standing

_NOTHING = Noted(0, Terms("absent", (), ()), {})
_BACK = {"trialing": "trial_conversion", "paused": "resume", "unpaid": "recovery"}
_OUT = {"ended": "cancellation", "paused": "pause", "unpaid": "unpaid", "trialing": "trial"}
_FOR_GOOD = ("cancellation", "removal")
_ANEW = {"never": "new", "lapsed": "reactivation", "active": "add_on"}

Causes = dict[str, dict[str, int]]


class Rates(NamedTuple):
    """Micros of a US dollar for one unit, before and after the midnight that begins the day."""

    old: Fraction
    new: Fraction


def movements(history: History, rates: RateTable, ends: list[date]) -> Iterator[Row]:
    """The movements of one customer by day, a flow before the fx of its day; amounts in micros of a US dollar."""
    state, total = "never", 0
    before: dict[str, Noted] = {}
    for day in days(history, ends):
        after = _at_end_of(history, day)
        flow, fx = _lines(before, after, day, rates, state)
        active = any(amount > 0 for note in after.values() for amount in note.worth.values())
        kind = _class(state, active, flow)
        for name, lines in ((kind, flow), ("fx", fx)):
            if name is not None and lines:
                total += (amount := sum(sum(causes.values()) for causes in lines.values()))
                yield _movement(history.customer, day, name, amount, total, lines)
        before, state = after, "active" if active else ("never" if state == "never" else "lapsed")


def _at_end_of(history: History, day: date) -> dict[str, Noted]:
    end = midnight(day) + DAY
    found = ((subscription, standing(notes, end)) for subscription, notes in history.subscriptions.items())
    return {subscription: note for subscription, note in found if note is not None}


def _class(state: str, active: bool, flow: Causes) -> str | None:
    """The class of a day's flow, decided for the whole customer; None where a customer without MRR stays so."""
    if state != "active":
        return {"never": "new", "lapsed": "reactivation"}[state] if active else None
    if not active:
        return "churn"
    net = sum(sum(causes.values()) for causes in flow.values())
    return "expansion" if net > 0 else "contraction" if net < 0 else "none"


def _movement(customer: str, day: date, name: str, amount: int, total: int, lines: Causes) -> Row:
    return {
        "on": day.isoformat(),
        "customer_id": customer,
        "class": name,
        "amount_micros": amount,
        "mrr_after_micros": total,
        "lines": [
            {"item_id": item, "amount_micros": sum(causes.values()), "causes": causes}
            for item, causes in sorted(lines.items())
        ],
    }


def _lines(
    before: dict[str, Noted], after: dict[str, Noted], day: date, rates: RateTable, state: str
) -> tuple[Causes, Causes]:
    """The flow and the fx of one day: by item, its causes and their micros."""
    flow: Causes = {}
    fx: Causes = {}
    for subscription, new in after.items():
        old = before.get(subscription, _NOTHING)
        rate = _rates(new, day, rates)
        if old is not new:
            flow |= _status_lines(old, new, rate, state)
            flow |= _stepped_lines(old, new, rate)
        if rate.old != rate.new:
            fx |= _revalued(old, new, rate)
    return (_replaced(flow) if state == "active" else flow), fx


def _rates(note: Noted, day: date, rates: RateTable) -> Rates:
    if not note.terms.lines:
        return Rates(Fraction(MICRO), Fraction(MICRO))
    currency = note.terms.lines[0].price.currency
    yesterday = date.fromordinal(day.toordinal() - 1)
    return Rates(rates.in_force(currency, yesterday) * MICRO, rates.in_force(currency, day) * MICRO)


def _status_lines(old: Noted, new: Noted, rate: Rates, state: str) -> Causes:
    """Items that count on one side only: one cause, an entry at the new rate, a leaving at the old."""
    lines: Causes = {}
    known = {line.item for line in old.terms.lines}
    for item, amount in new.worth.items():
        if item not in old.worth:
            cause = _BACK.get(old.terms.state, _ANEW[state]) if item in known else _ANEW[state]
            lines[item] = {cause: half_away(amount * rate.new)}
    present = {line.item for line in new.terms.lines}
    for item, amount in old.worth.items():
        if item not in new.worth:
            gone = item not in present and new.terms.state != "ended"
            lines[item] = {"removal" if gone else _OUT[new.terms.state]: -half_away(amount * rate.old)}
    return lines


def _replaced(flow: Causes) -> Causes:
    """A37: where lines leave an active customer for good and others enter anew, all of them are `replacement`."""
    left = {item for item, causes in flow.items() if next(iter(causes)) in _FOR_GOOD}
    came = {item for item, causes in flow.items() if next(iter(causes)) == "add_on"}
    if not left or not came:
        return flow
    return {
        item: {"replacement": sum(causes.values())} if item in left | came else causes for item, causes in flow.items()
    }


def _stepped_lines(old: Noted, new: Noted, rate: Rates) -> Causes:
    """Items that count on both sides: offer, then quantity, then discount, all items of it together (A16)."""
    was = {line.item: line for line in old.terms.lines}
    now = {line.item: line for line in new.terms.lines}
    both = [item for item in new.worth if item in old.worth]
    if not both or old.terms == new.terms:
        return {}
    offered = tuple(line._replace(price=now.get(line.item, line).price) for line in old.terms.lines)
    counted = tuple(line._replace(quantity=now.get(line.item, line).quantity) for line in offered)
    first = monthly(offered, old.terms.coupons)
    second = monthly(counted, old.terms.coupons)
    lines: Causes = {}
    for item in both:
        steps = (old.worth[item], first[item], second[item], new.worth[item])
        if causes := _causes(was[item], now[item], steps, rate):
            lines[item] = causes
    return lines


def _causes(was: Line, now: Line, steps: tuple[Fraction, Fraction, Fraction, Fraction], rate: Rates) -> dict[str, int]:
    """Differences of rounded levels; a step that is not the item's own offer or quantity is its discount's."""
    start, offered, counted, end = (half_away(level * _deciding(steps, rate)) for level in steps)
    discount = end - counted
    causes: dict[str, int] = {}
    if was.price is not now.price:
        causes[_offer(was, now)] = offered - start
    else:
        discount += offered - start
    if was.quantity != now.quantity:
        causes["quantity"] = counted - offered
    else:
        discount += counted - offered
    if discount:
        causes["discount"] = discount
    return causes


def _deciding(steps: tuple[Fraction, Fraction, Fraction, Fraction], rate: Rates) -> Fraction:
    """A28: the sign of the item's net local change decides the rate of all its steps."""
    return rate.old if steps[3] < steps[0] else rate.new


def _offer(was: Line, now: Line) -> str:
    if was.price.product is not now.price.product:
        return "plan"
    if (was.price.interval, was.price.count) != (now.price.interval, now.price.count):
        return "interval"
    return "price"


def _revalued(old: Noted, new: Noted, rate: Rates) -> Causes:
    """Fx of items that count on both sides: the smaller local amount at the new rate less at the old."""
    lines: Causes = {}
    for item, amount in new.worth.items():
        if item in old.worth:
            kept = min(amount, old.worth[item])
            change = half_away(kept * rate.new) - half_away(kept * rate.old)
            if change:
                lines[item] = {"fx": change}
    return lines
