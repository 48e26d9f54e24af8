"""What tries things out: simulate a company, run scenario files."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.text import Text

from mrr import figures, scenario
from mrr.cli import ink, say
from mrr.cli.options import AsJson, Seed, UnusedBook
from mrr.cli.progress import Meter, meter
from mrr.errors import BookError, MrrError
from mrr.simulate import Company, company, delivered, write_bodies, write_rates, write_truth

Share = Annotated[float, typer.Option(metavar="SHARE", help="This share of the events comes twice, such as 0.02.")]
Late = Annotated[float, typer.Option(metavar="SHARE", help="This share of the events comes much later, such as 0.01.")]


def simulate(
    target: Annotated[str, typer.Argument(metavar="DIR", help="Where the files go; `-` prints the events alone.")],
    seed: Seed = 1,
    customers: Annotated[int, typer.Option(metavar="N", help="How many customers in all.")] = 500,
    months: Annotated[int, typer.Option(metavar="N", help="How many months, from January 2023.")] = 36,
    era: Annotated[
        str | None, typer.Option(metavar="ERA", help="All bodies of one API era: plan, price or basil; else all three.")
    ] = None,
    duplicates: Share = 0.0,
    late: Late = 0.0,
    shuffled: Annotated[bool, typer.Option("--shuffled", help="Deliver in no order at all.")] = False,
    _book: UnusedBook = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a SaaS company and three years of its events.

    Writes events.jsonl.gz and rates.csv, to be imported, and truth.jsonl, the simulator's own books of every level
    and movement, to be compared. The same seed gives the same bytes.
    """
    firm = company(seed, customers, months, era=era)
    bodies = delivered(firm.events(), seed, duplicates, late, shuffled)
    if target == "-":
        _stream(bodies)
        return
    with say.stoppable("The files are incomplete; run the command again."), meter(quiet=as_json) as bars:
        summary = _written(firm, bodies, Path(target), bars)
    if as_json:
        say.answer(summary)
    else:
        say.show(_summed_up(summary))


def _stream(bodies: Iterable[bytes]) -> None:
    sys.stdout.flush()
    try:
        for body in bodies:
            sys.stdout.buffer.write(body + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError as error:
        raise say.PipeClosed from error


def _written(firm: Company, bodies: Iterable[bytes], folder: Path, bars: Meter | None) -> dict[str, Any]:
    kinds: Counter[str] = Counter()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        count = write_bodies(_counted(bodies, kinds, bars), folder / "events.jsonl.gz")
        write_rates(firm.rates(), folder / "rates.csv")
        truth = firm.truth()
        write_truth(truth, folder / "truth.jsonl")
    except OSError as error:
        raise BookError(f"{folder}: {error.strerror}", remedy="Choose a directory that can be written.") from error
    return {
        "directory": str(folder),
        "files": ["events.jsonl.gz", "rates.csv", "truth.jsonl"],
        "starts_on": firm.starts_on,
        "ends_on": firm.ends_on,
        "events": count,
        "kinds": dict(sorted(kinds.items())),
        "movements": len(truth.movements),
        "closing_micros": truth.closings[-1]["closing_micros"],
        "customers_closing": truth.closings[-1]["customers"],
        "lifecycles": truth.lifecycles,
    }


class _Kind(msgspec.Struct):
    type: str


def _counted(bodies: Iterable[bytes], kinds: Counter[str], bars: Meter | None) -> Iterator[bytes]:
    kind = msgspec.json.Decoder(_Kind)
    for number, body in enumerate(bodies, start=1):
        kinds[kind.decode(body).type] += 1
        if bars is not None and number % 500 == 0:
            bars("simulate", number, 0)
        yield body


def _summed_up(summary: dict[str, Any]) -> Text:
    folder, kinds = summary["directory"], summary["kinds"]
    most = sorted(kinds, key=lambda kind: (-kinds[kind], kind))[:4]
    closing = figures.written(figures.rounded(summary["closing_micros"], 0))
    told = Text()
    told.append(f"{folder}/events.jsonl.gz", ink.STRONG)
    told.append(
        f"  {summary['events']:,} events of {len(kinds)} kinds, {summary['starts_on']} to {summary['ends_on']}\n"
    )
    told.append("".join(f"    {kinds[kind]:>9,} {kind}\n" for kind in most), ink.QUIET)
    told.append(f"{folder}/rates.csv", ink.STRONG).append("  exchange rates in USD of every working day\n")
    told.append(f"{folder}/truth.jsonl", ink.STRONG)
    told.append(f"  {summary['movements']:,} movements; at the end {closing} USD of MRR, ")
    told.append(f"{figures.plural(summary['customers_closing'], 'customer')}\n")
    told.append(f"\nNow: mrr init books && mrr import --book books --as rates {folder}/rates.csv\n")
    return told.append(f"     mrr import --book books {folder}/events.jsonl.gz")


def run_scenarios(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="Scenario files in YAML.")
    ],
    _book: UnusedBook = None,
    as_json: AsJson = False,
) -> None:
    """Run scenario files, each in a scratch book.

    A scenario is a story, a policy, and the exact ledger that should follow. Prints
    per file that it agrees, or every difference. Exits with 1 if any differs. With --json one object a line.
    """
    failed = 0
    for file in files:
        differences = _differences(file)
        failed += bool(differences)
        if as_json:
            say.answer_lines([{"file": str(file), "agrees": not differences, "differences": differences}])
        else:
            say.show(_verdict(file, differences))
    if not as_json and len(files) > 1:
        say.show(Text(f"{len(files) - failed} of {len(files)} agree.", ink.QUIET))
    if failed:
        raise typer.Exit(1)


def _differences(file: Path) -> list[str]:
    try:
        return scenario.run(scenario.load(file))
    except MrrError as error:
        return [f"{error}. {error.remedy}".strip()]


def _verdict(file: Path, differences: list[str]) -> Text:
    if not differences:
        return Text.assemble(("✓ ", ink.GOOD), f"{file} agrees")
    told = Text.assemble(("✗ ", ink.BAD), f"{file} differs")
    for difference in differences:
        told.append(f"\n    {difference}", ink.QUIET)
    return told
