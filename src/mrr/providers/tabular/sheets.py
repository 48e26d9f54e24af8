"""Tables as they come: CSV, JSONL, Parquet or a query, read row by row into cells of text."""

import codecs
import csv
import io
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy

from mrr.errors import ImportFileError
from mrr.providers.tabular.cells import Cells
from mrr.providers.tabular.mapping import Mapping

_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t|"
_PEEK = 1000
_LONGEST = 2**24
_AS_UTF8 = "Save it as CSV UTF-8."
_BATCH = 5_000
# A header cell like this is a value: the file begins without a header.
_VALUE = re.compile(r"[-+$€£]?\d[\d.,' :/TZ+-]*|true|false|null", re.IGNORECASE)


class Sheet(NamedTuple):
    """The header of a table, and its rows with the number under which a person finds each (the header is row 1)."""

    header: Sequence[str]
    rows: Iterator[tuple[int, dict[str, Any]]]


def read(file: io.BufferedReader, mapping: Mapping) -> Sheet:
    """A file as a sheet, whichever of the three formats it has. Raises ImportFileError that names row and column."""
    start: bytes = file.peek(8)[:8]
    if start.startswith(_EXCEL):
        remedy = "Save it as CSV UTF-8 in the spreadsheet, then import that."
        raise ImportFileError("this is an Excel workbook, whatever its name says", remedy=remedy)
    if start.startswith(_WIDE):
        raise ImportFileError("the text is UTF-16", remedy=_AS_UTF8)
    if start.startswith(b"PAR1"):
        return _parquet(file)
    if start.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{":
        return _jsonl(file)
    return _csv(file, mapping.delimiter)


def texts(row: dict[str, Any], exact: Collection[str]) -> Cells:
    """The cells of a row as text. Raises ImportFileError for a binary fraction in one of the `exact` columns."""
    return {name: cell if isinstance(cell, str) else _text(name, cell, exact) for name, cell in row.items()}


def _text(name: str, cell: Any, exact: Collection[str]) -> str | None:
    # A missing number is NaN in binary columns, and the only cell that differs from itself.
    if cell is None or cell != cell:
        return None
    if isinstance(cell, float) and name in exact:
        remedy = (
            'Deliver it as a decimal or as text, or say `floats = "shortest"` in the mapping to take what it prints as.'
        )
        raise ImportFileError(f"column {name}: {cell!r} is a binary fraction, not an exact amount", remedy=remedy)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, float):
        return f"{Decimal(repr(cell)):f}".removesuffix(".0")
    if isinstance(cell, date):
        return cell.isoformat()
    return msgspec.json.encode(cell).decode() if isinstance(cell, (dict, list)) else str(cell)


# ----- CSV


def _csv(file: IO[bytes], delimiter: str | None) -> Sheet:
    rows = _csv_rows(file, delimiter)
    header = next(rows, (1, []))[1]
    _check_header(header)
    return Sheet(header, _cells(header, rows))


def _csv_rows(file: IO[bytes], delimiter: str | None) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        text = (line.decode() for line in lines(file))
        first = next((line for line in text if line.strip()), "")
        mark = delimiter or max(_DELIMITERS, key=first.count)
        for number, row in enumerate(csv.reader(chain([first], text), delimiter=mark, strict=True), start=1):
            if any("\0" in cell for cell in row):
                raise ImportFileError(f"row {number}: a zero byte: this is no text", remedy=_AS_UTF8)
            if row:
                yield number, [cell.strip() for cell in row] if number == 1 else row
    except UnicodeDecodeError as error:
        told = f"row {number + 1}: not UTF-8: byte 0x{error.object[error.start]:02x}"
        raise ImportFileError(told, remedy=_AS_UTF8) from error
    except csv.Error as error:
        raise ImportFileError(f"row {number + 1}: no CSV: {error}", remedy="Mend the quotes of the row.") from error


def lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file without its byte order mark. A file that has none may not fill the memory with one."""
    while line := file.readline(_LONGEST):
        if len(line) == _LONGEST:
            raise ImportFileError(f"a line of more than {_LONGEST:,} bytes", remedy="A table has a row a line.")
        yield line.removeprefix(codecs.BOM_UTF8)


def _check_header(header: Sequence[str]) -> None:
    for place, name in enumerate(header, start=1):
        if _VALUE.fullmatch(name):
            remedy = "Put a first row with the names of the columns."
            raise ImportFileError(f"row 1, column {place}: {name!r} is a value, not a header", remedy=remedy)
        if name and name in header[: place - 1]:
            remedy = "Give each column a name of its own."
            raise ImportFileError(
                f"row 1: column {name!r} is there twice, at {header.index(name) + 1} and {place}", remedy=remedy
            )


def _cells(header: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, row in rows:
        if len(row) != len(header):
            message = f"row {number}: {len(row)} cells under {len(header)} columns"
            raise ImportFileError(message, remedy="Mend the row; a cell with the delimiter in it needs quotes.")
        yield number, dict(zip(header, row, strict=True))


# ----- JSONL


def _jsonl(file: IO[bytes]) -> Sheet:
    rows = _objects(file)
    known = list(islice(rows, _PEEK))
    header = tuple(dict.fromkeys(name for _, row in known for name in row))
    return Sheet(header, chain(known, rows))


def _objects(file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    # A number is taken as its digits, so that nothing is lost in binary.
    decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
    for number, line in enumerate(lines(file), start=1):
        if content := line.strip():
            try:
                yield number, decoder.decode(content)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                remedy = "Write one JSON object a row."
                raise ImportFileError(f"row {number}: no JSON object: {error}", remedy=remedy) from error


# ----- Parquet


def _parquet(file: IO[bytes]) -> Sheet:
    seekable = _seekable(file)
    try:
        table = pq.ParquetFile(seekable)
    except (pa.ArrowException, OSError) as error:
        raise ImportFileError(f"no Parquet: {error}", remedy="Get the file again.") from error
    header = table.schema_arrow.names
    _check_header(header)
    return Sheet(header, enumerate(_parquet_rows(table), start=1))


def _seekable(file: IO[bytes]) -> IO[bytes]:
    """The file itself, or a copy on disk of what comes through a pipe."""
    if file.seekable():
        return file
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed, and gone, with its last reader
    shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


def _parquet_rows(table: Any) -> Iterator[dict[str, Any]]:
    try:
        for batch in table.iter_batches(batch_size=_BATCH):
            columns = [_plain_column(column).to_pylist() for column in batch.columns]
            names = batch.schema.names
            yield from (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
    except (pa.ArrowException, OSError) as error:
        raise ImportFileError(f"the Parquet file is damaged: {error}", remedy="Get the file again.") from error


def _plain_column(column: Any) -> Any:
    """Timestamps in microseconds: finer ones have no equal in Python."""
    kind = column.type
    return column.cast(pa.timestamp("us", tz=kind.tz), safe=False) if pa.types.is_timestamp(kind) else column


# ----- a query


@contextmanager
def queried(database: str, query: str) -> Iterator[Sheet]:
    """The rows of a query of a database that SQLAlchemy reaches. Raises ImportFileError; a password is never shown."""
    try:
        engine = sqlalchemy.create_engine(database)
        with engine.connect().execution_options(stream_results=True, yield_per=_BATCH) as connection:
            result = connection.execute(sqlalchemy.text(re.sub(r"(?<!:):(?=\w)", r"\\:", query)))
            header = tuple(result.keys())
            _check_header(header)
            yield Sheet(header, ((number, dict(row)) for number, row in enumerate(result.mappings(), start=1)))
    except sqlalchemy.exc.SQLAlchemyError as error:
        told = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ImportFileError(f"the database: {told}", remedy="Check --database and --query.") from error
    except ImportError as error:
        remedy = f"Install the driver: {error.name}."
        raise ImportFileError(f"the database: no driver: {error}", remedy=remedy) from error
