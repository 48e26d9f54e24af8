"""Whether an edit can be made: names resolved, what is not there or would contradict refused, corrections laid out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from mrr.dates import seen_at
from mrr.derivation import edits
from mrr.errors import WrongUse
from mrr.facts import Fact
from mrr.journal import Journal
from mrr.providers import Irrelevant, of_source
from mrr.providers.edits.decoding import opened
from mrr.providers.edits.laying import changed, paths
from mrr.reports.edited import edited
from mrr.warehouse import Warehouse, sql

_KNOWN = {"customer": "known_customer", "subscription": "known_subscription"}
_LIST = "`mrr edit list` shows every edit."


class Desk(NamedTuple):
    """What an edit is checked against: the ledger at the journal's head, prepared, and the book's time zone."""

    warehouse: Warehouse
    journal: Journal
    timezone: str


class Told(msgspec.Struct):
    """A fact as it counts now, laid out for a correction: its kind, and its values as text by their paths."""

    kind: str
    values: dict[str, str]


class Laid(NamedTuple):
    """What counts for an entry: its source, its facts or those of the correction laid over it."""

    source: str
    facts: Sequence[Fact]


def propose(desk: Desk, verb: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """What the body of an edit says, but for who says it and why. Raises WrongUse with a remedy where it cannot be."""
    return _PROPOSALS[verb](desk, **words)


def told(desk: Desk, entry: int) -> list[Told]:
    """What an entry tells, a fact each, as it counts now. Raises WrongUse where it tells nothing."""
    return [Told(_kind(fact), paths(fact)) for fact in _laid(desk, entry).facts]


def _kind(fact: Fact) -> str:
    return str(fact.__struct_config__.tag)


def _exclude(desk: Desk, customer: str) -> dict[str, Any]:
    name = _named(desk, "customer", customer)
    last = [edit for edit in _standing(desk) if edit.verb in ("exclude", "include") and edit.of == name]
    if last and last[-1].verb == "exclude":
        remedy = f"`mrr edit include` or `mrr edit revert {last[-1].seq}` brings it back."
        raise WrongUse(f"{name} is excluded by edit {last[-1].seq} already", remedy=remedy)
    return {"customer": name}


def _include(desk: Desk, customer: str) -> dict[str, Any]:
    name = _named(desk, "customer", customer)
    canonical = edits.merged(desk.warehouse).canonical(name)
    if not desk.warehouse.rows("SELECT 1 FROM ledger.excluded WHERE customer_id = ?", [canonical]):
        raise WrongUse(f"{name} is not excluded", remedy="`mrr policy show customers.exclude` says who is; " + _LIST)
    return {"customer": name}


def _merge(desk: Desk, customer: str, into: str) -> dict[str, Any]:
    name, target = _named(desk, "customer", customer), _named(desk, "customer", into)
    merged = edits.merged(desk.warehouse)
    if name == target:
        raise WrongUse(f"{name} cannot be merged into itself", remedy="Name two customers.")
    if name in merged.into:
        remedy = f"{_LIST} `mrr edit revert` takes a merge back."
        raise WrongUse(f"{name} is merged into {merged.into[name]} already", remedy=remedy)
    if merged.canonical(target) == name:
        remedy = f"Merge others into {name}, or take that merge back with `mrr edit revert`. {_LIST}"
        raise WrongUse(f"{target} is merged into {name} already, so this would be a circle", remedy=remedy)
    return {"customer": name, "into": target}


def _continue(desk: Desk, old: str, new: str, at: str) -> dict[str, Any]:
    before, after = _named(desk, "subscription", old), _named(desk, "subscription", new)
    turns_at = seen_at(at, desk.timezone)
    if before == after:
        raise WrongUse(f"{before} cannot continue itself", remedy="Name two subscriptions.")
    onward: dict[str, str] = dict(desk.warehouse.rows(sql("reports/continued")))
    if before in onward:
        raise WrongUse(f"{before} is continued by {onward[before]} already", remedy=_LIST)
    if _reaches(onward, after, before):
        raise WrongUse(f"{before} continues {after} already, so this would be a circle", remedy=_LIST)
    return {"old": before, "new": after, "at": _written(turns_at)}


def _reaches(onward: Mapping[str, str], start: str, end: str) -> bool:
    seen: set[str] = set()
    while start in onward and start not in seen:
        seen.add(start)
        start = onward[start]
    return start == end


def _correct(desk: Desk, entry: int, changes: Mapping[str, str], drop: bool) -> dict[str, Any]:
    laid = _laid(desk, entry)
    if not laid.facts:
        raise WrongUse(f"entry {entry} is set aside already", remedy=f"`mrr edit revert` brings it back. {_LIST}")
    if drop == bool(changes):
        what = "cannot be both changed and dropped" if drop else "is not told what to change"
        raise WrongUse(f"entry {entry} {what}", remedy="Give PATH=VALUE, such as items.0.quantity=3, or --drop.")
    _check_stands(desk, entry)
    facts = [] if drop else _changed(entry, laid.facts, changes, desk.timezone)
    if facts == list(laid.facts):
        raise WrongUse(f"entry {entry} says that already", remedy=f"`mrr edit correct {entry}` shows what it says.")
    stated = [msgspec.to_builtins(fact) for fact in facts]
    return {"entry": entry, "source": laid.source, "changes": dict(changes), "facts": stated}


def _changed(entry: int, facts: Sequence[Fact], changes: Mapping[str, str], timezone: str) -> list[Fact]:
    """The facts of an entry with the changes made. Of several facts, a path begins with the number of its own."""
    if len(facts) == 1:
        return [changed(facts[0], changes, timezone)]
    of_fact: dict[int, dict[str, str]] = {number: {} for number in range(len(facts))}
    for path, text in changes.items():
        number, _, rest = path.partition(".")
        if not number.isdecimal() or int(number) not in of_fact or not rest:
            remedy = f"`mrr edit correct {entry}` shows them; begin each path with the number of its fact."
            raise WrongUse(f"{path}: entry {entry} tells {len(facts)} facts", remedy=remedy)
        of_fact[int(number)][rest] = text
    return [changed(fact, of_fact[number], timezone) for number, fact in enumerate(facts)]


def _check_stands(desk: Desk, entry: int) -> None:
    """A correction takes the place of what it corrects, which must therefore have one."""
    ways = desk.warehouse.rows(sql("reports/does_not_stand"), [entry])
    if ways:
        (other,) = ways[0]
        remedy = f"Correct entry {other}, or `mrr edit decide {entry}` first."
        raise WrongUse(f"entry {entry} does not stand: entry {other} tells of the same instant", remedy=remedy)


def _laid(desk: Desk, entry: int) -> Laid:
    outcomes = desk.warehouse.rows("SELECT source, outcome, reason, content FROM outcome WHERE seq = ?", [entry])
    if not outcomes:
        raise WrongUse(f"there is no entry {entry}", remedy="`mrr explain` names the entries behind a figure.")
    source, outcome, reason, content = outcomes[0]
    if desk.warehouse.rows("SELECT 1 FROM edit WHERE seq = ?", [entry]):
        raise WrongUse(f"entry {entry} is an edit", remedy=f"`mrr edit revert {entry}` takes it back.")
    if content is None:
        raise WrongUse(f"entry {entry} told nothing: {outcome}, {reason}", remedy="Name an entry that told something.")
    over = desk.warehouse.rows(
        """SELECT k.seq FROM corrected AS k JOIN outcome AS o ON o.seq = k.entry_seq
        WHERE o.source = ? AND o.content = ?""",
        [source, content],
    )
    if over:
        return Laid(source, opened(desk.journal.entry(over[0][0]).body).facts)
    kept = desk.journal.entry(entry)
    facts = of_source(source).decode(kept.body, kept.recorded_at if kept.occurred_at is None else kept.occurred_at)
    return Laid(source, () if isinstance(facts, Irrelevant) else facts)


def entry_of(desk: Desk, subscription: str, at: str) -> int:
    """The entry whose facts are in force for a subscription at an instant. Raises WrongUse where none is."""
    name, moment = _named(desk, "subscription", subscription), seen_at(at, desk.timezone)
    found = desk.warehouse.rows(sql("reports/in_force"), {"subscription": name, "at": moment})
    if not found:
        raise WrongUse(f"nothing is told of {name} up to {_written(moment)}", remedy="Name a later instant.")
    return int(found[0][0])


def _decide(desk: Desk, entry: int) -> dict[str, Any]:
    _laid(desk, entry)
    if not desk.warehouse.rows(sql("reports/contradicted"), {"entry": entry}):
        raise WrongUse(f"entry {entry} is in no conflict", remedy="`mrr quarantine` lists what contradicts what.")
    return {"entry": entry}


def _revert(desk: Desk, edit: int) -> dict[str, Any]:
    found = {one.seq: one for one in edited(desk.warehouse)}.get(edit)
    if found is None:
        remedy = f"`mrr edit correct {edit} --drop` sets aside what an entry told. {_LIST}"
        raise WrongUse(f"there is no edit {edit}", remedy=remedy)
    if found.state == "reverted":
        raise WrongUse(f"edit {edit} is reverted already: {found.note}", remedy="Revert that edit to restore this one.")
    if found.state == "superseded":
        raise WrongUse(f"edit {edit} lies under another: {found.note}", remedy="Revert that edit first.")
    if edit in edits.fold(desk.warehouse).trouble:
        raise WrongUse(f"there is nothing to revert: {found.note}", remedy=_LIST)
    return {"entry": edit}


def _standing(desk: Desk) -> list[Any]:
    return [edit for edit in edited(desk.warehouse) if edit.state == "standing"]


def _named(desk: Desk, kind: str, name: str) -> str:
    """The full id of a customer or subscription. WrongUse for one that is unknown, or of several sources."""
    found = [full for (full,) in desk.warehouse.rows(sql(f"reports/{_KNOWN[kind]}"), [name])]
    if not found:
        raise WrongUse(f"there is no {kind} {name!r}", remedy="`mrr customers` and `mrr explain` show the ids.")
    if len(found) > 1 and name not in found:
        raise WrongUse(f"{name!r} is ambiguous: {', '.join(found)}", remedy="Name it with its source.")
    return name if name in found else str(found[0])


def _written(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"


_PROPOSALS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "exclude": _exclude,
    "include": _include,
    "merge": _merge,
    "continue": _continue,
    "correct": _correct,
    "decide": _decide,
    "revert": _revert,
}
