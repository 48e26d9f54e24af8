"""An answer as a file: CSV, JSON, JSON lines, Parquet or Excel."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

import mrr.export.excel as excel
import mrr.export.place as place
from mrr.reports.tables import definition_of

Writer = Callable[[pa.Table, IO[bytes]], None]


def to_file(table: pa.Table, path: Path, form: str) -> place.Written:
    """Write a table, replacing the file whole. Formats without room for a definition get a file beside them.

    Raises ExportError where it cannot be written.
    """
    beside = path.with_suffix(".definition.json") if form in BARE else path
    with place.replacing(path) as file:
        WRITERS[form](table, file)
        if beside != path:
            place.save(_document(definition_of(table)), beside)
    return place.Written(str(path), form, table.num_rows, str(beside), path.stat().st_size)


def as_text(table: pa.Table, form: str) -> str:
    """A table in one of the formats that are text."""
    file = io.BytesIO()
    WRITERS[form](table, file)
    return file.getvalue().decode()


def _csv(table: pa.Table, file: IO[bytes]) -> None:
    # An empty field is NULL; an empty text is quoted.
    pyarrow.csv.write_csv(table, file)


def _json(table: pa.Table, file: IO[bytes]) -> None:
    file.write(_document({"definition": definition_of(table), "rows": table.to_pylist()}))


def _jsonl(table: pa.Table, file: IO[bytes]) -> None:
    for batch in table.to_batches(max_chunksize=10_000):
        file.write(msgspec.json.Encoder().encode_lines(batch.to_pylist()))


def _parquet(table: pa.Table, file: IO[bytes]) -> None:
    pyarrow.parquet.write_table(table, file, compression="zstd")


def _document(structure: object) -> bytes:
    """JSON as people read it. Decimals are texts, as no JSON number is sure to stay exact."""
    return json.dumps(msgspec.to_builtins(structure), indent=2, ensure_ascii=False).encode() + b"\n"


WRITERS: Mapping[str, Writer] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "parquet": _parquet,
    "xlsx": excel.write,
}
FORMATS = tuple(WRITERS)
TEXTS = ("csv", "json", "jsonl")
# Formats that hold rows and nothing else.
BARE = ("csv", "jsonl")
