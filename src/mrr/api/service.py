"""How the service itself is: health, readiness, and a stream of what is posted."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from fastapi import APIRouter, Depends
from fastapi.responses import Response, StreamingResponse

import mrr.api.problems as problems
from mrr.api.known import LiveIs
from mrr.api.problems import problem
from mrr.api.routes import described
from mrr.door import Needs
from mrr.live import Live, Posted

# A comment is sent after so long, so that proxies keep the connection and the dead are noticed.
HEARTBEAT_S = 15.0

public = APIRouter(tags=["Service"])
router = APIRouter(prefix="/v1", tags=["Service"])

_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "Yes.", "content": {"application/json": {"schema": {"type": "object"}}}}
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events, for as long as it is listened to.", "content": {"text/event-stream": {"schema": {}}}}
}


@public.get("/health", operation_id="health", response_model=None, responses=_ANSWER, openapi_extra={"security": []})
async def health() -> Response:
    """Whether the process answers."""
    return Response(b'{"status":"ok"}', media_type="application/json")


@public.get(
    "/ready",
    operation_id="ready",
    response_model=None,
    responses={**_ANSWER, **problems.chosen(503)},
    openapi_extra={"security": []},
)
async def ready(live: LiveIs) -> Response:
    """Whether deliveries are taken and the ledger follows them; 503 with the reason where not."""
    if live.failure is not None:
        return problem(503, f"the ledger stands still: {live.failure}", "Deliveries are kept meanwhile.")
    if live.posted is None:
        return problem(503, "the ledger is being built", "Deliveries are kept meanwhile.")
    told = {"status": "ready", "seq": live.posted.seq, "queued": live.queued}
    return Response(msgspec.json.encode(told), media_type="application/json")


@router.get(
    "/stream",
    operation_id="stream",
    response_model=None,
    dependencies=[Depends(Needs("read"))],
    responses={**_STREAM, **problems.chosen(401, 403)},
    openapi_extra=described("read"),
)
async def stream(live: LiveIs) -> StreamingResponse:
    """Server-sent events: `posted` each time the ledger went on, with the seq up to which it holds the journal."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(live), headers=headers, media_type="text/event-stream")


async def _events(live: Live) -> AsyncIterator[bytes]:
    with live.listening() as told:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    posted = await told.get()
                yield _event(posted)
            except TimeoutError:
                yield b": still here\n\n"


def _event(posted: Posted) -> bytes:
    body = msgspec.json.encode(posted._asdict()).decode()
    return f"id: {posted.seq}\nevent: posted\ndata: {body}\n\n".encode()
