"""What edits a book without changing anything in place: edit exclude, include, merge, continue, correct, and so on."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from mrr import figures
from mrr.book import Book
from mrr.cli import ink, say
from mrr.cli.options import AsJson, BookDir, opened
from mrr.errors import WrongUse
from mrr.reports.edited import Edited
from mrr.reports.proposing import Told

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stays with the edit.")]
Author = Annotated[
    str,
    typer.Option(
        "--author", metavar="NAME", envvar="MRR_AUTHOR", help="Who says so; else MRR_AUTHOR.", show_envvar=False
    ),
]
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", help="Its id; where two sources use it, `source/id`.")]
Into = Annotated[str, typer.Argument(metavar="INTO", help="The customer that it is.")]
Old = Annotated[str, typer.Argument(metavar="OLD", help="The subscription that ends.")]
New = Annotated[str, typer.Argument(metavar="NEW", help="The one that takes its place.")]
At = Annotated[str, typer.Option("--at", metavar="T", help="From which day or instant on.")]
EntrySeq = Annotated[int, typer.Argument(metavar="ENTRY", help="The number of the entry.")]
EditSeq = Annotated[int, typer.Argument(metavar="EDIT", help="The number of the edit.")]
Subscription = Annotated[
    str | None, typer.Option("--subscription", metavar="ID", help="What is told of it, in force at --at.")
]
InForce = Annotated[str | None, typer.Option("--at", metavar="T", help="With --subscription: at which instant.")]
Corrected = Annotated[
    list[str] | None,
    typer.Argument(metavar="ENTRY PATH=VALUE", help="The entry, and what it should say: items.0.quantity=3."),
]
Drop = Annotated[bool, typer.Option("--drop", help="Set aside all that the entry tells.")]
OnlyStanding = Annotated[bool, typer.Option("--standing", help="Only edits that stand.")]


def edit(context: typer.Context) -> None:
    """Say what the sources do not, with author and reason."""
    if context.invoked_subcommand is None:
        say.plain(context.get_help() + "\n")


def exclude(
    context: typer.Context,
    customer: Customer,
    reason: Reason = "",
    author: Author = "",
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Take a customer out for its whole life, whatever the policy."""
    with opened(context, book) as ledger:
        _answer(ledger.exclude(customer=customer, author=author, reason=reason), as_json)


