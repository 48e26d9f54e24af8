"""Verbs that measure: indicators, objectives with their budgets, annotations, and when entries came into the ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property

import mrr.book.clock as clock
from mrr.book.desk import Desk
from mrr.dates import asked_at
from mrr.derivation.engine import engine
from mrr.errors import MrrError
from mrr.keeper import Sight, report
from mrr.period import FIRST_AT, OPEN_END
from mrr.reconcile import history
from mrr.warehouse import sql
from mrr.watch import annotations, budgets, delivery, gauges, indicators, latency, objectives
from mrr.watch.alerts import Board
from mrr.watch.annotations import Annotation
from mrr.watch.budgets import Standing
from mrr.watch.finding import Finding
from mrr.watch.gauges import Concerned, Gauges
from mrr.watch.indicators import Bad, Indicator, Level, Posting
from mrr.watch.objectives import Objective
from mrr.watch.settings import settings, span
from mrr.watch.sli import Sli, Slis
from mrr.watch.store import Alerts


class Measuring(Desk):
    """How well the book is served: what is promised, and what is kept of it."""

    @cached_property
    def _folded(self) -> Alerts:
        return Alerts(self.journal)

    def indicators(self) -> list[Indicator]:
        """Every indicator with its governed definition; they are the same for every book."""
        return indicators.catalogue()

    def objectives(self) -> dict[str, Objective]:
        """What is promised in this book. Raises WrongUse for a watch.toml that says what cannot be."""
        return objectives.objectives(self.folder)

    @report
    def slis(self, *, window: str = "28d", as_of: str | None = None) -> Slis:
        """Every indicator: of events over a window (`1h`, `7d`) up to an instant, of what stands at that instant."""
        at, sight = self._moment(as_of), self.sight()
        promised = self.objectives()
        within = {one.indicator: span(one.within) for one in promised.values() if one.within is not None}
        asked = [indicators.Stretch(name, span(window), within.get(name)) for name in indicators.EVENTS]
        self._look(sight, at, span(window))
        tallies = indicators.tallies(sight.warehouse, at, asked)
        rows = [Sli.of_events(one, tallies[one], indicators.bad(sight.warehouse, at, one)) for one in asked]
        rows += [Sli.of_levels(name, self._levels(sight, at)) for name in indicators.LEVELS]
        return Slis(self._definition("mrr.ending", at), window, rows)

    @report
    def slos(self, *, as_of: str | None = None) -> list[Standing]:
        """How every objective stands: what is left of its budget, how fast that burns, what breaks its bound."""
        at, sight = self._moment(as_of), self.sight()
        return self._standings(sight, at, self.objectives())

    @report
    def missed(self, *, as_of: str | None = None) -> list[Finding]:
        """The objectives that are missed, or will be soon: what alerts are made of."""
        at, sight, promised = self._moment(as_of), self.sight(), self.objectives()
        found = []
        for one in self._standings(sight, at, promised):
            blame: Sequence[Bad] = ()
            if one.state in ("page", "ticket") and one.most is None:
                blame = indicators.bad(sight.warehouse, at, budgets.blamed(one, promised[one.objective]))
            found.append(budgets.finding(one, blame, at))
        return [finding for finding in found if finding is not None]

    @report
    def gauges(self, *, thorough: bool = True) -> Gauges:
        """What a scrape is told of the book as it is now; unless `thorough`, prorations are not recomputed for it."""
        at, sight = self._moment(None), self.sight()
        warehouse, board = sight.warehouse, self._folded.board()
        entries, heard_at = gauges.entries(warehouse)
        micros, customers = gauges.worth(warehouse, at)
        return Gauges(
            at=at,
            seq=sight.seq,
            currency=sight.policy["currency"],
            policy_hash=sight.policy.hash,
            engine=engine(),
            mrr_micros=micros,
            customers=customers,
            entries=entries,
            payments=gauges.payments(warehouse),
            movements=gauges.movements(warehouse, at),
            plans=gauges.plans(warehouse, at),
            heard_at=heard_at,
            noted_at=annotations.newest(self.journal),
            standings=self._standings(sight, at, self._readable(), thorough),
            alerts=gauges.standing(list(board.alerts.values())),
            waiting=self._waiting(board, at),
        )

    def _readable(self) -> dict[str, Objective]:
        """What is promised; nothing where watch.toml cannot be read, which is told elsewhere (see `_waiting`)."""
        try:
            return self.objectives()
        except MrrError:
            return {}

    def _waiting(self, board: Board, at: datetime) -> int | None:
        """How many messages should have arrived by an instant and have not."""
        try:
            return sum(1 for _ in delivery.waiting(board, settings(self.folder), at))
        except MrrError:
            # By such a watch.toml no turn of the watchers ends, which is told elsewhere and must not be hidden by this.
            return None

    def _standings(
        self, sight: Sight, at: datetime, promised: dict[str, Objective], thorough: bool = True
    ) -> list[Standing]:
        of_events = {name: one for name, one in promised.items() if one.target is not None}
        self._look(sight, at, max((one.lasts for one in of_events.values()), default=timedelta()))
        asked = {each for one in of_events.values() for each in objectives.stretches(one)}
        tallies = indicators.tallies(sight.warehouse, at, sorted(asked, key=str))
        levels, (whole, _) = self._levels(sight, at, thorough), gauges.worth(sight.warehouse, at)
        return [
            budgets.of_events(name, one, tallies) if name in of_events else budgets.of_levels(name, one, levels, whole)
            for name, one in promised.items()
        ]

    def _look(self, sight: Sight, at: datetime, lasts: timedelta) -> None:
        postings = latency.kept(self.journal, max(at - lasts, FIRST_AT))
        indicators.look(sight.warehouse, at, lasts, postings)

    def _levels(self, sight: Sight, at: datetime, thorough: bool = True) -> list[Level]:
        """What stands now, with what was found at the last comparisons."""
        query = "SELECT seq FROM outcome WHERE source = ? AND recorded_at < ? ORDER BY seq"
        seqs = [seq for (seq,) in sight.warehouse.rows(query, [history.SOURCE, at])]
        runs = [history.read(entry.body) for entry in self.journal.entries(seqs)]
        board = self._folded.board()
        odd = indicators.odd(board.alerts.values(), at) if board.seq else []
        wrong = indicators.prorated(sight.warehouse, sight.policy, at) if thorough else []
        return indicators.levels(sight.warehouse, [*indicators.drifts(runs), *odd, *wrong])

    @report
    def concerned(self, *, first_seq: int, last_seq: int) -> Concerned:
        """Whom some entries of the journal concern; at most twenty ids of each kind, for logs and traces."""
        found: dict[str, list[str]] = {}
        words = {"first": first_seq, "last": last_seq}
        for kind, name in self.sight().warehouse.rows(sql("indicators/concerned"), words):
            found.setdefault(kind, []).append(name)
        return Concerned(**found)

    # ----- what the service and people tell of their work

    def posted(self, postings: Iterable[Posting]) -> None:
        """Keep record of when entries came into the ledger."""
        latency.keep(self.journal, list(postings))

    def annotate(self, *, kind: str, text: str, author: str, at: str | None = None) -> Annotation:
        """Keep what was done to the service: a deploy, a flag, a price, an incident. Raises WrongUse."""
        now = clock.now()
        happened = asked_at(at, self.policy["timezone"]) if at else now
        return annotations.annotate(self.journal, kind, text, author, happened, now)

    def annotations(self, *, since: str | None = None, until: str | None = None) -> list[Annotation]:
        """What was done from an instant (else ever) until another (else the end of time), the oldest first."""
        zone = self.policy["timezone"]
        begins = asked_at(since, zone) if since else FIRST_AT
        return annotations.annotations(self.journal, begins, asked_at(until, zone) if until else OPEN_END)
