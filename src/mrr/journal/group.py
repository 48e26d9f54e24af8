"""Group commit: batches that arrive while one is being written share the next transaction; no timer."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Condition
from typing import Generic, TypeVar

Batch = TypeVar("Batch")
Outcome = TypeVar("Outcome")


class GroupCommit(Generic[Batch, Outcome]):
    """Hands batches from many threads to `write`, one group at a time.

    `write` gets all batches that wait, in their order, and returns an outcome for each; if it raises, none of them
    was written and every one of them is told so.
    """

    def __init__(self, write: Callable[[Sequence[Batch]], Sequence[Outcome]]) -> None:
        self._write = write
        self._waiting: list[tuple[Batch, Future[Outcome]]] = []
        self._writing = False
        self._changed = Condition()

    def submit(self, batch: Batch) -> Outcome:
        """Return when the batch was written, by this thread or by the one that led its group."""
        outcome: Future[Outcome] = Future()
        with self._changed:
            self._waiting.append((batch, outcome))
            self._changed.wait_for(lambda: outcome.done() or not self._writing)
            if outcome.done():
                return outcome.result()
            group, self._waiting, self._writing = self._waiting, [], True
        self._lead(group)
        return outcome.result()

    def _lead(self, group: Sequence[tuple[Batch, Future[Outcome]]]) -> None:
        try:
            outcomes = self._write([batch for batch, _ in group])
            for (_, waiting), outcome in zip(group, outcomes, strict=True):
                waiting.set_result(outcome)
        except BaseException as error:
            for _, waiting in group:
                waiting.set_exception(error)
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
