"""The application: its routes, errors as problems, and headers that keep browsers from doing more than they must."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import Response

import mrr.api.deliveries as deliveries
import mrr.api.problems as problems
import mrr.api.reports as reports
import mrr.api.service as service
from mrr.live import Live

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def app(live: Live) -> FastAPI:
    """The API over a served book; it takes in and posts while it runs."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with live.running():
            yield

    made = FastAPI(
        title="mrr", version="1", openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None, lifespan=running
    )
    made.state.live = live
    made.state.access, made.state.trail = live.book.access, live.book.trail
    for router in (service.public, deliveries.public, service.router, deliveries.router, reports.router):
        made.include_router(router)
    made.add_api_route(
        "/v1/{rest:path}", nothing, methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
    )
    problems.register(made)

    @made.middleware("http")
    async def guarded(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return made


def nothing(rest: str) -> Response:
    """What is not in the API is told as its errors are, not as a page."""
    return problems.problem(404, f"there is nothing at /v1/{rest}", "/v1/openapi.json lists what there is.")
