"""Charts: pure functions from an answer to a Vega-Lite spec, and specs as PNG, SVG, HTML or JSON."""

from mrr.charts.columns import COLUMN, WIDE, over_columns, stacked
from mrr.charts.groups import mrr_by_group
from mrr.charts.heat import cohorts
from mrr.charts.moves import movements
from mrr.charts.parts import embedded
from mrr.charts.render import DRAWINGS
from mrr.charts.service import WENT, drift, latency, success, went
from mrr.charts.steps import steps
from mrr.charts.theme import Spec, Theme, complete, config
from mrr.charts.trend import ending_mrr, metric
from mrr.charts.waterfall import rollforward

__all__ = [
    "COLUMN",
    "DRAWINGS",
    "WENT",
    "WIDE",
    "Spec",
    "Theme",
    "cohorts",
    "complete",
    "config",
    "drift",
    "embedded",
    "ending_mrr",
    "latency",
    "metric",
    "movements",
    "mrr_by_group",
    "over_columns",
    "rollforward",
    "stacked",
    "steps",
    "success",
    "went",
]
