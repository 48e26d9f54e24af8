"""What drills: each failure on a scratch book, one or all of them, and what came of those that a book keeps."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from mrr.cli import ink, say
from mrr.cli.options import AsJson, BookDir, Seed, opened
from mrr.cli.progress import meter
from mrr.drills import CONTROL, PLAYS, Rehearsed, drills, known
from mrr.errors import WrongUse
from mrr.figures import hours, plural
from mrr.watch.drilled import Drilled, Kept, latest
from mrr.watch.settings import span

EVERY = "all"


def drill(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="DRILL", help=f"{', '.join(PLAYS)}; {CONTROL}, {EVERY}.")],
    book: Annotated[
        Path | None,
        typer.Option(
            "--book",
            metavar="DIR",
            help="On a copy of this book, which keeps the result; else on a new one.",
            show_default=False,
        ),
    ] = None,
    seed: Seed = 1,
    customers: Annotated[int, typer.Option(metavar="N", help="The size of the simulated company.", min=50)] = 600,
    hours: Annotated[int, typer.Option(metavar="N", help="How long a drill lasts.", min=12)] = 48,
    every: Annotated[str, typer.Option(metavar="SPAN", help="How often the watchers look.")] = "1h",
    as_json: AsJson = False,
) -> None:
    """Drill a failure: be alerted, mend it, prove the ledger.

    It runs on a scratch copy, in simulated time, with a simulated company as load. The book itself and the people on
    its routes hear nothing of it; the book keeps what came of each drill (`mrr drills`). Times are minutes of simulated
    time from the first failure on. Exits with 1 where a drill did not pass: not alerted, alerted more than once, not
    recovered, or another ledger than the truth; a control run passes where nobody is alerted. With --json an object a
    line.
    """
    names = [*PLAYS, CONTROL] if name == EVERY else [known(name)]
    how = Rehearsed(seed, customers, hours, _turns(every))
    of = book or context.find_root().params.get("book")
    found: list[Drilled] = []
    kept = "What was over is kept with the book." if of else "Nothing of a drill is kept."
    try:
        with say.stoppable(kept), meter(quiet=as_json) as bars:
            for one in drills(names, how, of, bars):
                found.append(one)
                if as_json:
                    say.answer_lines([one])
                if of is not None:
                    with opened(context, of) as ledger:
                        ledger.keep_drill(found=one)
    finally:
        # Also of a run that was stopped: each drill that is over took its minutes.
        if found and not as_json:
            say.show(*_shown(found))
    if not all(one.passed for one in found):
        raise typer.Exit(1)


def _turns(text: str) -> timedelta:
    every = span(text)
    if not timedelta(minutes=1) <= every <= timedelta(hours=6):
        raise WrongUse(f"--every {text} is no pace for watchers", remedy="Choose a time from 1m to 6h.")
    return every


HEADS = ("drill", "", "detected", "messages", "alert", "recovered", "ledger")


def _shown(found: Sequence[Drilled]) -> list[RenderableType]:
    failed = sum(not one.passed for one in found)
    said = f"{plural(len(found), 'drill')}, {failed} failed" if failed else f"{plural(len(found), 'drill')} passed"
    table = ink.table(HEADS, [_result(one) for one in found], words=(0, 1, 4, 6))
    return [table, Text(said, ink.BAD if failed else ink.QUIET)]


def _result(one: Drilled) -> Sequence[str]:
    return (
        one.drill,
        "passed" if one.passed else "FAILED",
        "" if one.detected_minutes is None else hours(one.detected_minutes),
        str(one.messages),
        ", ".join(alert.named for alert in one.alerts),
        "" if one.recovered_minutes is None else hours(one.recovered_minutes),
        "equal" if one.equal else "DIFFERS",
    )


def drilled(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="DRILL", help="Only this one.", show_default=False)] = None,
    last: Annotated[bool, typer.Option("--last", help="Only the last of each.")] = False,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """List what came of the drills on this book, the latest first.

    With --json an object a line, which also tells under which engine, and with which company as load, each was run.
    """
    with opened(context, book) as ledger:
        found = ledger.drills(drill=None if name is None else known(name))
    if last:
        found = latest(found)
    if as_json:
        say.answer_lines(found)
    elif not found:
        say.show(Text("Nothing was drilled on this book yet: `mrr drill all --book DIR` does it.", ink.QUIET))
    else:
        say.show(ink.table(("when", *SHORT), [_short(one) for one in found], words=(0, 1, 2, 4)))


# As many as a terminal of eighty columns can show: that a drill passed says the rest.
SHORT = ("drill", "", "detected", "alert", "recovered")


def _short(one: Kept) -> Sequence[str]:
    told = dict(zip(HEADS, _result(one), strict=True))
    return f"{one.ran_at:%Y-%m-%d}", *(told[head] for head in SHORT)


EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    ("drill", drill, ("mrr drill F1", "mrr drill gateway-outage --book acme", "mrr drill all --json")),
    ("drills", drilled, ("mrr drills --book acme", "mrr drills F4 --book acme --json | jq .detected_minutes")),
)
