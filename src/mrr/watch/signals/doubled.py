"""F2, double counting: entries that say nothing new, the same bytes again, and things that stand twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from mrr.journal import Journal
from mrr.period import micros_of
from mrr.watch.bounds import SignalBounds
from mrr.watch.finding import Finding
from mrr.watch.shares import Counted, Share, is_rare, judged

SHARES = (
    Share("F2.repeated", "redelivered", "entries repeat or contradict what was told", waits=False),
    Share("F2.twin", "twin", "subscriptions, invoices or charges stand twice", waits=False),
)
REDELIVERED = Share("F2.redelivered", "", "deliveries came again byte for byte", waits=False)
_RECEIPTS = """SELECT source,
    sum(CASE WHEN recorded_at >= :late THEN offered ELSE 0 END) AS offered,
    sum(CASE WHEN recorded_at >= :late THEN duplicates ELSE 0 END) AS repeated,
    sum(CASE WHEN recorded_at < :late THEN offered ELSE 0 END) AS past,
    sum(CASE WHEN recorded_at < :late THEN duplicates ELSE 0 END) AS past_repeated
FROM receipt WHERE recorded_at >= :since AND recorded_at < :until GROUP BY source ORDER BY source"""


def redelivered(journal: Journal, as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    """Sources that deliver the same bytes again more often than they used to: counted by the journal, never stored."""
    counted = deliveries(journal, as_of, bounds)
    return [judged(REDELIVERED, one, [], bounds) for one in counted if is_rare(one, bounds)]


def deliveries(journal: Journal, as_of: datetime, bounds: SignalBounds) -> Sequence[Counted]:
    """What each source offered, and how much of it the journal had already."""
    late, since = as_of - timedelta(hours=bounds.window_hours), as_of - timedelta(days=bounds.history_days)
    window = {"since": micros_of(since), "late": micros_of(late), "until": micros_of(as_of)}
    with journal.reading() as connection:
        rows = connection.execute(text(_RECEIPTS), window).all()
    # PostgreSQL sums whole numbers to decimals.
    return [Counted(source, int(new), int(off), int(past), int(rest), late) for source, new, off, past, rest in rows]
