"""Movements and their lines as they are told: signed micros, causes by name."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from mrr.derivation import seen
from mrr.reports.named import named, only
from mrr.warehouse import Warehouse


class Line(msgspec.Struct):
    """An item's part of a movement; its causes add up to `amount_micros`."""

    item_id: str
    subscription_id: str
    amount_micros: int
    causes: dict[str, int]
    involuntary: bool | None = None


class Movement(msgspec.Struct):
    """What changed for one customer within one netting window. Amounts are signed micros."""

    movement_id: str
    on: date
    customer_id: str
    source: str
    class_: str = msgspec.field(name="class")
    amount_micros: int
    mrr_after_micros: int
    lines: list[Line]


class Wanted(msgspec.Struct, frozen=True):
    """Which movements: local days from `first` to `last` inclusive, one customer, one class, one id."""

    as_of: datetime
    first: date | None = None
    last: date | None = None
    customer: str | None = None
    kind: str | None = None
    movement_id: str | None = None


_WHERE = """
    ($first IS NULL OR m.on_day >= $first) AND ($last IS NULL OR m.on_day <= $last)
    AND ($kind IS NULL OR m.class = $kind) AND ($movement IS NULL OR m.movement_id = $movement)"""


def movements(warehouse: Warehouse, wanted: Wanted) -> list[Movement]:
    """In the order of local day, customer, time; the flow of a window before its fx."""
    seen.look(warehouse, wanted.as_of)
    values = {"first": wanted.first, "last": wanted.last, "kind": wanted.kind, "movement": wanted.movement_id}
    whose = _whose(warehouse, wanted)
    moved = f"SELECT m.* FROM (SELECT * FROM seen_movement WHERE {whose}) AS m WHERE {_WHERE}"
    rows = warehouse.dicts(f"{moved} ORDER BY on_day, customer_id, window_starts_at, is_fx", values)
    lines: dict[tuple[Any, Any], list[dict[str, Any]]] = defaultdict(list)
    for line in warehouse.dicts(
        f"""SELECT l.* FROM (SELECT * FROM seen_line WHERE {whose}) AS l SEMI JOIN ({moved}) AS m
        ON m.customer_id = l.customer_id AND m.window_starts_at = l.window_starts_at
        ORDER BY l.subscription_id, l.item_id""",
        values,
    ):
        lines[line["customer_id"], line["window_starts_at"]].append(line)
    return [_movement(row, lines[row["customer_id"], row["window_starts_at"]]) for row in rows]


def _whose(warehouse: Warehouse, wanted: Wanted) -> str:
    """A condition that every row which is wanted meets, and few others."""
    if wanted.movement_id is not None:
        found = warehouse.rows(
            "SELECT DISTINCT customer_id FROM seen_movement WHERE movement_id = ?", [wanted.movement_id]
        )
        return only(warehouse, [customer for (customer,) in found])
    return "TRUE" if wanted.customer is None else only(warehouse, named(warehouse, wanted.customer))


def _movement(row: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Movement:
    source, _, customer = row["customer_id"].partition("/")
    told = _fx_lines(lines) if row["is_fx"] else _flow_lines(lines)
    return Movement(
        movement_id=row["movement_id"],
        on=row["on_day"],
        customer_id=customer,
        source=source,
        class_=row["class"],
        amount_micros=row["amount_micros"],
        mrr_after_micros=row["mrr_after_micros"],
        lines=list(told),
    )


def _fx_lines(lines: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    for line in lines:
        if line["fx_micros"]:
            yield _line(line, line["fx_micros"], {"fx": line["fx_micros"]})


def _flow_lines(lines: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    for line in lines:
        if line["in_flow"]:
            yield _line(line, line["flow_micros"], _causes(line))


def _line(line: Mapping[str, Any], amount: int, causes: dict[str, int]) -> Line:
    subscription = line["subscription_id"].partition("/")[2]
    return Line(line["item_id"], subscription, amount, causes, line["involuntary"])


def _causes(line: Mapping[str, Any]) -> dict[str, int]:
    """The causes of a line by name, in the order offer, quantity, discount; a status cause stands alone."""
    if line["status_cause"] is not None:
        return {line["status_cause"]: line["flow_micros"]}
    causes: dict[str, int] = {}
    if line["offer_micros"] is not None:
        causes[line["offer_cause"]] = line["offer_micros"]
    if line["quantity_micros"] is not None:
        causes["quantity"] = line["quantity_micros"]
    if line["discount_micros"]:
        causes["discount"] = line["discount_micros"]
    return causes
