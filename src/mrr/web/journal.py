"""The journal: every entry that fits, one of them with its bytes, the quarantine, receipts, and the proof of it all."""

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

import mrr.web.sheets as sheets
from mrr.access import Actor
from mrr.door import Needs
from mrr.period import instant
from mrr.web.aside import aside_of, waiting
from mrr.web.forms import Does, onward
from mrr.web.page import book_of, page

OUTCOMES = ("decoded", "irrelevant", "quarantined", "duplicate", "key_reused", "conflict")
LISTED, EXPORTED = 50, 1000

router = APIRouter(include_in_schema=False)
reads, supports = [Depends(Needs("read"))], [Depends(Needs("support"))]


@router.get("/journal", dependencies=supports)
def journal(
    request: Request,
    text: str = "",
    source: str = "",
    kind: str = "",
    customer: str = "",
    outcome: str = "",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
    as_: Annotated[str, Query(alias="as")] = "",
) -> Response:
    """The newest entries that fit, what needs a person's eye, and how much there is in all."""
    book = book_of(request)
    asked = {"text": text, "source": source, "kind": kind, "customer": customer, "outcome": outcome}
    words = {name: value.strip() or None for name, value in asked.items()}
    words |= {"first": first or None, "last": last or None}
    limit = EXPORTED if as_ == "csv" else LISTED
    found = book.entries(**words, before=before, limit=limit)
    if as_ == "csv":
        return sheets.table(request, "entries", found)
    head = book.journal.head().seq
    told = {"meant": found.definition, "found": found, "asked": asked, "first": first, "last": last, "head": head}
    told |= {"totals": book.journal.receipts_summary(), "counts": book.tally(spans=[(1, head)]), "outcomes": OUTCOMES}
    told |= {"quarantine": book.quarantine(), "before": before, "retried": request.query_params.get("retried")}
    told["onwards"] = urlencode({k: v for k, v in {**asked, "from": first, "to": last}.items() if v})
    return page(request, "journal.html", told)


@router.get("/journal/receipts", dependencies=supports)
def receipts(request: Request, before: Annotated[int | None, Query(ge=1)] = None) -> Response:
    """What was offered, batch by batch: when, of which source, from where, and how much of it was new."""
    book = book_of(request)
    rows = book.receipts(before=before, limit=LISTED)
    told = {"meant": book.definition(), "rows": rows, "instant": instant, "totals": book.journal.receipts_summary()}
    return page(request, "receipts.html", told | {"more": rows[-1].receipt_id if len(rows) == LISTED else None})


@router.get("/journal/verify", dependencies=reads)
def verify(request: Request) -> Response:
    """The chain of the journal recomputed, the outcomes counted, the ledger's digest."""
    book = book_of(request)
    work = aside_of(request).ask("verify", "whether the journal is whole, entry by entry", lambda _: book.verify())
    if not work.told():
        return waiting(request, work)
    return page(request, "verified.html", {"meant": book.definition(), "found": work.answer})


@router.get("/journal/{seq}", dependencies=supports)
def entry(request: Request, seq: int) -> Response:
    """One entry: the exact bytes that were told, and what became of them."""
    book = book_of(request)
    found = book.entry(seq=seq)
    told = {"meant": book.definition(), "found": found, "body": pretty(found.body), "head": book.journal.head().seq}
    return page(request, "entry.html", told)


def pretty(body: str) -> str:
    """JSON with a field a line, its numbers digit by digit as they came; anything else as it is."""
    try:
        return msgspec.json.format(body, indent=2)
    except (msgspec.DecodeError, RecursionError):
        return body


@router.post("/journal/retry")
def retry(
    request: Request, actor: Annotated[Actor, Depends(Does("operate"))], entries: Annotated[str, Form()] = ""
) -> Response:
    """Read the quarantine, or one entry of it, once more."""
    found = book_of(request).retry(entries=[int(seq) for seq in json.loads(f"[{entries}]")])
    told: dict[str, Any] = {"retried": f"{len(found.read)} of {found.tried}"}
    return onward(f"/journal?{urlencode(told)}#quarantine")
