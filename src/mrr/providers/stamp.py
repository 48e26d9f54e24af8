"""What every provider module answers with."""

from typing import NamedTuple


class Stamp(NamedTuple):
    """What the journal files a body under; `occurred_at` (µs): the provider's clock, or when an object was observed."""

    key: str
    kind: str
    occurred_at: int | None


class Irrelevant(NamedTuple):
    """A well-formed body that tells nothing about revenue; `name` says what it was."""

    name: str
