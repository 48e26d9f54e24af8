"""A bridge that was crossed, as an answer: rows with their evidence, causes, months."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from mrr.answers import Definition
from mrr.bridge.cells import Asked, Cells, laid_out
from mrr.bridge.crossing import LEFT, RIGHT, Crossing, Way
from mrr.bridge.path import Component, rank
from mrr.bridge.shapes import Bridge, Cause, Entry, Month, Side, Standing, Step
from mrr.bridge.turned import turned
from mrr.engine import engine
from mrr.ledgers import Ledger
from mrr.period import OPEN_END, next_period
from mrr.policy.reference import written
from mrr.posting import Progress
from mrr.warehouse import Warehouse, sql

ROWS = f"""SELECT r.*, e.seqs
FROM ({sql("reports/bridge_row").replace("$hop", "hop")}) AS r
LEFT JOIN (SELECT step_no, customer_id, list(seq ORDER BY seq) AS seqs FROM evidence GROUP BY step_no, customer_id) AS e
    ON e.step_no = r.step_no AND e.customer_id = r.customer_id
ORDER BY r.step_no, r.in_month, r.customer_id, r.class"""
APART = sql("reports/bridge_row").replace("$hop", "apart")
# Where what a component comes to alone is not what it comes to last of all: the steps 2n and 2n + 1 of `apart`.
INTERACTING = f"""SELECT DISTINCT step_no // 2 FROM (
    SELECT step_no, in_month, customer_id, class, after_micros - before_micros AS amount_micros,
        after_moves - before_moves AS moves
    FROM ({APART}))
GROUP BY step_no // 2, in_month, customer_id, class, amount_micros, moves
HAVING count(*) < 2"""


STANDING = """SELECT customer_id, subscription_id,
    CAST(coalesce(sum(amount_micros) FILTER (ledger_no = 0), 0) AS BIGINT) AS left_micros,
    CAST(coalesce(sum(amount_micros) FILTER (ledger_no = 1), 0) AS BIGINT) AS right_micros
