"""Facts in our own words, as JSON: in-house billing, scenario files, and the edits that people make.

Pure functions of bytes. docs/native.md says what each field means; `schema` is the same for machines.
"""

from importlib import resources

from mrr.providers.native.decoding import decode
from mrr.providers.native.envelope import recognises, split, stamp
from mrr.providers.native.signing import verify

__all__ = ["decode", "recognises", "schema", "split", "stamp", "verify"]


def schema() -> str:
    """The JSON Schema (draft 2020-12) of version 1, as text."""
    return resources.files("mrr.providers.native").joinpath("schema-1.json").read_text("utf-8")
