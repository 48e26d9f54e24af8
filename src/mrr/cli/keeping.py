"""What keeps a book: init, import, build, verify, quarantine."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from mrr.answers import ImportCounts, Quarantined, Verified
from mrr.book import Book
from mrr.cli import figures, ink, say
from mrr.cli.options import AsJson, BookDir, folder, opened
from mrr.cli.progress import meter
from mrr.errors import WrongUse
from mrr.policy import Policy, load, standard

_IMPORT_STOPPED = (
    "What was read so far is in the journal. Import the same files again: the rest follows, nothing twice."
)
_BUILD_STOPPED = "The ledger stands as it was before. Run `mrr build` again when you like."

Kind = Literal["stripe", "rates", "native"]
Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE", help="JSONL, a JSON array or a Stripe list object, plain or gzip; `-` reads standard input."
    ),
]


def init(
    context: typer.Context,
    directory: Annotated[Path | None, typer.Argument(metavar="DIR", help="A new directory; else --book.")] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="The reporting currency, ISO 4217.")] = None,
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help="Whose days and months count, IANA.")] = None,
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="A policy; else `standard`.")
    ] = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a book: one company's journal, policy and ledger.

    Without options it reports in USD and UTC under the policy `standard`; DIR/policy.toml then spells out every key.
    """
    directory = directory or folder(context, book)
    if directory == Path():
        raise WrongUse("a book needs a directory", remedy="Name it: `mrr init DIR`.")
    chosen = _policy(policy, currency, timezone)
    Book.create(directory, policy=chosen).close()
    where = {"currency": chosen["currency"], "timezone": chosen["timezone"]}
    if as_json:
        say.answer({"book": str(directory), "policy": chosen.name, "policy_hash": chosen.hash, **where})
        return
    terms = Text(
        f"{chosen['currency']}, {chosen['timezone']}, policy {chosen.name} {chosen.hash[:8]} ({directory}/policy.toml)",
        ink.QUIET,
    )
    following = Text.assemble("Now: ", (f"mrr import --book {directory} FILE", ink.STRONG))
    say.show(Text.assemble((f"{directory} is a book.\n", ink.STRONG), terms), following)


def _policy(file: Path | None, currency: str | None, timezone: str | None) -> Policy:
    changes = {"currency": currency and currency.upper(), "timezone": timezone}
    return (load(file) if file else standard()).differing({key: value for key, value in changes.items() if value})


