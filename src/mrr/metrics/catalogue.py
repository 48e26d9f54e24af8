"""The catalogue of metrics, read from the headers of their SQL files."""

import difflib
import re
from collections.abc import Iterator
from functools import cache
from typing import Literal

import msgspec

from mrr.errors import WrongUse
from mrr.reports.frame import Stretch
from mrr.warehouse import sql

Unit = Literal["micros", "ratio", "count", "months"]

# In the order in which a reader meets them: levels, customers, prices, losses, retention, ways in, value, structure.
METRICS: tuple[str, ...] = (
    *("mrr.ending", "arr", "mrr.average", "mrr.committed", "mrr.recognised", "mrr.usage"),
    *("mrr.net_new", "mrr.gross_new", "mrr.growth"),
    *("customers", "subscribers", "customers.new", "customers.churned", "customers.reactivated"),
    *("arpa", "asp", "acv", "bookings"),
    *("churn.logo", "churn.logo.stripe", "churn.revenue.gross", "churn.revenue.net"),
    *("nrr", "grr", "nrr.trailing_12", "grr.trailing_12", "nrr.baremetrics", "grr.chargebee"),
    *("quick_ratio", "quick_ratio.baremetrics", "expansion_rate", "expansion_rate.chargebee"),
    *("renewal_rate", "trial_to_paid", "sign_ups"),
    *("ltv.simple", "ltv.margin_free.revenue", "lifetime"),
    *("concentration.top_1", "concentration.top_10", "concentration.hhi", "plan_mix", "annual_share"),
    *("cohort.logo", "cohort.revenue"),
)


class Influence(msgspec.Struct, frozen=True):
    """A metric that moves another one: upwards (`+`) or downwards (`-`)."""

    metric: str
    sign: Literal["+", "-"]


class Metric(msgspec.Struct, frozen=True):
    """A governed definition. `parts` names numerator and denominator; `by` is how it is grouped unless told otherwise.

    `stretch` says which days it looks at, `reads` what of the frame its query needs, `groups` is any or attributes,
    `shown` how a page writes a ratio.
    """

    name: str
    title: str
    variant: str
    unit: Unit
    stretch: Stretch | Literal["as_churn"]
    grain: str
    groups: Literal["any", "attributes"]
    formula: str
    source: str
    caveats: str
    owner: str
    drift_risk: str
    reads: str
    moved_by: tuple[Influence, ...] = ()
    parts: tuple[str, ...] = ()
    missing: str | None = None
    by: str | None = None
    shown: Literal["percent", "times", "index"] = "percent"

    @property
    def label(self) -> str:
        """The title up to its colon: what people call it."""
        return self.title.partition(":")[0].rstrip(".")

    @property
    def is_cohort(self) -> bool:
        """Whether it is a triangle, asked for by cohort and not by period."""
        return self.reads == "cohort"


def catalogue() -> list[Metric]:
    """Every metric, in the order of METRICS."""
    return [defined(name) for name in METRICS]


def named(name: str) -> Metric:
    """The metric of that name. Raises WrongUse with the names most like it."""
    if name not in METRICS:
        close = difflib.get_close_matches(name, METRICS) or [each for each in METRICS if name in each][:3]
        meant = f"Did you mean {' or '.join(close)}? " if close else ""
        raise WrongUse(f"there is no metric {name!r}", remedy=f"{meant}`mrr metrics` lists them all.")
    return defined(name)


@cache
def defined(name: str) -> Metric:
    """The metric in sql/metrics/NAME.sql."""
    title, fields = header(query(name))
    fields["name"] = fields.pop("metric")
    moved_by = tuple(Influence(word[1:], "+" if word[0] == "+" else "-") for word in fields.pop("moved_by").split())
    parts = tuple(part.strip() for part in fields.pop("parts", "").split("÷") if part)
    return msgspec.convert({"title": title, **fields, "moved_by": moved_by, "parts": parts}, Metric)


def query(name: str) -> str:
    """The SQL of a metric, its header included."""
    return sql(f"metrics/{name}")


def header(text: str) -> tuple[str, dict[str, str]]:
    """The first line of an SQL file and its `-- field: value` lines; a value goes on in lines that are indented."""
    first, *rest = text.splitlines()
    fields: dict[str, str] = {}
    for name, line in _named(rest):
        fields[name] = f"{fields.get(name, '')} {line}".strip()
    return first.removeprefix("-- "), fields


def _named(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each line of the header under the field that it belongs to."""
    name = ""
    for line in lines:
        if not line.startswith("--"):
            return
        told = re.fullmatch(r"-- (\w+):(.*)", line)
        if told:
            name = told[1]
        yield name, (told[2] if told else line.removeprefix("--")).strip()
