"""Verbs that check: rebuild, verify, quarantine."""

from mrr.answers import Quarantined, Verified
from mrr.book.desk import Desk
from mrr.controls import close
from mrr.derivation import build, posting
from mrr.keeper import verb


class Checking(Desk):
    """Whether a book holds together."""

    @verb
    def build(self) -> Verified:
        """Build the whole ledger anew from the journal."""
        self.rebuild()
        return self._broken() or self._whole()

    @verb
    def quarantine(self) -> list[Quarantined]:
        """Entries that no fact came of, or that contradict others: why, and where in the body."""
        rows = self.ledger().dicts("""SELECT seq, source, key, kind, recorded_at, outcome, reason FROM outcome
            WHERE outcome IN ('quarantined', 'conflict', 'key_reused') ORDER BY seq""")
        return [Quarantined(**row) for row in rows]

    def verify(self) -> Verified:
        """Recompute the chain of the journal, count the outcomes, and give the ledger's digest.

        Of an entry that broke it says where, and which close or decision it keeps, if any.
        """
        return self._broken() or self.verified()

    @verb
    def verified(self) -> Verified:
        """The outcomes and the ledger's digest of a journal that is whole."""
        return self._whole()

    def _broken(self) -> Verified | None:
        """What is wrong with the journal; it is read without the ledger, which may not come of it any more."""
        found = self.journal.verify()
        if found.ok:
            return None
        place = close.located(self.journal, found)
        return Verified(found.entries, "broken", found.first_broken_seq, None, reason=found.reason, place=place)

    def _whole(self) -> Verified:
        warehouse = self.ledger()
        build.audit(warehouse)
        counted = warehouse.rows("SELECT outcome, count(*) FROM outcome GROUP BY outcome ORDER BY outcome")
        outcomes: dict[str, int] = dict(counted)
        mark, totals = posting.watermark(warehouse), self.journal.receipts_summary()
        assert mark is not None
        return Verified(
            entries=mark.seq,
            chain="ok",
            first_broken_seq=None,
            ledger_digest=posting.ledger_digest(warehouse),
            offered=totals.offered,
            duplicates=totals.duplicates,
            outcomes=outcomes,
            watermark=mark._asdict(),
            adds_up=sum(outcomes.values()) == mark.seq and totals.appended >= mark.seq,
        )
