"""Who is behind a figure of the roll-forward: the customers who moved, what changed for them, the newest of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from mrr.answers import Definition
from mrr.derivation import seen
from mrr.period import local_day
from mrr.policy import Policy
from mrr.reports import frame
from mrr.reports.frame import Asked
from mrr.reports.tables import Table
from mrr.warehouse import Warehouse, sql

# In how many days the newest movements are looked for before all are looked through.
_LATELY = 31


class Part(msgspec.Struct):
    """What changed for one item: its cause, and plan, number and billing interval before and after, where it had any.

    `local_micros` is the change in the item's own `currency`; None where that changed too.
    """

    item_id: str
    cause: str
    involuntary: bool | None
    product_before: str | None
    product_after: str | None
    quantity_before: int | None
    quantity_after: int | None
    interval_before: str | None
    interval_after: str | None
    currency: str | None
    local_micros: int | None


class Mover(msgspec.Struct):
    """A movement of a customer, what the customer is called, and what changed, the largest part first.

    Under a filter `amount_micros` and `mrr_after_micros` are of what lies inside; `movement_id` is None where only an
    attribute changed. Signed micros.
    """

    movement_id: str | None
    on: date
    customer_id: str
    source: str
    name: str | None
    class_: str = msgspec.field(name="class")
    amount_micros: int
    mrr_after_micros: int
    parts: list[Part]


class Movers(msgspec.Struct, Table[Mover]):
    """Movements with names and what changed; `matching` counts all that fit, which come to `total_micros`."""

    definition: Definition
    matching: int
    total_micros: int
    rows: list[Mover]


class Moved(msgspec.Struct, frozen=True):
    """How many customers moved in a period in one class."""

    period_starts_on: date
    class_: str = msgspec.field(name="class")
    customers: int


def movers(
    warehouse: Warehouse, policy: Policy, asked: Asked, kind: str | None, until: date, limit: int
) -> tuple[list[Mover], int, int]:
    """The movements from `asked.first` until a day, the largest first; how many there are, and what they come to."""
    assert asked.first is not None
    _moved(warehouse, policy, asked)
    words = {"first": asked.first, "until": until, "kind": kind, "limit": limit}
    rows = warehouse.dicts(sql("reports/mover"), words)
    matching, total = (rows[0]["matching"], rows[0]["total_micros"]) if rows else (0, 0)
    return _told(warehouse, rows, asked.as_of), matching, total


def latest(warehouse: Warehouse, policy: Policy, as_of: datetime, limit: int) -> list[Mover]:
    """The newest movements but those of exchange rates, the newest first."""
    seen.look(warehouse, as_of)
    lately = local_day(as_of, policy["timezone"]) - timedelta(days=_LATELY)
    for first in (lately, date.min):
        rows = warehouse.dicts(sql("reports/mover_latest"), {"first": first, "limit": limit})
        if len(rows) == limit:
            break
    return _told(warehouse, rows, as_of)


def counts(warehouse: Warehouse, policy: Policy, asked: Asked) -> list[Moved]:
    """How many customers moved, by period and class."""
    if not _moved(warehouse, policy, asked):
        return []
    return [Moved(*row) for row in warehouse.rows(sql("reports/mover_count"))]


def _moved(warehouse: Warehouse, policy: Policy, asked: Asked) -> bool:
    """Make the view `moved`; False where the report has no periods."""
    if not frame.look(warehouse, policy, asked):
        warehouse.execute(f"CREATE OR REPLACE TEMP VIEW moved AS {sql('reports/moved_total')}")
        return False
    if asked.whole:
        warehouse.execute(f"CREATE OR REPLACE TEMP VIEW moved AS {sql('reports/moved_total')}")
    else:
        frame.moved(warehouse, policy, asked)
    return True


def _told(warehouse: Warehouse, rows: Sequence[Mapping[str, Any]], as_of: datetime) -> list[Mover]:
    keys = [(row["customer_id"], row["window_starts_at"], row["is_fx"]) for row in rows]
    warehouse.temp("mover", "customer_id VARCHAR, window_starts_at TIMESTAMP, is_fx BOOLEAN", keys)
    parts: dict[tuple[Any, ...], list[Part]] = defaultdict(list)
    for part in warehouse.dicts(sql("reports/mover_part")):
        key = part.pop("customer_id"), part.pop("window_starts_at"), part.pop("is_fx")
        parts[key].append(Part(**part | {name: _bare(part[name]) for name in ("product_before", "product_after")}))
    names: dict[str, str] = dict(warehouse.rows(sql("reports/mover_name"), {"as_of": as_of}))
    return [_mover(row, names, parts[key]) for row, key in zip(rows, keys, strict=True)]


def _mover(row: Mapping[str, Any], names: Mapping[str, str], parts: list[Part]) -> Mover:
    source, _, customer = row["customer_id"].partition("/")
    return Mover(
        movement_id=row["movement_id"],
        on=row["on_day"],
        customer_id=customer,
        source=source,
        name=names.get(row["customer_id"]),
        class_=row["class"],
        amount_micros=row["amount_micros"],
        mrr_after_micros=row["mrr_after_micros"],
        parts=parts,
    )


def _bare(id_: str | None) -> str | None:
    """An id without its source."""
    return id_ if id_ is None else id_.partition("/")[2]
