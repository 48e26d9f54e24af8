"""docs/metrics/, written from the headers of the SQL files: `python -m mrr.metrics.reference docs/metrics`."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

from mrr.metrics.catalogue import Metric, catalogue
from mrr.metrics.tree import Branch, tree

INTRODUCTION = """# The metrics

Written from the headers of `src/mrr/sql/metrics/*.sql` by `python -m mrr.metrics.reference docs/metrics`; a test keeps
these pages up to date. `mrr metric NAME` shows one, `mrr metrics` lists them, `mrr cohort` draws the triangles; in the
library `book.metric(name=...)`, `book.metrics()` and `book.cohort(of=...)`.

Every answer carries its definition: name, variant, formula, policy with hash, engine, `as_of`, what is known, what is
pending, and the report keys that shaped it. A ratio has six places; `numerator` and `denominator` are exact.
"""
UNITS: Mapping[str, str] = {
    "micros": "money (micros of the reporting currency)",
    "ratio": "a ratio",
    "count": "a count",
    "months": "months",
}


def pages() -> dict[str, str]:
    """The text of every page by its file name: one for each metric, and README.md for all of them."""
    metrics = catalogue()
    return {"README.md": _index(metrics)} | {f"{metric.name}.md": _page(metric, metrics) for metric in metrics}


def _index(metrics: Sequence[Metric]) -> str:
    rows = "".join(f"| [`{m.name}`]({m.name}.md) | {m.label} | {m.variant} | {UNITS[m.unit]} |\n" for m in metrics)
    head = "## All metrics\n\n| metric | what it is | variant | unit |\n|---|---|---|---|\n"
    kpis = "## The KPI tree\n\nWhat moves what: + upwards, − downwards. `mrr metrics --tree` prints it too.\n\n"
    lines = "".join(_lines(tree(metrics), 0))
    return f"{INTRODUCTION}\n{head}{rows}\n{_text('conventions.md')}\n{kpis}```text\n{lines}```\n"


def _lines(branches: Sequence[Branch], depth: int) -> Iterator[str]:
    for branch in branches:
        sign = f"{branch.sign} ".replace("-", "−") if branch.sign else ""
        yield f"{'  ' * depth}{sign}{branch.metric}{' (see above)' if branch.above else ''}\n"
        yield from _lines(branch.branches, depth + 1)


def _page(metric: Metric, metrics: Sequence[Metric]) -> str:
    table = "".join(f"| {name} | {_cell(value)} |\n" for name, value in _rows(metric, metrics) if value)
    return f"""# {metric.label}: `{metric.name}`

{metric.title}

**Formula.** {_cell(metric.formula)}.

| | |
|---|---|
{table}
**Beware.** {metric.caveats}

The words are defined in [what all metrics share](README.md#what-all-metrics-share).

{_example(metric)}"""


def _rows(metric: Metric, metrics: Sequence[Metric]) -> Iterator[tuple[str, str]]:
    moves = [(other.name, cause.sign) for other in metrics for cause in other.moved_by if cause.metric == metric.name]
    yield "variant", metric.variant
    yield "unit", UNITS[metric.unit]
    yield "grain", metric.grain
    yield "groups", _groups(metric)
    yield "stretch", metric.stretch
    yield "parts", " ÷ ".join(metric.parts)
    yield "no value where", metric.missing or ""
    yield "source", metric.source
    yield "owner", metric.owner
    yield "what makes it drift", metric.drift_risk
    yield "moved by", _links((cause.metric, cause.sign) for cause in metric.moved_by)
    yield "moves", _links(moves)


def _example(metric: Metric) -> str:
    if metric.is_cohort:
        asked, by = f"cohort {metric.name.removeprefix('cohort.')}", "segment"
    else:
        asked, by = f"metric {metric.name}", "segment" if metric.groups == "attributes" else "plan"
    return f"```sh\nmrr {asked} --from 2025 --interval quarter\nmrr {asked} --by {by} --json\n```\n"


def _groups(metric: Metric) -> str:
    if metric.groups == "attributes":
        return "attributes of customers"
    return "plan, product, price, subscription, currency, interval, attributes of customers"


def _links(metrics: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"[`{name}`]({name}.md) ({sign.replace('-', '−')})" for name, sign in metrics)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def _text(name: str) -> str:
    return resources.files("mrr.metrics").joinpath(name).read_text(encoding="utf-8")


def write(folder: Path) -> None:
    """Write every page into a folder, and remove those of metrics that there are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
