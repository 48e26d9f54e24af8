"""What a day can be expected to bring, and days that are told to be out of the ordinary."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from mrr.book import Book
from mrr.errors import WrongUse
from mrr.policy import standard
from mrr.watch import seasons
from mrr.watch.bounds import bounds
from mrr.watch.chance import at_least, at_most
from mrr.watch.finding import Finding
from tests.watch.days import customers

DAYS = [date(2025, 1, 1) + timedelta(days=number) for number in range(183)]
FIRST = date(2025, 1, 1)


# ----- what is expected


def test_a_weekday_has_its_own_mean() -> None:
    counts = [20 if day.weekday() < 5 else 2 for day in DAYS[:-1]]
    assert DAYS[-1].weekday() == 2
    assert 17 <= seasons.expected(counts, seasons.traits(DAYS, {})).mean <= 22
    saturday = [*DAYS[3:], DAYS[-1] + timedelta(days=1), DAYS[-1] + timedelta(days=2), DAYS[-1] + timedelta(days=3)]
    assert saturday[-1].weekday() == 5
    counts = [20 if day.weekday() < 5 else 2 for day in saturday[:-1]]
    assert seasons.expected(counts, seasons.traits(saturday, {})).mean <= 4


def test_a_wave_of_contracts_that_end_is_expected_as_large_as_it_is() -> None:
    """Of every hundred contracts ten are not renewed: on a day on which five hundred end that is fifty."""
    due = {day: 100 if number % 30 == 5 else 10 for number, day in enumerate(DAYS)}
    counts = [due[day] // 10 for day in DAYS[:-1]]
    due[DAYS[-1]] = 500
    meant = seasons.expected(counts, seasons.traits(DAYS, {"year": due}))
    assert 40 <= meant.mean <= 55
    assert at_least(50, *meant) > Fraction(1, 20)
    without = seasons.expected(counts, seasons.traits(DAYS, {}))
    assert at_least(50, *without) < Fraction(1, 10_000)


def test_one_bad_day_is_no_season() -> None:
    rng = Random("one bad day")
    counts = [rng.choice((3, 4, 5, 6, 7)) for _ in DAYS[:-1]]
    clean = seasons.expected(counts, seasons.traits(DAYS, {}))
    counts[-7] = 400
    struck = seasons.expected(counts, seasons.traits(DAYS, {}))
    assert abs(struck.mean - clean.mean) < 2
    assert at_least(30, *struck) < Fraction(1, 10_000)


def test_a_book_that_grows_is_expected_to_grow() -> None:
    counts = [10 + number // 6 for number in range(len(DAYS) - 1)]
    assert 35 <= seasons.expected(counts, seasons.traits(DAYS, {})).mean <= 45


def test_where_nothing_was_ever_seen_little_is_expected_and_not_nothing() -> None:
    meant = seasons.expected([0] * (len(DAYS) - 1), seasons.traits(DAYS, {}))
    assert 0 < meant.mean < Fraction(1, 10)
    assert at_most(0, *meant) > Fraction(1, 2)


# ----- days of a book


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """Nine to twelve new customers a day for three months; a day with forty, one with a giant, one without any."""
    folder: Path = tmp_path_factory.mktemp("days") / "book"
    rng = Random("days of a book")
    days: dict[date, list[tuple[str, int]]] = {}
    for number in range(90):
        day = FIRST + timedelta(days=number)
        days[day] = [(rng.choice(("pro", "team")), 100) for _ in range(rng.choice((9, 10, 11, 12)))]
    days[date(2025, 3, 20)] = [("pro", 100)] * 40
    days[date(2025, 3, 27)] = []
    days[date(2025, 3, 25)].append(("team", 9_000))
    Book.create(folder, policy=standard()).close()
    with Book(folder) as opened:
        opened.append_bodies(customers(days), source="native")
        yield opened


def on(book: Book, day: str) -> list[Finding]:
    """What stood out on a day, by what moved."""
    after = datetime.fromisoformat(day) + timedelta(days=1)
    return [one for one in book.anomalies(as_of=f"{after:%Y-%m-%d}") if one.rule == "anomaly.new"]


def test_a_day_that_stands_out_is_told_with_what_it_rests_on(book: Book) -> None:
    (found,) = on(book, "2025-03-20")
    assert found.figures["observed"] == "40"
    assert found.figures["expected"].startswith(("9.", "10.", "11.", "12."))
    assert "40" in found.summary
    assert len(found.customers) == 40
    assert len(found.entries) == 40
    assert found.plans == ["native/pro"]
    assert found.begins_at == datetime(2025, 3, 20)
    assert "a real change" in found.figures["reading"]
    assert found.cause == "movement:new"


def test_an_amount_far_beyond_the_largest_is_told(book: Book) -> None:
    (found,) = on(book, "2025-03-25")
    assert found.figures["observed"].startswith("9,")
    assert found.customers[0].startswith("native/c-2025-03-25")


@pytest.mark.parametrize("day", ["2025-03-10", "2025-03-19", "2025-03-21", "2025-03-26", "2025-03-28"])
def test_an_ordinary_day_is_not_told(book: Book, day: str) -> None:
    """Not even beside a day that was none."""
    assert on(book, day) == []


def test_a_short_past_judges_nothing(book: Book) -> None:
    assert on(book, "2025-01-20") == []


def test_a_day_without_anything_stands_out_too(book: Book) -> None:
    (found,) = on(book, "2025-03-27")
    assert found.figures["observed"] == "0"
    assert "fewer" in found.summary
    assert list(found.customers) == []


# ----- bounds


def test_a_book_may_set_its_own_bounds(book: Book) -> None:
    path = book.folder / "watch.toml"
    path.write_text("[anomalies]\nleast = 100\namount_percent = 100000\n", encoding="utf-8")
    try:
        assert on(book, "2025-03-20") == []
    finally:
        path.unlink()
    assert on(book, "2025-03-20")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[signals]\nodds = 0\n", "signals.odds"),
        ('[anomalies]\nby = "plan"\n', "anomalies.by"),
        ("[anomalies]\nodd = 5\n", "odd"),
        ("signals = 3\n", "signals is no section"),
        ("[signals\n", "line 1"),
    ],
)
def test_a_bound_that_makes_no_sense_is_named(text: str, said: str) -> None:
    with pytest.raises(WrongUse, match=r"ours\.toml") as caught:
        bounds(text, "ours.toml")
    assert said in str(caught.value)


def test_sections_of_others_are_left_to_them() -> None:
    assert bounds("[objectives]\nanything = 1\n") == bounds()
