"""How the service itself went: what readings come to, and the page Debug beside what /metrics tells."""

import re
import time
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from mrr import Book, charts
from mrr.policy import standard
from mrr.watch.pulse import EVERY_S, KEPT, Pulse, Reading, Went
from tests.api.conftest import Service, ended, made, started, told

NOW = datetime(2026, 11, 22, 12)
BUCKETS = (0.1, 1.0)
ROUTE = r'data-live="routes".*<code>/charts/\{name\}\.json</code>'


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """A book with one customer."""
    found = Book.create(tmp_path / "book", policy=standard())
    found.append_bodies([msgspec.json.encode(told("acme", "2025-01-10T00:00:00Z", "100"))], source="native")
    return found


def reading(seconds: int, entries: int = 0, **more: object) -> Reading:
    """A reading so many seconds after NOW."""
    known = {"posted": entries, "waiting": 0, "cpu_s": 0.0, "memory_bytes": 1 << 20, "files": 9, "answers": {}}
    return msgspec.convert({"at": NOW + timedelta(seconds=seconds), "entries": entries} | known | more, Reading)


def went(book: Book, *readings: Reading, window: str = "1h", seconds: int = 60) -> Went:
    """What readings come to, so many seconds after NOW."""
    pulse = Pulse(BUCKETS)
    for one in readings:
        pulse.take(one)
    return pulse.went(window, NOW + timedelta(seconds=seconds), book.definition())


def answers(quick: int, slow: int, failed: int = 0) -> dict[tuple[str, str], list[int]]:
    """Answers by bucket: within 0.1 s, within 1 s, all; failures took longer."""
    return {("/v1/metrics", "2xx"): [quick, quick + slow, quick + slow], ("/v1/metrics", "5xx"): [0, 0, failed]}


def test_between_two_readings_everything_is_a_rate(book: Book) -> None:
    found = went(
        book,
        reading(0, 100, answers=answers(10, 0)),
        reading(30, 160, posted=150, waiting=3, cpu_s=15.0, answers=answers(60, 9, 1)),
    )
    (beat,) = found.rows
    assert (beat.entries, beat.answers, beat.failed, beat.cpu_share) == (2, 2, 1 / 30, 0.5)
    assert (beat.behind, beat.waiting, beat.files, beat.memory_bytes) == (10, 3, 9, 1 << 20)
    (route,) = found.routes
    # 60 answers: 50 within 0.1 s, 59 within 1 s, one that failed after it.
    assert (route.route, route.answers, route.failed) == ("/v1/metrics", 60, 1)
    assert (route.p50_s, route.p95_s) == (0.1, 1.0)


def test_what_is_beyond_the_last_bucket_has_no_end(book: Book) -> None:
    found = went(book, reading(0), reading(30, answers=answers(1, 0, 3)))
    assert [(one.p50_s, one.p95_s) for one in found.routes] == [(None, None)]


def test_a_window_has_its_own_readings_alone_and_the_oldest_go(book: Book) -> None:
    hours = [reading(EVERY_S * number, number) for number in range(KEPT + 50)]
    last = EVERY_S * (KEPT + 49)
    six, one = (went(book, *hours, window=name, seconds=last) for name in ("6h", "1h"))
    assert (len(six.rows), len(one.rows)) == (KEPT - 1, 120)
    assert six.starts_at == NOW + timedelta(seconds=last) - timedelta(hours=6)
    assert {beat.entries for beat in six.rows} == {1 / EVERY_S}


def test_counts_that_did_not_change_are_kept_once() -> None:
    pulse = Pulse(BUCKETS)
    for number in range(3):
        pulse.take(reading(number, answers=answers(5, 5)))
    kept = [one.answers["/v1/metrics", "2xx"] for one in pulse._readings]
    assert kept[0] is kept[1] is kept[2]


def test_each_chart_draws_what_it_names(book: Book) -> None:
    found = went(book, reading(0), reading(30, 90, cpu_s=3.0, answers=answers(30, 0)), reading(60, 90))
    for name, drawn in charts.WENT.items():
        spec = charts.went(found, name)
        assert spec["title"]["text"] == drawn.title
        values = [row for rows in spec["datasets"].values() for row in rows]
        assert {series.field for series in drawn.series} <= {key for row in values for key in row}


def test_the_page_debug_tells_of_a_running_service(tmp_path: Path) -> None:
    tokens = made(tmp_path / "book")
    process, url = started(tmp_path / "book")
    service = Service(url, tmp_path / "book", tokens, process)
    try:
        service.ready(3)
        with service.client() as client:
            until, page = time.monotonic() + 120, ""
            while not re.search(ROUTE, page, re.DOTALL):
                # A route is told from the reading on that comes after its first answer.
                assert time.monotonic() < until
                client.get("/charts/debug-cpu.json")
                time.sleep(0.5)
                page = client.get("/on-call/debug").text
            for name in charts.WENT:
                assert f"/charts/{name}.json?window=1h" in page
                assert client.get(f"/charts/{name}.json?window=1h").json()["layer"]
            assert 400 <= client.get("/on-call/debug?window=2h").status_code < 500
    finally:
        ended(process)
