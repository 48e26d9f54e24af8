"""How long something takes, and how much memory the process has used so far."""

import resource
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one run."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one run, over all threads: what others do on the machine does not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


class Stages:
    """CPU seconds by stage, of what tells its stages as they begin (`mrr.derivation.posting.Progress`)."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._now, self._began = "prepare", time.process_time()

    def __call__(self, stage: str, _done: int = 0, _of: int = 0) -> None:
        """A stage begins, and with it the one before is over."""
        now = time.process_time()
        self.seconds[self._now] = self.seconds.get(self._now, 0.0) + now - self._began
        self._now, self._began = stage, now

    def slowest_first(self) -> dict[str, float]:
        """All stages with their seconds."""
        return dict(sorted(self.seconds.items(), key=lambda stage: -stage[1]))


class Took(NamedTuple):
    """Seconds of the clock, and of CPUs, those of ended processes included; others disturb the latter less."""

    wall: float
    cpu: float


def took(work: Callable[[], object]) -> Took:
    """What one run took."""
    began = _cpu()
    wall = seconds(work)
    return Took(wall, _cpu() - began)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def best(work: Callable[[], object], runs: int = 3) -> float:
    """The shortest of some runs, in seconds: the one that others disturbed least."""
    return min(seconds(work) for _ in range(runs))


def median(work: Callable[[], object], runs: int = 9) -> float:
    """The middle of some runs, in seconds."""
    return statistics.median(seconds(work) for _ in range(runs))


def p95(work: Callable[[], object], runs: int = 20) -> float:
    """What nineteen runs in twenty stay below, in seconds."""
    return statistics.quantiles((seconds(work) for _ in range(runs)), n=20)[-1]


def peak_mb() -> int:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
