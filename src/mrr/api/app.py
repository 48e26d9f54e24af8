"""The application: its routes by theme, errors as problems, and the guard before all of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI
from fastapi.responses import Response

import mrr.api.closes as closes
import mrr.api.deliveries as deliveries
import mrr.api.described as described
import mrr.api.edits as edits
import mrr.api.exports as exports
import mrr.api.guard as guard
import mrr.api.journal as journal
import mrr.api.oncall as oncall
import mrr.api.people as people
import mrr.api.policies as policies
import mrr.api.problems as problems
import mrr.api.promises as promises
import mrr.api.reports as reports
import mrr.api.service as service
import mrr.api.straight as straight
import mrr.api.telemetry as telemetry
import mrr.api.trust as trust
from mrr.live import Live

# The largest body that is read, but for routes that say otherwise.
BODY_BYTES = 1 << 20
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
THEMES = (
    *(reports.router, trust.router, closes.router, policies.router),
    *(edits.router, journal.router, people.router, promises.router, oncall.router),
)


def app(live: Live) -> FastAPI:
    """The API over a served book; it takes in and posts while it runs."""
    watched = telemetry.Telemetry(live)
    straightly = straight.Straight(watched)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with (
            live.running(),
            watched.watching(),
            straightly.apart.running() if straightly.apart else nullcontext(),
        ):
            yield

    made = FastAPI(
        title="mrr",
        version="1",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=running,
        max_body_size=BODY_BYTES,
    )
    # Who shows how the service went gets it here.
    made.state.live, made.state.pulse = live, watched.pulse
    made.state.straight = straightly
    made.state.access, made.state.trail = live.book.access, live.book.trail
    for router in (service.public, deliveries.public, service.router, deliveries.router, exports.router, *THEMES):
        made.include_router(router)
    made.include_router(watched.router)
    made.add_api_route("/v1/{rest:path}", nothing, methods=METHODS, include_in_schema=False)
    problems.register(made)
    described.describe(made, THEMES)
    made.add_middleware(guard.Guard)
    made.add_middleware(telemetry.Timed, told=watched)
    return made


def nothing(rest: str) -> Response:
    """What is not in the API is told as its errors are, not as a page."""
    return problems.problem(404, f"there is nothing at /v1/{rest}")
