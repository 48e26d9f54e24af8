"""The book against the provider's own list: every cause once, drift by hand, a backfill that is safe and ends."""

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from mrr.errors import ImportFileError, WrongUse

from .books import (
    MONTH,
    SEEN,
    SEEN_TEXT,
    START,
    Body,
    book_of,
    causes,
    created,
    item,
    listed,
    price,
    sub,
    tell,
    updated,
    yearly,
)

USD = 1_000_000


def test_a_book_that_agrees_has_no_drift(tmp_path: Path) -> None:
    with book_of(tmp_path, created(sub("a"), sub("b"))) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, [sub("a"), sub("b")]), observed_at=SEEN_TEXT)
    assert (found.ours_micros, found.theirs_micros, found.compared) == (40 * USD, 40 * USD, 2)
    assert (found.drift_percent, found.within, found.rows, found.notes) == (Decimal(0), True, [], [])


EVENTS: dict[str, Body] = {
    name: sub(name) for name in ("same", "seats", "plan", "off", "gone", "paused", "trial", "owner")
}
EVENTS["trial"] = sub("trial", status="trialing", trial_end=START + MONTH)
LISTED: dict[str, Body] = {
    "same": sub("same"),
    "seats": sub("seats", item(id="si_seats", quantity=3)),
    "plan": sub("plan", item(id="si_plan", price=yearly(), quantity=2)),
    "off": sub("off", discounts=[{"id": "di_1", "start": START, "coupon": {"id": "half", "percent_off": 50,
        "duration": "forever"}}]),
    "paused": sub("paused", pause_collection={"behavior": "void", "resumes_at": None}),
    "trial": sub("trial"),
    "owner": sub("owner", customer="cus_other"),
    "new": sub("new"),
}  # fmt: skip


def test_every_cause_is_told(tmp_path: Path) -> None:
    """20 USD each: 3 seats are 40 more, two yearly ones of 240 are 40 together, half off is 10 less."""
    with book_of(tmp_path, created(*EVENTS.values())) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, LISTED.values()), observed_at=SEEN_TEXT)
    assert causes(found) == {
        "cus_seats": ("quantity", 40),
        "cus_plan": ("plan", 20),
        "cus_off": ("discount", -10),
        "cus_gone": ("absent", -20),
        "cus_paused": ("paused", -20),
        "cus_trial": ("trial", 20),
        "cus_owner": ("owner", -20),
        "cus_other": ("owner", 20),
        "cus_new": ("missing", 20),
    }
    assert found.net_micros == 50 * USD
    # 40 + 20 + 10 + 20 + 20 + 20 + 20 + 20 + 20 of 140 (seven of 20; one is on trial).
    assert (found.ours_micros, found.drift_micros) == (140 * USD, 190 * USD)
    assert found.drift_percent == Decimal("135.714286")
    assert not found.within


def test_details_say_what_differs_and_by_which_entry(tmp_path: Path) -> None:
    with book_of(tmp_path, created(*EVENTS.values())) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, LISTED.values()), observed_at=SEEN_TEXT)
    told = {row.customer_id: row.detail for row in found.rows}
    assert told["cus_seats"] == "1 in the book, 3 in the list; last told by entry 2 of 2024-01-01 00:00"
    assert told["cus_plan"].startswith("price_1 in the book, price_year in the list;")
    assert told["cus_paused"].startswith("active in the book, paused in the list;")
    assert told["cus_new"] == "unknown in the book, active in the list; no entry tells of it"


