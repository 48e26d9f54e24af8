"""The bridge: how one ledger becomes another, cause by cause, customer by customer, down to the entries."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

import mrr.web.sheets as sheets
import mrr.web.wording as wording
from mrr import figures
from mrr.book import Book
from mrr.bridge import Bridge, Cause, Step
from mrr.door import Needs
from mrr.policy import presets
from mrr.web.aside import SHORT_S, aside_of, waiting
from mrr.web.page import book_of, page

# A row of the table of causes is so high, so that its bar stands in it (mrr.css, 12).
ROW = 52
# So many customers are listed; the export has all.
LISTED = 100
CLASSES = ("opening", "new", "expansion", "reactivation", "contraction", "churn", "fx")

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)


class Bar(NamedTuple):
    """A bar of the waterfall, in thousandths of its width: where it begins, how long it is, where it ended; and 0."""

    x: int
    width: int
    end: int
    is_gain: bool
    zero: int


class Changed(NamedTuple):
    """What a bridge changes for one customer: in all, by class, by which steps, and on whose evidence."""

    customer_id: str
    source: str
    amount_micros: int
    classes: Sequence[str]
    steps: Sequence[str]
    entries: Sequence[int]


class Preset(NamedTuple):
    """A question that a bridge answers, as its two ledgers."""

    asks: str
    left: str
    right: str


@router.get("/bridge")
def bridge(
    request: Request,
    left: str = "",
    right: str = "now",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    customer: str = "",
    as_: Annotated[str, Query(alias="as")] = "",
) -> Response:
    """The bridge between two ledgers; without a left one, what can be asked."""
    book = book_of(request)
    told: dict[str, Any] = {"left": left, "right": right, "first": first, "last": last, "customer": customer}
    if not left:
        told |= {"presets": _presets(book), "known": wording.known(book), "found": None}
        return page(request, "bridge.html", told)
    asked: dict[str, Any] = {"left": wording.checked(left), "right": wording.checked(right)}
    asked |= {"first": first or None, "last": last or None, "customer": customer or None}
    key, title = f"bridge {sorted(asked.items(), key=str)}", f"the bridge from {left} to {right}"
    work = aside_of(request).ask(key, title, lambda _: book.bridge(**asked))
    if not work.told(None if as_ == "csv" else SHORT_S):
        return waiting(request, work)
    found: Bridge = work.answer
    if as_ == "csv":
        return sheets.table(request, "bridge", found)
    causes = [one for one in found.causes if one.amount_micros or one.customers or one.interacts]
    told |= {
        "known": wording.known(book),
        "found": found,
        "meant": found.definition,
        "causes": causes,
        "bars": bars(causes),
        "row": ROW,
    }
    told |= {"changed": changed(found.rows), "listed": LISTED, "table": by_class(causes), "label": figures.period_label}
    return page(request, "bridge.html", told)


def _presets(book: Book) -> list[Preset]:
    """What is asked most, as far as this book has the ledgers for it."""
    closes, versions = book.closes(), book.policies().versions
    found = [
        Preset(f"What changed since {one.month:%B %Y} was closed?", f"close:{one.month:%Y-%m}", "now")
        for one in closes[-1:]
    ]
    found += [
        Preset(f"What would version {one.version} do?", "now", f"v{one.version}")
        for one in versions
        if one.stage in ("draft", "shadow")
    ]
    found += [
        Preset("Does MRR agree with what was invoiced?", "now", "basis=invoice"),
        Preset("What do the edits make of it?", "edits=none", "now"),
    ]
    return [*found, *(Preset(f"Why does {name} say something else?", name, "now") for name in presets())]


def bars(causes: Sequence[Cause]) -> list[Bar]:
    """The waterfall: each bar begins where the one above ended; the last one is what all come to."""
    ends, at = [0], 0
    for one in causes:
        at += one.amount_micros
        ends.append(at)
    low, high = min(ends), max(ends)
    spread = max(high - low, 1)

    def place(micros: int) -> int:
        return 40 + 920 * (micros - low) // spread

    pairs = [*pairwise(ends), (0, at)]
    return [Bar(min(place(a), place(b)), abs(place(b) - place(a)), place(b), b >= a, place(0)) for a, b in pairs]


def changed(rows: Sequence[Step]) -> list[Changed]:
    """What changes for each customer, the largest first."""
    groups: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for row in rows:
        groups[row.source, row.customer_id].append(row)
    found = [_changed(name, source, told) for (source, name), told in groups.items()]
    return sorted(found, key=lambda one: (-abs(one.amount_micros), one.customer_id))


def _changed(name: str, source: str, rows: Sequence[Step]) -> Changed:
    amounts: Counter[str] = Counter()
    for row in rows:
        amounts[row.class_] += row.amount_micros
    entries = sorted({seq for row in rows for seq in row.entries})
    steps = list(dict.fromkeys(row.step for row in rows))
    return Changed(name, source, amounts.total(), [kind for kind in amounts if amounts[kind]], steps, entries)


def by_class(causes: Sequence[Cause]) -> list[tuple[str, int]]:
    """What all causes change of the opening and of each class."""
    sums: Counter[str] = Counter()
    for cause in causes:
        sums.update(cause.classes)
    names = [*CLASSES, *(kind for kind in sums if kind not in CLASSES)]
    return [(kind, sums[kind]) for kind in names if kind in CLASSES or sums[kind]]


@router.get("/bridge/customer")
def beside(request: Request, left: str, customer: str, right: str = "now") -> Response:
    """One customer in both ledgers, with both explanations side by side."""
    book = book_of(request)
    asked = {"left": wording.checked(left), "right": wording.checked(right), "customer": customer}
    title = f"{customer} by {left} and by {right}"
    work = aside_of(request).ask(f"beside {sorted(asked.items())}", title, lambda _: book.beside(**asked))
    if not work.told():
        return waiting(request, work)
    told = {"meant": book.definition(), "left": left, "right": right, "customer": customer, "found": work.answer}
    return page(request, "beside.html", told)
