"""Verbs that check: rebuild, verify, quarantine."""

from mrr import build, posting
from mrr.answers import Quarantined, Verified
from mrr.book.desk import Desk
from mrr.keeper import verb


class Checking(Desk):
    """Whether a book holds together."""

    @verb
    def build(self) -> Verified:
        """Build the whole ledger anew from the journal."""
        self.rebuild()
        return self._verified()

    @verb
    def quarantine(self) -> list[Quarantined]:
        """Entries that no fact came of, or that contradict others: why, and where in the body."""
        rows = self.ledger().dicts("""SELECT seq, source, key, kind, recorded_at, outcome, reason FROM outcome
            WHERE outcome IN ('quarantined', 'conflict', 'key_reused') ORDER BY seq""")
        return [Quarantined(**row) for row in rows]

    @verb
    def verify(self) -> Verified:
        """Recompute the chain of the journal, count the outcomes, and give the ledger's digest."""
        return self._verified()

    def _verified(self) -> Verified:
        checked = self.journal.verify()
        totals = self.journal.receipts_summary()
        if not checked.ok:
            return Verified(checked.entries, "broken", checked.first_broken_seq, None, reason=checked.reason)
        warehouse = self.ledger()
        build.audit(warehouse)
        counted = warehouse.rows("SELECT outcome, count(*) FROM outcome GROUP BY outcome ORDER BY outcome")
        outcomes: dict[str, int] = dict(counted)
        mark = posting.watermark(warehouse)
        assert mark is not None
        return Verified(
            entries=checked.entries,
            chain="ok",
            first_broken_seq=None,
            ledger_digest=posting.ledger_digest(warehouse),
            offered=totals.offered,
            duplicates=totals.duplicates,
            outcomes=outcomes,
            watermark=mark._asdict(),
            adds_up=sum(outcomes.values()) == checked.entries and totals.appended == checked.entries,
        )
