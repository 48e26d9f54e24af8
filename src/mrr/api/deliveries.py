"""What comes in over HTTP: signed deliveries of providers, and native events by token. Durable before the answer."""

import asyncio
from typing import Annotated, cast

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from mrr.access import Actor
from mrr.api.known import Needs
from mrr.live import Live

# One event of a provider is some kilobytes; a batch of native events may be larger.
DELIVERY_BYTES, EVENTS_BYTES = 1 << 20, 16 << 20
# Who sends more slowly than this is cut off.
PATIENCE_S = 10.0

public = APIRouter()
router = APIRouter(prefix="/v1")


@public.post("/webhooks/{source}")
async def deliver(request: Request, source: str) -> Response:
    """Take one delivery of a provider, under its own signature. 200 means that it is on disk."""
    body = await _body(request, DELIVERY_BYTES)
    await _live(request).deliver(source, request.headers, body)
    return Response(b'{"received":true}', 200, media_type="application/json")


@router.post("/events")
async def events(
    request: Request, actor: Annotated[Actor, Depends(Needs("operate"))], source: str = "native"
) -> Response:
    """Take native events, one JSON document a line or a list of them. 202 means that they are on disk."""
    body = await _body(request, EVENTS_BYTES)
    live = _live(request)
    bodies = await run_in_threadpool(live.bodies, source, body)
    await live.take(source, bodies)
    return Response(msgspec.json.encode({"received": len(bodies)}), 202, media_type="application/json")


def _live(request: Request) -> Live:
    return cast(Live, request.app.state.live)


async def _body(request: Request, limit: int) -> bytes:
    """The exact bytes of a request. Raises HTTPException 413 beyond the limit, 408 where they trickle in."""
    parts, size = [], 0
    if int(request.headers.get("content-length") or 0) > limit:
        raise HTTPException(413, f"at most {limit:,} bytes are taken at once")
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                if size > limit:
                    raise HTTPException(413, f"at most {limit:,} bytes are taken at once")
    except TimeoutError:
        raise HTTPException(408, f"the body took longer than {PATIENCE_S:.0f} seconds") from None
    return b"".join(parts)
