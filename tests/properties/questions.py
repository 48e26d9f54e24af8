"""Draws questions about metrics, puts them to the real metrics layer, and says where its answer is not the oracle's."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from mrr.errors import WrongUse
from mrr.metrics import asking, catalogue, cohorts
from mrr.period import parse_instant
from mrr.policy import Policy
from mrr.reports import frame
from mrr.warehouse import Warehouse
from tests.oracle import metrics as oracle
from tests.oracle.metrics import Asked, Figure, Firm, Frame

GRAINS = ("day", "week", "month", "quarter", "year")
KEYS = ("plan", "price", "subscription", "currency", "interval", "segment", "country", "nobody_has_it")
PAIRS = (
    *(("plan", "pro"), ("product", "max"), ("currency", "EUR"), ("subscription", "S1"), ("interval", "month")),
    *(("segment", "small"), ("segment", "large"), ("country", "DE"), ("plan", "none")),
)
REPORT: Mapping[str, tuple[Any, ...]] = {
    "report.churn_rate.denominator": ("opening", "opening_plus_new", "thirty_days_ago", "average"),
    "report.week_start": ("monday", "sunday"),
    "report.same_period_join_leave": ("show", "hide"),
    "report.nrr.includes_fx": (False, True),
    "report.attributes": ("as_was", "current"),
}
DAYS = st.none() | st.dates(min_value=parse_instant("2024-12-01").date(), max_value=parse_instant("2025-07-01").date())


@st.composite
def questions(draw: st.DrawFn, netting: Any = None) -> Asked:
    """Any grain that the netting allows, any key to group by, up to two filters, any report keys, now and then days."""
    grain = draw(st.sampled_from(GRAINS[2:] if netting == "month" else GRAINS))
    by = draw(st.none() | st.sampled_from(KEYS))
    where = draw(st.lists(st.sampled_from(PAIRS), max_size=2) if draw(st.booleans()) else st.just([]))
    report = {key: draw(st.sampled_from(values)) for key, values in REPORT.items()}
    first, last = (draw(DAYS), draw(DAYS)) if draw(st.integers(0, 3)) == 3 else (None, None)
    return Asked(grain, by, tuple(where), report, first, last)


def disagreements(warehouse: Warehouse, policy: Policy, firm: Firm, asked: Asked, names: Iterable[str]) -> list[str]:
    """Every difference between the answers and the oracle's, as a line that says which figure it is."""
    wanted = {by: Frame(firm, replace(asked, by=by)) for by in {asked.by, *oracle.BY.values()}}
    policy = policy.differing(asked.report)
    return [line for name in names for line in _of(warehouse, policy, asked, name, wanted)]


def _of(
    warehouse: Warehouse, policy: Policy, asked: Asked, name: str, frames: Mapping[str | None, Frame]
) -> Iterator[str]:
    as_of = parse_instant(frames[asked.by].firm.as_of)
    question = frame.Asked(
        as_of=as_of, **{name: getattr(asked, name) for name in ("grain", "first", "last", "by", "where")}
    )
    metric = catalogue.named(name)
    keys = [asked.by, *(key for key, _ in asked.where)]
    if name in oracle.OF_CUSTOMERS and any(key in oracle.KEYS_OF_ITEM for key in keys):
        yield from _refused(warehouse, policy, question, metric)
    elif name in oracle.TRIANGLES:
        found = cohorts.cohorts(warehouse, policy, question, metric)
        yield from _triangle(found, oracle.TRIANGLES[name](frames[asked.by]), metric)
    else:
        figures = asking.ask(warehouse, policy, question, metric)
        yield from _figures(figures, oracle.METRICS[name](frames[asked.by or oracle.BY.get(name)]), metric)


def _refused(warehouse: Warehouse, policy: Policy, question: frame.Asked, metric: catalogue.Metric) -> Iterator[str]:
    answer = cohorts.cohorts if metric.name in oracle.TRIANGLES else asking.ask
    try:
        answer(warehouse, policy, question, metric)
    except WrongUse:
        return
    yield f"{metric.name} is not refused"


def _figures(found: list[asking.Figure], wanted: oracle.Figures, metric: catalogue.Metric) -> Iterator[str]:
    keys = [(one.period_starts_on, one.group) for one in found]
    if len(set(keys)) != len(keys):
        yield f"{metric.name}: a row stands twice"
    days, groups = {day for day, _ in keys}, {group for _, group in keys}
    if len(keys) != len(days) * len(groups) or (found and days != {day for day, _ in wanted}):
        yield f"{metric.name}: rows are missing, or not of these periods: {sorted(days)}"
    for key, one in zip(keys, found, strict=True):
        should = told(metric, wanted.get(key, _nothing(metric)))
        if (got := _said(one)) != should:
            yield f"{metric.name} {key}: {got}, and should be {should}"
    for key, figure in wanted.items():
        if key not in keys and figure.numerator:
            yield f"{metric.name} {key}: no row, and should be {told(metric, figure)}"


def _nothing(metric: catalogue.Metric) -> Figure:
    """What a group comes to in which the oracle saw no level: one that only was tried, or begins later."""
    return Figure(0, 0 if metric.parts else 1)


def _said(one: asking.Figure) -> tuple[Any, ...]:
    value = one.value_micros if one.value_micros is not None else one.count if one.count is not None else one.ratio
    return value, one.numerator, one.denominator, one.missing is None


def told(metric: catalogue.Metric, figure: Figure) -> tuple[Any, ...]:
    """A figure of the oracle as an answer tells it: its value rounded once, its parts where the metric has any."""
    parts = (figure.numerator, figure.denominator) if metric.parts else (None, None)
    if figure.denominator == 0:
        return None, *parts, False
    exact = Fraction(figure.numerator, figure.denominator)
    value = _six_places(exact) if metric.unit in ("ratio", "months") else _whole(exact)
    return value, *parts, True


def _whole(exact: Fraction) -> int:
    """To the nearest integer, halves away from 0."""
    above = int(abs(exact) * 2 + 1) // 2
    return above if exact >= 0 else -above


def _six_places(exact: Fraction) -> str:
    millionths = _whole(exact * 10**6)
    sign, digits = "-" if millionths < 0 else "", f"{abs(millionths):07d}"
    return f"{sign}{digits[:-6]}.{digits[-6:]}"


def _triangle(found: list[cohorts.Cell], cells_wanted: oracle.Triangle, metric: catalogue.Metric) -> Iterator[str]:
    wanted = {(None if name is None else str(name), k): figure for (name, k), figure in cells_wanted.items()}
    cells = {(cell.cohort, cell.periods_since): cell for cell in found}
    if cells.keys() != wanted.keys() or len(cells) != len(found):
        yield f"{metric.name}: cells {sorted(map(str, cells))}, and should be {sorted(map(str, wanted))}"
        return
    for key, figure in wanted.items():
        ratio = _six_places(Fraction(figure.numerator, figure.denominator)) if figure.denominator else None
        should = (figure.numerator, figure.denominator, ratio)
        if (cells[key].numerator, cells[key].denominator, cells[key].ratio) != should:
            yield f"{metric.name} {key}: {cells[key]}, and should be {should}"