FROM standing
GROUP BY customer_id, subscription_id HAVING left_micros <> right_micros
ORDER BY abs(right_micros - left_micros) DESC, customer_id, subscription_id"""


class End(NamedTuple):
    """An end of a bridge: how it was asked for, and the ledger that is meant."""

    words: str
    ledger: Ledger


def bridge(
    book: Warehouse, left: End, right: End, asked: Asked, definition: Definition, progress: Progress | None = None
) -> Bridge:
    """How the left ledger becomes the right one. `book` stands at the journal's head.

    Raises WrongUse across reporting currencies. From right to left every row is the same with its signs turned.
    """
    if rank(right.ledger) < rank(left.ledger):
        return turned(bridge(book, right, left, asked, definition, progress))
    with laid_out(book) as desk:
        crossing = Crossing(Cells(book, desk, asked), left.ledger, right.ledger)
        crossing.cross(progress)
        rows = list(_rows(crossing))
        totals = _totals(desk)
        months = list(_months(totals, rows, crossing))
        closing = [_sum(totals, side, asked.until) for side in (LEFT, RIGHT)]
        return Bridge(
            definition=definition,
            left=_side(left, closing[LEFT]),
            right=_side(right, closing[RIGHT]),
            customers=len(crossing.customers),
            difference_micros=closing[RIGHT] - closing[LEFT],
            remainder_micros=closing[RIGHT] - closing[LEFT] - sum(row.amount_micros for _, row in rows),
            causes=_causes(crossing, rows),
            months=months,
            subscriptions=[_standing(*row) for row in desk.rows(STANDING)],
            rows=[row for _, row in rows],
        )


Numbered = tuple[int, Step]


def _rows(crossing: Crossing) -> Iterator[Numbered]:
    for number, month, customer, kind, before, after, moves, moved, ids, then, seqs in crossing.cells.desk.rows(ROWS):
        way = crossing.steps[number]
        source, _, name = customer.partition("/")
        yield (
            number,
            Step(
                month=month,
                customer_id=name,
                source=source,
                class_=kind,
                step=step_name(way),
                amount_micros=after - before,
                before_micros=before,
                after_micros=after,
                before_moves=moves,
                after_moves=moved,
                entries=seqs or [],
                keys=_keys(crossing, way.component),
                movements_before=ids or [],
                movements_after=then or [],
            ),
        )


def step_name(way: Way) -> str:
    """`policy: churn_at`, `journal: entry 17`, `journal: rates of 2026-03`, `edits`."""
    if way.told is None:
        return way.component.name
    if way.told.rate_month is not None:
        return f"journal: rates of {way.told.rate_month:%Y-%m}"
    return f"journal: entry {way.told.seqs[0]}"


def _keys(crossing: Crossing, component: Component) -> dict[str, str]:
    left, right = crossing.left.policy, crossing.right.policy
    return {key: f"{written(left[key])} → {written(right[key])}" for key in component.keys}


def _side(end: End, closing: int) -> Side:
    ledger = end.ledger
    return Side(
        words=end.words,
        policy=ledger.policy.name,
        policy_hash=ledger.policy.hash,
        seq=ledger.seq,
        edits_seq=ledger.edits_seq,
        sources=list(ledger.sources or ()),
        engine=engine(),
        closing_micros=closing,
    )


def _standing(customer: str, subscription: str, left: int, right: int) -> Standing:
    source, _, name = customer.partition("/")
    return Standing(name, source, subscription, left, right)


Totals = dict[tuple[int, date], int]


def _totals(desk: Warehouse) -> Totals:
    return {
        (side, month): amount
        for side, month, amount in desk.rows(
            "SELECT ledger_no, in_month, CAST(sum(amount_micros) AS BIGINT) FROM total GROUP BY ledger_no, in_month"
        )
    }


def _sum(totals: Totals, side: int, until: date) -> int:
    return sum(amount for (of, month), amount in totals.items() if of == side and month < until)


def _months(totals: Totals, rows: Sequence[Numbered], crossing: Crossing) -> Iterator[Month]:
    """Every month shown, from the first in which anything moved."""
    asked = crossing.cells.asked
    moved: dict[date, Counter[str]] = defaultdict(Counter)
    for number, row in rows:
        if row.class_ != "opening":
            moved[row.month][crossing.steps[number].component.name] += row.amount_micros
    known = [month for _, month in totals]
    month = max(min(known, default=OPEN_END.date()), asked.first)
    while month < asked.until and month <= max(known, default=date.min):
        after = next_period(month, "month")
        opening, closing = ([_sum(totals, side, day) for side in (LEFT, RIGHT)] for day in (month, after))
        yield Month(month, opening[LEFT], opening[RIGHT], closing[LEFT], closing[RIGHT], dict(moved[month]))
        month = after


def _causes(crossing: Crossing, rows: Sequence[Numbered]) -> list[Cause]:
    apart = _apart(crossing.cells.desk)
    interacting = {number for (number,) in crossing.cells.desk.rows(INTERACTING)}
    found = []
    for number, component in enumerate(crossing.components):
        own = [(step, row) for step, row in rows if crossing.steps[step].component == component]
        told = [row for _, row in own]
        found.append(
            Cause(
                name=component.name,
                keys=_keys(crossing, component),
                amount_micros=sum(row.amount_micros for row in told),
                classes=_by_class((row.class_, row.amount_micros) for row in told),
                customers=len({(row.source, row.customer_id) for row in told}),
                first_in=_by_class(apart[2 * number]),
                last_in=_by_class(apart[2 * number + 1]),
                interacts=number in interacting,
                entries=_entries(crossing, own) if component.name == "journal" else [],
            )
        )
    return found


def _apart(desk: Warehouse) -> dict[int, list[tuple[str, int]]]:
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for step, kind, amount in desk.rows(f"SELECT step_no, class, after_micros - before_micros FROM ({APART})"):
        found[step].append((kind, amount))
    return found


def _by_class(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The sums by class, those that are not 0, in the order of their names."""
    sums: Counter[str] = Counter()
    for kind, amount in amounts:
        sums[kind] += amount
    return {kind: sums[kind] for kind in sorted(sums) if sums[kind]}


def _entries(crossing: Crossing, own: Sequence[Numbered]) -> list[Entry]:
    """What each entry changed, those that changed anything, the largest first."""
    steps: dict[int, list[Step]] = defaultdict(list)
    for step, row in own:
        steps[step].append(row)
    filed = _filed(crossing, steps)
    found = [
        Entry(
            step=rows[0].step,
            entries=list(told.seqs),
            **filed[told.seqs[-1]],
            effective_at=told.turns_at if told.turns_at.year > 1 else None,
            customers=len({(row.source, row.customer_id) for row in rows}),
            amount_micros=sum(row.amount_micros for row in rows),
        )
        for step, rows in steps.items()
        if (told := crossing.steps[step].told) is not None
    ]
    return sorted(found, key=lambda one: (-abs(one.amount_micros), one.entries))


def _filed(crossing: Crossing, steps: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Under what the last entry of each step is filed."""
    ways = [crossing.steps[step].told for step in steps]
    seqs = [told.seqs[-1] for told in ways if told is not None]
    rows = crossing.cells.desk.dicts(
        "SELECT seq, source, kind, key, recorded_at FROM outcome WHERE list_contains($seqs, seq)", {"seqs": seqs}
    )
    return {row.pop("seq"): row for row in rows}
