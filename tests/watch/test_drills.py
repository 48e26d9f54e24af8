"""Drills: each mishap does what it says, the watchers notice, on-call mends, and the ledger ends as the truth."""

import ast
import json
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import mrr.watch
from mrr import Book
from mrr.book import clock
from mrr.cli.main import run
from mrr.derivation.engine import engine
from mrr.drills import CONTROL, PLAYS, Rehearsed
from mrr.drills.load import copied, load, seconds, toml
from mrr.drills.run import Ground, _staged, drill, ground
from mrr.errors import WrongUse
from mrr.policy import standard
from mrr.simulate import mishaps
from mrr.simulate.mishaps import Sent, Stretch
from mrr.watch.alerts import Alert
from mrr.watch.drilled import Drilled, latest
from tests.api.conftest import told
from tests.watch.rehearsed import outcome

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
SMALL = Rehearsed(seed=3, customers=120, hours=16, every=timedelta(hours=2))
# The size of the table in docs/game-day.md.
WHOLE = Rehearsed(seed=1, customers=400, hours=48, every=timedelta(hours=2))
PAST = load(3, 300, date(2026, 2, 1), timedelta(hours=48), timedelta(hours=8))
BEGIN = seconds(PAST.begins_at)
DAY = Stretch(BEGIN, BEGIN + 24 * 3600)


def ids(stream: list[Sent]) -> list[str]:
    return [one.event["id"] for one in stream]


def inside(stream: list[Sent]) -> list[Sent]:
    return [one for one in stream if DAY.holds(one)]


# ----- what goes wrong


def test_the_load_begins_on_two_working_days_with_a_past() -> None:
    assert PAST.begins_at.weekday() < 4
    assert len([one for one in PAST.stream if one.at < BEGIN]) > 1_000
    assert len(inside(list(PAST.stream))) > 10
    assert [one.at for one in PAST.stream] == sorted(one.at for one in PAST.stream)


@pytest.mark.parametrize("seed", range(5))
def test_the_load_bills_a_part_of_a_period_soon_after_the_strike(seed: int) -> None:
    past = load(seed, 120, date(2026, 2, 1), timedelta(hours=32), timedelta(hours=8))
    begin = seconds(past.begins_at)
    assert mishaps.parts(past.stream, Stretch(begin + 8 * 3600, begin + 20 * 3600))
    assert past.ends_at == past.begins_at + timedelta(hours=32)


def test_a_drill_without_time_for_trouble_is_refused() -> None:
    with pytest.raises(WrongUse, match="60 customers cause too little"):
        load(3, 60, date(2026, 2, 1), timedelta(hours=12), timedelta(hours=24))


def test_what_is_lost_is_missing_and_nothing_else() -> None:
    left = mishaps.lost(PAST.stream, DAY)
    assert inside(left) == []
    assert set(ids(list(PAST.stream))) - set(ids(left)) == set(ids(inside(list(PAST.stream))))


def test_what_is_doubled_comes_again_under_another_id() -> None:
    stream = mishaps.doubled(PAST.stream, DAY)
    again = [one for one in stream if one.event["id"].endswith("_again")]
    assert [one.event["data"] for one in again] == [one.event["data"] for one in inside(list(PAST.stream))]
    assert len(set(ids(stream))) == len(stream) == len(PAST.stream) + len(again)


def test_what_is_delayed_arrives_whole_when_it_is_over() -> None:
    stream = mishaps.delayed(PAST.stream, DAY)
    assert sorted(ids(stream)) == sorted(ids(list(PAST.stream)))
    assert inside(stream) == []


def test_what_drifts_are_changes_of_subscriptions_alone() -> None:
    gone = set(ids(list(PAST.stream))) - set(ids(mishaps.drifting(PAST.stream, DAY)))
    kinds = {one.event["type"] for one in PAST.stream if one.event["id"] in gone}
    assert kinds
    assert kinds <= {"customer.subscription.updated", "customer.subscription.deleted"}


