"""Indicators, each against what a troubled company is known to have; and what is kept beside the ledger."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mrr import Book
from mrr.errors import WrongUse
from mrr.period import instant
from mrr.policy import standard
from mrr.watch.indicators import EVENTS, LEVELS, MILLION, Posting, catalogue, defined
from mrr.watch.objectives import objectives
from mrr.watch.sli import Sli
from tests.test_tidy import SRC

from .troubled import CUSTOMERS, DAY, HOUR, MINUTE, bodies, checkout, company, payment, subscription, text

NOW = datetime(2025, 6, 16, 12)
USD = 1_000_000


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """The troubled company."""
    with Book.create(tmp_path_factory.mktemp("watched") / "book", policy=standard()) as made:
        made.append_bodies(bodies(company(NOW)), source="native")
        yield made


def measured(book: Book, name: str, window: str = "7d", as_of: datetime = NOW) -> Sli:
    """An indicator over a window."""
    return next(one for one in book.slis(as_of=text(as_of), window=window).rows if one.indicator == name)


def test_every_file_is_a_governed_indicator_with_an_owner_and_a_target(tmp_path: Path) -> None:
    files = {path.stem for path in (SRC / "sql" / "indicators").glob("*.*.sql")}
    assert files == {*EVENTS, *LEVELS} == {one.name for one in catalogue()}
    assert {one.indicator for one in objectives(tmp_path).values()} == files
    for one in catalogue():
        assert min(len(one.formula), len(one.caveats), len(one.owner), len(one.drift_risk)) > 3
        assert one.caveats.endswith(".")
    with pytest.raises(WrongUse, match="no indicator 'checkout'"):
        defined("checkout")


def test_a_checkout_is_one_attempt_however_often_a_gateway_tries(book: Book) -> None:
    """n1 completes a session, n2 pays at the third attempt, n3 fails three times, n4 is not decided."""
    found = measured(book, "checkout.success")
    assert (found.good, found.total, found.met_ratio) == (2, 3, "0.666667")
    assert [(one.label, one.bad, one.customers) for one in found.bad] == [("do_not_honor", 1, ["native/n3"])]
    # A session that is open for a day has failed, and so has n4.
    later = measured(book, "checkout.success", as_of=NOW + DAY)
    assert (later.good, later.total) == (2, 4)
    assert {one.label: one.customers for one in later.bad}["abandoned"] == ["native/n4"]


def test_who_leaves_without_having_tried_breaks_no_promise(tmp_path: Path) -> None:
    """n4's session was never paid for: the indicator counts it, an objective may leave it out."""
    assert objectives(tmp_path)["checkout"].excluding == ("abandoned",)
    promise = "indicator = 'checkout.success'\nurgency = 'ticket'\ntarget = '90%'\nwindow = '7d'\nat_least = 1\n"
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies(bodies(company(NOW)), source="native")
        (book.folder / "watch.toml").write_text(
            f"[objectives.whole]\n{promise}[objectives.tried]\n{promise}excluding = ['abandoned']\n"
        )
        found = {one.objective: one for one in book.slos(as_of=text(NOW + DAY))}
        blamed = {one.rule: one.figures for one in book.missed(as_of=text(NOW + DAY))}
    assert [(found[name].good, found[name].total) for name in ("whole", "tried")] == [(2, 4), (2, 3)]
    assert "failed as abandoned" in blamed["slo.whole"]
    assert "failed as abandoned" not in blamed["slo.tried"]


def test_payments_fail_by_code_and_retries_count_each(book: Book) -> None:
    found = measured(book, "payment.success", "1d")
    assert (found.good, found.total) == (2, 10)
    assert {one.label: one.bad for one in found.bad} == {"card_declined": 4, "do_not_honor": 3, "expired_card": 1}
    assert measured(book, "payment.success", "28d").total == 10
    whole = measured(book, "payment.success", "56d")
    assert (whole.good, whole.total) == (2 + CUSTOMERS, 10 + CUSTOMERS)


