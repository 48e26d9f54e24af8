"""All that knows a vendor's words: one module a provider, a plain dict of them, no plugin system."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from mrr.facts import Fact


class Stamp(NamedTuple):
    """What the journal files a body under; `occurred_at` (µs): the provider's clock, or when an object was observed."""

    key: str
    kind: str
    occurred_at: int | None


class Irrelevant(NamedTuple):
    """A well-formed body that tells nothing about revenue; `name` says what it was."""

    name: str


class Provider(Protocol):
    """What every provider module offers."""

    def split(self, text: bytes) -> Iterator[bytes]:
        """The exact bytes of each body in a JSON array, a list object or a single document."""

    def stamp(self, body: bytes, observed_at: int | None) -> Stamp:
        """Never raises: what cannot be read is filed under its digest, kind `unreadable`."""

    def decode(self, body: bytes, observed_at: int) -> Sequence[Fact] | Irrelevant:
        """The facts of a body; DecodeError names the path of the field that cannot be read."""
