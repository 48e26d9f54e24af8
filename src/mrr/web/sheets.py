"""A table of a page as a CSV file, for who may take figures out."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import pyarrow as pa
from fastapi import Request
from fastapi.responses import Response

from mrr.access import Denied


class Framed(Protocol):
    """Whatever becomes an Arrow table."""

    def arrow(self) -> pa.Table:
        """The answer as a table."""


# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(request: Request, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Rows as a file, the instants as they go out everywhere. Raises Denied without the scope `export`."""
    actor = request.state.actor
    if not actor.may("export"):
        raise Denied("a table as a file needs the scope export", remedy=f"{actor.name} has: {' '.join(actor.scopes)}.")
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    told = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(file.getvalue(), 200, told, "text/csv; charset=utf-8")


def table(request: Request, name: str, found: Framed) -> Response:
    """An answer as a file, as `mrr export` would write it."""
    told = found.arrow()
    return sheet(request, name, told.column_names, (row.values() for row in told.to_pylist()))


def major(micros: int) -> Decimal:
    """An amount in major units, exact to the millionth."""
    return Decimal(micros).scaleb(-6)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None).isoformat()}Z"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
