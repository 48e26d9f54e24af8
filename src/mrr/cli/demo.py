"""`mrr demo`: a simulated company from its first event to an audited ledger, and what can be asked of it."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from mrr.answers import Definition, ImportCounts, Rollforward
from mrr.book import Book
from mrr.book.clock import now
from mrr.cli import demo_page, say
from mrr.cli.options import AsJson, Seed
from mrr.cli.progress import Meter, meter
from mrr.errors import BookError, WrongUse
from mrr.policy import standard
from mrr.reports.customers import Customer
from mrr.reports.explain import Explanation
from mrr.reports.movements import Movement
from mrr.simulate import Company, Truth, company, delivered, write_rates

# As many as two slow cores import and post in well under a minute.
CUSTOMERS, MONTHS = 500, 36
DUPLICATES, LATE = 0.02, 0.01
# By this file a demo knows its own book again; these are all the files that it and its book ever make.
MARK = "made-by-mrr-demo"
OURS: tuple[str, ...] = ("mrr.toml", "policy.toml", "rates.csv", "owner.lock", "owner.sock", MARK)
OURS += tuple(f"journal.sqlite{ending}" for ending in ("", "-wal", "-shm", "-journal"))
OURS += tuple(f"warehouse.duckdb{ending}" for ending in ("", ".wal", ".new", ".new.wal"))


class Shown(NamedTuple):
    """Everything that the demo shows; amounts are micros."""

    firm: Company
    folder: Path
    seconds: int
    counts: ImportCounts
    quotes: int
    history: Rollforward
    plans: Rollforward
    names: dict[str, str]
    explained: Explanation
    customer: Customer
    differing: int
    movements: int

    @property
    def definition(self) -> Definition:
        """What the figures mean."""
        return self.history.definition


def demo(
    directory: Annotated[
        Path, typer.Option("--dir", "--book", metavar="DIR", help="Where the demo's book goes.")
    ] = Path("demo"),
    seed: Seed = 7,
    as_json: AsJson = False,
) -> None:
    """Simulate a company, import three years of it, show its MRR.

    Makes a book in DIR (an older demo's book there gives way, nothing else does), imports three years of Stripe events
    with duplicates and late deliveries, builds the ledger, compares it with the simulator's own books, and shows what
    can be asked of it. Exits with 1 if they differ.
    """
    firm = company(seed, CUSTOMERS, MONTHS, _three_years_ago(now().date()))
    begun = time.monotonic()
    make_room(directory)
    with say.stoppable(f"{directory} is incomplete; the next `mrr demo` begins anew."), meter(quiet=as_json) as bars:
        _marked(directory)
        Book.create(directory, policy=standard()).close()
        with Book(directory, progress=_without_appending(bars)) as book:
            shown = _shown(book, firm, seed, bars, begun)
    if as_json:
        say.answer(summary(shown))
    else:
        say.show(*demo_page.page(shown, say.Page()))
    if shown.differing:
        raise typer.Exit(1)


def _three_years_ago(today: date) -> date:
    """The first day of the month 36 months before this one, so that the last month of the company is just over."""
    return today.replace(year=today.year - 3, day=1)


def make_room(directory: Path) -> None:
    """Remove the files of an older demo. Raises WrongUse where something else is in the way."""
    if not directory.exists():
        return
    if not directory.is_dir() or (any(directory.iterdir()) and not (directory / MARK).is_file()):
        remedy = "Name another place with --dir, or remove it yourself."
        raise WrongUse(f"{directory} is there already, and `mrr demo` did not make it", remedy=remedy)
    try:
        for name in OURS:
            (directory / name).unlink(missing_ok=True)
    except OSError as error:
        raise BookError(f"{directory}: {error.strerror}", remedy="Name another place with --dir.") from error


def _marked(directory: Path) -> None:
    """Sign the directory before anything is in it, so that also a demo that was stopped can be replaced."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / MARK).write_text("`mrr demo` may replace this book.\n", encoding="utf-8")
    except OSError as error:
        raise BookError(f"{directory}: {error.strerror}", remedy="Name another place with --dir.") from error


def _without_appending(bars: Meter | None) -> Meter | None:
    """The book's progress, less the count of bodies appended: the demo knows better how far the company has come."""
    if bars is None:
        return None
    return lambda stage, done, total: None if stage == "append" else bars(stage, done, total)


def _shown(book: Book, firm: Company, seed: int, bars: Meter | None, begun: float) -> Shown:
    write_rates(firm.rates(), book.folder / "rates.csv")
    quotes = book.append(str(book.folder / "rates.csv"), source="rates")
    deliveries = delivered(_watched(firm, bars), seed, DUPLICATES, LATE)
    counts = book.append_bodies(deliveries, source="stripe", note=f"mrr demo --seed {seed}")
    seconds = round(time.monotonic() - begun)
    truth = firm.truth()
    found = book.movements(as_of=truth.as_of).rows
    history = book.rollforward(as_of=truth.as_of)
    month = history.rows[-1].period_starts_on.isoformat()[:7]
    explained = book.explain(movement_id=telling(found, month).movement_id, as_of=truth.as_of)
    (customer,) = book.customers(customer=explained.movement.customer_id, as_of=truth.as_of)
    plans = book.rollforward(first=month, as_of=truth.as_of, by="plan")
    differing = differences(found, history, truth)
    told = (history, plans, book.names(), explained, customer, differing, len(truth.movements))
    return Shown(firm, book.folder, seconds, counts, quotes.entries, *told)


def _watched(firm: Company, bars: Meter | None) -> Iterator[Any]:
    starts, ends = (
        int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp()) for on in (firm.starts_on, firm.ends_on)
    )
    for number, event in enumerate(firm.events()):
        if bars is not None and number % 100 == 0:
            bars("import", min(max(event["created"] - starts, 0), ends - starts), ends - starts)
        yield event