def test_backfill_takes_what_is_safe_and_leaves_the_rest_to_a_person(tmp_path: Path) -> None:
    path = listed(tmp_path, LISTED.values())
    with book_of(tmp_path, created(*EVENTS.values())) as book:
        found = book.reconcile_subscriptions(path=path, observed_at=SEEN_TEXT, backfill=True)
        assert found.backfilled == 6
        assert causes(found) == {"cus_gone": ("absent", -20), "cus_owner": ("owner", -20), "cus_other": ("owner", 20)}
        assert all(row.remedy not in ("", "backfill") for row in found.rows)
        again = book.reconcile_subscriptions(path=path, observed_at=SEEN_TEXT, backfill=True)
        assert (again.backfilled, causes(again)) == (0, causes(found))
        customers = {row.customer_id: row.mrr_micros // USD for row in book.customers(as_of="2024-01-12")}
        assert (customers["cus_seats"], customers["cus_new"]) == (60, 20)
        assert book.verify().ok


def test_backfilled_entries_say_where_they_come_from(tmp_path: Path) -> None:
    with book_of(tmp_path, created(sub("a"))) as book:
        book.reconcile_subscriptions(path=listed(tmp_path, [sub("a"), sub("b")]), observed_at=SEEN_TEXT, backfill=True)
        (entry,) = [one for one in book.journal.entries(range(1, book.journal.head().seq + 1)) if "sub_b" in one.key]
        assert entry.source == "stripe"
        assert entry.occurred_at == SEEN * 1_000_000
        assert json.loads(entry.body) == sub("b")


def test_what_is_listed_as_ended_ends(tmp_path: Path) -> None:
    """A list of all subscriptions, ended ones too, tells when they did."""
    ended = sub("a", status="canceled", canceled_at=START + 3 * 86_400, ended_at=START + 3 * 86_400)
    with book_of(tmp_path, created(sub("a"))) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, [ended]), observed_at=SEEN_TEXT)
        assert causes(found) == {"cus_a": ("ended", -20)}
        book.reconcile_subscriptions(path=listed(tmp_path, [ended]), observed_at=SEEN_TEXT, backfill=True)
        (churn,) = [row for row in book.movements(as_of="2024-02-01") if row.class_ == "churn"]
        assert str(churn.on) == "2024-01-04"


EUROS = sub("a", item(id="si_a", price=price(currency="eur")), currency="eur")
CUT = {**sub("a"), "items": {"object": "list", "data": [item(id="si_a", quantity=2)], "has_more": True}}


@pytest.mark.parametrize(
    ("now", "why"),
    [(EUROS, "it is in another currency in the book"), (CUT, "its list of items is cut short")],
    ids=["currency", "cut"],
)
def test_what_contradicts_is_left_to_a_person(tmp_path: Path, now: Body, why: str) -> None:
    with book_of(tmp_path, created(sub("a")), **{"fx.rate": "fixed", "fx.fixed": {"EUR": "2"}}) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, [now]), observed_at=SEEN_TEXT, backfill=True)
    assert found.backfilled == 0
    assert [row.remedy for row in found.rows] == [why]


def test_what_makes_no_difference_yet_is_shown_where_a_person_must_decide(tmp_path: Path) -> None:
    """The same amount under another currency code: at a rate of 1 nothing differs."""
    with book_of(tmp_path, created(sub("a")), **{"fx.rate": "fixed", "fx.fixed": {"EUR": "1"}}) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, [EUROS]), observed_at=SEEN_TEXT, backfill=True)
    assert found.within
    assert [(row.cause, row.remedy) for row in found.rows] == [("undecided", "it is in another currency in the book")]


def test_an_ended_subscription_does_not_come_back(tmp_path: Path) -> None:
    over = updated(sub("a", status="canceled", ended_at=START + 86_400), START + 86_400)
    with book_of(tmp_path, [*created(sub("a")), over]) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, [sub("a")]), observed_at=SEEN_TEXT, backfill=True)
    assert [(row.cause, row.remedy) for row in found.rows] == [("ended", "it has ended for good in the book")]


def test_an_old_list_does_not_overrule_what_was_learned_since(tmp_path: Path) -> None:
    """The list is of the day before: two seats then, five by the book's event of the day after."""
    later = updated(sub("a", item(id="si_a", quantity=5)), SEEN + 86_400)
    two = sub("a", item(id="si_a", quantity=2))
    with book_of(tmp_path, [*created(sub("a")), later]) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, [two]), observed_at=SEEN_TEXT, backfill=True)
    assert causes(found) == {"cus_a": ("quantity", 20)}
    assert (found.backfilled, found.rows[0].remedy) == (0, "the book knows something later of it")


def test_a_subscription_listed_twice_differently_is_left_to_a_person(tmp_path: Path) -> None:
    twice = [sub("a", item(id="si_a", quantity=count)) for count in (2, 3)]
    with book_of(tmp_path, created(sub("a"))) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, twice), observed_at=SEEN_TEXT, backfill=True)
    assert [row.remedy for row in found.rows] == ["it is listed twice, differently"]


def test_an_end_that_passed_is_held_against_a_list_that_goes_on(tmp_path: Path) -> None:
    """The snapshot is the one the book has; but its scheduled end lies before the list, where it is still alive."""
    leaving = sub("a", cancel_at=START + 5 * 86_400)
    with book_of(tmp_path, created(leaving)) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, [leaving]), observed_at=SEEN_TEXT)
    assert causes(found) == {"cus_a": ("ended", 20)}


