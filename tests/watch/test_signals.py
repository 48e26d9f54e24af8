"""The signals F1–F6: faults put into the events of a simulated company are told, and a healthy one is quiet."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from benchmarks.injecting import DAILY, DAY, FAULTS, HOUR, Delivery, Intake, deliveries, faulty

from mrr.book import Book, clock
from mrr.journal import Head
from mrr.period import instant, micros_of
from mrr.policy import standard
from mrr.providers.reconciliation import Run
from mrr.watch.bounds import bounds
from mrr.watch.finding import Finding
from mrr.watch.remedies import remedies
from mrr.watch.shares import Counted, is_rare
from mrr.watch.signals import RULES, drifted, late

SEED, CUSTOMERS, MONTHS = 11, 400, 4
SINCE = int(datetime(2023, 4, 4, tzinfo=UTC).timestamp()) * 1_000_000
BOUNDS = bounds().signals


@pytest.fixture(scope="module")
def told() -> list[Delivery]:
    return deliveries(SEED, CUSTOMERS, MONTHS)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, told: list[Delivery]) -> Intake:
    """A book with three months of a company, which hears from it every hour."""
    intake = Intake.begin(tmp_path_factory.mktemp("past") / "book", SEED, CUSTOMERS, MONTHS, told)
    intake.forward(SINCE - 61 * DAY, minutes=DAILY)
    intake.forward(SINCE)
    intake.close()
    return intake


def day(intake: Intake, until: int = SINCE + DAY) -> list[Finding]:
    """What the signals say after a day more, or at another instant."""
    intake.forward(until)
    try:
        return intake.book.signalled(at=intake.until)
    finally:
        intake.close()


# Which families may tell a fault of a quarter of a day's volume: what it did to the data is all they see.
FAMILIES = {
    "dropped": {"F1"},
    "delayed 6 h": {"F1", "F5"},
    "delayed 3 days": {"F1"},
    "same bytes again": {"F2"},
    "same event again": {"F2"},
    "same object again": {"F1", "F2"},
    "priced x 10": {"F1", "F3"},
    "priced + 10 %": {"F1", "F3"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_within_a_day(past: Intake, told: list[Delivery], tmp_path: Path, fault: str) -> None:
    struck = faulty(told, fault, 0.25, SINCE, SEED)
    found = day(past.copied(tmp_path / "struck", struck))
    assert {one.rule[:2] for one in found} & FAMILIES[fault], [one.summary for one in found]
    for one in found:
        assert one.cause == "source:stripe"
        assert one.rule in RULES
        assert one.figures
        assert instant(SINCE - 2 * HOUR) <= one.begins_at <= instant(SINCE + DAY)
        assert one.entries or one.rule == "F2.redelivered"


def test_a_healthy_day_is_quiet(past: Intake, told: list[Delivery], tmp_path: Path) -> None:
    assert day(past.copied(tmp_path / "healthy", told)) == []


def test_a_source_that_stops_is_told_and_called_for(past: Intake, tmp_path: Path) -> None:
    (found,) = [one for one in day(past.copied(tmp_path / "silent", [])) if one.rule == "F1.silent"]
    assert found.cause == "source:stripe"
    assert found.urgency == "page"
    assert found.figures["silent for"].startswith("2")


def test_rules_can_be_quiet_and_can_call(past: Intake, tmp_path: Path) -> None:
    silent = past.copied(tmp_path / "set", [])
    (silent.folder / "watch.toml").write_text('[signals]\nquiet = ["F1.silent"]\npage = []\n', encoding="utf-8")
    assert all(one.rule != "F1.silent" and one.urgency == "ticket" for one in day(silent))


# ----- F3


def test_a_wrong_proration_is_told_with_both_figures(past: Intake, told: list[Delivery], tmp_path: Path) -> None:
    at = next(place for place, one in enumerate(told) if one.at > SINCE and _prorations(json.loads(one.body)))
    event = json.loads(told[at].body)
    _prorations(event)[0]["amount"] -= 777
    struck = [*told[:at], Delivery(told[at].at, json.dumps(event).encode())]
    later = day(past.copied(tmp_path / "wrong", struck), told[at].at + HOUR)
    (found,) = [one for one in later if one.rule == "F3.prorated"]
    assert any("recomputed" in figure and "billed" in figure for figure in found.figures.values())
    assert found.entries


def _prorations(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a final invoice that bill part of a period."""
    lines = event["data"]["object"]["lines"]["data"] if event["type"] == "invoice.finalized" else []
    return [one for one in lines if '"proration": true' in json.dumps(one)]


