"""docs/policy.md, written from the keys and their schema: `python -m mrr.policy.reference > docs/policy.md`."""

import sys
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from mrr.policy.schema import KEYS, REPORT, Key, flat
from mrr.policy.values import Choices

INTRODUCTION = """# The policy

Written from `src/mrr/policy/keys.toml` and the schema by `python -m mrr.policy.reference > docs/policy.md`; a test
keeps it up to date.

A policy is the governed definition of MRR: every choice that teams disagree about, as data. It is a TOML file; what it
leaves out is as in `standard`. Its hash (SHA-256 of the canonical form) goes with every figure: figures with equal
hashes mean the same thing.

```toml
name = "ours"
currency = "EUR"
timezone = "Europe/Berlin"
churn_at = "request"

[status]
past_due = 14
```

- `mrr policy check ours.toml` says whether a file is a policy, and in what it differs from `standard`.
- `mrr init acme --policy ours.toml` makes a book with it. In a book it is `policy.toml`, every key spelled out; after a
  change of a ledger key the next command derives the ledger anew.
- `mrr policy show KEY` prints an entry of this page.

*Ledger keys* shape the ledger and are part of its identity. *Report keys* (`report.…`) shape only answers.
"""


def reference() -> str:
    """The whole page as Markdown."""
    ledger = [key for key in KEYS if not key.name.startswith(REPORT)]
    report = [key for key in KEYS if key.name.startswith(REPORT)]
    parts = [INTRODUCTION, "\n## All keys\n\n| key | `standard` |\n|---|---|\n"]
    parts += [f"| [`{key.name}`](#{_anchor(key.name)}) | `{written(_standard()[key.name])}` |\n" for key in KEYS]
    for title, keys in (("Ledger keys", ledger), ("Report keys", report)):
        parts += [f"\n## {title}\n", *(_entry(key) for key in keys)]
    return "".join(parts)


def written(value: Any) -> str:
    """A value as a policy file writes it, a text without its quotes."""
    return value if isinstance(value, str) else _toml(value)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _standard() -> dict[str, Any]:
    """The policy `standard` as its file says it, before ratios are brought to lowest terms."""
    text = resources.files("mrr.policy").joinpath("standard.toml").read_text(encoding="utf-8")
    return flat(tomllib.loads(text))


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _entry(key: Key) -> str:
    rows = "".join(f"| `{value}` | {who} |\n" for value, who in key.values.items())
    takes = _form(_schema()["properties"][key.name])
    lines = [f"\n### {key.name}\n\n{key.what}\n\n| value | who chooses it |\n|---|---|\n{rows}\n"]
    # Where every value has its own row above, the list says nothing new.
    lines += [
        f"- Takes {takes}.\n" if "number" in takes else "",
        f"- `standard`: `{written(_standard()[key.name])}`.\n",
    ]
    lines += [f"- Example: {key.example}\n"]
    return "".join(lines)


def _schema() -> dict[str, Any]:
    return Choices.model_json_schema(by_alias=True)


def _form(part: Mapping[str, Any]) -> str:
    """What the schema allows, in words; nothing where the values above say it already (any text, a currency)."""
    if "anyOf" in part:
        return ", or ".join(_form(choice) for choice in part["anyOf"])
    if "$ref" in part:
        fields = _schema()["$defs"][part["$ref"].rpartition("/")[2]]["properties"]
        return "a table of " + "; ".join(f"`{name}`: {_form(field)}" for name, field in fields.items())
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    return {
        "integer": f"a whole number from {part.get('minimum')} to {part.get('maximum')}",
        "boolean": "`true`, `false`",
        "string": f"`{part.get('const')}`" if "const" in part else "",
    }.get(str(part.get("type")), "")


if __name__ == "__main__":
    sys.stdout.write(reference())
