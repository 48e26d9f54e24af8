"""The journal: the append-only, chained record of what we were told. Import from here."""

from mrr.journal.entry import Entry, Head, Receipt, ReceiptsSummary, Record, Verification
from mrr.journal.journal import Journal

__all__ = ["Entry", "Head", "Journal", "Receipt", "ReceiptsSummary", "Record", "Verification"]
