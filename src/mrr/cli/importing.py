"""What goes into a book: events, rates and tables, and the rehearsal of an import."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from mrr import figures
from mrr.answers import ImportCounts
from mrr.book import Book
from mrr.book.taking import TABLES, source_of
from mrr.cli import ink, say, tabling
from mrr.cli.options import AsJson, BookDir, opened
from mrr.cli.progress import meter
from mrr.errors import WrongUse

_STOPPED = "What was read so far is in the journal. Import the same files again: the rest follows, nothing twice."

_DATABASE_HELP = "The database of the query, as SQLAlchemy writes it; else MRR_DATABASE."
_KIND_HELP = "What the files hold; else tabular for CSV and Parquet, and for the rest what the first entry looks like."

Kind = Literal["stripe", "rates", "native", "tabular"]
Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE",
        help="Events (JSONL, a JSON array, a Stripe list object) or a table, plain or gzip; `-` reads standard input.",
    ),
]


def import_files(
    context: typer.Context,
    files: Files = None,
    kind: Annotated[Kind | None, typer.Option("--as", help=_KIND_HELP)] = None,
    mapping: Annotated[
        str | None, typer.Option(metavar="TOML", help="How a table is to be read; else its header tells.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and import nothing.")] = False,
    query: Annotated[str | None, typer.Option(metavar="SQL", help="Import the rows of a query as a table.")] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", envvar="MRR_DATABASE", show_envvar=False, help=_DATABASE_HELP)
    ] = None,
    base: Annotated[str, typer.Option(metavar="CODE", help="With --as rates: the currency of the values.")] = "USD",
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which account or export, where there are several.")
    ] = None,
    observed_at: Annotated[
        str | None, typer.Option(metavar="T", help="When bare objects or tables (no events) were seen to be so.")
    ] = None,
    fx: Annotated[Literal["ecb"] | None, typer.Option(help="Import the reference rates that ship with mrr.")] = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Append files to the journal and post them to the ledger.

    Importing a file twice changes nothing: what is known already counts as a duplicate. An event that cannot be read is
    quarantined with the reason, and stays in the journal. A table with a row that cannot be read is refused as a whole.
    Rates are a CSV `day,currency,value`.
    """
    words = {"mapping": mapping, "query": query, "database": database, "observed_at": observed_at}
    _checked(files, kind, fx, words, dry_run)
    sources = [(file, source_of(file, kind, source, mapped=mapping is not None)) for file in files or ()]
    sources += [("", source_of("", "tabular", source, mapped=False))] if query else []
    sources += [(fx, f"rates:{fx}")] if fx else []
    with meter(quiet=as_json) as bars, opened(context, book, bars) as ledger, say.stoppable(_STOPPED):
        if dry_run:
            found = [_rehearsed(ledger, file, of, words, base) for file, of in sources]
            currency = ledger.policy["currency"]
        else:
            done = [_appended(ledger, file, of, words, base) for file, of in sources]
    if dry_run:
        _tell_rehearsed(found, currency, as_json)
        return
    total = _sum([counts for counts, _ in done])
    if as_json:
        say.answer(total)
    else:
        say.show(*(told for _, told in done if told), _imported(total))


def _checked(
    files: list[str] | None, kind: str | None, fx: str | None, words: dict[str, str | None], dry_run: bool
) -> None:
    """Look at all words and files before the first is imported."""
    if not files and not fx and not words["query"]:
        raise WrongUse("nothing to import", remedy="Name files, `-` for standard input, --query or --fx ecb.")
    if bool(words["query"]) and not words["database"]:
        raise WrongUse("--query needs a --database", remedy="As in --database sqlite:///billing.db.")
    if words["mapping"] and kind not in (None, "tabular"):
        raise WrongUse(f"--mapping is for tables, not for --as {kind}", remedy="Leave one of the two out.")
    for file in files or ():
        if file != "-" and not Path(file).is_file():
            raise WrongUse(f"{file}: no such file", remedy="Check the name; `-` reads standard input.")
        if kind in ("stripe", "native") and file.lower().endswith(TABLES):
            raise WrongUse(f"{file} is a table", remedy="Leave --as out, or say --as tabular or --as rates.")


def _appended(
    ledger: Book, file: str, source: str, words: dict[str, str | None], base: str
) -> tuple[ImportCounts, Text | None]:
    if not source.startswith("tabular"):
        counts = ledger.append(file, source=source, base=base.upper(), observed_at=words["observed_at"])
        recognised = not source.partition(":")[0]
        return counts, tabling.recognised(file, counts.sources) if recognised and counts.entries else None
    found = ledger.append_table(file, source=source, **_of_table(file, words))
    return found.counts, tabling.read(found.read)


def _of_table(file: str, words: dict[str, str | None]) -> dict[str, Any]:
    return words if not file else words | {"query": None, "database": None}


def _rehearsed(ledger: Book, file: str, source: str, words: dict[str, str | None], base: str) -> tabling.Rehearsed:
    if source.startswith("tabular"):
        return ledger.rehearse_table(file, source=source, **_of_table(file, words))
    return ledger.rehearse(file, source=source, base=base.upper(), observed_at=words["observed_at"])


def _tell_rehearsed(found: list[tabling.Rehearsed], currency: str, as_json: bool) -> None:
    if as_json:
        say.answer_lines(found)
    else:
        say.show(*(part for rehearsed in found for part in tabling.rehearsal(rehearsed, currency)))
    if any(tabling.is_refused(rehearsed) for rehearsed in found):
        raise typer.Exit(1)


def _sum(counts: list[ImportCounts]) -> ImportCounts:
    names = ("entries", *ImportCounts.OUTCOMES)
    sources = sorted({source for one in counts for source in one.sources})
    return ImportCounts(**{name: sum(getattr(one, name) for one in counts) for name in names}, sources=sources)


def _imported(counts: ImportCounts) -> Text:
    words = {"decoded": "decoded", "irrelevant": "irrelevant", "duplicates": "known already"}
    trouble = {"quarantined": "quarantined", "key_reused": "under a reused key", "conflicts": "in conflict"}
    parts = [f"{getattr(counts, name):,} {word}" for name, word in words.items() if getattr(counts, name)]
    bad = [f"{getattr(counts, name):,} {word}" for name, word in trouble.items() if getattr(counts, name)]
    head = figures.plural(counts.entries, "entry", "entries")
    told = Text.assemble((head, ink.STRONG), ": " + ", ".join(parts + bad) if parts or bad else "")
    if bad:
        told.append("\n`mrr quarantine` says why, entry by entry.", ink.QUIET)
    return told