def test_prorations_are_billed_half_as_much_again_and_put_right() -> None:
    whole = Stretch(0, DAY.ends_at)
    wrong, right = mishaps.misprorated(PAST.stream, whole), {one.event["id"]: one for one in PAST.stream}
    changed = [one for one in wrong if one.event != right[one.event["id"]].event]
    assert changed
    for one in changed:
        pairs = zip(lines(one), lines(right[one.event["id"]]), strict=True)
        assert any(new != old and new == old * 3 // 2 for new, old in pairs)
    mended = {one.event["data"]["object"]["id"]: one for one in mishaps.corrected(PAST.stream, whole, DAY.ends_at)}
    assert set(mended) == {one.event["data"]["object"]["id"] for one in changed}


def lines(one: Sent) -> list[int]:
    return [line["amount"] for line in one.event["data"]["object"]["lines"]["data"]]


def test_in_an_outage_every_charge_fails_and_succeeds_later() -> None:
    stream = mishaps.outage(PAST.stream, DAY)
    charges = [one for one in inside(list(PAST.stream)) if one.event["type"] == "charge.succeeded"]
    failed = [one for one in stream if one.event["id"].endswith("_failed")]
    assert charges
    assert len(failed) == len(charges)
    assert {one.event["data"]["object"]["status"] for one in failed} == {"failed"}
    assert not [one for one in inside(stream) if one.event["type"] == "charge.succeeded"]
    assert set(ids(list(PAST.stream))) <= set(ids(stream))


def test_a_storm_is_the_day_before_ten_times() -> None:
    two_hours = Stretch(BEGIN, BEGIN + 7200)
    stream = mishaps.stormed(PAST.stream, two_hours)
    day_before = [one for one in PAST.stream if BEGIN - 86_400 <= one.at < BEGIN]
    assert len(stream) == len(PAST.stream) + 10 * len(day_before)
    more = [one for one in stream if two_hours.holds(one)]
    assert len(more) >= 10 * len(day_before) > 0


# ----- the scratch book


def test_a_copy_leaves_the_book_alone_and_nobody_of_it_is_told(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies([json.dumps(told("ann", "2026-01-10T00:00:00Z", "100")).encode()], source="native")
        kept = '[signals]\nodds = 7\npage = ["F1.turn"]\n[rules.large_new]\nenabled = false\n'
        (book.folder / "watch.toml").write_text(f'[routes.phone]\nurls = ["PHONE"]\n{kept}')
        before = book.verify()
        copied(book.folder, tmp_path / "copy")
        assert book.verify() == before
    with Book(tmp_path / "copy") as copy:
        assert copy.verify().ledger_digest == before.ledger_digest
    assert tomllib.loads((tmp_path / "copy" / "watch.toml").read_text()) == tomllib.loads(kept)
    assert tomllib.loads("".join(toml({"a": {"b": {"c": [1, "x"]}}, "link": "y"}))) == {
        "a": {"b": {"c": [1, "x"]}},
        "link": "y",
    }


def test_a_standing_clock_stands_for_this_thread_and_goes_on_afterwards() -> None:
    moment = datetime(2031, 1, 1)
    with clock.standing(moment):
        assert (clock.now(), clock.now_micros()) == (moment, int(moment.replace(tzinfo=UTC).timestamp()) * 1_000_000)
    assert clock.now() < moment


def test_no_watcher_knows_of_the_drills() -> None:
    """The detectors never read what the injector did: they import neither it nor the simulator."""
    modules = sorted(Path(mrr.watch.__file__).parent.rglob("*.py"))
    assert len(modules) > 15
    for path in modules:
        names = {
            name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
            + ([f"{node.module}"] if isinstance(node, ast.ImportFrom) else [])
        }
        assert not [name for name in names if name.startswith(("mrr.drills", "mrr.simulate"))], path


# ----- what is kept of them


def test_a_book_keeps_what_came_of_each_drill(tmp_path: Path) -> None:
    now = datetime(2026, 11, 22, 6)
    results = [outcome("F5"), outcome("F4", passed=False), outcome("F5", detected=120)]
    with Book.create(tmp_path / "book", policy=standard()) as book:
        assert book.drills() == []
        for hour, one in enumerate(results):
            with clock.standing(now + timedelta(hours=hour)):
                book.keep_drill(found=one)
    with Book(tmp_path / "book") as again:
        kept = again.drills()
        assert [(one.drill_id, one.drill, one.ran_at.hour) for one in kept] == [
            (3, "F5", 8),
            (2, "F4", 7),
            (1, "F5", 6),
        ]
        names = Drilled.__struct_fields__
        assert [{name: getattr(one, name) for name in names} for one in reversed(kept)] == [
            {name: getattr(one, name) for name in names} for one in results
        ]
        assert [(one.drill, one.detected_minutes) for one in latest(kept)] == [("F4", 840), ("F5", 120)]
        assert [one.drill_id for one in again.drills(drill="F4")] == [2]
        # It is no entry: the journal and the ledger know nothing of it.
        assert again.journal.head().seq == 0


def test_the_command_keeps_each_result_with_the_book_that_was_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    folder = tmp_path / "book"
    Book.create(folder, policy=standard()).close()
    asked: list[tuple[Sequence[str], Rehearsed, Path | None]] = []

    def played(names: Sequence[str], how: Rehearsed, of: Path | None, _: object) -> Iterator[Drilled]:
        asked.append((names, how, of))
        yield outcome("F5")
        yield outcome("F4", passed=False)

    monkeypatch.setattr("mrr.cli.drills.drills", played)
    assert run(["drill", "all", "--seed", "9", "--every", "30m", "--book", str(folder)]) == 1
    assert asked == [([*PLAYS, CONTROL], Rehearsed(9, 600, 48, timedelta(minutes=30)), folder)]
    assert "2 drills, 1 failed" in capsys.readouterr().out
    assert run(["drills", "--book", str(folder)]) == 0
    first, second = capsys.readouterr().out.splitlines()[2:]
    for words in ("F4", "FAILED", "14 h 00 min", "F5.late"):
        assert words in first
    assert "passed" in second
    assert "18 h 00 min" in second
    assert run(["drills", "F5", "--book", str(folder), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["alerts"][0]["named"], told["drill_id"], told["customers"], told["seed"]) == ("F5.late", 1, 400, 3)
    assert run(["drills", "F9", "--book", str(folder)]) == 2
    # On a new book nothing is kept anywhere.
    assert run(["drill", "F5"]) == 1
    with Book(folder) as book:
        assert len(book.drills()) == 2


# ----- the drills themselves


@pytest.fixture(scope="module")
def place() -> Iterator[Ground]:
    with ground(SMALL) as made:
        yield made


def test_a_control_run_alerts_nobody(place: Ground) -> None:
    found = drill(CONTROL, place)
    assert (found.alerts, found.messages, found.equal, found.passed) == ([], 0, True, True)
    assert found.detected_minutes is None
    assert (found.engine, found.seed, found.customers, found.hours, found.every_minutes) == (engine(), 3, 120, 16, 120)


def test_a_storm_is_noticed_once_and_the_ledger_is_the_truth(place: Ground) -> None:
    found = drill("storm", place)
    assert found.passed
    assert found.ledger_digest == found.truth_digest
    assert found.messages == 1
    assert [alert.rules[0] for alert in found.alerts if alert.told] == ["F2.redelivered"]
    assert found.detected_minutes is not None
    assert found.recovered_minutes is not None
    assert found.detected_minutes < found.recovered_minutes


def test_a_wrong_rate_makes_the_ledger_wrong_and_a_correction_makes_it_right(place: Ground) -> None:
    """The remedy of F4: what the entry tells is corrected in place, so that no two entries contradict each other."""
    with _staged(place, "wrong") as stage, _staged(place, "right") as truth:
        begins_at = place.load.begins_at
        PLAYS["F4"].strike(stage, begins_at, begins_at)
        for one in (stage, truth):
            one.go_on(begins_at + timedelta(hours=18), reconcile=False)
        assert stage.digest() != truth.digest()
        assert "F4.rate_off" in stage.signalled()
        with clock.standing(stage.now):
            found = [one for one in stage.book.signals() if one.rule == "F4.rate_off"]
        alert = Alert(1, "rate:EUR", "open", "ticket", "", begins_at, begins_at, found, entries=[*found[0].entries])
        PLAYS["F4"].mend(stage, begins_at, [alert])
        assert stage.digest() == truth.digest()
        assert "F4.rate_off" not in stage.signalled()
        with clock.standing(stage.now):
            assert [edit.verb for edit in stage.book.edits()] == ["correct"]
            stage.watch()
            assert not [one for one in stage.standing() if "outcome.conflicting" in one.rules]


@pytest.fixture(scope="module")
def whole() -> Iterator[Ground]:
    with ground(WHOLE) as made:
        yield made


# What tells of each failure, first and besides, in one alert.
TELLS = {
    "F1": {"F1.turn", "slo.arrival"},
    "F2": {"F2.repeated"},
    "F3": {"F3.prorated", "slo.proration"},
    "F4": {"F4.rate_off"},
    "F5": {"F1.turn", "F5.late", "slo.arrival"},
    "F6": {"F1.turn"},
    "storm": {"F2.redelivered"},
    "gateway-outage": {"slo.payment"},
}
# What each is called by in the end, where that is not what was seen first.
CALLED = {"F5": "F5.late"}


@pytest.mark.soak
@pytest.mark.parametrize("name", PLAYS)
def test_every_drill_passes(whole: Ground, name: str) -> None:
    found = drill(name, whole)
    assert found.passed
    assert [alert.named for alert in found.alerts if alert.told] == [CALLED.get(name, found.alerts[0].rules[0])]
    assert TELLS[name] <= {rule for alert in found.alerts if alert.told for rule in alert.rules}


@pytest.mark.soak
def test_a_control_run_of_the_same_length_alerts_nobody(whole: Ground) -> None:
    found = drill(CONTROL, whole)
    assert (found.alerts, found.messages, found.passed) == ([], 0, True)


def test_a_drill_that_there_is_not_and_a_pace_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WrongUse):
        drill("F9", Ground(Path(), PAST, SMALL))
    assert run(["drill", "F9"]) == 2
    assert "F1, F2" in capsys.readouterr().err
    assert run(["drill", "F1", "--every", "3s"]) == 2
