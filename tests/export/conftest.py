"""The book that these tests take things out of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mrr import Book
from tests.export.company import made


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder. Tests only read it."""
    return made(tmp_path_factory.mktemp("books"))


@pytest.fixture
def book(acme: Path) -> Iterator[Book]:
    """The same, open."""
    with Book(acme) as opened:
        yield opened
