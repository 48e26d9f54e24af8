"""Payments against payouts: what never reached the bank, what nothing explains, and fees that nobody told."""

from pathlib import Path
from typing import Any

from mrr import Book
from mrr.reconcile.outcome import Reconciled

from .books import START, Body, at, book_of, tell

DAY = 86_400
AT = "2024-02-15"
CAUSES = ("not paid out", "payout failed", "payout pending", "payout differs", "unexplained payout", "fees not told")


def paid(name: str, day: int, amount: str = "100.00", **fields: Any) -> Body:
    """A payment on a day of the year, from 0."""
    own: Body = {"fact": "payment", "payment": name, "kind": "attempt", "outcome": "succeeded", "customer": "acme"}
    return {**own, "amount": amount, "currency": "USD", "effective_at": at(START + day * DAY), **fields}


def line(of: str, day: int, amount: str = "100.00", fee: str = "3.00", **fields: Any) -> Body:
    """Its line of the balance, available two days later."""
    own: Body = {"fact": "balance_line", "line": f"txn_{of}", "kind": "charge", "of": of, "amount": amount, "fee": fee}
    own |= {"effective_at": at(START + day * DAY), "available_at": at(START + (day + 2) * DAY), "currency": "USD"}
    return {**own, **fields}


def sent(name: str, day: int, amount: str, outcome: str = "paid", **fields: Any) -> Body:
    """A payout on a day of the year."""
    own: Body = {"fact": "payout", "payout": name, "outcome": outcome, "amount": amount, "currency": "USD"}
    return {**own, "effective_at": at(START + day * DAY), **fields}


def both(name: str, day: int, **fields: Any) -> list[Body]:
    """A payment of 100.00 with its line: 97.00."""
    return [paid(name, day), line(name, day, **fields)]


def looked(folder: Path, bodies: list[Body], **asked: Any) -> Reconciled:
    """What cash has to say of these facts."""
    with book_of(folder, bodies, source="native") as book:
        return book.reconcile_cash(**{"as_of": AT, "first": "2024-01", **asked})


def told(found: Reconciled) -> dict[str, tuple[str, str]]:
    """Cause and difference by subject, of what concerns payouts."""
    rows = [row for row in found.rows if row.cause in CAUSES]
    return {row.subject: (row.cause, f"{row.difference_micros / 10**6:.2f}") for row in rows}


def test_what_was_sent_is_what_came_in(tmp_path: Path) -> None:
    """Two payments less fees and a refund are two payouts; a third payment is too young to be asked after."""
    refund = paid("re_1", 6, "20.00", kind="refund", of_payment="a")
    back = line("re_1", 6, "-20.00", "0", kind="refund")
    bodies = [*both("a", 0), sent("po_1", 3, "97.00"), *both("b", 5), refund, back, sent("po_2", 8, "77.00")]
    found = looked(tmp_path, [*bodies, *both("c", 40)])
    assert told(found) == {}
    assert found.notes[1:3] == [
        "native USD 2024-01: charged 200.00, back −20.00, fee −6.00; paid out 174.00.",
        "native USD 2024-02: charged 100.00, fee −3.00; paid out 0.00.",
    ]


def test_payments_that_no_payout_covers(tmp_path: Path) -> None:
    """The last money in is what is left: all of `c`, and 10.00 of `b`; and not a day before two weeks have passed."""
    bodies = [*both("a", 0), *both("b", 5), sent("po_1", 8, "184.00"), *both("c", 9)]
    found = looked(tmp_path, bodies)
    assert told(found) == {"b": ("not paid out", "-10.00"), "c": ("not paid out", "-97.00")}
    detail = {row.subject: row.detail for row in found.rows}
    assert detail["b"] == "10.00 USD of 97.00 USD, available since 2024-01-08: no payout covers it"
    with Book(tmp_path / "book") as book:
        assert told(book.reconcile_cash(as_of="2024-01-25", first="2024-01")) == {"b": ("not paid out", "-10.00")}
        assert told(book.reconcile_cash(as_of="2024-01-21", first="2024-01")) == {}


