"""A book in memory, and bridges over it, for the tests of this folder."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mrr import bridge
from mrr.answers import Definition
from mrr.bridge import Asked, Bridge, End
from mrr.derivation.engine import engine
from mrr.derivation.ledgers import Ledger
from mrr.journal import Entry
from mrr.period import parse_instant
from mrr.policy import Policy
from mrr.warehouse import Warehouse
from tests.properties import telling

Story = Mapping[str, Any]
Cell = tuple[Any, str, str]


@contextmanager
def book_of(policy: Policy, entries: Sequence[Entry]) -> Iterator[Warehouse]:
    """The ledger of all entries, with the mark that says so."""
    book = telling.whole(policy, entries)
    book.execute(
        "CREATE TABLE watermark (journal_id VARCHAR, seq BIGINT, chain VARCHAR, engine VARCHAR, policy VARCHAR)"
    )
    book.execute("INSERT INTO watermark VALUES ('', ?, '', ?, ?)", [len(entries), engine(), policy.ledger_hash])
    try:
        yield book
    finally:
        book.close()


def crossed(book: Warehouse, left: Ledger, right: Ledger, as_of: Any, *days: Any) -> Bridge:
    """The bridge between two ledgers, up to an instant."""
    moment = parse_instant(as_of)
    meant = Definition("mrr.bridge", "", "", "", left.policy["currency"], "UTC", moment, right.seq, 0, "")
    return bridge.bridge(book, End("left", left), End("right", right), Asked(moment, *days), meant)


def sums(rows: Iterable[bridge.Step]) -> dict[Cell, tuple[int, int]]:
    """By month, customer and class: by how much the amount and the number of movements change over all steps."""
    found: dict[Cell, tuple[int, int]] = {}
    for row in rows:
        amount, moves = found.get(cell_of(row), (0, 0))
        found[cell_of(row)] = amount + row.amount_micros, moves + row.after_moves - row.before_moves
    return {cell: change for cell, change in found.items() if change != (0, 0)}


def cell_of(row: bridge.Step) -> Cell:
    """The month, customer and class of a row."""
    return row.month, row.customer_id, row.class_


def check(found: Bridge) -> None:
    """What holds of every bridge: it adds up, month by month and in all, and no row stands without evidence."""
    assert found.remainder_micros == 0
    assert found.difference_micros == found.right.closing_micros - found.left.closing_micros
    assert found.difference_micros == sum(row.amount_micros for row in found.rows)
    assert found.difference_micros == sum(cause.amount_micros for cause in found.causes)
    assert found.difference_micros == sum(one.right_micros - one.left_micros for one in found.subscriptions)
    for month in found.months:
        opening = month.opening_right_micros - month.opening_left_micros
        closing = month.closing_right_micros - month.closing_left_micros
        assert opening + sum(month.causes.values()) == closing
    for row in found.rows:
        assert row.amount_micros == row.after_micros - row.before_micros
        assert (row.amount_micros, row.after_moves - row.before_moves) != (0, 0)
        assert row.entries or (row.keys and (row.movements_before or row.movements_after or row.class_ == "opening"))
    for cause in found.causes:
        assert sum(cause.classes.values()) == cause.amount_micros
        if len(found.causes) == 1:
            assert not cause.interacts
            assert cause.first_in == cause.last_in == cause.classes
