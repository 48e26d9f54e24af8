"""What derives the ledger, as one hash: decoders, models, arithmetic, time-zone data and the version of DuckDB."""

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import duckdb
import tzdata

_FILED = ("build", "derive", "edits", "metered", "terms")
_MODULES: tuple[str, ...] = ("balance", "bill", "facts", "money", "order", "period", "rows")
_MODULES += tuple(f"derivation/{name}" for name in _FILED)


@cache
def engine() -> str:
    """SHA-256 (hex) over the parts of this version that can change a ledger."""
    package = resources.files("mrr")
    parts = [package.joinpath(f"{name}.py") for name in _MODULES]
    parts += _below(package.joinpath("providers"), ".py") + _below(package.joinpath("sql"), ".sql")
    digest = hashlib.sha256(f"{tzdata.IANA_VERSION}/{duckdb.__version__}".encode())
    for part in parts:
        digest.update(part.name.encode() + b"\0" + part.read_bytes() + b"\0")
    return digest.hexdigest()


def _below(folder: Traversable, ending: str) -> list[Traversable]:
    found: list[Traversable] = []
    for part in sorted(folder.iterdir(), key=lambda part: part.name):
        if part.is_dir():
            found += _below(part, ending)
        elif part.name.endswith(ending):
            found.append(part)
    return found
