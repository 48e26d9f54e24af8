"""How well the watch detects: `python -m benchmarks.detecting [SEEDS]` prints recall, delay and false alarms.

`python -m benchmarks.detecting raven` prints the false alarms on RavenStack (docs/ravenstack.md) instead. Faults are
put into the events of simulated companies whose seeds were not used in tuning. The detectors see a book, and nothing of
what struck it. What is found in the same hours without a fault counts for nothing.
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.injecting import DAILY, DAY, FAULTS, HOUR, KNOWN_DAYS, Intake, deliveries, faulty
from mrr.book import Book
from mrr.period import instant
from mrr.policy import standard
from mrr.watch import anomaly, series
from mrr.watch.bounds import bounds
from mrr.watch.finding import Finding

CUSTOMERS, MONTHS, STARTS = 1_500, 9, datetime(2023, 1, 1, tzinfo=UTC)
# Seeds and days of tuning are others: see docs/anomalies.md.
TESTED = (105, 106, 107, 108)
SIZES = (0.05, 0.1)
HOURS = (12, 24, 48)
# How often a day a clean year is looked at.
LOOKS = 4
SCORES = 3
NEVER = 999
RAVEN, ROWS = Path(__file__).parents[1] / "tests" / "cases" / "ravenstack", "ravenstack_subscriptions.csv.gz"
MAPPINGS = ("as_stored", "any_part")
RAVEN_FIRST, RAVEN_ENDS = datetime(2024, 9, 1), datetime(2025, 1, 1)
RAVEN_DAYS = (RAVEN_ENDS - RAVEN_FIRST).days


class Trial(NamedTuple):
    """What was done to a book, and after how many hours who saw it (None: never); `rules` are what told it."""

    fault: str
    size: float
    seed: int
    watch: int | None
    series: int | None
    score: int | None
    rules: tuple[str, ...]


class Seen(NamedTuple):
    """What stands out at an instant: for the signals, the daily series, a plain z-score, and who never speaks."""

    signals: frozenset[str]
    series: frozenset[str]
    score: frozenset[str]
    nothing: frozenset[str] = frozenset()


def seen(intake: Intake) -> Seen:
    """What stands out now. Daily series are asked at midnight, when a day is over."""
    at = intake.until
    signals = intake.book.signalled(at=at)
    rules = frozenset(one.rule for one in signals)
    if at % DAY:
        return Seen(rules, frozenset(), frozenset())
    odd = unusual(intake.book, instant(at))
    return Seen(rules, frozenset(one.rule for one in odd), frozenset(scored(intake.book, instant(at))))


def unusual(book: Book, midnight: datetime) -> list[Finding]:
    """The anomalies of the day that ends at a midnight."""
    return anomaly.anomalies(book.prepared(), book.policy, midnight, bounds().anomalies)


def scored(book: Book, midnight: datetime) -> Iterator[str]:
    """A plain z-score: counts and amounts of each class, and of entries, of the day against the four weeks before."""
    warehouse, day = book.prepared(), (midnight - timedelta(days=1)).date()
    stretch = series.Stretch(day - timedelta(days=28), day)
    told = {**series.moved(warehouse, stretch, ()), **series.entries(warehouse, stretch)}
    for name, daily in told.items():
        for field in ("moves", "amount_micros"):
            values = [getattr(daily.get(on, series.NOTHING), field) for on in stretch.days]
            spread = statistics.pstdev(values[:-1])
            if spread and abs(values[-1] - statistics.fmean(values[:-1])) > SCORES * spread:
                yield f"{name.class_}.{field}"


def trials(folder: Path, seed: int, sizes: Sequence[float], faults: Sequence[str]) -> Iterator[Trial]:
    """Every fault of every size in a company of one seed, beginning on a day that the seed chooses."""
    told = deliveries(seed, CUSTOMERS, MONTHS)
    since = int(STARTS.timestamp()) * 1_000_000 + (232 + seed % 25) * DAY
    base = Intake.begin(folder / "base", seed, CUSTOMERS, MONTHS, told)
    base.forward(since - KNOWN_DAYS * DAY, minutes=DAILY)
    base.forward(since)
    base.close()
    clean = dict(_course(base.copied(folder / "clean", told), since))
    for fault in faults:
        for size in sizes:
            struck = faulty(told, fault, size, since, seed)
            yield _trial(base.copied(folder / f"{fault} {size}", struck), since, clean, (fault, size, seed))


def _course(intake: Intake, since: int) -> Iterator[tuple[int, Seen]]:
    for hours in HOURS:
        intake.forward(since + hours * HOUR)
        yield hours, seen(intake)
    intake.close()


def _trial(intake: Intake, since: int, clean: dict[int, Seen], named: tuple[str, float, int]) -> Trial:
    first: dict[str, int] = {}
    rules: set[str] = set()
    for hours in HOURS:
        intake.forward(since + hours * HOUR)
        for who, new, old in zip(Seen._fields, seen(intake), clean[hours], strict=True):
            if new - old:
                first.setdefault(who, hours)
                rules |= {f"{rule}@{hours}" for rule in new - old if who != "score"}
        if hours >= 24 and ("signals" in first or "series" in first):
            break
    intake.close()
    watch = min((first[who] for who in ("signals", "series") if who in first), default=None)
    return Trial(*named, watch, first.get("series"), first.get("score"), tuple(sorted(rules)))


def year(folder: Path, seed: int, customers: int = 1_000, days: int = 365) -> dict[str, list[tuple[date, str]]]:
    """The false alarms of a clean year, looked at every six hours: an alarm that goes on is one."""
    told = deliveries(seed, customers, 21)
    since = int(STARTS.timestamp()) * 1_000_000 + 245 * DAY
    intake = Intake.begin(folder / f"year {seed}", seed, customers, 21, told)
    intake.forward(since - KNOWN_DAYS * DAY, minutes=DAILY)
    intake.forward(since)
    alarms: dict[str, list[tuple[date, str]]] = {who: [] for who in Seen._fields}
    before = Seen(frozenset(), frozenset(), frozenset())
    for look in range(1, days * LOOKS + 1):
        intake.forward(since + look * DAY // LOOKS)
        now = seen(intake)
        # What is found of days alone stays found until the next midnight.
        now = now if intake.until % DAY == 0 else Seen(now.signals, before.series, before.score)
        for who, new, old in zip(Seen._fields, now, before, strict=True):
            alarms[who] += [(instant(intake.until).date(), rule) for rule in sorted(new - old)]
        before = now
    intake.close()
    return alarms


class Watched(NamedTuple):
    """The anomalies and z-score alarms of RavenStack's days, and the anomalies of the day after the file ends."""

    odd: list[Finding]
    scores: list[str]
    after: list[Finding]


