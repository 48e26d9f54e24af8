"""Verbs that ask: reports, metrics, cohorts, movements, customers, explanations."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from mrr.answers import Customers, Definition, Measured, Movements, Rollforward, Triangle, governed
from mrr.book.desk import Desk
from mrr.controls import changeover, close
from mrr.controls.changeover import Reign
from mrr.dates import first_day, last_day
from mrr.errors import WrongUse
from mrr.governance import Close
from mrr.keeper import report
from mrr.ledger_words import as_closed
from mrr.metrics import catalogue, cohorts
from mrr.period import Grain, midnight, next_period, period_start
from mrr.reports import customers, explain, movements, rollforward
from mrr.reports.frame import Asked
from mrr.reports.movements import Movement, Wanted
from mrr.reports.rollforward import Row


class Asking(Desk):
    """What comes out of a book."""

    @report
    def rollforward(
        self,
        *,
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        by: str | None = None,
        where: Sequence[tuple[str, str]] = (),
        as_closed: bool = False,
    ) -> Rollforward:
        """How opening MRR became closing MRR, period by period; `as_closed` tells closed months as they were sealed.

        A change of policy, and what became known behind a close, stand in columns of their own.
        """
        asked = self._asked(interval, first, last, as_of, by, where)
        if as_closed:
            return self._as_closed(asked)
        rows = changeover.spliced(self._reigns(), asked, self._under)
        return Rollforward(self._definition("mrr.ending", asked.as_of, asked), rows)

    def _as_closed(self, asked: Asked) -> Rollforward:
        """Closed months as they were sealed. Raises WrongUse for what was not: groups, filters, days and weeks."""
        if not asked.whole or asked.grain in ("day", "week"):
            remedy = "For the ledger of a close, with all its groups, ask with --ledger close:2026-10."
            raise WrongUse("what was sealed are whole months in total", remedy=remedy)
        first = period_start(asked.first, asked.grain) if asked.first else date.min
        over = next_period(period_start(asked.last, asked.grain), asked.grain) if asked.last else date.max
        closes = [one for one in self.governed.closes if one.sealed.as_of <= asked.as_of]
        seals = dict(self._sealed(closes, first))
        since = next_period(closes[-1].sealed.month, "month") if closes else first
        monthly = msgspec.structs.replace(asked, grain="month", first=None if since == date.min else max(since, first))
        told = changeover.as_closed(changeover.spliced(self._reigns(), monthly, self._under), seals)
        shown = [row for row in told if first <= row.period_starts_on < over]
        meant = self._definition("mrr.ending", asked.as_of, asked)
        status = "closed" if meant.status == "restated" else meant.status
        return Rollforward(msgspec.structs.replace(meant, status=status), changeover.coarser(shown, asked.grain))

    def _sealed(self, closes: Sequence[Close], first: date) -> Iterator[tuple[date, Row]]:
        """Every month up to the last close: as it was sealed, or else as the next close had it, which sealed it too."""
        before: date | None = None
        for one in closes:
            month = one.sealed.month
            due = next_period(before, "month") if before is not None else None
            if due != month and first < month:
                then = as_closed(one)
                ledger = self._other(self.prepared(), then)
                last = date.fromordinal(month.toordinal() - 1)
                asked = Asked("month", midnight(month, then.policy["timezone"]), due, last)
                yield from ((row.period_starts_on, row) for row in rollforward.rollforward(ledger, then.policy, asked))
            yield month, close.row_of(one.sealed)
            before = month

    def metrics(self) -> list[catalogue.Metric]:
        """Every metric with its governed definition; they are the same for every book."""
        return catalogue.catalogue()

    @report
    def metric(
        self,
        *,
        name: str,
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        by: str | None = None,
        where: Sequence[tuple[str, str]] = (),
    ) -> Measured:
        """A metric by period, in total or by group. Raises WrongUse for one that there is not, or not in this form."""
        metric, asked = catalogue.named(name), self._asked(interval, first, last, as_of, by, where)
        reigns = self._reigns()
        rows = changeover.measured(reigns, asked, metric, self._under)
        return Measured(governed(self._definition(name, asked.as_of, asked), metric, reigns[-1].policy), rows)

    @report
    def cohort(
        self,
        *,
        of: str = "logo",
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        by: str | None = None,
        where: Sequence[tuple[str, str]] = (),
    ) -> Triangle:
        """What became of those who joined together, `of` logo or revenue; cohorts by period, or by an attribute."""
        metric, asked = catalogue.named(f"cohort.{of}"), self._asked(interval, first, last, as_of, by, where)
        sight = self.sight()
        rows = cohorts.cohorts(sight.warehouse, sight.policy, asked, metric)
        return Triangle(governed(self._definition(metric.name, asked.as_of, asked), metric, sight.policy), rows)

    @report
    def movements(
        self,
        *,
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        customer: str | None = None,
        kind: str | None = None,
    ) -> Movements:
        """All movements, or those of some days, one customer, one class."""
        moment = self._moment(as_of)
        wanted = Wanted(moment, first_day(first), last_day(last), customer, kind)
        rows = [row for stretch in self._stretches() for row in self._moved(*stretch, wanted)]
        shown = Asked("day", moment, wanted.first, wanted.last)
        return Movements(self._definition("mrr.movements", moment, shown), rows)

    @report
    def customers(
        self, *, as_of: str | None = None, customer: str | None = None, state: str | None = None
    ) -> Customers:
        """Every customer with its state and MRR, the largest first."""
        moment = self._moment(as_of)
        rows = customers.customers(self._sight_at(moment).warehouse, moment, customer, state)
        return Customers(self._definition("mrr.ending", moment), rows)

    @report
    def explain(self, *, movement_id: str, as_of: str | None = None) -> explain.Explanation:
        """One movement, down to the entries behind it. A prefix of its id will do where it is unique."""
        moment = self._moment(as_of)
        for reign, until in self._stretches():
            with self._under(reign.policy) as ledger:
                matches = ledger.rows(
                    "SELECT movement_id FROM ledger.movement WHERE starts_with(movement_id, ?)", [movement_id]
                )
                exact = matches[0][0] if len(matches) == 1 else movement_id
                found = self._moved(reign, until, Wanted(moment, movement_id=exact))
                if found:
                    return explain.explain(ledger, reign.policy, found[0], moment)
        raise WrongUse(f"no movement {movement_id!r}", remedy="`mrr movements --json` lists their ids.")

    def _moved(self, reign: Reign, until: date | None, wanted: Wanted) -> list[Movement]:
        """Those of the movements that are wanted which lie within a reign."""
        first = max(filter(None, (wanted.first, reign.from_on)), default=None)
        ends = date.fromordinal(until.toordinal() - 1) if until is not None else None
        last = min(filter(None, (wanted.last, ends)), default=None)
        with self._under(reign.policy) as ledger:
            return movements.movements(ledger, msgspec.structs.replace(wanted, first=first, last=last))

    @report
    def names(self) -> dict[str, str]:
        """What the catalogue calls its products, by id; a product without a name is left out."""
        rows = self.prepared().rows("""SELECT product_id, name
            FROM product ANTI JOIN set_aside USING (seq) WHERE name IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY effective_at DESC, digest) = 1""")
        return {product.partition("/")[2]: name for product, name in rows}

    @report
    def definition(self, *, as_of: str | None = None) -> Definition:
        """What the figures of this book mean, and on what they rest."""
        return self._definition("mrr.ending", self._moment(as_of))
