"""What became of a closed month since: its sealed rows against those of now, and each entry behind a difference."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from mrr import bridge
from mrr.bridge import Step
from mrr.controls import close
from mrr.controls.close import FIGURES, ClosedRow
from mrr.governance import Close
from mrr.warehouse import Warehouse

ENGINE = "engine"


class Named(msgspec.Struct):
    """What came after the close and changed it: an entry, an edit, the rates of a month, or another engine.

    The engine's evidence is the seal: its `entries` name that.
    `amount_micros` is what it makes of closing MRR, `classes` what of the opening and of each class.
    """

    step: str
    entries: list[int]
    source: str
    kind: str
    key: str
    recorded_at: datetime
    customers: int
    amount_micros: int
    classes: dict[str, int]


class CustomerRestated(msgspec.Struct):
    """A customer whose row is another one now: closing MRR, the differences by figure, and the entries behind them.

    `engine` is what of it a later engine makes of the very entries that were sealed; `remainder` what is left: nothing.
    """

    customer_id: str
    source: str
    sealed_micros: int
    now_micros: int
    state_sealed: str
    state_now: str
    differences: dict[str, int]
    entries: list[int]
    engine: dict[str, int]
    remainder: dict[str, int]


class Restatement(msgspec.Struct):
    """A closed month as sealed and as now, under the policy by which it was closed.

    `figures` are opening, classes and closing, each as sealed and as now. `entries` name everything that changed it.
    """

    month: date
    currency: str
    closed_at: datetime
    author: str
    policy: str
    sealed_seq: int
    known_at_seq: int
    engine_sealed: str
    engine_now: str
    figures: dict[str, tuple[int, int]]
    difference_micros: int
    customers: list[CustomerRestated]
    entries: list[Named]


def restated(
    book: Warehouse, one: Close, kept: Sequence[ClosedRow], now: Sequence[ClosedRow], told: bridge.Bridge
) -> Restatement:
    """Compare what was sealed with what is now; `told` is the bridge from the sealed prefix, for that month alone."""
    sealed = one.sealed
    steps = _by_customer(told.rows)
    rows = {row.customer: row for row in kept}
    others = {row.customer: row for row in now}
    differing = [name for name in sorted(rows.keys() | others.keys()) if rows.get(name) != others.get(name)]
    customers = [_customer(name, rows.get(name), others.get(name), steps[name]) for name in differing]
    figures = {name: (_sum(kept, name), _sum(now, name)) for name in FIGURES}
    return Restatement(
        month=sealed.month,
        currency=sealed.values["currency"],
        closed_at=one.closed_at,
        author=sealed.author,
        policy=sealed.policy,
        sealed_seq=sealed.seq,
        known_at_seq=told.right.seq,
        engine_sealed=sealed.engine,
        engine_now=told.right.engine,
        figures=figures,
        difference_micros=figures["closing_micros"][1] - figures["closing_micros"][0],
        customers=customers,
        entries=list(_named(book, told.rows)),
    )


def _sum(rows: Sequence[ClosedRow], name: str) -> int:
    return sum(getattr(row, name) for row in rows)


def _by_customer(rows: Sequence[Step]) -> Mapping[str, list[Step]]:
    found: dict[str, list[Step]] = defaultdict(list)
    for row in rows:
        found[f"{row.source}/{row.customer_id}"].append(row)
    return found


def _customer(name: str, sealed: ClosedRow | None, now: ClosedRow | None, steps: Sequence[Step]) -> CustomerRestated:
    was, becomes = sealed or close.nothing(name), now or close.nothing(name)
    differences = {figure: getattr(becomes, figure) - getattr(was, figure) for figure in FIGURES}
    told, engine = _by_figure(steps), _by_figure([step for step in steps if step.step == ENGINE])
    source, _, customer = name.partition("/")
    return CustomerRestated(
        customer_id=customer,
        source=source,
        sealed_micros=was.closing_micros,
        now_micros=becomes.closing_micros,
        state_sealed=was.state,
        state_now=becomes.state,
        differences={figure: amount for figure, amount in differences.items() if amount},
        entries=sorted({seq for step in steps for seq in step.entries if step.step != ENGINE}),
        engine={figure: engine[figure] for figure in FIGURES if engine[figure]},
        remainder={figure: gap for figure in FIGURES if (gap := differences[figure] - told[figure])},
    )


def _by_figure(steps: Sequence[Step]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for step in steps:
        found[f"{step.class_}_micros"] += step.amount_micros
        found["closing_micros"] += step.amount_micros
    return found


def _named(book: Warehouse, rows: Sequence[Step]) -> Iterator[Named]:
    """The steps of the bridge, each once, the largest first."""
    groups: dict[tuple[str, tuple[int, ...]], list[Step]] = defaultdict(list)
    for row in rows:
        groups[row.step, tuple(row.entries)].append(row)
    filed = _filed(book, sorted({entries[-1] for _, entries in groups if entries}))
    amounts = {group: sum(row.amount_micros for row in told) for group, told in groups.items()}
    for step, entries in sorted(groups, key=lambda group: (-abs(amounts[group]), group)):
        told = groups[step, entries]
        classes: Counter[str] = Counter()
        for row in told:
            classes[row.class_] += row.amount_micros
        yield Named(
            step=step,
            entries=list(entries),
            **filed[entries[-1]],
            customers=len({(row.source, row.customer_id) for row in told}),
            amount_micros=amounts[step, entries],
            classes={kind: amount for kind, amount in sorted(classes.items()) if amount},
        )


def _filed(book: Warehouse, seqs: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Under what entries are filed."""
    query = "SELECT seq, source, kind, key, recorded_at FROM outcome WHERE list_contains($seqs, seq)"
    return {row.pop("seq"): row for row in book.dicts(query, {"seqs": list(seqs)})}
