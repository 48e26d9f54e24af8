"""The indicators of service: each a governed SQL file, of events that went well or not, or of what stands now."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

import msgspec

from mrr.errors import WrongUse
from mrr.metrics.catalogue import header
from mrr.period import FIRST_AT
from mrr.policy import Policy
from mrr.proration import RULES
from mrr.reconcile import prorations
from mrr.reconcile.history import Run
from mrr.warehouse import Warehouse, sql
from mrr.watch.alerts import Alert

Unit = Literal["share", "micros", "seconds", "millionths"]

# Of events, in the order in which money flows: somebody pays, and pays again; then how we come to know of it.
EVENTS: tuple[str, ...] = ("checkout.success", "payment.success", "dunning.recovery")
EVENTS += ("queue.arrival", "queue.posting", "entries.quarantine", "entries.conflict", "entries.reuse")
# Of what stands now; the last ones are found in other rooms, and told here.
LEVELS: tuple[str, ...] = ("mrr.at_risk", "mrr.leakage", "source.freshness")
LEVELS += ("proration.errors", "reconciliation.drift", "anomaly.rate")
# Sources of entries that the house itself records: nobody waits for them.
OWN = ("edits", "governance", "rates", "reconciliation")
MICROSECOND, MONTH = timedelta(microseconds=1), timedelta(days=28)
MILLION = 1_000_000


class Indicator(msgspec.Struct, frozen=True):
    """A governed definition. `cause` is the word before the label in the cause of a finding, such as gateway."""

    name: str
    title: str
    unit: Unit
    formula: str
    caveats: str
    owner: str
    drift_risk: str
    cause: str

    @property
    def is_share(self) -> bool:
        """Whether it counts events, good ones of all: only these have budgets."""
        return self.unit == "share"


class Stretch(msgspec.Struct, frozen=True):
    """The time over which the events of an indicator are counted; one that took at most `within` went well.

    Events that failed with a label of `excluding` are left out.
    """

    indicator: str
    lasts: timedelta
    within: timedelta | None = None
    excluding: tuple[str, ...] = ()


class Tally(msgspec.Struct, frozen=True):
    """What the events of a stretch came to: how many went well of all, the MRR they carry, the time they took (µs)."""

    good: int
    total: int
    good_micros: int = 0
    total_micros: int = 0
    p50_us: int | None = None
    p95_us: int | None = None
    p99_us: int | None = None

    @property
    def bad(self) -> int:
        """How many did not."""
        return self.total - self.good

    @property
    def bad_micros(self) -> int:
        """The MRR that those carry."""
        return self.total_micros - self.good_micros


class Bad(msgspec.Struct, frozen=True):
    """The bad events of a label; at most a hundred customers and entries (seq) are named."""

    label: str
    bad: int
    bad_micros: int
    first_at: datetime
    customers: list[str]
    entries: list[int]


class Level(msgspec.Struct, frozen=True):
    """A part of what stands now: an amount in the indicator's unit, and whose it is."""

    indicator: str
    label: str
    amount: int
    customers: list[str] = []


class Posting(msgspec.Struct, frozen=True):
    """Entries that came into the ledger together, seq `first_seq` to `last_seq`, at an instant (UTC)."""

    first_seq: int
    last_seq: int
    posted_at: datetime


@cache
def defined(name: str) -> Indicator:
    """The indicator in sql/indicators/NAME.sql. Raises WrongUse for a name that is none."""
    if name not in (*EVENTS, *LEVELS):
        remedy = f"Use one of {', '.join((*EVENTS, *LEVELS))}."
        raise WrongUse(f"there is no indicator {name!r}", remedy=remedy)
    title, fields = header(sql(f"indicators/{name}"))
    fields["name"] = fields.pop("indicator")
    return msgspec.convert({"title": title, **fields}, Indicator)


def catalogue() -> list[Indicator]:
    """Every indicator."""
    return [defined(name) for name in (*EVENTS, *LEVELS)]


