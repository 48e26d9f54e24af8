"""Findings become alerts: grouped by root cause, told once, silenced, acknowledged, resolved; all of it kept."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import msgspec
import pytest

import mrr.watch.told as told
from mrr import Book
from mrr.book import clock
from mrr.errors import WrongUse
from mrr.policy import standard
from mrr.watch.alerts import Alert, Board, Patience, turn
from mrr.watch.delivery import due
from mrr.watch.finding import Finding, Urgency
from mrr.watch.remedies import remedies
from mrr.watch.settings import Settings, micros, settings, span
from tests.api.conftest import told as customer

NOON = datetime(2026, 11, 20, 12)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PATIENCE = Patience(clear_after=30 * MINUTE, again_within=HOUR, resolved_holds=3 * DAY)


def seen(
    rule: str = "F1.silent",
    cause: str = "source:native",
    urgency: Urgency = "page",
    begins_at: datetime = NOON,
    customers: Sequence[str] = (),
    plans: Sequence[str] = (),
) -> Finding:
    return Finding(rule, cause, urgency, f"{rule} of {cause}", begins_at, customers=customers, plans=plans)


class Desk:
    """A board that lives through turns, without a store."""

    def __init__(self) -> None:
        self.board = Board()
        self.numbers = count(1)

    def turn(self, at: datetime, *findings: Finding) -> list[told.Said]:
        decided = list(turn(self.board, findings, at, PATIENCE))
        self.happen(at, *decided)
        return [said for _, said in decided]

    def happen(self, at: datetime, *decided: tuple[int, told.Said], actor: str = told.WATCH) -> None:
        self.board.fold(told.Event(next(self.numbers), alert, at, actor, said) for alert, said in decided)

    def only(self) -> Alert:
        (alert,) = self.board.alerts.values()
        return alert


def test_the_same_finding_turn_by_turn_is_one_alert_and_one_event() -> None:
    desk = Desk()
    assert [type(said) for said in desk.turn(NOON, seen())] == [told.Opened]
    for minute in range(1, 60):
        assert desk.turn(NOON + minute * MINUTE, seen()) == []
    assert desk.only().state == "open"
    assert len(desk.only().history) == 1


def test_findings_of_one_cause_are_one_alert_as_urgent_as_the_most_urgent() -> None:
    desk = Desk()
    desk.turn(NOON, seen("F5.late", urgency="ticket"), seen("slo.arrival", urgency="ticket"), seen("F1.silent"))
    assert desk.only().urgency == "page"
    assert desk.only().rules == ["F1.silent", "F5.late", "slo.arrival"]


def test_a_symptom_of_the_same_customers_or_plan_joins_its_root_cause() -> None:
    desk = Desk()
    root = seen("F2.twin", "source:native", customers=["n/a", "n/b"], plans=["n/pro"])
    symptoms = [
        seen("movement.large_new", "customer:n/a", "ticket", customers=["n/a"]),
        seen("anomaly.new", "plan:n/pro", "ticket", plans=["n/pro"]),
    ]
    other = seen("movement.large_churn", "customer:n/c", customers=["n/c"])
    desk.turn(NOON, *symptoms, root, other)
    assert [alert.cause for alert in desk.board.alerts.values()] == ["source:native", "customer:n/c"]
    assert desk.board.alerts[1].rules == ["F2.twin", "anomaly.new", "movement.large_new"]
    # The symptom is still seen after its root is not: it stays where it was.
    desk.turn(NOON + MINUTE, *symptoms, other)
    assert len(desk.board.alerts) == 2


@pytest.mark.parametrize("why", ["F1.silent", "F1.listed", "F5.late", "F6.drift"])
def test_an_alert_that_misses_something_is_called_by_why_once_that_is_seen(why: str) -> None:
    desk = Desk()
    desk.turn(NOON, seen("F1.turn"), seen("F2.repeated", begins_at=NOON - HOUR))
    assert (desk.only().rule, desk.only().rules) == ("F2.repeated", ["F2.repeated", "F1.turn"])
    desk = Desk()
    desk.turn(NOON, seen("F1.turn"))
    desk.turn(NOON + MINUTE, seen("F1.turn"), seen("F2.repeated", begins_at=NOON - HOUR))
    assert (desk.only().rule, desk.only().summary) == ("F1.turn", "F1.turn of source:native")
    desk.turn(NOON + 2 * MINUTE, seen("F1.turn"), seen(why, urgency="ticket"))
    assert (desk.only().alert_id, desk.only().rule, desk.only().urgency) == (1, why, "page")
    assert desk.only().summary == f"{why} of source:native"
    assert desk.only().rules == [why, "F1.turn"]
    # The cause is known from then on, though it be seen no more; what was first seen stays in the history.
    desk.turn(NOON + 3 * MINUTE, seen("F1.turn"))
    assert (desk.only().rule, desk.only().rules) == (why, [why, "F1.turn"])
    opened = desk.only().history[0].said
    assert isinstance(opened, told.Opened)
    assert [one.rule for one in opened.findings] == ["F1.turn"]


@pytest.mark.parametrize("left", [[], [seen("anomaly.entries")]], ids=["all gone", "a symptom left"])
def test_what_the_remedy_brings_gives_an_alert_no_other_name(left: list[Finding]) -> None:
    desk = Desk()
    desk.turn(NOON, seen("F1.turn"), seen("anomaly.entries"))
    desk.turn(NOON + MINUTE, *left)
    desk.turn(NOON + 2 * MINUTE, seen("F5.late"), seen("F2.redelivered"))
    assert (desk.only().rule, desk.only().rules) == ("F1.turn", ["F1.turn", "F2.redelivered", "F5.late"])


def test_a_symptom_that_came_first_is_called_by_its_root() -> None:
    desk = Desk()
    desk.turn(NOON, seen("anomaly.entries", urgency="ticket"))
    desk.turn(NOON + MINUTE, seen("anomaly.entries", urgency="ticket"), seen("slo.freshness"))
    assert desk.only().rule == "slo.freshness"
    desk.turn(NOON + 2 * MINUTE, seen("F1.silent"), seen("slo.freshness"))
    assert desk.only().rules == ["F1.silent", "slo.freshness"]


def test_what_began_long_before_its_supposed_root_stands_for_itself() -> None:
    desk = Desk()
    old = seen("movement.large_churn", "customer:n/a", begins_at=NOON - 3 * DAY, customers=["n/a"])
    desk.turn(NOON, seen(customers=["n/a"]), old)
    assert len(desk.board.alerts) == 2


def test_it_is_resolved_once_it_is_gone_for_long_enough_and_not_by_a_flicker() -> None:
    desk = Desk()
    desk.turn(NOON, seen())
    assert desk.turn(NOON + MINUTE) == [told.Faded()]
    assert [type(said) for said in desk.turn(NOON + 20 * MINUTE, seen())] == [told.Seen]
    desk.turn(NOON + 21 * MINUTE)
    assert desk.turn(NOON + 50 * MINUTE) == []
    desk.turn(NOON + 51 * MINUTE)
    assert (desk.only().state, desk.only().resolved_by) == ("resolved", told.WATCH)


def test_what_comes_back_soon_is_the_same_alert_and_later_another() -> None:
    desk = Desk()
    desk.turn(NOON, seen())
    desk.turn(NOON + MINUTE)
    desk.turn(NOON + 40 * MINUTE)
    assert desk.only().state == "resolved"
    desk.turn(NOON + HOUR, seen())
    assert desk.only().state == "open"
    desk.turn(NOON + HOUR + MINUTE)
    desk.turn(NOON + 2 * HOUR)
    desk.turn(NOON + 4 * HOUR, seen())
    assert sorted(desk.board.alerts) == [1, 2]


def test_what_a_person_resolved_is_left_alone_until_something_new_begins() -> None:
    desk = Desk()
    desk.turn(NOON, seen(urgency="ticket"))
    desk.happen(NOON + HOUR, (1, told.Resolved("a planned change")), actor="ada")
    assert desk.turn(NOON + 2 * HOUR, seen(urgency="ticket")) == []
    # More urgent, begun since, or still there after three days: each is news.
    for at, finding in (
        (NOON + 2 * HOUR, seen(urgency="page")),
        (NOON + 2 * HOUR, seen(urgency="ticket", begins_at=NOON + 90 * MINUTE)),
        (NOON + 4 * DAY, seen(urgency="ticket")),
    ):
        assert [type(said) for _, said in turn(desk.board, [finding], at, PATIENCE)] == [told.Opened]


# ----- who is told


def route(text: str, folder: Path) -> Settings:
    """The settings of a book with this in its watch.toml."""
    (folder / "watch.toml").write_text(text)
    return settings(folder)


ROUTES = """
[routes.phone]
urls = ["json://127.0.0.1/"]
urgency = ["page"]
[routes.desk]
urls = ["json://127.0.0.1/"]
"""


def stages(desk: Desk, meant: Settings, at: datetime) -> list[tuple[str, str]]:
    return [(one.route, one.stage) for one in due(desk.board, meant, at)]


def test_pages_are_told_at_once_tickets_once_they_last(tmp_path: Path) -> None:
    desk, meant = Desk(), route(ROUTES, tmp_path)
    desk.turn(NOON, seen(urgency="ticket"))
    assert stages(desk, meant, NOON) == []
    assert stages(desk, meant, NOON + 5 * MINUTE) == [("desk", "opened")]
    desk.happen(NOON + 5 * MINUTE, (1, told.Sent("desk", "opened", "ticket")))
    assert stages(desk, meant, NOON + 6 * MINUTE) == []
    # It grows into a page: the telephone hears of it for the first time, the desk that it is urgent now.
    desk.turn(NOON + 7 * MINUTE, seen(urgency="ticket"), seen("F2.twin"))
    assert stages(desk, meant, NOON + 7 * MINUTE) == [("phone", "opened"), ("desk", "paged")]


def test_only_who_heard_that_it_began_hears_that_it_is_over(tmp_path: Path) -> None:
    desk, meant = Desk(), route(ROUTES, tmp_path)
    desk.turn(NOON, seen(urgency="ticket"))
    desk.happen(NOON + 5 * MINUTE, (1, told.Sent("desk", "opened", "ticket")))
    desk.happen(NOON + HOUR, (1, told.Resolved("mended")), actor="ada")
    assert stages(desk, meant, NOON + HOUR) == [("desk", "resolved")]
    desk.happen(NOON + HOUR, (1, told.Sent("desk", "resolved", "ticket")))
    assert stages(desk, meant, NOON + HOUR) == []


def test_silences_and_maintenance_keep_and_tell_afterwards(tmp_path: Path) -> None:
    desk = Desk()
    window = (
        '[[maintenance]]\nstarts_at = 2026-11-20T11:00:00Z\nends_at = 2026-11-20T13:00:00Z\nmatching = "source:*"\n'
    )
    meant = route(ROUTES + window, tmp_path)
    desk.turn(NOON, seen(), seen("F4.rate_off", "rate:EUR"))
    assert {one.alert.cause for one in due(desk.board, meant, NOON)} == {"rate:EUR"}
    desk.happen(NOON, (0, told.Silenced("F4.*", NOON + 2 * HOUR, "known")), actor="ada")
    assert stages(desk, meant, NOON + MINUTE) == []
    assert {one.alert.cause for one in due(desk.board, meant, NOON + HOUR)} == {"source:native"}
    assert len({one.alert.cause for one in due(desk.board, meant, NOON + 2 * HOUR)}) == 2


def test_a_silence_that_is_lifted_ends_before_its_time(tmp_path: Path) -> None:
    desk, meant = Desk(), route(ROUTES, tmp_path)
    desk.turn(NOON, seen(), seen("F4.rate_off", "rate:EUR"))
    for matching in ("F4.*", "source:*"):
        desk.happen(NOON, (0, told.Silenced(matching, NOON + 5 * HOUR, "known")), actor="ada")
    assert stages(desk, meant, NOON + HOUR) == []
    desk.happen(NOON + HOUR, (0, told.Lifted("F4.*", "mended sooner")), actor="bob")
    assert {one.alert.cause for one in due(desk.board, meant, NOON + HOUR)} == {"rate:EUR"}
    assert [one.ends_at for one in desk.board.silences] == [NOON + HOUR, NOON + 5 * HOUR]
    # One that is said anew holds.
    desk.happen(NOON + HOUR, (0, told.Silenced("F4.*", NOON + 3 * HOUR, "again")), actor="ada")
    assert stages(desk, meant, NOON + 2 * HOUR) == []


# ----- settings


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[rules.large_churn]\nat_least = 'ten'", "rules"),
        ("[rules.large_churn]\nat_most = '5'", "at_most"),
        ("[rules.mine]\nwatches = 'metric'\nmetric = 'nrr'\nurgency = 'page'", "rules.mine"),
        ("[rules.mine]\nwatches = 'weather'\nurgency = 'page'", "rules"),
        ("[alerting]\nhold = '5 minutes'", "alerting"),
        ("[routes.phone]\nurls = []", "routes.phone"),
        ("[route.phone]\nurls = ['x://']", "route"),
        ("[[maintenance]]\nstarts_at = 2026-01-02T00:00:00Z\nends_at = 2026-01-01T00:00:00Z", "window 1"),
    ],
)
def test_a_mistake_in_the_settings_is_told_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(WrongUse, match=place) as raised:
        route(text, tmp_path)
    assert "watch.toml" in str(raised.value)


def test_spans_and_amounts() -> None:
    assert span("90m") == timedelta(minutes=90)
    assert micros("12.5", 0) == 12_500_000
    assert micros("-10%", 1_000_000_000) == -100_000_000
    with pytest.raises(WrongUse):
        span("soon")


# ----- in a book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Twenty customers of 100 since last year."""
    with Book.create(tmp_path / "book", policy=standard()) as made:
        tell(made, *(customer(f"c{number}", "2025-01-10T00:00:00Z", "100") for number in range(20)))
        yield made


