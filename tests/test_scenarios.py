"""Every scenario file runs through the real models and agrees with what it says, movement by movement."""

from pathlib import Path

import pytest

from mrr import scenario

HERE = Path(__file__).parent
FILES = sorted([*(HERE / "scenarios").glob("*.yaml"), *(HERE / "cases" / "scenarios").glob("*.yaml")])


def test_there_are_scenarios() -> None:
    """Two empty folders would let every other test here pass."""
    folders = [path.parent for path in FILES]
    assert folders.count(HERE / "scenarios") == 55
    assert folders.count(HERE / "cases" / "scenarios") >= 34


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """The ledger is exactly the expected one; a difference fails with its text."""
    story = scenario.load(path)
    assert story.get("movements") or story.get("rollforward"), "a scenario that expects nothing shows nothing"
    differences = scenario.run(story)
    assert not differences, "\n" + "\n".join(differences)