# ----- F4


def paying(customer: str, currency: str) -> bytes:
    """A customer who pays in a currency."""
    item = {"item": f"seat-{customer}", "product": "pro", "unit_amount": "100", "interval": "month"}
    fact = {
        "fact": "subscription",
        "subscription": f"s-{customer}",
        "customer": customer,
        "effective_at": "2025-01-10",
        "status": "active",
    }
    return json.dumps({**fact, "currency": currency, "items": [item]}).encode()


@pytest.fixture
def euros(tmp_path: Path) -> Iterator[Book]:
    """A customer who pays in euros."""
    with Book.create(tmp_path / "euros", policy=standard()) as book:
        book.append_bodies([paying("c", "EUR")], source="native")
        yield book


def rated(book: Book, days: dict[str, str], currency: str = "EUR") -> None:
    """Rates of the euro, or of another currency, in dollars."""
    path = book.folder.parent / "rates.csv"
    lines = [f"{on},{currency},{value}\n" for on, value in days.items()]
    path.write_text("day,currency,value\n" + "".join(lines), "utf-8")
    book.append(str(path), source="rates")


def rules(book: Book, as_of: str) -> list[str]:
    """The rules that speak at an instant."""
    return [one.rule for one in book.signals(as_of=as_of)]


def test_a_rate_that_is_missing_calls(euros: Book) -> None:
    (found,) = euros.signals(as_of="2025-02-01")
    assert (found.rule, found.urgency, found.cause) == ("F4.rate_missing", "page", "rate:EUR")
    assert found.customers == ["native/c"]


def test_a_rate_that_is_stale_is_told(euros: Book) -> None:
    rated(euros, {"2024-12-30": "1.04", "2025-01-31": "1.05"})
    assert rules(euros, "2025-02-03") == []
    (found,) = euros.signals(as_of="2025-02-20")
    assert (found.rule, found.cause) == ("F4.rate_stale", "rate:EUR")


def test_a_feed_of_rates_that_stopped_is_one_alert(euros: Book) -> None:
    euros.append_bodies([paying("d", "GBP")], source="native")
    rated(euros, {"2024-12-30": "1.04", "2025-01-31": "1.05"})
    rated(euros, {"2024-12-30": "1.25", "2025-01-31": "1.24"}, "GBP")
    with clock.standing(datetime(2025, 2, 20)):
        euros.watch()
    (alert,) = (one for one in euros.alerts() if "F4.rate_stale" in one.rules)
    assert alert.cause == "source:rates"
    said = [one.summary for one in alert.findings if one.rule == "F4.rate_stale"]
    assert said == [f"the last exchange rate for {name} is of 2025-01-31" for name in ("EUR", "GBP")]
    assert next(one.command for one in remedies(alert)) == "mrr import --fx ecb"
    assert all("{" not in one.command for one in remedies(alert))


def test_one_stale_rate_of_several_keeps_its_own_cause(euros: Book) -> None:
    euros.append_bodies([paying("d", "GBP")], source="native")
    rated(euros, {"2024-12-30": "1.04", "2025-01-31": "1.05", "2025-02-19": "1.05"})
    rated(euros, {"2024-12-30": "1.25", "2025-01-31": "1.24"}, "GBP")
    (found,) = euros.signals(as_of="2025-02-20")
    assert (found.rule, found.cause) == ("F4.rate_stale", "rate:GBP")


