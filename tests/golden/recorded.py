"""Recorded runs in a book: each response as a bare Stripe object, observed when its step was made."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from mrr import Book
from mrr.answers import ImportCounts, Verified
from mrr.derivation import ingest
from mrr.policy import standard
from mrr.providers.stripe import split
from tests.providers.stripe.bodies import lines, when

# Everything recorded is of Stripe's test mode, which the standard policy leaves out.
ALL_CUSTOMERS: dict[str, Any] = {"customers.exclude": []}


class Offered(NamedTuple):
    """A body to be imported, and when it was observed (µs); None where it is an event, which says so itself."""

    body: bytes
    observed_at: int | None


@cache
def runs() -> list[Any]:
    """The 199 recorded runs."""
    return lines("runs")


def bodies(step: Mapping[str, Any]) -> list[bytes]:
    """The objects in the response of a step: one, or those of the list that it is."""
    return list(split(json.dumps(step["body"]).encode()))


def offered(steps: Iterable[Mapping[str, Any]], observed: Mapping[int, datetime]) -> Iterator[Offered]:
    """The objects of a run's steps, observed at the recorder's clock or where `observed` knows better."""
    for number, step in enumerate(steps):
        better = observed.get(number)
        at = when(step["recorded_at"]) if better is None else int(better.replace(tzinfo=UTC).timestamp()) * 1_000_000
        for body in bodies(step):
            yield Offered(body, at)


def new_book(folder: Path, changes: Mapping[str, Any] | None = None) -> Book:
    """An empty book in which test mode counts."""
    return Book.create(folder, policy=standard().differing({**ALL_CUSTOMERS, **(changes or {})}, "golden"))


def deliver(book: Book, bodies: Iterable[Offered]) -> None:
    """Put bodies into the journal, each with its own observation time; the next question posts them."""
    now = iter(range(1, 10**9))
    for observed_at, together in groupby(bodies, key=lambda offered: offered.observed_at):
        exact = [body for body, _ in together]
        ingest.append(book.journal, "stripe", exact, now=lambda: next(now), observed_at=observed_at)


def outcomes(verified: Verified) -> dict[str, int]:
    """How many bodies had which outcome, by the names of ImportCounts; duplicates are those of bytes and of facts."""
    counts = {ImportCounts.NAMES.get(name, name): count for name, count in verified.outcomes.items()}
    counts["duplicates"] = counts.get("duplicates", 0) + verified.duplicates
    return {name: count for name, count in counts.items() if count}
