"""A metric as people read it: money as money, shares as percentages, what is missing as a dash with its reason."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from mrr import figures
from mrr.answers import Measured
from mrr.cli import ink, say
from mrr.cli.definition import definition
from mrr.metrics.asking import Figure
from mrr.metrics.catalogue import Metric
from mrr.metrics.tree import Branch
from mrr.period import Grain

NONE = "–"
# The words by which the name of a part tells that it is an amount.
_OF_MONEY = ("MRR", "value", "ten largest", "largest customer", "expansion")


class Look(NamedTuple):
    """How a metric is shown: `places` decimals of money, and the `names` of groups."""

    metric: Metric
    grain: Grain
    places: int
    names: Mapping[str, str]


def told(
    found: Measured, metric: Metric, grain: Grain, names: Mapping[str, str], *, cents: bool
) -> Iterator[RenderableType]:
    """The title, the table, and what it means."""
    look = Look(metric, grain, figures.decimals(found.definition.currency, cents), names)
    yield Text(metric.title, ink.STRONG)
    if not found.rows:
        yield Text("Nothing fits.", ink.QUIET)
    elif {row.group for row in found.rows} == {None}:
        yield _alone(found.rows, look)
    else:
        yield from _crossed(found.rows, look, say.Page())
    yield definition(found.definition, *_notes(found))


def value(row: Figure, look: Look) -> Text:
    """The value of a figure as its unit is written; a dash where there is none."""
    if row.value_micros is not None:
        return Text(figures.written(figures.rounded(row.value_micros, look.places), look.places))
    if row.count is not None:
        return Text(f"{row.count:,}")
    return Text(NONE, ink.QUIET) if row.ratio is None else Text(_ratio(figures.micros_of(row.ratio), look.metric))


def _ratio(millionths: int, metric: Metric) -> str:
    if metric.unit == "ratio" and metric.shown == "percent":
        return figures.percent(millionths)
    places, sign = (1, "") if metric.unit == "months" else (2, "×") if metric.shown == "times" else (4, "")
    return figures.written(figures.rounded(millionths, places), places) + sign


def _alone(rows: Sequence[Figure], look: Look) -> Table:
    """A period a row: the value, and beside it the parts that it is made of."""
    body = ([Text(_label(row, look)), value(row, look), *_parts(row, look)] for row in rows)
    return ink.table(["", look.metric.name, *look.metric.parts], body, gap=3)


def _parts(row: Figure, look: Look) -> Iterator[Text]:
    for name, part in zip(look.metric.parts, (row.numerator, row.denominator), strict=False):
        assert part is not None
        is_money = any(word in name for word in _OF_MONEY)
        yield Text(figures.written(figures.rounded(part, 0)) if is_money else f"{part:,}", ink.QUIET)


def _crossed(rows: Sequence[Figure], look: Look, page: Console) -> Iterator[Table]:
    """Periods down and groups across, the largest first; the other way round where there are fewer periods."""
    cells = {(row.group, row.period_starts_on): value(row, look) for row in rows}
    starts = {row.period_starts_on: _label(row, look) for row in rows}
    groups = {group: NONE if group is None else look.names.get(group, group) for group in _largest_first(rows)}
    if len(starts) < len(groups):
        lines = [(name, [cells[group, start] for start in starts]) for group, name in groups.items()]
        yield from _blocks(list(starts.values()), lines, page)
    else:
        lines = [(label, [cells[group, start] for group in groups]) for start, label in starts.items()]
        yield from _blocks(list(groups.values()), lines, page)


def _largest_first(rows: Sequence[Figure]) -> list[str | None]:
    """The groups by their last value."""
    last = {row.group: row for row in rows}

    def size(group: str | None) -> int:
        row = last[group]
        return row.value_micros or row.count or figures.micros_of(row.ratio or "0")

    return sorted(last, key=lambda group: (-size(group), group is None, group or ""))


def _blocks(heads: Sequence[str], lines: Sequence[tuple[str, Sequence[Text]]], page: Console) -> Iterator[Table]:
    """The columns in as many tables as the width of the page asks for."""
    first = max(len(name) for name, _ in lines)
    wide = [max(len(head), *(cells[place].cell_len for _, cells in lines)) + 2 for place, head in enumerate(heads)]
    most = max(1, (page.width - first) // max(wide))
    for left in range(0, len(heads), most):
        right = min(left + most, len(heads))
        yield ink.table(["", *heads[left:right]], ([Text(name), *cells[left:right]] for name, cells in lines))


def _label(row: Figure, look: Look) -> str:
    return figures.period_label(row.period_starts_on, look.grain) + ("" if row.complete else "*")


def _notes(found: Measured) -> list[str]:
    """What the star and the dashes say."""
    until = figures.local(found.definition.as_of, found.definition.timezone)
    notes = [] if all(row.complete for row in found.rows) else [f"* not over yet: up to {until}"]
    return notes + [f"{NONE} {reason}" for reason in dict.fromkeys(row.missing for row in found.rows if row.missing)]


# ----- the catalogue


def listed(metrics: Sequence[Metric]) -> Table:
    """Every metric with what people call it and which variant it is."""
    rows = ((Text(metric.name, ink.STRONG), metric.label, Text(metric.variant, ink.QUIET)) for metric in metrics)
    return ink.table(["metric", "what it is", "variant"], rows, words=(0, 1, 2), loose=(1, 2))


def defined(metric: Metric) -> Table:
    """One metric with all that its definition says."""
    causes = ", ".join(f"{cause.metric} ({_sign(cause.sign)})" for cause in metric.moved_by)
    fields: list[tuple[str, ink.Cell]] = [
        ("metric", Text(metric.name, ink.STRONG)),
        ("title", metric.title),
        ("variant", metric.variant),
    ]
    fields += [("unit", metric.unit), ("grain", metric.grain), ("groups", metric.groups), ("formula", metric.formula)]
    fields += [("source", metric.source), ("caveats", metric.caveats), ("owner", metric.owner)]
    return ink.pairs([*fields, ("drift risk", metric.drift_risk), ("moved by", causes or NONE)])


def branches(roots: Sequence[Branch]) -> Tree:
    """The KPI tree."""
    trunk = Tree("", hide_root=True, guide_style=ink.QUIET)
    for root in roots:
        _grow(trunk, root)
    return trunk


def _grow(tree: Tree, branch: Branch) -> None:
    style = {"+": ink.GAIN, "-": ink.LOSS}.get(branch.sign, ink.STRONG)
    label = Text(f"{_sign(branch.sign)} " if branch.sign else "", style).append(
        branch.metric, ink.PLAIN if branch.sign else ink.STRONG
    )
    grown = tree.add(label.append("  see above", ink.QUIET) if branch.above else label)
    for inner in branch.branches:
        _grow(grown, inner)


def _sign(sign: str) -> str:
    return sign.replace("-", figures.MINUS)
