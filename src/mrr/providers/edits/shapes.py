"""The bodies of edits, version 1: one shape a verb. The descriptions of types are what errors say was expected."""

from typing import Annotated, Any, Literal, Union, get_args

import msgspec
from msgspec import Meta

from mrr import balance, facts

Text = Annotated[str, Meta(min_length=1, pattern="^[^\\0]*$", description="text")]
FullId = Annotated[str, Meta(pattern="^[^/\\0]+/[^\\0]+$", description="an id with its source, such as native/acme")]
Seq = Annotated[int, Meta(ge=1, lt=2**62, description="the number of an entry")]

KINDS: tuple[type[facts.Fact], ...] = (
    *(facts.Subscription, facts.Price, facts.Product, facts.Coupon, facts.DiscountGiven, facts.CustomerDiscount),
    *(facts.Customer, facts.Merge, facts.Continues, facts.Rate, facts.Invoice, facts.Payment, facts.Checkout),
    *(facts.Usage, facts.Cost, balance.Payout, balance.BalanceLine),
)
Told: Any = Union[KINDS]  # noqa: UP007


class Said(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="edit"):
    """Who said it, why and when; `key` is what the journal files it under, else the digest of the body."""

    version: Literal[1]
    key: Text | None = None
    author: Text
    reason: Text
    said_at: Text


class Exclude(Said, kw_only=True, tag="exclude"):
    """A customer is out for its whole life."""

    customer: FullId


class Include(Said, kw_only=True, tag="include"):
    """A customer is in, whatever its attributes say."""

    customer: FullId


class Merge(Said, kw_only=True, tag="merge"):
    """A customer is, and always was, another."""

    customer: FullId
    into: FullId


class Continue(Said, kw_only=True, tag="continue"):
    """A subscription takes the place of another from an instant on."""

    old: FullId
    new: FullId
    at: Text


class Correct(Said, kw_only=True, tag="correct"):
    """In place of what an entry told these facts are true, in the words of its source; none: it is set aside.

    `changes` are the fields as they were asked for: the difference to what was told before.
    """

    entry: Seq
    source: Text
    changes: dict[str, str] = {}
    facts: list[Told]


class Decide(Said, kw_only=True, tag="decide"):
    """Where entries contradict each other, this one stands."""

    entry: Seq


class Revert(Said, kw_only=True, tag="revert"):
    """An edit, by the seq of its entry, is taken back."""

    entry: Seq


ANY: Any = Exclude | Include | Merge | Continue | Correct | Decide | Revert
VERBS = tuple(str(kind.__struct_config__.tag) for kind in get_args(ANY))
