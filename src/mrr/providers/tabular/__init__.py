"""Tables: CSV, JSONL, Parquet and queries, read by a mapping. The rows go into the journal as they are."""

from mrr.providers.tabular.claiming import Claim, Claimed, claim
from mrr.providers.tabular.decoding import decode, split, stamp
from mrr.providers.tabular.mapping import load
from mrr.providers.tabular.offer import Offered
from mrr.providers.tabular.recognise import Usual
from mrr.providers.tabular.sheets import Sheet, queried, read
from mrr.providers.tabular.spool import Spool

__all__ = [
    "Claim",
    "Claimed",
    "Offered",
    "Sheet",
    "Spool",
    "Usual",
    "claim",
    "decode",
    "load",
    "queried",
    "read",
    "split",
    "stamp",
]
