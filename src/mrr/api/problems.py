"""What becomes of errors: problem documents (RFC 9457) that say what to do."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from mrr.access import Denied, NotKnown, TooMany
from mrr.errors import BookError, MrrError, SignatureError, WrongUse
from mrr.live import Busy

# The first that fits, from the special to the general.
STATUS: tuple[tuple[type[MrrError], int], ...] = (
    (NotKnown, 401),
    (Denied, 403),
    (SignatureError, 400),
    (TooMany, 429),
    (Busy, 503),
    (WrongUse, 400),
    (BookError, 503),
    (MrrError, 500),
)
_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "900"},
    503: {"Retry-After": "1"},
}


class Problem(msgspec.Struct):
    """An error as it is told: `detail` names the place, `remedy` says what to do."""

    title: str
    status: int
    detail: str
    remedy: str = ""
    type: str = "about:blank"


def problem(status: int, detail: str, remedy: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """A problem document as a response."""
    told = Problem(HTTPStatus(status).phrase, status, detail, remedy)
    more = {**_HEADERS.get(status, {}), **(headers or {})}
    return Response(msgspec.json.encode(told), status, more, "application/problem+json")


def register(app: FastAPI) -> None:
    """Have an application tell its errors so. What nobody expected says nothing of its inside."""

    @app.exception_handler(MrrError)
    async def expected(_: Request, error: MrrError) -> Response:
        status = next(status for kind, status in STATUS if isinstance(error, kind))
        return problem(status, str(error), error.remedy)

    @app.exception_handler(RequestValidationError)
    async def misspoken(_: Request, error: RequestValidationError) -> Response:
        faults = (f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in error.errors())
        return problem(422, "; ".join(faults), "/v1/openapi.json lists what can be asked.")

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    async def unexpected(_: Request, __: Exception) -> Response:
        return problem(500, "a defect of mrr; the journal is safe", "The log of the service has the trace: report it.")
