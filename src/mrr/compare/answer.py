"""What a comparison with another tool's figures answers with."""

from datetime import datetime

import msgspec


class Moment(msgspec.Struct):
    """An instant at which figures were compared, as the claim calls it. The difference is theirs less ours."""

    label: str
    as_of: datetime
    theirs_micros: int
    ours_micros: int
    difference_micros: int


class Gap(msgspec.Struct):
    """A customer, or a total, on which the two differ. `kind`: differs, only_theirs, only_ours.

    Amounts are of `currency`; `difference_micros` is theirs less ours, `share` the same of ours (empty: ours is 0).
    `known` is what the book knows of one who is only theirs: unknown, excluded, or lapsed.
    """

    customer_id: str
    source: str
    kind: str
    currency: str
    theirs_micros: int
    ours_micros: int
    difference_micros: int
    share: str
    known: str = ""
    row: int | None = None


class Hypothesis(msgspec.Struct):
    """Something that would make the two agree better, were it so. `kind`: preset, key, keys, data or time.

    `gap_before_micros` and `gap_after_micros` sum the differences without their signs. `explained` counts those that
    would agree then, `broken` those that agree now and would not.
    """

    kind: str
    name: str
    says: str
    gap_before_micros: int
    gap_after_micros: int
    explained: int
    broken: int
    examples: list[str] = []


class Agreement(msgspec.Struct):
    """How many agree, and how far the rest is apart: `gap_micros` sums the differences without their signs.

    `share` is that of ours, `within` whether it is at most the threshold.
    """

    matched: int
    differing: int
    only_theirs: int
    only_ours: int
    gap_micros: int
    tolerance_micros: int
    share: str
    threshold: str
    within: bool
