"""Every command has a help with examples that are real, and docs/cli.md repeats it."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from mrr.cli.main import EXAMPLES, GROUPS, app
from mrr.cli.reference import reference
from tests.cli.conftest import Mrr

COMMANDS: list[tuple[str, ...]] = [(name,) for name, _, _ in EXAMPLES]
COMMANDS += [(group, name) for group, (_, commands, _) in GROUPS.items() for name, _, _ in commands]
SHOWN = [*EXAMPLES, *(command for _, commands, _ in GROUPS.values() for command in commands)]
CONTRACT = "init import schema build rollforward movements customers explain policy quarantine verify simulate scenario"
CONTRACT += " demo export chart metric metrics cohort reconcile edit gate close reopen restate closes"
CONTRACT += " access bridge compare serve"
CONTRACT += " watch alerts ack resolve silence impact postmortem digest drill sli slo annotate signals anomalies"
CONTRACT += " drills course silences lift"


def test_the_commands_of_the_contract_are_there(mrr: Mrr) -> None:
    root: Any = typer.main.get_command(app)
    assert set(root.list_commands(None)) == set(CONTRACT.split())
    for said in (mrr(), mrr("--help")):
        assert said.code == 0
        assert all(re.search(rf"^  {name} ", said.out, re.MULTILINE) for name in CONTRACT.split())
        assert not re.search(r"\w\.\.\.$", said.out, re.MULTILINE), "a line of help is cut off"
    assert "check" in mrr("policy").out
    assert mrr("--version").out.startswith("mrr 0.")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_a_sentence_options_and_examples(mrr: Mrr, command: tuple[str, ...]) -> None:
    said = mrr(*command, "--help")
    assert said.code == 0
    assert said.err == ""
    assert f"Usage: mrr {' '.join(command)}" in said.out
    assert "--json" in said.out
    examples = said.out.split("Examples:\n")[1].splitlines()
    assert len(examples) >= 2
    assert all(f"mrr {' '.join(command)}" in line for line in examples)
    described = re.findall(r"^  (?:--\S+|[A-Z\[])", said.out, re.MULTILINE)
    assert described


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_takes_book(mrr: Mrr, command: tuple[str, ...]) -> None:
    assert mrr(*command, "--book", "somewhere", "--help").code == 0


@pytest.mark.parametrize("line", [line for _, _, lines in SHOWN for line in lines])
def test_every_example_is_understood(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the real parser, without running it, where the files that it names are there."""
    monkeypatch.chdir(tmp_path)
    for part in line.split(" | "):
        program, *words = shlex.split(part.partition(" > ")[0])
        if program == "mrr":
            for word in words:
                if word.endswith((".yaml", ".toml")):
                    Path(word).parent.mkdir(parents=True, exist_ok=True)
                    Path(word).touch()
            parse(words)


def parse(words: list[str]) -> None:
    """Raise what the parser raises."""
    command: Any = typer.main.get_command(app)
    while hasattr(command, "get_command"):
        command = command.get_command(None, words.pop(0))
    command.make_context("mrr", words)


def test_the_page_in_docs_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "cli.md"
    assert page.read_text(encoding="utf-8") == reference(), "run: python -m mrr.cli.reference > docs/cli.md"


def test_the_page_has_every_command() -> None:
    for command in COMMANDS:
        assert f"\n## mrr {' '.join(command)}\n" in reference()
