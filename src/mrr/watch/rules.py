"""Rules of thumb on movements, metrics and outcomes: what crosses a bound that the book has set is a finding."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from mrr.figures import exact, plural
from mrr.metrics.asking import Figure, ask
from mrr.metrics.catalogue import named
from mrr.money import MICROS
from mrr.period import local_day, midnight, next_period
from mrr.policy import Policy
from mrr.reports.frame import Asked
from mrr.warehouse import Warehouse, sql
from mrr.watch.finding import Finding
from mrr.watch.settings import MetricRule, MovementRule, OutcomeRule, Rule, micros, span

# So many customers of one plan with the same on one day are a matter of the plan, not of each.
OF_A_PLAN = 3
_MRR = """SELECT CAST(coalesce(sum(reporting_micros), 0) AS BIGINT) FROM ledger.value
    WHERE starts_at <= $at AND ends_at > $at"""


def findings(warehouse: Warehouse, policy: Policy, at: datetime, rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """What the enabled rules find as of an instant, in a warehouse that is prepared for reports."""
    (mrr_micros,) = warehouse.one(_MRR, {"at": at})
    for name, rule in rules.items():
        if rule.enabled:
            yield from _of(warehouse, policy, at, mrr_micros, name, rule)


def _of(
    warehouse: Warehouse, policy: Policy, at: datetime, mrr_micros: int, name: str, rule: Rule
) -> Iterator[Finding]:
    if isinstance(rule, MovementRule):
        return _moved(warehouse, policy, at, mrr_micros, name, rule)
    if isinstance(rule, MetricRule):
        return _measured(warehouse, policy, at, mrr_micros, name, rule)
    return _outcomes(warehouse, at, name, rule)


def _moved(
    warehouse: Warehouse, policy: Policy, at: datetime, mrr_micros: int, name: str, rule: MovementRule
) -> Iterator[Finding]:
    least = micros(rule.at_least, mrr_micros)
    words = {"class": rule.of_class, "since": at - span(rule.within), "at": at, "least_micros": max(least, 1)}
    by_plan: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
    for row in warehouse.dicts(sql("watch/moved_lately"), words):
        by_plan[next(iter(row["plans"]), ""), row["on_day"]].append(row)
    found = partial(_movement, policy["currency"], f"movement.{name}", rule, least)
    for (plan, _), rows in by_plan.items():
        if plan and len(rows) >= OF_A_PLAN:
            yield found(f"plan:{plan}", rows)
        else:
            yield from (found(f"customer:{row['customer_id']}", [row]) for row in rows)


def _movement(
    currency: str, name: str, rule: MovementRule, least: int, cause: str, rows: Sequence[Mapping[str, Any]]
) -> Finding:
    total = sum(row["amount_micros"] for row in rows)
    whose = rows[0]["customer_id"] if len(rows) == 1 else f"{plural(len(rows), 'customer')} of {cause[5:]}"
    return Finding(
        rule=name,
        cause=cause,
        urgency=rule.urgency,
        summary=f"{rule.of_class} of {exact(total, plus=True)} {currency} MRR: {whose} on {rows[0]['on_day']}",
        begins_at=min(row["opens_at"] for row in rows),
        figures={"amount": f"{exact(total, plus=True)} {currency}", "told from": f"{exact(least)} {currency}"},
        customers=[row["customer_id"] for row in rows],
        plans=sorted({plan for row in rows for plan in row["plans"] if plan}),
        entries=[seq for row in rows for seq in row["entries"]],
    )


def _measured(
    warehouse: Warehouse, policy: Policy, at: datetime, mrr_micros: int, name: str, rule: MetricRule
) -> Iterator[Finding]:
    today = local_day(at, policy["timezone"])
    asked = Asked(rule.interval, at, first=today - _TWO[rule.interval], last=today)
    over = [figure for figure in ask(warehouse, policy, asked, named(rule.metric)) if figure.complete]
    for figure in over[-1:]:
        value = _value(figure)
        low, high = (None if bound is None else _bound(bound, figure, mrr_micros) for bound in (rule.below, rule.above))
        if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
            yield _beyond(policy, name, rule, figure)


def _beyond(policy: Policy, name: str, rule: MetricRule, figure: Figure) -> Finding:
    shown = figure.ratio or (
        f"{figure.count}" if figure.count is not None else f"{exact(figure.value_micros or 0)} {policy['currency']}"
    )
    over = next_period(figure.period_starts_on, rule.interval)
    bounds = {word: bound for word, bound in (("below", rule.below), ("above", rule.above)) if bound is not None}
    return Finding(
        rule=f"metric.{name}",
        cause=f"metric:{rule.metric}",
        urgency=rule.urgency,
        summary=f"{rule.metric} of the {rule.interval} from {figure.period_starts_on} is {shown}",
        begins_at=midnight(over, policy["timezone"]),
        figures={rule.metric: shown, **{f"told {word}": bound for word, bound in bounds.items()}},
    )


# How far back the last whole period begins, at the most.
_TWO = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=31),
    "quarter": timedelta(days=92),
    "year": timedelta(days=366),
}


def _value(figure: Figure) -> int | None:
    """The value of a figure in millionths of its unit; None where it has none."""
    if figure.value_micros is not None:
        return figure.value_micros
    if figure.count is not None:
        return figure.count * MICROS
    return None if figure.ratio is None else micros(figure.ratio, 0)


def _bound(bound: str, figure: Figure, mrr_micros: int) -> int:
    """A bound in millionths of the metric's unit: a percentage of MRR for amounts, of 1 for ratios."""
    return micros(bound, mrr_micros if figure.value_micros is not None else MICROS)


def _outcomes(warehouse: Warehouse, at: datetime, name: str, rule: OutcomeRule) -> Iterator[Finding]:
    words = {"outcome": rule.outcome, "since": at - span(rule.within), "at": at, "least": rule.at_least}
    for row in warehouse.dicts(sql("watch/outcome_lately"), words):
        reasons = [reason for reason in row["reasons"] if reason]
        yield Finding(
            rule=f"outcome.{name}",
            cause=f"{rule.outcome}:{row['source']}",
            urgency=rule.urgency,
            summary=f"{plural(row['entries'], 'entry', 'entries')} of {row['source']} {rule.outcome}"
            + (f": {reasons[0]}" if reasons else ""),
            begins_at=row["begins_at"],
            figures={"entries": str(row["entries"]), "told from": str(rule.at_least)},
            entries=row["seqs"],
        )
