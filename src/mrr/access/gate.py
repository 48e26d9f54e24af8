"""The gate: who somebody is, by token, password or session, and what they may."""

from collections.abc import Collection, Sequence
from secrets import token_urlsafe

import msgspec
from sqlalchemy import insert, or_, select, update

import mrr.access.secrets as secrets
import mrr.access.store as store
from mrr.errors import MrrError, WrongUse
from mrr.journal import Journal

# What one may: see figures, take them out, look at raw entries, run the service, close months, give access.
SCOPES = ("read", "export", "support", "operate", "close", "admin")
SESSION_US = 12 * 3600 * 1_000_000
# After so many wrong passwords within the window nobody is let in under that name until it is over.
TRIES, WINDOW_US = 5, 15 * 60 * 1_000_000
# Wrong passwords are remembered for so many names; who tries more has each one checked at the cost of scrypt.
NAMES = 10_000
_NOBODY = secrets.hashed("nobody")


class NotKnown(MrrError):
    """Nobody is known by this token, session or password."""

    remedy = "Log in, or send a token: `Authorization: Bearer mrr_…` (`mrr access token` makes one)."


class Denied(MrrError):
    """They are known, and may not do this."""


class TooMany(MrrError):
    """Too many wrong passwords for one name."""

    remedy = "Wait a quarter of an hour, or have an admin set a new password."


class Actor(msgspec.Struct, frozen=True):
    """Somebody who is known. `csrf` is what the forms of a session must carry; `expires_at` in µs since the epoch."""

    name: str
    scopes: tuple[str, ...]
    key_id: str
    csrf: str | None = None
    expires_at: int | None = None

    def may(self, scope: str) -> bool:
        """Whether they may do what needs this scope; an admin may everything."""
        return scope in self.scopes or "admin" in self.scopes


class Holder(msgspec.Struct):
    """A user or token as it is listed; instants in µs since the epoch."""

    name: str
    kind: str
    scopes: list[str]
    key_id: str | None
    created_at: int
    expires_at: int | None
    ended_at: int | None


