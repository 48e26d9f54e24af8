"""What shows and checks a policy: policy show, check, hash."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from mrr import figures
from mrr.book import Book
from mrr.cli import ink, say
from mrr.cli.options import AsJson, BookDir, UnusedBook, folder
from mrr.cli.presets import published
from mrr.cli.receipt import setting
from mrr.errors import PolicyError, WrongUse
from mrr.policy import KEYS, Key, Policy, load, policy_of, policy_text, standard

PolicyFile = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A policy in TOML.")]
MaybeFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A policy; else the book's.")
]
KeyName = Annotated[str | None, typer.Argument(metavar="KEY", help="Only this key, with everything it can say.")]
AsToml = Annotated[bool, typer.Option("--toml", help="Print it as a file to edit, every key spelled out.")]
OtherPolicy = Annotated[
    str | None, typer.Option("--policy", metavar="NAME|FILE", help="A preset or a file, instead of the book's.")
]


def show(
    context: typer.Context,
    key: KeyName = None,
    as_toml: AsToml = False,
    policy_name: OtherPolicy = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the book's policy, key by key; where there is no book, the policy `standard`.

    What differs from `standard` is marked. With a KEY: what it changes, its values, who chooses which; and of a preset
    the rule behind it, with the page that it is cited from.
    """
    policy = policy_of(policy_name) if policy_name else _meant(context, book)
    if as_json:
        say.answer({"name": policy.name, **_hashes(policy), "values": dict(policy.values)})
    elif as_toml:
        say.plain(policy_text(policy))
    elif key is not None:
        say.show(_one(_entry(key), policy), *filter(None, [published(policy.name, key)]))
    else:
        say.show(_all(policy), Text(f"policy {policy.name}, hash {policy.hash}", ink.QUIET))


def _meant(context: typer.Context, book: Path | None) -> Policy:
    """The policy of the book that is named; of the one here, if there is one; else `standard`."""
    where = folder(context, book)
    if where == Path() and not (where / "mrr.toml").exists():
        return standard()
    with Book(where) as ledger:
        return ledger.policy


def _hashes(policy: Policy) -> dict[str, str]:
    return {"hash": policy.hash, "ledger_hash": policy.ledger_hash}


def _entry(name: str) -> Key:
    for entry in KEYS:
        if entry.name == name:
            return entry
    raise WrongUse(f"{name} is no key of a policy", remedy="`mrr policy show` lists every key.")


def _all(policy: Policy) -> Table:
    rows = []
    for name, value in policy.values.items():
        usual = standard()[name]
        mark = f"≠ standard: {setting(usual)}" if value != usual else ""
        rows.append((name, Text(setting(value), ink.STRONG if mark else ink.PLAIN), Text(mark, ink.QUIET)))
    return ink.table(["key", "value", ""], rows, words=(0, 1, 2), loose=(1, 2))


def _one(entry: Key, policy: Policy) -> Group:
    head = Text.assemble((entry.name, ink.STRONG), f" = {setting(policy[entry.name])}\n{entry.what}\n{entry.example}\n")
    return Group(head, ink.pairs((value, Text(who, ink.QUIET)) for value, who in entry.values.items()))


def check(file: PolicyFile, _book: UnusedBook = None, as_json: AsJson = False) -> None:
    """Check a policy file: every key and value, and what differs from `standard`.

    Exits with 1 if the file says what a policy cannot say, naming the key and the allowed values.
    """
    try:
        policy = load(file)
    except PolicyError as error:
        say.complain(str(error), error.remedy, as_json=as_json)
        raise typer.Exit(1) from error
    changed = {name: value for name, value in policy.values.items() if value != standard()[name]}
    if as_json:
        say.answer({"valid": True, "name": policy.name, **_hashes(policy), "differs": changed})
    else:
        say.show(_valid(file, policy, changed))


def _valid(file: Path, policy: Policy, changed: Mapping[str, Any]) -> Text:
    told = Text.assemble(("✓ ", ink.GOOD), f"{file} is a policy: {policy.name}, ")
    differs = figures.plural(len(changed), "key differs", "keys differ") if changed else "nothing differs"
    told.append(f"{differs} from standard.\n")
    for name, value in changed.items():
        told.append(f"  {name} = {setting(value)}").append(f"  (standard: {setting(standard()[name])})\n", ink.QUIET)
    return told.append(f"hash {policy.hash}", ink.QUIET)


def fingerprint(context: typer.Context, file: MaybeFile = None, book: BookDir = None, as_json: AsJson = False) -> None:
    """Print the hash of a policy: SHA-256 over its canonical form. Equal hashes, equal definition of MRR.

    With --json also `ledger_hash`, which leaves out the keys that shape only reports.
    """
    policy = load(file) if file else _meant(context, book)
    if as_json:
        say.answer({"name": policy.name, **_hashes(policy)})
    else:
        say.plain(policy.hash + "\n")
