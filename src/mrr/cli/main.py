"""The program `mrr`: every command with its examples in one visible table, and what becomes of errors."""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from mrr.cli import (
    charts,
    closing,
    detecting,
    drills,
    editing,
    following,
    governing,
    importing,
    keeping,
    metrics,
    objectives,
    policies,
    reading,
    reconciling,
    say,
    serving,
    trying,
    watching,
)
from mrr.cli.bridging import bridge
from mrr.cli.command import Command, CommandGroup
from mrr.cli.comparing import compare
from mrr.cli.demo import demo
from mrr.cli.export import export
from mrr.cli.options import BOOK_HELP
from mrr.cli.presets import presets
from mrr.cli.schema import schema
from mrr.errors import MrrError

EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    (
        "demo",
        demo,
        ("mrr demo", "mrr demo --dir /tmp/acme --seed 42"),
    ),
    (
        "init",
        keeping.init,
        (
            "mrr init acme",
            "mrr init acme --currency EUR --timezone Europe/Berlin",
            "mrr init acme --policy ours.toml",
            "mrr init acme --policy chartmogul",
        ),
    ),
    (
        "import",
        importing.import_files,
        (
            "mrr import --book acme events.jsonl.gz",
            "stripe events list | mrr import --book acme -",
            "mrr import --book acme subscriptions.json --observed-at 2026-10-31T18:00:00Z",
            "mrr import --book acme subscriptions.csv --dry-run",
            "mrr import --book acme subscriptions.parquet --mapping ours.toml",
            "mrr import --book acme --query 'SELECT * FROM subscription' --database sqlite:///billing.db",
            "mrr import --book acme --as rates rates.csv --base USD",
            "mrr import --book acme --fx ecb",
        ),
    ),
    ("schema", schema, ("mrr schema > native-1.json", "mrr schema --json | jq -r .title")),
    ("build", keeping.build, ("mrr build --book acme", "mrr build --book acme --json")),
    (
        "rollforward",
        reading.rollforward,
        (
            "mrr rollforward --book acme --from 2025-01 --to 2025-12",
            "mrr rollforward --book acme --interval quarter --by plan",
            "mrr rollforward --book acme --where currency=EUR --cents",
            "mrr rollforward --book acme --as-of 2026-01-01 --chart",
            "mrr rollforward --book acme --by segment --json",
        ),
    ),
    (
        "metric",
        metrics.metric,
        (
            "mrr metric nrr --book acme --from 2025",
            "mrr metric mrr.ending --book acme --by plan --interval quarter",
            "mrr metric churn.logo --book acme --where segment=smb --json",
        ),
    ),
    ("metrics", metrics.metrics, ("mrr metrics", "mrr metrics nrr", "mrr metrics --tree")),
    (
        "cohort",
        metrics.cohort,
        (
            "mrr cohort --book acme --interval quarter",
            "mrr cohort revenue --book acme --from 2024 --to 2024",
            "mrr cohort --book acme --by segment --json",
        ),
    ),
    (
        "movements",
        reading.movements,
        (
            "mrr movements --book acme --from 2025-10 --to 2025-10 --class churn",
            "mrr movements --book acme --customer cus_9s6XKzkNRiz8i3",
            "mrr movements --book acme --json | jq -r .movement_id",
        ),
    ),
    (
        "customers",
        reading.customers,
        (
            "mrr customers --book acme --state active",
            "mrr customers --book acme --as-of 2026-01-01 --json",
        ),
    ),
    (
        "export",
        export,
        (
            "mrr export movements --book acme --to movements.parquet",
            "mrr export rollforward --book acme --interval quarter --by plan --to board.xlsx",
            "mrr export subscribers-by-month --book acme --last 2025-12 > subscribers.csv",
            "mrr export changes --book acme --to postgresql+psycopg://mrr@localhost/bi --table finance.mrr_changes",
        ),
    ),
    (
        "chart",
        charts.chart,
        (
            "mrr chart mrr --book acme --to mrr.png",
            "mrr chart mrr --book acme --by plan --theme dark --to plans.svg",
            "mrr chart rollforward --book acme --last 2025-12 --to december.png",
            "mrr chart nrr --book acme --interval quarter --to nrr.html",
        ),
    ),
    (
        "bridge",
        bridge,
        (
            "mrr bridge @2026-10-03 now --book acme",
            "mrr bridge churn_at=request --book acme --from 2026-01",
            "mrr bridge close:2026-10 now --book acme --to 2026-10 --json",
            "mrr bridge sources=tabular:old sources=tabular:new --book acme --customer cus_42",
        ),
    ),
    (
        "compare",
        compare,
        (
            "mrr compare --claim mrr-by-customer.csv --book acme",
            "mrr compare --claim export.csv --mapping ours.toml --as-of 2026-11-01 --threshold 1%",
            "mrr compare --claim export.csv --book acme --json | jq '.hypotheses[0]'",
        ),
    ),
    ("explain", reading.explain, ("mrr explain --book acme 2f36a6d1", "mrr explain --book acme 2f36a6d1 --json")),
    (
        "quarantine",
        keeping.quarantine,
        ("mrr quarantine --book acme", "mrr quarantine --book acme --json | jq .reason"),
    ),
    *closing.EXAMPLES,
    *detecting.EXAMPLES,
    *watching.EXAMPLES,
    *following.EXAMPLES,
    *drills.EXAMPLES,
    *objectives.EXAMPLES,
    ("verify", keeping.verify, ("mrr verify --book acme", "mrr verify --book acme --json | jq -r .ledger_digest")),
    ("serve", serving.serve, ("mrr serve --book acme", "mrr serve --book acme --host 0.0.0.0 --port 8080")),
    (
        "simulate",
        trying.simulate,
        (
            "mrr simulate --seed 7 company",
            "mrr simulate --seed 7 --customers 50 --months 12 --era basil company",
            "mrr simulate --seed 7 --duplicates 0.02 --late 0.01 --shuffled - | mrr import --book acme -",
        ),
    ),
    (
        "scenario",
        trying.run_scenarios,
        ("mrr scenario upgrade.yaml", "mrr scenario tests/scenarios/*.yaml --json"),
    ),
)
ACCESS_EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    (
        "token",
        serving.token,
        ("mrr access token grafana --book acme", "mrr access token loader --scope operate --days 90"),
    ),
    ("user", serving.user, ("mrr access user ada --book acme", "mrr access user ada --scope read --scope close")),
    ("revoke", serving.revoke, ("mrr access revoke 3f9a1c07b2d4 --book acme", "mrr access revoke ada --book acme")),
    ("list", serving.holders, ("mrr access list --book acme", "mrr access list --book acme --json | jq -r .name")),
    ("trail", serving.trail, ("mrr access trail --book acme", "mrr access trail --after 100 --json > trail.jsonl")),
)
POLICY_EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    (
        "show",
        governing.show,
        (
            "mrr policy show",
            "mrr policy show churn_at --book acme",
            "mrr policy show churn_at --policy chartmogul",
            "mrr policy show --toml > ours.toml",
        ),
    ),
    ("presets", presets, ("mrr policy presets", "mrr policy presets --json | jq .name")),
    *policies.EXAMPLES,
    ("check", governing.check, ("mrr policy check ours.toml", "mrr policy check ours.toml --json")),
    ("hash", governing.fingerprint, ("mrr policy hash --book acme", "mrr policy hash ours.toml")),
)


