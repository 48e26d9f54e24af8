"""A fresh journal file for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mrr.journal import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's journal stands."""
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    """An empty journal, created at instant 0."""
    with Journal.create(path, created_at=0) as created:
        yield created
