"""Every metric by name: what it must be, from the words of its header alone."""

from __future__ import annotations

from tests.oracle import metrics_billed, metrics_lives, metrics_money
from tests.oracle.metrics_calendar import Asked
from tests.oracle.metrics_cohorts import TRIANGLES, Triangle
from tests.oracle.metrics_frame import Frame, Group
from tests.oracle.metrics_money import Figure, Figures, Metric
from tests.oracle.metrics_people import KEYS_OF_ITEM, Firm

METRICS: dict[str, Metric] = metrics_money.METRICS | metrics_lives.METRICS | metrics_billed.METRICS

# What a metric is grouped by unless another key is asked for; and those that know customers but no items.
BY = {"plan_mix": "plan"}
OF_CUSTOMERS = frozenset({"sign_ups", *TRIANGLES})

__all__ = [
    "BY",
    "KEYS_OF_ITEM",
    "METRICS",
    "OF_CUSTOMERS",
    "TRIANGLES",
    "Asked",
    "Figure",
    "Figures",
    "Firm",
    "Frame",
    "Group",
    "Triangle",
]