def look(warehouse: Warehouse, at: datetime, lasts: timedelta, postings: Iterable[Posting]) -> None:
    """Put the events of the time before an instant into `sli_event`; the policy's tables must be at hand."""
    since = max(at - lasts, FIRST_AT)
    columns = "since_at TIMESTAMP, until_at TIMESTAMP, own_sources VARCHAR[]"
    warehouse.temp("sli_look", columns, [(since, at, list(OWN))])
    rows = [(one.first_seq, one.last_seq, one.posted_at) for one in postings]
    warehouse.temp("sli_posting", "first_seq BIGINT, last_seq BIGINT, posted_at TIMESTAMP", rows)
    warehouse.create("sli_attempt", sql("indicators/sli_attempt"))
    told = (f"SELECT '{name}' AS indicator, * FROM ({sql(f'indicators/{name}')})" for name in EVENTS)
    warehouse.create("sli_happened", "\nUNION ALL\n".join(told))
    warehouse.create("sli_event", sql("indicators/sli_event"))


def tallies(warehouse: Warehouse, at: datetime, stretches: Sequence[Stretch]) -> dict[Stretch, Tally]:
    """What the events that `look` has found come to, over stretches that end at that instant."""
    asked = list(dict.fromkeys(stretches))
    rows = [(no, *words(one).values(), max(at - one.lasts, FIRST_AT)) for no, one in enumerate(asked)]
    columns = "no BIGINT, indicator VARCHAR, within_us BIGINT, excluding VARCHAR[], starts_at TIMESTAMP"
    warehouse.temp("sli_stretch", columns, rows)
    return {asked[row.pop("no")]: Tally(**row) for row in warehouse.dicts(sql("indicators/sli_tally"))}


def words(one: Stretch) -> dict[str, Any]:
    """What a stretch asks for, as the parameters of its queries."""
    within_us = None if one.within is None else one.within // MICROSECOND
    return {"indicator": one.indicator, "within_us": within_us, "excluding": list(one.excluding)}


def bad(warehouse: Warehouse, at: datetime, one: Stretch) -> list[Bad]:
    """The bad events of a stretch by label, the most first."""
    asked = {**words(one), "starts_at": max(at - one.lasts, FIRST_AT)}
    return [Bad(**row) for row in warehouse.dicts(sql("indicators/sli_bad"), asked)]


def levels(warehouse: Warehouse, told: Iterable[Level] = ()) -> list[Level]:
    """What stands at the instant that was looked at; `told` is what other rooms have found."""
    rows = [(one.indicator, one.label, one.amount, one.customers) for one in told]
    warehouse.temp("sli_told", "indicator VARCHAR, label VARCHAR, amount BIGINT, customers VARCHAR[]", rows)
    return [
        Level(name, label, amount, customers)
        for name in LEVELS
        for label, amount, customers in warehouse.rows(f"SELECT * FROM ({sql(f'indicators/{name}')}) ORDER BY label")
    ]


def drifts(runs: Iterable[Run]) -> list[Level]:
    """How far apart the last comparison of each kind was; of several runs of a kind the last one speaks."""
    latest = {run.what: run for run in runs}
    return [Level("reconciliation.drift", what, _share(run)) for what, run in sorted(latest.items())]


def _share(run: Run) -> int:
    whole = abs(run.ours_micros or run.theirs_micros)
    return MILLION * run.drift_micros // whole if whole else MILLION * (run.drift_micros > 0)


def odd(alerts: Iterable[Alert], at: datetime) -> list[Level]:
    """The share of the last 28 days that were out of the ordinary, by the alerts that there were."""
    rules = ((one.begins_at, rule) for one in alerts for rule in one.rules)
    days = {begins_at.date() for begins_at, rule in rules if rule.startswith("anomaly.") and begins_at > at - MONTH}
    return [Level("anomaly.rate", "days", MILLION * len(days) // MONTH.days)]


def prorated(warehouse: Warehouse, policy: Policy, at: datetime) -> list[Level]:
    """The share of the proration lines of the last 28 days that no single rule of a biller explains to the cent."""
    first = max(at - MONTH, FIRST_AT)
    by_rule = prorations.by_rule(warehouse, policy, RULES.values(), at, first=first, source=None)
    best = min(by_rule, key=lambda found: len(found.rows))
    if not best.compared:
        return []
    whose = sorted({f"{row.source}/{row.customer_id}" for row in best.rows})
    return [Level("proration.errors", "lines", MILLION * len(best.rows) // best.compared, whose)]
