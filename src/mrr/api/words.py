"""The words that several questions share, each described once."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from mrr.errors import WrongUse
from mrr.period import Grain

AsOf = Annotated[
    str | None,
    Query(description="The ledger up to a day or instant, exclusive; else now.", examples=["2025-04-01"]),
]
First = Annotated[
    str | None,
    Query(alias="from", description="The first day, month or year: 2025, 2025-03, 2025-03-15.", examples=["2025-02"]),
]
Last = Annotated[
    str | None, Query(alias="to", description="The last day, month or year, it included.", examples=["2025-03"])
]
By = Annotated[
    str | None, Query(description="By plan, currency or an attribute of customers.", examples=["plan", "currency"])
]
Where = Annotated[
    Sequence[str], Query(description="KEY=VALUE: only what has this; again for more.", examples=[["currency=USD"]])
]
State = Literal["active", "held", "lapsed", "never"]
Class = Literal["opening", "new", "expansion", "contraction", "churn", "reactivation", "none", "fx"]
CustomerIs = Annotated[str | None, Query(description="Only this customer.", examples=["acme"])]
Month = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", description="A month.", examples=["2025-02"])]
# Numbers beyond this are none of the journal.
SEQ_MOST = 2**62
Seq = Annotated[int, Field(ge=1, le=SEQ_MOST, description="The number of an entry.", examples=[1])]
Reason = Annotated[str, Field(min_length=1, max_length=2_000, description="Why; it is kept.", examples=["as agreed"])]


class Said(BaseModel, extra="forbid"):
    """What is said in the body of a change; a name that means nothing is refused."""


class Because(Said):
    """A change that needs no more than a reason."""

    reason: Reason


def told(words: Mapping[str, Any]) -> dict[str, Any]:
    """The words that were said at all."""
    return {name: value for name, value in words.items() if value is not None}


def filters(where: Sequence[str]) -> list[tuple[str, str]]:
    """`KEY=VALUE` words as pairs. Raises WrongUse for one without `=`."""
    pairs = [(key, value) for key, equals, value in (word.partition("=") for word in where) if equals and key]
    if len(pairs) != len(where):
        raise WrongUse("a filter is KEY=VALUE", remedy="As in where=currency=EUR.")
    return pairs


def _report(
    interval: Grain = "month",
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    by: By = None,
    where: Where = (),
) -> dict[str, Any]:
    words = {"interval": interval, "first": first, "last": last, "as_of": as_of, "by": by}
    return told(words) | {"where": filters(where)}


# The words that all reports take.
Report = Annotated[dict[str, Any], Depends(_report)]
