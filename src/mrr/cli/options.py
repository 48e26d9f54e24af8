"""The options that several commands share, each written once."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from mrr.book import NOW, Book
from mrr.cli import say
from mrr.cli.progress import Meter
from mrr.errors import WrongUse
from mrr.period import Grain

BOOK_HELP = "The directory of the book; else MRR_BOOK, else the working directory."

BookDir = Annotated[Path | None, typer.Option("--book", metavar="DIR", help=BOOK_HELP, show_default=False)]
# Every command takes --book, so that scripts may always give it; these have no use for it.
UnusedBook = Annotated[Path | None, typer.Option("--book", metavar="DIR", hidden=True)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead: ISO dates, amounts as integer micros.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="T", help="The ledger up to a day or instant, exclusive; else now.", show_default=False
    ),
]
OnLedger = Annotated[
    str | None,
    typer.Option(
        "--ledger", metavar="WORDS", help="Another ledger: a preset or policy file, churn_at=request, sources=stripe."
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", metavar="T", help="Only what was recorded before this day or instant."),
]
First = Annotated[
    str | None,
    typer.Option("--from", metavar="DAY", help="The first day, month or year shown: 2025, 2025-03, 2025-03-15."),
]
Last = Annotated[
    str | None, typer.Option("--to", metavar="DAY", help="The last day, month or year shown, it included.")
]
Interval = Annotated[Grain, typer.Option("--interval", help="The length of a period.")]
# Where --to names a place, days are told by these.
FirstDay = Annotated[
    str | None, typer.Option("--first", metavar="DAY", help="The first day, month or year: 2025, 2025-03, 2025-03-15.")
]
LastDay = Annotated[str | None, typer.Option("--last", metavar="DAY", help="The last day, month or year, it included.")]
ByKey = Annotated[str | None, typer.Option("--by", metavar="KEY", help="By plan, currency or customer attribute.")]
OnlyWhere = Annotated[
    list[str] | None, typer.Option("--where", metavar="KEY=VALUE", help="Only what has this plan, currency, attribute.")
]
CustomerId = Annotated[str | None, typer.Option("--customer", metavar="ID", help="Only this customer.")]
Class = Literal["opening", "new", "expansion", "contraction", "churn", "reactivation", "none", "fx"]
State = Literal["active", "held", "lapsed", "never"]
Cents = Annotated[bool, typer.Option("--cents", help="Show the minor units of the currency too.")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same company.")]
Author = Annotated[
    str | None,
    typer.Option(
        "--author",
        metavar="NAME",
        envvar="MRR_AUTHOR",
        show_envvar=False,
        help="Who decides; else MRR_AUTHOR, else who is logged in.",
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the decision.")]


def author(name: str | None) -> str:
    """Who decides. Raises WrongUse where nobody is named and nobody is logged in."""
    try:
        return name or getpass.getuser()
    except (KeyError, OSError, ImportError) as error:
        raise WrongUse("a decision needs somebody who makes it", remedy="Name them with --author.") from error


def folder(context: typer.Context, book: Path | None) -> Path:
    """The book that is meant: named after the command, before it, by MRR_BOOK, or where we are."""
    return book or context.find_root().params.get("book") or Path()


def opened(context: typer.Context, book: Path | None, meter: Meter | None = None) -> Book:
    """That book, open; it is said where policy.toml is not the policy that counts. Raises BookError."""
    found = Book(folder(context, book), progress=meter)
    differing = found.working_copy_differs()
    if differing:
        say.note(f"policy.toml does not count: it differs from the official version in {', '.join(differing)}.")
    return found


@contextmanager
def looking(context: typer.Context, book: Path | None, ledger: str | None, known_at: str | None) -> Iterator[Book]:
    """That book, its reports on the ledger that is meant. Raises WrongUse for two prefixes at once."""
    words = ledger or NOW
    if known_at is not None:
        first, comma, changes = words.partition(",")
        if "@" in first or first.startswith("close:"):
            raise WrongUse(f"--ledger {words} says already what was known", remedy="Leave out --known-at.")
        if "=" in first:
            first, comma, changes = "", ",", words
        words = f"{first}@{known_at}{comma}{changes}"
    with opened(context, book) as found, found.on(words):
        yield found


def filters(where: list[str] | None) -> list[tuple[str, str]]:
    """`KEY=VALUE` words as pairs. Raises WrongUse for one without `=`."""
    pairs = [text.partition("=") for text in where or ()]
    for (key, sign, _), text in zip(pairs, where or (), strict=True):
        if not key or not sign:
            raise WrongUse(f"--where {text} is no filter", remedy="Write KEY=VALUE, such as --where currency=EUR.")
    return [(key, value) for key, _, value in pairs]
