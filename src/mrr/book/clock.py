"""The one clock of the house: only here is the present read."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from mrr.period import micros_of

_STANDS: ContextVar[datetime | None] = ContextVar("stands", default=None)


def now() -> datetime:
    """The present, as a naive UTC instant."""
    return _STANDS.get() or datetime.now(UTC).replace(tzinfo=None)


def now_micros() -> int:
    """The present in µs since the epoch."""
    standing = _STANDS.get()
    return time.time_ns() // 1000 if standing is None else micros_of(standing)


@contextmanager
def standing(at: datetime) -> Iterator[None]:
    """Let another instant be the present for what this thread does inside: drills run in simulated time."""
    before = _STANDS.set(at)
    try:
        yield
    finally:
        _STANDS.reset(before)