def test_recovered_mrr_is_that_of_bills_paid_after_a_failure(book: Book) -> None:
    """Of c3's bill and n2's the first payment failed, and another came through; c2's and n3's are undecided."""
    found = measured(book, "dunning.recovery")
    assert (found.good, found.total, found.good_micros) == (1, 1, 100 * USD)
    after = measured(book, "dunning.recovery", "28d", as_of=NOW + 15 * DAY)
    # Each of n3's attempts names no bill, so that it is one of its own; so is n2's; c2's bill was never paid.
    assert (after.good, after.total) == (1, 1 + 1 + 2 + 3)


def test_events_carry_the_mrr_that_was_there_before_or_is_now(tmp_path: Path) -> None:
    """Who left because of a failure still carries what they paid; who never paid carries what is usual."""
    events = [subscription("a", NOW - 40 * DAY, "300"), subscription("b", NOW - 40 * DAY, "100")]
    events += [payment("p1", "a", NOW - 3 * DAY, "stolen_card"), payment("p2", "b", NOW - 3 * DAY)]
    events += [subscription("a", NOW - 2 * DAY, "300", status="canceled"), payment("p3", "x", NOW - DAY, "lost_card")]
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies(bodies(iter(events)), source="native")
        found = measured(book, "payment.success")
    assert {one.label: one.bad_micros for one in found.bad} == {"stolen_card": 300 * USD, "lost_card": 100 * USD}
    assert (found.good_micros, found.total_micros, found.carried_ratio) == (100 * USD, 500 * USD, "0.200000")


def test_a_payment_counts_once_as_it_was_last_told(tmp_path: Path) -> None:
    """Pending, then failed, told twice; an intent whose charge speaks for itself is no attempt of its own."""
    at = NOW - HOUR
    events = [payment("p", "a", at) | {"outcome": "pending"}, payment("p", "a", at + MINUTE, "do_not_honor")]
    events += [payment("p", "a", at + 2 * MINUTE, "do_not_honor"), payment("intent", "b", at)]
    events += [payment("charge", "b", at, of_payment="intent")]
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies(bodies(iter(events)), source="native")
        found = measured(book, "payment.success")
        assert (found.good, found.total) == (1, 2)
        assert found.bad[0].first_at == at + MINUTE


def test_mrr_at_risk_counts_each_subscription_once(book: Book) -> None:
    found = measured(book, "mrr.at_risk")
    parts = {part.label: (part.amount, part.customers) for part in found.parts}
    assert parts == {
        "past_due": (100 * USD, ["native/c0"]),
        "cancels": (100 * USD, ["native/c1"]),
        "payment_failed": (100 * USD, ["native/c2"]),
        "card_expires": (100 * USD, ["native/c4"]),
    }
    assert found.amount == 400 * USD


def test_leakage_is_mrr_without_invoice_and_sign_ups_without_mrr(book: Book) -> None:
    found = measured(book, "mrr.leakage")
    assert {part.label: (part.amount, part.customers) for part in found.parts} == {
        "uninvoiced": (100 * USD, ["native/c5"])
    }
    # n1 completed a checkout: after a day without a level that is a sign-up that leaks.
    later = {part.label: part for part in measured(book, "mrr.leakage", as_of=NOW + 2 * DAY).parts}
    assert (later["signed_up"].amount, later["signed_up"].customers) == (0, ["native/n1"])


def test_prorations_that_no_rule_explains_are_wrong(book: Book) -> None:
    (wrong,) = measured(book, "proration.errors").parts
    assert wrong.amount == MILLION


