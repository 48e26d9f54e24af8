"""The verbs on a book: what they change, what they refuse, and that nothing of it outlives its revert."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mrr import Book
from mrr.errors import WrongUse
from mrr.policy import standard

WHO: dict[str, Any] = {"author": "ann", "reason": "the contract says so"}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A book of three customers: acme grows, beta is a test account, of gamma two things are told of one instant."""
    with Book.create(tmp_path / "book", policy=standard()) as opened:
        told = [
            snapshot("acme", "s1", "2025-01-10", "100"),
            snapshot("acme", "s1", "2025-02-10", "100", 2),
            snapshot("beta", "s2", "2025-01-15", "50"),
            {"fact": "customer", "customer": "beta", "attributes": {"test": "true"}},
            snapshot("gamma", "s3", "2025-01-20", "70"),
            snapshot("gamma", "s3", "2025-01-20", "75"),
        ]
        opened.append_bodies([json.dumps(fact).encode() for fact in told], source="native")
        yield opened


def snapshot(customer: str, subscription: str, at: str, amount: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A native snapshot of a monthly subscription."""
    item = {"item": f"{subscription}-A", "product": "pro", "price": f"p{amount}", "quantity": quantity}
    item |= {"unit_amount": amount, "interval": "month"}
    return {"fact": "subscription", "customer": customer, "subscription": subscription, "effective_at": at,
            "status": "active", "currency": "USD", "items": [item], **more}  # fmt: skip


def moved(book: Book) -> list[tuple[str, str, str, int]]:
    """Day, customer, class and whole units of every movement."""
    rows = book.movements(as_of="2026-01-01").rows
    return [(f"{row.on:%m-%d}", row.customer_id, row.class_, row.amount_micros // 1_000_000) for row in rows]


def same_when_rebuilt(book: Book) -> bool:
    """Whether the ledger, and all that is said of entries, is what a build of the whole journal gives."""
    query = "SELECT seq, outcome, reason FROM outcome ORDER BY seq"
    posted = book.verify().ledger_digest, book.ledger().rows(query)
    return posted == (book.build().ledger_digest, book.ledger().rows(query))


ACME = [("01-10", "acme", "new", 100), ("02-10", "acme", "expansion", 100)]
GAMMA = ("01-20", "gamma", "new", 70)


def refused(verb: Callable[..., Any], told: str, remedy: str, **words: Any) -> None:
    """Assert that a verb refuses in these words, with this remedy."""
    with pytest.raises(WrongUse) as error:
        verb(**WHO | words)
    assert told in str(error.value)
    assert remedy in error.value.remedy


def test_a_correction_lies_over_its_entry(book: Book) -> None:
    lowest = next(row for row in moved(book) if row[1] == "gamma")
    first = book.correct(entry=2, changes={"items.0.quantity": "3"}, **WHO)
    second = book.correct(entry=2, changes={"items.0.unit_amount": "90"}, **WHO)
    assert moved(book) == [ACME[0], lowest, ("02-10", "acme", "expansion", 170)]
    assert [(edit.state, edit.note) for edit in book.edits()] == [
        ("superseded", f"edit {second.seq} corrects the same entry anew"),
        ("standing", None),
    ]
    refused(book.revert, "lies under another", "Revert that edit first", edit=first.seq)
    book.revert(edit=second.seq, **WHO)
    assert moved(book)[2] == ("02-10", "acme", "expansion", 200)
    assert book.told(entry=2)[0].values["items.0.quantity"] == "3"
    assert same_when_rebuilt(book)
    book.revert(edit=first.seq, **WHO)
    assert moved(book) == [ACME[0], lowest, ACME[1]]
    assert book.verify().chain == "ok"


def test_a_correction_outlives_imports(book: Book) -> None:
    """The same bytes again; other bytes under the same key; other bytes under another key."""
    book.correct(entry=2, changes={"items.0.quantity": "3"}, **WHO)
    book.correct(entry=4, drop=True, **WHO)
    corrected = moved(book)
    assert ("01-15", "beta", "new", 50) in corrected
    again = [snapshot("acme", "s1", "2025-02-10", "100", 2)]
    again += [{"fact": "customer", "customer": "beta", "attributes": {"test": "true"}}]
    bodies = [json.dumps(fact).encode() for fact in again]
    assert book.append_bodies(bodies, source="native").duplicates == 2
    spaced = [json.dumps(fact, indent=1).encode() for fact in again]
    assert book.append_bodies(spaced, source="native").decoded == 2
    assert moved(book) == corrected
    assert same_when_rebuilt(book)


def test_an_entry_is_found_by_subscription_and_instant(book: Book) -> None:
    assert book.entry_in_force(subscription="s1", at="2025-02-09") == 1
    assert book.entry_in_force(subscription="native/s1", at="2025-06-01") == 2
    book.correct(entry=2, changes={"status": "paused"}, **WHO)
    assert book.entry_in_force(subscription="s1", at="2025-06-01") == 2
    with pytest.raises(WrongUse, match="nothing is told of native/s1"):
        book.entry_in_force(subscription="s1", at="2025-01-01")


def test_customers_are_excluded_included_and_merged(book: Book) -> None:
    before = moved(book)
    assert book.include(customer="beta", **WHO).of == "native/beta"
    assert ("01-15", "beta", "new", 50) in moved(book)
    refused(book.include, "native/beta is not excluded", "mrr edit list", customer="beta")
    out = book.exclude(customer="native/acme", **WHO)
    assert {row[1] for row in moved(book)} == {"beta", "gamma"}
    refused(book.exclude, f"by edit {out.seq} already", "mrr edit include", customer="acme")
    book.merge(customer="acme", into="beta", **WHO)
    assert {row[1] for row in moved(book)} == {"gamma"}, "of acme and beta the last edit says: out"
    assert same_when_rebuilt(book)
    for edit in book.edits():
        book.revert(edit=edit.seq, **WHO)
    assert moved(book) == before


def test_a_subscription_continues_another(book: Book) -> None:
    at_first = moved(book)
    edit = book.continues(old="s1", new="s3", at="2025-03-01", **WHO)
    assert moved(book) == [*at_first, ("03-01", "acme", "churn", -200)]
    refused(book.continues, "continued by native/s3 already", "edit list", old="s1", new="s2", at="2025-03-01")
    refused(book.continues, "would be a circle", "edit list", old="s3", new="s1", at="2025-03-01")
    refused(book.continues, "cannot continue itself", "two", old="s3", new="s3", at="2025-03-01")
    book.revert(edit=edit.seq, **WHO)
    assert moved(book) == at_first


def test_a_conflict_is_decided(book: Book) -> None:
    (loser,) = [entry.seq for entry in book.quarantine()]
    amounts = {5: 70, 6: 75}
    assert ("01-20", "gamma", "new", amounts[11 - loser]) in moved(book)
    refused(book.correct, "does not stand", f"mrr edit decide {loser}", entry=loser, changes={"status": "paused"})
    edit = book.decide(entry=loser, **WHO)
    assert ("01-20", "gamma", "new", amounts[loser]) in moved(book)
    (other,) = book.quarantine()
    assert (other.seq, other.outcome) == (11 - loser, "conflict")
    assert f"edit {edit.seq} decides" in str(other.reason)
    assert same_when_rebuilt(book)
    book.revert(edit=edit.seq, **WHO)
    assert [entry.seq for entry in book.quarantine()] == [loser]
    assert same_when_rebuilt(book)


def test_a_conflict_of_a_key_is_decided(book: Book) -> None:
    """Facts other than subscriptions contradict each other under one key."""
    told = {"fact": "customer", "key": "k", "customer": "acme", "effective_at": "2025-01-01"}
    bodies = [json.dumps({**told, "attributes": {"segment": name}}).encode() for name in ("smb", "big")]
    assert book.append_bodies(bodies, source="native").conflicts == 1
    for entry, name in ((7, "smb"), (8, "big")):
        book.decide(entry=entry, **WHO)
        (acme,) = book.customers(customer="acme").rows
        assert acme.attributes == {"segment": name}
        assert same_when_rebuilt(book)
    assert [entry.seq for entry in book.quarantine() if entry.seq > 6] == [7]


def test_catalogue_and_rates_are_corrected_too(book: Book) -> None:
    item = {"item": "A", "price": "later", "quantity": 1}
    told = [
        {
            "fact": "price",
            "price": "later",
            "product": "pro",
            "currency": "EUR",
            "unit_amount": "77",
            "interval": "month",
        },
        {**snapshot("delta", "s4", "2025-03-10", "0"), "currency": "EUR", "items": [item]},
        {"fact": "rate", "day": "2024-12-31", "currency": "EUR", "base": "USD", "value": "1"},
    ]
    book.append_bodies([json.dumps(fact).encode() for fact in told], source="native")
    assert moved(book)[-1] == ("03-10", "delta", "new", 77)
    price = book.correct(entry=7, changes={"offer.unit_amount": "80"}, **WHO)
    rate = book.correct(entry=9, changes={"numerator": "2"}, **WHO)
    assert moved(book)[-1] == ("03-10", "delta", "new", 160)
    assert same_when_rebuilt(book)
    book.revert(edit=price.seq, **WHO)
    book.revert(edit=rate.seq, **WHO)
    assert moved(book)[-1] == ("03-10", "delta", "new", 77)


def test_what_cannot_be_is_refused_and_nothing_appended(book: Book) -> None:
    book.merge(customer="beta", into="acme", **WHO)
    head = book.journal.head().seq
    refused(book.merge, "would be a circle", "mrr edit revert", customer="acme", into="beta")
    refused(book.merge, "merged into native/acme already", "mrr edit revert", customer="beta", into="gamma")
    refused(book.merge, "into itself", "two customers", customer="acme", into="native/acme")
    refused(book.merge, "no customer 'nobody'", "mrr customers", customer="acme", into="nobody")
    refused(book.exclude, "no customer 'nobody'", "mrr customers", customer="nobody")
    refused(book.continues, "no subscription 's9'", "mrr explain", old="s9", new="s1", at="2025-01-01")
    refused(book.correct, "there is no entry 99", "mrr explain", entry=99, drop=True)
    refused(book.correct, f"entry {head} is an edit", f"mrr edit revert {head}", entry=head, drop=True)
    refused(book.correct, "not told what to change", "PATH=VALUE", entry=1)
    refused(book.correct, "both changed and dropped", "PATH=VALUE", entry=1, drop=True, changes={"status": "paused"})
    refused(book.correct, "says that already", "mrr edit correct 1", entry=1, changes={"status": "active"})
    refused(book.decide, "in no conflict", "mrr quarantine", entry=1)
    refused(book.revert, "there is no edit 1", "--drop", edit=1)
    refused(book.exclude, "needs its author", "MRR_AUTHOR", customer="acme", author=" ")
    refused(book.exclude, "needs its reason", "--reason", customer="acme", reason="")
    assert book.journal.head().seq == head


def test_edits_that_come_by_import_never_stop_a_book(book: Book) -> None:
    """What the verbs refuse is a conflict then, and what cannot be read is in quarantine."""
    before = moved(book)
    said = {"version": 1, **WHO, "said_at": "2026-01-01"}
    bodies: list[dict[str, Any]] = [
        {"edit": "merge", "customer": "native/acme", "into": "native/acme"},
        {"edit": "correct", "entry": 99, "source": "native", "facts": []},
        {"edit": "revert", "entry": 1},
        {"edit": "exclude", "customer": "native/nobody"},
        {"edit": "exclude", "customer": "nobody"},
    ]
    counts = book.append_bodies([json.dumps({**said, **body}).encode() for body in bodies], source="edits")
    assert (counts.conflicts, counts.quarantined) == (4, 1)
    assert moved(book) == before
    told = {entry.seq: str(entry.reason) for entry in book.quarantine()}
    assert "merges native/acme into itself" in told[7]
    assert "no entry 99 that told anything" in told[8]
    assert "no edit 1" in told[9]
    assert "nothing is known of native/nobody" in told[10]
    assert told[11].startswith("customer: ")
    assert same_when_rebuilt(book)
    refused(book.revert, "nothing to revert", "edit list", edit=8)
    body = json.dumps(snapshot("nobody", "s9", "2025-05-01", "10")).encode()
    book.append_bodies([body], source="native")
    assert moved(book) == before, "excluded before it came"
    assert [edit.state for edit in book.edits()] == ["no effect", "no effect", "no effect", "standing"]


def test_an_explanation_shows_the_edits(book: Book) -> None:
    gone = book.correct(entry=1, changes={"items.0.quantity": "9"}, **WHO)
    book.revert(edit=gone.seq, **WHO)
    book.correct(entry=2, changes={"items.0.quantity": "3"}, author="bob", reason="counted again")
    book.exclude(customer="gamma", **WHO)
    movement = next(row for row in book.movements().rows if row.class_ == "expansion")
    found = book.explain(movement_id=movement.movement_id)
    assert [(edit.author, edit.reason, edit.what) for edit in found.edits] == [
        ("bob", "counted again", "correct entry 2: items.0.quantity=3")
    ]
    assert found.evidence[-1].kind == "correct"
