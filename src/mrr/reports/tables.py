"""Answers as tables: the rows of an answer as Arrow, pandas, Polars or plain dicts, with the definition along."""

import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Union, get_args, get_origin

import msgspec
import pyarrow as pa

from mrr.errors import WrongUse

R = TypeVar("R")

# An amount in major units, exact to the micro. Beside it stands the currency; micros themselves are int64.
AMOUNT = pa.decimal128(38, 6)
# A ratio, which answers tell as a decimal text with six places, to pass it on without a float.
RATIO = pa.decimal128(20, 6)
TYPES: Mapping[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}
DEFINITION = b"mrr.definition"
MAJOR = "major units of the currency, exact to the millionth"
_MICROS = "_micros"


class Table(Generic[R]):
    """Makes a table of a structure with a `definition` and `rows`; counts, iterates and indexes like its rows.

    A table is flat: a field `x_micros` becomes a column `x` of major units (decimal128(38, 6)) beside a column
    `currency`, texts in a field `x_ratio` become decimals, attributes a column each; lists are left out. With `micros`
    integers stay what they are.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        definition: Any
        rows: list[R]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows)

    def __getitem__(self, place: int) -> R:
        return self.rows[place]

    def arrow(self, *, micros: bool = False) -> pa.Table:
        """An Arrow table; its schema's metadata holds the definition as JSON under `mrr.definition`."""
        kind: Any = type(self)
        (row,) = (get_args(field.type)[0] for field in msgspec.structs.fields(kind) if field.name == "rows")
        return framed(row, self.rows, self.definition, micros=micros)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """What lets any library that reads Arrow take the answer itself: `polars.DataFrame(book.movements())`."""
        return self.arrow().__arrow_c_stream__(requested_schema)

    def dicts(self, *, micros: bool = False) -> list[dict[str, Any]]:
        """A dict a row, by column: dates as `date`, amounts as `Decimal`."""
        rows: list[dict[str, Any]] = self.arrow(micros=micros).to_pylist()
        return rows

    def pandas(self, *, micros: bool = False) -> Any:
        """A pandas DataFrame: days as datetime64, amounts as Decimal; `attrs["definition"]` says what they mean.

        Raises WrongUse where pandas is not installed.
        """
        pandas = _library("pandas")
        kinds = {pa.int64(): pandas.Int64Dtype(), pa.bool_(): pandas.BooleanDtype()}
        table = self.arrow(micros=micros)
        frame = table.to_pandas(types_mapper=kinds.get, date_as_object=False)
        frame.attrs["definition"] = definition_of(table)
        return frame

    def polars(self, *, micros: bool = False) -> Any:
        """A Polars DataFrame: days as Date, amounts as Decimal(38, 6). Raises WrongUse where it is not installed."""
        return _library("polars").from_arrow(self.arrow(micros=micros))


def framed(row: type, rows: Sequence[Any], definition: Any, *, micros: bool = False) -> pa.Table:
    """Structures of the type `row` as an Arrow table. Raises OverflowError for amounts beyond 64 bits of micros."""
    columns: dict[str, pa.Array] = {}
    for field in msgspec.structs.fields(row):
        columns |= column(field.encode_name, field.type, [getattr(one, field.name) for one in rows], micros=micros)
    return labelled(columns, definition, micros=micros)


def labelled(columns: Mapping[str, pa.Array], definition: Any, *, micros: bool) -> pa.Table:
    """Columns as a table with its definition and, where there are amounts, the currency that these are in."""
    columns, meant = dict(columns), json.loads(told(definition))
    if not micros and meant["unit"].startswith("micros"):
        meant["unit"] = MAJOR
    length = max(map(len, columns.values()), default=0)
    if "currency" not in columns and any(is_amount(name, array.type) for name, array in columns.items()):
        columns["currency"] = pa.array([definition.currency] * length, pa.string())
    return pa.table(columns, metadata={DEFINITION: json.dumps(meant, ensure_ascii=False).encode()})


def is_amount(name: str, kind: pa.DataType) -> bool:
    """Whether a column holds amounts, in major units or in micros."""
    return bool(kind == AMOUNT) or name.endswith(_MICROS)


def amounts(micros: Sequence[int | None]) -> pa.Array:
    """Micros as decimals of major units: the same integers, read with six places."""
    wide = pa.array(micros, pa.int64()).cast(pa.decimal128(38, 0))
    return pa.Array.from_buffers(AMOUNT, len(wide), wide.buffers())


def definition_of(table: pa.Table) -> dict[str, Any]:
    """The definition that a table carries, as plain JSON."""
    found: dict[str, Any] = json.loads((table.schema.metadata or {}).get(DEFINITION, b"{}"))
    return found


def told(definition: Any) -> str:
    """A definition as JSON: instants in UTC, days in ISO 8601."""
    plain = msgspec.to_builtins(definition, builtin_types=(date, datetime))
    return json.dumps(plain, default=_iso, ensure_ascii=False)


def _iso(moment: date) -> str:
    return f"{moment.isoformat()}Z" if isinstance(moment, datetime) else moment.isoformat()


def plain_type(kind: Any) -> Any:
    """A type without `| None`."""
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (one for one in get_args(kind) if one is not type(None))
    return kind


def column(name: str, kind: Any, values: Sequence[Any], *, micros: bool) -> dict[str, pa.Array]:
    """The columns of a field: one, or one a key where it holds a mapping; none for a list."""
    kind = plain_type(kind)
    if get_origin(kind) is list:
        return {}
    if get_origin(kind) is dict:
        keys = sorted({key for value in values for key in value})
        return {f"{name.removesuffix('s')}_{key}": _texts(values, key) for key in keys}
    if name.endswith("ratio"):
        return {name: pa.array([None if value is None else Decimal(value) for value in values], RATIO)}
    if name.endswith(_MICROS) and not micros:
        return {name.removesuffix(_MICROS): amounts(values)}
    return {name: pa.array(values, TYPES[kind])}


def _texts(values: Sequence[dict[str, str]], key: str) -> pa.Array:
    return pa.array([value.get(key) for value in values], pa.string())


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise WrongUse(f"{name} is not installed", remedy=f"`pip install 'mrr[{name}]'` adds it.") from None
