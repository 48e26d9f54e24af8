"""What a bridge answers with."""

from datetime import date, datetime

import msgspec

from mrr.answers import Definition
from mrr.reports.tables import Table


class Side(msgspec.Struct):
    """A ledger at one end: its policy, the prefix it knows, the sources it counts (none named: all), its engine.

    `words` are how it was asked for.
    """

    words: str
    policy: str
    policy_hash: str
    seq: int
    edits_seq: int
    sources: list[str]
    engine: str
    closing_micros: int


class Step(msgspec.Struct):
    """A row of a bridge: what one step changes for one customer in one month, in one class. Signed micros.

    `before` and `after` are what moved without and with the step, `moves` how many movements. The class `opening` is
    all that moved before the first month shown. Evidence: the entries, the policy keys with both values, and the
    movements of both sides.
    """

    month: date
    customer_id: str
    source: str
    class_: str = msgspec.field(name="class")
    step: str
    amount_micros: int
    before_micros: int
    after_micros: int
    before_moves: int
    after_moves: int
    entries: list[int] = []
    keys: dict[str, str] = {}
    movements_before: list[str] = []
    movements_after: list[str] = []


class Entry(msgspec.Struct):
    """What one entry, or a month's rates, changed."""

    step: str
    entries: list[int]
    source: str
    kind: str
    key: str
    effective_at: datetime | None
    recorded_at: datetime
    customers: int
    amount_micros: int


class Match(msgspec.Struct):
    """An item at the end of a month on both bases, and the rule that says why its invoices come to another amount."""

    month: date
    customer_id: str
    source: str
    subscription_id: str
    item_id: str
    before_micros: int
    after_micros: int
    rule: str


class Cause(msgspec.Struct):
    """A component that was replaced: what it comes to on the path, by class, for how many customers.

    `first_in` is what it comes to alone, on the left ledger; `last_in` what it comes to after all others. Where these
    differ anywhere it interacts with the others. `entries` tell the journal's part entry by entry, the largest first;
    `matches` that of the basis item by item.
    """

    name: str
    keys: dict[str, str]
    amount_micros: int
    classes: dict[str, int]
    customers: int
    first_in: dict[str, int]
    last_in: dict[str, int]
    interacts: bool
    entries: list[Entry] = []
    matches: list[Match] = []


class Month(msgspec.Struct):
    """Both ends in one month. `causes` and the difference of the openings add up to that of the closings."""

    month: date
    opening_left_micros: int
    opening_right_micros: int
    closing_left_micros: int
    closing_right_micros: int
    causes: dict[str, int]


class Standing(msgspec.Struct):
    """A subscription, by its id without a source, that is worth something else at the closing."""

    customer_id: str
    source: str
    subscription_id: str
    left_micros: int
    right_micros: int


class Bridge(msgspec.Struct, Table[Step]):
    """How one ledger becomes the other: by cause, by month, and row by row.

    `difference_micros` is that of the closings; `remainder_micros` what of it the rows leave over: always 0.
    `customers` differ at the ends, whether or not it shows in a row. `subscriptions` are those that are worth something
    else at the closing; their differences add up to it, too.
    """

    definition: Definition
    left: Side
    right: Side
    customers: int
    difference_micros: int
    remainder_micros: int
    causes: list[Cause]
    months: list[Month]
    subscriptions: list[Standing]
    rows: list[Step]
