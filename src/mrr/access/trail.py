"""The trail: every access to figures and every change, appended and chained, so that a gap or an edit shows."""

import hashlib
import json
from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy import insert, select

import mrr.access.store as store
from mrr.journal import Journal

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

    def add(self, actor: str, action: str, detail: Mapping[str, str], now: int) -> None:
        """Append a step; it is on disk when this returns."""
        text = json.dumps(dict(detail), sort_keys=True)
        last = select(store.audit.c.audit_seq, store.audit.c.digest).order_by(store.audit.c.audit_seq.desc()).limit(1)
        with self._journal.writing() as connection:
            seq, before = connection.execute(last).one_or_none() or (0, b"")
            row = {"audit_seq": seq + 1, "recorded_at": now, "actor": actor, "action": action, "detail": text}
            connection.execute(insert(store.audit).values(**row, digest=_digest(before, row)))

    def steps(self, after: int = 0) -> Iterator[Step]:
        """The steps behind a number, the oldest first."""
        while page := self._page(after):
            yield from page
            after = page[-1].audit_seq

    def _page(self, after: int) -> list[Step]:
        columns = store.audit.c
        query = select(store.audit).where(columns.audit_seq > after).order_by(columns.audit_seq).limit(PAGE)
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
