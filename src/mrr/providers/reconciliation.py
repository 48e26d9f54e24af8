"""Reconciliations as journal entries: what was compared, when, and what came of it. They bear on no ledger."""

from collections.abc import Iterator

import msgspec

from mrr.errors import DecodeError
from mrr.providers.reasons import reason_of
from mrr.providers.stamp import Irrelevant, Stamp


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison in short: amounts in micros of `currency`, percentages as decimals, instants in µs.

    `rows_digest` is the SHA-256 of its differences, `known_at_seq` the prefix of the journal that it rests on, `source`
    the one source that was compared; empty where it was the whole book.
    """

    what: str
    told_at: int
    at: int
    ours: str
    theirs: str
    policy_hash: str
    known_at_seq: int
    currency: str
    compared: int
    ours_micros: int
    theirs_micros: int
    net_micros: int
    drift_micros: int
    drift_percent: str
    threshold_percent: str
    within: bool
    differences: int
    causes: dict[str, int]
    rows_digest: str
    backfilled: int = 0
    source: str = ""


def encode(run: Run) -> bytes:
    """The body of a run."""
    return msgspec.json.encode(run, order="sorted")


def read(body: bytes) -> Run:
    """The run that a body tells of. DecodeError names the field."""
    try:
        return msgspec.json.decode(body, type=Run)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise reason_of(error, body) from None


def split(text: bytes) -> Iterator[bytes]:
    """A file of them is one a line."""
    yield from (line for line in text.splitlines() if line.strip())


def stamp(body: bytes, observed_at: int | None) -> Stamp:
    """Filed under what was compared and when."""
    try:
        run = read(body)
    except DecodeError:
        return Stamp("unreadable", "unreadable", observed_at)
    return Stamp(f"{run.what}/{run.told_at}", run.what, run.told_at)


def decode(body: bytes, observed_at: int) -> Irrelevant:
    """It tells nothing about revenue. DecodeError names the field of one that cannot be read."""
    return Irrelevant(f"reconciliation of {read(body).what}")