def telling(movements: list[Movement], month: str) -> Movement:
    """The movement to explain: the month's largest expansion by plan or quantity, or else the last movement of all."""
    grown = [row for row in movements if f"{row.on:%Y-%m}" == month and row.class_ == "expansion" and _bought(row)]
    return max(grown, key=lambda row: (row.amount_micros, row.movement_id), default=movements[-1])


def _bought(row: Movement) -> bool:
    return all(line.causes.keys() <= {"plan", "quantity"} for line in row.lines)


def differences(found: Iterable[Movement], history: Rollforward, truth: Truth) -> int:
    """How many movements and month ends differ between the ledger and the simulator's own books."""
    ours, theirs = Counter(map(_ours, found)), Counter(map(_theirs, truth.movements))
    months = {f"{row.period_starts_on}": (row.closing_micros, row.customers_closing) for row in history.rows}
    ends = {row["month"]: (row["closing_micros"], row["customers"]) for row in truth.closings}
    nothing = (0, 0)
    apart = sum(months.get(month, nothing) != ends.get(month, nothing) for month in months.keys() | ends.keys())
    return (ours - theirs).total() + (theirs - ours).total() + apart


def _ours(row: Movement) -> tuple[Any, ...]:
    lines = [(line.item_id, line.amount_micros, tuple(sorted(line.causes.items()))) for line in row.lines]
    return f"{row.on}", row.customer_id, row.class_, row.amount_micros, row.mrr_after_micros, tuple(sorted(lines))


def _theirs(row: dict[str, Any]) -> tuple[Any, ...]:
    lines = [(line["item_id"], line["amount_micros"], tuple(sorted(line["causes"].items()))) for line in row["lines"]]
    told = (row[name] for name in ("on", "customer_id", "class", "amount_micros", "mrr_after_micros"))
    return *told, tuple(sorted(lines))


def summary(shown: Shown) -> dict[str, Any]:
    """The demo as one JSON document."""
    last = shown.history.rows[-1]
    return {
        "book": str(shown.folder),
        "import": shown.counts,
        "movements": shown.movements,
        "differing": shown.differing,
        "headline": {
            "mrr_micros": last.closing_micros,
            "arr_micros": 12 * last.closing_micros,
            "customers": last.customers_closing,
            "net_new_micros": last.closing_micros - last.opening_micros,
        },
        "rollforward": shown.history.rows,
        "plans": shown.plans.rows,
        "explained": shown.explained,
        "definition": shown.definition,
    }
