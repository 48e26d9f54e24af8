"""The simulator's truth is a second opinion: it shares no code with what it is compared to."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mrr import simulate

MODULES = sorted(Path(simulate.__file__).parent.glob("*.py"))
ALLOWED = ("mrr.errors", "mrr.simulate")


def imported(path: Path) -> Iterator[str]:
    """The names of all modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_imports_only_itself_errors_and_msgspec(path: Path) -> None:
    own = [name for name in imported(path) if name.startswith(("mrr", "."))]
    assert [name for name in own if not name.startswith(ALLOWED)] == []
    outside = {name.partition(".")[0] for name in imported(path)} - {"mrr", "msgspec"}
    assert outside <= STANDARD


STANDARD = {
    "bisect", "calendar", "collections", "csv", "dataclasses", "datetime", "fractions", "functools", "gzip", "heapq",
    "io", "itertools", "pathlib", "random", "typing",
}  # fmt: skip
