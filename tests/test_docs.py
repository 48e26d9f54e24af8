"""The documentation, as tests: what exists is written down, what is written down exists."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from mrr import Book, faults
from mrr.cli.main import EXAMPLES, GROUPS
from mrr.derivation import build
from mrr.derivation.derive import OUTCOMES
from mrr.policy import KEYS, Key, standard
from mrr.policy.reference import reference, written
from mrr.policy.schema import known
from mrr.providers import PROVIDERS
from mrr.reports.rollforward import CLASSES
from tests.test_tidy import MODULES, ROOMS, ROOT, SRC, name_of

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/**/*.md")])
COMMANDS = {name for name, _, _ in EXAMPLES} | GROUPS.keys()
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text("utf-8")


def told(text: str) -> set[str]:
    """Everything that a page sets as code."""
    return set(re.findall(r"`([^`\n]+)`", text))


# ----- pages


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith("mailto:"):
            continue
        place, _, anchor = target.partition("#")
        other = (path.parent / place).resolve() if place else path
        assert other.exists(), f"{path.name} links to {target}"
        if anchor:
            assert anchor in anchors(other), f"{path.name} links to {target}"


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as they are made for Markdown on the web."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_on_pages_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    code = [*re.findall(r"`([^`\n]+)`", text), *(line for block in blocks(text, "sh") for line in block.splitlines())]
    for line in code:
        for word in re.findall(r"(?:^|[|;&] *)mrr ([a-z]+)", line):
            assert word in COMMANDS, f"{path.name}: {line}"
        for word in re.findall(r"(?:^|[|;&] *)make ([a-z]+)", line):
            assert word in TARGETS, f"{path.name}: {line}"


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return found


def test_the_readme_shows_the_way_in() -> None:
    text = page("README.md")
    for needed in ("make demo", "make test", "mrr init", "mrr import", "mrr rollforward", "mrr explain", "mrr verify"):
        assert needed in text
    for name in ("ARCHITECTURE", "GLOSSARY", "DECISIONS", "CONTRIBUTING", "CHANGELOG", "SECURITY"):
        assert f"({name}.md)" in text
    assert all(f"(docs/{path.name})" in text for path in (ROOT / "docs").glob("*.md"))


def test_the_library_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Book.create(tmp_path / "acme", policy=standard()) as book:
        body = b"""{"fact": "subscription", "customer": "c", "subscription": "s", "effective_at": "2025-01-10",
            "status": "active", "currency": "USD", "items": [{"item": "i", "product": "p", "price": "m",
            "unit_amount": "1200.00", "interval": "year"}]}"""
        assert book.append_bodies([body], source="native").decoded == 1
    (code,) = blocks(page("README.md"), "python")
    names: dict[str, Any] = {}
    exec(code, names)
    assert names["answer"].rows[0].closing_micros == 100_000_000


def test_the_changelog_names_this_version() -> None:
    version = tomllib.loads(page("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## {re.escape(version)}\b", page("CHANGELOG.md"), re.MULTILINE)


def test_the_licence_is_the_one_declared() -> None:
    assert tomllib.loads(page("pyproject.toml"))["project"]["license"] == "Apache-2.0"
    text = page("LICENSE")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert "The mrr authors" in text


def test_every_decision_says_what_was_rejected() -> None:
    text = page("DECISIONS.md")
    entries = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 15
    assert re.search(r"^## \d{4}-\d\d-\d\d", text, re.MULTILINE)
    for entry in entries:
        assert "Rejected:" in entry, entry.splitlines()[0]


# ----- the house


def test_every_model_is_described_in_its_order() -> None:
    text = page("ARCHITECTURE.md")
    listed = re.findall(r"^\| `(\w+)` \|", text.split("## The models")[1].split("\n## ")[0], re.MULTILINE)
    small = [*build.CATALOGUE, *build.RATES]
    run = [model if isinstance(model, str) else model.__name__ for model in build.MODELS]
    scopes = sorted(path.stem for path in (SRC / "sql" / "models").glob("*.sql") if path.stem not in {*small, *run})
    assert listed == [*small, *run, *scopes, *build.AUDITS]


def test_every_room_and_module_is_on_the_map() -> None:
    text = page("ARCHITECTURE.md")
    order = [name for room in ROOMS for name in room if name != "mrr"]
    listed = re.findall(r"^\| `(\w+)`", text.split("## The rooms")[1].split("\n## ")[0], re.MULTILINE)
    assert listed == order
    on_disk = {name_of(path).split(".")[1] for path in MODULES if "." in name_of(path)}
    assert on_disk == set(order)
    for room, told in re.findall(r"^In `(\w+)`:\n\n((?:- .*\n)+)", text, re.MULTILINE):
        parts = {path.stem for path in (SRC / room).glob("*.py")} - {"__init__"}
        assert set(re.findall(r"^- `(\w+)`: .", told, re.MULTILINE)) == parts


def test_where_is_x_points_at_files() -> None:
    table = page("ARCHITECTURE.md").split("## Where is")[1]
    paths = [word for word in told(table) if re.fullmatch(r"[\w./-]+/[\w./-]*|[\w./]+\.(py|sql|toml|md)", word)]
    assert len(paths) > 30
    for word in paths:
        assert (SRC / word).exists() or (ROOT / word).exists(), word


def test_the_words_of_the_answers_are_in_the_glossary() -> None:
    text = page("GLOSSARY.md").lower()
    for word in (*OUTCOMES, *CLASSES, "none", "known_at", "as_of", "watermark", "engine", "digest"):
        assert f"**{word.replace('_', ' ')}**" in text.replace("_", " "), word


def test_crash_points_and_providers_are_described() -> None:
    text = page("ARCHITECTURE.md")
    for name in (*faults.POINTS, *PROVIDERS):
        assert f"`{name}`" in text, name


# ----- commands, policy, scenarios


def test_every_command_has_an_entry() -> None:
    text = page("docs/cli.md")
    names = [f"{group} {name}" for group, (_, commands, _) in GROUPS.items() for name, _, _ in commands]
    for name in [*names, *(name for name, _, _ in EXAMPLES)]:
        assert f"\n## mrr {name}\n" in text


def test_the_policy_page_is_up_to_date() -> None:
    assert page("docs/policy.md") == reference(), "python -m mrr.policy.reference > docs/policy.md"


def test_keys_and_schema_name_the_same_keys() -> None:
    assert {key.name for key in KEYS} == known() == set(standard().values)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_the_values_of_a_key_are_as_described(key: Key) -> None:
    """What the page offers is accepted."""
    assert key.what.endswith(".")
    assert key.example.endswith(".")
    for value in key.values:
        assert standard().differing({key.name: parsed(value)})[key.name] is not None


def parsed(value: str) -> Any:
    """A value as a policy file would give it: a table, a list, a number, a truth value, else a text."""
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def test_the_standard_is_among_the_values() -> None:
    raw = tomllib.loads((SRC / "policy" / "standard.toml").read_text("utf-8"))
    assert raw["churn_at"] == standard()["churn_at"]
    for key in KEYS:
        shown = written(standard()[key.name])
        offered = [parsed(value) for value in key.values]
        equal = {written(standard().differing({key.name: value})[key.name]) for value in offered}
        assert shown in equal or key.name == "fx.fixed", key.name


@pytest.mark.parametrize("path", sorted(ROOT.glob("tests/**/scenarios/*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_says_what_and_why(path: Path) -> None:
    story = yaml.safe_load(path.read_text("utf-8"))
    assert len(story["title"]) > 5
    assert len(story["why"]) > 10
