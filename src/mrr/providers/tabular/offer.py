"""A whole table on offer: read, checked to its last row and grouped, before the first byte of it is appended."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import mrr.providers.tabular.decoding as decoding
import mrr.providers.tabular.sheets as sheets
from mrr.errors import DecodeError, ImportFileError
from mrr.providers.tabular.cells import Cells, Line
from mrr.providers.tabular.mapping import EXACT, Mapping, Reading
from mrr.providers.tabular.recognise import Usual, recognise
from mrr.providers.tabular.sheets import Sheet
from mrr.providers.tabular.spool import Group, Spool

LARGEST_BODY = 64 * 1024 * 1024
_SHOWN = 20


class Trouble(NamedTuple):
    """A row, or rows together, that cannot be read: where, and why."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Offered:
    """A table that was read to its end. Raises ImportFileError at the first row that cannot be read, unless `lenient`.

    `counts` has rows, dropped and unreadable; `troubles` tells of the first unreadable ones.
    """

    def __init__(self, mapping: Mapping, text: str, sheet: Sheet, usual: Usual, spool: Spool, *, lenient: bool) -> None:
        if not sheet.header:
            raise ImportFileError("row 1: there is no header", remedy="Put a first row with the names of the columns.")
        self.mapping, self.text = mapping, text
        self.reading, self.assumed = recognise(mapping, sheet.header, usual)
        self.counts: Counter[str] = Counter(rows=0, dropped=0, unreadable=0)
        self.troubles: list[Trouble] = []
        self._spool, self._lenient = spool, lenient
        self._kind = decoding.KINDS[self.reading.table]
        for number, row in sheet.rows:
            self._take(number, row)
        for group in spool.groups():
            self._check(group)

    def bodies(self) -> Iterator[bytes]:
        """The mapping, then one body a subject. What cannot be read goes along if the mapping says `quarantine`."""
        yield decoding.mapping_body(self.mapping, self.reading, self.text)
        reading = decoding.reading_bytes(self.reading)
        for group in self._spool.groups():
            yield decoding.body(reading, group.rows)

    def _take(self, number: int, row: dict[str, Any]) -> None:
        self.counts["rows"] += 1
        cells = self._cells(number, row)
        if any((cells.get(column) or "").strip() in words for column, words in self.mapping.drop.items()):
            self.counts["dropped"] += 1
            return
        line, content = Line(self.reading, cells), decoding.row_bytes(cells)
        try:
            self._kind.alone(line)
            key = self._kind.key(line)
        except DecodeError as error:
            self._trouble(f"row {number}", error)
            if self.mapping.unreadable == "refuse":
                return
            key = f"\x7f{number}"
        self._spool.add(key, content, number)

    def _cells(self, number: int, row: dict[str, Any]) -> Cells:
        exact = () if self.mapping.floats == "shortest" else _exact(self.reading)
        try:
            return sheets.texts(row, exact)
        except ImportFileError as error:
            raise ImportFileError(f"row {number}, {error}", remedy=error.remedy) from None

    def _check(self, group: Group) -> None:
        """Rows that are fine one by one may still contradict each other."""
        if len(group.rows) == 1:
            return
        content = decoding.body(decoding.reading_bytes(self.reading), group.rows)
        numbers = ", ".join(map(str, sorted(group.numbers)[:5])) + (", …" if len(group.numbers) > 5 else "")
        if len(content) > LARGEST_BODY:
            raise ImportFileError(f"rows {numbers}: {group.key} has too many rows", remedy="Map a `subscription`.")
        try:
            decoding.decode(content, 0)
        except DecodeError as error:
            self._trouble(f"rows {numbers}", error)

    def _trouble(self, place: str, error: DecodeError) -> None:
        trouble = Trouble(f"{place}, column {error.path}" if error.path else place, error.reason)
        if self.mapping.unreadable == "refuse" and not self._lenient:
            remedy = 'Mend it, or say `unreadable = "quarantine"` in the mapping. Nothing was imported.'
            raise ImportFileError(str(trouble), remedy=remedy)
        self.counts["unreadable"] += 1
        self.troubles = [*self.troubles, trouble][:_SHOWN]


def _exact(reading: Reading) -> frozenset[str]:
    return frozenset(column for field, column in reading.columns.items() if field in EXACT)
