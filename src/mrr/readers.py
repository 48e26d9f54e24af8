"""Readers of a served book: they answer beside the connection that posts, each answer from one state of the ledger."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from typing import Any, NamedTuple

from mrr.derivation import posting
from mrr.policy import Policy
from mrr.warehouse import Warehouse

# So many answers are told at once; more would only share the same processors.
AT_ONCE = max(2, len(os.sched_getaffinity(0)))
# So many answers are kept, none of more rows than this.
KEPT, ROWS = 512, 5_000


class Alone(Exception):
    """What was asked needs more than the ledger as it was posted: it is to be asked again, in turn with postings."""


class State(NamedTuple):
    """What answers are told from: the ledger with all entries up to `seq`, as of a moment, by a policy (its hash)."""

    seq: int
    moment: datetime
    policy: str


class Reading(NamedTuple):
    """What a thread answers from: its connection, in a transaction; how far that ledger goes; when now is."""

    warehouse: Warehouse
    seq: int
    moment: datetime


class _Reader:
    """A connection with the policy's tables, and of which policy and seq they are."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.seq, self.policy = -1, ""

    def look(self, policy: Policy) -> int:
        """Bring its tables to what its transaction sees: up to which seq. Raises Alone where that is no use."""
        mark = posting.watermark(self.warehouse)
        if mark is None or mark.policy != policy.ledger_hash:
            raise Alone
        if self.policy != policy.hash:
            self.warehouse.forget()
            posting.ready(self.warehouse, policy)
        elif self.seq != mark.seq:
            self.warehouse.changed()
            posting.refresh(self.warehouse, self.seq, policy)
        self.seq, self.policy = mark.seq, policy.hash
        return mark.seq


class Readers:
    """Some readers of a warehouse. Threads share them; what cannot have one waits."""

    def __init__(self, warehouse: Warehouse) -> None:
        # One on which nothing is asked: a connection that answers refuses to have another made of it.
        self._warehouse = warehouse.reader()
        self._idle: list[_Reader] = []
        self._busy, self._closed = 0, False
        self._changed = threading.Condition()

    @contextmanager
    def reading(self, policy: Policy, moment: datetime) -> Iterator[Reading]:
        """A connection on which every query sees the same state. Raises Alone once they are closed."""
        reader, alone = self._take(), None
        try:
            with posting.transaction(reader.warehouse):
                reading = Reading(reader.warehouse, reader.look(policy), moment)
                try:
                    yield reading
                except Alone as told:
                    # Nothing is wrong with what was made so far, unless the connection has failed.
                    if told.__cause__ is not None:
                        raise
                    alone = told
        except BaseException:
            # What it made in the transaction is gone with it.
            reader.policy = ""
            raise
        finally:
            self._give(reader)
        if alone is not None:
            raise alone

    def warm(self, policy: Policy, moment: datetime) -> None:
        """Make all of them ready, so that nobody has to wait for the policy's tables."""
        with suppress(Alone), ExitStack() as stack:
            for _ in range(AT_ONCE):
                stack.enter_context(self.reading(policy, moment))

    def _take(self) -> _Reader:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._busy < AT_ONCE)
            if self._closed:
                raise Alone
            self._busy += 1
            return self._idle.pop() if self._idle else _Reader(self._warehouse.reader())

    def _give(self, reader: _Reader) -> None:
        with self._changed:
            self._busy -= 1
            self._idle.append(reader)
            self._changed.notify_all()

    def close(self) -> None:
        """Let the answers under way end, and take no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._busy)
        for reader in self._idle:
            reader.warehouse.close()
        self._warehouse.close()


class Answers:
    """Answers kept until the ledger goes on. Who asks what another is just asking waits for the same answer."""

    def __init__(self) -> None:
        self._state: State | None = None
        self._kept: dict[Any, Future[Any]] = {}
        self._turn = threading.Lock()

    def told(self, state: State, question: Any, make: Callable[[], Any]) -> Any:
        """The answer to a question in a state of the ledger: the one that is kept, or else what `make` gives."""
        with self._turn:
            if state != self._state:
                self._state, self._kept = state, {}
            kept, found = self._kept, self._kept.get(question)
            if found is None:
                mine = kept[question] = Future[Any]()
                if len(kept) > KEPT:
                    del kept[next(iter(kept))]
        return self._made(kept, question, mine, make) if found is None else found.result()

    def _made(self, kept: dict[Any, Future[Any]], question: Any, mine: "Future[Any]", make: Callable[[], Any]) -> Any:
        try:
            answer = make()
        except BaseException as error:
            self._drop(kept, question)
            mine.set_exception(error)
            raise
        mine.set_result(answer)
        if len(getattr(answer, "rows", ())) > ROWS:
            self._drop(kept, question)
        return answer

    def _drop(self, kept: dict[Any, Future[Any]], question: Any) -> None:
        with self._turn:
            kept.pop(question, None)
