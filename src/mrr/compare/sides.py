"""Both sides of a comparison: whom the claim means, what the ledger says of them, and where the two differ."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from mrr.compare.answer import Gap
from mrr.errors import WrongUse
from mrr.figures import written
from mrr.money import DIGITS, MICROS
from mrr.providers.tabular import Claimed
from mrr.warehouse import Warehouse, sql

Name = str | None


class Cell(NamedTuple):
    """What is compared: a customer (None: the total) at a moment, in a currency."""

    moment: int
    customer: Name
    currency: str


Side = Mapping[Cell, int]


class Worth(NamedTuple):
    """A customer's MRR at a moment: in the reporting currency, and by the currency that it is billed in."""

    reporting: int
    local: Mapping[str, int]


class Known(NamedTuple):
    """Whom the book knows: canonical ids by every name that they go by, and who is excluded. `by`: an attribute."""

    names: Mapping[str, frozenset[str]]
    excluded: frozenset[str]
    by: str | None = None


def known(warehouse: Warehouse, claimed: Iterable[Claimed]) -> Known:
    """Whom the book knows by id; by that attribute which names most of the claimed, if it knows none of them by id."""
    asked = {row.customer for row in claimed if row.customer is not None}
    names: dict[str, set[str]] = defaultdict(set)
    for (customer,) in warehouse.rows("SELECT customer_id FROM ledger.customer_digest"):
        names[customer].add(customer)
        names[_bare(customer)].add(customer)
    for customer, canonical in warehouse.rows("SELECT customer_id, canonical_id FROM identity"):
        names[customer] = {canonical}
        names[_bare(customer)].add(canonical)
    excluded = frozenset(customer for (customer,) in warehouse.rows("SELECT customer_id FROM ledger.excluded"))
    by = None
    if asked and not asked & names.keys():
        by, told = _attribute(warehouse, asked)
        names = told or names
    return Known({name: frozenset(found) for name, found in names.items()}, excluded, by)


def _bare(customer: str) -> str:
    return customer.partition("/")[2]


def _attribute(warehouse: Warehouse, asked: set[str]) -> tuple[str | None, dict[str, set[str]]]:
    told: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for key, value, customer in warehouse.rows("SELECT DISTINCT key, value, customer_id FROM ledger.attribute_period"):
        if value in asked:
            told[key][value].add(customer)
    if not told:
        return None, {}
    by = max(sorted(told), key=lambda key: len(told[key]))
    return by, told[by]


def canonical(row: Claimed, book: Known) -> str:
    """The id under which the book keeps a claimed customer; the claimed name itself where it knows none.

    Raises WrongUse for a name that is several customers.
    """
    assert row.customer is not None
    found = book.names.get(row.customer, frozenset())
    if len(found) > 1:
        raise WrongUse(
            f"row {row.row}: {row.customer!r} is several customers: {', '.join(sorted(found))}",
            remedy="Write the one that is meant, with its source before a slash.",
        )
    return next(iter(found), row.customer)


def theirs(claimed: Sequence[Claimed], moments: Sequence[int], book: Known) -> tuple[dict[Cell, int], dict[Cell, int]]:
    """The claimed figures by cell, several rows of one added up, and the first row of each."""
    found: dict[Cell, int] = defaultdict(int)
    rows: dict[Cell, int] = {}
    place = {at: number for number, at in enumerate(moments)}
    for row in claimed:
        assert row.at is not None
        customer = None if row.customer is None else canonical(row, book)
        cell = Cell(place[row.at], customer, row.currency)
        found[cell] += row.micros
        rows.setdefault(cell, row.row)
    return dict(found), rows


def worth(warehouse: Warehouse, as_of: datetime) -> dict[str, Worth]:
    """What each customer of a ledger is worth at the last moment before an instant."""
    reporting: Counter[str] = Counter()
    local: dict[str, dict[str, int]] = defaultdict(dict)
    for customer, currency, micros, own in warehouse.rows(sql("reports/worth_at"), {"as_of": as_of}):
        reporting[customer] += micros
        local[customer][currency] = own
    return {customer: Worth(reporting[customer], local[customer]) for customer in local}


def ours(worths: Sequence[Mapping[str, Worth]], cells: Iterable[Cell], reporting: str) -> dict[Cell, int]:
    """What ledgers say of cells, moment by moment: in the reporting currency, or what is billed in another one."""
    found = {}
    for cell in cells:
        at = worths[cell.moment]
        if cell.customer is None:
            found[cell] = sum(_of(one, cell.currency, reporting) for one in at.values())
        else:
            found[cell] = _of(at[cell.customer], cell.currency, reporting) if cell.customer in at else 0
    return found


def _of(one: Worth, currency: str, reporting: str) -> int:
    return one.reporting if currency == reporting else one.local.get(currency, 0)


def only_ours(claim: Side, at: Mapping[str, Worth], moment: int, reporting: str) -> list[Cell]:
    """The customers who are worth something and whom the claim leaves out; of a claim of customers alone."""
    claimed = {cell.customer for cell in claim if cell.moment == moment}
    if None in claimed:
        return []
    return [
        Cell(moment, customer, reporting)
        for customer, one in sorted(at.items())
        if one.reporting and customer not in claimed
    ]


def tolerance(currency: str) -> int:
    """Figures agree that are less than a minor unit apart, in micros: other tools show no more."""
    return int(MICROS // 10 ** DIGITS[currency])


def agrees(cell: Cell, one: int, other: int) -> bool:
    """Whether two figures of a cell are the same to the minor unit."""
    return abs(one - other) < tolerance(cell.currency)


def distance(cells: Iterable[Cell], one: Side, other: Side) -> int:
    """The differences of two sides over cells, summed without their signs; what agrees to the minor unit is none."""
    pairs = ((cell, one.get(cell, 0), other.get(cell, 0)) for cell in cells)
    return sum(abs(left - right) for cell, left, right in pairs if not agrees(cell, left, right))


def gap(cell: Cell, claim: Side, ledger: Side, book: Known, rows: Mapping[Cell, int]) -> Gap:
    """A cell on which the two differ, as it is shown."""
    said, told = claim.get(cell, 0), ledger.get(cell, 0)
    source, slash, name = (cell.customer or "").partition("/")
    kind = "only_ours" if cell not in claim else "only_theirs" if not told and cell.customer else "differs"
    return Gap(
        customer_id=name if slash else source,
        source=source if slash else "",
        kind=kind,
        currency=cell.currency,
        theirs_micros=said,
        ours_micros=told,
        difference_micros=said - told,
        share=share(said - told, told),
        known=_known(cell.customer, book) if kind == "only_theirs" else "",
        row=rows.get(cell),
    )


def _known(customer: Name, book: Known) -> str:
    if customer in book.excluded:
        return "excluded"
    return "lapsed" if any(customer in found for found in book.names.values()) else "unknown"


def share(part: int, whole: int) -> str:
    """A part of a whole as `−1.52%`; empty where there is no whole."""
    return written(round(Fraction(part * 10_000, abs(whole))), 2) + "%" if whole else ""
