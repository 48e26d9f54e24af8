"""Every rule has a runbook, every runbook a rule; none was overdue when it was committed."""

import re
import subprocess
import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from mrr.cli.main import EXAMPLES, GROUPS
from mrr.watch import signals
from mrr.watch.remedies import REMEDIES
from mrr.watch.series import ENTRIES

ROOT = Path(__file__).parent.parent.parent
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))


def shipped(name: str) -> dict[str, Any]:
    """The tables of a preset of the watchers."""
    return tomllib.loads(resources.files("mrr.watch").joinpath(name).read_text("utf-8"))


def rules() -> set[str]:
    """Every rule that can be found in a book without a watch.toml of its own."""
    own = {f"{rule['watches']}.{name}" for name, rule in shipped("rules.toml")["rules"].items()}
    promised = {f"slo.{name}" for name in shipped("objectives.toml")["objectives"]}
    unusual = {f"anomaly.{class_}" for class_ in ("new", "expansion", "contraction", "churn", "reactivation", ENTRIES)}
    return own | promised | unusual | set(signals.RULES) | {"watch.delivery", "watch.broken"}


def test_every_rule_has_a_runbook_and_every_runbook_a_rule() -> None:
    assert {path.name.removesuffix(".md") for path in RUNBOOKS} == rules()


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.name)
def test_a_runbook_says_what_to_look_at_and_do_and_is_not_overdue(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith(f"# {path.name.removesuffix('.md')}: ")
    for part in ("**Look**", "**Do**", "**Not an incident**", "owner: "):
        assert part in text
    dates = re.search(r"Reviewed (\S+) · next review (\S+) ·", text)
    assert dates is not None
    reviewed, due = map(date.fromisoformat, dates.groups())
    assert reviewed <= committed(path) <= due


def committed(path: Path) -> date:
    """The day of the last commit of a file; of one that is not committed, or without git, its review."""
    asked = ["git", "log", "-1", "--format=%cs", "--", str(path)]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    found = told.stdout.strip() if told.returncode == 0 else ""
    reviewed = re.search(r"Reviewed (\S+)", path.read_text("utf-8"))
    assert reviewed is not None
    return date.fromisoformat(found or reviewed.group(1))


def test_the_commands_of_remedies_exist() -> None:
    known = {name for name, _, _ in EXAMPLES}
    known |= {f"{group} {name}" for group, (_, commands, _) in GROUPS.items() for name, _, _ in commands}
    for _, remedy in REMEDIES:
        words = remedy.command.split()
        assert words[0] == "mrr"
        assert words[1] in known or " ".join(words[1:3]) in known
