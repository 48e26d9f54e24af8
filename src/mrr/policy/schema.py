"""What a policy can say: the keys, their allowed values, validation, canonical form and hash."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mrr.errors import PolicyError
from mrr.policy.values import Choices

# Answers are shaped by these, the ledger is not, so its id leaves them out.
REPORT = "report."


@dataclass(frozen=True)
class Key:
    """A key of a policy: what it changes, its values with who chooses each, an example."""

    name: str
    what: str
    values: Mapping[str, str]
    example: str


@dataclass(frozen=True)
class Policy:
    """A validated policy. `values` maps each dotted key to its canonical value."""

    name: str
    values: Mapping[str, Any]

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the canonical form."""
        return hashlib.sha256(canonical(self.values)).hexdigest()

    @property
    def ledger_hash(self) -> str:
        """SHA-256 (hex) of the ledger keys alone: what shapes the ledger."""
        keys = {key: value for key, value in self.values.items() if not key.startswith(REPORT)}
        return hashlib.sha256(canonical(keys)).hexdigest()

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def differing(self, changes: Mapping[str, Any], name: str | None = None) -> "Policy":
        """This policy with some keys changed, nested or dotted. Raises PolicyError for what a policy cannot say."""
        return _validated(name or self.name, {**self.values, **flat(changes)})


def canonical(values: Mapping[str, Any]) -> bytes:
    """The canonical JSON of a policy: keys sorted, no spaces."""
    return json.dumps(dict(values), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Tables of a TOML file as dotted keys; the tables that are values themselves stay whole."""
    result: dict[str, Any] = {}
    for key, value in nested.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and name not in known():
            result |= flat(value, f"{name}.")
        else:
            result[name] = value
    return result


@cache
def known() -> frozenset[str]:
    """The names of all keys."""
    return frozenset(Choices.model_fields[name].alias or name for name in Choices.model_fields)


@cache
def _keys() -> tuple[Key, ...]:
    text = resources.files("mrr.policy").joinpath("keys.toml").read_text(encoding="utf-8")
    return tuple(
        Key(name, entry["what"], entry["values"], entry["example"]) for name, entry in tomllib.loads(text).items()
    )


KEYS = _keys()


@cache
def standard() -> Policy:
    """The policy that ships as the default."""
    text = resources.files("mrr.policy").joinpath("standard.toml").read_text(encoding="utf-8")
    return _validated("standard", flat(tomllib.loads(text)))


def load(path: Path) -> Policy:
    """A policy from a TOML file; keys that it leaves out are the standard's. Raises PolicyError."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: {error}", remedy="Name a TOML file that can be read.") from error
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path} is no TOML: {error}") from error
    return standard().differing(tables, str(tables.pop("name", path.stem)))


def _validated(name: str, values: Mapping[str, Any]) -> Policy:
    try:
        choices = Choices.model_validate(dict(values))
    except ValidationError as error:
        raise PolicyError(_first_fault(error), remedy="`mrr policy show` lists every key.") from error
    return Policy(name, choices.model_dump(by_alias=True, mode="json"))


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    key = str(fault["loc"][0]) if fault["loc"] else "the policy"
    if fault["type"] == "extra_forbidden":
        return f"{key} is no key of a policy"
    return f"{key} = {fault['input']!r} is not allowed; allowed: {_allowed(key)}"


def _allowed(key: str) -> str:
    entry = next((entry for entry in KEYS if entry.name == key), None)
    if entry is None:
        return "see docs/policy.md"
    return ", ".join(entry.values)
