"""What follows: how an indicator went on through time, and what is silenced for now."""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from mrr.book.following import DRIFT
from mrr.cli import ink, say
from mrr.cli.objectives import took
from mrr.cli.options import AsJson, Author, BookDir, author, opened
from mrr.figures import plural
from mrr.watch.budgets import amount_of, share_of
from mrr.watch.course import SLOTS, Course, Drifts, Slot

Name = Annotated[str, typer.Argument(metavar="NAME", help=f"An indicator of events, as `mrr sli` has it; or {DRIFT}.")]
Window = Annotated[
    str | None,
    typer.Option("--window", metavar="TIME", help=f"Of so long until now: {', '.join(SLOTS)}.", show_default=False),
]
MOMENT = "%Y-%m-%d %H:%MZ"


def course(
    context: typer.Context, name: Name, window: Window = None, book: BookDir = None, as_json: AsJson = False
) -> None:
    """Show how an indicator went on, slot by slot.

    Of events it shows how many went well of those that began in each slot, and how long they took, over a day unless a
    window is named. Of the drift it shows each comparison of 28 days. What was noted meanwhile stands under it.
    """
    with opened(context, book) as ledger:
        found: Course | Drifts
        if name == DRIFT:
            found = ledger.drifts(window=window or "28d")
        else:
            found = ledger.course(indicator=name, window=window or "1d")
    if as_json:
        say.answer(found)
    else:
        say.show(*(_compared(found) if isinstance(found, Drifts) else _went(found)))


def _went(found: Course) -> Iterator[RenderableType]:
    if not found.rows:
        yield Text(f"Nothing happened in the last {found.window}.", ink.QUIET)
        return
    yield Text.assemble((found.title, ink.STRONG), f", the last {found.window}: {share_of(found.met_ratio)} went well")
    yield ink.table(("from", "events", "went well", "p50", "p99"), [_slot(one) for one in found.rows])
    if found.least_ratio is not None:
        within = "" if found.within_us is None else f" within {took(found.within_us)}"
        below = f"below it in {len(found.broken())} of {plural(len(found.rows), 'slot')}"
        yield Text(f"Objective {share_of(found.least_ratio)}{within}: {below}.", ink.QUIET)
    if found.notes:
        told = (f"{one.happened_at:{MOMENT}}  {one.kind}: {one.text}" for one in found.notes)
        yield Text("\n".join(told), ink.QUIET)


def _slot(one: Slot) -> Sequence[str]:
    times = ("" if us is None else took(us) for us in (one.p50_us, one.p99_us))
    return (f"{one.begins_at:{MOMENT}}", f"{one.total:,}", share_of(one.met_ratio), *times)


def _compared(found: Drifts) -> Iterator[RenderableType]:
    if not found.rows:
        yield Text("Nothing was compared: `mrr reconcile` does it.", ink.QUIET)
        return
    rows = [
        (f"{one.at:{MOMENT}}", one.what, amount_of(one.millionths, "share"), _verdict(within=one.within))
        for one in found.rows
    ]
    yield ink.table(("compared", "with", "drift", ""), rows, words=(0, 1, 3))
    if found.most is not None:
        yield Text(f"Objective: at most {amount_of(found.most, 'share')}.", ink.QUIET)


def _verdict(*, within: bool) -> Text:
    return Text("✓ within", ink.GOOD) if within else Text("▲ over", ink.BAD)


def silences(context: typer.Context, book: BookDir = None, as_json: AsJson = False) -> None:
    """List what is silenced, and until when.

    Only what people silenced and still holds; windows that are known beforehand are in watch.toml. With --json an
    object a line.
    """
    with opened(context, book) as ledger:
        found = ledger.silences()
    if as_json:
        say.answer_lines(found)
    elif not found:
        say.show(Text("Nothing is silenced.", ink.QUIET))
    else:
        rows = [(one.matching, f"{one.ends_at:{MOMENT}}", one.author, one.reason) for one in found]
        say.show(ink.table(("matching", "until", "by", "why"), rows, words=(0, 1, 2, 3), loose=(3,)))


def lift(
    context: typer.Context,
    matching: Annotated[str, typer.Argument(metavar="PATTERN", help="As `mrr silences` has it.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")] = "",
    who: Author = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """End a silence before its time.

    What still stands is told at the next look. With --json what is still silenced, an object a line.
    """
    with opened(context, book) as ledger:
        left = ledger.lift(matching=matching, author=author(who), reason=reason)
    say.answer_lines(left) if as_json else say.plain(f"{matching} is silenced no more.\n")


EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    (
        "course",
        course,
        (
            "mrr course checkout.success --book acme",
            "mrr course queue.posting --window 1h --json | jq '.rows[-1].p99_us'",
            "mrr course reconciliation.drift --window 7d",
        ),
    ),
    ("silences", silences, ("mrr silences --book acme", "mrr silences --json | jq -r .matching")),
    ("lift", lift, ("mrr lift 'source:*' --book acme", "mrr lift 12 --reason 'mended sooner' --author ada")),
)
