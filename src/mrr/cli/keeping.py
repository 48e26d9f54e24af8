"""What keeps a book: init, build, verify, quarantine."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from mrr import figures
from mrr.answers import Quarantined, Verified
from mrr.book import Book
from mrr.cli import ink, say
from mrr.cli.options import AsJson, BookDir, folder, opened
from mrr.cli.progress import meter
from mrr.errors import WrongUse
from mrr.policy import Policy, policy_of

_BUILD_STOPPED = "The ledger stands as it was before. Run `mrr build` again when you like."


def init(
    context: typer.Context,
    directory: Annotated[Path | None, typer.Argument(metavar="DIR", help="A new directory; else --book.")] = None,
    currency: Annotated[str | None, typer.Option(metavar="CODE", help="The reporting currency, ISO 4217.")] = None,
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help="Whose days and months count, IANA.")] = None,
    policy: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A preset, such as chartmogul, or a policy in TOML.")
    ] = "standard",
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


def _policy(name: str, currency: str | None, timezone: str | None) -> Policy:
    changes = {"currency": currency and currency.upper(), "timezone": timezone}
    return policy_of(name).differing({key: value for key, value in changes.items() if value})


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
        place = f" ({found.place})" if found.place else ""
        head = f"✗ The chain is broken at entry {found.first_broken_seq:,}{place}: {found.reason}.\n"
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
