"""What stands before every route, pages and API alike: who is sent away before anybody reads what they say."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote_plus, urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mrr.access import SECRET
from mrr.api.problems import problem
from mrr.book.afar import from_afar
from mrr.door import SAFE
from mrr.intake.line import PATIENCE_S

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
# Browsers keep to TLS for a year once they came by it.
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
RawHeader = tuple[bytes, bytes]
_HEADERS: Sequence[RawHeader] = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_STRICT: Sequence[RawHeader] = [(b"strict-transport-security", STRICT_TRANSPORT.encode())]


def lines(headers: Iterable[RawHeader]) -> bytes:
    """Headers as they go over the wire."""
    return b"".join(b"%s: %s\r\n" % header for header in headers)


# What `more` adds, as it goes over the wire.
LINES, STRICT_LINE = lines(_HEADERS), lines(_STRICT)
# Who sends a body more slowly than this is cut off: PATIENCE_S for the first byte, and at least so many a second.
BYTES_A_SECOND = 20_000


class Guard:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on, with headers that keep browsers in bounds on every answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = refusal(scope) or self.app
        with from_afar():
            await answer(scope, patient(receive), _guarded(send, more(scope)))


def refusal(scope: Scope) -> ASGIApp | None:
    """The problem with a request, where there is one that no route has to look at."""
    headers = Headers(scope=scope)
    told = unquote_plus(scope.get("query_string", b"").decode("latin-1")) + scope["path"]
    if re.search(SECRET, told):
        detail = "a token belongs into the header Authorization; logs and histories keep what stands in a URL"
        return problem(400, detail, "Revoke this one: `mrr access revoke`. Then send a new one in the header.")
    if scope["method"] not in SAFE and "authorization" not in headers and not _own_site(headers):
        return problem(403, "another site has sent this", "Send it from a page of this service, or with a token.")
    return None


def _own_site(headers: Mapping[str, str]) -> bool:
    """Whether a change comes of a page of ours, as far as the browser says; what is no browser says nothing."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        # A browser says no such thing.
        return False


def more(scope: Scope) -> Sequence[RawHeader]:
    """The headers that keep browsers in bounds."""
    return (*_HEADERS, *_STRICT) if scope["scheme"] == "https" else _HEADERS


def _guarded(send: Send, more: Sequence[RawHeader]) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = list(message.get("headers", ()))
            names = {name for name, _ in told}
            message["headers"] = told + [one for one in more if one[0] not in names]
        await send(message)

    return sent


def patient(receive: Receive) -> Receive:
    """The body, as long as it comes in decent time. Raises HTTPException 408 for one that trickles."""
    begun, size, over = asyncio.get_running_loop().time(), 0, False

    async def received() -> Message:
        nonlocal size, over
        if over:
            # Only the end of the connection is waited for, as a stream does for as long as it likes.
            return await receive()
        try:
            async with asyncio.timeout_at(begun + PATIENCE_S + size / BYTES_A_SECOND):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, f"the body took longer than {PATIENCE_S:.0f} seconds") from None
        size += len(message.get("body", b""))
        over = not message.get("more_body", False)
        return message

    return received
