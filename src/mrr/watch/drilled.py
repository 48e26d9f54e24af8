"""What came of drills, and the results that a book keeps of them: a table of the journal's store, only appended to."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, func, insert, select

from mrr.journal import Journal
from mrr.period import instant, micros_of

drill = Table(
    "drill",
    MetaData(),
    Column("drill_id", BigInteger, primary_key=True),
    Column("ran_at", BigInteger),
    Column("said", Text),
)


class Alerted(msgspec.Struct):
    """An alert that a drill opened: what was said first, every rule that found it, how often people were told.

    `named` is the rule that it was called by in the end, for what is found later may say more of the cause.
    """

    alert_id: int
    urgency: str
    cause: str
    rules: list[str]
    named: str
    summary: str
    opened_at: datetime
    told: int


class Drilled(msgspec.Struct):
    """What came of a drill. Minutes are of simulated time, from the first failure on; None where it never came.

    `messages` is what arrived at the sink while it was wrong, `equal` whether the ledger ended as the one of a book in
    which nothing went wrong. A drill has passed where it was told of once, and mended; a control run where nobody was.
    The company has its `seed` and its `customers`; the watchers looked for so many `hours`, every so many minutes.
    """

    drill: str
    says: str
    begins_at: datetime
    alerts: list[Alerted]
    messages: int
    detected_minutes: int | None
    remedy: str
    recovered_minutes: int | None
    ledger_digest: str
    truth_digest: str
    equal: bool
    passed: bool
    engine: str
    seed: int
    customers: int
    hours: int
    every_minutes: int


class Kept(Drilled):
    """A result that a book keeps: its number, and when the drill was over, by the clock on the wall."""

    drill_id: int
    ran_at: datetime


def keep(journal: Journal, found: Drilled, at: datetime) -> Kept:
    """Keep a result; on disk when this returns."""
    said = msgspec.json.encode(found).decode()
    with journal.writing() as connection:
        number = 1 + (connection.execute(select(func.max(drill.c.drill_id))).scalar() or 0)
        connection.execute(insert(drill).values(drill_id=number, ran_at=micros_of(at), said=said))
    return _kept(number, micros_of(at), said)


def kept(journal: Journal) -> list[Kept]:
    """Every result, the latest first."""
    with journal.reading() as connection:
        found = connection.execute(select(drill).order_by(drill.c.drill_id.desc())).all()
    return [_kept(row.drill_id, row.ran_at, row.said) for row in found]


def latest(found: Iterable[Kept]) -> list[Kept]:
    """The last result of each drill, of results that have the latest first; in the order of their names."""
    last = {one.drill: one for one in reversed(list(found))}
    return [last[name] for name in sorted(last)]


def _kept(number: int, ran_at: int, said: str) -> Kept:
    found = msgspec.json.decode(said, type=Drilled)
    return Kept(**msgspec.structs.asdict(found), drill_id=number, ran_at=instant(ran_at))
