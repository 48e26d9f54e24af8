"""Reconciling: the book against invoices, cash and what others list; every run, its drift, each difference."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from fastapi.responses import Response

import mrr.web.sheets as sheets
from mrr.access import Actor
from mrr.book import Book
from mrr.book.afar import foreign
from mrr.book.clock import now_micros
from mrr.door import Needs
from mrr.errors import WrongUse
from mrr.period import instant
from mrr.reconcile.outcome import Reconciled
from mrr.web.aside import SHORT_S, aside_of, waiting
from mrr.web.forms import Does, onward, texts
from mrr.web.page import book_of, page

# The largest export that is taken from a browser, and how much of it is read at once.
LARGEST, CHUNK = 64 << 20, 1 << 20
LISTED = 200

router = APIRouter(include_in_schema=False)
reads = [Depends(Needs("read"))]
Operates = Annotated[Actor, Depends(Does("operate"))]
As = Annotated[str, Query(alias="as")]


Said = dict[str, str]


class Bounds(TypedDict):
    """What every comparison takes: when, and how much drift is within bounds."""

    as_of: str | None
    threshold: str | None


class Against(NamedTuple):
    """What the book can be held against: in words, what it takes besides, and whether that is a file."""

    name: str
    says: str
    takes: Sequence[str] = ()
    is_file: bool = False


AGAINST = (
    Against("invoices", "MRR against the invoices for the same day"),
    Against("cash", "MRR against what was charged: twice, without subscription, not at all", ("first",)),
    Against("prorations", "The prorations on invoices, recomputed to the cent", ("rule", "first")),
    Against("parity", "Two sources of this book, customer by customer", ("old", "new")),
    Against(
        "subscriptions", "The subscriptions against the provider’s own list", ("source", "observed_at"), is_file=True
    ),
    Against("crm", "The book against an export of a CRM", ("source",), is_file=True),
    Against("entitlements", "The book against an export of who may use what", ("source",), is_file=True),
)


def listed(book: Book, said: Said, path: str, *, backfill: bool = False) -> Reconciled:
    """The subscriptions against a provider's list in a file, with or without a backfill."""
    at, bound = said.get("observed_at"), said.get("threshold")
    source = foreign(said.get("source", ""))
    return book.reconcile_subscriptions(path=path, source=source, observed_at=at, threshold=bound, backfill=backfill)


def exported(book: Book, said: Said, path: str) -> Reconciled:
    """The book against an export of another system."""
    what: Literal["crm", "entitlements"] = "crm" if said["what"] == "crm" else "entitlements"
    return book.reconcile_export(what=what, path=path, source=said.get("source"), **_bounds(said))


def _bounds(said: Said) -> Bounds:
    return {"as_of": said.get("as_of"), "threshold": said.get("threshold")}


# How each is asked for, by what a form said and the path of its file.
WAYS: Mapping[str, Callable[[Book, Said, str], Reconciled]] = {
    "invoices": lambda book, said, _: book.reconcile_invoices(**_bounds(said)),
    "cash": lambda book, said, _: book.reconcile_cash(first=said.get("first"), **_bounds(said)),
    "prorations": lambda book, said, _: book.reconcile_prorations(
        rule=said.get("rule", "second"), first=said.get("first"), **_bounds(said)
    ),
    "parity": lambda book, said, _: book.reconcile_parity(
        old=said.get("old", ""), new=said.get("new", ""), **_bounds(said)
    ),
    "subscriptions": listed,
    "crm": exported,
    "entitlements": exported,
}


@router.get("/reconcile", dependencies=reads)
def history(request: Request, what: str = "", as_: As = "") -> Response:
    """Every comparison that was made, the latest first, and what can be compared."""
    book = book_of(request)
    runs = [run for run in reversed(book.reconciliations()) if what in ("", run.what)]
    if as_ == "csv":
        rows = [(instant(run.told_at), instant(run.at), run.what, *_amounts(run), run.within) for run in runs]
        return sheets.sheet(request, "reconciliations", _RUN, rows)
    told = {"meant": book.definition(), "runs": runs[:LISTED], "what": what, "against": AGAINST, "instant": instant}
    return page(request, "reconcile.html", told | {"lines": dict(_lines(runs)), "count": len(runs)})


