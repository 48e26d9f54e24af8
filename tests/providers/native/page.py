"""The examples of docs/native.md and the JSON Schema, for the tests that hold the decoder against them."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema

from mrr.providers import native

Body = dict[str, Any]

PAGE = (Path(__file__).parents[3] / "docs" / "native.md").read_text("utf-8")
SCHEMA: Body = json.loads(native.schema())


def section(title: str) -> str:
    """The text below a heading, up to the next one of its level."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def titles() -> list[str]:
    """The headings of the page."""
    return re.findall(r"^## (.+)$", PAGE, re.MULTILINE)


def blocks(text: str, language: str = "json") -> list[str]:
    """The fenced blocks of a language."""
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return found


def bodies(text: str) -> list[Body]:
    """The JSON documents of all examples, one a block or one a line."""
    return [json.loads(document) for block in blocks(text) for document in _documents(block)]


def _documents(block: str) -> list[str]:
    lines = block.splitlines()
    return lines if all(line.startswith("{") and line.endswith("}") for line in lines) else [block]


def _pattern(_: Any, pattern: str, text: Any, __: Any) -> Any:
    # In JSON Schema a dollar is the end of the text; in Python also what comes before a last newline.
    if isinstance(text, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), text):
        yield jsonschema.ValidationError(f"{text!r} does not match {pattern!r}")


_Validator: Any = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})
VALIDATOR: Any = _Validator(SCHEMA)


def is_schema(schema: Any) -> None:
    """Raise what is wrong with a JSON Schema of draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(schema)


def fits(body: Any) -> bool:
    """Whether the JSON Schema accepts a body."""
    return bool(VALIDATOR.is_valid(body))


DEFINED: Body = SCHEMA["$defs"]
KINDS: list[str] = [DEFINED[ref["$ref"].rpartition("/")[2]]["title"] for ref in DEFINED["fact"]["oneOf"]]
EXAMPLES: list[Body] = [body for kind in KINDS for body in bodies(section(kind))]
ENVELOPED: Body = bodies(section("CloudEvents"))[0]
