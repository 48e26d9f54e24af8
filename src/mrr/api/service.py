"""How the service itself is: health, readiness, and a stream of what is posted."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from mrr.api.known import Needs
from mrr.api.problems import problem
from mrr.live import Live, Posted

# A comment is sent after so long, so that proxies keep the connection and the dead are noticed.
HEARTBEAT_S = 15.0

public = APIRouter()
router = APIRouter(prefix="/v1", dependencies=[Depends(Needs("read"))])


@public.get("/health")
async def health() -> Response:
    """Whether the process answers."""
    return Response(b'{"status":"ok"}', media_type="application/json")


@public.get("/ready")
async def ready(request: Request) -> Response:
    """Whether deliveries are taken and the ledger follows them; 503 with the reason where not."""
    live = cast(Live, request.app.state.live)
    if live.failure is not None:
        return problem(503, f"the ledger stands still: {live.failure}", "Deliveries are kept meanwhile.")
    if live.posted is None:
        return problem(503, "the ledger is being built", "Deliveries are kept meanwhile.")
    return Response(msgspec.json.encode({"status": "ready", "seq": live.posted.seq, "queued": live.queued}))


@router.get("/stream")
async def stream(request: Request) -> StreamingResponse:
    """Server-sent events: `posted` each time the ledger went on, with the seq up to which it holds the journal."""
    live = cast(Live, request.app.state.live)
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
