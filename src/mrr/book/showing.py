"""Verbs that show what stands behind a figure: who moved, one customer whole, customers by page, what to filter by."""

from collections.abc import Sequence
from datetime import date

import msgspec

from mrr.book.desk import Desk
from mrr.controls import close
from mrr.dates import first_day
from mrr.keeper import report
from mrr.lookups import account, directory, movers
from mrr.lookups.account import Account
from mrr.lookups.directory import Directory, Order
from mrr.lookups.movers import Moved, Mover, Movers
from mrr.period import Grain, next_period, period_start
from mrr.reports.customers import customers


class Showing(Desk):
    """What stands behind the figures of the pages."""

    @report
    def cell(
        self,
        *,
        period: str,
        interval: Grain = "month",
        kind: str | None = None,
        as_of: str | None = None,
        where: Sequence[tuple[str, str]] = (),
        limit: int = 200,
    ) -> Movers:
        """Who moved in the period that contains a day, in one class or all, under the filters of a report.

        The largest first.
        """
        start = period_start(_day(period), interval)
        over = next_period(start, interval)
        asked = self._asked(interval, f"{start}", f"{date.fromordinal(over.toordinal() - 1)}", as_of, None, where)
        rows: list[Mover] = []
        matching, total = 0, 0
        for reign, until in self._stretches():
            first, ends = max(start, reign.from_on or start), min(over, until or over)
            if first < ends:
                with self._under(reign.policy) as ledger:
                    within = msgspec.structs.replace(asked, first=first)
                    found, many, come_to = movers.movers(ledger, reign.policy, within, kind, ends, limit)
                rows, matching, total = rows + found, matching + many, total + come_to
        rows = sorted(rows, key=lambda row: -abs(row.amount_micros))[:limit]
        return Movers(self._definition("mrr.movements", asked.as_of, asked), matching, total, rows)

    @report
    def latest(self, *, as_of: str | None = None, limit: int = 9) -> Movers:
        """The newest movements but those of exchange rates, the newest first."""
        moment = self._moment(as_of)
        sight = self._sight_at(moment)
        rows = movers.latest(sight.warehouse, sight.policy, moment, limit)
        total = sum(row.amount_micros for row in rows)
        return Movers(self._definition("mrr.movements", moment), len(rows), total, rows)

    @report
    def moved(
        self,
        *,
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        where: Sequence[tuple[str, str]] = (),
    ) -> list[Moved]:
        """How many customers are behind each cell of a roll-forward.

        Where the policy changed within a period, who moved under both counts twice.
        """
        asked, told = self._asked(interval, first, last, as_of, None, where), dict[tuple[date, str], int]()
        for reign, until in self._stretches():
            begins = max(filter(None, (asked.first, reign.from_on)), default=None)
            ends = min(filter(None, (asked.last, until and date.fromordinal(until.toordinal() - 1))), default=None)
            if begins is None or ends is None or begins <= ends:
                with self._under(reign.policy) as ledger:
                    within = msgspec.structs.replace(asked, first=begins, last=ends)
                    found = movers.counts(ledger, reign.policy, within)
                for one in found:
                    key = one.period_starts_on, one.class_
                    told[key] = told.get(key, 0) + one.customers
        return [Moved(*key, number) for key, number in told.items()]

    @report
    def directory(
        self,
        *,
        search: str | None = None,
        state: str | None = None,
        order: Order = "-mrr",
        as_of: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> Directory:
        """A page of the customers whose name or id contains a text."""
        moment = self._moment(as_of)
        wanted = directory.Wanted(search or None, state or None, order, limit, offset)
        rows, matching = directory.directory(self._sight_at(moment).warehouse, moment, wanted)
        return Directory(self._definition("mrr.ending", moment), matching, rows)

    @report
    def account(self, *, customer: str, as_of: str | None = None) -> Account:
        """One customer whole: subscriptions, invoices, payments. Raises WrongUse where there is no such customer."""
        moment = self._moment(as_of)
        ledger = self._sight_at(moment).warehouse
        told = account.account(ledger, moment, customer)
        found = customers(ledger, moment, customer, None)
        return Account(self._definition("mrr.ending", moment), found[0] if found else None, *told)

    @report
    def seals(self) -> dict[str, str]:
        """How each closed month stands, by its first day: `closed`, or `restated` where something changed since."""
        found: dict[str, str] = {}
        for reign, until in self._stretches():
            starts, ends = reign.from_on or date.min, until or date.max
            mine = [one.sealed for one in self.governed.closes if starts <= one.sealed.month < ends]
            if mine:
                with self._under(reign.policy) as ledger:
                    now = close.prints(ledger, mine[-1].month)
                holds = {f"{seal.month}": now.get(seal.month) == seal.print for seal in mine}
                found |= {month: "closed" if same else "restated" for month, same in holds.items()}
        return found

    @report
    def choices(self, *, as_of: str | None = None) -> dict[str, list[str]]:
        """The values by which figures can be filtered, by key: plan, currency, interval, attributes."""
        moment = self._moment(as_of)
        return directory.choices(self._sight_at(moment).warehouse, moment)


def _day(text: str) -> date:
    """The first day of what a person wrote as a day, month or year."""
    day = first_day(text)
    assert day is not None
    return day
