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
DAY = 86_400

LEAVING = sub("leaving", cancel_at=START + 5 * DAY)
EVENTS: dict[str, Body] = {name: sub(name) for name in ("same", "seats", "plan", "off", "gone", "paused", "owner")}
EVENTS["trial"] = sub("trial", status="trialing", trial_end=START + MONTH)
EVENTS["leaving"] = LEAVING
HALF = {"id": "half", "percent_off": 50, "duration": "forever"}
LISTED: dict[str, Body] = {
    "same": sub("same"),
    "seats": sub("seats", item(id="si_seats", quantity=3)),
    "plan": sub("plan", item(id="si_plan", price=yearly(), quantity=2)),
    "off": sub("off", discounts=[{"id": "di_1", "start": START, "coupon": HALF}]),
    "paused": sub("paused", pause_collection={"behavior": "void", "resumes_at": None}),
    "trial": sub("trial"),
    "owner": sub("owner", customer="cus_other"),
    "new": sub("new"),
    "leaving": LEAVING,
}
LEFT = {"cus_gone": ("absent", -20), "cus_owner": ("owner", -20), "cus_other": ("owner", 20)}


def test_every_cause_is_told_and_the_ledger_stays_as_it_is(tmp_path: Path) -> None:
    """20 USD each: 3 seats are 40 more, two yearly ones of 240 are 40 together, half off is 10 less.

    The snapshot of who is leaving is the one that the book has; but its scheduled end lies before the list, where it is
    still alive.
    """
    with book_of(tmp_path, created(*EVENTS.values())) as book:
        before = book.verify().ledger_digest
        found = book.reconcile_subscriptions(path=listed(tmp_path, LISTED.values()), observed_at=SEEN_TEXT)
        assert book.verify().ledger_digest == before
    assert causes(found) == {
        "cus_seats": ("quantity", 40),
        "cus_plan": ("plan", 20),
        "cus_off": ("discount", -10),
        "cus_paused": ("paused", -20),
        "cus_trial": ("trial", 20),
        "cus_new": ("missing", 20),
        "cus_leaving": ("ended", 20),
        **LEFT,
    }
    # 40 + 20 − 10 − 20 + 20 + 20 + 20 − 20 − 20 + 20; and the same without signs, of 140: seven of 20 count.
    assert (found.ours_micros, found.theirs_micros) == (140 * USD, 210 * USD)
    assert (found.net_micros, found.drift_micros, found.compared) == (70 * USD, 210 * USD, 9)
    assert (found.drift_percent, found.within) == (Decimal(150), False)
    told = {row.customer_id: row.detail for row in found.rows}
    assert told["cus_seats"] == "1 in the book, 3 in the list; last told by entry 2 of 2024-01-01 00:00"
    assert told["cus_plan"].startswith("price_1 in the book, price_year in the list;")
    assert told["cus_off"].startswith("another discount;")
    assert told["cus_paused"].startswith("active in the book, paused in the list;")
    assert told["cus_new"] == "unknown in the book, active in the list; no entry tells of it"


