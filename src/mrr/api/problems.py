"""What becomes of errors: problem documents (RFC 9457) that say what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from mrr.access import Denied, NotKnown, TooMany
from mrr.errors import AuditFailed, BookError, DecodeError, ImportFileError, MrrError, SignatureError, WrongUse
from mrr.intake.line import Busy

MEDIA = "application/problem+json"
# The first that fits, from the special to the general; what is left is a check that failed.
STATUS: tuple[tuple[type[MrrError], int], ...] = (
    (NotKnown, 401),
    (Denied, 403),
    (SignatureError, 400),
    (TooMany, 429),
    (Busy, 503),
    (WrongUse, 400),
    (ImportFileError, 400),
    (DecodeError, 400),
    (AuditFailed, 500),
    (BookError, 503),
    (MrrError, 409),
)
_HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "900"},
    503: {"Retry-After": "1"},
}
DESCRIBED = "/v1/openapi.json lists what can be asked."
# What to do where the error itself does not say it.
_REMEDIES: Mapping[int, str] = {
    404: DESCRIBED,
    405: DESCRIBED,
    406: "Ask for application/json.",
    408: "Send it again, whole.",
    413: "Send it in parts.",
    422: DESCRIBED,
}
# What can go wrong with any route that needs a scope.
_ANY: Mapping[int, str] = {
    400: "The words make no sense; `remedy` says which do.",
    401: "No token, or one that is not known (any more).",
    403: "The token lacks the scope.",
    406: "The answer cannot be had in this form.",
    408: "The body came too slowly.",
    409: "A check failed; nothing was changed.",
    413: "The body is too large.",
    422: "The words are not of the right type.",
    503: "The book cannot answer right now; try again.",
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
    told = Problem(HTTPStatus(status).phrase, status, detail, remedy or _REMEDIES.get(status, ""))
    more = {**_HEADERS.get(status, {}), **(headers or {})}
    return Response(msgspec.json.encode(told), status, more, MEDIA)


def of(error: MrrError) -> Response:
    """An error of ours as a problem."""
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    return problem(status, str(error), error.remedy)


def chosen(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These problems, as the description of the API tells them."""
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _ANY[status], "content": content} for status in statuses}


def responses(scope: str) -> dict[int | str, dict[str, Any]]:
    """Those of a route that needs a scope."""
    told = chosen(*(status for status in _ANY if status != 408))
    told[403]["description"] = f"The token lacks the scope `{scope}`."
    return told


def register(app: FastAPI) -> None:
    """Have an application tell its errors so."""

    @app.exception_handler(MrrError)
    async def expected(_: Request, error: MrrError) -> Response:
        return of(error)

    @app.exception_handler(RequestValidationError)
    async def misspoken(_: Request, error: RequestValidationError) -> Response:
        faults = (f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in error.errors())
        return problem(422, "; ".join(faults))

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    async def unexpected(_: Request, __: Exception) -> Response:
        return defect()


def defect() -> Response:
    """What nobody expected: the answer says nothing of the inside."""
    return problem(500, "a defect of mrr; the journal is safe", "The log of the service has the trace: report it.")
