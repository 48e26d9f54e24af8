"""docs/cli.md, written from the help of the commands: `python -m mrr.cli.reference > docs/cli.md`."""

import sys
from collections.abc import Iterator
from typing import Any

import typer

from mrr.cli.command import Command, CommandGroup
from mrr.cli.main import app

INTRODUCTION = """# The command line

Written from the help of the commands by `python -m mrr.cli.reference > docs/cli.md`; a test keeps it up to date.

Answers go to standard output, errors and progress to standard error. With `--json` an answer is one JSON document, or
one object a line where it is a list of movements, customers, entries or scenarios: days are `2025-03-15`, instants
`2025-03-15T09:00:00Z`, amounts integer micros (millionths of the currency's major unit), losses negative. An error is
then `{"error": …, "remedy": …}` on standard error. `NO_COLOR` and pipes turn colours off.

| exit code | |
|---|---|
| 0 | done |
| 1 | a check failed: a broken chain, a scenario that differs, a policy file that is none, a file that cannot be read |
| 2 | wrong use |
| 3 | the book cannot be opened |
| 130 | stopped by Ctrl-C |

Every command that needs a book takes `--book DIR`, before or after its name; else `MRR_BOOK` names it, else it is the
working directory.
"""


def reference() -> str:
    """The whole page as Markdown."""
    root: Any = typer.main.get_command(app)
    return INTRODUCTION + "".join(_commands(root, typer.Context(root, info_name="mrr")))


def _commands(group: CommandGroup, context: Any) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = typer.Context(command, info_name=name, parent=context)  # type: ignore[arg-type]
        if isinstance(command, CommandGroup):
            yield from _commands(command, inner)
        elif isinstance(command, Command):
            yield _command(command, inner)


def _command(command: Command, context: Any) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"\n## {context.command_path}\n\n{_paragraphs(command.help or '')}\n"]
    records = [*command.arguments(context), *command.options(context)]
    parts.append(f"\n```\n{usage}\n```\n\n| | |\n|---|---|\n")
    parts += [f"| `{_cell(name)}` | {_cell(what)} |\n" for name, what in records]
    parts.append(f"\n```sh\n{command.epilog}\n```\n")
    return "".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _paragraphs(text: str) -> str:
    """The help text with one line a paragraph."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


if __name__ == "__main__":
    sys.stdout.write(reference())