def test_backfill_takes_what_is_safe_and_leaves_the_rest_to_a_person(tmp_path: Path) -> None:
    """A list of all subscriptions, ended ones too; a second time there is nothing to take. Every run is kept."""
    over = sub("over", status="canceled", canceled_at=START + 3 * DAY, ended_at=START + 3 * DAY)
    path = listed(tmp_path, [*LISTED.values(), over])
    with book_of(tmp_path, created(*EVENTS.values(), sub("over"))) as book:
        found = book.reconcile_subscriptions(path=path, observed_at=SEEN_TEXT, backfill=True)
        assert (found.backfilled, causes(found)) == (8, LEFT)
        assert all(row.remedy not in ("", "backfill") for row in found.rows)
        again = book.reconcile_subscriptions(path=path, observed_at=SEEN_TEXT, backfill=True)
        assert (again.backfilled, causes(again)) == (0, LEFT)
        customers = {row.customer_id: row.mrr_micros // USD for row in book.customers(as_of="2024-01-12")}
        assert (customers["cus_seats"], customers["cus_new"], customers["cus_over"]) == (60, 20, 0)
        (churn,) = [row for row in book.movements(as_of="2024-02-01", customer="cus_over") if row.class_ == "churn"]
        assert str(churn.on) == "2024-01-04"
        (taken,) = [one for one in book.journal.entries(range(1, book.journal.head().seq + 1)) if "sub_new" in one.key]
        assert (taken.source, taken.occurred_at) == ("stripe", SEEN * 1_000_000)
        assert json.loads(taken.body) == sub("new")
        runs = book.reconciliations()
        assert [(run.what, run.differences, run.backfilled) for run in runs] == [
            ("subscriptions", 11, 0),
            ("subscriptions", 3, 8),
            ("subscriptions", 3, 0),
        ]
        assert runs[0].causes["missing"] == 1
        assert runs[0].rows_digest != runs[1].rows_digest == runs[2].rows_digest
        checked = book.verify()
        assert (checked.ok, checked.outcomes["irrelevant"]) == (True, 3)


def test_what_contradicts_is_left_to_a_person(tmp_path: Path) -> None:
    """Each is named after its trouble. One is worth the same on both sides: 10 EUR at a rate of 2."""
    over = updated(sub("over", status="canceled", ended_at=START + DAY), START + DAY)
    later = updated(sub("older", item(id="si_older", quantity=5)), SEEN + DAY)
    names = ("currency", "even", "cut", "over", "older", "twice")
    tenner = price(id="price_eur", currency="eur", unit_amount=1000, unit_amount_decimal="1000")
    now = [
        sub("currency", item(id="si_currency", price=price(currency="eur")), currency="eur"),
        sub("even", item(id="si_even", price=tenner), currency="eur"),
        {**sub("cut"), "items": {"object": "list", "data": [item(id="si_cut", quantity=2)], "has_more": True}},
        sub("over"),
        sub("older", item(id="si_older", quantity=2)),
        *(sub("twice", item(id="si_twice", quantity=count)) for count in (2, 3)),
    ]
    rates: Body = {"fx.rate": "fixed", "fx.fixed": {"EUR": "2"}}
    with book_of(tmp_path, [*created(*(sub(name) for name in names)), over, later], **rates) as book:
        found = book.reconcile_subscriptions(path=listed(tmp_path, now), observed_at=SEEN_TEXT, backfill=True)
        assert book.journal.head().seq == len(names) + 2 + 1
    assert found.backfilled == 0
    assert {row.customer_id: row.remedy for row in found.rows} == {
        "cus_currency": "it is in another currency in the book",
        "cus_even": "it is in another currency in the book",
        "cus_cut": "its list of items is cut short",
        "cus_over": "it has ended for good in the book",
        "cus_older": "the book knows something later of it",
        "cus_twice": "it is listed twice, differently",
    }
    assert causes(found)["cus_even"] == ("undecided", 0)


def test_other_accounts_are_left_alone(tmp_path: Path) -> None:
    with book_of(tmp_path, created(sub("a"))) as book:
        tell(book, created(sub("b")), source="stripe:eu")
        for source, name in (("stripe", "a"), ("stripe:eu", "b")):
            found = book.reconcile_subscriptions(
                path=listed(tmp_path, [sub(name)]), source=source, observed_at=SEEN_TEXT
            )
            assert (found.ours_micros, found.rows, found.within) == (20 * USD, [], True)


def test_what_cannot_be_read_or_reckoned_is_said(tmp_path: Path) -> None:
    strange = sub("a", item(id="si_a", price="price_unheard_of"), item(id="si_b", price=price()))
    with book_of(tmp_path, created(sub("a"))) as book:
        broken = {**sub("b"), "status": "asleep"}
        found = book.reconcile_subscriptions(path=listed(tmp_path, [strange, broken]), observed_at=SEEN_TEXT)
    assert [row.cause for row in found.rows] == ["pending"]
    assert "sub_b" in found.notes[0]
    assert "asleep" in found.notes[0]


def test_the_threshold_is_the_exit_of_a_check(tmp_path: Path) -> None:
    many = created(*(sub(f"n{number}") for number in range(199)))
    full = listed(tmp_path, [told["data"]["object"] for told in many] + [sub("late")])
    with book_of(tmp_path, many) as book:
        found = book.reconcile_subscriptions(path=full, observed_at=SEEN_TEXT)
        # 20 of 3,980 USD are 0.502513 %.
        assert (found.drift_percent, found.within) == (Decimal("0.502513"), False)
        assert book.reconcile_subscriptions(path=full, observed_at=SEEN_TEXT, threshold="0.502513").within
        for nonsense in ("half", "-1", "101", "NaN"):
            with pytest.raises(WrongUse, match="no threshold"):
                book.reconcile_subscriptions(path=full, observed_at=SEEN_TEXT, threshold=nonsense)


def test_half_a_list_is_refused(tmp_path: Path) -> None:
    """In one document, in a compressed one, in pages a line; only the last page has to be the last."""
    half = listed(tmp_path, [sub("a")], has_more=True)
    packed, lines = tmp_path / "pages.gz", tmp_path / "pages.jsonl"
    packed.write_bytes(gzip.compress(Path(half).read_bytes()))
    whole = json.dumps({"object": "list", "data": [sub("b")], "has_more": False})
    with book_of(tmp_path, created(sub("a"), sub("b"))) as book:
        head = book.journal.head().seq
        for path in (half, str(packed)):
            with pytest.raises(ImportFileError, match="half a list"):
                book.reconcile_subscriptions(path=path, observed_at=SEEN_TEXT, backfill=True)
        lines.write_text(whole + "\n" + Path(half).read_text())
        with pytest.raises(ImportFileError, match="half a list"):
            book.reconcile_subscriptions(path=str(lines), observed_at=SEEN_TEXT)
        with pytest.raises(WrongUse, match="when was"):
            book.reconcile_subscriptions(path=half, backfill=True)
        with pytest.raises(ImportFileError, match="no such file"):
            book.reconcile_subscriptions(path=str(tmp_path / "absent"), observed_at=SEEN_TEXT)
        assert book.journal.head().seq == head
        lines.write_text(Path(half).read_text() + "\n" + whole)
        assert book.reconcile_subscriptions(path=str(lines), observed_at=SEEN_TEXT).within


def test_what_was_corrected_is_no_drift(tmp_path: Path) -> None:
    """The event told of one seat by mistake; an edit says three, as the list does."""
    with book_of(tmp_path, created(sub("seats"))) as book:
        place = listed(tmp_path, [sub("seats", item(id="si_seats", quantity=3))])
        assert causes(book.reconcile_subscriptions(path=place, observed_at=SEEN_TEXT)) != {}
        book.correct(entry=1, author="ada", reason="a typing error", changes={"items.0.quantity": "3"})
        assert causes(book.reconcile_subscriptions(path=place, observed_at=SEEN_TEXT)) == {}
