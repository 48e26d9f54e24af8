"""Where the events of alerts are kept: a table of the journal's store, appended to in one transaction a turn."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, insert, select

from mrr.journal import Journal
from mrr.period import instant, micros_of
from mrr.watch.alerts import Board
from mrr.watch.told import Event, Said

alert_event = Table(
    "alert_event",
    MetaData(),
    Column("event_seq", BigInteger, primary_key=True),
    Column("alert_id", BigInteger),
    Column("happened_at", BigInteger),
    Column("actor", Text),
    Column("said", Text),
)
Decided = Iterable[tuple[int, Said]]


class Alerts:
    """The alerts of a book. Threads may share one, and processes one store."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._board = Board()
        self._turn = threading.Lock()

    def board(self) -> Board:
        """Everything as it is now. It goes on with each call; nobody but this class changes it."""
        with self._turn, self._journal.reading() as connection:
            self._catch_up(connection)
            return self._board

    def happen(self, decide: Callable[[Board], Decided], at: datetime, actor: str) -> list[Event]:
        """Append what is decided on the board as it is; on disk when this returns. Nobody decides in between."""
        with self._turn:
            with self._journal.writing() as connection:
                self._catch_up(connection)
                decided = enumerate(decide(self._board), start=self._board.seq + 1)
                events = [Event(seq, alert, at, actor, said) for seq, (alert, said) in decided]
                if events:
                    connection.execute(insert(alert_event), [_row(event) for event in events])
            self._board.fold(events)
            return events

    def _catch_up(self, connection: Connection) -> None:
        columns = alert_event.c
        query = select(alert_event).where(columns.event_seq > self._board.seq).order_by(columns.event_seq)
        found = connection.execute(query).all()
        self._board.fold(
            Event(row.event_seq, row.alert_id, instant(row.happened_at), row.actor, _said(row.said)) for row in found
        )


def _row(event: Event) -> dict[str, object]:
    said = msgspec.json.encode(event.said).decode()
    return {**msgspec.structs.asdict(event), "happened_at": micros_of(event.happened_at), "said": said}


def _said(text: str) -> Said:
    said: Said = msgspec.json.decode(text, type=Said)
    return said
