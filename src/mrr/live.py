"""A served book: what arrives is durable before it is acknowledged, posted in the background, told to who listens."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from typing import NamedTuple

from mrr.book import Book
from mrr.duty import duty
from mrr.intake.apart import Apart
from mrr.intake.line import WAITING, Line

# How long the poster sleeps where nothing arrives by this process: others may append to the journal too.
IDLE_S = 2.0
# Of a listener who is so far behind the oldest postings are left out: each tells all that the ones before it told.
BEHIND = 100


class Posted(NamedTuple):
    """The ledger went on: it now holds the journal up to `seq`, recorded at `recorded_at` (µs since the epoch)."""

    seq: int
    recorded_at: int


class Live:
    """What the service does with a book beside answering. Its coroutines belong to one event loop."""

    def __init__(self, book: Book, *, waiting: int = WAITING) -> None:
        self.book = book
        self.failure: str | None = None
        self._appended = asyncio.Event()
        self.line = Line(book, self.go_on, waiting)
        # The intake as a process of its own, where there is one.
        self.apart: Apart | None = None
        self._listeners: set[asyncio.Queue[Posted]] = set()
        self.posted: Posted | None = None
        # When the watchers last finished a turn of their own.
        self.watched_at: datetime | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Live"]:
        """Append and post until the block ends. What was taken by then is durable; the rest is found again."""
        self.book.serve()
        tasks = [asyncio.create_task(task) for task in (self.line.append(), self._post(), duty(self))]
        try:
            yield self
        finally:
            while self.line.queued:
                await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    @property
    def queued(self) -> int:
        """How many deliveries wait for the disk."""
        return self.line.queued + (self.apart.waiting if self.apart is not None else 0)

    @property
    def has_intake_apart(self) -> bool:
        """Whether a process of its own takes deliveries by now."""
        return self.apart is not None and self.apart.is_ready

    async def deliver(self, source: str, headers: Mapping[str, str], body: bytes) -> None:
        """Take what a provider sends; it is on disk when this returns. Raises what `Line.offer` raises."""
        await self.line.offer(source, headers, body)

    async def take(self, source: str, bodies: Sequence[bytes]) -> None:
        """Keep bodies: they are on disk when this returns. Raises Busy; whatever else it raises, nothing was kept."""
        await self.line.take(source, bodies)

    def go_on(self) -> None:
        """Something was appended: it is posted as soon as that can be."""
        self._appended.set()

    async def _post(self) -> None:
        while True:
            try:
                seq, recorded_at = await asyncio.to_thread(self.book.catch_up)
                self.failure = None
                self._tell(Posted(seq, recorded_at))
            except Exception as trouble:
                # The journal has everything; the page says that the ledger stands still, and why.
                self.failure = str(trouble)
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_S):
                    await self._appended.wait()
            self._appended.clear()

    def _tell(self, posted: Posted) -> None:
        if self.posted is not None and posted.seq == self.posted.seq:
            return
        self.posted = posted
        for queue in self._listeners:
            if queue.qsize() >= BEHIND:
                queue.get_nowait()
            queue.put_nowait(posted)

    @contextmanager
    def listening(self) -> Iterator["asyncio.Queue[Posted]"]:
        """A queue of each posting from now on, beginning with where the ledger stands."""
        queue: asyncio.Queue[Posted] = asyncio.Queue()
        if self.posted is not None:
            queue.put_nowait(self.posted)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
