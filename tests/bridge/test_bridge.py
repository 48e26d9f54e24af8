"""A small company by hand: which step says what, from Python and on the command line."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mrr.book import Book
from mrr.cli.main import run
from mrr.errors import WrongUse
from mrr.policy import standard
from tests.bridge.crossed import check


def fact(customer: str, at: str, amount: str, **more: Any) -> bytes:
    """A snapshot of a monthly subscription."""
    item = {"item": "seat", "product": "pro", "price": f"p{amount}", "unit_amount": amount, "interval": "month"}
    told: dict[str, Any] = {
        "fact": "subscription",
        "customer": customer,
        "subscription": f"S-{customer}",
        "effective_at": at,
    }
    told |= {"status": "active", "currency": "USD", "items": [item]}
    return json.dumps(told | more).encode()


# acme asks in February to end in March; beta pays once more after a pause; coco comes late, dora is ours.
FIRST = [
    fact("acme", "2025-01-10", "100"),
    fact("acme", "2025-02-10", "100", cancel_at="2025-03-20T00:00:00Z", canceled_at="2025-02-10T00:00:00Z"),
    fact("beta", "2025-01-05", "50"),
    fact("dora", "2025-01-01", "9"),
]
LATE = [fact("coco", "2025-02-01", "30"), fact("coco", "2025-03-01", "45")]
DAYS = {"as_of": "2025-05-01"}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """Four entries, two that came later, and an edit."""
    with Book.create(tmp_path_factory.mktemp("bridge") / "acme", policy=standard()) as made:
        for bodies in (FIRST, LATE):
            made.append_bodies(bodies, source="native")
        made.exclude(customer="native/dora", author="dana", reason="ours")
        yield made


def test_entries_and_edits_are_told_apart(book: Book) -> None:
    found = book.bridge(left="@seq:4", right="now", **DAYS)
    check(found)
    told = [
        (row.step, f"{row.month:%m}", row.customer_id, row.class_, row.amount_micros // 10**6) for row in found.rows
    ]
    assert told == [
        ("edits: entry 7", "01", "dora", "new", -9),
        ("journal: entry 5", "02", "coco", "new", 30),
        ("journal: entry 6", "03", "coco", "expansion", 15),
    ]
    assert [row.entries for row in found.rows] == [[7], [5], [6]]
    edits, journal = found.causes
    assert [(one.entries, one.amount_micros // 10**6) for one in edits.entries] == [([7], -9)]
    assert [(one.entries, one.source, one.amount_micros // 10**6) for one in journal.entries] == [
        ([5], "native", 30),
        ([6], "native", 15),
    ]
    assert not any(cause.interacts for cause in found.causes)
    assert {(one.subscription_id, one.right_micros // 10**6) for one in found.subscriptions} == {
        ("S-coco", 45),
        ("S-dora", 0),
    }


def test_edits_are_told_one_by_one(tmp_path: Path) -> None:
    """In the order in which they were said, those of other customers beside them; taken away, in reverse."""
    with Book.create(tmp_path / "acme", policy=standard()) as book:
        book.append_bodies([fact("acme", "2025-01-10", "100"), fact("beta", "2025-01-05", "50")], source="native")
        book.exclude(customer="native/acme", author="dana", reason="ours")
        book.exclude(customer="native/beta", author="dana", reason="theirs")
        book.revert(edit=3, author="dana", reason="not ours")
        book.revert(edit=5, author="dana", reason="ours after all")
        found = book.bridge(left="@seq:2", right="now", **DAYS)
        check(found)
        told = [("edits: entry 3", [3], -100), ("edits: entry 4", [4], -50), ("edits: entry 5", [5], 100)]
        told.append(("edits: entry 6", [6], -100))
        assert [(row.step, row.entries, row.amount_micros // 10**6) for row in found.rows] == told
        (cause,) = found.causes
        assert {tuple(one.entries): one.amount_micros // 10**6 for one in cause.entries} == {
            (3,): -100,
            (4,): -50,
            (5,): 100,
            (6,): -100,
        }
        # Who knows less of the journal knows more of the edits: these go first, the last one foremost.
        mixed = book.bridge(left="@seq:1,edits=@seq:6", right="now,edits=none", **DAYS)
        check(mixed)
        steps = [row.step for row in mixed.rows]
        assert [step for step in steps if step.startswith("edits")] == [f"edits: entry {seq}" for seq in (6, 5, 3)]


def test_what_interacts_shows_both_values(book: Book) -> None:
    """A request and a gap of forty days move one churn together."""
    found = book.bridge(left="now", right="churn_at=request,gap=40", **DAYS)
    check(found)
    causes = {cause.name: cause for cause in found.causes}
    assert set(causes) == {"policy: churn_at", "policy: gap"}
    assert causes["policy: gap"].keys in ({"gap": "0 → 40"}, {"gap": "40 → 0"})
    # By the request the churn is February's, by the gap alone 29 April's, by both 22 March's. No class's sum changes.
    assert all(cause.interacts and cause.classes == {} for cause in found.causes)
    between = {row.month for row in found.rows if row.step == found.causes[0].name and row.after_moves}
    assert between in ({date(2025, 2, 1)}, {date(2025, 4, 1)})
    assert all(
        row.month == date(2025, 3, 1) for row in found.rows if row.step != found.causes[0].name and row.after_moves
    )


def test_what_was_before_is_the_opening(book: Book) -> None:
    found = book.bridge(left="@seq:4", right="now", first="2025-03", last="2025-03", **DAYS)
    check(found)
    assert [(row.step, row.class_, row.amount_micros // 10**6) for row in found.rows] == [
        ("edits: entry 7", "opening", -9),
        ("journal: entry 5", "opening", 30),
        ("journal: entry 6", "expansion", 15),
    ]
    (march,) = found.months
    assert march.opening_right_micros - march.opening_left_micros == 21_000_000
    assert march.causes == {"journal": 15_000_000}


def test_one_customer_is_what_the_whole_says_of_it(book: Book) -> None:
    whole = book.bridge(left="@seq:4", right="now", **DAYS)
    alone = book.bridge(left="@seq:4", right="now", customer="coco", **DAYS)
    assert alone.rows == [row for row in whole.rows if row.customer_id == "coco"]
    (coco,) = book.beside(left="@seq:4", right="now", customer="native/coco", **DAYS)
    assert coco.left == []
    assert [one.movement.class_ for one in coco.right] == ["new", "expansion"]
    assert [part.seq for part in coco.right[0].evidence] == [5]


def test_what_has_no_bridge_is_refused(book: Book) -> None:
    with pytest.raises(WrongUse, match="no bridge leads from USD to EUR") as refused:
        book.bridge(left="now", right="currency=EUR")
    assert "currency=USD" in refused.value.remedy
    with pytest.raises(WrongUse, match="there is no customer 'nobody'"):
        book.bridge(left="@seq:4", right="now", customer="nobody")


def test_on_the_command_line(book: Book, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    folder = str(Path(book.folder))
    assert run(["bridge", "@seq:4", "--book", folder, "--as-of", "2025-05-01"]) == 0
    page = capsys.readouterr().out
    assert "journal: entry 6" in page
    assert "edits: entry 7" in page
    assert "left over: 0" in page
    assert run(["bridge", "now", "now", "--book", folder, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["customers"], told["difference_micros"]) == ([], 0, 0)
    assert run(["bridge", "@2001-01-01", "--book", folder]) == 2
    assert "unknown" in capsys.readouterr().err
