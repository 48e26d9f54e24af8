"""What drills: each failure on a scratch book, one or all of them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from mrr.cli import ink, say
from mrr.cli.options import AsJson, Seed
from mrr.cli.progress import meter
from mrr.drills import CONTROL, PLAYS, Drilled, Rehearsed, drills, known
from mrr.errors import WrongUse
from mrr.figures import plural
from mrr.watch.settings import span

EVERY = "all"


def drill(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="DRILL", help=f"{', '.join(PLAYS)}; {CONTROL}, {EVERY}.")],
    book: Annotated[
        Path | None,
        typer.Option("--book", metavar="DIR", help="On a copy of this book; else of a new one.", show_default=False),
    ] = None,
    seed: Seed = 1,
    customers: Annotated[int, typer.Option(metavar="N", help="The size of the simulated company.", min=50)] = 600,
    hours: Annotated[int, typer.Option(metavar="N", help="How long a drill lasts.", min=12)] = 48,
    every: Annotated[str, typer.Option(metavar="SPAN", help="How often the watchers look.")] = "1h",
    as_json: AsJson = False,
) -> None:
    """Drill a failure: be alerted, mend it, prove the ledger.

    It runs on a scratch copy, in simulated time, with a simulated company as load; the book itself and the people on
    its routes hear nothing of it. Times are minutes of simulated time from the first failure on. Exits with 1 where a
    drill did not pass: not alerted, alerted more than once, not recovered, or another ledger than the truth; a control
    run passes where nobody is alerted. With --json an object a line.
    """
    names = [*PLAYS, CONTROL] if name == EVERY else [known(name)]
    how = Rehearsed(seed, customers, hours, _turns(every))
    copied = book or context.find_root().params.get("book")
    found: list[Drilled] = []
    with say.stoppable("Nothing of a drill is kept."), meter(quiet=as_json) as bars:
        for one in drills(names, how, copied, bars):
            found.append(one)
            if as_json:
                say.answer_lines([one])
    if not as_json:
        say.show(*_shown(found))
    if not all(one.passed for one in found):
        raise typer.Exit(1)


def _turns(text: str) -> timedelta:
    every = span(text)
    if not timedelta(minutes=1) <= every <= timedelta(hours=6):
        raise WrongUse(f"--every {text} is no pace for watchers", remedy="Choose a time from 1m to 6h.")
    return every


def _shown(found: Sequence[Drilled]) -> list[RenderableType]:
    rows = [
        (
            one.drill,
            "passed" if one.passed else "FAILED",
            _minutes(one.detected_minutes),
            str(one.messages),
            ", ".join(rule for alert in one.alerts for rule in alert.rules[:1]),
            _minutes(one.recovered_minutes),
            "equal" if one.equal else "DIFFERS",
        )
        for one in found
    ]
    heads = ["drill", "", "detected", "messages", "alert", "recovered", "ledger"]
    failed = sum(not one.passed for one in found)
    said = f"{plural(len(found), 'drill')}, {failed} failed" if failed else f"{plural(len(found), 'drill')} passed"
    return [ink.table(heads, rows, words=(0, 1, 4, 6)), Text(said, ink.BAD if failed else ink.QUIET)]


def _minutes(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60} h {minutes % 60:02} min"


EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    ("drill", drill, ("mrr drill F1", "mrr drill gateway-outage --book acme", "mrr drill all --json")),
)
