"""The live list by the official client, against a real server on this machine: pages, patience, and every failure."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mrr import Book
from mrr.errors import WrongUse
from mrr.providers.stripe import pulling
from mrr.providers.unanswered import Unanswered

from .books import START, Body, book_of, causes, created, item, sub
from .server import Shop, serving

KEY = "rk_test_reads_subscriptions"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that the server of a test takes."""
    monkeypatch.setenv(pulling.KEY, KEY)


def test_all_pages_are_asked_for_in_order(tmp_path: Path) -> None:
    bodies = [sub(f"n{number}") for number in range(5)]
    shop = Shop(bodies)
    with serving(shop) as base, book_of(tmp_path, created(*bodies[:4])) as book:
        found = book.reconcile_subscriptions(base=base)
    assert (found.compared, causes(found)) == (5, {"cus_n4": ("missing", 20)})
    assert shop.asked == [
        "/v1/subscriptions?limit=100",
        "/v1/subscriptions?limit=100&starting_after=sub_n1",
        "/v1/subscriptions?limit=100&starting_after=sub_n3",
    ]
    assert shop.keys == {f"Bearer {KEY}"}
    assert found.theirs == "the live list of stripe"


def test_what_is_not_listed_is_asked_for_by_its_id(tmp_path: Path) -> None:
    """The list leaves out what has ended; asked by its id, the provider says when. Of one it knows nothing."""
    over = sub("over", status="canceled", canceled_at=START + 86_400, ended_at=START + 86_400)
    shop = Shop([sub("a"), over])
    with serving(shop) as base, book_of(tmp_path, created(sub("a"), sub("over"), sub("strange"))) as book:
        found = book.reconcile_subscriptions(base=base, backfill=True)
        assert found.backfilled == 1
        assert causes(found) == {"cus_strange": ("absent", -20)}
        (churn,) = [row for row in book.movements() if row.class_ == "churn"]
        assert (churn.customer_id, str(churn.on)) == ("cus_over", "2024-01-02")
    assert {"/v1/subscriptions/sub_over", "/v1/subscriptions/sub_strange"} <= set(shop.asked)


def test_bytes_go_into_the_journal_as_they_were_sent(tmp_path: Path) -> None:
    shop = Shop([sub("a", item(id="si_a", quantity=2), metadata={"note": "é ✓", "n": "1"})])
    with serving(shop) as base, book_of(tmp_path, created(sub("a"))) as book:
        book.reconcile_subscriptions(base=base, backfill=True)
        entries = book.journal.entries(range(1, book.journal.head().seq + 1))
        (taken,) = [entry for entry in entries if entry.kind == "subscription"]
        assert taken.body == json.dumps(shop.subscriptions[0]).encode()


@pytest.mark.parametrize("trouble", ["busy", "broken"])
def test_a_provider_that_is_busy_is_asked_again(tmp_path: Path, trouble: str) -> None:
    shop = Shop([sub("a")], trouble={1: trouble, 2: trouble})
    with serving(shop) as base, book_of(tmp_path, created(sub("a"))) as book:
        assert book.reconcile_subscriptions(base=base).within
    assert len(shop.asked) == 3


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No second try."""
    monkeypatch.setattr(pulling, "TRIES", 1)
    return


FAILURES = [
    ("busy", "Too many"),
    ("broken", "An error occurred"),
    ("slow", "Unexpected error communicating|timed out"),
    ("half", "Invalid response body|half an answer"),
    ("short", "Unexpected error communicating|Connection broken"),
    ("refused", "Invalid API Key"),
    ("endless", "does not go on"),
    ("prose", "expected a page"),
]


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(("trouble", "told"), FAILURES)
def test_a_provider_that_fails_loses_nothing(told_book: Book, page: int, trouble: str, told: str) -> None:
    """On the first page or on a later one: an error, nothing compared, nothing imported, nothing kept."""
    head = told_book.journal.head()
    shop = Shop([sub(f"n{number}") for number in range(4)], trouble={page: trouble})
    with serving(shop) as base, pytest.raises(Unanswered, match=told) as raised:
        told_book.reconcile_subscriptions(base=base, timeout=1, backfill=True)
    assert str(raised.value).startswith("stripe: ")
    assert KEY not in str(raised.value)
    assert "Nothing was compared" in raised.value.remedy
    assert told_book.journal.head() == head
    assert told_book.reconciliations() == []


@pytest.fixture(scope="module")
def told_book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """A book that failed attempts must leave as it is."""
    bodies: list[Body] = [sub("n0"), sub("n9")]
    with book_of(tmp_path_factory.mktemp("live"), created(*bodies)) as book:
        yield book


@pytest.mark.usefixtures("hurried")
def test_nobody_at_the_address(told_book: Book) -> None:
    with serving(Shop([])) as base:
        pass
    with pytest.raises(Unanswered):
        told_book.reconcile_subscriptions(base=base, timeout=1)


def test_without_a_key_nobody_is_asked(told_book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(pulling.KEY)
    shop = Shop([])
    with serving(shop) as base, pytest.raises(WrongUse, match=pulling.KEY):
        told_book.reconcile_subscriptions(base=base)
    assert shop.asked == []


def test_a_source_without_a_live_list(told_book: Book) -> None:
    with pytest.raises(WrongUse, match="native cannot be asked"):
        told_book.reconcile_subscriptions(source="native")
    with pytest.raises(WrongUse, match="a live list is true now"):
        told_book.reconcile_subscriptions(observed_at="2024-01-01")