def tell(book: Book, *facts: object) -> None:
    book.append_bodies([msgspec.json.encode(fact) for fact in facts], source="native")


def test_a_large_movement_and_a_quarantined_entry_open_alerts_with_evidence_and_remedy(book: Book) -> None:
    now = clock.now()
    tell(book, customer("big", f"{now.isoformat()}Z", "1000"), {"fact": "weather"})
    opened = book.watch().opened
    assert len(opened) == 2
    large = next(alert for alert in book.alerts() if alert.cause == "customer:native/big")
    assert large.findings[0].figures == {"amount": "+1,000.00 USD", "told from": "750.00 USD"}
    assert (large.entries, large.plans) == ([21], ["native/pro"])
    lost = next(alert for alert in book.alerts() if alert.cause == "quarantined:native")
    assert lost.entries == [22]
    assert [remedy.command for remedy in remedies(lost)] == ["mrr build"]
    assert book.watch().opened == []


def test_a_bound_in_watch_toml_is_the_one_that_counts(book: Book) -> None:
    (book.folder / "watch.toml").write_text('[rules.large_new]\nat_least = "5000"\n')
    tell(book, customer("big", f"{clock.now().isoformat()}Z", "4000"))
    assert book.watch().opened == []
    (book.folder / "watch.toml").write_text('[rules.large_new]\nat_least = "3999.99"\n')
    assert len(book.watch().opened) == 1


