"""The trail: every access to figures and every change, appended and chained, so that a gap or an edit shows."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import insert, select

import mrr.access.store as store
from mrr.journal import Journal
from mrr.journal.group import GroupCommit

PAGE = 10_000


class Step(msgspec.Struct):
    """Something that somebody did. `recorded_at` in µs since the epoch; `digest` in hex."""

    audit_seq: int
    recorded_at: int
    actor: str
    action: str
    detail: dict[str, str]
    digest: str


class Trail:
    """The trail of a book."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._group: GroupCommit[Mapping[str, Any], None] = GroupCommit(self._write)

    def add(self, actor: str, action: str, detail: Mapping[str, str], now: int) -> None:
        """Append a step; it is on disk when this returns. Those of many threads share one commit."""
        text = json.dumps(dict(detail), sort_keys=True)
        self._group.submit({"recorded_at": now, "actor": actor, "action": action, "detail": text})

    def _write(self, told: Sequence[Mapping[str, Any]]) -> list[None]:
        last = select(store.audit.c.audit_seq, store.audit.c.digest).order_by(store.audit.c.audit_seq.desc()).limit(1)
        with self._journal.writing() as connection:
            seq, before = connection.execute(last).one_or_none() or (0, b"")
            rows = []
            for number, step in enumerate(told, seq + 1):
                row = {"audit_seq": number, **step}
                before = _digest(before, row)
                rows.append({**row, "digest": before})
            connection.execute(insert(store.audit), rows)
        return [None] * len(told)

    def steps(self, after: int = 0) -> Iterator[Step]:
        """The steps behind a number, the oldest first."""
        while page := self.steps_after(after, PAGE):
            yield from page
            after = page[-1].audit_seq

    def steps_after(self, after: int, limit: int) -> list[Step]:
        """So many of the steps behind a number, the oldest first."""
        columns = store.audit.c
        query = select(store.audit).where(columns.audit_seq > after).order_by(columns.audit_seq).limit(limit)
        with self._journal.reading() as connection:
            found = connection.execute(query).all()
        return [
            Step(row.audit_seq, row.recorded_at, row.actor, row.action, json.loads(row.detail), row.digest.hex())
            for row in found
        ]

    def broken_at(self) -> int | None:
        """The number of the first step that does not follow from the one before it; None for a sound trail."""
        before, number = b"", 0
        for step in self.steps():
            row = {
                "audit_seq": step.audit_seq,
                "recorded_at": step.recorded_at,
                "actor": step.actor,
                "action": step.action,
                "detail": json.dumps(step.detail, sort_keys=True),
            }
            if step.audit_seq != number + 1 or step.digest != _digest(before, row).hex():
                return step.audit_seq
            before, number = bytes.fromhex(step.digest), step.audit_seq
        return None


def _digest(before: bytes, row: Mapping[str, object]) -> bytes:
    return hashlib.sha256(before + json.dumps(row, sort_keys=True).encode()).digest()
