"""A bridge that was crossed, as an answer: rows with their evidence, causes, months."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from mrr.answers import Definition
from mrr.bridge.basis import matched
from mrr.bridge.cells import Asked, Cells, laid_out
from mrr.bridge.crossing import LEFT, RIGHT, Crossing, End, Way
from mrr.bridge.path import Component, rank, replaced
from mrr.bridge.shapes import Bridge, Cause, Entry, Match, Month, Side, Standing, Step
from mrr.bridge.turned import turned
from mrr.derivation.engine import engine
from mrr.derivation.posting import Progress
from mrr.period import OPEN_END, next_period
from mrr.policy.reference import written
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


def bridge(
    book: Warehouse, left: End, right: End, asked: Asked, definition: Definition, progress: Progress | None = None
) -> Bridge:
    """How the left ledger becomes the right one. `book` stands at the journal's head.

    Raises WrongUse across reporting currencies. From right to left every row is the same with its signs turned.
    """
    if _rank(right) < _rank(left):
        return turned(bridge(book, right, left, asked, definition, progress))
    with laid_out(book) as desk:
        crossing = Crossing(Cells(book, desk, asked), left, right)
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
            causes=_causes(crossing, rows, [month.month for month in months]),
            months=months,
            subscriptions=[_standing(*row) for row in desk.rows(STANDING)],
            rows=[row for _, row in rows],
        )


def _rank(end: End) -> tuple[Any, ...]:
    """Where an end stands in the canonical order; of two equal ledgers the closed month comes first."""
    return rank(end.ledger), end.seal is None, end.seal.month if end.seal else None


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
    """`policy: churn_at`, `journal: entry 17`, `journal: rates of 2026-03`, `edits: entry 18`, `engine`."""
    name = way.component.name
    if way.told is None:
        return name
    if way.told.rate_month is not None:
        return f"{name}: rates of {way.told.rate_month:%Y-%m}"
    return f"{name}: entry {way.told.seqs[0]}"


def _keys(crossing: Crossing, component: Component) -> dict[str, str]:
    """In what a component differs, with both values; nothing where entries are the evidence."""
    if component in crossing.seals:
        engines = [end.seal.engine if end.seal else engine() for end in crossing.ends]
        side = crossing.seals[component]
        engines[1 - side] = engine()
        return {"engine": " → ".join(engines)}
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
        engine=end.seal.engine if end.seal else engine(),
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


def _causes(crossing: Crossing, rows: Sequence[Numbered], months: Sequence[date]) -> list[Cause]:
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
                entries=_entries(crossing, own),
                matches=_matches(crossing, number, months) if component.keys == ("basis",) and told else [],
            )
        )
    return found


def _matches(crossing: Crossing, number: int, months: Sequence[date]) -> list[Match]:
    """The step of the basis, item by item, at the end of every month shown."""
    cells, path_so_far = crossing.cells, crossing.components[: number + 1]
    before, after = (replaced(crossing.left, crossing.right, some) for some in (path_so_far[:-1], path_so_far))
    rows = matched(cells.book, cells.desk, (before, after), crossing.customers, months, cells.asked.as_of)
    return [_match(*row) for row in rows]


def _match(month: date, customer: str, subscription: str, item: str, before: int, after: int, rule: str) -> Match:
    source, _, name = customer.partition("/")
    return Match(month, name, source, subscription.partition("/")[2] or subscription, item, before, after, rule)


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
