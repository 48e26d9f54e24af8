"""A connection of the service: it waits for nobody without end, and takes whole deliveries by itself."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, cast

from starlette.responses import Response
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

import mrr.api.deliveries as deliveries
import mrr.api.guard as guard
import mrr.api.problems as problems
from mrr.api.straight import Straight, wire
from mrr.intake.apart import BEGINS
from mrr.intake.line import PATIENCE_S

# The head of a request may have so many bytes.
HEAD_BYTES = 64 << 10
# A connection that came back stays for so long: who says what the intake gives back may say it again.
STAYS_S = 1.0
# How a proxy that ends TLS says so.
_BY_TLS = (b"x-forwarded-proto", b"https")


class _Delivery(NamedTuple):
    """A delivery whose body is waited for."""

    source: str
    cycle: RequestResponseCycle


class Connection(HttpToolsProtocol):
    """A connection on which the head of a request must come in time, and to an end.

    By itself the server would wait as long as any byte comes, and keep all of them. A delivery that the straight way
    takes never becomes a request of the application: with its last byte it goes into the line for the disk. Where the
    intake is a process of its own, the whole connection goes there when a delivery begins on it; `heard` is what was
    said on one that comes back.
    """

    _head_bytes = 0
    _in_head = False
    _awaited: _Delivery | None = None

    def __init__(self, *settings: Any, straight: Straight | None = None, heard: bytes = b"", **named: Any) -> None:
        super().__init__(*settings, **named)
        self._straight, self._heard = straight, heard
        self._stays_until = self.loop.time() + STAYS_S if heard else 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look whether requests come."""
        super().connection_made(transport)
        self.loop.call_later(self.timeout_keep_alive, self._look, None)
        if self._heard:
            self.data_received(self._heard)
            self._heard = b""
            # The loop reads on after this, whatever was said here.
            self.loop.call_soon(self._pause)

    def _pause(self) -> None:
        if self.flow.read_paused and not self.transport.is_closing():
            self.transport.pause_reading()

    def data_received(self, sent: bytes) -> None:
        """Read on; what never becomes a request is refused."""
        if sent.startswith(BEGINS) and self._goes(sent):
            return
        before = self.cycle
        is_of_body = before is not None and before.more_body
        super().data_received(sent)
        is_head = self.cycle is before and not is_of_body
        self._head_bytes = self._head_bytes + len(sent) if is_head else 0
        if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def _goes(self, sent: bytes) -> bool:
        """Whether the connection went over to the intake, with the request that begins on it."""
        apart = self._straight.apart if self._straight is not None else None
        if apart is None or self._in_head or self.loop.time() < self._stays_until:
            return False
        if self.cycle is not None and (self.cycle.more_body or not self.cycle.response_complete):
            return False
        return apart.takes(self.transport, sent, self._again)

    def _again(self, heard: bytes) -> "Connection":
        """The same connection, come back."""
        return Connection(
            self.config, self.server_state, self.app_state, self.loop, straight=self._straight, heard=heard
        )

    def on_message_begin(self) -> None:
        """A request begins, of which nothing may be passed on without all of it."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Its head is over."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole: whoever waits for it may have it."""
        super().on_message_complete()
        if self._awaited is not None and self._awaited.cycle is self.cycle:
            self._hand_over(self._awaited)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Callable[..., Any]) -> None:
        # Whoever finds the service full has another application, which says so.
        source = self._straight.source(_scope(cycle)) if self._straight is not None and app is self.app else None
        if source is None:
            super()._start_asgi_task(cycle, app)
            return
        self._awaited = _Delivery(source, cycle)
        if not cycle.more_body:
            self._hand_over(self._awaited)

    def _hand_over(self, delivery: _Delivery) -> None:
        assert self._straight is not None
        self._awaited = None
        cycle = delivery.cycle
        self._straight.take(delivery.source, _scope(cycle), bytes(cycle.body), partial(self._answer, cycle))

    def _answer(self, cycle: RequestResponseCycle, response: Response) -> None:
        """Say what became of a delivery, unless who sent it is gone."""
        if cycle.disconnected or self.transport.is_closing():
            return
        told = list(cycle.default_headers)
        if not cycle.keep_alive:
            told.append((b"connection", b"close"))
        more = [guard.LINES, guard.STRICT_LINE] if _BY_TLS in cycle.scope["headers"] else [guard.LINES]
        head = STATUS_LINE[response.status_code] + guard.lines(told)
        self.transport.write(head + wire(response, *more))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def _look(self, before: Any) -> None:
        """Close it where no request is under way, or a body is waited for, as it was when it was looked at last."""
        if self.transport.is_closing():
            return
        if self._awaited is not None and self._awaited.cycle is before:
            cycle, self._awaited = self._awaited.cycle, None
            cycle.keep_alive = False
            self._answer(cycle, problems.problem(408, deliveries.LATE))
        elif self.cycle is before and (self.cycle is None or self.cycle.response_complete):
            self.timeout_keep_alive_handler()
        else:
            waits = self.timeout_keep_alive if self._awaited is None else PATIENCE_S
            self.loop.call_later(waits, self._look, self.cycle)


def _scope(cycle: RequestResponseCycle) -> Scope:
    return cast(Scope, cycle.scope)
