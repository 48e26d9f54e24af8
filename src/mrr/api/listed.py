"""Lists that are no figures: their rows as a table, whatever they are made of."""

import json
from collections.abc import Sequence
from typing import Any, get_args

import msgspec
import pyarrow as pa

from mrr.reports.tables import TYPES, plain_type, told


class Listed(msgspec.Struct):
    """An answer with `rows` and without a definition, as nothing in it is a figure of the ledger."""

    def arrow(self, *, micros: bool = False) -> pa.Table:
        """A table of them; what has parts of its own is told as JSON."""
        (rows,) = (field for field in msgspec.structs.fields(type(self)) if field.name == "rows")
        (row,) = get_args(rows.type)
        found: Sequence[Any] = getattr(self, "rows", ())
        fields = msgspec.structs.fields(row)
        return pa.table(
            {one.encode_name: _column(one.type, [getattr(row, one.name) for row in found]) for one in fields}
        )


def _column(kind: Any, values: Sequence[Any]) -> pa.Array:
    kind = plain_type(kind)
    if kind in TYPES:
        return pa.array(values, TYPES[kind])
    return pa.array([None if value is None else _text(value) for value in values], pa.string())


def _text(value: Any) -> str:
    text = told(value)
    plain = json.loads(text)
    return plain if isinstance(plain, str) else text
