"""A served book: what arrives is durable before it is acknowledged, posted in the background, told to who listens."""

import asyncio
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from typing import NamedTuple

from mrr.book import Book, clock
from mrr.duty import duty
from mrr.errors import MrrError, WrongUse
from mrr.providers import of_source

# So many deliveries may wait for the disk; more are sent away to come again.
WAITING = 500
# How long the poster sleeps where nothing arrives by this process: others may append to the journal too.
IDLE_S = 2.0
# Of a listener who is so far behind the oldest postings are left out: each tells all that the ones before it told.
BEHIND = 100


class Busy(MrrError):
    """More arrives than the disk takes: nothing of this delivery was kept."""

    remedy = "Send it again after the seconds that Retry-After names."


class Posted(NamedTuple):
    """The ledger went on: it now holds the journal up to `seq`, recorded at `recorded_at` (µs since the epoch)."""

    seq: int
    recorded_at: int


class _Delivery(NamedTuple):
    source: str
    bodies: Sequence[bytes]
    done: "asyncio.Future[None]"


class Live:
    """What the service does with a book beside answering. Its coroutines belong to one event loop."""

    def __init__(self, book: Book, *, waiting: int = WAITING) -> None:
        self.book = book
        self.failure: str | None = None
        self._waiting = waiting
        self._deliveries: list[_Delivery] = []
        self._arrived, self._appended = asyncio.Event(), asyncio.Event()
        self._listeners: set[asyncio.Queue[Posted]] = set()
        self.posted: Posted | None = None
        # When the watchers last finished a turn of their own.
        self.watched_at: datetime | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Live"]:
        """Append and post until the block ends. What was taken by then is durable; the rest is found again."""
        self.book.serve()
        tasks = [asyncio.create_task(task) for task in (self._append(), self._post(), duty(self))]
        try:
            yield self
        finally:
            while self._deliveries:
                await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    @property
    def queued(self) -> int:
        """How many deliveries wait for the disk."""
        return len(self._deliveries)

    async def deliver(self, source: str, headers: Mapping[str, str], body: bytes) -> None:
        """Take what a provider sends, as `offer` does; it is on disk when this returns."""
        await self.offer(source, headers, body)

    def offer(self, source: str, headers: Mapping[str, str], body: bytes) -> "asyncio.Future[None]":
        """Take what a provider sends, exactly as it came; what cannot be read is kept too, and quarantined.

        What is given is done once it is on disk. Raises SignatureError, Busy; WrongUse for a source without a place to
        deliver to. Nothing was kept then.
        """
        provider, secrets = of_source(source), self._secrets(source)
        if provider.verify is None or not secrets:
            told = f'[webhooks."{source}"] with secrets = ["NAME_OF_A_VARIABLE"] in mrr.toml makes one.'
            raise WrongUse(f"source {source!r} takes no deliveries here", remedy=told)
        provider.verify(headers, body, secrets, clock.now_micros() // 1_000_000)
        return self._lined_up(source, self.bodies(source, body))

    def bodies(self, source: str, body: bytes) -> list[bytes]:
        """The bodies of one delivery: a batch in its parts; what cannot be taken apart stays whole."""
        try:
            return list(of_source(source).split(body)) or [body]
        except MrrError:
            return [body]

    def _secrets(self, source: str) -> list[str]:
        """The secrets that sign deliveries of a source: settings name the variables that hold them."""
        names = self.book.settings.get("webhooks", {}).get(source, {}).get("secrets", [])
        return [os.environ[name] for name in names if os.environ.get(name)]

    async def take(self, source: str, bodies: Sequence[bytes]) -> None:
        """Keep bodies: they are on disk when this returns. Raises Busy; whatever else it raises, nothing was kept."""
        await self._lined_up(source, bodies)

    def _lined_up(self, source: str, bodies: Sequence[bytes]) -> "asyncio.Future[None]":
        if self.queued >= self._waiting:
            raise Busy("more arrives than the disk takes")
        delivery = _Delivery(source, bodies, asyncio.get_running_loop().create_future())
        self._deliveries.append(delivery)
        self._arrived.set()
        return delivery.done

    async def _append(self) -> None:
        """What arrives while the disk is busy shares the next commit."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            taken, by_source = list(self._deliveries), defaultdict(list)
            for delivery in taken:
                by_source[delivery.source].append(delivery)
            for source, deliveries in by_source.items():
                await self._keep(source, deliveries)
            del self._deliveries[: len(taken)]
            if self._deliveries:
                self._arrived.set()
            self._appended.set()

    async def _keep(self, source: str, deliveries: Sequence[_Delivery]) -> None:
        bodies = [body for delivery in deliveries for body in delivery.bodies]
        error: Exception | None = None
        try:
            await asyncio.to_thread(self.book.keep, bodies, source=source)
        except Exception as trouble:
            error = trouble
        for delivery in deliveries:
            # Whoever asked may be gone meanwhile.
            if not delivery.done.done():
                delivery.done.set_result(None) if error is None else delivery.done.set_exception(error)

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
