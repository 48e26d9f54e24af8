"""The KPI tree: which metric moves which, and in which direction."""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from mrr.metrics.catalogue import Metric


class Branch(msgspec.Struct):
    """A metric with those that move it; `sign` says in which direction it moves the one above.

    One that was told before stands without its branches: `above` is true.
    """

    metric: str
    sign: Literal["", "+", "-"] = ""
    above: bool = False
    branches: list["Branch"] = []


def tree(metrics: Iterable[Metric]) -> list[Branch]:
    """The metrics that move no other, each with all that moves it; the one with the longest branch first."""
    known = {metric.name: metric for metric in metrics}
    movers = {cause.metric for metric in known.values() for cause in metric.moved_by}
    told: set[str] = set()
    roots = sorted((name for name in known if name not in movers), key=lambda name: -_depth(name, known))
    return [_branch(name, "", known, told) for name in roots]


def _depth(name: str, known: Mapping[str, Metric]) -> int:
    return 1 + max((_depth(cause.metric, known) for cause in known[name].moved_by), default=0)


def _branch(name: str, sign: Literal["", "+", "-"], known: Mapping[str, Metric], told: set[str]) -> Branch:
    causes = known[name].moved_by
    if name in told and causes:
        return Branch(name, sign, above=True)
    told.add(name)
    return Branch(name, sign, branches=[_branch(cause.metric, cause.sign, known, told) for cause in causes])
