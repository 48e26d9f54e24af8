"""The straight way of deliveries: they are many and small; most of their cost lay before their route."""

import asyncio
import logging
import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

import mrr.api.deliveries as deliveries
import mrr.api.guard as guard
import mrr.api.problems as problems
from mrr import telemetry
from mrr.api.telemetry import Telemetry
from mrr.book.afar import from_afar
from mrr.errors import MrrError
from mrr.intake.apart import Apart, Report, is_worth_it
from mrr.intake.line import BELOW, BODY_BYTES, Busy

_LONGEST = 100
_log = logging.getLogger("uvicorn.error")

Answer = Callable[[Response], None]


class Straight:
    """Answers what the route `deliver` would answer, in a fraction of the time, once the whole body is there.

    What the guard refuses is left to it, and so is every delivery of which somebody reads a trace.
    """

    def __init__(self, told: Telemetry) -> None:
        self.told, self.live = told, told.live
        self._received = deliveries.received()
        self.apart = self.live.apart = self._apart()

    def _apart(self) -> Apart | None:
        """An intake as a process of its own, where it is worth one; of deliveries there nobody could read a trace."""
        book = self.live.book
        if telemetry.is_on() or not is_worth_it(book):
            return None
        full, late = problems.of(Busy("more arrives than the disk takes")), problems.problem(408, deliveries.LATE)
        said = {one.status_code: wire(one, guard.LINES) for one in (self._received, full, late)}
        return Apart(book.folder, said, guard.STRICT_LINE, self._hear)

    def _hear(self, report: Report) -> None:
        for status, took in report.answered:
            self.told.answered(deliveries.ROUTE, status, took)
        if report.kept:
            self.live.go_on()

    def source(self, scope: Scope) -> str | None:
        """The source of a delivery; None where it is none, or must be looked at more closely."""
        if scope["method"] != "POST" or not scope["path"].startswith(BELOW) or telemetry.is_on():
            return None
        source: str = scope["path"][len(BELOW) :]
        if not 0 < len(source) <= _LONGEST or "/" in source or not _plain(Headers(scope=scope)):
            return None
        return source if guard.refusal(scope) is None else None

    def take(self, source: str, scope: Scope, body: bytes, answer: Answer) -> None:
        """Take a delivery; `answer` is called with what is to be said, which for a 200 is once it is on disk."""
        began = time.perf_counter()

        def say(response: Response) -> None:
            self.told.answered(deliveries.ROUTE, response.status_code, time.perf_counter() - began)
            answer(response)

        def over(kept: "asyncio.Future[None]") -> None:
            error = kept.exception()
            say(self._received if error is None else _refused(source, error))

        try:
            with from_afar():
                kept = self.live.line.offer(source, Headers(scope=scope), body)
        except Exception as error:
            say(_refused(source, error))
        else:
            kept.add_done_callback(over)


def wire(response: Response, *more: bytes) -> bytes:
    """A response as it goes over the wire, behind its first line and what each adds of its own."""
    return b"".join((guard.lines(response.raw_headers), *more, b"\r\n", response.body))


def _plain(headers: Headers) -> bool:
    """Whether a body comes in one piece of a moderate length that is told before."""
    if "transfer-encoding" in headers or "expect" in headers:
        return False
    length = headers.get("content-length", "")
    return length.isdecimal() and int(length) <= BODY_BYTES


def _refused(source: str, error: BaseException) -> Response:
    if isinstance(error, MrrError):
        return problems.of(error)
    _log.error("a delivery of %s could not be taken", source, exc_info=error)
    return problems.defect()
