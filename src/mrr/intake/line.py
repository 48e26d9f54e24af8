"""The line for the disk: what arrives is proved, waits its turn, and shares a commit with what arrived beside it."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from mrr.book import Book, clock
from mrr.errors import MrrError, WrongUse
from mrr.providers import of_source

# Where deliveries come in: below this, by their source.
BELOW = "/webhooks/"
# A body of at most so many bytes is waited for where the connection is; a larger one is the route's, piece by piece.
BODY_BYTES = 60_000
# How long a connection may be silent, or take over a head, and how long a body may take to begin with.
SILENCE_S, PATIENCE_S = 15, 10.0
# So many deliveries may wait for the disk; more are sent away to come again.
WAITING = 500
# Under load a commit begins so long after the one before it, or once so many wait: each costs as much as several
# deliveries. What comes alone waits for nothing.
APART_S, TOGETHER = 0.01, 32


class Busy(MrrError):
    """More arrives than the disk takes: nothing of this delivery was kept."""

    remedy = "Send it again after the seconds that Retry-After names."


class _Delivery(NamedTuple):
    source: str
    bodies: Sequence[bytes]
    done: "asyncio.Future[None]"


class Line:
    """Takes what arrives and appends it to the journal of a book. It belongs to one event loop.

    `kept` is called whenever something was appended.
    """

    def __init__(self, book: Book, kept: Callable[[], None], waiting: int = WAITING) -> None:
        self._book, self._kept, self._waiting = book, kept, waiting
        self._secrets = {source: _secrets(told) for source, told in webhooks(book).items()}
        self._deliveries: list[_Delivery] = []
        self._arrived, self._many = asyncio.Event(), asyncio.Event()

    @property
    def queued(self) -> int:
        """How many deliveries wait for the disk."""
        return len(self._deliveries)

    def offer(self, source: str, headers: Mapping[str, str], body: bytes) -> "asyncio.Future[None]":
        """Take what a provider sends, exactly as it came; what cannot be read is kept too, and quarantined.

        What is given is done once it is on disk. Raises SignatureError, Busy; WrongUse for a source without a place to
        deliver to. Nothing was kept then.
        """
        provider, secrets = of_source(source), self._secrets.get(source)
        if provider.verify is None or not secrets:
            told = f'[webhooks."{source}"] with secrets = ["NAME_OF_A_VARIABLE"] in mrr.toml makes one.'
            raise WrongUse(f"source {source!r} takes no deliveries here", remedy=told)
        provider.verify(headers, body, secrets, clock.now_micros() // 1_000_000)
        return self.take(source, bodies(source, body))

    def take(self, source: str, bodies: Sequence[bytes]) -> "asyncio.Future[None]":
        """Keep bodies: what is given is done once they are on disk, or fails, and nothing was kept. Raises Busy."""
        if self.queued >= self._waiting:
            raise Busy("more arrives than the disk takes")
        delivery = _Delivery(source, bodies, asyncio.get_running_loop().create_future())
        self._deliveries.append(delivery)
        self._arrived.set()
        if self.queued == TOGETHER:
            self._many.set()
        return delivery.done

    async def append(self) -> None:
        """Append without end; what arrives while the disk is busy shares the next commit."""
        loop, began = asyncio.get_running_loop(), 0.0
        while True:
            await self._arrived.wait()
            self._many.clear()
            if self.queued < TOGETHER:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(began + APART_S):
                        await self._many.wait()
            self._arrived.clear()
            began = loop.time()
            taken, by_source = list(self._deliveries), defaultdict(list)
            for delivery in taken:
                by_source[delivery.source].append(delivery)
            for source, deliveries in by_source.items():
                await self._keep(source, deliveries)
            del self._deliveries[: len(taken)]
            if self._deliveries:
                self._arrived.set()
            self._kept()

    async def _keep(self, source: str, deliveries: Sequence[_Delivery]) -> None:
        kept = [body for delivery in deliveries for body in delivery.bodies]
        error: Exception | None = None
        try:
            await asyncio.to_thread(self._book.keep, kept, source=source)
        except Exception as trouble:
            error = trouble
        for delivery in deliveries:
            # Whoever asked may be gone meanwhile.
            if not delivery.done.done():
                delivery.done.set_result(None) if error is None else delivery.done.set_exception(error)


def webhooks(book: Book) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The sources that a book has places to deliver to for, with what its settings say of each."""
    found: Mapping[str, Mapping[str, Sequence[str]]] = book.settings.get("webhooks", {})
    return found


def bodies(source: str, body: bytes) -> list[bytes]:
    """The bodies of one delivery: a batch in its parts; what cannot be taken apart stays whole."""
    try:
        return list(of_source(source).split(body)) or [body]
    except MrrError:
        return [body]


def _secrets(told: Mapping[str, Sequence[str]]) -> list[str]:
    """The secrets that sign deliveries of a source: settings name the variables that hold them."""
    return [os.environ[name] for name in told.get("secrets", []) if os.environ.get(name)]
