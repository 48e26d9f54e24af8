"""Entries to rows of facts: in this process, or where there are many by workers beside it; the same rows either way."""

import gc
import os
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from queue import SimpleQueue
from typing import Any, BinaryIO, NamedTuple, Self

import msgspec
import pyarrow as pa

from mrr.derivation import derive
from mrr.errors import BookError
from mrr.journal import Journal
from mrr.warehouse import Columns, Warehouse, sql

BATCH = 5_000
# Starting a worker costs about as much as decoding so many entries.
MANY = 20_000
# Storing is the work of one process; more workers than this would only wait for it.
MOST = 4
_REMEDY = "The journal has every entry. Run it again; with MRR_WORKERS=1 everything is done in one process."
_LENGTH = struct.Struct(">Q")
# A worker finds its modules where this process found its own, so that both are of one version.
_START = "import sys; sys.path[:] = {path!r}; from mrr.derivation.feed import work; "
_START += "work(sys.stdin.buffer, sys.stdout.buffer)"

Progress = Callable[[str, int, int], None]


class Span(NamedTuple):
    """The entries behind seq `after`, up to seq `until`."""

    after: int
    until: int


class Fed(NamedTuple):
    """The rows of some entries, up to seq `until`."""

    until: int
    columns: Columns


def store(
    warehouse: Warehouse, journal: Journal, after: int, until: int, progress: Progress | None, workers: int = 0
) -> set[str]:
    """Put the rows of the entries with after < seq <= until into the tables of facts, in the order of seq.

    Returns the tables in which there are news.

    `workers` 0: as many as are worth it. Raises what reading the journal raises, and BookError where a worker dies.
    """
    news: set[str] = set()
    for done, columns in _fed(warehouse, journal, Span(after, until), workers or usual_workers()):
        derive.take(warehouse, columns)
        news |= columns.keys()
        if progress is not None:
            progress("decode", done - after, until - after)
    return news


def usual_workers() -> int:
    """How many processes may work at once: what MRR_WORKERS says, else one a processor, at most four."""
    told = os.environ.get("MRR_WORKERS", "")
    return int(told) if told.isdecimal() else min(len(os.sched_getaffinity(0)), MOST)


def _fed(warehouse: Warehouse, journal: Journal, span: Span, workers: int) -> Iterator[Fed]:
    address = journal.address
    if workers < 2 or address is None or span.until - span.after <= MANY:
        yield from _read(warehouse, journal, span)
        return
    with ExitStack() as stack:
        # Each worker has a thread that waits for it. Threads end last, when their workers are gone.
        threads = ThreadPoolExecutor(workers)
        stack.callback(threads.shutdown, cancel_futures=True)
        team = _Team([stack.enter_context(_Worker(address)) for _ in range(workers)])
        for part, answer in _ahead(threads, team, span, 2 * workers):
            answered = answer.result()
            yield from _read(warehouse, journal, part) if answered is None else answered


def _ahead(
    threads: ThreadPoolExecutor, team: "_Team", span: Span, most: int
) -> Iterator[tuple[Span, Future[list[Fed] | None]]]:
    """The parts of a span in their order, of which at most so many are under way or wait to be taken."""
    waiting: deque[tuple[Span, Future[list[Fed] | None]]] = deque()
    for after in range(span.after, span.until, BATCH):
        part = Span(after, min(after + BATCH, span.until))
        waiting.append((part, threads.submit(team.ask, part)))
        if len(waiting) == most:
            yield waiting.popleft()
    yield from waiting


def _read(warehouse: Warehouse, journal: Journal, span: Span) -> Iterator[Fed]:
    for entries in journal.read(span.after, span.until, BATCH):
        yield Fed(entries[-1].seq, derive.columns(warehouse, derive.decoded(entries)))


class _Worker:
    """A process that reads and decodes spans of the journal. It ends when its standard input does."""

    def __init__(self, address: str) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._has_answered = False
        command = [sys.executable, "-c", _START.format(path=[str(place) for place in sys.path])]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        with suppress(OSError):
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing)
            self._tell(self._process.stdin, address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            with suppress(OSError):
                self._process.communicate()

    def ask(self, span: Span) -> list[Fed] | None:
        """The rows of a span. None: it must be read here, because no worker could be started, or it met an error."""
        if self._process is None:
            return None
        try:
            self._tell(self._process.stdin, span)
            answer = _received(self._process.stdout)
        except (OSError, EOFError):
            if not self._has_answered:
                return None
            place = f"entries {span.after + 1} to {span.until}"
            raise BookError(f"the worker that was decoding {place} has died", remedy=_REMEDY) from None
        self._has_answered = True
        return [Fed(until, _opened(columns)) for until, columns in answer] if answer else None

    def _tell(self, worker: Any, words: Any) -> None:
        worker.write(msgspec.json.encode(words) + b"\n")
        worker.flush()


class _Team:
    """Workers of which the first that has nothing to do is asked."""

    def __init__(self, workers: list[_Worker]) -> None:
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        for worker in workers:
            self._idle.put(worker)

    def ask(self, span: Span) -> list[Fed] | None:
        """See `_Worker.ask`."""
        worker = self._idle.get()
        try:
            return worker.ask(span)
        finally:
            self._idle.put(worker)


def work(asked: BinaryIO, answers: BinaryIO) -> None:
    """The life of a worker: it is told where the journal is, then a span a line, and answers each with its rows."""
    # Whoever started it ends it; a Ctrl-C is meant for that process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Rows are many and hold no cycles: looking for some among them as often as usual would only cost time.
    gc.set_threshold(100_000)
    sys.meta_path.insert(0, _WithoutPandas())
    with suppress(BrokenPipeError), Journal.open(msgspec.json.decode(asked.readline()), read_only=True) as journal:
        warehouse = Warehouse()
        warehouse.execute(sql("facts"))
        for line in asked:
            span = msgspec.json.decode(line, type=Span)
            try:
                told = [(fed.until, _packed(fed.columns)) for fed in _read(warehouse, journal, span)]
            except Exception:
                # The process that asked reads it again, and meets the error where it can be told.
                told = []
            packed = msgspec.msgpack.encode(told)
            answers.write(_LENGTH.pack(len(packed)) + packed)
            answers.flush()


class _WithoutPandas:
    """PyArrow imports pandas as soon as it meets a list: half a second of a worker's life, of no use there."""

    def find_spec(self, name: str, *_: object) -> None:
        """Nothing: the next finder is asked. Raises ModuleNotFoundError for pandas."""
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def _received(answers: Any) -> list[tuple[int, dict[str, bytes]]]:
    (length,) = _LENGTH.unpack(_exactly(answers, _LENGTH.size))
    return msgspec.msgpack.decode(_exactly(answers, length), type=list[tuple[int, dict[str, bytes]]])


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) != size:
        raise EOFError
    return found


def _packed(columns: Columns) -> dict[str, bytes]:
    packed = {}
    for name, table in columns.items():
        buffer = pa.BufferOutputStream()
        with pa.ipc.new_stream(buffer, table.schema) as stream:
            stream.write_table(table)
        packed[name] = buffer.getvalue().to_pybytes()
    return packed


def _opened(columns: dict[str, bytes]) -> Columns:
    return {name: pa.ipc.open_stream(packed).read_all() for name, packed in columns.items()}
