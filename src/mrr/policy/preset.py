"""Presets: what well-known tools publish about their MRR, rule by rule with its citation, as a policy over another."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from mrr.errors import PolicyError
from mrr.policy.schema import KEYS, Policy, load, standard

# What is the company's and no tool's: a preset takes these from the policy that it is laid over.
COMPANY = ("currency", "timezone", "customers.exclude", "fx.fixed", "fx.stale", "report.week_start")


@dataclass(frozen=True)
class Source:
    """A public page that a rule is cited from."""

    title: str
    url: str


@dataclass(frozen=True)
class Statement:
    """Something that a tool publishes, in our words, with the pages that say so. `taken`: what we made of it."""

    says: str
    sources: tuple[Source, ...]
    taken: str = ""


@dataclass(frozen=True)
class Rule:
    """A published rule as a key and its value. `default` is False for a setting that the tool's users may choose."""

    key: str
    value: Any
    said: Statement
    default: bool = True


@dataclass(frozen=True)
class Preset:
    """A tool's rules. `extent` is how far they are published; `beyond` are rules that no key can say."""

    name: str
    title: str
    extent: str
    rules: tuple[Rule, ...]
    settings: tuple[Rule, ...]
    contradictions: tuple[Statement, ...]
    beyond: tuple[Statement, ...]

    @property
    def unpublished(self) -> tuple[str, ...]:
        """The keys for which the tool publishes no rule that we found: they are the standard's."""
        told = {rule.key for rule in self.rules} | {*COMPANY}
        return tuple(key.name for key in KEYS if key.name not in told)

    def over(self, base: Policy) -> Policy:
        """The preset as a policy: its rules, the company's keys of `base`, and the standard for what is unpublished."""
        company = {key: base[key] for key in COMPANY}
        return standard().differing(company | {rule.key: rule.value for rule in self.rules}, self.name)


@cache
def presets() -> Mapping[str, Preset]:
    """Every preset but the standard, by its name, in the order of the names."""
    files = resources.files("mrr.policy").joinpath("presets").iterdir()
    texts = {file.name.removesuffix(".toml"): file.read_text(encoding="utf-8") for file in files}
    return {name: _read(name, tomllib.loads(text)) for name, text in sorted(texts.items())}


def preset(name: str, base: Policy | None = None) -> Policy:
    """A preset as a policy over `base` (else the standard): currency, time zone and exclusions stay the company's.

    Raises PolicyError for a name that there is not, and for a rule that this version cannot compute yet.
    """
    base = base or standard()
    if name == "standard":
        return standard().differing({key: base[key] for key in COMPANY}, name)
    if name not in presets():
        close = difflib.get_close_matches(name, ["standard", *presets()], n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise PolicyError(f"there is no preset {name}{meant}", remedy=f"Presets: standard, {', '.join(presets())}.")
    return presets()[name].over(base)


def policy_of(words: str, base: Policy | None = None) -> Policy:
    """A policy by the name of a preset or the path of a TOML file. Raises PolicyError."""
    path = Path(words)
    if path.suffix == ".toml" or path.is_file() or len(path.parts) > 1:
        return load(path)
    return preset(words, base)


def _read(name: str, told: Mapping[str, Any]) -> Preset:
    """A file of a preset. A citation that is not among its sources is a defect of the file, so KeyError."""
    pages = {key: Source(page["title"], page["url"]) for key, page in told["sources"].items()}

    def said(entry: Mapping[str, Any]) -> Statement:
        return Statement(entry["says"], tuple(pages[page] for page in entry["source"]), entry.get("taken", ""))

    def several(entries: Iterable[Mapping[str, Any]]) -> tuple[Statement, ...]:
        return tuple(said(entry) for entry in entries)

    return Preset(
        name=name,
        title=told["title"],
        extent=told["extent"],
        rules=tuple(Rule(key, entry["value"], said(entry)) for key, entry in told["rule"].items()),
        settings=tuple(Rule(entry["key"], entry["value"], said(entry), False) for entry in told.get("setting", ())),
        contradictions=several(told.get("contradiction", ())),
        beyond=several(told.get("beyond", ())),
    )
