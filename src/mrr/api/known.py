"""What a request stands for: the book that is asked, and who asks."""

from typing import Annotated, cast

from fastapi import Depends, Request

from mrr.access import Actor
from mrr.book import Book
from mrr.live import Live


def live_of(request: Request) -> Live:
    """The service that answers."""
    return cast(Live, request.app.state.live)


def book_of(request: Request) -> Book:
    """The book that is served."""
    return live_of(request).book


def _actor(request: Request) -> Actor:
    return cast(Actor, request.state.actor)


BookIs = Annotated[Book, Depends(book_of)]
LiveIs = Annotated[Live, Depends(live_of)]
# Whoever was let in by the scope of the route.
ActorIs = Annotated[Actor, Depends(_actor)]
