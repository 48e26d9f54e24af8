"""What MRR is: the policy in force, its versions, what deciding otherwise would be worth, and deciding so."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import Path, Query
from pydantic import Field

from mrr.answers import Definition
from mrr.api.known import ActorIs, BookIs
from mrr.api.listed import Listed
from mrr.api.routes import Routes
from mrr.api.words import AsOf, Because, Month, Reason, Said
from mrr.book import Book
from mrr.controls.pricing import Priced, Trial, differing
from mrr.governance import Policies, Version
from mrr.policy import KEYS, Policy, presets

router = Routes("Policy")

Words = Annotated[
    str,
    Query(
        description="`now`, a version (`v2`) or a preset; then any of `,KEY=VALUE`.",
        examples=["now,churn_at=request", "chartmogul"],
    ),
]
Number = Annotated[int, Path(ge=1, le=1_000_000, description="The number of a version.", examples=[1])]


class InForce(msgspec.Struct):
    """A policy, key by key. Equal hashes, equal definition of MRR; `ledger_hash` leaves out what shapes reports."""

    name: str
    hash: str
    ledger_hash: str
    values: dict[str, Any]


class Decision(msgspec.Struct):
    """A key of a policy: what it decides, its values with who chooses each, an example."""

    name: str
    what: str
    values: dict[str, str]
    example: str


class Decisions(Listed):
    """Every key of a policy."""

    rows: list[Decision]


class PresetTold(msgspec.Struct):
    """What a well-known tool publishes of its MRR, as far as it does, as keys of a policy."""

    name: str
    title: str
    extent: str
    rules: dict[str, Any]


class Presets(Listed):
    """Every preset."""

    rows: list[PresetTold]


class Differing(msgspec.Struct):
    """The keys in which two policies differ, each with both values."""

    left: str
    right: str
    keys: dict[str, list[Any]]


class Tried(msgspec.Struct):
    """What the book would say under another policy, beside what it says."""

    definition: Definition
    trial: Trial


class Prices(msgspec.Struct):
    """What each other value of each key would make of closing MRR, in signed micros, and of the movements."""

    definition: Definition
    rows: list[Priced]


class Proposal(Said):
    """A new version: a policy in words, some keys by name laid over it, and how far it may move the figures."""

    policy: Annotated[str, Field(max_length=2_000, examples=["now,churn_at=request"])] = "now"
    values: Annotated[dict[str, Any], Field(max_length=200)] = {}
    reason: Reason
    owner: Annotated[str, Field(max_length=200, examples=["finance"])] = ""
    review_on: Annotated[str | None, Field(description="When to look at it again.", examples=["2027-11-01"])] = None
    drift: Annotated[str | None, Field(description="By how much it may move MRR.", examples=["3%"])] = None


class Checked(Said):
    """Keys of a policy with their values, laid over a policy in words."""

    policy: Annotated[str, Field(max_length=2_000)] = "standard"
    values: Annotated[dict[str, Any], Field(max_length=200, examples=[{"churn_at": "request"}])] = {}


class Promotion(Because):
    """A step onward; `from_month` is that from which an official version holds."""

    from_month: Month | None = None


def _told(policy: Policy) -> InForce:
    return InForce(policy.name, policy.hash, policy.ledger_hash, dict(policy.values))


def _laid(book: Book, words: str, values: dict[str, Any]) -> Policy:
    meant = book.meant(words)
    return meant.differing(values) if values else meant


@router.ask("/policy")
def policy(book: BookIs, policy: Words = "now") -> InForce:
    """The policy in force, or another one in words, key by key, with its hashes."""
    return _told(book.meant(policy))


@router.ask("/policy/keys")
def policy_keys() -> Decisions:
    """Every decision: what it changes, what can be chosen, who chooses which."""
    return Decisions([Decision(key.name, key.what, dict(key.values), key.example) for key in KEYS])


@router.ask("/policy/presets")
def policy_presets() -> Presets:
    """What well-known tools publish about their MRR, as policies."""
    found = presets().values()
    return Presets([PresetTold(p.name, p.title, p.extent, {rule.key: rule.value for rule in p.rules}) for p in found])


@router.ask("/policy/versions")
def policy_versions(book: BookIs) -> Policies:
    """Every version with its stage: draft, shadow, official, retired."""
    return book.policies()


@router.ask("/policy/difference")
def policy_difference(book: BookIs, left: Words = "now", right: Words = "now") -> Differing:
    """The keys in which two policies differ."""
    keys = differing(book.meant(left), book.meant(right))
    return Differing(left, right, {key: [*values] for key, values in keys.items()})


@router.tell("/policy/check", "read")
def policy_check(book: BookIs, said: Checked) -> InForce:
    """Whether these keys can be said; what they come to, with the hashes."""
    return _told(_laid(book, said.policy, said.values))


@router.ask("/policy/trial")
def policy_trial(book: BookIs, policy: Words, as_of: AsOf = None) -> Tried:
    """What the book would say under another policy: the last twelve months, and who would be worth something else."""
    return Tried(book.definition(as_of=as_of), book.try_policy(policy=book.meant(policy), as_of=as_of))


@router.ask("/policy/prices")
def policy_prices(
    book: BookIs,
    key: Annotated[Sequence[str], Query(description="Only these keys.", examples=[["churn_at"]])] = (),
    as_of: AsOf = None,
) -> Prices:
    """What each other value of each key would be worth; the ledger is derived anew for each, so this takes its time."""
    return Prices(book.definition(as_of=as_of), book.price(keys=list(key), as_of=as_of))


@router.tell("/policy/versions", "close", 201)
def propose(book: BookIs, actor: ActorIs, said: Proposal) -> Version:
    """Make a new version, a draft. It is whole, hashed, and never changes again."""
    words = said.model_dump(exclude={"policy", "values"})
    return book.propose(policy=_laid(book, said.policy, said.values), author=actor.name, **words)


@router.tell("/policy/versions/{version}/approve", "close")
def approve(book: BookIs, actor: ActorIs, version: Number, said: Because) -> Version:
    """Give one's word for a version; for one's own only where no second person is demanded."""
    return book.approve(version=version, author=actor.name, reason=said.reason)


@router.tell("/policy/versions/{version}/promote", "close")
def promote(book: BookIs, actor: ActorIs, version: Number, said: Promotion) -> Version:
    """Take a version one stage further: a draft becomes a shadow, a shadow official."""
    return book.promote(version=version, author=actor.name, reason=said.reason, from_month=said.from_month)


@router.tell("/policy/rollback", "close")
def rollback(book: BookIs, actor: ActorIs, said: Because) -> Version:
    """Put back the version that was official before, but not for months that were closed meanwhile."""
    return book.rollback(author=actor.name, reason=said.reason)
