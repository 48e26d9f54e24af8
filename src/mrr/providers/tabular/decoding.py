"""Bodies of tables: rows as they were, beside the reading that gives them their meaning; and the facts they come to."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Named
from functools import lru_cache
from typing import NamedTuple

import msgspec

import mrr.providers.tabular.paying as paying
import mrr.providers.tabular.selling as selling
import mrr.providers.tabular.telling as telling
from mrr.errors import DecodeError, ImportFileError, WrongUse
from mrr.facts import Fact
from mrr.providers.stamp import Irrelevant, Stamp
from mrr.providers.tabular.cells import Cells, Line
from mrr.providers.tabular.mapping import Mapping, Reading, Table

MAPPING = "mapping"


class Kind(NamedTuple):
    """What the rows of a table come to: which of them belong together, and their facts.

    `alone` reads every cell of one row, as far as it can be told without the others.
    """

    key: Callable[[Line], str]
    facts: Callable[[Sequence[Line], int], Iterator[Fact]]
    alone: Callable[[Line], object]


def _kind(key: Callable[[Line], str], facts: Callable[[Sequence[Line], int], Iterator[Fact]]) -> Kind:
    return Kind(key, facts, lambda line: list(facts([line], 0)))


KINDS: Named[Table, Kind] = {
    "periods": Kind(selling.period_key, selling.periods, selling.period),
    "contracts": Kind(selling.period_key, selling.contracts, selling.term),
    "changes": Kind(selling.change_key, selling.changes, selling.change),
    "customers": _kind(telling.customer_key, telling.customer),
    "opening": _kind(selling.opening_key, selling.opening),
    "rates": _kind(telling.rate_key, telling.rate),
    "invoice_lines": _kind(telling.invoice_key, telling.invoice),
    "payments": _kind(telling.payment_key, telling.payment),
    "payouts": _kind(paying.payout_key, paying.payout),
    "balance_lines": _kind(paying.line_key, paying.line),
    "costs": _kind(telling.cost_key, telling.cost),
    "usage": _kind(telling.usage_key, telling.usage),
}
# Tables whose later export may say more of the same subject; their entries never reuse a key.
GROWING = frozenset({"periods", "contracts", "changes"})


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rows of one subject, and how they are to be read."""

    reading: msgspec.Raw
    rows: list[Cells]


class MappingBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping as it was written, and everything it came to for one header."""

    mapping: Mapping
    reading: Reading
    text: str


_encoder = msgspec.json.Encoder(order="deterministic")
_bodies = msgspec.json.Decoder(Body)
_readings = msgspec.json.Decoder(Reading)


def row_bytes(cells: Cells) -> bytes:
    """A row in its one form, so that equal rows have equal bytes."""
    return _encoder.encode(cells)


def reading_bytes(reading: Reading) -> bytes:
    """A reading in its one form."""
    return _encoder.encode(reading)


def body(reading: bytes, rows: Iterable[bytes]) -> bytes:
    """The body of rows that belong together, each in its one form, in the order of their bytes."""
    return b'{"reading":' + reading + b',"rows":[' + b",".join(sorted(rows)) + b"]}"


def mapping_body(mapping: Mapping, reading: Reading, text: str) -> bytes:
    """The body of the entry that keeps a mapping."""
    return _encoder.encode(MappingBody(mapping, reading, text))


def lines(content: bytes) -> tuple[Reading, list[Line]]:
    """The reading and the rows of a body. Raises DecodeError, or msgspec's own error for what is no body."""
    whole = _bodies.decode(content)
    if not whole.rows:
        raise DecodeError("rows", "expected at least one row")
    reading = _reading(bytes(whole.reading))
    return reading, [Line(reading, cells) for cells in whole.rows]


def split(text: bytes) -> Iterator[bytes]:
    """Bodies are made from tables by `offer`; a file of bodies has one a line."""
    if text.lstrip()[:1] == b"[":
        raise ImportFileError("bodies of tables stand one a line", remedy="Import the table itself.")
    yield from (line for line in text.splitlines() if line.strip())


def stamp(content: bytes, observed_at: int | None) -> Stamp:
    """Filed under what the rows speak of; a subject that grows, under its rows too. A mapping under name and digest."""
    digest = hashlib.sha256(content).hexdigest()
    try:
        if content.startswith(b'{"mapping"'):
            whole = msgspec.json.decode(content, type=MappingBody)
            return Stamp(f"{whole.mapping.name}/{digest[:16]}", MAPPING, observed_at)
        reading, rows = lines(content)
        name = KINDS[reading.table].key(rows[0])[:150]
        name = f"{reading.table}/{name}" + (f"/{digest[:16]}" if reading.table in GROWING else "")
        return Stamp(name, reading.table, observed_at)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, DecodeError, WrongUse):
        return Stamp(digest, "unreadable", observed_at)


def decode(content: bytes, observed_at: int) -> Sequence[Fact] | Irrelevant:
    """The facts of the rows of one subject. DecodeError names the column."""
    if content.startswith(b'{"mapping"'):
        return Irrelevant("mapping of a table")
    try:
        reading, rows = lines(content)
        facts = list(KINDS[reading.table].facts(rows, observed_at))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, WrongUse) as error:
        raise DecodeError("", str(error)) from error
    return facts or Irrelevant(f"{reading.table} in which nothing begins")


@lru_cache(maxsize=64)
def _reading(content: bytes) -> Reading:
    return _readings.decode(content)
