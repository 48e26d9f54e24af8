"""Who watches the watchers: a scrape has alerts that stand, messages that do not arrive, and when a turn ended last."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from mrr import Book
from mrr.api.telemetry import Telemetry
from mrr.book import clock
from mrr.live import Live
from mrr.period import micros_of
from mrr.policy import standard
from mrr.watch.exposition import families
from tests.api.conftest import told
from tests.watch.sinks import http

# Apprise loads a module of the standard library that is going to leave it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
MINUTE = timedelta(minutes=1)
NOWHERE = "[routes.phone]\nurls = []\n"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A book with a history and an entry that cannot be read."""
    with Book.create(tmp_path / "book", policy=standard()) as made:
        facts = [told("acme", "2025-01-10T00:00:00Z", "100"), {"fact": "weather"}]
        made.append_bodies([msgspec.json.encode(fact) for fact in facts], source="native")
        yield made


def standing(book: Book) -> dict[tuple[str, str], float]:
    """What a scrape has of the alerts, by urgency and state."""
    (found,) = [one for one in families(book.gauges()) if one.name == "mrr_alerts"]
    return {(one.labels["urgency"], one.labels["state"]): one.value for one in found.samples}


def waiting(book: Book) -> list[float]:
    """What a scrape has of the messages that wait, if anything."""
    return [
        one.value for each in families(book.gauges()) if each.name == "mrr_messages_waiting" for one in each.samples
    ]


def test_alerts_are_counted_by_urgency_and_state_and_messages_until_they_arrive(book: Book) -> None:
    none = {(urgency, state): 0 for urgency in ("page", "ticket") for state in ("open", "acknowledged")}
    assert (standing(book), waiting(book)) == (none, [0])
    with http() as hook:
        text = f'[rules.quarantined]\nurgency = "page"\n[routes.hook]\nurls = ["{hook.address}"]\n'
        (book.folder / "watch.toml").write_text(text)
        hook.status, begin = 500, clock.now()
        with clock.standing(begin):
            book.watch()
            # It waits also while no try is due.
            assert (standing(book), waiting(book)) == (none | {("page", "open"): 1}, [1])
        with clock.standing(begin + 2 * MINUTE):
            book.watch()
            book.acknowledge(alert=1, author="ada")
            # That it does not arrive is another alert, which does not arrive either.
            assert standing(book) == none | {("page", "open"): 1, ("page", "acknowledged"): 1}
            assert waiting(book) == [2]
        hook.status = 200
        with clock.standing(begin + 20 * MINUTE):
            book.watch()
            assert waiting(book) == [0]
        for minute in (21, 55):
            with clock.standing(begin + minute * MINUTE):
                book.watch()
        assert standing(book) == none | {("page", "acknowledged"): 1}


def test_settings_that_cannot_be_read_hide_no_other_figure(book: Book) -> None:
    mistyped = "[objectives.payment]\ntarget = 5\n"
    for unreadable, waits in ((NOWHERE, []), ("[objectives", []), (mistyped, [0])):
        (book.folder / "watch.toml").write_text(unreadable)
        assert waiting(book) == waits
        assert len(standing(book)) == 4


def watched(live: Live) -> list[float]:
    """What a scrape has of when the watchers finished a turn, if anything."""
    found = Telemetry(live).collect()
    return [one.value for each in found if each.name == "mrr_watched_timestamp_seconds" for one in each.samples]


def test_the_time_of_the_last_turn_stands_still_while_every_turn_fails(
    book: Book, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mrr.duty.pause", lambda _: 0.02)
    settings = book.folder / "watch.toml"

    async def failed(times: int) -> None:
        seen = len(caplog.records)
        while len(caplog.records) < seen + times:
            await asyncio.sleep(0.02)

    async def turns(live: Live) -> None:
        assert watched(live) == []
        async with asyncio.timeout(60), live.running():
            while live.watched_at is None:
                await asyncio.sleep(0.02)
            settings.write_text(NOWHERE)
            await failed(1)
            last = live.watched_at
            await failed(3)
            assert live.watched_at == last
            assert watched(live) == [micros_of(last) / 1_000_000]
            settings.unlink()
            while live.watched_at == last:
                await asyncio.sleep(0.02)

    # In a thread of its own, as another test of this process may have left a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, turns(Live(book))).result()
    assert all("leads nowhere" in (one.exc_text or "") for one in caplog.records)
