"""The verb that holds the book against another tool's figures."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import msgspec

import mrr.book.clock as clock
from mrr.answers import Definition
from mrr.book.desk import Desk
from mrr.compare import Agreement, Asked, Gap, Hypothesis, Moment, compare
from mrr.dates import asked_at
from mrr.derivation import ingest
from mrr.derivation.ingest import TableAt
from mrr.errors import WrongUse
from mrr.keeper import verb
from mrr.period import instant, micros_of
from mrr.providers.tabular import Claim, Claimed, Usual

# How far apart the two may be, of ours, before the comparison fails.
THRESHOLD = "0.5%"


class Compared(msgspec.Struct):
    """Another tool's figures against ours: how they were read, where they differ, and what would close the gap."""

    definition: Definition
    name: str
    rows: int
    columns: dict[str, str]
    assumed: list[str]
    moments: list[Moment]
    agreement: Agreement
    gaps: list[Gap]
    hypotheses: list[Hypothesis]


class Comparing(Desk):
    """What others say of the same customers."""

    def compare(
        self,
        *,
        path: str,
        mapping: str | None = None,
        as_of: str | None = None,
        threshold: str = THRESHOLD,
        why: bool = True,
    ) -> Compared:
        """A table of another tool's figures (`-`: standard input) against the ledger.

        `as_of` is for a table that names no time, `why` whether hypotheses are weighed.
        Raises ImportFileError that names row and column, WrongUse.
        """
        at = TableAt(path, mapping=mapping)
        told = ingest.claim(at, Usual(self.policy["currency"], self.policy["timezone"]))
        return self.compared(
            name=at.name,
            rows=[list(row) for row in told.rows],
            columns=told.columns,
            assumed=told.assumed,
            as_of=as_of,
            threshold=str(_share(threshold)),
            why=why,
        )

    @verb
    def compared(
        self,
        *,
        name: str,
        rows: Sequence[Sequence[Any]],
        columns: dict[str, str],
        assumed: list[str],
        as_of: str | None = None,
        threshold: str = THRESHOLD,
        why: bool = True,
    ) -> Compared:
        """The same of figures that were read already, each as the fields of `Claimed`."""
        claim = Claim([Claimed(*row) for row in rows], columns, assumed)
        warehouse = self.prepared()
        dated = "on" in columns
        if dated and as_of is not None:
            raise WrongUse("the table says itself when its figures hold", remedy="Leave out --as-of.")
        moment = asked_at(as_of, self.policy["timezone"]) if as_of else clock.now()
        figures = [row if dated else row._replace(at=micros_of(moment), label=as_of or "now") for row in claim.rows]
        asked = Asked(self.policy, self.journal.head().seq, Fraction(threshold), why)
        found = compare(warehouse, asked, figures, self.progress)
        by = [f"No id is one of ours: customers are matched by their attribute {found.by!r}."] if found.by else []
        return Compared(
            definition=self._definition("mrr.ending", instant(max(row.at or 0 for row in figures))),
            name=name,
            rows=len(figures),
            columns=columns,
            assumed=[*assumed, *by, *_added_up(figures)],
            moments=found.moments,
            agreement=found.agreement,
            gaps=found.gaps,
            hypotheses=found.hypotheses,
        )


def _added_up(figures: Sequence[Claimed]) -> list[str]:
    names = [(row.customer, row.at, row.currency) for row in figures]
    several = len(names) - len({*names})
    return [f"{several:,} rows name someone again: rows of one customer are added up."] if several else []


def _share(text: str) -> Fraction:
    """`0.5%` or `0.005` as a share of 1. Raises WrongUse."""
    try:
        share = Fraction(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        raise WrongUse(f"{text!r} is no share", remedy="Write it as 0.5% or 0.005.") from None
    if share < 0:
        raise WrongUse(f"{text!r} is below 0", remedy="Write it as 0.5% or 0.005.")
    return share
