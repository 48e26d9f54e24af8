"""Decisions about the book itself, such as a closed month or a promoted policy: kept in the journal, no revenue."""

from collections.abc import Iterator, Sequence

import msgspec

from mrr.errors import DecodeError, WrongUse
from mrr.facts import Fact
from mrr.providers.stamp import Irrelevant, Stamp

_REFUSED = "decisions are not imported"
_REMEDY = "They are made by `mrr policy` and `mrr close`."


class Decision(msgspec.Struct):
    """What every decision begins with; the rest is read by who folds them (governance.py)."""

    type: str


def split(text: bytes) -> Iterator[bytes]:
    """Nothing: raises WrongUse, for decisions are made in the book and never imported."""
    raise WrongUse(_REFUSED, remedy=_REMEDY)


def stamp(body: bytes, observed_at: int | None) -> Stamp:
    """Nothing: raises WrongUse, as `split`."""
    raise WrongUse(_REFUSED, remedy=_REMEDY)


def decode(body: bytes, observed_at: int) -> Sequence[Fact] | Irrelevant:
    """No facts, but the name of the decision. Raises DecodeError for what is none."""
    try:
        return Irrelevant(msgspec.json.decode(body, type=Decision).type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError("", str(error)) from error
