"""Pages of an answer, each on the same ledger as the first."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import Request

from mrr.book import NOW
from mrr.errors import WrongUse


class Place(msgspec.Struct, frozen=True):
    """Where a page begins, and on which ledger: later pages stay on that of the first."""

    ledger: str
    as_of: str | None
    offset: int = 0

    @classmethod
    def read(cls, cursor: str | None, ledger: str, as_of: str | None) -> "Place":
        """The place that a cursor names, or the first one. Raises WrongUse for what is no cursor of ours."""
        if cursor is None:
            return cls(ledger, as_of)
        try:
            place = msgspec.convert(json.loads(base64.urlsafe_b64decode(cursor.encode())), cls)
        except (binascii.Error, ValueError, RecursionError, msgspec.ValidationError) as error:
            raise WrongUse("this is no cursor of ours", remedy="Follow the header Link, rel=next.") from error
        if place.offset < 0:
            raise WrongUse("this is no cursor of ours", remedy="Follow the header Link, rel=next.")
        return place

    def cursor(self) -> str:
        """This place as a text for a URL."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode()


def paged(request: Request, found: Any, place: Place, limit: int) -> tuple[Any, Mapping[str, str]]:
    """A page of an answer, and the header `Link` to the next one; lists grow at their end only."""
    end = place.offset + limit
    headers = {"X-Total-Count": str(len(found.rows))}
    if end < len(found.rows):
        following = request.url.include_query_params(cursor=_following(found, place, end).cursor())
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return msgspec.structs.replace(found, rows=found.rows[place.offset : end]), headers


def _following(found: Any, place: Place, end: int) -> Place:
    """The place behind a page, on the ledger that this one looked at."""
    meant = getattr(found, "definition", None)
    if meant is None:
        return Place(place.ledger, place.as_of, end)
    pinned = f"{NOW}@seq:{meant.known_at_seq}" if place.ledger == NOW else place.ledger
    return Place(pinned, f"{meant.as_of.isoformat()}Z", end)
