"""What governs a policy: policy list, diff, try, price, propose, approve, promote, rollback."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from mrr import figures
from mrr.cli import ink, say
from mrr.cli.options import AsJson, AsOf, Author, BookDir, Cents, Reason, author, opened
from mrr.cli.progress import meter
from mrr.cli.receipt import setting
from mrr.controls.pricing import Priced, Trial, differing, percent
from mrr.figures import rounded, written
from mrr.governance import Policies, Version

PolicyWords = Annotated[
    str, typer.Argument(metavar="POLICY", help="`now`, a version (v2), a preset or a file; then ,KEY=VALUE.")
]
MaybePolicy = Annotated[
    str | None, typer.Argument(metavar="[POLICY]", help="A file, a preset or now,KEY=VALUE; else policy.toml.")
]
Review = Annotated[str | None, typer.Option(metavar="DAY", help="When to look at it again; else in a year.")]
Drift = Annotated[str | None, typer.Option(metavar="SHARE", help="By how much it may move the ending MRR, such as 3%.")]
FromMonth = Annotated[
    str | None, typer.Option("--from", metavar="MONTH", help="From which month on it holds; else from this one.")
]
Number = Annotated[int, typer.Argument(metavar="VERSION", help="The number of a version.")]
KeyNames = Annotated[list[str] | None, typer.Argument(metavar="[KEY]...", help="Only these keys.")]


def policies(context: typer.Context, book: BookDir = None, as_json: AsJson = False) -> None:
    """List the versions of the policy: draft, shadow, official, retired.

    Without versions the book answers by policy.toml. With one that is official, policy.toml is only what `propose`
    reads; the keys in which it differs are named.
    """
    with opened(context, book) as ledger:
        found = ledger.policies()
    if as_json:
        say.answer(found)
    else:
        say.show(*_listed(found))


def _listed(found: Policies) -> Iterator[RenderableType]:
    if not found.versions:
        yield Text("The policy has no versions; the book answers by policy.toml.", ink.QUIET)
        return
    rows = [(str(one.version), one.stage, _since(one), one.name, one.author, one.reason) for one in found.versions]
    yield ink.table(["version", "stage", "holds", "name", "by", "why"], rows, words=(1, 2, 3, 4, 5), loose=(5,))
    if found.working_copy:
        keys = ", ".join(found.working_copy)
        yield Text(f"policy.toml differs from the official version, and does not count: {keys}.", ink.BAD)
    for number in found.review_due:
        yield Text(f"Version {number} is due for review.", ink.BAD)


def _since(one: Version) -> str:
    if one.stage != "official":
        return "–"
    return f"from {one.from_month:%Y-%m}" if one.from_month else "always"


def diff(
    context: typer.Context, left: PolicyWords, right: PolicyWords, book: BookDir = None, as_json: AsJson = False
) -> None:
    """Show the keys in which two policies differ."""
    with opened(context, book) as ledger:
        one, other = ledger.meant(left), ledger.meant(right)
    keys = differing(one, other)
    if as_json:
        say.answer({key: list(values) for key, values in keys.items()})
    elif not keys:
        say.show(Text("They say the same.", ink.QUIET))
    else:
        say.show(_keys(keys, left, right))


def _keys(keys: Mapping[str, tuple[Any, Any]], left: str, right: str) -> RenderableType:
    rows = [(key, setting(one), setting(other)) for key, (one, other) in keys.items()]
    return ink.table(["key", left, right], rows, words=(0, 1, 2), loose=(1, 2))


def try_policy(
    context: typer.Context,
    policy: PolicyWords,
    as_of: AsOf = None,
    cents: Cents = False,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what the book would say under another policy, beside what it says.

    The last twelve months, and the customers who would be worth something else. Nothing is changed: this is how a
    draft or a shadow is watched.
    """
    with meter(quiet=as_json) as bars, opened(context, book, bars) as ledger:
        found = ledger.try_policy(policy=ledger.meant(policy), as_of=as_of)
    if as_json:
        say.answer(found)
    else:
        say.show(*_tried(found, figures.decimals(found.currency, cents)))


def _tried(found: Trial, places: int) -> Iterator[RenderableType]:
    yield _keys(found.keys, "official", "tried") if found.keys else Text("They say the same.", ink.QUIET)
    rows = [
        (
            f"{month.month:%Y-%m}",
            _money(month.official_micros, places),
            _money(month.tried_micros, places),
            _gap(month.difference_micros, places),
            f"{month.official_movements:,}",
            f"{month.tried_movements:,}",
        )
        for month in found.months
    ]
    yield ink.table(["closing MRR", "official", "tried", "difference", "movements", "tried"], rows)
    if found.customers:
        worth = [
            (
                one.customer_id,
                _money(one.official_micros, places),
                _money(one.tried_micros, places),
                _gap(one.difference_micros, places),
            )
            for one in found.customers
        ]
        yield ink.table(["customer", "official", "tried", "difference"], worth)
    told = figures.plural(found.customers_differing, "customer") + " worth something else"
    as_of = figures.local(found.as_of, found.timezone)
    yield Text(f"{told} · drift at most {percent(found.drift)} · {found.currency}, as of {as_of}", ink.QUIET)


def _money(micros: int, places: int) -> str:
    return written(rounded(micros, places), places)


def _gap(micros: int, places: int) -> Text:
    units = rounded(micros, places)
    return ink.signed(units, written(units, places, plus=True))


