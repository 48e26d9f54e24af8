"""Secrets: made at random, kept as digests, compared in constant time."""

import base64
import hashlib
import hmac
import secrets

# What scrypt costs: 16 MB and some 50 ms for each try.
_N, _R, _P = 2**14, 8, 1
_PREFIX = "mrr"
# What a secret looks like wherever it turns up.
SECRET = r"\bmrr_[0-9a-f]{12}(\.[0-9a-f]{12})?_[\w-]{20,}"


def made(key_id: str) -> str:
    """A new secret that names its key: `mrr_ID_…`, 256 bits of chance."""
    return f"{_PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"


def new_id(of: str | None = None) -> str:
    """The id of a new key; a session that began with a token bears that token's id before its own."""
    own = secrets.token_hex(6)
    return own if of is None else f"{of}.{own}"


def id_of(secret: str) -> str:
    """The id that a secret names, or an empty text."""
    prefix, _, rest = secret.partition("_")
    return rest.partition("_")[0] if prefix == _PREFIX else ""


def digest(secret: str) -> bytes:
    """What is kept of a random secret: it has too many bits to be guessed, so that a plain hash is enough."""
    return hashlib.sha256(secret.encode()).digest()


def same(secret: str, kept: bytes) -> bool:
    """Whether a secret is the one whose digest was kept."""
    return hmac.compare_digest(digest(secret), kept)


def hashed(password: str) -> str:
    """A password as it is kept: scrypt under a salt of its own."""
    salt = secrets.token_bytes(16)
    return f"scrypt${_text(salt)}${_text(_scrypt(password, salt))}"


def fits(password: str, kept: str) -> bool:
    """Whether a password is the one that was hashed."""
    _, salt, wanted = kept.split("$")
    return hmac.compare_digest(_scrypt(password, base64.b64decode(salt)), base64.b64decode(wanted))


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
