"""The load of a drill: a simulated company, its exchange rates, and the scratch book in which its past was told."""

import csv
import shutil
import sqlite3
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from mrr.book import Book, clock
from mrr.derivation.ingest import rate_bodies
from mrr.errors import WrongUse
from mrr.keeper import JOURNAL, POLICY, SETTINGS
from mrr.period import instant
from mrr.policy import standard
from mrr.simulate import Rate, company
from mrr.simulate.mishaps import SOURCE, Sent, Stretch, parts, sent
from mrr.watch.indicators import Posting
from mrr.watch.settings import FILE

ERA = "basil"
# The past is told the better part of an hour at a time, but for the last days, which the watchers look at closely.
TOGETHER, CLOSELY = 3000, timedelta(days=9)
DAY, THURSDAY = timedelta(days=1), 3
RATES_AT = timedelta(hours=16)
BASE = "USD"
# So many seeds are tried, so far apart.
TRIED, APART = 100, 1_000_003


class Load(msgspec.Struct):
    """What a company sends, in the order of arrival, and its rates; the drill begins at `begins_at`."""

    stream: Sequence[Sent]
    rates: Sequence[Rate]
    begins_at: datetime
    ends_at: datetime


def load(seed: int, customers: int, starts_on: date, lasts: timedelta, quiet: timedelta) -> Load:
    """A company that began five months before the drill, which begins near the end of a month, on two working days.

    After the `quiet` time at the beginning, in the first half of what is left, it bills a part of a period: what does
    not happen cannot go wrong. It is the first company of its seed of which that is so; WrongUse where none is.
    """
    begins_at = _begin(starts_on)
    early = Stretch(seconds(begins_at + quiet), seconds(begins_at + quiet + (lasts - quiet) / 2))
    for chosen in range(seed, seed + TRIED * APART, APART):
        firm = company(chosen, customers, 6, starts_on, era=ERA)
        stream = sent(firm.events())
        if parts(stream, early):
            return Load(stream, list(firm.rates()), begins_at, begins_at + lasts)
    remedy = "Choose more customers or hours, or have the watchers look more often."
    raise WrongUse(
        f"in {lasts}, of which {quiet} are quiet, {customers} customers cause too little to drill", remedy=remedy
    )


def _begin(starts_on: date) -> datetime:
    month = _month_after(starts_on, 5)
    begins_at = datetime(month.year, month.month, 1) - 2 * DAY
    while begins_at.weekday() > THURSDAY:
        begins_at -= DAY
    return begins_at


def _month_after(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def arrivals(stream: Sequence[Sent], since: datetime, until: datetime) -> list[Sent]:
    """What arrives in a stretch of time."""
    first, last = seconds(since), seconds(until)
    return [one for one in stream if first <= one.at < last]


def seconds(moment: datetime) -> int:
    """Epoch seconds of a naive UTC instant."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def deliver(book: Book, stream: Sequence[Sent], together: int = 1) -> None:
    """Keep deliveries, each recorded when it arrives (or with others of so many seconds), and note them as posted."""
    postings = []
    for slot, some in groupby(stream, key=lambda one: one.at // together):
        at = instant((slot + 1) * together * 1_000_000 - 1)
        before = book.journal.head().seq
        with clock.standing(at):
            book.keep([one.body for one in some], source=SOURCE)
        after = book.journal.head().seq
        if after > before:
            postings.append(Posting(before + 1, after, at + timedelta(seconds=1)))
    book.posted(postings)


def tell_rates(book: Book, rates: Sequence[Rate], at: datetime) -> None:
    """Import the rates of some days as they are published."""
    if not rates:
        return
    with tempfile.TemporaryDirectory(prefix="mrr-") as folder, clock.standing(at):
        path = Path(folder) / "rates.csv"
        with path.open("w", newline="") as out:
            csv.writer(out).writerows(
                [("day", "currency", "value"), *((one.day.isoformat(), one.currency, one.value) for one in rates)]
            )
        book.keep(list(rate_bodies(str(path), BASE)), source="rates", note=path.name)


def tell_past(book: Book, past: Load) -> None:
    """Tell a book everything up to the drill, in the order and at the times at which it arrived."""
    closely = past.begins_at - CLOSELY
    early = [one for one in past.rates if one.day < _day(past.stream[0])]
    tell_rates(book, early, instant(past.stream[0].at * 1_000_000) - DAY)
    for day, some in groupby(arrivals(past.stream, datetime.min + DAY, past.begins_at), key=_day):
        deliver(book, list(some), 1 if day >= closely.date() else TOGETHER)
        tell_rates(book, [one for one in past.rates if one.day == day], datetime(day.year, day.month, day.day) + DAY)


def _day(one: Sent) -> date:
    return instant(one.at * 1_000_000).date()


# ----- the scratch book


def fresh(folder: Path) -> None:
    """A new book."""
    Book.create(folder, policy=standard()).close()


def copied(book: Path, folder: Path) -> None:
    """A copy of a book's journal and settings, without whom it tells of trouble. The book is not touched."""
    folder.mkdir(parents=True)
    read = sqlite3.connect(f"file:{quote(str(book / JOURNAL))}?mode=ro", uri=True)
    with closing(read) as source, closing(sqlite3.connect(folder / JOURNAL)) as target:
        source.backup(target)
    for name in (SETTINGS, POLICY):
        if (book / name).exists():
            shutil.copy(book / name, folder / name)
    if (book / FILE).exists():
        own = tomllib.loads((book / FILE).read_text("utf-8"))
        kept = {name: table for name, table in own.items() if name not in ("routes", "maintenance", "digests", "link")}
        (folder / FILE).write_text("".join(toml(kept)), "utf-8")


def toml(tables: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Nested tables as TOML: what JSON and TOML write alike is all that a watch.toml has."""
    plain = {key: value for key, value in tables.items() if not isinstance(value, dict)}
    if above and plain:
        yield f"[{above}]\n"
    yield from (f"{key} = {msgspec.json.encode(value).decode()}\n" for key, value in plain.items())
    for key, value in tables.items():
        if isinstance(value, dict):
            yield from toml(value, f"{above}.{key}" if above else key)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for the books of a drill, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mrr-drill-") as folder:
        yield Path(folder)
