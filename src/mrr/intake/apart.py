"""The intake as a process of its own: what arrives waits for no posting, and no posting for what arrives.

Whoever serves takes every connection. One on which a delivery begins goes over to the intake with what was heard on it;
there the deliveries are proved, appended and answered. What is anything else comes back the same way.
"""

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import msgspec

import mrr.intake.passing as passing
from mrr.book import Book
from mrr.derivation.feed import usual_workers
from mrr.intake.line import BELOW, webhooks

# What a delivery begins with.
BEGINS = f"POST {BELOW}".encode()
# One that has ended is started anew after so long; one that never began, after twice as long each time.
AGAIN_S, LONGEST_S = 1.0, 60.0
# How long it may take over what it has begun when it is asked to end.
GRACE_S = 5.0
# So many connections it may have open; others stay with whoever serves. A process may often have a thousand files.
MOST_OPEN = 700
# It tells how it stands each second. Where it is silent for so long, nothing more goes over.
SILENT_S = 3.0
# It finds its modules where this process found its own, so that both are of one version.
_START = "import sys; sys.path[:] = {path!r}; from mrr.intake.window import stand; stand({descriptor})"
_log = logging.getLogger("uvicorn.error")

Again = Callable[[bytes], asyncio.Protocol]
"""A connection of whoever serves that begins with what was heard already."""


class Start(msgspec.Struct):
    """What the process is told when it begins: the book, and its answers from their first header to their end."""

    folder: str
    answers: dict[int, bytes]
    by_tls: bytes


class Report(msgspec.Struct):
    """What the process tells: status and seconds of each answer since it told last, and how it stands."""

    answered: list[tuple[int, float]]
    waiting: int
    open: int
    kept: bool


class Apart:
    """The intake of a served book as whoever serves sees it. `told` gets each report."""

    def __init__(self, folder: Path, answers: dict[int, bytes], by_tls: bytes, told: Callable[[Report], None]) -> None:
        self._start, self._told = Start(str(folder.absolute()), answers, by_tls), told
        self._socket: socket.socket | None = None
        self._again: Again | None = None
        self._over = asyncio.Event()
        self._coming = passing.Coming()
        # Deliveries that wait for the disk there, and connections that are open there.
        self.waiting = self.open = 0
        self.is_ready = False
        self._told_at = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Have the process run until the block ends; what it has taken by then is on disk and answered."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def takes(self, transport: asyncio.Transport, heard: bytes, again: Again) -> bool:
        """Give it a connection on which a delivery begins; `again` makes those that come back. False where it stays."""
        if not self.is_ready or self._socket is None or self.open >= MOST_OPEN:
            return False
        is_silent = asyncio.get_running_loop().time() - self._told_at > SILENT_S
        if is_silent or len(heard) > passing.MOST - passing.AT_ONCE:
            return False
        self._again = again
        taken = passing.hand_over(self._socket, transport, heard)
        self.open += taken
        return taken

    async def _run(self) -> None:
        pause = AGAIN_S
        while True:
            try:
                pause = AGAIN_S if await self._live() else min(2 * pause, LONGEST_S)
                _log.warning("the intake has ended by itself; deliveries are taken without it meanwhile")
            except OSError as error:
                pause = min(2 * pause, LONGEST_S)
                _log.warning("the intake cannot begin, deliveries are taken without it: %s", error)
            await asyncio.sleep(pause)

    async def _live(self) -> bool:
        """One life of the process; whether it ever was of use. Raises OSError where it cannot begin."""
        here, there = passing.pair()
        with here:
            begun = self._begun(there)
            try:
                await self._meet(here)
                return self.is_ready
            finally:
                self.is_ready, self.waiting, self.open, self._socket = False, 0, 0, None
                asyncio.get_running_loop().remove_reader(here)
                with suppress(OSError):
                    here.shutdown(socket.SHUT_WR)
                await asyncio.to_thread(_ended, begun)

    def _begun(self, there: socket.socket) -> "subprocess.Popen[bytes]":
        nothing = subprocess.DEVNULL
        with there:
            code = _START.format(path=[str(place) for place in sys.path], descriptor=there.fileno())
            words = [sys.executable, "-c", code]
            return subprocess.Popen(words, stdin=nothing, stdout=nothing, pass_fds=[there.fileno()])

    async def _meet(self, here: socket.socket) -> None:
        """Hear it until it is gone."""
        self._over.clear()
        passing.say(here, msgspec.json.encode(self._start))
        self._socket = here
        asyncio.get_running_loop().add_reader(here, self._hear)
        await self._over.wait()

    def _hear(self) -> None:
        assert self._socket is not None
        with suppress(BlockingIOError):
            while True:
                heard = passing.hear(self._socket)
                if heard is None:
                    self._over.set()
                    return
                if heard.connection is not None:
                    assert self._again is not None
                    self._coming.take(heard.connection, partial(self._again, heard.said))
                else:
                    self._take_in(heard.said)

    def _take_in(self, said: bytes) -> None:
        try:
            report = msgspec.json.decode(said, type=Report)
        except msgspec.MsgspecError:
            _log.warning("a connection that came back from the intake was lost: too many files are open")
            return
        self.is_ready, self.waiting, self.open = True, report.waiting, report.open
        self._told_at = asyncio.get_running_loop().time()
        self._told(report)


def _ended(begun: "subprocess.Popen[bytes]") -> None:
    """See that the process ends: by itself, as it was asked to, or else by force."""
    try:
        begun.wait(2 * GRACE_S)
    except subprocess.TimeoutExpired:
        begun.kill()
        begun.wait()


def is_worth_it(book: Book) -> bool:
    """Whether a book is delivered to, and several processes may work for it (MRR_WORKERS)."""
    return bool(webhooks(book)) and hasattr(socket, "SOCK_SEQPACKET") and usual_workers() > 1
