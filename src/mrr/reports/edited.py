"""Edits as people read them: who said what and why, and whether it stands."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from mrr.warehouse import Warehouse, sql


class Edited(msgspec.Struct):
    """An edit: of an entry, or `of` a customer or subscription and, where it joins two, `to` another from `at` on.

    `changes` are the fields that a correction changes; it sets an entry aside where it has none. `note` says which edit
    took it back or came after it, or why it has no effect.
    """

    seq: int
    verb: str
    entry: int | None
    of: str | None
    to: str | None
    at: datetime | None
    changes: dict[str, str]
    author: str
    reason: str
    said_at: datetime
    recorded_at: datetime
    state: Literal["standing", "reverted", "superseded", "no effect"]
    note: str | None

    @property
    def what(self) -> str:
        """What it does, in a few words: `correct entry 12: items.0.quantity=3`."""
        if self.verb == "correct":
            changes = ", ".join(f"{path}={value}" for path, value in self.changes.items())
            return f"correct entry {self.entry}: {changes}" if changes else f"set aside entry {self.entry}"
        if self.entry is not None:
            return f"{self.verb} {'edit' if self.verb == 'revert' else 'for entry'} {self.entry}"
        at = "" if self.at is None else f" from {self.at:%Y-%m-%d %H:%M} UTC on"
        joined = {"merge": f" into {self.to}", "continue": f" by {self.to}{at}"}
        return f"{self.verb} {self.of}{joined.get(self.verb, '')}"


def edited(warehouse: Warehouse) -> list[Edited]:
    """All edits in their order. The connection is prepared."""
    return [_edited(row) for row in warehouse.dicts(sql("reports/edited"))]


def bearing(warehouse: Warehouse) -> list[Edited]:
    """The standing edits that bear on the customers in scope, their subscriptions, or what was told of these."""
    seqs = {seq for (seq,) in warehouse.rows(sql("reports/edit_bearing"))}
    return [edit for edit in edited(warehouse) if edit.seq in seqs and edit.state == "standing"]


def _edited(row: Mapping[str, Any]) -> Edited:
    return Edited(**{**row, "changes": msgspec.json.decode(row["changes"], type=dict[str, str])})
