"""The straight way of deliveries: they are many and small; most of their cost lay before their route."""

import logging
import time

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

import mrr.api.deliveries as deliveries
import mrr.api.guard as guard
import mrr.api.problems as problems
from mrr import telemetry
from mrr.api.telemetry import Telemetry
from mrr.book.afar import from_afar
from mrr.errors import MrrError

_BELOW, _LONGEST = "/webhooks/", 100
_RECEIVED = deliveries.received()
_log = logging.getLogger("uvicorn.error")


class Straight:
    """Stands before the application: it answers what `deliver` would answer, in a fraction of the time.

    What the guard refuses is left to it, and so is every delivery of which somebody reads a trace.
    """

    def __init__(self, app: ASGIApp, told: Telemetry) -> None:
        self.app, self.told, self.live = app, told, told.live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a delivery, or pass on whatever else it is."""
        source = _source(scope)
        if source is None or telemetry.is_on() or guard.refusal(scope) is not None:
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        answer = await self._taken(source, Headers(scope=scope), guard.patient(receive))
        self.told.answered(deliveries.ROUTE, answer.status_code, time.perf_counter() - began)
        headers = [*answer.raw_headers, *guard.more(scope)]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _taken(self, source: str, headers: Headers, receive: Receive) -> Response:
        try:
            with from_afar():
                await self.live.deliver(source, headers, await _body(headers, receive))
        except MrrError as error:
            return problems.of(error)
        except HTTPException as error:
            return problems.problem(error.status_code, str(error.detail))
        except Exception:
            _log.exception("a delivery of %s could not be taken", source)
            return problems.defect()
        return _RECEIVED


def _source(scope: Scope) -> str | None:
    """The source of a delivery; None where it is none, or must be looked at more closely."""
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(_BELOW):
        return None
    source: str = scope["path"][len(_BELOW) :]
    return source if 0 < len(source) <= _LONGEST and "/" not in source else None


async def _body(headers: Headers, receive: Receive) -> bytes:
    """The exact bytes. Raises HTTPException 413 where they are too many, 400 where they end early."""
    told = headers.get("content-length", "0")
    _refuse(int(told) if told.isdecimal() else 0)
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise HTTPException(400, "the body ended before its end")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        _refuse(size)
        more = message.get("more_body", False)
    return b"".join(parts)


def _refuse(size: int) -> None:
    if size > deliveries.DELIVERY_BYTES:
        raise HTTPException(413, f"at most {deliveries.DELIVERY_BYTES:,} bytes are taken at once")
