"""Stripe signs a delivery with the header `Stripe-Signature: t=…,v1=…`: HMAC-SHA256 over `t.body`, in hex."""

from collections.abc import Iterator, Mapping, Sequence

from mrr.errors import SignatureError
from mrr.providers.signing import check, fresh


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_s: int) -> None:
    """Whether Stripe sent these bytes, lately. Other schemes than v1 are passed over. Raises SignatureError."""
    pairs = [part.partition("=")[::2] for part in headers.get("stripe-signature", "").split(",")]
    times = [value for name, value in pairs if name.strip() == "t"]
    if len(times) != 1:
        raise SignatureError("there is no header Stripe-Signature with a time")
    fresh(times[0], now_s)
    signed = times[0].encode() + b"." + body
    check(signed, _given(pairs), [secret.encode() for secret in secrets])


def _given(pairs: Sequence[tuple[str, ...]]) -> Iterator[bytes]:
    for name, value in pairs:
        if name.strip() == "v1":
            try:
                yield bytes.fromhex(value)
            except ValueError:
                continue
