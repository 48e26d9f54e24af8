"""What is offered for an alert: by its rules, and a rollback only where the policy was promoted shortly before."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from mrr import Book
from mrr.book import clock
from mrr.cli.main import run
from mrr.policy import standard
from mrr.watch import delivery
from mrr.watch.alerts import Alert
from mrr.watch.finding import Finding
from mrr.watch.remedies import ROLLBACK, remedies
from mrr.watch.settings import settings
from tests.api.conftest import told
from tests.governance.books import official

NOON = datetime(2026, 11, 20, 12)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def alert(*rules: str, cause: str = "source:native", opened_at: datetime = NOON) -> Alert:
    """An alert of these rules, begun at noon."""
    found = [Finding(rule, cause, "page", rule, NOON) for rule in rules]
    return Alert(1, cause, "open", "page", rules[0], NOON, opened_at, found, rule=rules[0])


def commands(of: Alert, promoted_at: datetime | None = None) -> list[str]:
    return [remedy.command for remedy in remedies(of, promoted_at)]


REPLAY = "mrr import ARCHIVE --as native"
BACKFILL = "mrr reconcile subscriptions --backfill"


@pytest.mark.parametrize(
    ("rule", "offered"),
    [
        ("slo.readable", ["mrr build"]),
        ("outcome.quarantined", ["mrr build"]),
        ("slo.drift", [BACKFILL]),
        ("F6.drift", [BACKFILL]),
        ("slo.freshness", [REPLAY]),
        ("F5.late", [REPLAY]),
        ("F5.unposted", ["mrr build"]),
        ("F1.silent", [REPLAY, "mrr reconcile subscriptions --source native --backfill"]),
        ("F2.twin", ["mrr verify"]),
        ("F2.redelivered", ["mrr verify"]),
        ("slo.payment", []),
        ("anomaly.entries", []),
    ],
)
def test_a_rule_has_its_remedies_whether_or_not_the_policy_changed(rule: str, offered: list[str]) -> None:
    assert commands(alert(rule)) == offered
    assert commands(alert(rule), NOON - HOUR) == offered


def test_several_rules_offer_each_remedy_once() -> None:
    assert commands(alert("slo.readable", "outcome.quarantined", "F2.twin")) == ["mrr build", "mrr verify"]


def test_only_a_cause_that_is_a_source_names_one() -> None:
    assert commands(alert("slo.freshness", cause="gateway:card_declined")) == ["mrr import ARCHIVE --as SOURCE"]


@pytest.mark.parametrize("rule", ["metric.net_new_low", "movement.large_churn", "anomaly.churn"])
@pytest.mark.parametrize(
    ("promoted_at", "offered"),
    [
        (None, False),
        (NOON - 7 * DAY - HOUR, False),
        (NOON - 7 * DAY, True),
        (NOON - HOUR, True),
        # What a promotion restates lies before it: the alert opens after it and begins earlier.
        (NOON + HOUR, True),
        (NOON + 3 * HOUR, False),
    ],
)
def test_a_rollback_is_offered_where_the_policy_was_promoted_shortly_before(
    rule: str, promoted_at: datetime | None, offered: bool
) -> None:
    assert (ROLLBACK.command in commands(alert(rule, opened_at=NOON + 2 * HOUR), promoted_at)) is offered


def test_a_metric_that_no_promotion_explains_still_has_its_bridge() -> None:
    assert commands(alert("metric.net_new_low")) == ["mrr bridge @2026-11-20 now"]


def test_a_message_offers_what_the_book_does() -> None:
    one, meant = alert("movement.large_churn"), settings(Path("nowhere"))
    assert ROLLBACK.command not in delivery.letter(one, "opened", meant).body
    assert ROLLBACK.command in delivery.letter(one, "opened", meant, promoted_at=NOON - HOUR).body


def test_a_book_offers_the_rollback_of_a_promotion_until_it_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        tell(book, *(told(f"c{number}", "2025-01-10T00:00:00Z", "100") for number in range(5)))
        official(book)
        # The first version has none before it.
        assert book.promoted_at() is None
        tell(book, told("big", f"{clock.now().isoformat()}Z", "1000"))
        book.watch()
        number = next(one.alert_id for one in book.alerts() if "movement.large_new" in one.rules)
        assert ROLLBACK not in book.offered(alert=number)
    with Book(tmp_path / "book") as book:
        before = clock.now()
        official(book, "now,gap=3")
        tell(book, told("huge", f"{clock.now().isoformat()}Z", "9000"))
        book.watch()
        promoted_at = book.promoted_at()
        assert promoted_at is not None
        assert before <= promoted_at <= clock.now()
        number = next(one.alert_id for one in book.alerts() if "native/huge" in one.customers)
        assert ROLLBACK in book.offered(alert=number)
        assert f"- `{ROLLBACK.command}`" in book.postmortem(alert=number).text()
    assert run(["alerts", str(number), "--book", str(tmp_path / "book")]) == 0
    assert "mrr policy rollback" in capsys.readouterr().out
    assert (
        run([*ROLLBACK.command.split()[1:-1], "it was that", "--author", "ann", "--book", str(tmp_path / "book")]) == 0
    )
    with Book(tmp_path / "book") as book:
        assert book.promoted_at() is None
        assert ROLLBACK not in book.offered(alert=number)


def tell(book: Book, *facts: object) -> None:
    book.append_bodies([msgspec.json.encode(fact) for fact in facts], source="native")
