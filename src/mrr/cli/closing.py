"""What closes a month: gate, close, reopen, restate, closes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from mrr import figures
from mrr.cli import ink, say
from mrr.cli.options import AsJson, Author, BookDir, Cents, Reason, author, opened
from mrr.cli.progress import meter
from mrr.controls.checks import Check
from mrr.controls.close import ClosedMonth
from mrr.figures import cascade, rounded, written
from mrr.restate import ENGINE, CustomerRestated, Named, Restatement

Month = Annotated[str, typer.Argument(metavar="MONTH", help="The month, such as 2026-10.")]
MaybeMonth = Annotated[
    str | None, typer.Option("--month", metavar="MONTH", help="Which month; else the last that is over.")
]


def gate(context: typer.Context, month: MaybeMonth = None, book: BookDir = None, as_json: AsJson = False) -> None:
    """Ask what a governed definition must answer, for a pipeline.

    Does ending MRR reconcile to the list of active subscriptions; do movements add up; is every change, pause, credit
    and partial month classified; is nothing pending, stale, in quarantine or undecided. Exits with 1 if one fails.
    """
    with opened(context, book) as ledger:
        found = ledger.gate(month=month)
    if as_json:
        say.answer(found)
    else:
        failed = sum(not check.ok for check in found.checks)
        said = f"{figures.plural(failed, 'check fails', 'checks fail')}" if failed else "All checks are passed"
        say.show(_checks(found.checks), Text(f"{said} for {found.month:%Y-%m}.", ink.BAD if failed else ink.QUIET))
    if not found.ok:
        raise typer.Exit(1)


def _checks(found: list[Check]) -> Text:
    """A line a question, under it what was found, and what is wrong."""
    told = Text()
    for check in found:
        mark = ("✓ ", ink.GOOD) if check.ok else ("✗ ", ink.BAD)
        told.append_text(Text.assemble(mark, f"{check.question}\n", (f"  {check.found}\n", ink.QUIET)))
        for example in check.examples:
            told.append(f"  {example}\n", ink.BAD)
    told.rstrip()
    return told


def close(
    context: typer.Context,
    month: Month,
    reason: Reason = "",
    name: Author = None,
    force: Annotated[bool, typer.Option("--force", help="Close it although checks fail; needs --reason.")] = False,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Close a month: seal its figures and every customer's row.

    With them the ledger they rest on: prefix, sources, policy, engine. Refused, with exit code 1, while a check fails,
    a day lacks, or the month before is open. Reports then offer it as closed and as now; `mrr restate` names what came
    later.
    """
    with opened(context, book) as ledger:
        made = ledger.close_month(month=month, author=author(name), reason=reason, force=force)
    if as_json:
        say.answer(made)
    else:
        say.show(_checks(made.checks), _closed(made))


def _closed(made: ClosedMonth) -> Text:
    sealed = made.sealed
    money = f"{figures.exact(sealed.rollforward['closing_micros'])} {sealed.values['currency']}"
    told = Text.assemble((f"{made.month:%Y-%m} is closed", ink.STRONG), f", by {sealed.author}: {money}")
    told.append(f" of {figures.plural(sealed.customers, 'customer')}.")
    if sealed.failed:
        told.append(f"\nForced over: {', '.join(sealed.failed)}. {sealed.reason}", ink.BAD)
    policy = f"policy {sealed.policy} {sealed.policy_hash[:8]}"
    rests = f"\njournal up to entry {sealed.seq:,} · {policy} · engine {sealed.engine[:8]}"
    return told.append(f"{rests} · seal {made.digest[:16]}, entry {made.seq:,}", ink.QUIET)


