"""Who stands at the door of the service, and whether they may come in; every access is put on the trail first."""

import hmac
from typing import cast

from fastapi import Request

from mrr.access import Access, Actor, Denied, NotKnown, Trail
from mrr.book.clock import now_micros

COOKIE = "mrr_session"
SAFE = ("GET", "HEAD", "OPTIONS")


class Needs:
    """A dependency of every route that is not public: lets in who has the scope. Raises NotKnown, Denied."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    def __call__(self, request: Request) -> Actor:
        """Somebody who may do this."""
        actor = actor_of(request)
        detail = {"query": request.url.query} if request.url.query else {}
        trail = cast(Trail, request.app.state.trail)
        if not actor.may(self.scope):
            trail.add(actor.name, f"denied {request.method} {request.url.path}", detail, now_micros())
            raise Denied(f"this needs the scope {self.scope}", remedy=f"{actor.name} has: {' '.join(actor.scopes)}.")
        trail.add(actor.name, f"{request.method} {request.url.path}", detail, now_micros())
        request.state.actor = actor
        return actor


def actor_of(request: Request) -> Actor:
    """Who asks. Raises NotKnown, and Denied for a change that another site may have begun."""
    actor = known(request)
    # A session is the cookie of a browser; as a bearer's token it would get round what keeps other sites out.
    if "authorization" in request.headers and actor.csrf is not None:
        raise NotKnown("this is no bearer's token")
    by_token = "authorization" in request.headers
    if not by_token and request.method not in SAFE and not own(actor, request.headers.get("x-csrf-token", "")):
        raise Denied("a change needs the token of its session", remedy="Send the header X-CSRF-Token.")
    return actor


def known(request: Request) -> Actor:
    """Who asks, by token or by session. Raises NotKnown."""
    access = cast(Access, request.app.state.access)
    if "authorization" in request.headers:
        scheme, _, token = request.headers["authorization"].partition(" ")
        if scheme.lower() != "bearer":
            raise NotKnown("this is no bearer's token")
        return access.known(token.strip(), now_micros())
    if COOKIE not in request.cookies:
        raise NotKnown("nobody is logged in")
    return access.known(request.cookies[COOKIE], now_micros())


def own(actor: Actor, told: str) -> bool:
    """Whether a form or request comes of the session itself."""
    return actor.csrf is not None and hmac.compare_digest(actor.csrf.encode(), told.encode())