def test_drift_is_that_of_the_last_comparison_of_each_kind(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies(bodies(company(NOW)), source="native")
        now = datetime(2030, 1, 1)
        assert measured(book, "reconciliation.drift", as_of=now).parts == []
        found = book.reconcile_invoices(as_of=text(NOW))
        (part,) = measured(book, "reconciliation.drift", as_of=now).parts
        assert part.label == "invoices"
        assert part.amount == MILLION * found.drift_micros // found.ours_micros > 0


def test_unsound_entries_count_by_what_is_wrong(tmp_path: Path) -> None:
    good = [subscription(f"c{number}", NOW - number * DAY) for number in range(7)]
    clash = {"key": "one", "fact": "checkout", "checkout": "s", "effective_at": text(NOW - DAY)}
    with Book.create(tmp_path / "book", policy=standard()) as book:
        told = [*bodies(iter(good)), b'{"fact": "subscription"}']
        told += bodies(iter([clash | {"outcome": "completed"}, clash | {"outcome": "expired"}]))
        book.append_bodies(told, source="native")
        soon = instant(book.journal.head().recorded_at) + MINUTE
        found = {name: measured(book, f"entries.{name}", "1h", soon) for name in ("quarantine", "conflict", "reuse")}
        assert {name: (one.total or 0) - (one.good or 0) for name, one in found.items()} == {
            "quarantine": 1,
            "conflict": 1,
            "reuse": 0,
        }
        assert {one.total for one in found.values()} == {10}
        # What the house itself records is not among them.
        book.reconcile_invoices()
        assert measured(book, "entries.quarantine", "1h", soon).total == 10


def test_queues_are_measured_from_the_event_to_the_journal_to_the_ledger(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        now = book.now()
        ages = (timedelta(seconds=2), timedelta(minutes=10), 9 * DAY)
        book.append_bodies(bodies(subscription(f"c{n}", now - age) for n, age in enumerate(ages)), source="native")
        recorded = [instant(book.journal.entry(seq).recorded_at) for seq in (1, 2, 3)]
        book.posted(
            [Posting(1, 2, recorded[1] + timedelta(seconds=1)), Posting(3, 3, recorded[2] + timedelta(seconds=9))]
        )
        soon = recorded[2] + MINUTE
        arrival, posting = measured(book, "queue.arrival", "1d", soon), measured(book, "queue.posting", "1d", soon)
    # What is a week old when it comes is a backfill; five minutes are promised, and five seconds.
    assert (arrival.good, arrival.total) == (1, 2)
    assert (posting.good, posting.total) == (2, 3)
    assert posting.p50_us is not None
    assert 1_000_000 <= posting.p50_us < 2_000_000
    assert posting.p99_us == 9_000_000


def test_postings_are_forgotten_after_a_while(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        from mrr.watch import latency

        book.posted([Posting(1, 5, NOW), Posting(6, 9, NOW + 5 * DAY)])
        book.posted([Posting(10, 10, NOW + 9 * DAY)])
        assert [one.first_seq for one in latency.kept(book.journal, NOW - DAY)] == [6, 10]
        assert [one.first_seq for one in latency.kept(book.journal, NOW + 6 * DAY)] == [10]


def test_a_stream_that_falls_silent_ages_and_a_file_does_not(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies(bodies(iter([checkout("s", NOW, "completed")])), source="native")
        assert measured(book, "source.freshness", as_of=datetime(2030, 1, 1)).parts == []
        warehouse = book.ledger()
        warehouse.execute("""INSERT INTO outcome BY NAME
            SELECT 100 + n AS seq, 'native:eu' AS source, 'decoded' AS outcome,
                TIMESTAMP '2029-12-01' + to_days(CAST(n AS INTEGER)) AS recorded_at
            FROM unnest([0, 1, 2, 3, 4, 5, 6]) AS t(n)""")
        (part,) = measured(book, "source.freshness", as_of=datetime(2029, 12, 9)).parts
    assert (part.label, part.amount) == ("native:eu", 2 * 86_400)


def test_annotations_are_kept_and_found_by_their_time(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.annotate(kind="deploy", text="  billing\n4.2 ", author="ada", at="2025-06-01T10:00:00Z")
        book.annotate(kind="flag", text="new checkout", author="bo", at="2025-05-01")
        assert [one.text for one in book.annotations()] == ["new checkout", "billing 4.2"]
        assert [one.kind for one in book.annotations(since="2025-06-01T10:00:00Z", until="2025-07-01")] == ["deploy"]
        for kind, said in (("dance", "x"), ("note", " "), ("note", "x" * 501)):
            with pytest.raises(WrongUse):
                book.annotate(kind=kind, text=said, author="ada")
        assert len(book.annotations()) == 2
