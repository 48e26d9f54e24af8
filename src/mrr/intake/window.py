"""The process of the intake: connections come to it, deliveries are taken, and what is anything else goes back."""

import asyncio
import gc
import signal
import socket
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from pathlib import Path

import httptools
import msgspec
import uvloop

import mrr.intake.passing as passing
from mrr.book import Book
from mrr.intake.apart import GRACE_S, Report, Start
from mrr.intake.line import BELOW, BODY_BYTES, PATIENCE_S, SILENCE_S, Busy, Line, webhooks

# A longer head is for whoever serves.
HEAD_BYTES = 16 << 10
# So many answers are told at once, and so many are kept to be told: they are counted, and no more.
TOLD, KEPT = 1_000, 50_000
# A connection that cannot be given back now is tried again after so long, and so often.
AGAIN_S, OFTEN = 0.01, 500
_FIRST = {200: b"HTTP/1.1 200 OK\r\n", 408: b"HTTP/1.1 408 Request Timeout\r\n"}
_FIRST[503] = b"HTTP/1.1 503 Service Unavailable\r\n"
# With any of these a request is somebody else's to look at.
_CLOSER = {"transfer-encoding", "expect", "upgrade", "origin", "sec-fetch-site"}


class Head:
    """The head of a request, as far as it says that a delivery follows."""

    def __init__(self, text: bytes) -> None:
        self.path, self.headers = b"", dict[str, str]()
        self.is_whole = False
        self.keeps_alive = False
        self._parser = parser = httptools.HttpRequestParser(self)
        parser.feed_data(text)
        length = self.headers.get("content-length", "")
        self.length = int(length) if length.isdecimal() and len(length) < 6 else BODY_BYTES + 1
        is_post = self.is_whole and parser.get_method() == b"POST" and parser.get_http_version() == "1.1"
        self.is_plain = is_post and self.length <= BODY_BYTES and not _CLOSER & self.headers.keys()

    def on_url(self, url: bytes) -> None:
        """Called by the parser."""
        self.path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self.headers.setdefault(name.lower().decode("latin-1"), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self.is_whole, self.keeps_alive = True, self._parser.should_keep_alive()


class Caller(asyncio.BufferedProtocol):
    """A connection over which deliveries come, each answered once it is on disk."""

    def __init__(self, window: "Window", heard: bytes) -> None:
        self._window, self._heard = window, heard
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        # Of the delivery under way: its head, where its body begins, and what is kept of it until it is answered.
        self._head: Head | None = None
        self._begins = 0
        self._message: bytes | None = None
        self._since = self._loop.time()
        self._ends = self._is_paused = False
        self._tries = OFTEN

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Go on from what was heard elsewhere."""
        self._transport = transport
        self._window.callers.add(self)
        if self._window.ended.is_set():
            transport.close()
        else:
            self._read()

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody waits for an answer any more."""
        self._window.callers.discard(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where what comes next is put: one place for all connections, for it is taken from there at once."""
        return self._window.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read on; what comes before an answer is out is read after it."""
        self._heard += self._window.buffer[:nbytes]
        if self._message is None:
            self._read()
        else:
            self._is_paused = True
            self._transport.pause_reading()

    def end(self) -> None:
        """Take no more; what was taken is still answered."""
        self._ends = True
        if self._message is None and self._head is None:
            self._transport.close()

    def look(self, now: float) -> None:
        """Whoever is silent, or takes too long over a body, is left."""
        if self._message is not None or self._transport.is_closing():
            return
        if self._head is not None and now - self._since > PATIENCE_S:
            self._say(408, self._head, self._since)
        elif self._head is None and now - self._since > SILENCE_S:
            self._transport.close()

    def _read(self) -> None:
        """Take the next delivery, if it is whole."""
        if self._head is None:
            self._begins = self._heard.find(b"\r\n\r\n") + 4
            if self._begins < 4:
                if len(self._heard) > HEAD_BYTES:
                    self._give_back()
                return
            self._head = self._window.head(self._heard[: self._begins])
            self._since = self._loop.time()
            if self._head is None:
                self._give_back()
                return
        ends = self._begins + self._head.length
        if len(self._heard) >= ends:
            self._message, self._heard = self._heard[:ends], self._heard[ends:]
            self._offer(self._head, self._message[self._begins :])

    def _offer(self, head: Head, body: bytes) -> None:
        began = self._loop.time()
        try:
            kept = self._window.line.offer(head.path.decode()[len(BELOW) :], head.headers, body)
        except Busy:
            self._say(503, head, began)
        except Exception:
            # Whoever serves meets the same, and says so.
            self._give_back()
        else:
            kept.add_done_callback(partial(self._kept, head, began))

    def _kept(self, head: Head, began: float, kept: "asyncio.Future[None]") -> None:
        if kept.exception() is None:
            self._say(200, head, began)
        else:
            self._give_back()

    def _say(self, status: int, head: Head, began: float) -> None:
        """Answer the delivery that is under way, and go on with the next."""
        now = self._loop.time()
        self._window.answered.append((status, now - began))
        self._message, self._head, self._since = None, None, now
        if self._transport.is_closing():
            return
        keeps_alive = head.keeps_alive and not self._ends and status != 408
        self._transport.write(self._window.answer(status, head, keeps_alive=keeps_alive))
        if not keeps_alive:
            self._transport.close()
        elif self._heard or self._is_paused:
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Take what came before the answer was out."""
        if self._message is None and not self._transport.is_closing():
            self._read()
        if self._is_paused and self._message is None and not self._transport.is_closing():
            self._is_paused = False
            self._transport.resume_reading()

    def _give_back(self) -> None:
        """Have whoever serves go on from here: with what is not answered, or was not understood."""
        # While there is a message nothing more is read.
        self._message, self._heard = (self._message or b"") + self._heard, b""
        if self._transport.is_closing():
            return
        if self._window.ended.is_set():
            self._transport.close()
            return
        self._transport.pause_reading()
        if not passing.hand_over(self._window.parent, self._transport, self._message):
            self._tries -= 1
            if self._tries:
                self._loop.call_later(AGAIN_S, self._give_back)
            else:
                self._transport.abort()


class Window:
    """What the process knows: the line, who is connected, and whoever serves."""

    def __init__(self, book: Book, parent: socket.socket, told: Start) -> None:
        self.parent, self._told = parent, told
        self.callers: set[Caller] = set()
        self.answered: list[tuple[int, float]] = []
        self.buffer = memoryview(bytearray(passing.AT_ONCE))
        self.line = Line(book, self._kept)
        self._has_kept = False
        self.ended = asyncio.Event()
        self._paths = {f"{BELOW}{source}".encode() for source in webhooks(book)}
        self._coming = passing.Coming()
        self._second, self._date = 0, b""

    def head(self, text: bytes) -> Head | None:
        """The head of a delivery to a source of the book; None for everything else."""
        try:
            head = Head(text)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return None
        return head if head.is_plain and head.path in self._paths else None

    def answer(self, status: int, head: Head, *, keeps_alive: bool) -> bytes:
        """An answer as it goes over the wire."""
        second = int(asyncio.get_running_loop().time())
        if second != self._second:
            self._second, self._date = second, b"date: %s\r\n" % formatdate(usegmt=True).encode()
        more = self._told.by_tls if head.headers.get("x-forwarded-proto") == "https" else b""
        close = b"" if keeps_alive else b"connection: close\r\n"
        return b"".join((_FIRST[status], self._date, close, more, self._told.answers[status]))

    def hear(self) -> None:
        """Take the connections that come, until whoever serves has no more."""
        with suppress(BlockingIOError):
            while True:
                heard = passing.hear(self.parent)
                if heard is None:
                    self.ended.set()
                    return
                if heard.connection is not None:
                    self._coming.take(heard.connection, partial(Caller, self, heard.said))

    def _kept(self) -> None:
        self._has_kept = True
        self.report()

    def report(self) -> None:
        """Tell whoever serves; what does not get through is told with the next."""
        connections = len(self.callers) + len(self._coming)
        report = Report(self.answered[:TOLD], self.line.queued, connections, self._has_kept)
        if passing.say(self.parent, msgspec.json.encode(report)):
            del self.answered[:TOLD]
            self._has_kept = False
        del self.answered[:-KEPT]

    async def watch(self) -> None:
        """See to those who are silent, and tell what nobody told yet, each second."""
        while True:
            await asyncio.sleep(1)
            now = asyncio.get_running_loop().time()
            for caller in list(self.callers):
                caller.look(now)
            self.report()

    async def run(self) -> None:
        """Take deliveries until whoever serves asks for an end, or is gone; what was taken is answered."""
        loop = asyncio.get_running_loop()
        self.parent.setblocking(False)
        loop.add_reader(self.parent, self.hear)
        tasks = [loop.create_task(task) for task in (self.ended.wait(), self.line.append(), self.watch())]
        self.report()
        # Without the line, or the watch, it is of no use either.
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self.ended.set()
        loop.remove_reader(self.parent)
        for caller in list(self.callers):
            caller.end()
        until = loop.time() + GRACE_S
        while (self.line.queued or self.callers) and loop.time() < until:
            await asyncio.sleep(AGAIN_S)
        self.report()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def stand(descriptor: int) -> None:
    """The life of the process: it hears which book it is for, and takes connections until it is asked to end."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        # Whoever started it ends it.
        signal.signal(stop, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as parent:
        heard = passing.hear(parent)
        if heard is None:
            return
        told = msgspec.json.decode(heard.said, type=Start)
        with Book(Path(told.folder)) as book:
            gc.collect()
            gc.freeze()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_stand(book, parent, told))
            # Else DuckDB's binding would complain at the end of what nobody let go of.
            gc.unfreeze()


async def _stand(book: Book, parent: socket.socket, told: Start) -> None:
    await Window(book, parent, told).run()
