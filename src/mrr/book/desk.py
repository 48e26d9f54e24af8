"""What every verb of a book begins with: plain words read, instants resolved, the definition block of an answer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import pairwise, zip_longest

import mrr.book.clock as clock
from mrr.answers import Definition
from mrr.controls import close
from mrr.controls.changeover import Reign
from mrr.dates import asked_at, first_day, last_day, seen_at
from mrr.derivation import posting
from mrr.derivation.engine import engine
from mrr.derivation.ledgers import Ledger
from mrr.governance import Sealed
from mrr.keeper import NOW, Keeper, Sight, report
from mrr.period import Grain, micros_of, midnight, next_period, period_start
from mrr.policy import Policy
from mrr.providers.tabular import Usual
from mrr.reports.frame import Asked
from mrr.reports.rates import stale
from mrr.warehouse import Warehouse


class Desk(Keeper):
    """An open book whose verbs can be written in plain words."""

    def now(self) -> datetime:
        """The present, as a naive UTC instant."""
        return clock.now()

    def _seen(self, observed_at: str | None) -> int | None:
        return None if observed_at is None else micros_of(seen_at(observed_at, self.policy["timezone"]))

    def _asked(
        self,
        interval: Grain,
        first: str | None,
        last: str | None,
        as_of: str | None,
        by: str | None,
        where: Sequence[tuple[str, str]],
    ) -> Asked:
        """A report's frame, out of plain words."""
        filters = tuple((key, value) for key, value in where)
        return Asked(interval, self._moment(as_of), first_day(first), last_day(last), by, filters)

    def _usual(self) -> Usual:
        """What holds for a table that says nothing of it."""
        return Usual(self.policy["currency"], self.policy["timezone"])

    @report
    def timezone(self) -> str:
        """The time zone by whose clock the book answers: that of the policy of the ledger that is looked at."""
        return str(self.sight().policy["timezone"])

    def _moment(self, as_of: str | None) -> datetime:
        # Asked as a verb, for verbs are not alone in asking: who is none must not look at the ledger by itself.
        if as_of:
            return asked_at(as_of, self.timezone())
        return self._reading.moment if self._reading is not None else clock.now()

    def _reigns(self) -> list[Reign]:
        """The policies by which the book answers, each from a day on; another ledger has one policy."""
        terms = self.governed.terms if self._words == NOW else []
        if not terms:
            return [Reign(None, self.sight().policy)]
        return [Reign(term.from_month, self.governed.version(term.version).policy()) for term in terms]

    def _stretches(self) -> Iterator[tuple[Reign, date | None]]:
        """The same, each with the day from which it holds no more."""
        reigns = self._reigns()
        yield from zip_longest(reigns, (reign.from_on for reign in reigns[1:]))

    @contextmanager
    def _under(self, policy: Policy) -> Iterator[Warehouse]:
        """The ledger that this thread looks at, under one of its policies."""
        sight = self.sight()
        if self._words != NOW or policy.ledger_hash == sight.policy.ledger_hash:
            yield sight.warehouse
        else:
            yield self._other(sight.warehouse, Ledger(policy, sight.seq, sight.seq))

    def _sight_at(self, as_of: datetime) -> Sight:
        """The ledger that this thread looks at, under the policy that holds just before an instant."""
        held = [one for one in self._reigns() if one.from_on is None or _begins(one) < as_of]
        policy = held[-1].policy
        with self._under(policy) as ledger:
            return self.sight()._replace(warehouse=ledger, policy=policy)

    def _status(self, first: date, ends_at: datetime) -> str:
        """`closed`, where all months from `first` to an instant are and what was sealed still holds.

        `restated` where something has changed since; else `provisional`.
        """
        reigns = self._reigns()
        seals = close.behind(self.governed.closes, first, close.month_of(ends_at, reigns[-1].policy["timezone"]))
        if not seals:
            return "provisional"
        return "closed" if all(self._holds(*stretch, seals) for stretch in self._stretches()) else "restated"

    def _holds(self, reign: Reign, until: date | None, seals: Sequence[Sealed]) -> bool:
        """Whether the months of a reign have still the movements that were sealed."""
        starts, ends = reign.from_on or date.min, until or date.max
        mine = [seal for seal in seals if starts <= seal.month < ends]
        if not mine:
            return True
        with self._under(reign.policy) as ledger:
            now = ledger.once("prints", mine[-1].month, lambda: close.prints(ledger, mine[-1].month))
        return all(now.get(seal.month) == seal.print for seal in mine)

    def _definition(self, metric: str, as_of: datetime, asked: Asked | None = None) -> Definition:
        """What goes with an answer; `asked` are the periods that it shows, where it shows any."""
        sight = self._sight_at(as_of)
        first, ends_at = close.month_of(as_of, sight.policy["timezone"]), as_of
        if asked is not None:
            first, ends_at = asked.first or date.min, min(as_of, _over(asked, sight.policy))
        pending, digest, stale = sight.warehouse.once("meant", as_of, lambda: _rests_on(sight.warehouse, as_of))
        return Definition(
            metric=metric,
            policy=sight.policy.name,
            policy_hash=sight.policy.hash,
            engine=engine(),
            currency=sight.policy["currency"],
            timezone=sight.policy["timezone"],
            as_of=as_of,
            known_at_seq=sight.seq,
            ledger=sight.words,
            pending_items=pending,
            ledger_digest=digest,
            stale_rates=stale,
            status=self._status(first, ends_at),
            policies_before=[
                f"{one.policy.name} {one.policy.hash[:8]} before {then.from_on:%Y-%m}"
                for one, then in pairwise(self._reigns())
                if then.from_on is not None and _begins(then) < as_of
            ],
        )


def _rests_on(ledger: Warehouse, as_of: datetime) -> tuple[int, str, list[str]]:
    """How many items are pending, the ledger's digest, and the currencies whose last rate is old."""
    (pending,) = ledger.one(
        "SELECT count(DISTINCT (subscription_id, item_id)) FROM ledger.pending WHERE starts_at < ?", [as_of]
    )
    digest = ledger.once("digest", None, lambda: posting.told_digest(ledger))
    return pending, digest, stale(ledger, as_of)


def _begins(reign: Reign) -> datetime:
    """The instant from which a reign holds."""
    assert reign.from_on is not None
    return midnight(reign.from_on, reign.policy["timezone"])


def _over(asked: Asked, policy: Policy) -> datetime:
    """The instant at which the last period of a report is over."""
    if asked.last is None:
        return asked.as_of
    return midnight(next_period(period_start(asked.last, asked.grain), asked.grain), policy["timezone"])
