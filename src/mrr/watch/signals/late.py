"""F5, late billing: entries that come long after what they tell, and entries that are recorded and not posted."""

from datetime import datetime, timedelta

from mrr.journal import Head
from mrr.period import instant
from mrr.watch.bounds import SignalBounds
from mrr.watch.finding import Finding
from mrr.watch.shares import Share, urgency

SHARES = (Share("F5.late", "late", "entries came late after what they tell", waits=False),)


def unposted(head: Head, posted: int, as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    """Whether entries wait for longer than `late_minutes` to be posted; `posted` is the seq of the last that is."""
    waits = as_of - instant(head.recorded_at)
    if head.seq <= posted or waits <= timedelta(minutes=bounds.late_minutes):
        return []
    count, minutes = head.seq - posted, waits // timedelta(minutes=1)
    return [
        Finding(
            rule="F5.unposted",
            cause="posting",
            urgency=urgency("F5.unposted", bounds),
            summary=f"{count:,} entries are recorded and not posted, the last for {minutes} minutes",
            begins_at=instant(head.recorded_at),
            figures={"recorded": f"{head.seq:,}", "posted": f"{posted:,}"},
            entries=[head.seq],
        )
    ]