def price(
    context: typer.Context,
    keys: KeyNames = None,
    as_of: AsOf = None,
    cents: Cents = False,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Price every decision: what each other value of each key would make of closing MRR and of the movements.

    One value is changed at a time, to what the reference documents; the ledger is derived anew for each.
    """
    with meter(quiet=as_json) as bars, opened(context, book, bars) as ledger:
        found = ledger.price(keys=list(keys or ()), as_of=as_of)
        currency = ledger.policy["currency"]
    if as_json:
        say.answer_lines(found)
    else:
        note = f"One value changed at a time; closing MRR in {currency}, all movements ever."
        say.show(_priced(found, figures.decimals(currency, cents)), Text(note, ink.QUIET))


def _priced(found: list[Priced], places: int) -> RenderableType:
    last, rows = "", []
    for one in found:
        moved = Text(written(one.movements, plus=True), ink.signed(one.movements, "").style)
        key, now = (one.key, setting(one.now)) if one.key != last else ("", "")
        rows.append((key, now, setting(one.value), _gap(one.difference_micros, places), moved, one.missing))
        last = one.key
    heads = ["key", "now", "instead", "closing MRR", "movements", ""]
    return ink.table(heads, rows, words=(0, 1, 2, 5), loose=(1, 2, 5))


def propose(
    context: typer.Context,
    policy: MaybePolicy = None,
    reason: Reason = "",
    name: Author = None,
    owner: Annotated[str, typer.Option(metavar="NAME", help="Who answers for it; else the owner so far.")] = "",
    review: Review = None,
    drift: Drift = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a new version of the policy, a draft. It is whole, hashed, and never changes again."""
    with opened(context, book) as ledger:
        wanted = ledger.meant(policy) if policy else None
        made = ledger.propose(
            policy=wanted, author=author(name), reason=reason, owner=owner, review_on=review, drift=drift
        )
    _tell(made, as_json, f"`mrr policy promote {made.version}` watches it as a shadow.")


def approve(
    context: typer.Context,
    version: Number,
    reason: Reason = "",
    name: Author = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Give your word for a version. Where mrr.toml demands approvals, they are those of others than its author."""
    with opened(context, book) as ledger:
        made = ledger.approve(version=version, author=author(name), reason=reason)
    _tell(made, as_json, f"`mrr policy promote {made.version}` goes on.")


def promote(
    context: typer.Context,
    version: Number,
    reason: Reason = "",
    name: Author = None,
    from_month: FromMonth = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Take a version one stage further: a draft becomes a shadow, a shadow official.

    Refused, with exit code 1, while approvals lack, or where it moves the ending MRR of the last twelve months by more
    than its proposal allows. Months before the one from which it holds keep their figures.
    """
    with opened(context, book) as ledger:
        made = ledger.promote(version=version, author=author(name), reason=reason, from_month=from_month)
    then = "`mrr policy rollback` puts the former one back." if made.stage == "official" else ""
    _tell(made, as_json, then or f"`mrr policy try v{version}` watches it; promote it again to make it official.")


def rollback(
    context: typer.Context, reason: Reason = "", name: Author = None, book: BookDir = None, as_json: AsJson = False
) -> None:
    """Put the former official version back in the place of the present one.

    Also for the months since; but those that were closed keep the policy by which they were closed.
    """
    with opened(context, book) as ledger:
        made = ledger.rollback(author=author(name), reason=reason)
    _tell(made, as_json, "`mrr policy list` shows all versions.")


def _tell(made: Version, as_json: bool, then: str) -> None:
    if as_json:
        say.answer(made)
        return
    held = f", holds {_since(made)}" if made.stage == "official" else ""
    measured = f", drift {percent(made.measured)} of {percent(made.drift)} at most" if made.measured else ""
    head = Text.assemble((f"Version {made.version} of the policy is {made.stage}", ink.STRONG), f"{held}{measured}.")
    say.show(head.append(f"\nhash {made.hash}\n{then}", ink.QUIET))


EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    ("list", policies, ("mrr policy list --book acme", "mrr policy list --book acme --json")),
    (
        "diff",
        diff,
        ("mrr policy diff now ours.toml --book acme", "mrr policy diff v1 v2 --book acme --json"),
    ),
    (
        "try",
        try_policy,
        ("mrr policy try now,churn_at=request --book acme", "mrr policy try v2 --book acme --json"),
    ),
    (
        "price",
        price,
        ("mrr policy price --book acme", "mrr policy price churn_at gap --book acme --as-of 2026-01-01"),
    ),
    (
        "propose",
        propose,
        (
            'mrr policy propose --book acme --reason "the definition we have used so far"',
            'mrr policy propose ours.toml --book acme --reason "grace of two weeks" --drift 3% --owner finance',
        ),
    ),
    (
        "approve",
        approve,
        (
            'mrr policy approve 2 --book acme --author dana --reason "as agreed"',
            'MRR_AUTHOR=erik mrr policy approve 2 --book acme --reason "as agreed" --json',
        ),
    ),
    (
        "promote",
        promote,
        (
            'mrr policy promote 2 --book acme --reason "watch it for a month"',
            'mrr policy promote 2 --book acme --reason "board of 3 November" --from 2026-11',
        ),
    ),
    (
        "rollback",
        rollback,
        (
            'mrr policy rollback --book acme --reason "grace hid real churn"',
            'mrr policy rollback --book acme --author dana --reason "board of 1 December" --json',
        ),
    ),
)
