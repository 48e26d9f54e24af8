"""How a provider signs what it sends: an HMAC over the time and the exact bytes, under one of a few secrets."""

import hmac
from collections.abc import Iterable, Sequence

from mrr.errors import SignatureError

# How far the sender's clock may be off, and how long a delivery may be on its way.
TOLERANCE_S = 300


def check(signed: bytes, offered: Iterable[bytes], secrets: Sequence[bytes]) -> None:
    """Whether one of the signatures offered is one of `signed`. Raises SignatureError.

    All secrets are tried, so that one can be replaced by another without a gap; comparing takes the same time
    wherever two signatures differ.
    """
    given = list(offered)
    wanted = [hmac.digest(secret, signed, "sha256") for secret in secrets]
    if not any(hmac.compare_digest(one, other) for one in given for other in wanted):
        raise SignatureError("the signature is of none of the secrets known here")


def fresh(signed_at: str, now_s: int) -> None:
    """Whether the time under a signature (seconds since 1970) is near the present. Raises SignatureError."""
    if not signed_at.isascii() or not signed_at.isdigit() or len(signed_at) > 12:
        raise SignatureError("the signature names no time")
    if abs(now_s - int(signed_at)) > TOLERANCE_S:
        raise SignatureError(f"the signature is of {signed_at}, more than {TOLERANCE_S} seconds from now")