def reopen(
    context: typer.Context,
    month: Month,
    reason: Reason = "",
    name: Author = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Open the latest closed month again. What was sealed stays in the journal, and so does the reason."""
    with opened(context, book) as ledger:
        made = ledger.reopen_month(month=month, author=author(name), reason=reason)
    if as_json:
        say.answer(made)
    else:
        say.show(
            Text.assemble((f"{made.month:%Y-%m} is open again", ink.STRONG), f"; its seal stays entry {made.seq:,}.")
        )


def closes(context: typer.Context, book: BookDir = None, as_json: AsJson = False) -> None:
    """List the closed months, with what was sealed. With --json one object a line."""
    with opened(context, book) as ledger:
        found = ledger.closes()
    if as_json:
        say.answer_lines(found)
    elif not found:
        say.show(Text("No month is closed yet.", ink.QUIET))
    else:
        say.show(ink.table(_HEADS, [_row(one) for one in found], words=(0, 3, 4)))


def restate(
    context: typer.Context, month: Month, cents: Cents = False, book: BookDir = None, as_json: AsJson = False
) -> None:
    """Name what has changed a closed month since.

    Figure by figure, each entry, each customer; both sides by the policy of the close. Entries that came later and
    change nothing of that month are not named.
    """
    with meter(quiet=as_json) as bars, opened(context, book, bars) as ledger:
        found = ledger.restate(month=month)
        timezone = ledger.policy["timezone"]
    if as_json:
        say.answer(found)
    else:
        say.show(*_restated(found, figures.decimals(found.currency, cents), timezone))


def _restated(found: Restatement, places: int, timezone: str) -> Iterator[RenderableType]:
    closed = f"closed {figures.local(found.closed_at, timezone)} by {found.author}"
    if not found.customers:
        yield Text(f"{found.month:%Y-%m} is as it was {closed}: nothing has changed it since.")
        return
    yield Text.assemble((f"{found.month:%Y-%m} has changed since it was {closed}.", ink.STRONG))
    yield ink.table(["", "as closed", "as now", "difference"], _figures(found, places))
    entries = [
        (_seqs(one.entries), _what(one, found), f"{one.customers:,}", _gap(one.amount_micros, places))
        for one in found.entries
    ]
    if entries:
        yield ink.table(["entry", "what it is", "customers", "closing MRR"], entries, words=(0, 1), loose=(1,))
    customers = [
        (one.customer_id, *(_money(amount, places) for amount in (one.sealed_micros, one.now_micros)), _by(one))
        for one in found.customers
    ]
    yield ink.table(["customer", "as closed", "as now", "by entry"], customers, words=(0, 3), loose=(3,))
    yield Text(f"{found.currency}, policy {found.policy} · entries behind {found.sealed_seq:,}", ink.QUIET)


def _figures(found: Restatement, places: int) -> Iterator[list[ink.Cell]]:
    """Opening, the classes that occur, closing: rounded so that each column adds up."""
    names, (was, now) = list(found.figures), zip(*found.figures.values(), strict=True)
    sides = []
    for amounts in (was, now):
        opening, *classes, closing = amounts
        sides.append([rounded(opening, places), *cascade(opening, classes, places), rounded(closing, places)])
    for name, before, after in zip(names, *sides, strict=True):
        if before or after or name in ("opening_micros", "closing_micros"):
            gap = ink.signed(after - before, written(after - before, places, plus=True))
            yield [name.removesuffix("_micros"), written(before, places), written(after, places), gap]


def _what(one: Named, found: Restatement) -> str:
    """What an entry is; the seal stands for the engine by which the month was closed."""
    if one.step == ENGINE:
        return f"the engine: {found.engine_sealed[:8]} → {found.engine_now[:8]}"
    return f"{one.kind}  {one.key}"


def _by(one: CustomerRestated) -> str:
    """The entries behind a difference, and whether another engine has a part in it."""
    return ", ".join(filter(None, (_seqs(one.entries), "the engine" if one.engine else "")))


def _seqs(entries: Sequence[int]) -> str:
    return ", ".join(f"{seq:,}" for seq in entries)


def _money(micros: int, places: int) -> str:
    return written(rounded(micros, places), places)


def _gap(micros: int, places: int) -> Text:
    units = rounded(micros, places)
    return ink.signed(units, written(units, places, plus=True))


_HEADS = ["month", "closing MRR", "customers", "policy", "by", "entry", "forced over"]


def _row(one: ClosedMonth) -> list[str]:
    sealed = one.sealed
    money = f"{figures.exact(sealed.rollforward['closing_micros'])} {sealed.values['currency']}"
    policy = f"{sealed.policy} {sealed.policy_hash[:8]}"
    month = f"{one.month:%Y-%m}"
    return [month, money, f"{sealed.customers:,}", policy, sealed.author, f"{one.seq:,}", ", ".join(sealed.failed)]


EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    ("gate", gate, ("mrr gate --book acme", "mrr gate --book acme --month 2026-10 --json")),
    (
        "close",
        close,
        (
            "mrr close 2026-10 --book acme --author dana",
            'mrr close 2026-10 --book acme --force --reason "two invoices are with the auditors"',
        ),
    ),
    (
        "reopen",
        reopen,
        (
            'mrr reopen 2026-10 --book acme --reason "a credit was left out"',
            'mrr reopen 2026-10 --book acme --author dana --reason "a credit was left out" --json',
        ),
    ),
    ("restate", restate, ("mrr restate 2026-10 --book acme", "mrr restate 2026-10 --book acme --json | jq .entries")),
    ("closes", closes, ("mrr closes --book acme", "mrr closes --book acme --json | jq .sealed.rollforward")),
)