class Access:
    """The users, tokens and sessions of a book. All instants are µs since the epoch."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._wrong: dict[str, list[int]] = {}

    def has_admin(self) -> bool:
        """Whether anybody can give access yet."""
        return any("admin" in one.scopes and one.ended_at is None for one in self.holders())

    def token(self, holder: str, scopes: Collection[str], now: int, expires_at: int | None = None) -> str:
        """A new token, told this once. Raises WrongUse for a scope that there is not."""
        return self._key(secrets.new_id(), holder, _checked(scopes), now, expires_at, csrf=None)

    def _key(self, key_id: str, holder: str, scopes: str, now: int, expires_at: int | None, csrf: str | None) -> str:
        secret = secrets.made(key_id)
        row = {"key_id": key_id, "holder": holder, "is_session": int(csrf is not None), "scopes": scopes, "csrf": csrf}
        row |= {"secret_digest": secrets.digest(secret), "created_at": now, "expires_at": expires_at}
        with self._journal.writing() as connection:
            connection.execute(insert(store.key).values(**row))
        return secret

    def known(self, secret: str, now: int) -> Actor:
        """Who holds a token or session. Raises NotKnown: never made, revoked, or expired."""
        with self._journal.reading() as connection:
            row = connection.execute(select(store.key).where(store.key.c.key_id == secrets.id_of(secret))).one_or_none()
        if row is None or not secrets.same(secret, row.secret_digest) or row.revoked_at is not None:
            raise NotKnown("no such token or session")
        if row.expires_at is not None and row.expires_at <= now:
            raise NotKnown("this token or session has expired")
        return Actor(row.holder, tuple(row.scopes.split()), row.key_id, row.csrf, row.expires_at)

    def revoke(self, key_id: str, now: int) -> None:
        """End a session, or a token and the sessions that began with it. Raises WrongUse where there is none."""
        columns = store.key.c
        meant = or_(columns.key_id == key_id, columns.key_id.startswith(f"{key_id}.", autoescape=True))
        ended = update(store.key).where(meant, columns.revoked_at.is_(None))
        with self._journal.writing() as connection:
            if connection.execute(ended.values(revoked_at=now)).rowcount == 0:
                raise WrongUse(f"there is no token {key_id!r} to revoke", remedy="`mrr access list` shows them.")

    def user(self, name: str, password: str, scopes: Collection[str], now: int) -> None:
        """Make a user, or give one a new password and scopes, which ends their sessions.

        Raises WrongUse for a short password.
        """
        if len(password) < 12:
            raise WrongUse("a password has at least 12 characters", remedy="Choose a sentence.")
        row = {"password": secrets.hashed(password), "scopes": _checked(scopes), "disabled_at": None}
        with self._journal.writing() as connection:
            changed = connection.execute(update(store.user).where(store.user.c.name == name).values(**row))
            if changed.rowcount == 0:
                connection.execute(insert(store.user).values(name=name, created_at=now, **row))
            sessions = update(store.key).where(store.key.c.holder == name, store.key.c.is_session == 1)
            connection.execute(sessions.where(store.key.c.revoked_at.is_(None)).values(revoked_at=now))
        self._wrong.pop(name, None)

    def disable(self, name: str, now: int) -> None:
        """Let a user in no more, and end their sessions and tokens. Raises WrongUse where there is none."""
        with self._journal.writing() as connection:
            users = update(store.user).where(store.user.c.name == name).values(disabled_at=now)
            if connection.execute(users).rowcount == 0:
                raise WrongUse(f"there is no user {name!r}", remedy="`mrr access list` shows them.")
            keys = update(store.key).where(store.key.c.holder == name, store.key.c.revoked_at.is_(None))
            connection.execute(keys.values(revoked_at=now))

    def log_in(self, name: str, password: str, now: int) -> str:
        """The secret of a new session. Raises NotKnown for a wrong name or password alike, TooMany after several."""
        recent = [tried for tried in self._wrong.get(name, ()) if tried > now - WINDOW_US]
        if len(recent) >= TRIES:
            raise TooMany("too many wrong passwords for this name")
        with self._journal.reading() as connection:
            row = connection.execute(select(store.user).where(store.user.c.name == name)).one_or_none()
        # An unknown name takes as long as a known one.
        right = secrets.fits(password, row.password if row is not None else _NOBODY)
        if row is None or not right or row.disabled_at is not None:
            if len(self._wrong) >= NAMES:
                self._wrong.clear()
            self._wrong[name] = [*recent, now]
            raise NotKnown(
                "no user has this name and password", remedy="Mind the spelling; an admin can set a new one."
            )
        self._wrong.pop(name, None)
        return self._key(secrets.new_id(), name, row.scopes, now, now + SESSION_US, csrf=token_urlsafe(24))

    def session(self, token: str, now: int) -> str:
        """The secret of a new session of whoever holds a token: it may what that token may, and no longer than it.

        Raises NotKnown, also for the secret of a session.
        """
        actor = self.known(token, now)
        if actor.csrf is not None:
            raise NotKnown("this is no token")
        ends_at = min(now + SESSION_US, actor.expires_at or now + SESSION_US)
        key_id, scopes = secrets.new_id(actor.key_id), " ".join(actor.scopes)
        return self._key(key_id, actor.name, scopes, now, ends_at, csrf=token_urlsafe(24))

    def holders(self) -> list[Holder]:
        """All users and tokens; sessions are left out."""
        with self._journal.reading() as connection:
            users = connection.execute(select(store.user).order_by(store.user.c.name)).all()
            keys = connection.execute(select(store.key).where(store.key.c.is_session == 0)).all()
        found = [Holder(u.name, "user", u.scopes.split(), None, u.created_at, None, u.disabled_at) for u in users]
        return found + [
            Holder(k.holder, "token", k.scopes.split(), k.key_id, k.created_at, k.expires_at, k.revoked_at)
            for k in sorted(keys, key=lambda k: (k.created_at, k.key_id))
        ]


def _checked(scopes: Collection[str]) -> str:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise WrongUse(f"no scope {', '.join(unknown) or 'given'}", remedy=f"Scopes: {', '.join(SCOPES)}.")
    return " ".join(_ordered(scopes))


def _ordered(scopes: Collection[str]) -> Sequence[str]:
    return [scope for scope in SCOPES if scope in scopes]