def watched(folder: Path, mapping: str) -> Watched:
    """What stands out under a mapping, looked at once a day."""
    odd: list[Finding] = []
    scores: list[str] = []
    with Book.create(folder / mapping, policy=standard()) as book:
        book.append_table(str(RAVEN / ROWS), mapping=str(RAVEN / f"{mapping}.toml"))
        for midnight in (RAVEN_FIRST + timedelta(days=number + 1) for number in range(RAVEN_DAYS)):
            odd += unusual(book, midnight)
            scores += scored(book, midnight)
        return Watched(odd, scores, unusual(book, RAVEN_ENDS + timedelta(days=1)))


def raven() -> None:
    """Print how many alarms RavenStack brings, and each anomaly. Exits where its files are not there."""
    lacking = [name for name in (ROWS, *(f"{mapping}.toml" for mapping in MAPPINGS)) if not (RAVEN / name).is_file()]
    if lacking:
        sys.exit(f"RavenStack is not there: {', '.join(lacking)} not found in {RAVEN}")
    print(f"RavenStack, {RAVEN_DAYS} days from {RAVEN_FIRST.date()}")
    print(f"{'mapping':12} anomalies  z-score  nothing")
    with tempfile.TemporaryDirectory() as place:
        for mapping in MAPPINGS:
            found = watched(Path(place), mapping)
            print(f"{mapping:12} {len(found.odd):9} {len(found.scores):8} {0:8}", flush=True)
            print("".join(f"  {one.summary}\n" for one in found.odd), end="")
            print("".join(f"  after the file ends: {one.summary}\n" for one in found.after), end="")


def table(found: Sequence[Trial]) -> Iterator[str]:
    """How many trials were told within a day, and the median delay in hours, a line a fault and size."""
    yield f"{'fault':18} size trials  told in a day  median h  by series  z-score  nothing"
    for fault, size in ((fault, size) for fault in FAULTS for size in SIZES):
        some = [one for one in found if (one.fault, one.size) == (fault, size)]
        if some:
            columns = zip(*(one[3:6] for one in some), strict=True)
            told = [sum(hours is not None and hours <= 24 for hours in column) for column in columns]
            delay = statistics.median(NEVER if one.watch is None else one.watch for one in some)
            counts = f"{told[0]:14} {delay:9.0f} {told[1]:10} {told[2]:8} {0:8}"
            yield f"{fault:18} {size:4.0%} {len(some):6} {counts}"


def main(seeds: Sequence[int], sizes: Sequence[float] = SIZES, years: int = 1) -> None:
    """Run all trials and clean years, and print what came of them."""
    found: list[Trial] = []
    with tempfile.TemporaryDirectory() as place:
        for seed in seeds:
            for trial in trials(_made(Path(place) / f"{seed}"), seed, sizes, tuple(FAULTS)):
                found.append(trial)
                print(trial, file=sys.stderr, flush=True)
        print("\n".join(table(found)))
        for seed in seeds[:years]:
            for who, alarms in year(Path(place), seed).items():
                print(f"clean year, seed {seed}: {who:8} {len(alarms):4} false alarms", flush=True)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    raven() if sys.argv[1:] == ["raven"] else main([int(name) for name in sys.argv[1:]] or TESTED)