def _made() -> typer.Typer:
    made = typer.Typer(cls=CommandGroup, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
    made.callback(invoke_without_command=True, epilog="mrr demo\nmrr init acme\nmrr rollforward --help")(root)
    for name, function, examples in EXAMPLES:
        made.command(name, cls=Command, epilog="\n".join(examples))(function)
    for name, (told, commands, first) in GROUPS.items():
        made.add_typer(_group(told, commands, first), name=name)
    return made


def _group(
    told: Callable[..., None], commands: Sequence[tuple[str, Callable[..., None], Sequence[str]]], first: str
) -> typer.Typer:
    """Commands under one name, with examples of where to begin."""
    group = typer.Typer(cls=CommandGroup, rich_markup_mode=None)
    group.callback(invoke_without_command=True, epilog=first)(told)
    for name, function, examples in commands:
        group.command(name, cls=Command, epilog="\n".join(examples))(function)
    return group


def root(
    context: typer.Context,
    book: Annotated[
        Path | None, typer.Option("--book", metavar="DIR", envvar="MRR_BOOK", help=BOOK_HELP, show_envvar=False)
    ] = None,
    told_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """The recurring-revenue ledger that anyone can audit.

    Billing events go in; an append-only journal keeps them, one governed policy defines MRR, and every figure can be
    explained down to the event behind it. `mrr demo` shows all of it in under a minute.

    Exit codes: 0 done, 1 a check failed, 2 wrong use, 3 the book cannot be opened.
    """
    if told_version:
        say.plain(f"mrr {version('mrr')}\n")
    elif context.invoked_subcommand is None:
        say.plain(context.get_help() + "\n")


def policy(context: typer.Context) -> None:
    """Show, check, try, price and govern the definition of MRR."""
    if context.invoked_subcommand is None:
        say.plain(context.get_help() + "\n")


# Commands under one name: what is said of all of them, each with its examples, and where to begin.
GROUPS: dict[str, tuple[Callable[..., None], Sequence[tuple[str, Callable[..., None], Sequence[str]]], str]] = {
    "policy": (policy, POLICY_EXAMPLES, "mrr policy show\nmrr policy check ours.toml"),
    "reconcile": (
        reconciling.reconcile,
        reconciling.EXAMPLES,
        "mrr reconcile subscriptions list.json\nmrr reconcile cash",
    ),
    "edit": (editing.edit, editing.EXAMPLES, "mrr edit list\nmrr edit correct 12"),
    "access": (serving.access, ACCESS_EXAMPLES, "mrr access token grafana"),
}

app = _made()


def run(words: Sequence[str] | None = None) -> int:
    """Run the program with these words, by default those of the shell. Returns the exit code; never a traceback."""
    asked = list(sys.argv[1:] if words is None else words)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show − or █ gets a question mark, not an error.
            stream.reconfigure(errors="replace")
    try:
        code = _code(asked)
        sys.stdout.flush()
    except (say.PipeClosed, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _code(words: list[str]) -> int:
    as_json = "--json" in words
    try:
        code = app(words, prog_name="mrr", standalone_mode=False)
    except MrrError as error:
        say.complain(str(error), error.remedy, as_json=as_json)
        return error.exit_code
    except TyperException as error:
        say.complain(_one_line(error.format_message()), _help_of(error), as_json=as_json)
        return error.exit_code
    except say.PipeClosed:
        raise
    except Exception as error:
        say.complain(*_defect(error), as_json=as_json)
        return 1
    if code == 130:
        say.complain("stopped", "Nothing is half-done; run the command again when you like.", as_json=as_json)
    return code or 0


def _one_line(message: str) -> str:
    return " ".join(message.replace("Value error, ", "").split())


def _help_of(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return f"`{context.command_path if context else 'mrr'} --help` shows how."


def _defect(error: Exception) -> tuple[str, str]:
    """What to say of an error that nobody foresaw: its story goes to a file, not to the screen."""
    with tempfile.NamedTemporaryFile("w", prefix="mrr-defect-", suffix=".txt", delete=False) as file:
        traceback.print_exception(error, file=file)
    message = f"a defect of mrr: {type(error).__name__}: {_one_line(str(error))}"
    return message, f"The journal is safe. Please report it with {file.name}."


if __name__ == "__main__":
    sys.exit(run())
