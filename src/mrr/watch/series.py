"""The daily series of a book: what moved, by class, in total and in parts; and what came in, by source."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from mrr.warehouse import Warehouse, sql

ENTRIES = "entries"


class Name(NamedTuple):
    """Which series: the class of movement (or `entries`), and the part of it: a key and its value, or the total."""

    class_: str
    key: str = "total"
    value: str = ""


class Moved(NamedTuple):
    """What a day brought: how many customers (or entries), and micros of the reporting currency, signed."""

    moves: int
    amount_micros: int


Daily = Mapping[date, Moved]
NOTHING = Moved(0, 0)


class Stretch(NamedTuple):
    """Local days `[first, last]`; the last is the one that is judged by those before it."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """All days of it."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


def begun(warehouse: Warehouse) -> Mapping[str, date]:
    """The day of the first movement (`moved`), and that of the first entry of each source."""
    found = {f"source:{source}": day for source, day in warehouse.rows(_FIRST_ENTRY)}
    (moved,) = warehouse.one("SELECT min(on_day) FROM ledger.movement")
    return found if moved is None else {**found, "moved": moved}


_FIRST_ENTRY = "SELECT source, CAST(min(recorded_at) AS DATE) FROM outcome GROUP BY source"


def moved(warehouse: Warehouse, stretch: Stretch, keys: Sequence[str]) -> dict[Name, dict[date, Moved]]:
    """What moved on each day, by class: in total, by plan, currency and those of `keys` that are attributes."""
    found: dict[Name, dict[date, Moved]] = defaultdict(dict)
    attributes = [key for key in keys if key not in ("plan", "currency")]
    window = {"first": stretch.first, "last": stretch.last + timedelta(days=1), "keys": attributes}
    for key, value, class_, day, moves, amount in warehouse.rows(sql("watch/moved_daily"), window):
        if key == "total" or key in keys:
            found[Name(class_, key, value)][day] = Moved(moves, amount)
    return found


def entries(warehouse: Warehouse, stretch: Stretch) -> dict[Name, dict[date, Moved]]:
    """How many entries each source sent on each day (UTC) of recording."""
    found: dict[Name, dict[date, Moved]] = defaultdict(dict)
    window = {"first": stretch.first, "last": stretch.last + timedelta(days=1)}
    for source, day, count in warehouse.rows(sql("watch/taken_daily"), window):
        found[Name(ENTRIES, "source", source)][day] = Moved(count, 0)
    return found


def due(warehouse: Warehouse, stretch: Stretch) -> dict[str, dict[date, int]]:
    """How many contracts turn on each day, by kind, as it was known before the day."""
    found: dict[str, dict[date, int]] = defaultdict(dict)
    window = {"first": stretch.first, "last": stretch.last + timedelta(days=1)}
    for kind, day, count in warehouse.rows(sql("watch/due_daily"), window):
        found[kind][day] = count
    return found


def concerned(warehouse: Warehouse, class_: str, day: date) -> tuple[list[str], list[int]]:
    """The customers of a class of movements on a day, the largest first, and the entries behind it."""
    rows = warehouse.rows(sql("watch/moved_by_whom"), {"class": class_, "day": day})
    customers = list(dict.fromkeys(customer for customer, _, _ in rows))
    return customers, sorted({seq for _, seq, _ in rows if seq is not None})
