"""Tables of what customers pay for: periods, contracts, changes, opening balances. Rows become subscriptions."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

import msgspec

from mrr.errors import DecodeError
from mrr.facts import Fact, Interval, Item, Offer
from mrr.money import CAP
from mrr.period import instant, local_day
from mrr.providers.tabular.cells import INTERVALS, Line
from mrr.providers.tabular.life import Period, snapshots

Lines = Sequence[Line]

# What the only item of a subscription is called.
ONE = "1"


def period_key(line: Line) -> str:
    """The subscription of a row: its own, or one that begins with the row."""
    if line.raw("subscription") is not None:
        return line.name("subscription")
    day = local_day(instant(line.must_start("starts_on")), line.reading.timezone)
    return f"{line.name('customer')}@{day.isoformat()}"


def change_key(line: Line) -> str:
    """The subscription of a change: its own, or the one of its customer."""
    return line.name("subscription" if line.raw("subscription") is not None else "customer")


def opening_key(line: Line) -> str:
    """A balance is a subscription of its own."""
    return f"opening {line.name('customer')}" + (f" {line.name('product')}" if line.raw("product") else "")


def periods(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """The life that periods make."""
    told = _numbered([period(line) for line in lines], own="subscription" not in lines[0].reading.columns)
    yield from snapshots(period_key(lines[0]), told, observed_at, lines[0].column("ends_on"))


def contracts(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """The life that contracts make: one that renews goes on until its item's next row begins."""
    terms = [term(line) for line in lines]
    told = _numbered([row for row, _ in terms], own="subscription" not in lines[0].reading.columns)
    by_item: dict[str, list[tuple[Period, bool]]] = defaultdict(list)
    for row, (_, renews) in zip(told, terms, strict=True):
        by_item[row.item.item].append((row, renews))
    lasting = [row for rows in by_item.values() for row in _renewed(rows)]
    yield from snapshots(period_key(lines[0]), lasting, observed_at, lines[0].column("ends_on"))


def _renewed(terms: list[tuple[Period, bool]]) -> Iterator[Period]:
    terms.sort(key=lambda term: term[0].starts_at)
    for (term, renews), (following, _) in pairwise(terms):
        yield term._replace(ends_at=max(term.ends_at or 0, following.starts_at)) if renews else term
    last, renews = terms[-1]
    yield last._replace(ends_at=None) if renews else last


def period(line: Line) -> Period:
    """One row: an item from its start to its end."""
    starts_at, ends_at = line.must_start("starts_on"), line.ends_at()
    if ends_at is not None and ends_at < starts_at:
        line.refuse("ends_on", f"{line.raw('ends_on')} lies before the start, {line.raw('starts_on')}")
    item = _item(line, starts_at, ends_at)
    return Period(starts_at, ends_at, line.customer(), line.currency(), item, bool(line.flag("trial")))


def term(line: Line) -> tuple[Period, bool]:
    """One row of a contract, and whether it renews."""
    return period(line), bool(line.flag("renews"))


def _numbered(told: list[Period], *, own: bool) -> list[Period]:
    """Where rows that share neither id nor item may stand side by side, each is an item of its own."""
    if not own:
        return told
    seen: Counter[str] = Counter()
    apart = []
    for row in told:
        name = row.item.item
        seen[name] += 1
        number = str(seen[name]) if name == ONE else f"{name} {seen[name]}" if seen[name] > 1 else name
        apart.append(row._replace(item=msgspec.structs.replace(row.item, item=number)))
    return apart


def _item(line: Line, starts_at: int, ends_at: int | None) -> Item:
    interval, count = _per(line, starts_at, ends_at)
    currency, quantity = line.currency(), line.count("quantity")
    offer = Offer(
        product=line.maybe_name("product"),
        price=line.maybe_name("price"),
        currency=currency,
        unit_amount=line.amount("amount", currency),
        interval=interval,
        interval_count=count,
    )
    return _checked(line, Item(item=_item_name(line), offer=offer, quantity=1 if quantity is None else quantity))


