"""Verbs that follow: how an indicator, and the drift to other systems, went on through time."""

from msgspec.structs import replace

from mrr.answers import Definition
from mrr.book.measuring import Measuring
from mrr.keeper import report
from mrr.metrics.asking import decimal
from mrr.reconcile import history
from mrr.watch import course, gauges, indicators, objectives
from mrr.watch.course import Course, Drifts
from mrr.watch.gauges import Count
from mrr.watch.objectives import Objective
from mrr.watch.settings import span

DRIFT = "reconciliation.drift"


class Following(Measuring):
    """What was measured, through time: what the charts of the service are drawn from."""

    @report
    def course(self, *, indicator: str, window: str = "1d") -> Course:
        """An indicator of events slot by slot, over a window (1h, 1d, 7d, 28d) that ends now. Raises WrongUse."""
        meant, slot, at, sight = indicators.defined(indicator), course.slot_of(window), self._moment(None), self.sight()
        promised = self._promised(indicator)
        lasts = span(window)
        asked = promised.over(lasts) if promised else indicators.Stretch(indicator, lasts)
        self._look(sight, at, lasts)
        return Course(
            definition=self._measured_as(indicator),
            indicator=indicator,
            title=meant.title.partition(":")[0],
            window=window,
            starts_at=at - lasts,
            ends_at=at,
            rows=course.slots(sight.warehouse, asked, slot),
            least_ratio=decimal(1 - promised.budget) if promised else None,
            within_us=indicators.words(asked)["within_us"],
            notes=self.annotations(since=f"{(at - lasts).isoformat()}Z"),
        )

    @report
    def drifts(self, *, window: str = "28d") -> Drifts:
        """The comparisons that were made over a window that ends now, with what is promised of them."""
        at, sight = self._moment(None), self.sight()
        query = "SELECT seq FROM outcome WHERE source = ? AND recorded_at >= ? ORDER BY seq"
        seqs = [seq for (seq,) in sight.warehouse.rows(query, [history.SOURCE, at - span(window)])]
        promised, runs = self._promised(DRIFT), [history.read(entry.body) for entry in self.journal.entries(seqs)]
        most = objectives.bound(promised, 0) if promised else None
        meant, rows = self._measured_as(DRIFT), course.drifts(runs, most)
        return Drifts(definition=meant, starts_at=at - span(window), ends_at=at, rows=rows, most=most)

    @report
    def recorded(self, *, window: str = "1h") -> list[Count]:
        """The entries in the ledger that were recorded in a window that ends now, by source and outcome."""
        since, sight = self._moment(None) - span(window), self.sight()
        return gauges.recorded(sight.warehouse, since)

    def _promised(self, indicator: str) -> Objective | None:
        """The first objective of an indicator, if there is one."""
        return next((one for one in self.objectives().values() if one.indicator == indicator), None)

    def _measured_as(self, indicator: str) -> Definition:
        """What an indicator means, beside the ledger that it is reckoned on."""
        meant = indicators.defined(indicator)
        return replace(
            self._definition("mrr.ending", self._moment(None)),
            **{name: getattr(meant, name) for name in ("title", "formula", "caveats", "owner", "drift_risk", "unit")},
            metric=indicator,
        )
