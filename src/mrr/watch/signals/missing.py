"""F1, missing events: what must follow and did not, what rests on something never told, sources that fell silent."""

from datetime import datetime, timedelta

from mrr.warehouse import Warehouse, sql
from mrr.watch.bounds import SignalBounds
from mrr.watch.finding import Finding
from mrr.watch.shares import Share, urgency

SHARES = (
    Share("F1.turn", "turn", "billing periods ended and nothing was told of what followed", waits=True),
    Share("F1.chain", "chain", "changes begin from a state that was never told", waits=False),
    Share("F1.billed", "billed", "periods that began have no invoice", waits=True),
    Share("F1.stage", "stage", "invoices skipped a stage", waits=False),
    Share("F1.settled", "settled", "invoices are stuck", waits=False),
    Share("F1.collected", "collected", "payments and paid invoices lack the other", waits=True),
    Share("F1.introduced", "introduced", "new subscriptions lack their beginning or their customer", waits=True),
)
# A rhythm is known after so many arrivals.
ARRIVALS = 50


def silent(warehouse: Warehouse, as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    """Sources from which nothing has come for longer than `silence_percent` of their longest pause, and for an hour."""
    window = {"until": as_of, "days": bounds.history_days}
    found = []
    for source, seq, last_at, arrivals, longest_s in warehouse.rows(sql("watch/pause"), window):
        silence_s = (as_of - last_at) // timedelta(seconds=1)
        if arrivals >= ARRIVALS and 100 * silence_s > bounds.silence_percent * max(longest_s, 1800):
            found.append(_silence(source, seq, last_at, (silence_s, longest_s), bounds))
    return found


def _silence(source: str, seq: int, last_at: datetime, seconds: tuple[int, int], bounds: SignalBounds) -> Finding:
    hours, longest = (f"{second // 3600} h {second % 3600 // 60} min" for second in seconds)
    return Finding(
        rule="F1.silent",
        cause=f"source:{source}",
        urgency=urgency("F1.silent", bounds),
        summary=f"nothing has come from {source} for {hours}; its longest pause was {longest}",
        begins_at=last_at,
        figures={"silent for": hours, "longest pause": longest, "last entry": f"{last_at:%Y-%m-%d %H:%M} UTC"},
        entries=[seq],
    )
