"""Who asks, and whether they may; every access is put on the trail before it is answered."""

import hmac
from typing import Annotated, cast

from fastapi import Depends, Request

from mrr.access import Access, Actor, Denied, NotKnown, Trail
from mrr.book import Book
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
    """Who asks, by token or by session. Raises NotKnown, and Denied for a change that another site may have begun."""
    access = cast(Access, request.app.state.access)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return access.known(token.strip(), now_micros())
    if COOKIE not in request.cookies:
        raise NotKnown("nobody is logged in")
    actor = access.known(request.cookies[COOKIE], now_micros())
    if request.method not in SAFE and not _own(actor, request.headers.get("x-csrf-token", "")):
        raise Denied("a change needs the token of its session", remedy="Send the header X-CSRF-Token.")
    return actor


def _own(actor: Actor, told: str) -> bool:
    return actor.csrf is not None and hmac.compare_digest(actor.csrf.encode(), told.encode())


def _book(request: Request) -> Book:
    return cast(Book, request.app.state.live.book)


BookIs = Annotated[Book, Depends(_book)]
