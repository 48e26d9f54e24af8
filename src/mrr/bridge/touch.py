"""Which entries touch which customers, in effective order, and how few derivations tell them all apart."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from mrr.derivation.ledgers import ALWAYS, EDITS, Ledger
from mrr.warehouse import Warehouse, sql


class Told(NamedTuple):
    """An entry that one ledger knows and the other does not, or the rates of one month together.

    `level` is the round in which it comes in: entries of different customers commute, so each round takes the next
    one of every customer at once; `customers` are those whom it can change.
    """

    seqs: tuple[int, ...]
    turns_at: datetime
    rate_month: date | None
    customers: Collection[str]
    level: int = 0


def prepare(desk: Warehouse, customers: Iterable[str], currency: str) -> None:
    """Make the tables of the customers who differ, of all their names and subscriptions, and of those who pay abroad.

    `currency` is that of the report: rates touch whoever pays in another one.
    """
    names = _names(desk, set(customers))
    pairs = [(name, customer) for customer, known in names.items() for name in known]
    desk.temp("member", "name VARCHAR, customer_id VARCHAR, shelf BIGINT", pairs, "shelf(name)")
    desk.create("owned", sql("reports/bridge_owned"))
    desk.create("foreign_customer", sql("reports/bridge_foreign").replace("$currency", f"'{currency}'"))


def _names(desk: Warehouse, customers: set[str]) -> Mapping[str, set[str]]:
    """Every name that was ever merged with a customer, also by an edit that was taken back."""
    family: dict[str, set[str]] = {}
    for one, other in desk.rows("SELECT customer_id, into_id FROM merge"):
        joined = family.get(one, {one}) | family.get(other, {other})
        family |= dict.fromkeys(joined, joined)
    return {customer: family.get(customer, {customer}) for customer in customers}


def aligned(desk: Warehouse, left: Ledger, right: Ledger) -> Ledger:
    """The left ledger with the right one's prefixes, as far as nothing lies between the two."""
    if not _fresh(desk, _edits_between(left, right)):
        left = left._replace(edits_seq=right.edits_seq)
    if not _fresh(desk, _told_between(left, right)):
        left = left._replace(seq=right.seq, also=right.also)
    return left


def edited(desk: Warehouse, left: Ledger, right: Ledger) -> list[Told]:
    """The edits that only one of two ledgers knows, in the order in which they were said, or taken away in reverse.

    An edit that takes another back means nothing before it, so here the order is not that of effect.
    """
    _fresh(desk, _edits_between(left, right))
    touched = _touched(desk)
    turns = {seq: turns_at for seq, turns_at, _ in desk.rows(sql("reports/bridge_effective"))}
    order = sorted(touched, reverse=right.edits_seq < left.edits_seq)
    return in_rounds([Told((seq,), turns.get(seq, datetime.min), None, touched[seq]) for seq in order])


def chosen(desk: Warehouse, left: Ledger, right: Ledger) -> None:
    """Make the table `touch` of the entries of sources that only one of two ledgers counts, up to the left's prefix."""
    _fresh(desk, f"{_known(left)} AND {_counted(left)} <> {_counted(right)}")
    _touched(desk)


def entries(desk: Warehouse, left: Ledger, right: Ledger) -> list[Told]:
    """What the journal of one ledger tells and that of the other does not, in effective order; not the edits.

    Both count the sources of the right one.
    """
    _fresh(desk, _told_between(left, right))
    touched = _touched(desk)
    foreign = {name for (name,) in desk.rows("SELECT customer_id FROM foreign_customer")}
    found = [
        Told((seq,), turns_at, month, foreign if month else touched.get(seq, ()))
        for seq, turns_at, month in desk.rows(sql("reports/bridge_effective"))
    ]
    return in_rounds(sorted(_monthly(found), key=lambda told: (told.turns_at, told.seqs)))


def _monthly(found: Iterable[Told]) -> Iterable[Told]:
    """Entries of rates month by month: between two rates of one month nothing happens that anybody asks about."""
    rates: dict[date, list[Told]] = defaultdict(list)
    for told in found:
        if told.rate_month is not None:
            rates[told.rate_month].append(told)
        elif told.customers:
            yield told
    for month, several in rates.items():
        seqs = tuple(sorted(seq for told in several for seq in told.seqs))
        yield Told(seqs, min(told.turns_at for told in several), month, several[0].customers)


def in_rounds(path: Sequence[Told]) -> list[Told]:
    """Each entry with its round: one later than the latest before it that shares a customer with it."""
    reached: dict[str, int] = {}
    placed = []
    for told in path:
        level = 1 + max((reached.get(customer, 0) for customer in told.customers), default=0)
        reached |= dict.fromkeys(told.customers, level)
        placed.append(told._replace(level=level))
    return placed


def _fresh(desk: Warehouse, counts: str) -> int:
    """Make the table `fresh` of the entries that tell anything and fit; how many there are."""
    desk.create("fresh", f"SELECT o.seq FROM outcome AS o WHERE o.content IS NOT NULL AND {counts}")
    return int(desk.one("SELECT count(*) FROM fresh")[0])


def _edits_between(left: Ledger, right: Ledger) -> str:
    first, last = sorted((left.edits_seq, right.edits_seq))
    return f"o.seq > {first} AND o.seq <= {last} AND {_of((EDITS,))}"


def _told_between(left: Ledger, right: Ledger) -> str:
    return f"{_known(left)} <> {_known(right)} AND NOT {_of((EDITS,))} AND {_counted(right)}"


def _touched(desk: Warehouse) -> dict[int, set[str]]:
    """Make the table `touch` of the entries in `fresh`; by entry, whom it can change."""
    desk.create("touch", sql("reports/bridge_touch"))
    touched: dict[int, set[str]] = defaultdict(set)
    for seq, customer in desk.rows("SELECT seq, customer_id FROM touch"):
        touched[seq].add(customer)
    return dict(touched)


def _known(ledger: Ledger) -> str:
    also = ", ".join(map(str, sorted(ledger.also)))
    return f"((o.seq <= {ledger.seq})" + (f" <> (o.seq IN ({also})))" if also else ")")


def _counted(ledger: Ledger) -> str:
    return "TRUE" if ledger.sources is None else _of((*ledger.sources, *ALWAYS))


def _of(sources: Iterable[str]) -> str:
    texts = [source.replace("'", "''") for source in sources]
    return "(" + " OR ".join(f"o.source = '{text}' OR starts_with(o.source, '{text}:')" for text in texts) + ")"
