"""What reconciles: subscriptions, invoices, cash, crm, entitlements, prorations, parity; and the history of it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from mrr.book import Book
from mrr.cli import drift, ink, say
from mrr.cli.options import AsJson, AsOf, BookDir, First, opened
from mrr.errors import WrongUse
from mrr.reconcile.outcome import Reconciled

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


def reconcile(context: typer.Context) -> None:
    """Hold the book against what others say."""
    if context.invoked_subcommand is None:
        say.plain(context.get_help() + "\n")


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
    """Hold the subscriptions against the provider's list.

    They are those that count at the instant of the list. Without FILE the provider is asked for all pages of its
    list, with the key that its own client reads from the environment. A list that does not come to its end is an
    error, and nothing is compared or imported.

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
    """Hold MRR against the invoices for the same day.

    That is the ledger by subscriptions against the ledger by invoices, one subscription at a time, each difference
    with the first cause that explains it.
    """
    _answer(context, book, as_json, lambda ledger: ledger.reconcile_invoices(as_of=as_of, threshold=threshold))


def cash(
    context: typer.Context,
    first: First = None,
    as_of: AsOf = None,
    threshold: Threshold = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Hold MRR against what was charged.

    It lists what was charged twice, what was charged without a subscription, and who was not charged; payments that
    no payout covers, and payouts that no payments explain. Charges and payouts are looked at from --from on, else for
    the last 31 days.
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
    """Hold the book against an export of a CRM.

    It lists who is active in one and paused or gone in the other. It needs a column of customer ids and one of status;
    amounts a month or a year, units and plans are compared where there are columns of them.

    How columns and words were understood is said; what is not understood is refused.
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
    """Hold the book against an export of who may use what.

    It lists access without payment and payment without access. It is read as the export of a CRM is.
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
    """Recompute the prorations on invoices to the cent.

    Each comes of the subscription's own price and period, or of what was billed for the period less discounts. Those
    that differ are listed with both figures, and so are those of which price or period is not known.
    """
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
    """Hold two sources of this book against each other.

    Did a migration lose anyone, or change an amount? Each source is taken by itself, without edits.
    """
    path = None if ids is None else str(ids)
    _answer(
        context,
        book,
        as_json,
        lambda ledger: ledger.reconcile_parity(old=old, new=new, path=path, as_of=as_of, threshold=threshold),
    )


def history(context: typer.Context, book: BookDir = None, as_json: AsJson = False) -> None:
    """List every comparison that was made.

    Each is an entry of the journal. With --json one object a line.
    """
    with opened(context, book) as ledger:
        runs = ledger.reconciliations()
    if as_json:
        say.answer_lines(runs)
    elif not runs:
        say.show(Text("Nothing was reconciled yet.", ink.QUIET))
    else:
        heads = ["when", "what", "ours", "theirs", "drift", "", "differences", "backfilled"]
        say.show(ink.table(heads, map(drift.run, runs), words=(0, 1)))


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
        say.show(*drift.shown(found))
    if not found.within:
        raise typer.Exit(1)


EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    (
        "subscriptions",
        subscriptions,
        (
            "mrr reconcile subscriptions --book acme",
            "mrr reconcile subscriptions --book acme --backfill",
            "mrr reconcile subscriptions list.json --book acme --observed-at 2026-10-31T18:00:00Z --threshold 0.1",
        ),
    ),
    (
        "invoices",
        invoices,
        ("mrr reconcile invoices --book acme", "mrr reconcile invoices --book acme --as-of 2026-11-01 --json"),
    ),
    ("cash", cash, ("mrr reconcile cash --book acme", "mrr reconcile cash --book acme --from 2026-10")),
    (
        "crm",
        crm,
        (
            "mrr reconcile crm accounts.csv --book acme",
            "mrr reconcile crm accounts.csv --book acme --column customer='Billing ID' --status 'Key Account=active'",
        ),
    ),
    (
        "entitlements",
        entitlements,
        ("mrr reconcile entitlements seats.csv --book acme", "mrr reconcile entitlements seats.csv --book acme --json"),
    ),
    (
        "prorations",
        prorations,
        ("mrr reconcile prorations --book acme --from 2026-10", "mrr reconcile prorations --book acme --rule day"),
    ),
    (
        "parity",
        parity,
        (
            "mrr reconcile parity tabular stripe --book acme --ids mapping.csv --as-of 2026-11-01",
            "mrr reconcile parity stripe:old stripe:new --book acme --json | jq .causes",
        ),
    ),
    (
        "history",
        history,
        ("mrr reconcile history --book acme", "mrr reconcile history --book acme --json | jq .drift_percent"),
    ),
)
