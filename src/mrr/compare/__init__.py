"""Another tool's figures against ours: who differs by how much, and what would close the gap."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import NamedTuple

from mrr.compare.answer import Agreement, Gap, Hypothesis, Moment
from mrr.compare.clocks import clocks
from mrr.compare.policies import Scale, weighed
from mrr.compare.shapes import suggested
from mrr.compare.sides import (
    Cell,
    Side,
    Worth,
    agrees,
    distance,
    gap,
    known,
    only_ours,
    ours,
    share,
    theirs,
    tolerance,
    worth,
)
from mrr.derivation import ledgers
from mrr.derivation.ledgers import Ledger
from mrr.derivation.posting import Progress
from mrr.errors import WrongUse
from mrr.money import MICROS
from mrr.period import instant
from mrr.policy import Policy
from mrr.providers.tabular import Claimed
from mrr.warehouse import Warehouse, sql

__all__ = ["Agreement", "Asked", "Found", "Gap", "Hypothesis", "Moment", "compare"]

# On how many customers that differ, and that agree, another policy is tried: the largest, and some of the rest.
DIFFERING, AGREEING = 2_000, 500


class Asked(NamedTuple):
    """What is compared with what: the book's ledger up to an entry, and how far apart the two may be, as a share.

    `why` is whether hypotheses are wanted; they take a derivation each of those who were looked at.
    """

    policy: Policy
    seq: int
    threshold: Fraction
    why: bool = True


class Found(NamedTuple):
    """Every moment; and of the last one (of all of them, where totals are compared) who differs, and why it may be."""

    moments: list[Moment]
    by: str | None
    agreement: Agreement
    gaps: list[Gap]
    hypotheses: list[Hypothesis]


def compare(warehouse: Warehouse, asked: Asked, claimed: Sequence[Claimed], progress: Progress | None = None) -> Found:
    """Compare figures with the ledger; each row tells its instant. Raises WrongUse for a row that cannot be matched."""
    if not claimed:
        raise WrongUse("there is no figure to compare")
    book, instants = known(warehouse, claimed), sorted({row.at for row in claimed if row.at is not None})
    reporting = asked.policy["currency"]
    claim, rows = theirs(claimed, instants, book)
    worths = [worth(warehouse, instant(at)) for at in instants]
    totals = all(cell.customer is None for cell in claim)
    cells = _cells(claim, worths, reporting, totals=totals)
    ledger = ours(worths, cells, reporting)
    gaps = [(cell, gap(cell, claim, ledger, book, rows)) for cell in cells if not _agree(cell, claim, ledger)]
    gaps.sort(key=lambda pair: (-abs(pair[1].difference_micros), pair[1].source, pair[1].customer_id))
    scale = Scale(claim, ledger, _looked_at(cells, gaps), distance(cells, claim, ledger))
    hypotheses = _hypotheses(warehouse, asked, scale, gaps, (instants, worths), progress) if gaps and asked.why else []
    return Found(
        _moments(claimed, instants, worths, reporting),
        book.by,
        _agreement(scale, cells, [one for _, one in gaps], asked.threshold),
        [one for _, one in gaps],
        sorted(hypotheses, key=lambda one: (one.gap_after_micros, one.broken, one.name.count(","), one.kind, one.name)),
    )


def _agree(cell: Cell, claim: Side, ledger: Side) -> bool:
    return agrees(cell, claim.get(cell, 0), ledger.get(cell, 0))


def _cells(claim: Side, worths: Sequence[Mapping[str, Worth]], reporting: str, *, totals: bool) -> list[Cell]:
    """What is compared in detail: all totals; else the customers at the last moment, also those who are only ours."""
    if totals:
        return sorted(claim, key=lambda cell: cell.moment)
    last = len(worths) - 1
    claimed = [cell for cell in claim if cell.moment == last]
    return claimed + only_ours(claim, worths[last], last, reporting)


def _looked_at(cells: Sequence[Cell], gaps: Sequence[tuple[Cell, Gap]]) -> tuple[Cell, ...]:
    differing = dict.fromkeys(cell for cell, _ in gaps)
    agreeing = [cell for cell in cells if cell not in differing]
    return (*list(differing)[:DIFFERING], *agreeing[:AGREEING])


def _moments(
    claimed: Sequence[Claimed], instants: Sequence[int], worths: Sequence[Mapping[str, Worth]], reporting: str
) -> list[Moment]:
    """The sums of both sides, moment by moment, of what is claimed in the reporting currency."""
    found = []
    for at, own in zip(instants, worths, strict=True):
        rows = [row for row in claimed if row.at == at]
        said = sum(row.micros for row in rows if row.currency == reporting)
        told = sum(one.reporting for one in own.values())
        found.append(Moment(rows[0].label or f"{instant(at)}", instant(at), said, told, said - told))
    return found


def _agreement(scale: Scale, cells: Sequence[Cell], gaps: Sequence[Gap], threshold: Fraction) -> Agreement:
    kinds = [one.kind for one in gaps]
    whole = sum(abs(scale.ledger[cell]) for cell in cells) or sum(abs(scale.claim.get(cell, 0)) for cell in cells)
    return Agreement(
        matched=len(cells) - len(gaps),
        differing=kinds.count("differs"),
        only_theirs=kinds.count("only_theirs"),
        only_ours=kinds.count("only_ours"),
        gap_micros=scale.gap,
        tolerance_micros=max((tolerance(cell.currency) for cell in cells), default=0),
        share=share(scale.gap, whole),
        threshold=f"{threshold}",
        within=scale.gap <= threshold * whole,
    )


def _hypotheses(
    warehouse: Warehouse,
    asked: Asked,
    scale: Scale,
    gaps: Sequence[tuple[Cell, Gap]],
    sides: tuple[Sequence[int], Sequence[Mapping[str, Worth]]],
    progress: Progress | None,
) -> list[Hypothesis]:
    instants, worths = sides
    reporting = asked.policy["currency"]
    customers = None if scale.cells[0].customer is None else _theirs_too(scale.cells, worths[-1], warehouse)

    @contextmanager
    def under(policy: Policy) -> Iterator[Side]:
        with ledgers.opened(warehouse, Ledger(policy, asked.seq, asked.seq), customers) as other:
            yield ours([worth(other, instant(at)) for at in instants], scale.cells, reporting)

    return [
        *suggested(scale, gaps, _local(scale.cells, worths, reporting)),
        *_times(warehouse, asked.policy, scale, instants),
        *weighed(scale, asked.policy, _matter(warehouse, gaps), under, progress),
    ]


def _matter(warehouse: Warehouse, gaps: Sequence[tuple[Cell, Gap]]) -> frozenset[str]:
    """The keys that can change an amount in this book; the rounding, where some difference is small."""
    keys = {key for (key,) in warehouse.rows(sql("reports/told_of"))}
    small = any(abs(one.difference_micros) < MICROS for _, one in gaps)
    return frozenset(keys if small else keys - {"rounding"})


def _theirs_too(cells: Sequence[Cell], own: Mapping[str, Worth], warehouse: Warehouse) -> list[str]:
    """The customers of cells whom the book knows; a derivation needs nobody else."""
    told = {name for (name,) in warehouse.rows("SELECT customer_id FROM ledger.customer_digest")} | own.keys()
    return sorted({cell.customer for cell in cells if cell.customer is not None} & told)


def _local(cells: Sequence[Cell], worths: Sequence[Mapping[str, Worth]], reporting: str) -> dict[Cell, int]:
    """What customers are worth in their own currency, of those who have just one and not the reporting one."""
    found = {}
    for cell in cells:
        own = worths[cell.moment].get(cell.customer) if cell.customer else None
        if own is not None and len(own.local) == 1 and reporting not in own.local and cell.currency == reporting:
            (found[cell],) = own.local.values()
    return found


def _times(warehouse: Warehouse, policy: Policy, scale: Scale, instants: Sequence[int]) -> Iterator[Hypothesis]:
    """The same figures at instants beside these."""
    for clock in clocks(policy["timezone"], [instant(at) for at in instants]):
        moved = [worth(warehouse, clock.moved(instant(at))) for at in instants]
        one = scale.weigh("time", clock.name, clock.says, ours(moved, scale.cells, policy["currency"]))
        if scale.is_telling(one):
            yield one
