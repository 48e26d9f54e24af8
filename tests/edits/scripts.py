"""Draws what is told and edited, in an order: facts of a story, and edits of what was told or edited before."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from mrr.errors import WrongUse
from mrr.journal import Entry
from mrr.providers import Irrelevant, of_source
from mrr.providers.edits.laying import changed
from tests.properties.telling import Story

NAMES = ("native/acme", "native/beta", "native/gamma", "native/nobody")
CHANGES: tuple[dict[str, str], ...] = (
    {"items.0.quantity": "7"},
    {"items.0.unit_amount": "33.30", "items.0.quantity": "2"},
    {"status": "canceled", "ended_at": "2025-04-01"},
    {"items.0": "null"},
    {"customer": "native/beta"},
    {"effective_at": "2025-03-03T03:00:00Z"},
    {"attributes.segment": "large"},
    {"attributes.test": "true"},
    {"offer.unit_amount": "12"},
    {"numerator": "3"},
    {"into": "native/gamma"},
)


class Step(NamedTuple):
    """A body that is told, or an edit whose `of` is the place of the step that it names."""

    source: str
    body: Mapping[str, Any]
    of: int | None = None


def script(story: Story, chance: random.Random, more: Sequence[Mapping[str, Any]] = (), edits: int = 8) -> list[Step]:
    """Everything that a story tells, and edits at any place among it."""
    base = (story.get("policy") or {}).get("currency", "USD")
    rates = [
        Step("rates", {"day": str(day), "base": base, "values": {str(code): str(value)}})
        for day, code, value in story.get("rates") or ()
    ]
    told = [*rates, *(Step("native", body) for body in [*story["facts"], *more])]
    chance.shuffle(told)
    steps: list[Step] = []
    for step in told:
        steps.append(step)
        while chance.randrange(len(told)) < edits:
            steps += _edit(steps, chance)
    return steps


def _edit(steps: Sequence[Step], chance: random.Random) -> Iterator[Step]:
    told = [place for place, step in enumerate(steps) if step.source != "edits"]
    edits = [place for place, step in enumerate(steps) if step.source == "edits"]
    verb = chance.choice(["exclude", "include", "merge", "continue", "correct", "correct", "decide", "revert"])
    if verb in ("exclude", "include"):
        yield _said(verb, customer=chance.choice(NAMES))
    elif verb == "merge":
        yield _said(verb, customer=chance.choice(NAMES), into=chance.choice(NAMES))
    elif verb == "continue":
        names = [f"native/S{number}" for number in (1, 2, 3)]
        yield _said(verb, old=chance.choice(names), new=chance.choice(names), at=f"2025-0{chance.randrange(1, 6)}-15")
    elif verb == "revert" and edits:
        yield _said(verb, chance.choice(edits))
    elif verb == "decide":
        yield _said(verb, chance.choice(told))
    elif verb == "correct":
        place = chance.choice(told)
        facts, changes = _restated(steps[place], chance)
        yield _said(verb, place, source=steps[place].source, facts=facts, changes=changes)


def _restated(step: Step, chance: random.Random) -> tuple[list[Any], dict[str, str]]:
    """The facts of a step with a change that fits; where none does, it is set aside."""
    facts = of_source(step.source).decode(json.dumps(step.body).encode(), 1)
    assert not isinstance(facts, Irrelevant)
    for changes in chance.sample(CHANGES, len(CHANGES)):
        try:
            return [msgspec.to_builtins(changed(fact, changes, "UTC")) for fact in facts], changes
        except WrongUse:
            continue
    return [], {}


def _said(verb: str, of: int | None = None, /, **words: Any) -> Step:
    said = {"edit": verb, "version": 1, "author": "ann", "reason": "drawn", "said_at": "2026-01-01", **words}
    return Step("edits", said, of)


def entries(steps: Sequence[Step], order: Sequence[int] | None = None) -> list[Entry]:
    """The steps as entries of a journal, in the order in which they stand or another one."""
    places = list(range(len(steps)) if order is None else order)
    seqs = {place: seq for seq, place in enumerate(places, start=1)}
    found = []
    for place, seq in seqs.items():
        step = steps[place]
        body = dict(step.body) if step.of is None else {**step.body, "entry": seqs[step.of]}
        text = json.dumps(body, default=str).encode()
        found.append(Entry(seq, step.source, f"{place}", "drawn", 1, seq, text, b"", b""))
    return found
