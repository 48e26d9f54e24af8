"""The ground truth under the policy `standard`: levels, movements and closings, from what the simulator did."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from mrr.simulate.clock import DAY, day_of, instant, midnight, month_ends
from mrr.simulate.exact import MICRO, Terms, half_away, monthly
from mrr.simulate.rates import RateTable

Row = dict[str, Any]


class Noted(NamedTuple):
    """From `at` on a subscription has these terms; `worth` is the exact local amount a month of what counts."""

    at: int
    terms: Terms
    worth: dict[str, Fraction]


@dataclass(slots=True)
class History:
    """All that the truth needs of one customer: per subscription, its terms in time order."""

    customer: str
    subscriptions: dict[str, list[Noted]]


@dataclass(slots=True)
class Truth:
    """What really happened, up to and without the instant `as_of`.

    `movements`: {on, customer_id, class, amount_micros, mrr_after_micros, lines: [{item_id, amount_micros, causes}]},
    by day, then customer, a flow before the fx beside it. `levels`: {customer_id, subscription_id, item_id, starts_at,
    ends_at, local_micros, currency}, never 0, `ends_at` None while it lasts. `closings`: {month, closing_micros,
    customers}, one for each month. `lifecycles`: how often each kind of story came to pass.
    """

    as_of: str
    movements: list[Row] = field(default_factory=list)
    levels: list[Row] = field(default_factory=list)
    closings: list[Row] = field(default_factory=list)
    lifecycles: dict[str, int] = field(default_factory=dict)


def noted(notes: Iterable[tuple[int, Terms]], before: int) -> list[Noted]:
    """The notes of one subscription before an instant, each with what its items are worth."""
    return [
        Noted(at, terms, monthly(terms.lines, terms.coupons) if terms.state == "counted" else {})
        for at, terms in notes
        if at < before
    ]


def levels(history: History) -> Iterator[Row]:
    """The levels of one customer: an item's local amount on a half-open interval, equal neighbours joined."""
    for subscription, notes in history.subscriptions.items():
        standing: dict[str, Row] = {}
        for note in notes:
            yield from _closed(standing, note)
            for line in note.terms.lines:
                micros = half_away(note.worth.get(line.item, Fraction(0)) * MICRO)
                if micros and line.item not in standing:
                    standing[line.item] = {
                        "customer_id": history.customer,
                        "subscription_id": subscription,
                        "item_id": line.item,
                        "starts_at": instant(note.at),
                        "ends_at": None,
                        "local_micros": micros,
                        "currency": line.price.currency,
                    }
        yield from standing.values()


def _closed(standing: dict[str, Row], note: Noted) -> list[Row]:
    ended = []
    for item, row in list(standing.items()):
        if half_away(note.worth.get(item, Fraction(0)) * MICRO) != row["local_micros"]:
            ended.append({**standing.pop(item), "ends_at": instant(note.at)})
    return ended


class Closings:
    """Month-end totals in US dollars, summed from the levels alone."""

    def __init__(self, rates: RateTable, starts_on: date, ends_on: date) -> None:
        self._rates = rates
        self._ends = month_ends(starts_on, ends_on)
        self._micros = [0] * len(self._ends)
        self._customers = [0] * len(self._ends)

    def add(self, history: History) -> None:
        """Add one customer's month-end amounts."""
        for number, last in enumerate(self._ends):
            micros = sum(self._worth(notes, last) for notes in history.subscriptions.values())
            self._micros[number] += micros
            self._customers[number] += micros > 0

    def _worth(self, notes: list[Noted], last: date) -> int:
        note = standing(notes, midnight(last) + DAY)
        if note is None or not note.worth:
            return 0
        rate = self._rates.in_force(note.terms.lines[0].price.currency, last) * MICRO
        return sum(half_away(amount * rate) for amount in note.worth.values())

    def rows(self) -> list[Row]:
        """One row a month: {month, closing_micros, customers}."""
        return [
            {"month": last.replace(day=1).isoformat(), "closing_micros": micros, "customers": customers}
            for last, micros, customers in zip(self._ends, self._micros, self._customers, strict=True)
        ]


def standing(notes: list[Noted], before: int) -> Noted | None:
    """The last of the notes before an instant."""
    for note in reversed(notes):
        if note.at < before:
            return note
    return None


def days(history: History, ends: list[date]) -> list[date]:
    """The days on which something may have moved: each day of a note, and month ends while a foreign amount counts."""
    found = {note.at // DAY for notes in history.subscriptions.values() for note in notes}
    foreign = [notes for notes in history.subscriptions.values() if _foreign(notes)]
    for last in ends:
        end = midnight(last) + DAY
        if any((note := standing(notes, end)) and note.worth for notes in foreign):
            found.add(end // DAY - 1)
    return [day_of(number * DAY) for number in sorted(found)]


def _foreign(notes: list[Noted]) -> bool:
    return any(line.price.currency != "USD" for note in notes for line in note.terms.lines)
