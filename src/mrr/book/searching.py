"""Verbs that search: entries of the journal, one of them opened, the quarantine read once more, receipts."""

from collections.abc import Sequence

from mrr.book.desk import Desk
from mrr.dates import first_day, last_day
from mrr.errors import WrongUse
from mrr.journal import KeptReceipt
from mrr.keeper import report, verb
from mrr.lookups import filed
from mrr.lookups.filed import Found, Looked, Opened, Retried
from mrr.period import midnight, next_period
from mrr.reports import proposing
from mrr.reports.proposing import Told


class Searching(Desk):
    """What a book was told, entry by entry."""

    @report
    def entries(
        self,
        *,
        text: str | None = None,
        source: str | None = None,
        kind: str | None = None,
        customer: str | None = None,
        outcome: str | None = None,
        first: str | None = None,
        last: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Found:
        """The newest entries that fit: `text` in the key or in what it tells of, recorded from `first` to `last`.

        `before` continues an answer behind its last entry. Raises WrongUse for an outcome that there is not.
        """
        zone, begins, ends = self.policy["timezone"], first_day(first or None), last_day(last or None)
        looked = Looked(
            text=text or None,
            source=source or None,
            kind=kind or None,
            customer=customer or None,
            outcome=outcome or None,
            recorded_from=midnight(begins, zone) if begins else None,
            recorded_until=midnight(next_period(ends, "day"), zone) if ends else None,
            before=before,
        )
        matching, rows = filed.find(self.ledger(), looked, limit)
        more = rows[-1].seq if len(rows) == limit and rows[-1].seq > 1 else None
        return Found(self._definition("journal.entries", self._moment(None)), matching, more, rows)

    @verb
    def entry(self, *, seq: int) -> Opened:
        """One entry with the bytes that were told, and what became of it. Raises WrongUse where there is none."""
        head = self.journal.head().seq
        if not 0 < seq <= head:
            raise WrongUse(f"there is no entry {seq}", remedy=f"The journal has entries 1 to {head}.")
        return filed.opened(self.prepared(), self.journal.entry(seq), self._facts(seq))

    @verb
    def retry(self, *, entries: Sequence[int] = ()) -> Retried:
        """Read the quarantine, or some of its entries, once more; what can be read now is posted.

        Reading anew with the same decoders helps where something else than the body was at fault. The ledger is built
        anew then, for an entry of long ago can bear on everything since.
        """
        found = filed.retried(self.ledger(), self.journal, entries)
        if found.read:
            self.rebuild()
        return found

    def receipts(self, *, before: int | None = None, limit: int = 100) -> list[KeptReceipt]:
        """What was offered batch by batch, the latest first; `before` is the number of a receipt."""
        return self.journal.receipts(before, limit)

    def _facts(self, seq: int) -> list[Told]:
        """What an entry tells as it counts now; nothing where it tells nothing."""
        book = self.prepared()
        (content,) = book.one("SELECT content FROM outcome WHERE seq = ?", [seq])
        if content is None or book.rows("SELECT 1 FROM edit WHERE seq = ?", [seq]):
            return []
        return proposing.told(proposing.Desk(book, self.journal, self.policy["timezone"]), seq)
