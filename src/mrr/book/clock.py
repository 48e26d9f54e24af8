"""The one clock of the house: only here is the present read."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present, as a naive UTC instant."""
    return datetime.now(UTC).replace(tzinfo=None)


def now_micros() -> int:
    """The present in µs since the epoch."""
    return time.time_ns() // 1000
