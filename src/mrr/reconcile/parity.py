"""Migration parity: two sources of one book, each by itself, customer by customer through a mapping of ids."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mrr.derivation import ingest
from mrr.derivation.ledgers import Ledger, opened
from mrr.errors import ImportFileError
from mrr.figures import exact, plural
from mrr.policy import Policy
from mrr.reconcile.outcome import Difference, Side, Weighed, differs
from mrr.warehouse import Warehouse, sql


class Worth(NamedTuple):
    """What a customer of one source comes to: micros of the reporting currency, units, currencies, intervals."""

    name: str
    micros: int
    quantity: int
    currency: str
    interval: str


def mapping(path: str) -> dict[str, str]:
    """Old ids to new ones, from the first two columns of a CSV with a header.

    Several old customers may become one. Raises ImportFileError that names the row.
    """
    ingest.exists(path)
    found: dict[str, str] = {}
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file, strict=True), start=1):
                if number == 1 or not row:
                    continue
                old, new = (cell.strip() for cell in (*row, "", "")[:2])
                if not old or not new:
                    raise ImportFileError(f"{path}: row {number}: expected old id,new id, got {','.join(row)!r}")
                if found.setdefault(old, new) != new:
                    remedy = "A customer can become one other only."
                    raise ImportFileError(f"{path}: row {number}: {old} is mapped twice", remedy=remedy)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImportFileError(f"{path}: {error}", remedy="Give a CSV in UTF-8: old id,new id.") from error
    return found


def compare(
    book: Warehouse, policy: Policy, seq: int, at: datetime, sources: tuple[str, str], ids: Mapping[str, str]
) -> Weighed:
    """The old source against the new one at an instant, both without edits; who is in no mapping keeps its id."""
    old, new = (_worth(book, Ledger(policy, seq, 0, sources=(source,)), at) for source in sources)
    moved: dict[str, list[str]] = defaultdict(list)
    for name in old:
        moved[ids.get(name, name)].append(name)
    rows = [row for name, names in moved.items() for row in _moved([old[one] for one in names], new.get(name), sources)]
    rows += [_extra(found, sources) for name, found in new.items() if name not in moved]
    notes = [f"{plural(len(ids), 'id')} mapped, {plural(len(moved), 'customer')} with MRR in {sources[0]}."]
    if absent := sorted(ids.keys() - old.keys()):
        notes.append(f"Mapped, but without MRR in {sources[0]}: {', '.join(absent[:10])}.")
    ours, theirs = (sum(one.micros for one in side.values()) for side in (old, new))
    return Weighed(len(old), ours, theirs, rows, notes)


def _worth(book: Warehouse, wanted: Ledger, at: datetime) -> dict[str, Worth]:
    with opened(book, wanted) as ledger:
        return {row[0]: Worth(*row) for row in ledger.rows(sql("reports/parity_customer"), {"at": at})}


def _moved(old: list[Worth], new: Worth | None, sources: tuple[str, str]) -> Iterator[Difference]:
    """What one or several old customers became."""
    ours = sum(one.micros for one in old)
    names = " + ".join(one.name for one in old)
    if new is None:
        side = Side(f"{sources[0]}/{old[0].name}")
        yield differs(side, "lost", (ours, 0), f"{names} has no MRR in {sources[1]}", "bring it over, or map its id")
    elif new.micros != ours:
        cause, detail = _why(old, new)
        side = Side(f"{sources[1]}/{new.name}", names)
        yield differs(side, cause, (ours, new.micros), detail, "compare both subscriptions")


def _why(old: list[Worth], new: Worth) -> tuple[str, str]:
    """What differs, the plainest first: currency, interval, quantity; else it is the price or a discount."""
    for what in ("currency", "interval", "quantity"):
        before = sum(one.quantity for one in old) if what == "quantity" else _joined(old, what)
        if before != (after := getattr(new, what)):
            return what, f"{before} before, {after} now"
    return "price", f"{exact(sum(one.micros for one in old))} a month before, {exact(new.micros)} now"


def _joined(old: list[Worth], what: str) -> str:
    return ", ".join(sorted({part for one in old for part in getattr(one, what).split(", ")}))


def _extra(found: Worth, sources: tuple[str, str]) -> Difference:
    side = Side(f"{sources[1]}/{found.name}")
    return differs(side, "extra", (0, found.micros), f"nobody in {sources[0]} became it", "map its id, or end it")
