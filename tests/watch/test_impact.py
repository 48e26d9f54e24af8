"""What an incident costs: who is affected, at risk and lost, by each filter; the playbook, and the draft of it all."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mrr import Book
from mrr.book import clock
from mrr.cli.main import run
from mrr.errors import WrongUse
from mrr.policy import standard
from tests.api.conftest import told

NOON = datetime(2026, 11, 20, 12)
HOUR = timedelta(hours=1)


def at(hours: int) -> str:
    """An instant so many hours after noon."""
    return f"{(NOON + hours * HOUR).isoformat()}Z"


def attempt(payment: str, customer: str, hours: int, code: str | None = None) -> dict[str, Any]:
    """A payment that failed with a code, or went well."""
    outcome = {"outcome": "failed", "failure_code": code} if code else {"outcome": "succeeded"}
    paid = {"fact": "payment", "payment": payment, "kind": "attempt", "amount": "10", "currency": "USD"}
    return {**paid, "customer": customer, "effective_at": at(hours), **outcome}


def ended(customer: str, hours: int) -> dict[str, Any]:
    """The end of a customer's only subscription."""
    body = told(customer, at(hours), "0")
    return {**body, "status": "canceled", "ended_at": at(hours), "period": None}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Five customers; from noon to two the gateway refused cards of three, of whom one was charged later and one left.

    ann 100 DE refused, charged later · bob 200 DE refused · cat 400 FR refused with another code, left at three ·
    dan 800 had his payment refused the day before · eve 1600 had no trouble.
    """
    amounts = {"ann": "100", "bob": "200", "cat": "400", "dan": "800", "eve": "1600"}
    facts = [told(name, "2026-01-10T00:00:00Z", amount) for name, amount in amounts.items()]
    countries = {"ann": "DE", "bob": "DE", "cat": "FR"}
    facts += [
        {"fact": "customer", "customer": name, "attributes": {"country": where}} for name, where in countries.items()
    ]
    facts += [
        attempt("p1", "ann", 1, "processing_error"),
        attempt("p2", "bob", 1, "processing_error"),
        attempt("p3", "cat", 1, "expired_card"),
        attempt("p4", "dan", -20, "processing_error"),
        attempt("p5", "ann", 5),
        ended("cat", 3),
    ]
    with Book.create(tmp_path / "book", policy=standard()) as made, clock.standing(NOON + 8 * HOUR):
        made.append_bodies([msgspec.json.encode(fact) for fact in facts], source="native")
        assert made.quarantine() == []
        yield made


def millions(**rows: int) -> dict[str, int]:
    return {name: amount * 1_000_000 for name, amount in rows.items()}


def test_without_a_filter_it_is_whoever_had_trouble_in_that_time(book: Book) -> None:
    found = book.impact(since=at(0), until=at(2))
    assert {row.customer_id: row.why for row in found.rows} == {
        "ann": "payment failed (processing_error)",
        "bob": "payment failed (processing_error)",
        "cat": "payment failed (expired_card), lost MRR",
    }
    assert {row.customer_id: row.at_risk_micros for row in found.rows} == millions(ann=0, bob=200, cat=0)
    assert {row.customer_id: row.lost_micros for row in found.rows} == millions(ann=0, bob=0, cat=-400)
    totals = (found.customers, found.before_micros, found.at_risk_micros, found.lost_micros)
    assert totals == (3, 700_000_000, 200_000_000, -400_000_000)


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ({"codes": ["processing_error"]}, {"ann", "bob"}),
        ({"codes": ["processing_error", "expired_card"]}, {"ann", "bob", "cat"}),
        ({"codes": ["processing_error"], "where": [("country", "DE")]}, {"ann", "bob"}),
        ({"codes": ["expired_card"], "where": [("country", "DE")]}, set()),
        ({"where": [("country", "FR")]}, {"cat"}),
        ({"plans": ["pro"]}, {"ann", "bob", "cat", "dan", "eve"}),
        ({"plans": ["native/pro"], "customers": ["eve", "native/dan"]}, {"dan", "eve"}),
        ({"customers": ["nobody"]}, set()),
    ],
)
def test_filters_of_one_kind_widen_and_of_different_kinds_narrow(
    book: Book, words: dict[str, Any], who: set[str]
) -> None:
    found = book.impact(since=at(0), until=at(2), **words)
    assert {row.customer_id for row in found.rows} == who


def switched(customer: str, hours: int, feature: str) -> bytes:
    """From then on the customer has another value of the attribute `feature`."""
    fact = {"fact": "customer", "customer": customer, "effective_at": at(hours), "attributes": {"feature": feature}}
    return msgspec.json.encode(fact)


def test_a_feature_is_an_attribute_that_counts_for_who_had_it_at_the_time(book: Book) -> None:
    turns = [
        *(("ann", -48, "beta"), ("ann", -2, "off")),  # gave it up before
        *(("bob", -2, "beta"), ("bob", 4, "off")),  # had it then, and has it no more
        *(("dan", -48, "off"), ("dan", 1, "beta")),  # got it while it lasted
        *(("eve", -48, "off"), ("eve", 4, "beta")),  # has it since
    ]
    book.append_bodies([switched(*turn) for turn in turns], source="native")

    def having(*features: str, **words: Any) -> set[str]:
        where = [("feature", feature) for feature in features]
        return {row.customer_id for row in book.impact(since=at(0), until=at(2), where=where, **words).rows}

    assert having("beta") == {"bob", "dan"}
    assert having("off") == {"ann", "dan", "eve"}
    assert having("beta", "off") == {"ann", "bob", "dan", "eve"}
    assert having("beta", codes=["processing_error"]) == {"bob"}
    now = book.impact(since=at(6), until=at(8), where=[("feature", "beta")])
    assert {row.customer_id: row.attributes["feature"] for row in now.rows} == {"dan": "beta", "eve": "beta"}


def test_a_stretch_that_ends_before_it_begins_is_refused(book: Book) -> None:
    with pytest.raises(WrongUse, match="no stretch"):
        book.impact(since=at(2), until=at(0))


def test_a_merged_customer_is_one(book: Book) -> None:
    book.merge(customer="native/bob", into="native/ann", author="ada", reason="the same")
    found = book.impact(since=at(0), until=at(2), codes=["processing_error"])
    # A payment of ann went well after both had failed.
    assert [(row.customer_id, row.failures, row.at_risk_micros) for row in found.rows] == [("ann", 2, 0)]


def test_the_playbook_says_what_to_do_about_whom(
    book: Book, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book.close()
    out = tmp_path / "at-risk.csv"
    words = ["impact", "--book", str(book.folder), "--from", at(0), "--to", at(2), "--playbook", str(out)]
    assert run(words) == 0
    assert "3 customers" in capsys.readouterr().out
    rows = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert [(row["customer_id"], row["play"], row["at_risk"], row["lost"]) for row in rows] == [
        ("cat", "win back", "0", "-400"),
        ("bob", "await the retry", "200", "0"),
    ]


def test_a_postmortem_is_of_whom_the_same_words_of_impact_mean(book: Book, capsys: pytest.CaptureFixture[str]) -> None:
    words: dict[str, Any] = {
        "since": at(0),
        "until": at(2),
        "codes": ["processing_error"],
        "where": [("country", "DE")],
    }
    draft = book.postmortem(**words)
    assert [row.customer_id for row in draft.impact.rows] == ["bob", "ann"]
    book.append_bodies([b'{"fact": "weather"}'], source="native")
    book.watch()
    (alert,) = (one for one in book.alerts() if one.rule == "outcome.quarantined")
    assert book.postmortem(alert=alert.alert_id, since=at(-1)).since == NOON - HOUR
    assert book.postmortem(alert=alert.alert_id).since == alert.begins_at
    book.close()
    with clock.standing(NOON + 8 * HOUR):
        line = ["--from", at(0), "--to", at(2), "--code", "expired_card", "--json", "--book", str(book.folder)]
        assert run(["postmortem", *line]) == 0
    assert [row["customer_id"] for row in json.loads(capsys.readouterr().out)["impact"]["rows"]] == ["cat"]


def test_a_postmortem_has_cost_cohorts_timeline_and_letter(book: Book) -> None:
    book.append_bodies([b'{"fact": "weather"}'], source="native")
    book.watch()
    alert = next(one.alert_id for one in book.alerts() if one.rules == ["outcome.quarantined"])
    book.annotate(kind="deploy", text="gateway client 4.2", author="ada", at=at(0))
    book.exclude(customer="native/eve", author="ada", reason="ours | really")
    book.acknowledge(alert=alert, author="ada", reason="on it")
    text = book.postmortem(since=at(-1), until=at(2), title="Gateway outage").text()
    assert "# Postmortem: Gateway outage" in text
    for line in (
        "| FR | 1 | 0.00 | -400.00 |".replace("-", "−"),
        "| 2026-11-20 12:00 | ada | deploy: gateway client 4.2 |",
        f"| 2026-11-20 20:00 | ada | alert {alert} acknowledged: on it |",
        "| 2026-11-20 20:00 | edits | exclude (entry 16) |",
        "- `mrr build` decodes every entry again",
        "> a payment of yours failed: the payment could not be processed.",
    ):
        assert line in text, text