def test_a_rate_that_ages_later_does_not_rename_the_one_that_aged_before(euros: Book) -> None:
    euros.append_bodies([paying("d", "GBP")], source="native")
    rated(euros, {"2024-12-30": "1.04", "2025-01-31": "1.05"})
    rated(euros, {"2024-12-30": "1.25", "2025-02-03": "1.24"}, "GBP")
    found = {one.cause for one in euros.signals(as_of="2025-02-20") if one.rule == "F4.rate_stale"}
    assert found == {"rate:EUR", "rate:GBP"}


def test_a_rate_far_off_the_one_before_is_told(euros: Book) -> None:
    rated(euros, {"2024-12-30": "1.04", "2025-01-30": "1.05", "2025-01-31": "10.5"})
    (found,) = euros.signals(as_of="2025-02-01")
    assert found.rule == "F4.rate_off"
    assert "10.500000" in found.figures.values()
    assert "1.050000" in found.figures.values()


# ----- F5, F6


def test_entries_that_wait_to_be_posted_are_told() -> None:
    now = datetime(2025, 3, 1, 12)
    head = Head(100, b"", micros_of(now - timedelta(hours=2)))
    (found,) = late.unposted(head, 90, now, BOUNDS)
    assert "10 entries" in found.summary
    assert late.unposted(head, 100, now, BOUNDS) == []
    assert late.unposted(head, 90, now - timedelta(minutes=90), BOUNDS) == []


def run(
    what: str, percent: str, *, within: bool, causes: dict[str, int], theirs: str = "stripe", source: str = ""
) -> Run:
    """A comparison that was made."""
    return Run(
        what=what,
        told_at=0,
        at=micros_of(datetime(2025, 3, 1)),
        ours="the book",
        theirs=theirs,
        policy_hash="",
        known_at_seq=1,
        currency="USD",
        compared=10,
        ours_micros=100_000_000,
        theirs_micros=90_000_000,
        net_micros=-10_000_000,
        drift_micros=10_000_000,
        drift_percent=percent,
        threshold_percent="0.5",
        within=within,
        differences=1,
        causes=causes,
        rows_digest="",
        source=source,
    )


def test_the_latest_of_each_comparison_speaks() -> None:
    bad = run("invoices", "10", within=False, causes={"amount": 1})
    good = run("invoices", "0.1", within=True, causes={})
    listed = run("subscriptions", "3", within=False, causes={"missing": 2})
    assert [one.rule for one in drifted.drifts([good, bad], BOUNDS)] == ["F6.drift"]
    assert drifted.drifts([bad, good], BOUNDS) == []
    (found,) = drifted.drifts([listed], BOUNDS)
    assert (found.rule, found.cause) == ("F1.listed", "source:stripe")
    assert found.figures["missing"] == "2 differences"


def test_lists_of_one_source_are_one_comparison_whatever_their_files_are_called() -> None:
    bad = run("subscriptions", "3", within=False, causes={"item": 2}, theirs="the list in 1.json", source="stripe")
    good = run("subscriptions", "0", within=True, causes={}, theirs="the list in 2.json", source="stripe")
    other = run("subscriptions", "0", within=True, causes={}, theirs="the list in 3.json", source="stripe:old")
    (found,) = drifted.drifts([good, bad, other], BOUNDS)
    # The same cause as what the source itself is found to lack.
    assert (found.rule, found.cause) == ("F6.drift", "source:stripe")
    assert drifted.drifts([bad, good], BOUNDS) == []


# ----- shares


@pytest.mark.parametrize(
    ("off", "past_off", "rare"),
    [(1, 0, False), (2, 0, True), (3, 40, False), (12, 40, True), (5, 300, False)],
)
def test_a_share_is_rare_against_the_past_of_its_source(off: int, past_off: int, *, rare: bool) -> None:
    """Of 100 things of a day, where 6,000 are known."""
    counted = Counted("native", 100, off, 6_000, past_off, datetime(2025, 3, 1))
    assert is_rare(counted, BOUNDS) is rare


def test_what_has_no_past_is_not_judged() -> None:
    assert not is_rare(Counted("native", 100, 50, 20, 0, datetime(2025, 3, 1)), BOUNDS)
