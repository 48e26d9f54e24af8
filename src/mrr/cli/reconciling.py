"""What reconciles: subscriptions, invoices, cash, crm, entitlements, prorations, parity; and the history of it."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import RenderableType
from rich.text import Text

from mrr import figures
from mrr.book import Book
from mrr.cli import ink, say
from mrr.cli.options import AsJson, AsOf, BookDir, First, opened
from mrr.errors import WrongUse
from mrr.period import instant
from mrr.reconcile.history import Run
from mrr.reconcile.outcome import Difference, Reconciled

# More rows than this are for --json.
SHOWN = 40

Threshold = Annotated[
    str | None, typer.Option(metavar="PERCENT", help="The drift above which the command exits with 1; else 0.5.")
]
Source = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only what this source tells, such as stripe or stripe:eu.")
]
Export = Annotated[Path, typer.Argument(metavar="FILE", help="The export: CSV, JSONL or Parquet.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="FIELD=COLUMN", help="Which column is customer, status, amount …"),
]
Words = Annotated[
    list[str] | None, typer.Option("--status", metavar="WORD=STATE", help="A word: active, trial, paused or ended.")
]


def subscriptions(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="An export of the provider's list; else its live API.")
    ] = None,
    source: Annotated[str, typer.Option(metavar="NAME", help="Whose list it is; else by its look.")] = "",
    base: Annotated[str | None, typer.Option(metavar="URL", help="Another address of the live API.")] = None,
    timeout: Annotated[int, typer.Option(metavar="SECONDS", min=1, help="How long one page may take.")] = 60,
    observed_at: Annotated[
        str | None, typer.Option("--observed-at", metavar="T", help="When the list of FILE was true; else now.")
    ] = None,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Append what the book lacks, where that is safe.")
    ] = False,
    threshold: Threshold = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold the active subscriptions against the provider's own list.

    Without FILE the provider is asked for all pages of its list, with the key that its own client reads from the
    environment. A list that does not come to its end is an error, and nothing is compared or imported.
    With --backfill the snapshots that the book lacks are appended, with a note of where they come from; what would
    contradict the book is left to a person and listed.
    """
    _answer(
        context,
        book,
        as_json,
        lambda ledger: ledger.reconcile_subscriptions(
            path=None if file is None else str(file),
            source=source,
            base=base,
            timeout=timeout,
            observed_at=observed_at,
            threshold=threshold,
            backfill=backfill,
        ),
    )


