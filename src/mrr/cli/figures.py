"""Figures as people read them: what `mrr.figures` writes, under the name by which the commands know it."""

from mrr.figures import (
    MINUS,
    cascade,
    count,
    day,
    decimals,
    exact,
    local,
    micros_of,
    percent,
    period_label,
    plural,
    rounded,
    written,
)

__all__ = [
    "MINUS",
    "cascade",
    "count",
    "day",
    "decimals",
    "exact",
    "local",
    "micros_of",
    "percent",
    "period_label",
    "plural",
    "rounded",
    "written",
]