def test_other_accounts_are_left_alone(tmp_path: Path) -> None:
    with book_of(tmp_path, created(sub("a"))) as book:
        tell(book, created(sub("b")), source="stripe:eu")
        found = book.reconcile_subscriptions(path=listed(tmp_path, [sub("a")]), source="stripe", observed_at=SEEN_TEXT)
        assert (found.ours_micros, found.rows) == (20 * USD, [])
        found = book.reconcile_subscriptions(
            path=listed(tmp_path, [sub("b")]), source="stripe:eu", observed_at=SEEN_TEXT
        )
        assert (found.ours_micros, found.rows) == (20 * USD, [])


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    broken = {**sub("b"), "status": "asleep"}
    with book_of(tmp_path, created(sub("a"))) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, [sub("a"), broken]), observed_at=SEEN_TEXT)
    (note,) = found.notes
    assert "sub_b" in note
    assert "asleep" in note


def test_a_price_that_nobody_knows_is_pending(tmp_path: Path) -> None:
    strange = sub("a", item(id="si_a", price="price_unheard_of"), item(id="si_b", price=price()))
    with book_of(tmp_path, created(sub("a"))) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, [strange]), observed_at=SEEN_TEXT)
    assert [row.cause for row in found.rows] == ["pending"]


def test_the_threshold_is_the_exit_of_a_check(tmp_path: Path) -> None:
    many = created(*(sub(f"n{number}") for number in range(199)))
    full = listed(tmp_path, [told["data"]["object"] for told in many] + [sub("late")])
    with book_of(tmp_path, many) as book:
        found = book.reconcile_subscriptions(path=full, observed_at=SEEN_TEXT)
        # 20 of 3,980 USD are 0.502513 %.
        assert (found.drift_percent, found.within) == (Decimal("0.502513"), False)
        assert book.reconcile_subscriptions(path=full, observed_at=SEEN_TEXT, threshold="0.502513").within
        with pytest.raises(WrongUse, match="no threshold"):
            book.reconcile_subscriptions(path=full, observed_at=SEEN_TEXT, threshold="half")


def test_half_a_list_is_refused(tmp_path: Path) -> None:
    half = listed(tmp_path, [sub("a")], has_more=True)
    lines = tmp_path / "pages.jsonl"
    whole = json.dumps({"object": "list", "data": [sub("b")], "has_more": False})
    with book_of(tmp_path, created(sub("a"), sub("b"))) as book:
        head = book.journal.head().seq
        with pytest.raises(ImportFileError, match="half a list"):
            book.reconcile_subscriptions(path=half, observed_at=SEEN_TEXT, backfill=True)
        assert book.journal.head().seq == head
        lines.write_text(Path(half).read_text() + "\n" + whole)
        assert book.reconcile_subscriptions(path=str(lines), observed_at=SEEN_TEXT).within
        packed = tmp_path / "pages.gz"
        packed.write_bytes(gzip.compress(Path(half).read_bytes()))
        with pytest.raises(ImportFileError, match="half a list"):
            book.reconcile_subscriptions(path=str(packed), observed_at=SEEN_TEXT)


def test_a_file_must_say_when_it_was_true_before_it_may_change_anything(tmp_path: Path) -> None:
    with book_of(tmp_path, created(sub("a"))) as book, pytest.raises(WrongUse, match="when was"):
        book.reconcile_subscriptions(path=listed(tmp_path, [sub("a")]), backfill=True)


def test_every_run_is_kept(tmp_path: Path) -> None:
    with book_of(tmp_path, created(sub("a"))) as book:
        digest = book.verify().ledger_digest
        book.reconcile_subscriptions(path=listed(tmp_path, [sub("a"), sub("b")]), observed_at=SEEN_TEXT)
        book.reconcile_subscriptions(path=listed(tmp_path, [sub("a"), sub("b")]), observed_at=SEEN_TEXT, backfill=True)
        runs = book.reconciliations()
        assert [(run.what, run.within, run.differences, run.backfilled) for run in runs] == [
            ("subscriptions", False, 1, 0),
            ("subscriptions", False, 1, 0),
            ("subscriptions", True, 0, 1),
        ]
        assert runs[0].causes == {"missing": 1}
        assert runs[0].drift_percent == "100.000000"
        assert runs[0].rows_digest == runs[1].rows_digest != runs[2].rows_digest
        checked = book.verify()
        assert checked.ok
        assert checked.outcomes["irrelevant"] == 3
        assert checked.ledger_digest != digest


def test_comparing_changes_nothing_of_the_ledger(tmp_path: Path) -> None:
    with book_of(tmp_path, created(*EVENTS.values())) as book:
        before = book.verify().ledger_digest
        book.reconcile_subscriptions(path=listed(tmp_path, LISTED.values()), observed_at=SEEN_TEXT)
        assert book.verify().ledger_digest == before