_RUN = ("run at", "as of", "what", "ours", "theirs", "drift", "drift percent", "threshold percent", "within")


def _amounts(run: Any) -> tuple[Any, ...]:
    amounts = (run.ours_micros, run.theirs_micros, run.drift_micros)
    return (*map(sheets.major, amounts), run.drift_percent, run.threshold_percent)


def _lines(runs: Sequence[Any]) -> Iterator[tuple[str, list[int]]]:
    """The drift of each comparison over its last runs, in millionths of a percent."""
    for one in AGAINST:
        last = [run for run in runs if run.what == one.name][:20]
        yield one.name, [int(run.drift_percent.replace(".", "").ljust(1, "0")) for run in reversed(last)]


@router.post("/reconcile")
def run(
    request: Request, actor: Operates, said: Annotated[Said, Depends(texts)], file: UploadFile | None = None
) -> Response:
    """Compare, and keep the run in the history. A file is kept for as long as the answer is, for a backfill."""
    book, what, stack = book_of(request), said.get("what", ""), ExitStack()
    asked = next((one for one in AGAINST if one.name == what), None)
    if asked is None:
        raise WrongUse(f"{what!r} is no comparison", remedy=f"Choose one of {', '.join(WAYS)}.")
    path = str(_kept(stack, file)) if file is not None and file.filename else ""
    if asked.is_file and not path:
        raise WrongUse(f"{what} are compared with a file", remedy="Choose the file.")
    number = now_micros()
    work = aside_of(request).ask(
        f"reconcile {number}", f"the book against {what}", lambda _: WAYS[what](book, said, path)
    )
    work.kept = {"stack": stack, "path": path, "said": said}
    return onward(f"/reconcile/{number}")


def _kept(stack: ExitStack, file: UploadFile) -> Path:
    """A file from a browser, under its own name in a place of ours. Raises WrongUse for one that is too large."""
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="mrr-")))
    path, taken = folder / Path(file.filename or "export").name, 0
    with path.open("wb") as copy:
        while part := file.file.read(CHUNK):
            taken += len(part)
            if taken > LARGEST:
                stack.close()
                raise WrongUse("this file is too large for a page", remedy="Use `mrr reconcile` on the server.")
            copy.write(part)
    return path


@router.get("/reconcile/{number}", dependencies=reads)
def outcome(request: Request, number: int, as_: As = "") -> Response:
    """One comparison with each difference, while it is kept; the history has it in short for good."""
    work = aside_of(request).known(f"reconcile {number}")
    if work is None:
        detail = "the differences of this run are no longer kept"
        return page(request, "error.html", {"detail": detail, "remedy": "Run it again: /reconcile."}, 404)
    if not work.told(SHORT_S):
        return waiting(request, work)
    found: Reconciled = work.answer
    if as_ == "csv":
        return sheets.table(request, found.what, found)
    can = sum(row.remedy == "backfill" for row in found.rows) if work.kept.get("path") else 0
    told = {"meant": found.definition, "found": found, "number": number, "listed": LISTED, "can": can}
    return page(request, "reconciled.html", told)


@router.post("/reconcile/{number}/backfill")
def backfill(request: Request, actor: Operates, number: int) -> Response:
    """Append what the list knows and the book lacks, where that is safe; compare again."""
    book, work = book_of(request), aside_of(request).known(f"reconcile {number}")
    if work is None or not work.kept.get("path"):
        raise WrongUse("the list of this run is no longer kept", remedy="Upload it again.")
    said, path, following = work.kept["said"], work.kept["path"], now_micros()
    title = "the backfill of the book"
    filled = aside_of(request).ask(f"reconcile {following}", title, lambda _: listed(book, said, path, backfill=True))
    filled.kept = dict(work.kept)
    return onward(f"/reconcile/{following}")
