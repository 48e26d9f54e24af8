"""Closing and reopening: what is refused, by which words, and what a seal holds."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mrr.book import Book
from mrr.controls.close import PER_ENTRY, ClosedRow, kept
from mrr.derivation.engine import engine
from mrr.errors import MrrError, WrongUse
from mrr.policy import standard
from tests.bad_input.telling import body, priced, told

FACTS = (told("one"), told("two", effective_at="2025-02-10T00:00:00Z"))


@pytest.fixture
def book(tmp_path: Path) -> Any:
    """Two customers, nothing closed."""
    with Book.create(tmp_path / "book", policy=standard()) as found:
        found.append_bodies([body(fact) for fact in FACTS], source="native")
        yield found


def this_month() -> str:
    """The month that runs."""
    return f"{datetime.now(UTC):%Y-%m}"


def test_what_a_seal_holds(book: Book) -> None:
    head = book.journal.head()
    made = book.close_month(month="2025-02", author="dana")
    sealed = made.sealed
    assert (sealed.seq, sealed.chain) == (head.seq, head.digest.hex())
    assert (sealed.sources, sealed.engine) == (["native"], engine())
    assert (sealed.policy_hash, sealed.values) == (standard().hash, dict(standard().values))
    assert (sealed.failed, sealed.previous, sealed.customers) == ([], None, 2)
    assert sealed.rollforward["new_micros"] == 20_000_000
    assert sealed.rollforward["closing_micros"] == sealed.metrics["mrr.ending"] == 40_000_000
    assert sealed.metrics["customers"] == 2
    assert [check.ok for check in made.checks] == [True] * 10
    rows = kept(book.journal, book.governed.closes[-1])
    assert rows == [
        ClosedRow("native/one", "active", 20_000_000, closing_micros=20_000_000, digest=rows[0].digest),
        ClosedRow("native/two", "active", new_micros=20_000_000, closing_micros=20_000_000, digest=rows[1].digest),
    ]
    plain = msgspec.json.encode(msgspec.structs.replace(rows[0], digest=""))
    assert rows[0].digest == hashlib.sha256(plain).hexdigest()[:16]
    assert book.verify().ok


def test_closes_are_chained(book: Book) -> None:
    first = book.close_month(month="2025-02", author="dana")
    second = book.close_month(month="2025-03", author="dana")
    assert second.sealed.previous is not None
    assert (second.sealed.previous.month, second.sealed.previous.digest) == (first.month, first.digest)
    assert first.digest == book.journal.entry(first.seq).digest.hex()
    assert [one.month for one in book.closes()] == [first.month, second.month]


def test_rows_go_into_entries_of_a_thousand(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies([body(told(f"c{n:04}")) for n in range(PER_ENTRY + 2)], source="native")
        parts = book.close_month(month="2025-01", author="dana").sealed.rows
        assert [(part.customers, part.first, part.last) for part in parts] == [
            (1000, "native/c0000", "native/c0999"),
            (2, "native/c1000", "native/c1001"),
        ]
        assert len(kept(book.journal, book.governed.closes[0])) == PER_ENTRY + 2


def test_closing_twice_out_of_order_and_what_has_not_begun(book: Book) -> None:
    book.close_month(month="2025-03", author="dana")
    refusals = {"2025-03": "closed already", "2025-02": "lies before 2025-03", "2099-01": "has not begun"}
    for month, said in refusals.items():
        for force in (False, True):
            with pytest.raises(WrongUse, match=said):
                book.close_month(month=month, author="dana", reason="because", force=force)
    for month in ("2025", "2025-03-01", "March"):
        with pytest.raises(WrongUse, match="is no"):
            book.close_month(month=month, author="dana")
    with pytest.raises(MrrError, match=r"2025-05 cannot be closed: in turn \(2025-04 is not closed\)"):
        book.close_month(month="2025-05", author="dana")
    assert [f"{one.month:%Y-%m}" for one in book.closes()] == ["2025-03"]


def test_a_month_that_runs_is_closed_only_by_force(book: Book) -> None:
    with pytest.raises(MrrError, match=r"over \(its days are not complete\)"):
        book.close_month(month=this_month(), author="dana")
    with pytest.raises(WrongUse, match="forced with a reason"):
        book.close_month(month=this_month(), author="dana", force=True)
    made = book.close_month(month=this_month(), author="dana", force=True, reason="the company is sold today")
    assert made.sealed.failed == ["over"]
    assert made.sealed.reason == "the company is sold today"


TROUBLES: dict[str, tuple[str, bytes]] = {
    "readable": ("native", b'{"fact": "subscription"}'),
    "decided": ("native", body(priced("one", quantity=3) | {"key": "one/again"})),
    "reckoned": ("native", body(priced("three", unit_amount=None))),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_failing_check_refuses_the_close(book: Book, name: str) -> None:
    source, bad = TROUBLES[name]
    book.append_bodies([bad], source=source)
    gate = book.gate(month="2025-03")
    assert [check.name for check in gate.checks if not check.ok] == [name]
    assert not gate.ok
    head = book.journal.head()
    with pytest.raises(MrrError, match=f"2025-03 cannot be closed: {name}"):
        book.close_month(month="2025-03", author="dana")
    assert book.journal.head() == head
    made = book.close_month(month="2025-03", author="dana", force=True, reason="known")
    assert made.sealed.failed == [name]


def test_a_decided_conflict_lets_the_month_be_closed(book: Book) -> None:
    book.append_bodies([TROUBLES["decided"][1]], source="native")
    (check,) = (check for check in book.gate(month="2025-03").checks if check.name == "decided")
    assert (check.ok, check.found) == (False, "1 undecided conflict")
    book.decide(entry=book.quarantine()[0].seq, author="dana", reason="three seats are what the contract says")
    assert book.gate(month="2025-03").ok
    assert book.close_month(month="2025-03", author="dana").sealed.failed == []


def test_a_stale_rate_fails(book: Book) -> None:
    book.append_bodies([body(told("euro", currency="EUR"))], source="native")
    book.append_bodies([b'{"day":"2024-12-30","base":"USD","values":{"EUR":"1.10"}}'], source="rates")
    failed = {check.name: check.examples for check in book.gate(month="2025-03").checks if not check.ok}
    assert failed == {"rated": ["EUR"]}


def test_the_gate_asks_of_the_last_month_that_is_over(book: Book) -> None:
    gate = book.gate()
    assert gate.ok
    assert f"{gate.month:%Y-%m}" < this_month()
    assert [check.name for check in gate.checks] == [
        *("chain", "adds up", "listed", "classified", "reckoned", "rated", "readable", "decided"),
    ]


def test_a_reopened_month_leaves_a_trace(book: Book) -> None:
    first = book.close_month(month="2025-02", author="dana")
    book.close_month(month="2025-03", author="dana")
    with pytest.raises(WrongUse, match="2025-03 is closed on top of 2025-02"):
        book.reopen_month(month="2025-02", author="dana", reason="late credit")
    with pytest.raises(WrongUse, match="reopened for a reason"):
        book.reopen_month(month="2025-03", author="dana", reason="")
    with pytest.raises(WrongUse, match="2025-04 is not closed"):
        book.reopen_month(month="2025-04", author="dana", reason="late credit")
    seal = book.reopen_month(month="2025-03", author="dana", reason="late credit")
    assert [one.month for one in book.closes()] == [first.month]
    with pytest.raises(WrongUse, match="2025-03 is not closed"):
        book.restate(month="2025-03")
    again = book.close_month(month="2025-03", author="dana")
    assert again.sealed.previous is not None
    assert again.sealed.previous.digest == first.digest
    assert again.seq > seal.seq
    kinds = [entry.kind for entries in book.journal.read() for entry in entries if entry.source == "governance"]
    assert kinds.count("close.reopened") == 1
    # Rows that are the same again are not stored twice.
    assert kinds.count("close.rows") == 2
    assert kept(book.journal, book.governed.closes[-1])


def test_a_conflict_holds_up_the_months_on_which_it_bears(book: Book) -> None:
    """From the instant at which two facts disagree to the next one that stands: here from February into March."""
    at = {"effective_at": "2025-02-10T00:00:00Z"}
    book.append_bodies(
        [body(priced("two", quantity=quantity) | at | {"key": f"two/{quantity}"}) for quantity in (3, 4)],
        source="native",
    )
    book.append_bodies([body(told("two", key="two/later", effective_at="2025-03-05T00:00:00Z"))], source="native")
    conflicts = {month: book.gate(month=month).checks[-1] for month in ("2025-01", "2025-02", "2025-03", "2025-04")}
    assert {month: check.name for month, check in conflicts.items()} == dict.fromkeys(conflicts, "decided")
    assert [check.ok for check in conflicts.values()] == [True, False, False, True]
    assert conflicts["2025-04"].found.endswith("of other months")
    assert book.close_month(month="2025-01", author="dana").sealed.failed == []
