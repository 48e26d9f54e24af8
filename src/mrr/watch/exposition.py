"""The gauges of a book as metric families of Prometheus; their number is bounded whatever the book holds."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from mrr.period import micros_of
from mrr.watch.budgets import Standing
from mrr.watch.gauges import Count, Gauges
from mrr.watch.objectives import share

# Of plans and of reasons why payments fail so many are named; the others are one.
NAMED = 15
OTHER = "other"
# Which level of an objective has which family: name, what it says, label of its parts.
LEVELS = {
    "mrr.at_risk": ("mrr_at_risk_amount", "MRR that may soon not be paid", "reason"),
    "mrr.leakage": ("mrr_leakage_amount", "MRR that is not invoiced, and sign-ups without MRR", "reason"),
    "source.freshness": ("mrr_source_silence_seconds", "Since a source that is a stream was heard", "source"),
    "proration.errors": ("mrr_proration_errors_ratio", "Share of proration lines that are wrong", "reason"),
    "reconciliation.drift": ("mrr_drift_ratio", "Drift of the last comparison of a kind", "comparison"),
    "anomaly.rate": ("mrr_anomaly_ratio", "Share of days out of the ordinary", "class"),
}
STATES = ("met", "unknown", "ticket", "page")
Labelled = Iterable[tuple[Sequence[str], Any]]


def families(told: Gauges) -> Iterator[Metric]:
    """Everything of a book that a scrape is told."""
    build = {"policy": told.policy_hash[:12], "engine": told.engine[:12], "currency": told.currency}
    yield InfoMetricFamily("mrr_ledger", "By which definitions the ledger was derived", value=build)
    yield _gauge("mrr_ledger_seq", "The entry up to which the ledger holds the journal", told.seq)
    yield _gauge("mrr_measured_timestamp_seconds", "When these figures were measured", _seconds(told.at))
    yield from _revenue(told)
    yield from _intake(told)
    yield _noted(told)
    yield from _alerts(told)
    yield from _objectives(told.standings)
    for one in told.standings:
        yield from _queue(one)
        if one.indicator in LEVELS:
            yield _level(one, told.currency)


def _revenue(told: Gauges) -> Iterator[Metric]:
    code = told.currency
    yield _family("mrr_ending_amount", "Ending MRR now", ["currency"], [([code], _major(told.mrr_micros))])
    yield _gauge("mrr_paying_customers", "Customers with MRR now", told.customers)
    plans = _bounded(told.plans, 0)
    sizes = [([*one.labels, code], _major(one.amount_micros)) for one in plans]
    yield _family("mrr_plan_amount", "MRR now of the largest plans", ["plan", "currency"], sizes)
    moves = CounterMetricFamily("mrr_movements", "Movements so far", labels=["class"])
    amounts = CounterMetricFamily("mrr_movement_amount", "Sizes of the movements so far", labels=["class", "currency"])
    for one in told.movements:
        moves.add_metric(one.labels, one.amount)
        amounts.add_metric([*one.labels, code], _major(one.amount_micros))
    yield from (moves, amounts)


def _intake(told: Gauges) -> Iterator[Metric]:
    entries = CounterMetricFamily(
        "mrr_journal_entries", "Entries of the journal by what became of them", labels=["source", "outcome"]
    )
    for one in told.entries:
        entries.add_metric(one.labels, one.amount)
    payments = CounterMetricFamily(
        "mrr_payment_attempts", "Attempts to take money by what became of them", labels=["source", "outcome", "reason"]
    )
    for one in _bounded(told.payments, 2):
        payments.add_metric(one.labels, one.amount)
    yield from (entries, payments)
    heard = [([source], _seconds(at)) for source, at in told.heard_at.items()]
    yield _family(
        "mrr_source_heard_timestamp_seconds", "When the newest entry of a source was recorded", ["source"], heard
    )


def _noted(told: Gauges) -> Metric:
    says = "When the newest annotation of a kind happened"
    return _family(
        "mrr_noted_timestamp_seconds", says, ["kind"], [([k], _seconds(t)) for k, t in told.noted_at.items()]
    )


def _alerts(told: Gauges) -> Iterator[Metric]:
    counts = [(one.labels, one.amount) for one in told.alerts]
    yield _family("mrr_alerts", "Alerts that are not resolved", ["urgency", "state"], counts)
    if told.waiting is not None:
        yield _gauge("mrr_messages_waiting", "Messages of alerts that should have arrived and have not", told.waiting)


def _objectives(standings: Sequence[Standing]) -> Iterator[Metric]:
    states = [([one.objective, state], int(one.state == state)) for one in standings for state in STATES]
    yield _family("mrr_objective_state", "1 for the state of an objective", ["objective", "state"], states)
    shares = [one for one in standings if one.most is None]
    targets = [([one.objective], _ratio(share(one.target))) for one in shares]
    yield _family("mrr_objective_target_ratio", "The share that is promised", ["objective"], targets)
    met = [([one.objective], Decimal(one.met_ratio)) for one in shares if one.met_ratio is not None]
    yield _family("mrr_objective_met_ratio", "The share that went well in the window", ["objective"], met)
    left = [([one.objective], Decimal(one.left_ratio)) for one in shares if one.left_ratio is not None]
    yield _family("mrr_objective_budget_left_ratio", "What is left of the budget", ["objective"], left)
    events = [([one.objective, word], n) for one in shares for word, n in (("good", one.good), ("bad", _bad(one)))]
    yield _family("mrr_objective_events", "Events of the window", ["objective", "result"], events)
    labels = ["objective", "urgency"]
    burns = [(one, burn) for one in shares for burn in one.burns]
    spent = [([one.objective, burn.urgency], Decimal(burn.spent_ratio)) for one, burn in burns]
    yield _family(
        "mrr_objective_spent_ratio",
        "Budget gone in the time that makes a page or a ticket",
        ["objective", "urgency"],
        spent,
    )
    rates = [([one.objective, burn.urgency], Decimal(burn.rate_ratio)) for one, burn in burns]
    yield _family("mrr_objective_burn_ratio", "How fast that is: 1 spends it just in its window", labels, rates)


def _bad(one: Standing) -> int:
    return one.total - one.good


def _queue(one: Standing) -> Iterator[Metric]:
    """The times that events took, where they took any; quantiles are times that were seen."""
    if one.p50_us is None:
        return
    quantiles = (("0.5", one.p50_us), ("0.95", one.p95_us), ("0.99", one.p99_us))
    times = [([each], _major(us)) for each, us in quantiles if us is not None]
    name = f"mrr_{one.indicator.replace('.', '_')}_seconds"
    yield _family(name, "Times of the window's events", ["quantile"], times)


def _level(one: Standing, currency: str) -> Metric:
    name, says, label = LEVELS[one.indicator]
    amount = int if one.unit == "seconds" else _major
    labels = [label, "currency"] if one.unit == "micros" else [label]
    more = [currency] if one.unit == "micros" else []
    return _family(name, says, labels, [([part.label, *more], amount(part.amount)) for part in one.parts])


def _bounded(counts: Sequence[Count], label: int) -> Iterator[Count]:
    """The counts whose label at a place is among the largest few; the rest by their other labels, as `other`."""
    seen = list(dict.fromkeys(one.labels[label] for one in counts))
    named = set(seen[:NAMED])
    rest: dict[tuple[str, ...], list[Count]] = {}
    for one in counts:
        if one.labels[label] in named:
            yield one
        else:
            rest.setdefault((*one.labels[:label], OTHER, *one.labels[label + 1 :]), []).append(one)
    for labels, ones in rest.items():
        yield Count(list(labels), sum(one.amount for one in ones), sum(one.amount_micros for one in ones))


def _gauge(name: str, says: str, value: Any) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


def _family(name: str, says: str, labels: Sequence[str], values: Labelled) -> Metric:
    made = GaugeMetricFamily(name, says, labels=labels)
    for told, value in values:
        made.add_metric(told, value)
    return made


def _major(micros: int) -> Any:
    """Micros as units, µs as seconds, millionths as a ratio. Prometheus knows floats alone; its client makes them."""
    return Decimal(micros).scaleb(-6)


def _ratio(exact: Any) -> Any:
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _seconds(moment: datetime) -> Any:
    return _major(micros_of(moment))
