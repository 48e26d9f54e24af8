"""Every scenario file runs through the real models and agrees with what it says, movement by movement."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from mrr import scenario

HERE = Path(__file__).parent
GIVEN, OURS = HERE / "scenarios", HERE / "cases" / "scenarios"
FILES = sorted([*GIVEN.glob("*.yaml"), *OURS.glob("*.yaml")])
PAGE = HERE.parent / "docs" / "scenarios.md"


def test_there_are_scenarios() -> None:
    """Two empty folders would let every other test here pass."""
    folders = [path.parent for path in FILES]
    assert folders.count(GIVEN) == 55
    assert folders.count(OURS) >= 39


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """The ledger is exactly the expected one; a difference fails with its text."""
    story = scenario.load(path)
    assert story.get("movements") or story.get("rollforward"), "a scenario that expects nothing shows nothing"
    differences = scenario.run(story)
    assert not differences, "\n" + "\n".join(differences)


def example() -> dict[str, Any]:
    """The worked example of docs/scenarios.md."""
    story: dict[str, Any] = yaml.safe_load(PAGE.read_text("utf-8").split("```yaml\n")[1].split("```")[0])
    return story


def test_the_example_of_the_page_agrees() -> None:
    """What a reader copies from the page runs."""
    assert scenario.run(example()) == []


def test_differences_are_told() -> None:
    """Each wrong figure of a story is a line: a movement as expected and as got, the closing, the roll-forward."""
    story = example()
    story["movements"][1][5] = {"A": {"price": "42.000000"}}
    story["closing"] = "1.000000"
    story["rollforward"][0]["rows"]["2025-01"]["fx"] = "6.000000"
    told = scenario.run(story)
    assert [line.partition("2025")[0] for line in told] == [
        "movement expected: ",
        "movement got:      ",
        "closing: expected 1.000000, got 0.000000",
        "rollforward {'currency': 'EUR'} ",
    ]
    assert "'price': '42.000000'" in told[0]
    assert "'quantity': '42.000000'" in told[1]


def test_order_and_number_are_told() -> None:
    """The right movements in the wrong order, or one of them twice, do not pass."""
    story = example()
    del story["closing"], story["rollforward"]
    first, second, *rest = story["movements"]
    assert scenario.run({**story, "movements": [second, first, *rest]})
    assert scenario.run({**story, "movements": [first, first, second, *rest]})
