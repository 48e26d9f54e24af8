"""Why a body of Stripe's cannot be read: its instants are epoch seconds."""

import msgspec

import mrr.providers.reasons as reasons
from mrr.errors import DecodeError
from mrr.providers.stripe.shapes import LAST_SECOND


def reason_of(error: Exception, body: bytes | msgspec.Raw) -> DecodeError:
    """The DecodeError for whatever reading `body`, trimmed, raised; the path starts at the root of `body`."""
    return reasons.reason_of(error, body, _wanted)


def _wanted(what: str, path: str) -> str:
    if what.startswith("Expected `int") and what.endswith(f" <= {LAST_SECOND}"):
        return "expected epoch seconds of the years 1970 to 9998"
    return reasons.wanted(what, path)