def import_files(
    context: typer.Context,
    files: Files = None,
    kind: Annotated[Kind, typer.Option("--as", help="What the files hold.")] = "stripe",
    base: Annotated[str, typer.Option(metavar="CODE", help="With --as rates: the currency of the values.")] = "USD",
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which account or export, where there are several.")
    ] = None,
    observed_at: Annotated[
        str | None, typer.Option(metavar="T", help="When bare objects (no events) were seen to be so.")
    ] = None,
    fx: Annotated[Literal["ecb"] | None, typer.Option(help="Import the reference rates that ship with mrr.")] = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Append files to the journal and post them to the ledger.

    Importing a file twice changes nothing: what is known already counts as a duplicate. What cannot be read is
    quarantined with the reason, and stays in the journal. Rates are a CSV `day,currency,value`.
    """
    _checked(files, kind, fx)
    with meter(quiet=as_json) as bars, opened(context, book, bars) as ledger, say.stoppable(_IMPORT_STOPPED):
        total = ImportCounts(*[0] * 7)
        if fx:
            total = _sum(total, ledger.append(fx, source=f"rates:{fx}"))
        for file in files or ():
            name = f"{kind}:{source}" if source else kind
            total = _sum(total, ledger.append(file, source=name, base=base.upper(), observed_at=observed_at))
    if as_json:
        say.answer(total)
    else:
        say.show(_imported(total))


def _checked(files: list[str] | None, kind: str, fx: str | None) -> None:
    """Look at all files before the first is imported."""
    if not files and not fx:
        raise WrongUse("nothing to import", remedy="Name files, `-` for standard input, or --fx ecb.")
    for file in files or ():
        if file != "-" and not Path(file).is_file():
            raise WrongUse(f"{file}: no such file", remedy="Check the name; `-` reads standard input.")
        if kind != "rates" and file.lower().endswith(".csv"):
            raise WrongUse(f"{file} is a CSV", remedy=f"Rates are imported with `mrr import --as rates {file}`.")


def _sum(one: ImportCounts, other: ImportCounts) -> ImportCounts:
    names = ImportCounts.__struct_fields__
    return ImportCounts(**{name: getattr(one, name) + getattr(other, name) for name in names})


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


def build(context: typer.Context, book: BookDir = None, as_json: AsJson = False) -> None:
    """Build the whole ledger anew from the journal.

    Never needed for correctness: every other command brings the ledger up to date by itself. The new ledger is built
    beside the old one, audited, and takes its place at once.
    """
    with meter(quiet=as_json) as bars, opened(context, book, bars) as ledger, say.stoppable(_BUILD_STOPPED):
        found = ledger.build()
    _tell(found, as_json)


def verify(context: typer.Context, book: BookDir = None, as_json: AsJson = False) -> None:
    """Check the journal and the ledger, entry by entry.

    Recomputes the chain of digests, counts what became of every entry, and gives the digest of the ledger.
    Exits with 1 if an entry was tampered with (and names it), or if the counts do not add up.
    """
    with opened(context, book) as ledger:
        found = ledger.verify()
    _tell(found, as_json)


def _tell(found: Verified, as_json: bool) -> None:
    if as_json:
        say.answer(found)
    else:
        say.show(_verified(found))
    if not found.ok:
        raise typer.Exit(1)


def _verified(found: Verified) -> Text:
    if found.chain != "ok":
        head = f"✗ The chain is broken at entry {found.first_broken_seq:,}: {found.reason}.\n"
        rest = f"The {figures.plural(found.entries, 'entry', 'entries')} before it are intact."
        return Text.assemble((head, ink.BAD), rest, (" Restore the journal from a backup.", ink.QUIET))
    outcomes = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in sorted(found.outcomes.items()))
    told = Text.assemble(
        ("✓ ", ink.GOOD), f"The chain is whole: {figures.plural(found.entries, 'entry', 'entries')}.\n"
    )
    if found.adds_up:
        told.append("✓ ", ink.GOOD).append(f"Every entry has one outcome: {outcomes or 'none yet'}.\n")
    else:
        told.append(f"✗ The outcomes do not add up to the journal: {outcomes}. Run `mrr build`.\n", ink.BAD)
    told.append("✓ ", ink.GOOD).append(
        f"{found.offered:,} bodies were offered, {found.duplicates:,} of them known already.\n"
    )
    return told.append(f"Ledger digest {found.ledger_digest}", ink.QUIET)


def quarantine(context: typer.Context, book: BookDir = None, as_json: AsJson = False) -> None:
    """List the entries that need a person's eye.

    They are what no decoder could read, conflicts and reused keys. Nothing is lost: all of them stay in the
    journal, and are tried again by a later version of the decoders. With --json one object a line.
    """
    with opened(context, book) as ledger:
        found = ledger.quarantine()
    if as_json:
        say.answer_lines(found)
    elif not found:
        say.show(Text("Nothing is in quarantine.", ink.QUIET))
    else:
        say.show(
            *(_troubled(entry) for entry in found), Text(figures.plural(len(found), "entry", "entries"), ink.QUIET)
        )


def _troubled(entry: Quarantined) -> Text:
    head = f"entry {entry.seq:,}  {entry.outcome.replace('_', ' ')}"
    return Text.assemble((head, ink.STRONG), f"  {entry.kind}  {entry.key}\n", (f"  {entry.reason}", ink.QUIET))