def test_many_of_one_plan_on_one_day_are_one_alert(book: Book) -> None:
    now = f"{clock.now().isoformat()}Z"
    (book.folder / "watch.toml").write_text('[rules.large_new]\nat_least = "10"\n')
    tell(book, *(customer(f"n{number}", now, "100") for number in range(4)))
    book.watch()
    (alert,) = book.alerts()
    assert (alert.cause, len(alert.customers)) == ("plan:native/pro", 4)


def test_a_metric_below_its_bound_is_told_after_its_period(book: Book) -> None:
    (book.folder / "watch.toml").write_text(
        '[rules.few]\nwatches = "metric"\nmetric = "customers"\ninterval = "day"\nbelow = "21"\nurgency = "page"\n'
    )
    book.watch()
    (alert,) = book.alerts()
    assert alert.findings[0].figures == {"customers": "20", "told below": "21"}


def test_everything_is_kept_and_another_process_sees_it(book: Book) -> None:
    tell(book, {"fact": "weather"})
    book.watch()
    book.acknowledge(alert=1, author="ada", reason="looking")
    until = book.silence(matching="1", ends_at="2099-01-01", author="ada", reason="known")
    folder = book.folder
    book.close()
    with Book(folder) as again:
        (alert,) = again.alerts(state="acknowledged")
        assert (alert.acknowledged_by, alert.reason, until.year) == ("ada", "looking", 2099)
        again.resolve(alert=1, author="bob", reason="sent again")
        assert again.alerts(state="standing") == []
        assert [type(event.said).__name__ for event in again.alert(alert=1).history] == [
            "Opened",
            "Acknowledged",
            "Resolved",
        ]
        assert again.watch().opened == []


