"""The policy: what was decided key by key, what the other choice would be worth, versions, and deciding anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

import mrr.web.sheets as sheets
import mrr.web.wording as wording
from mrr import figures
from mrr.access import Actor
from mrr.book import Book
from mrr.book.clock import now
from mrr.controls.pricing import Priced, Trial, differing, percent
from mrr.door import Needs
from mrr.errors import MrrError
from mrr.governance import Version
from mrr.period import local_day
from mrr.policy import KEYS, Key, Policy, presets, standard
from mrr.policy.reference import written
from mrr.web.aside import SHORT_S, Aside, Work, again, aside_of, waiting
from mrr.web.forms import Does, onward
from mrr.web.page import book_of, page

REPORT = "report."
# The reporting currency is no choice that could be priced: its amounts could not be compared.
PRICED = tuple(key for key in KEYS if not key.name.startswith(REPORT) and key.name != "currency")

TURN_S = 0.05

router = APIRouter(include_in_schema=False)
reads, closes = [Depends(Needs("read"))], Depends(Does("close"))
Decides = Annotated[Actor, closes]
Reason = Annotated[str, Form()]


class Decision(NamedTuple):
    """A key as it was decided, and every other value with its price, where it was priced."""

    key: Key
    chosen: str
    others: Sequence[tuple[str, str, Priced | None]]


@router.get("/policy", dependencies=reads)
def policy(request: Request, priced: str = "", as_: Annotated[str, Query(alias="as")] = "") -> Response:
    """The decisions, priced where that was asked for, and every version with what can be done about it."""
    book = book_of(request)
    meant, found = book.definition(), book.policies()
    work = pricing(aside_of(request), book, meant.policy_hash, priced) if priced else None
    is_done = work is None or work.told()
    prices = [one for one in work.parts if one.value != one.now] if work is not None else []
    decisions = sorted((_decision(book, key, prices) for key in KEYS), key=_matters)
    if as_ == "csv":
        return sheets.sheet(request, "decisions", _COLUMNS, _lines(prices))
    told: dict[str, Any] = {"meant": meant, "found": found, "decisions": decisions, "work": work, "is_done": is_done}
    told |= {"official": book.governed.official, "former": book.governed.former, "closing": _closing(book)}
    told |= {"versions": list(_versions(found.versions)), "share": percent, "today": local_day(now(), meant.timezone)}
    told |= {"presets": presets()}
    response = page(request, "policy.html", told)
    return again(response, work) if work is not None and not is_done else response


def _closing(book: Book) -> int:
    rows = book.rollforward().rows
    return rows[-1].closing_micros if rows else 0


def _decision(book: Book, key: Key, prices: Sequence[Priced]) -> Decision:
    """A key with the documented values that it does not have, in whichever way they are written."""
    chosen = book.policy[key.name]
    known = {written(one.value): one for one in prices if one.key == key.name}
    meant = {value: _meant(book, key.name, value) for value in key.values}
    others = [
        (value, who, known.get(value, known.get(written(meant[value]))))
        for value, who in key.values.items()
        if meant[value] != chosen
    ]
    return Decision(key, written(chosen), others)


def _meant(book: Book, key: str, value: str) -> Any:
    """A documented value as the policy would have it; as it is written where it needs another key beside it."""
    try:
        return book.meant(f"now,{key}={value}")[key]
    except MrrError:
        return value


def _matters(decision: Decision) -> int:
    """What matters most stands first, once it is priced."""
    return -max((abs(price.difference_micros) for _, _, price in decision.others if price is not None), default=0)


_COLUMNS = ("key", "we chose", "otherwise", "MRR would change by")


def _lines(prices: Sequence[Priced]) -> list[tuple[Any, ...]]:
    return [(one.key, written(one.now), written(one.value), sheets.major(one.difference_micros)) for one in prices]


def _versions(versions: Sequence[Version]) -> list[tuple[Version, dict[str, tuple[str, str]]]]:
    """Each version with the keys in which it differs from what held before it, the newest first."""
    return [(version, changes(_before(version, versions), version.policy())) for version in reversed(versions)]


def _before(version: Version, versions: Sequence[Version]) -> Policy:
    """What was official when a version became so, or is now where it never did; the standard before the first."""
    until = version.official_at or datetime.max
    held = [one for one in versions if one.official_at is not None and one.official_at < until]
    return max(held, key=_official_at).policy() if held else standard()


def _official_at(version: Version) -> datetime:
    return version.official_at or datetime.max


def changes(before: Policy, after: Policy) -> dict[str, tuple[str, str]]:
    """The keys that differ, as they are written."""
    return {key: (written(left), written(right)) for key, (left, right) in differing(before, after).items()}


def pricing(aside: Aside, book: Book, policy_hash: str, name: str) -> Work:
    """Every key priced, or one; one key after the other, so that the book can answer others in between."""
    keys = [key.name for key in PRICED if name in ("all", key.name)] or [name]

    def compute(work: Work) -> None:
        for number, key in enumerate(keys):
            work.tell(key, number + 1, len(keys))
            work.parts += book.price(keys=[key])
            # Whoever waits for the book has their turn between two keys.
            work.done.wait(TURN_S)

    return aside.ask(f"price {name} {policy_hash}", f"what deciding otherwise would be worth: {name}", compute)


@router.get("/policy/try", dependencies=reads)
def what_if(
    request: Request,
    base: str = "now",
    change: Annotated[Sequence[str], Query()] = (),
    as_: Annotated[str, Query(alias="as")] = "",
) -> Response:
    """Another policy beside the official one: which keys differ, what MRR would be, for whom it would change."""
    book = book_of(request)
    words = wording.checked(wording.changed(base, change))
    told: dict[str, Any] = {"base": base, "change": [one for one in change if one], "words": words, "keys": KEYS}
    told |= {"written": written, "book_policy": book.policy}
    if words == "now":
        told |= {"trial": None, "bases": wording.known(book), "meant": book.definition()}
        return page(request, "try.html", told)
    meant = book.meant(words)
    work = aside_of(request).ask(
        f"try {meant.hash} {book.policy.hash}", f"what {words} would say", lambda _: book.try_policy(policy=meant)
    )
    if not work.told(None if as_ == "csv" else SHORT_S):
        return waiting(request, work)
    trial: Trial = work.answer
    if as_ == "csv":
        rows = [(one.month, sheets.major(one.official_micros), sheets.major(one.tried_micros)) for one in trial.months]
        return sheets.sheet(request, "what-if", ("month", "official", words), rows)
    told |= {"bases": wording.known(book), "meant": book.definition()}
    told |= {"trial": trial, "share": percent, "bars": _bars(trial), "label": figures.period_label}
    return page(request, "try.html", told | {"changes": changes(book.policy, meant)})


def _bars(trial: Trial) -> list[tuple[int, int]]:
    """The difference of each month as a bar of a plot that is 100 wide: from where, and how long."""
    most = max((abs(one.difference_micros) for one in trial.months), default=0) or 1
    lengths = [48 * abs(one.difference_micros) // most for one in trial.months]
    signs = [one.difference_micros < 0 for one in trial.months]
    return [(50 - length if is_less else 50, length) for length, is_less in zip(lengths, signs, strict=True)]


@router.get("/policy/diff", dependencies=reads)
def diff(request: Request, left: str = "standard", right: str = "now") -> Response:
    """Two policies key by key."""
    book = book_of(request)
    one, other = (book.meant(wording.checked(words)) for words in (left, right))
    what = {key.name: key.what for key in KEYS}
    told: dict[str, Any] = {
        "left": left,
        "right": right,
        "changes": changes(one, other),
        "what": what,
        "count": len(KEYS),
    }
    told |= {"meant": book.definition(), "known": wording.known(book), "hashes": (one.hash, other.hash)}
    return page(request, "diff.html", told)


@router.post("/policy/propose")
def propose(
    request: Request,
    actor: Decides,
    words: Annotated[str, Form()] = "",
    reason: Reason = "",
    owner: Annotated[str, Form()] = "",
    review_on: Annotated[str, Form()] = "",
    drift: Annotated[str, Form()] = "",
) -> Response:
    """A new version, a draft, of a policy in words; of policy.toml where none are given."""
    book = book_of(request)
    wanted = book.meant(wording.checked(words)) if words else None
    version = book.propose(
        policy=wanted,
        author=actor.name,
        reason=reason,
        owner=owner,
        review_on=review_on or None,
        drift=drift or None,
    )
    return onward(f"/policy#v{version.version}")


@router.post("/policy/{version}/approve")
def approve(request: Request, actor: Decides, version: int, reason: Reason = "") -> Response:
    """Give one's word for a version."""
    book_of(request).approve(version=version, author=actor.name, reason=reason)
    return onward(f"/policy#v{version}")


@router.post("/policy/{version}/promote")
def promote(
    request: Request, actor: Decides, version: int, reason: Reason = "", from_month: Annotated[str, Form()] = ""
) -> Response:
    """Take a version one stage further."""
    book_of(request).promote(version=version, author=actor.name, reason=reason, from_month=from_month or None)
    return onward(f"/policy#v{version}")


@router.post("/policy/rollback")
def rollback(request: Request, actor: Decides, reason: Reason = "") -> Response:
    """Put the former version back."""
    version = book_of(request).rollback(author=actor.name, reason=reason)
    return onward(f"/policy#v{version.version}")
