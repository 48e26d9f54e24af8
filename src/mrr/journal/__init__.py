"""The journal: the append-only, chained record of what we were told. Import from here."""

from mrr.journal.entry import Entry, Head, KeptReceipt, Receipt, ReceiptsSummary, Record, Verification
from mrr.journal.journal import Journal

__all__ = ["Entry", "Head", "Journal", "KeptReceipt", "Receipt", "ReceiptsSummary", "Record", "Verification"]