def _item_name(line: Line) -> str:
    return line.maybe_name("item") or ONE


def _checked(line: Line, item: Item) -> Item:
    if item.quantity * (item.offer.unit_amount or Decimal(0)) > CAP:
        line.refuse("quantity", f"{item.quantity} at {item.offer.unit_amount} are more than 10^10")
    return item


def _per(line: Line, starts_at: int, ends_at: int | None) -> tuple[Interval, int]:
    """What an amount is for, as an interval; a row's own stretch in whole months where it is so long, else in days."""
    word = (line.raw("per") or "month").lower().replace("-", "_").replace(" ", "_")
    if word in INTERVALS:
        return INTERVALS[word]
    if word != "period":
        line.refuse("per", f"expected one of {', '.join(INTERVALS)} or period, got {word!r}")
    if ends_at is None or ends_at <= starts_at:
        line.refuse("ends_on", "an amount for the whole period needs its end")
    first, after = (local_day(instant(at), line.reading.timezone) for at in (starts_at, ends_at))
    months = (after.year - first.year) * 12 + after.month - first.month
    return ("month", months) if months and first.day == after.day else ("day", max((after - first).days, 1))


def opening(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """A balance stands as a monthly subscription from its day on."""
    if len(lines) > 1:
        raise DecodeError(lines[0].column("customer"), "two balances of one customer; map `product` to tell them apart")
    (line,) = lines
    currency, starts_at = line.currency(), line.must_start("on")
    offer = Offer(
        product=line.maybe_name("product"),
        currency=currency,
        unit_amount=line.amount("amount", currency),
        interval="month",
    )
    balance = Period(starts_at, line.ends_at(), line.customer(), currency, Item(item=_item_name(line), offer=offer))
    yield from snapshots(opening_key(line), [balance], observed_at, line.column("ends_on"))


def changes(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """The life that a log of changes makes; each row holds until the next one of its item."""
    by_item: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_item[_item_name(line)].append(line)
    told = [part for name, own in by_item.items() for part in _item_life(name, own)]
    yield from snapshots(change_key(lines[0]), told, observed_at, lines[0].column("on"))


def change(line: Line) -> tuple[int, bool]:
    """Since when a row holds, and whether it ends its item. Reads every cell that is filled."""
    at, quantity, free = line.must_start("on"), line.count("quantity"), False
    line.customer()
    if line.raw("amount") is not None:
        free = _item(line, at, None).offer.unit_amount == 0
    return at, bool(line.flag("ended")) or quantity == 0 or free


def _item_life(name: str, lines: Lines) -> Iterator[Period]:
    dated = sorted(((*change(line), line) for line in lines), key=lambda row: row[:2])
    held: Item | None = None
    for number, (at, ends, line) in enumerate(dated):
        after = dated[number + 1][0] if number + 1 < len(dated) else None
        if after == at:
            line.refuse("on", f"two rows say different things of item {name!r} on {line.raw('on')}")
        held = None if ends else _changed(line, name, held)
        if held is not None:
            yield Period(at, after, line.customer(), line.currency(), held)


def _changed(line: Line, name: str, held: Item | None) -> Item:
    """The item after a row: what a cell leaves empty is as it was."""
    quantity, product = line.count("quantity"), line.maybe_name("product")
    if line.raw("amount") is not None:
        offer = _item(line, 0, None).offer
    elif held is not None:
        offer = held.offer
    else:
        line.refuse("amount", f"empty, and no row before it says what item {name!r} costs")
    if held is not None:
        quantity = held.quantity if quantity is None else quantity
        product = product or held.offer.product
    offer = msgspec.structs.replace(offer, product=product)
    return _checked(line, Item(item=name, offer=offer, quantity=1 if quantity is None else quantity))
