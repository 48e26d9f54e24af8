"""Who may see and do what: users, tokens, and the trail of what they saw and did."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from fastapi import Path, Query
from pydantic import Field

from mrr.access import Actor, Holder, Step
from mrr.api.known import ActorIs, BookIs
from mrr.api.listed import Listed
from mrr.api.routes import Routes
from mrr.api.words import SEQ_MOST, Said
from mrr.book import Book
from mrr.book.clock import now_micros

router = Routes("Access")

DAY_US = 86_400_000_000

Scope = Literal["read", "export", "support", "operate", "close", "admin"]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=6, examples=[["read", "export"]])]
Name = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,100}$", examples=["grafana"])]
After = Annotated[int, Query(ge=0, le=SEQ_MOST, description="Only what stands behind this number.")]


class Holders(Listed):
    """Users and tokens; instants in µs since the epoch."""

    rows: list[Holder]


class Steps(Listed):
    """Steps of the trail, the oldest first; the digest of each covers the one before."""

    rows: list[Step]


class Sound(msgspec.Struct):
    """Whether every step follows from the one before it; else the number of the first that does not."""

    ok: bool
    broken_at: int | None


class Made(msgspec.Struct):
    """A new token; it is told this once, and only its digest is kept."""

    token: str
    key_id: str


class About(msgspec.Struct):
    """Who it was done to."""

    name: str


class Me(msgspec.Struct):
    """Whoever asks, and what they may."""

    name: str
    scopes: list[str]


class NewToken(Said):
    """A token for a program; without `days` it holds until it is revoked."""

    name: Name
    scopes: Scopes
    days: Annotated[int | None, Field(ge=1, le=3_650)] = None


class NewUser(Said):
    """A user; one who is there gets this password and these scopes, and their sessions end."""

    name: Name
    password: Annotated[str, Field(min_length=12, max_length=1_000, examples=["a sentence of one's own"])]
    scopes: Scopes


@router.ask("/me")
def me(actor: ActorIs) -> Me:
    """Whoever asks, and what they may."""
    return Me(actor.name, list(actor.scopes))


@router.ask("/access", "admin", pages=True)
def holders(book: BookIs) -> Holders:
    """Users and tokens with their scopes; no secret is told."""
    return Holders(book.access.holders())


@router.tell("/access/tokens", "admin", 201)
def token(book: BookIs, actor: ActorIs, said: NewToken) -> Made:
    """Make a token for a program."""
    now = _told(book, actor, "access token", {"name": said.name, "scopes": " ".join(said.scopes)})
    expires = None if said.days is None else now + said.days * DAY_US
    secret = book.access.token(said.name, said.scopes, now, expires)
    return Made(secret, book.access.known(secret, now).key_id)


@router.end("/access/tokens/{key_id}", "admin")
def revoke(book: BookIs, actor: ActorIs, key_id: Annotated[str, Path(examples=["3f9a1c07b2d4"])]) -> About:
    """End a token and the sessions that began with it."""
    book.access.revoke(key_id, _told(book, actor, "access revoke", {"key": key_id}))
    return About(key_id)


@router.tell("/access/users", "admin", 201)
def user(book: BookIs, actor: ActorIs, said: NewUser) -> About:
    """Make a user, or give one a new password and scopes."""
    now = _told(book, actor, "access user", {"name": said.name, "scopes": " ".join(said.scopes)})
    book.access.user(said.name, said.password, said.scopes, now)
    return About(said.name)


@router.end("/access/users/{name}", "admin")
def disable(book: BookIs, actor: ActorIs, name: Annotated[str, Path(examples=["ada"])]) -> About:
    """Let a user in no more, and end their sessions and tokens."""
    book.access.disable(name, _told(book, actor, "access revoke", {"name": name}))
    return About(name)


@router.ask("/trail", "admin")
def trail(book: BookIs, after: After = 0, limit: Annotated[int, Query(ge=1, le=10_000)] = 500) -> Steps:
    """Who saw and did what; `after` the last number asks for the next page. As JSON lines it can be kept elsewhere."""
    return Steps(book.trail.steps_after(after, limit))


@router.ask("/trail/verification", "admin")
def trail_verification(book: BookIs) -> Sound:
    """Whether the trail is whole."""
    broken = book.trail.broken_at()
    return Sound(broken is None, broken)


def _told(book: Book, actor: Actor, action: str, detail: Mapping[str, str]) -> int:
    """Put on the trail, before it happens, what of a change its URL does not say; at which instant (µs)."""
    now = now_micros()
    book.trail.add(actor.name, action, detail, now)
    return now
