"""What a scrape is told: how the objectives stand, and counts of what was recorded, tried, moved and is paid now."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import get_args

import msgspec

from mrr.warehouse import Warehouse, sql
from mrr.watch.alerts import Alert, State
from mrr.watch.budgets import Standing
from mrr.watch.finding import Urgency


class Count(msgspec.Struct, frozen=True):
    """A number of things by their labels, in the order in which the list of them names these."""

    labels: list[str]
    amount: int
    amount_micros: int = 0


class Gauges(msgspec.Struct, frozen=True):
    """The book at an instant, in figures of bounded number. Amounts are micros of `currency`.

    `entries` by source and outcome, `payments` by source, outcome and reason, `movements` by class (with their sizes),
    `plans` by id (customers, MRR); the largest come first. `heard_at`: when the newest entry of a source was recorded;
    `noted_at`: when the newest annotation of a kind happened. `alerts` by urgency and state, those that stand;
    `waiting`: their messages that should have arrived, None where watch.toml does not tell who should have them.
    """

    at: datetime
    seq: int
    currency: str
    policy_hash: str
    engine: str
    mrr_micros: int
    customers: int
    entries: list[Count]
    payments: list[Count]
    movements: list[Count]
    plans: list[Count]
    heard_at: dict[str, datetime]
    noted_at: dict[str, datetime]
    standings: list[Standing] = []
    alerts: list[Count] = []
    waiting: int | None = None


class Concerned(msgspec.Struct, frozen=True):
    """Whom some entries concern: the ids of some events, customers and plans."""

    event_ids: list[str] = []
    customer_ids: list[str] = []
    plan_ids: list[str] = []


def worth(warehouse: Warehouse, at: datetime) -> tuple[int, int]:
    """MRR (micros) and customers with MRR, just before an instant."""
    micros, customers = warehouse.one(
        """SELECT coalesce(CAST(sum(micros) AS BIGINT), 0), count(*) FROM (
            SELECT sum(reporting_micros) AS micros FROM ledger.value
            WHERE starts_at < $at AND ends_at >= $at GROUP BY customer_id HAVING sum(reporting_micros) > 0)""",
        {"at": at},
    )
    return micros, customers


def entries(warehouse: Warehouse) -> tuple[list[Count], dict[str, datetime]]:
    """Entries by source and outcome, and when each source was last heard."""
    rows = warehouse.rows(
        "SELECT source, outcome, count(*), max(recorded_at) FROM outcome GROUP BY ALL ORDER BY source, outcome"
    )
    heard: dict[str, datetime] = {}
    for source, _, _, recorded_at in rows:
        heard[source] = max(heard.get(source, recorded_at), recorded_at)
    return [Count([source, outcome], count) for source, outcome, count, _ in rows], heard


def recorded(warehouse: Warehouse, since: datetime) -> list[Count]:
    """Entries that were recorded from an instant on, by source and outcome."""
    query = "SELECT source, outcome, count(*) FROM outcome WHERE recorded_at >= $since GROUP BY ALL ORDER BY ALL"
    return [Count([source, outcome], count) for source, outcome, count in warehouse.rows(query, {"since": since})]


def standing(alerts: Iterable[Alert]) -> list[Count]:
    """Those of all alerts that are not resolved, by urgency and state; every pair of the two is there."""
    counts = Counter((one.urgency, one.state) for one in alerts)
    states = [state for state in get_args(State) if state != "resolved"]
    return [Count([urgency, state], counts[urgency, state]) for urgency in get_args(Urgency) for state in states]


def payments(warehouse: Warehouse) -> list[Count]:
    """Attempts to take money by source, outcome and reason."""
    rows = warehouse.rows(sql("indicators/gauge_payment"))
    return [Count([source, outcome, reason], count) for source, outcome, reason, count in rows]


def movements(warehouse: Warehouse, at: datetime) -> list[Count]:
    """Movements up to an instant by class, with their sizes."""
    rows = warehouse.rows(sql("indicators/gauge_movement"), {"at": at})
    return [Count([class_], moves, micros) for class_, moves, micros in rows]


def plans(warehouse: Warehouse, at: datetime) -> list[Count]:
    """Plans with MRR, the largest first: customers and MRR of each."""
    rows = warehouse.rows(sql("indicators/gauge_plan"), {"at": at})
    return [Count([plan], customers, micros) for plan, micros, customers in rows]
