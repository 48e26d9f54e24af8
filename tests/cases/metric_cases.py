"""Metrics that other tools publish, asked of a real book; their lines in docs/cases.md."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import yaml

from mrr import scenario
from mrr.book import Book
from mrr.period import Grain
from mrr.policy import preset
from tests.cases.steps import facts_of

HERE = Path(__file__).parent
AS_OF = "2027-01-01T00:00:00Z"
# A published amount is in cents; a quotient of ours is rounded to them once more.
CENT = Decimal("0.01")


@dataclass(frozen=True)
class MetricCase:
    """A published metric: `expected` as `period metric figure` of all its customers together."""

    name: str
    told: str
    url: str
    expected: tuple[str, ...]
    customers: tuple[Mapping[str, Any], ...]
    preset: str = "standard"
    policy: Mapping[str, Any] = field(default_factory=dict)


def metric_cases() -> list[MetricCase]:
    """The cases of metrics.yaml."""
    rows = yaml.safe_load((HERE / "metrics.yaml").read_text("utf-8"))
    return [
        MetricCase(
            row["case"],
            row["told"],
            row["url"],
            tuple(row["expected"]),
            tuple(row["customers"]),
            row.get("preset", "standard"),
            row.get("policy", {}),
        )
        for row in rows
    ]


def asked_of(case: MetricCase) -> tuple[str, ...]:
    """What the real book says of a case, in the words of `expected`."""
    with tempfile.TemporaryDirectory(prefix="mrr-") as folder:
        policy = preset(case.preset).differing(case.policy)
        with Book.create(Path(folder) / "book", policy=policy) as book:
            scenario.tell(book, {"facts": list(_facts(case))})
            return tuple(_answer(book, *line.split(" ")) for line in case.expected)


def _answer(book: Book, period: str, name: str, _: str) -> str:
    """The figure of a metric in a month, or on a day, as a case writes it: amounts in cents, a ratio without zeros."""
    grain: Grain = "day" if period.count("-") == 2 else "month"
    day = period if grain == "day" else f"{period}-01"
    if ":" in name:
        return f"{period} {name} {_moved(book, day, *name.split(':'))}"
    (row,) = book.metric(name=name, interval=grain, first=day, last=day, as_of=AS_OF).rows
    if row.value_micros is not None:
        figure = Decimal(row.value_micros).scaleb(-6).quantize(CENT, ROUND_HALF_UP)
    else:
        figure = Decimal(row.ratio) if row.ratio is not None else Decimal(str(row.count))
    return f"{period} {name} {_plain(figure)}"


def _moved(book: Book, month: str, what: str, class_: str) -> str:
    """Of one class in one month: the amount, how many movements, or of how many customers."""
    found = book.movements(as_of=AS_OF, first=month[:7], last=month[:7], kind=class_).rows
    if what == "amount":
        return _plain(Decimal(sum(movement.amount_micros for movement in found)).scaleb(-6))
    return f"{len(found) if what == 'activities' else len({movement.customer_id for movement in found})}"


def _plain(figure: Decimal) -> str:
    return f"{figure.normalize():f}" if figure else "0"


def terms_of(preset: str, policy: Mapping[str, Any]) -> str:
    """A preset, and the settings over it."""
    settings = "".join(f", `{key} = {json.dumps(value)}`" for key, value in policy.items())
    return f"{preset}{settings}"


def row_of(case: MetricCase, found: tuple[str, ...]) -> str:
    """The line of a case in docs/cases.md."""
    told, terms = f"[{case.told}]({case.url})", terms_of(case.preset, case.policy)
    passed = "yes" if found == case.expected else "no"
    return f"| {case.name} | {terms} | {told} | {'<br>'.join(case.expected)} | {'<br>'.join(found)} | {passed} |"


def _facts(case: MetricCase) -> list[dict[str, Any]]:
    names = [(story, n) for story in case.customers for n in range(story.get("times", 1))]
    stories = [(f"c{number}", tuple(story["story"])) for number, (story, _) in enumerate(names)]
    return [fact for name, steps in stories for fact in facts_of(name, steps)]
