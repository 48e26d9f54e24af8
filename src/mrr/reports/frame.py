"""The frame of a report: its periods, the levels that filters and groups leave in it, and what moved within them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from mrr.derivation import rollup, seen
from mrr.errors import WrongUse
from mrr.period import Grain, local_day, midnight, next_period, period_start, periods
from mrr.policy import Policy
from mrr.warehouse import Warehouse, sql

# Traits of a level; every other key is an attribute of the customer.
TRAITS: Mapping[str, str] = {
    "plan": "product_id",
    "product": "product_id",
    "price": "price_id",
    "subscription": "subscription_id",
    "currency": "currency",
    "interval": "unit",
}
# Those of them that are ids, which people write with or without their source.
IDS = ("plan", "product", "price", "subscription")

Stretch = Literal["period", "thirty_days", "twelve_months"]
LONG_AGO = date(1, 1, 1)


class Asked(msgspec.Struct, frozen=True):
    """Which report: grain, the local days of the first and last period shown, grouping and filters.

    `stretch`: which days each period looks at.
    """

    grain: Grain
    as_of: datetime
    first: date | None = None
    last: date | None = None
    by: str | None = None
    where: tuple[tuple[str, str], ...] = ()
    stretch: Stretch = "period"

    @property
    def whole(self) -> bool:
        """Whether the report is of all levels together."""
        return self.by is None and not self.where


class Period(NamedTuple):
    """A period with its stretch: local days `[opens_on, closes_on)`, instants `[opens_at, ends_at)` in UTC.

    The first period counts from long ago, so that running sums over the periods begin with what was before them.
    """

    period_starts_on: date
    counts_from: date
    opens_on: date
    closes_on: date
    opens_at: datetime
    ends_at: datetime
    complete: bool
    period_no: int
    months_num: int
    months_den: int


_PERIOD = """period_starts_on DATE, counts_from DATE, opens_on DATE, closes_on DATE, opens_at TIMESTAMP,
    ends_at TIMESTAMP, complete BOOLEAN, period_no BIGINT, months_num BIGINT, months_den BIGINT"""
_MONTHS: Mapping[str, tuple[int, int]] = {
    "day": (12, 365),
    "week": (84, 365),
    "month": (1, 1),
    "quarter": (3, 1),
    "year": (12, 1),
    "thirty_days": (1, 1),
    "twelve_months": (12, 1),
}


def look(warehouse: Warehouse, policy: Policy, asked: Asked) -> list[Period]:
    """See the ledger as of the report's instant; the periods shown go into the temporary table `period`.

    A46: from the first movement of the unfiltered ledger to `as_of`. Raises WrongUse for a grain finer than the
    netting window.
    """
    if policy["netting"] == "month" and asked.grain in ("day", "week"):
        raise WrongUse(
            f"a report by {asked.grain} is finer than the netting window, a month",
            remedy="Ask by month, quarter or year, or choose another `netting`.",
        )
    seen.look(warehouse, asked.as_of)
    about = (policy.hash, asked.grain, asked.as_of, asked.first, asked.last, asked.stretch)
    return warehouse.once("frame", about, lambda: _look(warehouse, policy, asked))


def _look(warehouse: Warehouse, policy: Policy, asked: Asked) -> list[Period]:
    # What moved, and what was kept, was told of other periods.
    warehouse.changed("rolled")
    warehouse.changed("retained")
    shown = list(_periods(warehouse, policy, asked))
    warehouse.temp("period", _PERIOD, shown)
    report = (policy["report.churn_rate.denominator"], policy["report.nrr.includes_fx"], asked.as_of)
    warehouse.temp("report", "denominator VARCHAR, includes_fx BOOLEAN, as_of TIMESTAMP", [report])
    return shown


def _periods(warehouse: Warehouse, policy: Policy, asked: Asked) -> Iterator[Period]:
    timezone, week_start = policy["timezone"], 6 if policy["report.week_start"] == "sunday" else 0
    today = local_day(asked.as_of - timedelta(microseconds=1), timezone)
    first = asked.first or _begun(warehouse, today)
    if first is None:
        return
    starts = periods(first, min(asked.last or today, today), asked.grain, week_start)
    for number, start in enumerate(starts):
        over = next_period(start, asked.grain)
        closes_on = min(over, today + timedelta(days=1))
        opens_on = _opens_on(asked.stretch, start, closes_on)
        ends_at = midnight(over, timezone)
        yield Period(
            start,
            start if number else LONG_AGO,
            opens_on,
            closes_on,
            midnight(opens_on, timezone),
            min(ends_at, asked.as_of),
            ends_at <= asked.as_of,
            number,
            *_MONTHS[asked.grain if asked.stretch == "period" else asked.stretch],
        )


def _begun(warehouse: Warehouse, today: date) -> date | None:
    """The day of the first movement: by the roll-up, unless that is so late that `as_of` may cut it."""
    (begun,) = warehouse.one(sql("reports/begun"))
    if begun is not None and begun >= today.replace(day=1):
        (begun,) = warehouse.one("SELECT min(on_day) FROM seen_movement")
    found: date | None = begun
    return found


def _opens_on(stretch: Stretch, start: date, closes_on: date) -> date:
    if stretch == "thirty_days":
        return closes_on - timedelta(days=30)
    return _year_before(closes_on) if stretch == "twelve_months" else start


def _year_before(day: date) -> date:
    """The same day a year before; 28 February for the 29th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def members(warehouse: Warehouse, policy: Policy, asked: Asked, levels: str | None = None) -> None:
    """Make the view `member`: the levels that fit all filters, each with the trait by which the report groups it.

    `levels` is a query for other members than the levels that are seen.
    """
    query = levels or sql("reports/member")
    for number, (key, value) in enumerate(asked.where):
        query = f"SELECT * FROM ({_traited(warehouse, policy, asked, key, query, number)}) WHERE {_fits(key, value)}"
    if asked.by is not None:
        query = _traited(warehouse, policy, asked, asked.by, query, len(asked.where))
    elif asked.where:
        query = f"SELECT * EXCLUDE (trait), CAST(NULL AS VARCHAR) AS trait FROM ({query})"
    if not asked.whole:
        warehouse.create("member_kept", query)
        query = "SELECT * FROM temp.member_kept"
    warehouse.execute(f"CREATE OR REPLACE TEMP VIEW member AS {query}")


