"""What comes in over HTTP: signed deliveries of providers, and native events by token. Durable before the answer."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

import mrr.api.problems as problems
import mrr.intake.line as line
from mrr.api.known import LiveIs
from mrr.api.routes import described, only_known
from mrr.book.afar import foreign
from mrr.door import Needs

# One event of a provider is some kilobytes; a batch of native events may be larger.
DELIVERY_BYTES, EVENTS_BYTES = 1 << 20, 16 << 20
ROUTE = "/webhooks/{source}"
LATE = "the body took too long"

public = APIRouter(tags=["Deliveries"])
router = APIRouter(prefix="/v1", tags=["Deliveries"])

_JSON = {"schema": {"type": "object"}}
_EVENTS = {
    "required": True,
    "content": {"application/x-ndjson": {"schema": {"type": "string"}}, "application/json": {"schema": {}}},
}


def _received(status: int, means: str) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": means, "content": {"application/json": _JSON}}}


@public.post(
    ROUTE,
    operation_id="deliver",
    response_model=None,
    max_body_size=DELIVERY_BYTES,
    responses={**_received(200, "It is on disk."), **problems.chosen(400, 408, 413, 422, 503)},
    openapi_extra={"security": [], "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}},
)
async def deliver(
    request: Request, live: LiveIs, source: Annotated[str, Path(max_length=100, examples=["native"])]
) -> Response:
    """Take one delivery of a provider, under its own signature. 200 means that it is on disk."""
    body = await request.body()
    await live.deliver(source, request.headers, body)
    return received()


def received() -> Response:
    """That a delivery is on disk."""
    return Response(b'{"received":true}', 200, media_type="application/json")


@router.post(
    "/events",
    operation_id="events",
    status_code=202,
    response_model=None,
    max_body_size=EVENTS_BYTES,
    dependencies=[Depends(Needs("operate")), Depends(only_known)],
    responses={**_received(202, "They are on disk."), **problems.responses("operate")},
    openapi_extra=described("operate", _EVENTS),
)
async def events(
    request: Request,
    live: LiveIs,
    source: Annotated[str, Query(min_length=1, max_length=100, description="`PROVIDER:ACCOUNT`.")] = "native",
) -> Response:
    """Take native events, one JSON document a line or a list of them. 202 means that they are on disk."""
    name, body = foreign(source), await request.body()
    bodies = await run_in_threadpool(line.bodies, name, body)
    await live.take(name, bodies)
    return Response(msgspec.json.encode({"received": len(bodies)}), 202, media_type="application/json")
