"""The running balance of the SQL against payments that are put into payouts one by one."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from mrr.warehouse import Warehouse, sql

START = datetime(2024, 1, 1)
AT = START + timedelta(days=40)


class Move(NamedTuple):
    """An hour of the year, and what came in, went back (negative) or was sent to the bank."""

    hour: int
    micros: int
    sent: bool


def walked(moves: Sequence[Move]) -> tuple[dict[str, int], dict[str, int]]:
    """What nothing explains of each payout, and what is left of each payment: the first in is the first to go.

    What goes back beyond what is there is owed, and what comes in pays that first.
    """
    left: dict[str, int] = {}
    unexplained: dict[str, int] = {}
    owed = 0
    for place, move in sorted(enumerate(moves), key=lambda one: (one[1].hour, one[1].sent, f"{one[0]:03}")):
        if not move.sent and move.micros > 0:
            left[f"a/{place:03}"] = move.micros
        else:
            owed += abs(move.micros)
        for name, there in left.items():
            taken = min(owed, there)
            left[name] = there - taken
            owed -= taken
        if move.sent and owed:
            unexplained[f"a/{place:03}"], owed = owed, 0
    return unexplained, {name: micros for name, micros in left.items() if micros}


def asked(book: Warehouse, moves: Sequence[Move]) -> tuple[dict[str, int], dict[str, int]]:
    """The same of the SQL."""
    lines: list[Any] = []
    payouts: list[Any] = []
    for place, move in enumerate(moves):
        when, name = START + timedelta(hours=move.hour), f"a/{place:03}"
        if move.sent:
            payouts.append(("a", name, 1, "USD", move.micros, when, "paid", None, None))
        else:
            lines.append(("a", name, name, 1, None, "USD", when, when, move.micros, False))
    book.temp(
        "cash_payout",
        "source VARCHAR, payout_id VARCHAR, seq BIGINT, currency VARCHAR, amount_micros BIGINT, sent_at TIMESTAMP, "
        "outcome VARCHAR, failure_code VARCHAR, held_micros BIGINT",
        payouts,
    )
    book.temp(
        "cash_line",
        "source VARCHAR, line_id VARCHAR, subject_id VARCHAR, seq BIGINT, customer_id VARCHAR, currency VARCHAR, "
        "happened_at TIMESTAMP, available_at TIMESTAMP, net_micros BIGINT, held BOOLEAN",
        lines,
    )
    values = {"at": AT, "days": 60}
    book.execute(f"CREATE OR REPLACE TEMP TABLE cash_balance AS {sql('reports/cash_balance')}", values)
    sunk = book.dicts(sql("reports/cash_unexplained"), {"first": START, **values})
    unsent = book.dicts(sql("reports/cash_unsent"), {"at": AT, "due": AT})
    return (
        {row["payout_id"]: row["excess_micros"] for row in sunk},
        {row["subject_id"]: row["unsent_micros"] for row in unsent},
    )


MOVES = st.lists(
    st.builds(Move, st.integers(0, 500), st.integers(-50, 100).filter(bool), st.just(False))
    | st.builds(Move, st.integers(0, 500), st.integers(1, 120), st.just(True)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(MOVES)
def test_the_running_balance_is_the_walk(moves: list[Move]) -> None:
    with closing(Warehouse()) as book:
        expected = walked(moves) if any(move.sent for move in moves) else ({}, {})
        assert asked(book, moves) == expected
