"""The oracle says of every scenario exactly what the scenario says: movements, lines, closing, roll-forwards."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.oracle import Movement, ledger, rollforward

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").glob("*.yaml"))
SHOWN = {"opening", "closing"}


def micros(amount: str) -> int:
    """A decimal amount of a scenario in micros."""
    return int(Decimal(amount) * 1_000_000)


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def movement(row: list[Any]) -> Movement:
    """A row of a scenario as the oracle writes it; the working beside it is for the reader."""
    on, customer, cls, amount, after, lines = row[:6]
    causes = {item: {cause: micros(part) for cause, part in parts.items()} for item, parts in lines.items()}
    return Movement(_day(on), customer, cls, micros(amount), micros(after), causes)


def test_there_are_scenarios() -> None:
    """An empty folder would let every other test here pass."""
    assert len(SCENARIOS) >= 55


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """Movements in order, each with its lines and causes; the closing; every roll-forward block."""
    story = yaml.safe_load(path.read_text())
    told = ledger(story)
    assert told.movements == [movement(row) for row in story["movements"]]
    assert told.closing == micros(story["closing"])
    for block in story.get("rollforward") or []:
        rows = {label: {key: micros(value) for key, value in row.items()} for label, row in block["rows"].items()}
        assert rollforward(story, block["period"], block["filter"]) == rows


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_movements_add_up(path: Path) -> None:
    """Amounts are the sums of their lines, and together they are the closing (DESIGN §11, 1)."""
    told = ledger(yaml.safe_load(path.read_text()))
    for row in told.movements:
        assert row.amount == sum(sum(causes.values()) for causes in row.lines.values())
    assert told.closing == sum(row.amount for row in told.movements)