def _traited(warehouse: Warehouse, policy: Policy, asked: Asked, key: str, query: str, number: int) -> str:
    """The query with every level's trait of that name, cut where an attribute changes."""
    if key in TRAITS:
        return f"SELECT * EXCLUDE (trait), {TRAITS[key]} AS trait FROM ({query})"
    table = f"member_{number}"
    warehouse.create(table, query)
    cut = sql("reports/member_cut").replace("$member", f"temp.{table}").replace("$key", text(key))
    current = policy["report.attributes"] == "current"
    return cut.replace("$current", str(current)).replace("$as_of", f"TIMESTAMP '{asked.as_of.isoformat(sep=' ')}'")


def _fits(key: str, value: str) -> str:
    """The condition of a filter. It may name an id without its source."""
    inside = ["trait", *(["regexp_replace(trait, '^[^/]*/', '')"] if key in IDS else [])]
    return f"coalesce({text(value)} IN ({', '.join(inside)}), FALSE)"


def text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def moves(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
    """Make the tables `day`, `spine` (period × group), `flow` and `rolled`; quickly where what moved is rolled up."""
    warehouse.once("rolled", (asked.by, asked.where), lambda: _moves(warehouse, policy, asked))


def _moves(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
    if policy["report.same_period_join_leave"] == "show" and not asked.where and asked.by in _ROLLED_UP:
        days = sql("reports/day_rolled").replace("$kind", text(_ROLLED_UP[asked.by]))
        warehouse.create("day", days.replace("$rolled", _told(warehouse, policy, asked.as_of, "rolled_up")))
        _rolled(warehouse, policy, asked)
    else:
        moved(warehouse, policy, asked)


def moved(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
    """The same out of the view `moved`, which tells customer by customer what moved."""
    if asked.whole:
        warehouse.execute("CREATE OR REPLACE TEMP VIEW moved AS " + sql("reports/moved_total"))
    else:
        members(warehouse, policy, asked)
        warehouse.create("member_edge", sql("reports/member_edge"))
        warehouse.create("moved_kept", sql("reports/moved_by"))
        warehouse.execute("CREATE OR REPLACE TEMP VIEW moved AS SELECT * FROM temp.moved_kept")
    warehouse.create("day", sql("reports/day"))
    _rolled(warehouse, policy, asked)


def kept(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
    """Make the tables `rolled` and `retained`, what is kept of each opening; quickly where that is rolled up."""
    warehouse.once("retained", (asked.by, asked.where), lambda: _kept(warehouse, policy, asked))


def _kept(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
    stretch = asked.grain if asked.stretch == "period" else asked.stretch
    if policy["report.same_period_join_leave"] == "hide" or not asked.whole or stretch not in _KEPT_UP:
        moved(warehouse, policy, asked)
        warehouse.create("retained", sql("reports/retained"))
        return
    moves(warehouse, policy, asked)
    told = _told(warehouse, policy, asked.as_of, "kept_up")
    warehouse.create("kept", f"SELECT * FROM {told} WHERE stretch = {text(stretch)}")
    warehouse.create("retained", sql("reports/retained_rolled"))


def _told(warehouse: Warehouse, policy: Policy, as_of: datetime, table: str) -> str:
    """A table of the roll-up as it is seen, for a FROM clause. Makes `cut_on`, the first day that it does not show."""
    if not warehouse.once("near", (policy.hash, as_of), lambda: _near(warehouse, policy, as_of)):
        return f"ledger.{table}"
    warehouse.once(f"{table}_cut", (policy.hash, as_of), lambda: _cut(warehouse, table))
    return f"(SELECT * EXCLUDE (loose) FROM ledger.{table} UNION ALL BY NAME FROM temp.{table}_cut)"


def _near(warehouse: Warehouse, policy: Policy, as_of: datetime) -> bool:
    """Whether `as_of` cuts anybody's day (month, where windows are months): everybody else is as rolled up.

    Makes `near_*`, what is seen of them, and with sign -1 what the ledger holds of them.
    """
    grain: Grain = "month" if policy["netting"] == "month" else "day"
    last = local_day(as_of - timedelta(microseconds=1), policy["timezone"])
    over = next_period(period_start(last, grain), grain)
    cut = [(over, as_of, midnight(over, policy["timezone"]))]
    warehouse.temp("cut_on", "day DATE, as_of TIMESTAMP, ends_at TIMESTAMP", cut)
    warehouse.create("near", sql("reports/near"))
    if not warehouse.made["near"]:
        return False
    for table, columns in rollup.READ.items():
        mine = "SEMI JOIN temp.near AS n ON n.shelf = s.shelf AND n.customer_id = s.customer_id"
        held = f"SELECT -1 AS sign, {columns} FROM ledger.{table} AS s {mine}"
        seen_now = f"SELECT 1 AS sign, {columns} FROM {seen.view(table)} AS s {mine}"
        warehouse.create(f"near_{table}", f"{seen_now} UNION ALL {held}")
    return True


def _cut(warehouse: Warehouse, table: str) -> None:
    """By how much what is seen of the customers `near` is another than what is rolled up of them."""
    warehouse.create(f"{table}_cut", rollup.steps(table, "temp.near_{}".format))


# The stretches for which the roll-up tells what was kept (reports/kept_day.sql).
_KEPT_UP = ("month", "twelve_months")
# The groups by which the roll-up is kept (derivation/rollup.py).
_ROLLED_UP: Mapping[str | None, str] = {None: "total", "plan": "plan", "product": "plan"}


def _rolled(warehouse: Warehouse, policy: Policy, asked: Asked) -> None:
    groups(warehouse, asked, "SELECT trait FROM day GROUP BY trait HAVING sum(moves) > 0")
    query = sql("reports/flow")
    if policy["report.same_period_join_leave"] == "hide":
        warehouse.create("hidden", sql("reports/hidden"))
        # They move the balances all the same.
        query = f"SELECT * EXCLUDE (amount_micros, customers) FROM ({query})"
        query += f" UNION ALL BY NAME {sql('reports/flow_shown')}"
    warehouse.create("flow", query)
    warehouse.create("rolled", sql("reports/rolled"))


def groups(warehouse: Warehouse, asked: Asked, named: str) -> None:
    """Make the table `spine`, every period beside every group that a query names; ungrouped there is one, NULL."""
    # Whatever was told over another spine is now without its own.
    warehouse.changed("rolled")
    traits = "SELECT CAST(NULL AS VARCHAR) AS trait" if asked.by is None else named
    warehouse.create("spine", f"SELECT p.*, g.trait FROM temp.period AS p CROSS JOIN ({traits}) AS g")


def group_name(by: str | None, trait: str | None) -> str | None:
    """A group as it is shown: an id without its source."""
    return trait.partition("/")[2] if by in IDS and trait and "/" in trait else trait
