"""An answer as an Excel workbook: real numbers and dates under their formats, the definition on a sheet of its own."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

import pyarrow as pa
import xlsxwriter

import mrr.export.place as place
from mrr.money import DIGITS
from mrr.reports.tables import AMOUNT, RATIO, definition_of

# A sheet's own limit, the heading among them.
MOST_ROWS = 1_048_576
_WIDEST = 44
# A text stays a text, also where it begins with `=` or looks like an address.
_OPTIONS = {"constant_memory": True, "remove_timezone": True, "strings_to_formulas": False, "strings_to_urls": False}


def write(table: pa.Table, file: IO[bytes]) -> None:
    """Write the workbook. Excel keeps numbers as floats: 16 digits, so micros are exact below ten billion.

    Raises ExportError for more rows than a sheet can hold.
    """
    if table.num_rows >= MOST_ROWS:
        message = f"{table.num_rows:,} rows are more than the {MOST_ROWS - 1:,} that an Excel sheet holds"
        raise place.ExportError(message, remedy="Write CSV or Parquet, or ask for less.")
    meant = definition_of(table)
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        # Dated by the answer, not by the clock: equal answers make equal files.
        book.set_properties({"title": meant["metric"], "created": datetime.fromisoformat(meant["as_of"][:19])})
        _rows(book, table, DIGITS[meant["currency"]])
        _definition(book, meant)


def _rows(book: Any, table: pa.Table, digits: int) -> None:
    sheet = book.add_worksheet("Rows")
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, table.num_rows, table.num_columns - 1)
    formats = {kind: book.add_format({"num_format": text}) for kind, text in _formats(digits).items()}
    for number, column in enumerate(table.schema):
        sheet.set_column(number, number, _width(table, column.name), formats.get(column.type))
    sheet.write_row(0, 0, table.column_names, book.add_format({"bold": True, "bottom": 1}))
    line = 0
    for batch in table.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            line += 1
            sheet.write_row(line, 0, row.values())


def _formats(digits: int) -> Mapping[pa.DataType, str]:
    """What shows how: amounts with the digits of their currency, though the cell holds them to the micro."""
    return {
        AMOUNT: "#,##0" + ("." + "0" * digits if digits else ""),
        RATIO: "0.000000",
        pa.int64(): "#,##0",
        pa.date32(): "yyyy-mm-dd",
        pa.timestamp("us", tz="UTC"): "yyyy-mm-dd hh:mm:ss",
    }


def _width(table: pa.Table, name: str) -> int:
    """Wide enough for the heading and for the first values."""
    shown = [len(str(value)) for value in table[name].slice(0, 200).to_pylist() if value is not None]
    return min(_WIDEST, max([len(name), *shown]) + 2)


def _definition(book: Any, meant: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet("Definition")
    strong = book.add_format({"bold": True, "valign": "top"})
    sheet.set_column(0, 0, 18, strong)
    sheet.set_column(1, 1, 96, book.add_format({"text_wrap": True, "align": "left"}))
    for line, (name, value) in enumerate(meant.items()):
        sheet.write_string(line, 0, name)
        sheet.write(line, 1, value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False))
