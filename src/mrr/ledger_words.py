"""A ledger in words: `now`, `@2026-05-03`, `ours.toml@2026-05-03`, `sources=native+tabular`, `close:2026-10`."""

import tomllib
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol

from mrr.dates import asked_at, first_day
from mrr.derivation.ledgers import Ledger
from mrr.errors import WrongUse
from mrr.governance import Close, Governance
from mrr.journal import Journal
from mrr.period import instant, micros_of
from mrr.policy import Policy, standard
from mrr.policy.preset import policy_of, preset
from mrr.policy.schema import known
from mrr.warehouse import Warehouse

GRAMMAR = "now, @DAY, POLICY, POLICY@DAY, close:MONTH; then any of ,sources=A+B ,edits=none ,KEY=VALUE"
_REMEDY = f"A ledger is {GRAMMAR}."
# Whether somebody asks who may not have files of this machine read; set where they are let in.
FROM_AFAR: ContextVar[bool] = ContextVar("from_afar", default=False)


class Kept(Protocol):
    """What the words are about: an open book."""

    @property
    def journal(self) -> Journal:
        """Its journal."""

    @property
    def policy(self) -> Policy:
        """Its policy."""

    @property
    def governed(self) -> Governance:
        """What was decided about it."""

    def ledger(self) -> Warehouse:
        """Its warehouse at the journal's head."""


def named(words: str, book: Kept) -> Ledger:
    """The ledger that is meant. Parts are set apart by commas; the first may name policy and prefix:

    - `now`: the book's policy, and all that is known; it may be left out: `churn_at=request`.
    - `@WHEN`: what was known then: recorded strictly before an instant, or before the local midnight that begins a day.
      `@seq:17` is the journal up to entry 17.
    - `POLICY`, `POLICY@WHEN`: a preset, a version of the book's policy (`v2`), or a TOML file (`ours.toml`).
    - `close:2026-10`: that closed month's prefix and policy, by the engine of today; at the end of a bridge, as sealed.

    What follows changes it: `sources=native+tabular` (one account: `tabular:old`), `edits=none`, `edits=@WHEN`, and any
    policy key: `churn_at=request`, `status.past_due=14`, `netting={minutes = 60}`.
    Raises WrongUse, with what to write instead; also where nothing was known yet: that is unknown, not 0.
    """
    first, *changes = _parts(words)
    if "=" in _outside(first):
        first, changes = "now", [first, *changes]
    ledger = _base(first, book)
    for change in changes:
        ledger = _changed(ledger, change, book)
    return ledger


def spelled(words: str) -> str:
    """The same words for whoever answers, be it a process that works elsewhere: files by their whole path."""
    first, *changes = _parts(words)
    policy, at, when = first.partition("@")
    if "=" in _outside(first) or policy in ("", "now") or policy.startswith("close:"):
        return ",".join([first, *changes])
    if FROM_AFAR.get():
        _refuse_file(policy)
    elif policy.endswith(".toml") or Path(policy).is_file():
        first = f"{Path(policy).resolve()}{at}{when}"
    return ",".join([first, *changes])


def _refuse_file(policy: str) -> None:
    """Raises PolicyError for what is neither a version nor a preset, without a look at whether it is a file."""
    if not _is_version(policy):
        preset(policy)


def _is_version(name: str) -> bool:
    return name[0] == "v" and name[1:].isdigit()


def _base(first: str, book: Kept) -> Ledger:
    kind, colon, rest = first.partition(":")
    if kind == "close" and colon:
        return as_closed(_close(rest, book))
    policy, at, when = first.rpartition("@") if "@" in first else (first, "", "")
    seq = _seq(when, book) if at else book.journal.head().seq
    return Ledger(_policy(policy, book), seq, seq)


def closed(words: str, book: Kept) -> Close | None:
    """The closed month that is meant whole, as it was sealed; None for any other ledger."""
    kind, colon, rest = words.strip().partition(":")
    return _close(rest, book) if kind == "close" and colon and "," not in rest else None


def as_closed(close: Close) -> Ledger:
    """The ledger on which a closed month rests. Raises PolicyError where its policy can no longer be said."""
    sealed = close.sealed
    return Ledger(standard().differing(sealed.values, sealed.policy), sealed.seq, sealed.seq)


def _close(month: str, book: Kept) -> Close:
    day = first_day(month)
    close = book.governed.closed(day) if day is not None else None
    if close is None:
        closed = ", ".join(f"{one.sealed.month:%Y-%m}" for one in book.governed.closes)
        raise WrongUse(f"{month} is not closed", remedy=f"Closed: {closed}." if closed else "No month is closed yet.")
    return close


def _policy(name: str, book: Kept) -> Policy:
    if name in ("", "now"):
        return book.policy
    if _is_version(name):
        return book.governed.version(int(name[1:])).policy()
    return preset(name, book.policy) if FROM_AFAR.get() else policy_of(name, book.policy)


def _seq(when: str, book: Kept) -> int:
    head = book.journal.head().seq
    if when.startswith("seq:"):
        number = when.removeprefix("seq:")
        if not number.isdigit() or not 0 < int(number) <= head:
            raise WrongUse(f"@{when} is no entry of the journal", remedy=f"It has entries 1 to {head}.")
        return int(number)
    seq = book.journal.seq_at(micros_of(asked_at(when, book.policy["timezone"])))
    if seq is None:
        begun = f"The first entry was recorded at {instant(book.journal.entry(1).recorded_at)}Z." if head else ""
        raise WrongUse(f"unknown: nothing was recorded before {when}", remedy=begun or "The journal is empty.")
    return seq


def _changed(ledger: Ledger, change: str, book: Kept) -> Ledger:
    key, equals, value = (part.strip() for part in change.partition("="))
    if not equals or not value:
        raise WrongUse(f"{change!r} changes no ledger", remedy=_REMEDY)
    if key == "sources":
        return ledger._replace(sources=tuple(_source(name, book) for name in sorted({*value.split("+")})))
    if key == "edits":
        return ledger._replace(edits_seq=0 if value == "none" else _seq(value.removeprefix("@"), book))
    if key not in known():
        raise WrongUse(f"{key} is no key of a policy", remedy=f"`mrr policy show` lists every key. {_REMEDY}")
    return ledger._replace(policy=ledger.policy.differing({key: _value(value)}))


def _source(name: str, book: Kept) -> str:
    told = [source for (source,) in book.ledger().rows("SELECT DISTINCT source FROM outcome ORDER BY source")]
    if not any(source == name or source.startswith(f"{name}:") for source in told):
        raise WrongUse(f"there is no source {name!r}", remedy=f"Sources: {', '.join(told) or 'none yet'}.")
    return name


def _value(text: str) -> Any:
    """A value as a policy file writes it; a word needs no quotes."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _parts(words: str) -> list[str]:
    """The words between commas that stand outside of brackets and quotes."""
    parts, outside = [""], _outside(words)
    for place, sign in enumerate(words):
        if outside[place] == ",":
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _outside(words: str) -> str:
    """The words with everything in brackets or quotes blanked."""
    return "".join(_blanked(words))


def _blanked(words: str) -> Iterator[str]:
    depth, quote = 0, ""
    for sign in words:
        if quote:
            quote = "" if sign == quote else quote
            yield " "
        elif sign in "\"'":
            quote = sign
            yield " "
        else:
            depth += (sign in "[{") - (sign in "]}")
            yield sign if depth == 0 and sign not in "]}" else " "
