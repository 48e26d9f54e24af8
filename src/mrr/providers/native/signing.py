"""Native deliveries are signed by the Standard Webhooks scheme: `webhook-id`, `-timestamp` and `-signature` headers."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence

from mrr.errors import SignatureError
from mrr.providers.signing import check, fresh

_PREFIX = "whsec_"


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_s: int) -> None:
    """HMAC-SHA256 over `id.timestamp.body` in base64, after `v1,`; several are set apart by spaces.

    Secrets are base64 behind `whsec_`, or plain text. Raises SignatureError.
    """
    message, signed_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    fresh(signed_at, now_s)
    signed = f"{message}.{signed_at}.".encode() + body
    check(signed, _given(headers.get("webhook-signature", "")), [_secret(secret) for secret in secrets])


def _given(header: str) -> Iterator[bytes]:
    for part in header.split():
        version, _, text = part.partition(",")
        if version == "v1":
            try:
                yield base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                continue


def _secret(text: str) -> bytes:
    if not text.startswith(_PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError("a secret of this endpoint is no base64 behind whsec_") from error
