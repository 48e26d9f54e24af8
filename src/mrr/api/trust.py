"""Why the figures can be believed: bridges, comparisons with others, reconciliations."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Query
from pydantic import Field

from mrr.answers import Definition
from mrr.api.known import BookIs
from mrr.api.listed import Listed
from mrr.api.routes import Routes
from mrr.api.uploads import Uploaded
from mrr.api.words import AsOf, CustomerIs, First, Last, Said
from mrr.book.comparing import THRESHOLD, Compared
from mrr.bridge import Beside, Bridge
from mrr.errors import WrongUse
from mrr.reconcile.history import Run
from mrr.reconcile.outcome import Reconciled

router = Routes("Trust")

End = Annotated[str, Query(description="A ledger in words.", examples=["now", "@seq:2", "churn_at=request"])]
OneCustomer = Annotated[str, Query(description="A customer.", examples=["acme"])]
Share = Annotated[str, Query(description="How far apart the two may be, of ours.", examples=["0.5%"])]
Bound = Annotated[str | None, Query(description="The drift that is allowed, in percent.", examples=["0.5"])]
Pairs = Annotated[Sequence[str], Query(description="A=B; again for more.")]
Account = Annotated[str, Query(description="The source, where there are several.", examples=["native"])]
ListedAt = Annotated[str, Query(description="When the list was true.", examples=["2025-03-31"])]
Backfill = Annotated[bool, Query(description="Append the snapshots that the book lacks, where that is safe.")]


class Besides(msgspec.Struct):
    """What moved for a customer in one of two ledgers and not so in the other, each explained."""

    definition: Definition
    rows: list[Beside]


class Runs(Listed):
    """Every comparison that was ever made, the latest last; amounts in micros of its currency."""

    rows: list[Run]


class Against(Said):
    """What is held against the book out of itself, and when."""

    as_of: Annotated[str | None, Field(description="An instant or day; else now.", examples=["2025-04-01"])] = None
    threshold: Annotated[str | None, Field(description="The drift that is allowed, in percent.")] = None


class AgainstCash(Against):
    """Charges since a day; else the last 31 days."""

    first: Annotated[str | None, Field(alias="from", examples=["2025-02"])] = None


class AgainstProrations(AgainstCash):
    """Prorations by a rule: by the second, by the day, by days of 30-day months."""

    rule: Literal["second", "day", "day30"] = "second"
    source: str | None = None


class AgainstSource(Against):
    """A source and the one that took its place."""

    old: Annotated[str, Field(examples=["native"])]
    new: Annotated[str, Field(examples=["native"])]


class AgainstLive(Said):
    """The provider's own list, asked for now by its API."""

    source: str = ""
    threshold: str | None = None
    backfill: bool = False
    timeout: Annotated[int, Field(ge=1, le=300, description="In seconds.")] = 60


@router.ask("/bridge")
def bridge(
    book: BookIs,
    left: End,
    right: End = "now",
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    customer: CustomerIs = None,
) -> Bridge:
    """How one ledger becomes another: by cause, by month, and row by row, adding up exactly."""
    return book.bridge(left=left, right=right, first=first, last=last, as_of=as_of, customer=customer)


@router.ask("/bridge/beside")
def beside(book: BookIs, left: End, customer: OneCustomer, right: End = "now", as_of: AsOf = None) -> Besides:
    """What moved for a customer in one of two ledgers and not so in the other, each explained."""
    found = book.beside(left=left, right=right, customer=customer, as_of=as_of)
    meant = msgspec.structs.replace(book.definition(as_of=as_of), ledger=f"{left} → {right}")
    return Besides(meant, found)


@router.tell("/comparisons", "read", upload=True)
def compare(
    book: BookIs, upload: Uploaded, as_of: AsOf = None, threshold: Share = THRESHOLD, why: bool = True
) -> Compared:
    """A table of another tool's figures against the ledger; `why` weighs what would close the gap."""
    return book.compare(**upload.words, as_of=as_of, threshold=threshold, why=why)


@router.ask("/reconciliations", pages=True)
def reconciliations(book: BookIs) -> Runs:
    """Every comparison that was made; each is an entry of the journal."""
    return Runs(book.reconciliations())


@router.tell("/reconciliations/invoices", "operate")
def reconcile_invoices(book: BookIs, said: Against) -> Reconciled:
    """MRR by subscriptions against MRR by the invoices for the same instant."""
    return book.reconcile_invoices(**said.model_dump())


@router.tell("/reconciliations/cash", "operate")
def reconcile_cash(book: BookIs, said: AgainstCash) -> Reconciled:
    """MRR against what was charged: twice, without a subscription, not at all."""
    return book.reconcile_cash(**said.model_dump())


@router.tell("/reconciliations/prorations", "operate")
def reconcile_prorations(book: BookIs, said: AgainstProrations) -> Reconciled:
    """The prorations on invoices, recomputed to the cent."""
    return book.reconcile_prorations(**said.model_dump())


@router.tell("/reconciliations/parity", "operate")
def reconcile_parity(book: BookIs, said: AgainstSource) -> Reconciled:
    """Two sources of this book, customer by customer, under the same ids."""
    return book.reconcile_parity(**said.model_dump())


@router.tell("/reconciliations/parity/ids", "operate", upload=True)
def reconcile_parity_by_ids(
    book: BookIs, upload: Uploaded, old: Account, new: Account, as_of: AsOf = None, threshold: Bound = None
) -> Reconciled:
    """The same where the ids changed: the file is a CSV of old and new ones."""
    return book.reconcile_parity(old=old, new=new, path=str(upload.path), as_of=as_of, threshold=threshold)


@router.tell("/reconciliations/live", "operate")
def reconcile_live(book: BookIs, said: AgainstLive) -> Reconciled:
    """The active subscriptions against the provider's own list, asked for now with the key of the service."""
    return book.reconcile_subscriptions(**said.model_dump())


@router.tell("/reconciliations/subscriptions", "operate", upload=True)
def reconcile_subscriptions(
    book: BookIs,
    upload: Uploaded,
    observed_at: ListedAt,
    source: Account = "",
    threshold: Bound = None,
    backfill: Backfill = False,
) -> Reconciled:
    """The active subscriptions against a list that the provider gave."""
    words: dict[str, Any] = {"source": source, "observed_at": observed_at, "threshold": threshold}
    return book.reconcile_subscriptions(path=str(upload.path), backfill=backfill, **words)


@router.tell("/reconciliations/{what}", "operate", upload=True)
def reconcile_export(
    book: BookIs,
    upload: Uploaded,
    what: Literal["crm", "entitlements"],
    column: Pairs = (),
    status: Pairs = (),
    source: Annotated[str | None, Query(description="Only this source.")] = None,
    as_of: AsOf = None,
    threshold: Bound = None,
) -> Reconciled:
    """The book against a table of customers from another system; how it was read is said."""
    words: dict[str, Any] = {"source": source, "as_of": as_of, "threshold": threshold}
    return book.reconcile_export(
        what=what, path=str(upload.path), columns=_pairs(column), words=_pairs(status), **words
    )


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    """`A=B` words as a dict, split at the last sign. Raises WrongUse for one without it."""
    parts = [text.rpartition("=") for text in texts]
    for name, sign, _ in parts:
        if not name or not sign:
            raise WrongUse("a pair is A=B", remedy="As in column=customer=Billing ID, or status=Key Account=active.")
    return {name: value for name, _, value in parts}
