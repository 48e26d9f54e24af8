"""Tables written down in tests, and the facts and movements that come of them."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mrr.answers import TableImport
from mrr.book import Book
from mrr.facts import Fact
from mrr.period import micros_of, parse_instant
from mrr.policy import standard
from mrr.providers import Irrelevant, tabular

OBSERVED = "2026-01-01"


def at(text: str) -> int:
    """An instant in µs."""
    return micros_of(parse_instant(text))


def table(text: str) -> str:
    """A CSV from a table with | between cells, without the blanks that align it."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return "".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) + "\n" for row in rows)


def bodies(content: str | bytes, mapping: str = "") -> list[bytes]:
    """The bodies of a table, without the one of its mapping."""
    raw = content.encode() if isinstance(content, str) else content
    read = tabular.load(mapping, "mapping.toml")
    with tabular.Spool() as spool, io.BufferedReader(io.BytesIO(raw)) as buffered:
        usual = tabular.Usual("USD", "UTC")
        file: Any = buffered
        sheet = tabular.read(file, read)
        offered = tabular.Offered(read, mapping, sheet, usual, spool, lenient=False)
        first, *rest = offered.bodies()
    assert isinstance(tabular.decode(first, 0), Irrelevant)
    return rest


def facts(content: str, mapping: str = "", observed_at: str = OBSERVED) -> list[Fact]:
    """The facts of a table."""
    told: list[Fact] = []
    for body in bodies(content, mapping):
        found = tabular.decode(body, at(observed_at))
        told += [] if isinstance(found, Irrelevant) else found
    return told


def imported(
    folder: Path, content: str | bytes, mapping: str = "", name: str = "table.csv"
) -> tuple[Book, TableImport]:
    """A book with one table in it."""
    book = folder / "book"
    opened = Book(book) if book.exists() else Book.create(book, policy=standard())
    file, terms = folder / name, folder / "mapping.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    terms.write_text(mapping, "utf-8")
    return opened, opened.append_table(str(file), mapping=str(terms), observed_at=OBSERVED)


def moved(book: Book, as_of: str = OBSERVED) -> list[tuple[str, str, str, int, dict[str, int]]]:
    """Movements as (day, customer, class, major units, causes in major units)."""
    return [
        (
            movement.on.isoformat(),
            movement.customer_id,
            movement.class_,
            movement.amount_micros // 1_000_000,
            {cause: amount // 1_000_000 for line in movement.lines for cause, amount in line.causes.items()},
        )
        for movement in book.movements(as_of=as_of).rows
    ]


def only(told: Sequence[Fact], kind: type[Fact]) -> list[Fact]:
    """The facts of a kind."""
    return [fact for fact in told if isinstance(fact, kind)]
