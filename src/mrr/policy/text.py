"""A policy as the TOML file that a book keeps."""

from collections.abc import Mapping
from typing import Any

import msgspec

from mrr.policy.schema import Policy


def policy_text(policy: Policy) -> str:
    """A policy as the TOML file that a book keeps, every key spelled out."""
    lines = [f'name = "{policy.name}"']
    lines += [f'"{key}" = {_toml(value)}' for key, value in sorted(policy.values.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f'"{key}" = {_toml(part)}' for key, part in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    return msgspec.json.encode(value).decode()
