"""F4, currency mismatch: rates that are missing, stale, or off against another source or the day before."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from mrr.figures import plural
from mrr.reports.rates import stale
from mrr.warehouse import Warehouse, sql
from mrr.watch.bounds import SignalBounds
from mrr.watch.finding import Finding
from mrr.watch.shares import NAMED, Share, urgency

SHARES = (Share("F4.currency", "currency", "amounts are in another currency than what they are for", waits=False),)
# Rates of several currencies do not end on the same day by themselves: what brings them has stopped.
FEED = "source:rates"


def rates(warehouse: Warehouse, as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    """What is wrong with the rates of the currencies in use. The warehouse is prepared."""
    return [*_missing(warehouse, as_of, bounds), *_stale(warehouse, as_of, bounds), *_off(warehouse, as_of, bounds)]


def _missing(warehouse: Warehouse, as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    rows = warehouse.dicts(sql("watch/rate_missing"), {"as_of": as_of})
    return [
        Finding(
            rule="F4.rate_missing",
            cause=f"rate:{row['currency']}",
            urgency=urgency("F4.rate_missing", bounds),
            summary=f"no exchange rate for {row['currency']}: {plural(row['items'], 'item')} cannot be reckoned",
            begins_at=row["begins_at"],
            figures={"pending items": f"{row['items']:,}"},
            customers=row["customers"][:NAMED],
        )
        for row in rows
    ]


def _stale(warehouse: Warehouse, as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    found = {name: _last(warehouse, name, as_of) for name in stale(warehouse, as_of)}
    ended = Counter(last for last, _ in found.values())
    return [
        _aged(name, last, seq, FEED if ended[last] > 1 else f"rate:{name}", as_of, bounds)
        for name, (last, seq) in found.items()
    ]


def _last(warehouse: Warehouse, currency: str, as_of: datetime) -> tuple[date, int]:
    """The day of a currency's last rate, and the entry that told it."""
    last, seq = warehouse.one(
        "SELECT max(day), arg_max(seq, day) FROM rate WHERE (currency = $name OR base = $name) AND day <= $as_of",
        {"name": currency, "as_of": as_of},
    )
    return last, seq


def _aged(currency: str, last: date, seq: int, cause: str, as_of: datetime, bounds: SignalBounds) -> Finding:
    return Finding(
        rule="F4.rate_stale",
        cause=cause,
        urgency=urgency("F4.rate_stale", bounds),
        summary=f"the last exchange rate for {currency} is of {last}",
        begins_at=datetime(last.year, last.month, last.day),
        figures={"last rate of": f"{last}", "age": plural((as_of.date() - last).days, "day")},
        entries=[seq],
    )


def _off(warehouse: Warehouse, as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    query = sql("watch/rate_off").replace("$percent", str(bounds.rate_off_percent))
    return [_jump(row, bounds) for row in warehouse.dicts(query, {"as_of": as_of, "days": bounds.history_days})]


def _jump(row: dict[str, Any], bounds: SignalBounds) -> Finding:
    pair = f"{row['currency']} in {row['base']}"
    beside = row["other_source"] if row["other_source"] != row["source"] else f"{row['other_day']}"
    return Finding(
        rule="F4.rate_off",
        cause=f"rate:{row['currency']}",
        urgency=urgency("F4.rate_off", bounds),
        summary=f"{pair} of {row['day']} ({row['source']}) is {row['hundredths'] // 100} % off against {beside}",
        begins_at=datetime(row["day"].year, row["day"].month, row["day"].day),
        figures={f"{row['day']} ({row['source']})": _six(row, "", ""), f"{beside}": _six(row, "other_", "")},
        entries=[row["seq"], row["other_seq"]],
    )


def _six(row: dict[str, Any], before: str, after: str) -> str:
    """A rate with six decimals."""
    millionths = round(row[f"{before}num{after}"] * 1_000_000 / row[f"{before}den{after}"])
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06}"
