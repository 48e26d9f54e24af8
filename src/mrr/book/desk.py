"""What every verb of a book begins with: plain words read, instants resolved, the definition block of an answer."""

from collections.abc import Sequence
from datetime import datetime

import mrr.book.clock as clock
from mrr import posting
from mrr.answers import Definition
from mrr.dates import asked_at, first_day, last_day, seen_at
from mrr.engine import engine
from mrr.frame import Asked
from mrr.keeper import Keeper
from mrr.period import Grain, micros_of
from mrr.warehouse import sql


class Desk(Keeper):
    """An open book whose verbs can be written in plain words."""

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

    def _moment(self, as_of: str | None) -> datetime:
        return asked_at(as_of, self.policy["timezone"]) if as_of else clock.now()

    def _definition(self, metric: str, as_of: datetime) -> Definition:
        head = self.journal.head()
        warehouse = self.prepared()
        (pending,) = warehouse.one(
            "SELECT count(DISTINCT (subscription_id, item_id)) FROM ledger.pending WHERE starts_at < ?", [as_of]
        )
        return Definition(
            metric=metric,
            policy=self.policy.name,
            policy_hash=self.policy.hash,
            engine=engine(),
            currency=self.policy["currency"],
            timezone=self.policy["timezone"],
            as_of=as_of,
            known_at_seq=head.seq,
            pending_items=pending,
            ledger_digest=posting.told_digest(warehouse),
            stale_rates=[name for (name,) in warehouse.rows(sql("reports/stale_rates"), {"as_of": as_of})],
        )