def test_a_payout_that_came_back(tmp_path: Path) -> None:
    """It covers nothing, until another one is sent."""
    failed = sent("po_1", 5, "97.00", "failed", sent_at=at(START + 3 * DAY), failure_code="account_closed")
    bodies = [*both("a", 0), sent("po_0", 2, "50.00"), sent("po_1", 3, "97.00"), failed]
    found = looked(tmp_path, bodies)
    assert told(found) == {"a": ("payout failed", "-47.00")}
    assert next(row.detail for row in found.rows if row.cause == "payout failed").endswith(
        "po_1 came back (account_closed)"
    )
    with Book(tmp_path / "book") as book:
        tell(book, [sent("po_2", 9, "47.00")], source="native")
        assert told(book.reconcile_cash(as_of=AT, first="2024-01")) == {}


def test_payouts_that_nothing_explains(tmp_path: Path) -> None:
    """One is too large by 3.00, one is for nothing; what is said once is not said again of the next."""
    bodies = [
        *both("a", 0),
        sent("po_1", 3, "100.00"),
        sent("po_2", 4, "55.00"),
        *both("b", 5),
        sent("po_3", 8, "97.00"),
    ]
    found = looked(tmp_path, bodies)
    assert told(found) == {"po_1": ("unexplained payout", "3.00"), "po_2": ("unexplained payout", "55.00")}
    assert told(looked(tmp_path / "late", bodies, first="2024-01-05")) == {"po_2": ("unexplained payout", "55.00")}


def test_a_payout_whose_lines_are_named(tmp_path: Path) -> None:
    """Where lines name their payout, it is held against those alone, whatever else is in the balance."""
    bodies = [
        *both("a", 0, payout="po_1"),
        *both("b", 1, payout="po_2"),
        sent("po_1", 3, "97.00"),
        sent("po_2", 4, "90.00"),
    ]
    found = looked(tmp_path, bodies)
    assert told(found) == {"po_2": ("payout differs", "-7.00")}


def test_fees_that_nobody_told(tmp_path: Path) -> None:
    """Without lines of the balance the fees are one row; where fees cannot be so much, the payments are listed."""
    bodies = [paid(name, day) for day, name in enumerate("abcd")]
    found = looked(tmp_path, [*bodies, sent("po_1", 6, "388.00")])
    assert told(found) == {"": ("fees not told", "-12.00")}
    assert found.notes[1].endswith("The fees of 4 are not told.")
    short = looked(tmp_path / "short", [*bodies, sent("po_1", 6, "310.00")])
    assert told(short) == {"d": ("not paid out", "-90.00")}


def test_what_is_still_on_its_way(tmp_path: Path) -> None:
    """A payout that is pending has left the balance, and is asked after when it has not arrived in two weeks."""
    bodies = [*both("a", 0), sent("po_1", 3, "97.00", "pending")]
    assert told(looked(tmp_path, bodies, as_of="2024-01-10")) == {}
    assert told(looked(tmp_path / "late", bodies)) == {"po_1": ("payout pending", "-97.00")}


def test_payouts_known_only_from_a_day_on(tmp_path: Path) -> None:
    """The first payout that is known took what was available: what went before it is not asked after."""
    bodies = [body for day in range(30) for body in both(f"p{day}", day)]
    bodies += [sent(f"po_{day}", day, "97.00") for day in range(20, 32)]
    assert told(looked(tmp_path, bodies)) == {}


def test_only_the_balance_tells_of_payouts(tmp_path: Path) -> None:
    """Its lines add up to the payout; the fee of one comes out of the balance; one that came back is none."""
    out, there = line("po_1", 3, "-90.00", "1.00", kind="payout"), line("po_2", 4, "-5.00", "0", kind="payout")
    back = line("po_2", 6, "5.00", "0", kind="payout", line="txn_back")
    found = looked(tmp_path, [*both("a", 0), out, there, back])
    assert told(found) == {"a": ("not paid out", "-6.00")}


def test_a_source_without_payouts_is_said_to_be(tmp_path: Path) -> None:
    found = looked(tmp_path, [paid("a", 0)])
    assert told(found) == {}
    assert "No payout of source native in USD is known: whether payments reached the bank is not said." in found.notes
