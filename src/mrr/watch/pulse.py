"""How the service itself went lately: two readings a minute, those of the last six hours, in memory."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from mrr.answers import Definition

EVERY_S = 30
WINDOWS: Mapping[str, timedelta] = {"1h": timedelta(hours=1), "6h": timedelta(hours=6)}
KEPT = max(WINDOWS.values()) // timedelta(seconds=EVERY_S) + 1
HALF, MOST = 50, 95

# Answers so far that took at most as long as each bucket says, by route and kind of status (`5xx`).
Answers = Mapping[tuple[str, str], Sequence[int]]


class Reading(msgspec.Struct, frozen=True):
    """What a service stood at: entries of the journal, those `posted`, deliveries `waiting` for the disk.

    Of the process: CPU seconds and answers since it began, memory in bytes, files that are open.
    """

    at: datetime
    entries: int
    posted: int
    waiting: int
    cpu_s: float
    memory_bytes: int
    files: int
    answers: Answers


class Beat(msgspec.Struct, frozen=True):
    """What a service did between two readings, a second; `failed` of its answers were errors of its own.

    `behind` is how many entries are not posted at its end; `cpu_share` is 1.0 for one processor that is busy.
    """

    ends_at: datetime
    entries: float
    answers: float
    failed: float
    behind: int
    waiting: int
    cpu_share: float
    memory_bytes: int
    files: int


class Route(msgspec.Struct, frozen=True):
    """The answers of a route: how many, how many failed, and within how many seconds half and 95 of 100 began.

    Times are the ends of buckets; None is beyond the last one.
    """

    route: str
    answers: int
    failed: int
    p50_s: float | None
    p95_s: float | None


class Went(msgspec.Struct, frozen=True):
    """A service over a window that ends now, or for as long as it has run; the busiest routes come first."""

    definition: Definition
    window: str
    starts_at: datetime
    ends_at: datetime
    rows: list[Beat]
    routes: list[Route]


class Pulse:
    """The readings of a service, the oldest first."""

    def __init__(self, buckets: Sequence[float]) -> None:
        self.buckets = buckets
        self._readings: deque[Reading] = deque(maxlen=KEPT)

    def take(self, reading: Reading) -> None:
        """Keep a reading; the oldest one goes where there are too many."""
        before = self._readings[-1].answers if self._readings else {}
        # Most routes answered nothing meanwhile: these counts are kept once.
        answers = {key: before[key] if before.get(key) == counts else counts for key, counts in reading.answers.items()}
        self._readings.append(msgspec.structs.replace(reading, answers=answers))

    def went(self, window: str, now: datetime, meant: Definition) -> Went:
        """What became of the readings of a window, one of `WINDOWS`."""
        since = now - WINDOWS[window]
        kept = [one for one in self._readings if since <= one.at <= now]
        routes = list(_routes(kept[0].answers, kept[-1].answers, self.buckets)) if kept else []
        return Went(
            definition=meant,
            window=window,
            starts_at=kept[0].at if kept else since,
            ends_at=now,
            rows=[_beat(before, after) for before, after in pairwise(kept)],
            routes=sorted(routes, key=lambda one: (-one.answers, one.route)),
        )


def _beat(before: Reading, after: Reading) -> Beat:
    seconds = max((after.at - before.at).total_seconds(), 1)
    answered = _count(after.answers) - _count(before.answers)
    failed = _count(after.answers, "5xx") - _count(before.answers, "5xx")
    return Beat(
        ends_at=after.at,
        entries=(after.entries - before.entries) / seconds,
        answers=answered / seconds,
        failed=failed / seconds,
        behind=after.entries - after.posted,
        waiting=after.waiting,
        cpu_share=(after.cpu_s - before.cpu_s) / seconds,
        memory_bytes=after.memory_bytes,
        files=after.files,
    )


def _count(answers: Answers, status: str | None = None) -> int:
    """All answers, or those of a kind of status."""
    return sum(counts[-1] for (_, one), counts in answers.items() if status in (None, one))


def _routes(before: Answers, after: Answers, buckets: Sequence[float]) -> Iterator[Route]:
    for route in {route for route, _ in after}:
        counts, failed = [0] * (len(buckets) + 1), 0
        for (name, status), now in after.items():
            if name == route:
                then = before.get((name, status), [0] * len(now))
                counts = [count + new - old for count, new, old in zip(counts, now, then, strict=True)]
                failed += (now[-1] - then[-1]) if status == "5xx" else 0
        if counts[-1]:
            half, most = (_within(counts, percent, buckets) for percent in (HALF, MOST))
            yield Route(route, counts[-1], failed, half, most)


def _within(counts: Sequence[int], percent: int, buckets: Sequence[float]) -> float | None:
    """The end of the first bucket with so many of a hundred answers."""
    place = bisect_left(counts, -(-counts[-1] * percent // 100))
    return buckets[place] if place < len(buckets) else None