def include(
    context: typer.Context,
    customer: Customer,
    reason: Reason = "",
    author: Author = "",
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Bring a customer back that an attribute or an edit excludes."""
    with opened(context, book) as ledger:
        _answer(ledger.include(customer=customer, author=author, reason=reason), as_json)


def merge(
    context: typer.Context,
    customer: Customer,
    into: Into,
    reason: Reason = "",
    author: Author = "",
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Say that a customer is, and always was, another. It restates history and moves nothing."""
    with opened(context, book) as ledger:
        _answer(ledger.merge(customer=customer, into=into, author=author, reason=reason), as_json)


def continues(
    context: typer.Context,
    old: Old,
    new: New,
    at: At,
    reason: Reason = "",
    author: Author = "",
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Say that a subscription takes the place of another, as after a move to another billing system.

    The old one ends then; an overlap before counts twice, and a gap after is a gap.
    """
    with opened(context, book) as ledger:
        _answer(ledger.continues(old=old, new=new, at=at, author=author, reason=reason), as_json)


def correct(
    context: typer.Context,
    words: Corrected = None,
    drop: Drop = False,
    subscription: Subscription = None,
    at: InForce = None,
    reason: Reason = "",
    author: Author = "",
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Lay another fact over what an entry told, or set the entry aside. The entry itself stays as it is.

    Without PATH=VALUE and --drop it shows what the entry tells, each value with its path.
    """
    with opened(context, book) as ledger:
        entry, changes = _meant(ledger, words or [], subscription, at)
        if changes or drop:
            said = ledger.correct(entry=entry, changes=changes, drop=drop, author=author, reason=reason)
            _answer(said, as_json)
        else:
            _lay_out(entry, ledger.told(entry=entry), as_json)


def _meant(ledger: Book, words: Sequence[str], subscription: str | None, at: str | None) -> tuple[int, dict[str, str]]:
    """The entry, by its number or as what is in force for a subscription, and the changes. Raises WrongUse."""
    if subscription is not None and at is not None:
        return ledger.entry_in_force(subscription=subscription, at=at), _changes(words)
    if subscription is not None or at is not None or not words or not words[0].isdecimal():
        raise WrongUse("which entry is to be corrected?", remedy="Give its number, or --subscription ID --at T.")
    return int(words[0]), _changes(words[1:])


def _changes(words: Sequence[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for (path, sign, _), word in zip(pairs, words, strict=True):
        if not path or not sign:
            raise WrongUse(f"{word} is no change", remedy="Write PATH=VALUE, such as items.0.quantity=3.")
    return {path: value for path, _, value in pairs}


def decide(
    context: typer.Context,
    entry: EntrySeq,
    reason: Reason = "",
    author: Author = "",
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Let an entry stand where others contradict it. `mrr quarantine` lists what contradicts what."""
    with opened(context, book) as ledger:
        _answer(ledger.decide(entry=entry, author=author, reason=reason), as_json)


def revert(
    context: typer.Context,
    edit: EditSeq,
    reason: Reason = "",
    author: Author = "",
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Take an edit back. A revert is an edit, too: reverting it restores."""
    with opened(context, book) as ledger:
        _answer(ledger.revert(edit=edit, author=author, reason=reason), as_json)


def listed(
    context: typer.Context, only_standing: OnlyStanding = False, book: BookDir = None, as_json: AsJson = False
) -> None:
    """List every edit, whether it stands or not. With --json one object a line."""
    with opened(context, book) as ledger:
        found = [edit for edit in ledger.edits() if edit.state == "standing" or not only_standing]
        timezone = ledger.policy["timezone"]
    if as_json:
        say.answer_lines(found)
    else:
        say.show(*(_told(edit, timezone) for edit in found) if found else [Text("Nothing was edited.", ink.QUIET)])


def _answer(said: Edited, as_json: bool) -> None:
    if as_json:
        say.answer(said)
    else:
        say.show(Text.assemble((f"edit {said.seq:,}: ", ink.STRONG), said.what), _way_back(said))


def _way_back(said: Edited) -> Text:
    return Text(f"`mrr edit revert {said.seq}` takes it back; `mrr edit list` shows all edits.", ink.QUIET)


def _lay_out(entry: int, told: Sequence[Told], as_json: bool) -> None:
    if as_json:
        say.answer(told)
        return
    say.show(*_facts(entry, told), Text(f"To correct it: mrr edit correct {entry} PATH=VALUE --reason …", ink.QUIET))


def _facts(entry: int, told: Sequence[Told]) -> Iterator[Any]:
    if not told:
        yield Text(f"An edit sets entry {entry:,} aside.", ink.QUIET)
    for number, fact in enumerate(told):
        start = f"{number}." if len(told) > 1 else ""
        yield Text(f"entry {entry:,} tells of a {fact.kind.replace('_', ' ')}", ink.STRONG)
        yield ink.pairs((start + path, Text(value)) for path, value in fact.values.items())


def _told(edit: Edited, timezone: str) -> Text:
    """`edit 3  exclude native/acme`, below it who said so, when and why, and what became of it."""
    stands = edit.state == "standing"
    head = (f"edit {edit.seq:,}  {edit.what}", ink.STRONG if stands else ink.QUIET)
    said = f"\n  {edit.author}, {figures.local(edit.said_at, timezone)}: {edit.reason}"
    became = "" if stands else f"\n  {edit.state}: {edit.note}"
    return Text.assemble(head, (said + became, ink.QUIET))


EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    (
        "exclude",
        exclude,
        (
            "mrr edit exclude cus_1 --book acme --reason 'our own account' --author ada",
            "mrr edit exclude stripe/cus_1 --reason 'a reseller' --json",
        ),
    ),
    (
        "include",
        include,
        (
            "mrr edit include cus_1 --book acme --reason 'a customer after all'",
            "mrr edit include stripe/cus_1 --reason 'pays by now' --json",
        ),
    ),
    (
        "merge",
        merge,
        (
            "mrr edit merge cus_2 cus_1 --book acme --reason 'signed up twice'",
            "mrr edit merge tabular/acme stripe/cus_1 --reason 'called so in the old system'",
        ),
    ),
    (
        "continue",
        continues,
        (
            "mrr edit continue tabular/17 stripe/sub_9 --at 2026-03-01 --book acme --reason 'moved to Stripe'",
            "mrr edit continue sub_1 sub_2 --at 2026-03-01T09:00:00Z --reason 'a new contract'",
        ),
    ),
    (
        "correct",
        correct,
        (
            "mrr edit correct 12 --book acme",
            "mrr edit correct 12 items.0.quantity=3 --book acme --reason 'a typo in the import'",
            "mrr edit correct --subscription sub_1 --at 2026-03-15 status=active --reason 'paid by wire'",
            "mrr edit correct 12 --drop --book acme --reason 'a test run in production'",
        ),
    ),
    (
        "decide",
        decide,
        (
            "mrr edit decide 12 --book acme --reason 'the contract says so'",
            "mrr edit decide 12 --reason 'asked the customer' --json",
        ),
    ),
    (
        "revert",
        revert,
        (
            "mrr edit revert 57 --book acme --reason 'was right before'",
            "mrr edit revert 57 --reason 'the wrong customer' --author ada --json",
        ),
    ),
    ("list", listed, ("mrr edit list --book acme", "mrr edit list --standing --json | jq .reason")),
)
