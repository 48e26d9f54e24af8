"""What holds the book against another tool's figures: compare."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from mrr import figures
from mrr.book.comparing import THRESHOLD, Compared
from mrr.cli import ink, say
from mrr.cli.definition import definition
from mrr.cli.options import AsJson, BookDir, opened
from mrr.cli.progress import meter
from mrr.compare import Gap, Hypothesis, Moment

SHOWN_GAPS, SHOWN_HYPOTHESES = 20, 12
_STOPPED = "Nothing was changed."

ClaimFile = Annotated[
    str, typer.Option("--claim", metavar="FILE", help="CSV, JSONL or Parquet of another tool; `-`: standard input.")
]
MappingFile = Annotated[
    str | None, typer.Option("--mapping", metavar="FILE", help="How columns and cells are to be read, in TOML.")
]
AsOfNow = Annotated[
    str | None, typer.Option("--as-of", metavar="T", help="When the figures hold, if no column says it; else now.")
]
Threshold = Annotated[str, typer.Option("--threshold", metavar="SHARE", help="How far apart the two may be.")]
Why = Annotated[bool, typer.Option("--hypotheses/--no-hypotheses", help="Weigh what would close the gap.")]


def compare(
    context: typer.Context,
    claim: ClaimFile,
    mapping: MappingFile = None,
    as_of: AsOfNow = None,
    threshold: Threshold = THRESHOLD,
    why: Why = True,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare another tool's MRR with ours, and rank reasons.

    A hypothesis is never taken for the cause: each shows the gap before and after, how many figures would agree, and
    how many would no longer. Exits with 1 if the gap is over the threshold.
    """
    with meter(quiet=as_json) as bars, opened(context, book, bars) as ledger, say.stoppable(_STOPPED):
        found = ledger.compare(path=claim, mapping=mapping, as_of=as_of, threshold=threshold, why=why)
    if as_json:
        say.answer(found)
    else:
        say.show(*told(found, why=why))
    if not found.agreement.within:
        raise typer.Exit(1)


def told(found: Compared, *, why: bool) -> Iterator[RenderableType]:
    """How the claim was read, both sides, who differs, what would close the gap, and what our figures mean."""
    yield _read(found)
    places = figures.decimals(found.definition.currency, cents=True)
    yield _moments(found.moments, places)
    yield _agreement(found, places)
    if found.gaps:
        yield _gaps(found.gaps[:SHOWN_GAPS], places)
        yield from _more(len(found.gaps) - SHOWN_GAPS, "differ too; --json lists all")
        if why:
            yield _hypotheses(found.hypotheses[:SHOWN_HYPOTHESES], places)
        yield from _more(len(found.hypotheses) - SHOWN_HYPOTHESES, "close some of it too")
    yield definition(found.definition)


def _read(found: Compared) -> Text:
    read = ", ".join(f"{field} {column}" for field, column in found.columns.items())
    rows = figures.plural(found.rows, "figure")
    text = Text.assemble((f"{found.name}: ", ink.STRONG), f"{rows}, read as {read}.")
    for sentence in found.assumed:
        text.append(f"\n  {sentence}", ink.QUIET)
    return text


def _moments(moments: Sequence[Moment], places: int) -> RenderableType:
    rows = (
        (one.label, _amount(one.theirs_micros, places), _amount(one.ours_micros, places), _signed(one, places))
        for one in moments
    )
    return ink.table(["at", "theirs", "ours", "theirs less ours"], rows)


def _amount(micros: int, places: int) -> str:
    return figures.written(figures.rounded(micros, places), places)


def _signed(one: Moment | Gap, places: int) -> Text:
    units = figures.rounded(one.difference_micros, places)
    return ink.signed(units, figures.written(units, places, plus=True))


def _agreement(found: Compared, places: int) -> Text:
    one = found.agreement
    text = Text.assemble((f"{one.matched:,} agree", ink.STRONG))
    text.append(f", {one.differing:,} differ, {one.only_theirs:,} are only theirs, {one.only_ours:,} only ours.\n")
    gap = f"{_amount(one.gap_micros, places)} {found.definition.currency}"
    text.append("✓ " if one.within else "✗ ", ink.GOOD if one.within else ink.BAD)
    return text.append(f"The gap is {gap}, {one.share or '0.00%'} of ours, signs left out.")


def _gaps(gaps: Sequence[Gap], places: int) -> RenderableType:
    rows = (
        (
            one.customer_id or "total",
            _kind(one),
            _amount(one.theirs_micros, places),
            _amount(one.ours_micros, places),
            _signed(one, places),
            one.share,
        )
        for one in gaps
    )
    return ink.table(["customer", "", "theirs", "ours", "difference", "of ours"], rows, words=(0, 1), loose=(0, 1))


def _kind(one: Gap) -> str:
    return one.kind.replace("_", " ") + (f", {one.known}" if one.known else "")


def _more(number: int, what: str) -> Iterator[Text]:
    if number > 0:
        yield Text(f"{number:,} more {what}.", ink.QUIET)


def _hypotheses(found: Sequence[Hypothesis], places: int) -> RenderableType:
    if not found:
        return Text("No preset, no policy key and nothing in the figures closes any of the gap.")
    rows = (
        (
            one.kind,
            Text.assemble(one.name, (f": {one.says}", ink.QUIET)),
            _amount(one.gap_before_micros, places),
            _amount(one.gap_after_micros, places),
            f"{one.explained:,}",
            f"{one.broken:,}" if one.broken else "",
        )
        for one in found
    )
    heads = ["if it were", "", "gap", "then", "explains", "breaks"]
    return ink.table(heads, rows, words=(0, 1), loose=(1,))