def invoices(
    context: typer.Context,
    as_of: AsOf = None,
    threshold: Threshold = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold MRR against the invoices for the same day, subscription by subscription."""
    _answer(context, book, as_json, lambda ledger: ledger.reconcile_invoices(as_of=as_of, threshold=threshold))


def cash(
    context: typer.Context,
    first: First = None,
    as_of: AsOf = None,
    threshold: Threshold = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold MRR against what was charged: twice, without a subscription, or not at all.

    Charges are looked at from --from on, else for the last 31 days.
    """
    _answer(context, book, as_json, lambda ledger: ledger.reconcile_cash(first=first, as_of=as_of, threshold=threshold))


def crm(
    context: typer.Context,
    file: Export,
    columns: Columns = None,
    words: Words = None,
    source: Source = None,
    as_of: AsOf = None,
    threshold: Threshold = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold the book against an export of a CRM: who is active in one and paused or gone in the other.

    It needs a column of customer ids and one of status; amounts a month or a year, units and plans are compared where
    there are columns of them. How columns and words were understood is said; what is not understood is refused.
    """
    _held("crm", context, file, columns, words, (source, as_of, threshold), book, as_json)


def entitlements(
    context: typer.Context,
    file: Export,
    columns: Columns = None,
    words: Words = None,
    source: Source = None,
    as_of: AsOf = None,
    threshold: Threshold = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold the book against an export of who may use what: access without payment, payment without access.

    It is read as the export of a CRM is.
    """
    _held("entitlements", context, file, columns, words, (source, as_of, threshold), book, as_json)


def prorations(
    context: typer.Context,
    rule: Annotated[
        Literal["second", "day", "day30"], typer.Option(help="By the second, by the day, or by days of 30-day months.")
    ] = "second",
    first: First = None,
    source: Source = None,
    as_of: AsOf = None,
    threshold: Threshold = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Recompute the prorations on invoices to the cent, and list those that differ."""
    _answer(
        context,
        book,
        as_json,
        lambda ledger: ledger.reconcile_prorations(
            rule=rule, first=first, source=source, as_of=as_of, threshold=threshold
        ),
    )


def parity(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The source that is left.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The source that takes its place.")],
    ids: Annotated[Path | None, typer.Option("--ids", metavar="FILE", help="A CSV: old id,new id.")] = None,
    as_of: AsOf = None,
    threshold: Threshold = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold two sources of this book against each other: did a migration lose anyone, or change an amount?"""
    path = None if ids is None else str(ids)
    _answer(
        context,
        book,
        as_json,
        lambda ledger: ledger.reconcile_parity(old=old, new=new, path=path, as_of=as_of, threshold=threshold),
    )


def history(context: typer.Context, book: BookDir = None, as_json: AsJson = False) -> None:
    """List every comparison that was made, and what came of it. With --json one object a line."""
    with opened(context, book) as ledger:
        runs = ledger.reconciliations()
    if as_json:
        say.answer_lines(runs)
    elif not runs:
        say.show(Text("Nothing was reconciled yet.", ink.QUIET))
    else:
        heads = ["when", "what", "ours", "theirs", "drift", "", "differences", "backfilled"]
        say.show(ink.table(heads, map(_run, runs), words=(0, 1)))


def _held(
    what: Literal["crm", "entitlements"],
    context: typer.Context,
    file: Path,
    columns: list[str] | None,
    words: list[str] | None,
    asked: tuple[str | None, str | None, str | None],
    book: Path | None,
    as_json: bool,
) -> None:
    source, as_of, threshold = asked
    _answer(
        context,
        book,
        as_json,
        lambda ledger: ledger.reconcile_export(
            what=what,
            path=str(file),
            source=source,
            columns=_pairs("--column", columns),
            words=_pairs("--status", words),
            as_of=as_of,
            threshold=threshold,
        ),
    )


def _pairs(option: str, texts: list[str] | None) -> dict[str, str]:
    """`A=B` words as a dict, split at the last sign. Raises WrongUse for one without it."""
    parts = [text.rpartition("=") for text in texts or ()]
    for (name, sign, _), text in zip(parts, texts or (), strict=True):
        if not name or not sign:
            raise WrongUse(f"{option} {text} is no pair", remedy=f"Write {option} A=B.")
    return {name: value for name, _, value in parts}


def _answer(context: typer.Context, book: Path | None, as_json: bool, ask: Callable[[Book], Reconciled]) -> None:
    with opened(context, book) as ledger:
        found = ask(ledger)
    if as_json:
        say.answer(found)
    else:
        say.show(*_shown(found))
    if not found.within:
        raise typer.Exit(1)


def _shown(found: Reconciled) -> Sequence[RenderableType]:
    parts: list[RenderableType] = [_head(found)]
    if found.rows:
        parts.append(_rows(found.rows[:SHOWN], figures.decimals(found.definition.currency, cents=True)))
    if len(found.rows) > SHOWN:
        parts.append(Text(f"and {len(found.rows) - SHOWN:,} more: --json lists all.", ink.QUIET))
    if found.notes:
        parts.append(Text("\n".join(found.notes), ink.QUIET))
    return parts


def _head(found: Reconciled) -> Text:
    mark = ("✓ ", ink.GOOD) if found.within else ("✗ ", ink.BAD)
    code = found.definition.currency
    places = figures.decimals(code, cents=True)
    ours, theirs, drift = (
        _money(micros, places) for micros in (found.ours_micros, found.theirs_micros, found.drift_micros)
    )
    told = Text.assemble(mark, (found.what, ink.STRONG), f": {found.ours} {ours}, {found.theirs} {theirs} {code}\n")
    told.append(
        f"  drift {drift} {code}, {_percent(found.drift_percent)} of at most {_percent(found.threshold_percent)}; "
    )
    told.append(f"{found.compared:,} compared, {figures.plural(len(found.rows), 'difference')}")
    if found.causes:
        told.append("\n  " + ", ".join(f"{count:,} {cause}" for cause, count in found.causes.items()), ink.QUIET)
    if found.backfilled:
        told.append(f"\n  {figures.plural(found.backfilled, 'snapshot')} backfilled; this is what is left", ink.QUIET)
    return told


def _rows(rows: Sequence[Difference], places: int) -> Text:
    """A line of figures for each difference, and under it, quietly, what and why."""
    cells = [
        (row.customer_id or "–", row.cause, *(_money(side, places) for side in (row.ours_micros, row.theirs_micros)))
        for row in rows
    ]
    heads = ("customer", "cause", "ours", "theirs")
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    told = Text(_line(heads, widths) + "  difference\n", ink.QUIET)
    for row, cell in zip(rows, cells, strict=True):
        told.append(_line(cell, widths) + "  ")
        told.append(ink.signed(row.difference_micros, f"{_money(row.difference_micros, places, plus=True):>10}"))
        why = ": ".join(filter(None, (row.subject, row.detail)))
        told.append(f"\n  {why}" + (f" → {row.remedy}" if row.remedy else "") + "\n", ink.QUIET)
    told.rstrip()
    return told


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    texts = (f"{cell:<{width}}" for cell, width in zip(cells[:2], widths[:2], strict=True))
    amounts = (f"{cell:>{width}}" for cell, width in zip(cells[2:], widths[2:], strict=True))
    return "  ".join((*texts, *amounts))


def _money(micros: int, places: int, *, plus: bool = False) -> str:
    return figures.written(figures.rounded(micros, places), places, plus=plus)


def _percent(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " %"


def _run(run: Run) -> Sequence[ink.Cell]:
    mark = Text("✓", ink.GOOD) if run.within else Text("✗", ink.BAD)
    places = figures.decimals(run.currency, cents=True)
    sides = (_money(run.ours_micros, places), _money(run.theirs_micros, places))
    drift = _percent(Decimal(run.drift_percent))
    when = f"{instant(run.told_at):%Y-%m-%d %H:%M}"
    return (when, run.what, *sides, drift, mark, f"{run.differences:,}", f"{run.backfilled or ''}")