def test_what_makes_no_sense_is_refused_and_changes_nothing(book: Book) -> None:
    tell(book, {"fact": "weather"})
    book.watch()
    book.resolve(alert=1, author="ada", reason="done")
    for attempt in (
        lambda: book.alert(alert=9),
        lambda: book.acknowledge(alert=1, author="ada"),
        lambda: book.resolve(alert=1, author="ada", reason="again"),
        lambda: book.acknowledge(alert=1, author=" "),
        lambda: book.silence(matching="*", ends_at="2020-01-01", author="ada", reason="x"),
        lambda: book.silence(matching="*", ends_at="2099-01-01", author="ada", reason=" "),
    ):
        with pytest.raises(WrongUse):
            attempt()
    assert len(book.alert(alert=1).history) == 2


def test_a_watcher_that_cannot_look_is_itself_an_alert(book: Book) -> None:
    book.ledger().execute("ALTER TABLE ledger.value RENAME TO away")
    found = book.watch().findings
    assert ("watch.broken", "page") in {(one.rule, one.urgency) for one in found}


def test_a_digest_tells_the_day_that_is_over(book: Book) -> None:
    yesterday = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=3)
    tell(book, customer("fresh", f"{yesterday.isoformat()}Z", "300"))
    found = book.digest(which="daily")
    assert found.row is not None
    assert (found.row.new_micros, found.row.closing_micros) == (300_000_000, 2_300_000_000)
    assert "fresh: new +300.00" in found.text()
    assert json.loads(msgspec.json.encode(found))["which"] == "daily"
