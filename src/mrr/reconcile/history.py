"""The history of reconciliations: each run is an entry of the journal, and reads back as it was."""

import hashlib

import msgspec

from mrr.period import micros_of
from mrr.providers.reconciliation import Run, encode, read
from mrr.reconcile.outcome import Reconciled

SOURCE = "reconciliation"

__all__ = ["SOURCE", "Run", "body", "read"]


def body(found: Reconciled, told_at: int) -> bytes:
    """A comparison in short, as the body of an entry; `told_at` in µs since the epoch."""
    rows = msgspec.json.encode(found.rows, order="sorted")
    return encode(
        Run(
            what=found.what,
            told_at=told_at,
            at=micros_of(found.at),
            ours=found.ours,
            theirs=found.theirs,
            policy_hash=found.definition.policy_hash,
            known_at_seq=found.definition.known_at_seq,
            currency=found.definition.currency,
            compared=found.compared,
            ours_micros=found.ours_micros,
            theirs_micros=found.theirs_micros,
            net_micros=found.net_micros,
            drift_micros=found.drift_micros,
            drift_percent=str(found.drift_percent),
            threshold_percent=str(found.threshold_percent),
            within=found.within,
            differences=len(found.rows),
            causes=found.causes,
            rows_digest=hashlib.sha256(rows).hexdigest(),
            backfilled=found.backfilled,
            source=found.source,
        )
    )
