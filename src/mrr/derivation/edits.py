"""Which edits stand, and what follows for the facts of other entries: a fold over all edits in the order of their seqs.

Nothing of it is kept: whoever derives a ledger folds the edits which that ledger knows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from mrr.warehouse import Warehouse

Content = tuple[str, str]
"""Source and content of an entry: equal for all entries of a source that tell the same."""


class Said(NamedTuple):
    """An edit as it was said; `content` is that of the entry that it names, None where that told nothing."""

    seq: int
    verb: str
    entry: int | None
    content: Content | None
    is_edit: bool


class Folded:
    """The edits after all of them were said, one after the other.

    `stands` tells of each whether it does; `trouble` why one has no effect; `undone` which edit took one back.
    """

    def __init__(self, said: Iterable[Said]) -> None:
        self.said: dict[int, Said] = {}
        self.stands: dict[int, bool] = {}
        self.trouble: dict[int, str] = {}
        self.undone: dict[int, int] = {}
        for edit in said:
            why = self._why_not(edit)
            self.said[edit.seq] = edit
            self.stands[edit.seq] = not why
            if why:
                self.trouble[edit.seq] = why
            elif edit.verb == "revert":
                self._turn(edit, stands=False)

    def _why_not(self, edit: Said) -> str:
        """Why an edit can have no effect where it is said; empty where it can."""
        if edit.verb == "revert":
            return self._why_not_reverted(edit.entry or 0)
        if edit.verb not in ("correct", "decide"):
            return ""
        if edit.is_edit:
            return f"entry {edit.entry} is an edit, which can only be reverted"
        if edit.content is None or (edit.entry or 0) > edit.seq:
            return f"there was no entry {edit.entry} that told anything"
        return ""

    def _why_not_reverted(self, target: int) -> str:
        if target not in self.said:
            return f"there was no edit {target}"
        if target in self.trouble:
            return f"edit {target} has no effect"
        return "" if self.stands[target] else f"edit {target} is reverted by edit {self.undone[target]}"

    def _turn(self, revert: Said, *, stands: bool) -> None:
        """Take back what a revert names, or let it stand again; a revert of a revert does the one by the other."""
        target = self.said[revert.entry or 0]
        self.stands[target.seq] = stands
        self.undone[target.seq] = revert.seq
        if target.verb == "revert":
            self._turn(target, stands=not stands)

    def of(self, verb: str, *, standing: bool = True) -> Iterator[Said]:
        """The edits of a verb in their order, those that stand or all."""
        return (edit for edit in self.said.values() if edit.verb == verb and (self.stands[edit.seq] or not standing))

    def last(self, verb: str) -> dict[Content, Said]:
        """Of each content the last standing edit of a verb: it is the one that counts."""
        return {edit.content: edit for edit in self.of(verb) if edit.content is not None}


class Bearing(NamedTuple):
    """Which other entries edits bear on: those of equal content, and those that contradict it under the same key."""

    equals: Mapping[Content, Collection[int]]
    rivals: Mapping[Content, Collection[int]]

    def on(self, edit: Said, folded: Folded) -> set[int]:
        """Every entry whose facts an edit can bring in or take away."""
        found = {edit.seq}
        if edit.verb == "revert" and edit.entry in folded.said and edit.seq not in folded.trouble:
            found |= self.on(folded.said[edit.entry], folded)
        elif edit.content is not None:
            found |= {*self.equals.get(edit.content, ()), *self.rivals.get(edit.content, ())}
            found |= {other.seq for other in folded.of("correct", standing=False) if other.content == edit.content}
        return found


def fold(warehouse: Warehouse) -> Folded:
    """Fold the edits that the tables of facts hold, and put what follows into temporary tables.

    `set_aside`: entries whose facts do not count, by which edit. `corrected`: a correction and the entry it is laid
    over. `decided`: an entry that stands where others contradict it. `edit_turn`: entries that an edit bears on.
    """
    folded = Folded(_said(warehouse))
    bearing = _bearing(warehouse, folded)
    laid = [(edit.seq, min(bearing.equals[content])) for content, edit in folded.last("correct").items()]
    chosen = [(seq, edit.seq) for content, edit in folded.last("decide").items() for seq in bearing.equals[content]]
    warehouse.temp("set_aside", "seq BIGINT, by_seq BIGINT", _aside(folded, bearing).items())
    warehouse.temp("corrected", "seq BIGINT, entry_seq BIGINT", laid)
    warehouse.temp("decided", "seq BIGINT, by_seq BIGINT", chosen)
    warehouse.temp("edit_turn", "seq BIGINT, turned_by BIGINT", _turns(warehouse, folded, bearing))
    return folded


def _said(warehouse: Warehouse) -> list[Said]:
    if not warehouse.rows("SELECT 1 FROM edit LIMIT 1"):
        return []
    rows = warehouse.rows("""
        SELECT e.seq, e.verb, e.entry_seq, o.source, o.content, e.entry_seq IN (SELECT f.seq FROM edit AS f)
        FROM edit AS e LEFT JOIN outcome AS o ON o.seq = e.entry_seq
        ORDER BY e.seq""")
    return [
        Said(seq, verb, entry, None if content is None else (source, content), bool(is_edit))
        for seq, verb, entry, source, content, is_edit in rows
    ]


def _bearing(warehouse: Warehouse, folded: Folded) -> Bearing:
    if not any(edit.content for edit in folded.said.values()):
        return Bearing({}, {})
    named = "SELECT o.* FROM outcome AS o SEMI JOIN edit AS e ON e.entry_seq = o.seq WHERE o.content IS NOT NULL"
    equals = warehouse.rows(f"""SELECT n.source, n.content, o.seq
        FROM (SELECT DISTINCT source, content FROM ({named})) AS n
        JOIN outcome AS o ON o.source = n.source AND o.content = n.content""")
    # Which of the facts of one subscription and instant stands is settled fact by fact (order.py), not here.
    rivals = warehouse.rows(f"""SELECT n.source, n.content, o.seq
        FROM ({named} AND o.subject NOT LIKE '%Subscription/%') AS n
        JOIN outcome AS o ON o.shelf = n.shelf AND o.source = n.source AND o.key = n.key AND o.subject = n.subject
            AND o.content <> n.content""")
    return Bearing(_by_content(equals), _by_content(rivals))


def _by_content(rows: Iterable[tuple[str, str, int]]) -> dict[Content, set[int]]:
    found: dict[Content, set[int]] = defaultdict(set)
    for source, content, seq in rows:
        found[source, content].add(seq)
    return found


def _aside(folded: Folded, bearing: Bearing) -> dict[int, int]:
    """Every entry whose facts do not count, and the edit because of which."""
    found = {seq: folded.undone.get(seq, seq) for seq, stands in folded.stands.items() if not stands}
    corrections = folded.last("correct")
    for edit in folded.of("correct"):
        if edit.content is not None and corrections[edit.content] is not edit:
            found[edit.seq] = corrections[edit.content].seq
    for content, edit in corrections.items():
        found |= dict.fromkeys(bearing.equals[content], edit.seq)
    return found | _decided_against(folded, bearing)


def _decided_against(folded: Folded, bearing: Bearing) -> dict[int, int]:
    """The rivals of the entries that were decided for; of two decisions against each other the later one counts."""
    found: dict[int, int] = {}
    for content, edit in sorted(folded.last("decide").items(), key=lambda last: -last[1].seq):
        if found.keys().isdisjoint(bearing.equals[content]):
            found |= dict.fromkeys(bearing.rivals.get(content, ()), edit.seq)
    return found


def _turns(warehouse: Warehouse, folded: Folded, bearing: Bearing) -> list[tuple[int, int]]:
    """Each entry with each edit that bears on it; with a merge all those that it is joined to, which may now count."""
    found = {(seq, edit.seq) for edit in folded.said.values() for seq in bearing.on(edit, folded)}
    if not any(seq != by for seq, by in found):
        return sorted(found)
    joined = _joined(warehouse.rows("SELECT seq, customer_id, into_id FROM merge"))
    return sorted(found | {(other, by) for seq, by in found if seq != by for other in joined.get(seq, ())})


def _joined(merges: Collection[tuple[int, str, str]]) -> dict[int, set[int]]:
    """Of each merge all that are connected with it by their customers, itself included."""
    groups: dict[str, tuple[set[str], set[int]]] = {}
    for seq, *names in merges:
        met = [groups.get(name, ({name}, set[int]())) for name in names]
        group = set[str]().union(*(customers for customers, _ in met)), {seq}.union(*(seqs for _, seqs in met))
        groups |= dict.fromkeys(group[0], group)
    return {seq: seqs for _, seqs in groups.values() for seq in seqs}


class Merged(NamedTuple):
    """Who is whom by the merges that count, and why others have no effect, by their seqs."""

    into: dict[str, str]
    trouble: dict[int, str]

    def canonical(self, name: str) -> str:
        """The id that stands for a customer after all merges."""
        while name in self.into:
            name = self.into[name]
        return name


def merged(warehouse: Warehouse) -> Merged:
    """All merges in their order: of two targets the earliest stands, and none that would close a circle (A44)."""
    found = Merged({}, {})
    for seq, name, target in warehouse.rows("""SELECT m.seq, m.customer_id, m.into_id
        FROM merge AS m ANTI JOIN set_aside AS x ON x.seq = m.seq ORDER BY m.seq, m.fact_id"""):
        if name == target:
            found.trouble[seq] = f"it merges {name} into itself"
        elif name in found.into and found.into[name] != target:
            found.trouble[seq] = f"{name} is merged into {found.into[name]}"
        elif found.canonical(target) == name:
            found.trouble[seq] = f"{target} is merged into {name}, so it would close a circle"
        else:
            found.into[name] = target
    return found


def are_there(warehouse: Warehouse) -> bool:
    """Whether there is anything that `forget` and `tell` could speak of: an edit, or a merge."""
    return bool(warehouse.rows("(SELECT 1 FROM edit LIMIT 1) UNION ALL (SELECT 1 FROM merge LIMIT 1)"))


def forget(warehouse: Warehouse) -> None:
    """Take out of the outcomes what `tell` said there."""
    warehouse.execute("""UPDATE outcome SET outcome = 'decoded', reason = NULL
        WHERE reason LIKE 'edit %' AND outcome IN ('decoded', 'conflict')""")


def tell(warehouse: Warehouse, folded: Folded) -> None:
    """Say in the outcomes what edits did to entries, and which edits and merges have no effect."""
    aside: dict[int, int] = dict(warehouse.rows("SELECT seq, by_seq FROM set_aside"))
    told: dict[int, tuple[str | None, str]]
    told = {seq: (None, f"edit {by} {_does(folded, seq, by)}") for seq, by in aside.items()}
    against = {seq: by for seq, by in aside.items() if seq not in folded.said and folded.said[by].verb == "decide"}
    told |= {seq: ("conflict", f"edit {by} decides against it") for seq, by in against.items()}
    told |= {seq: ("conflict", f"edit {seq} has no effect: {why}") for seq, why in _troubles(warehouse, folded).items()}
    _say(warehouse, told, "outcome.outcome = 'decoded'")
    chosen = warehouse.rows("SELECT seq, by_seq FROM decided ANTI JOIN set_aside USING (seq)")
    deciding = set(against.values())
    said = {seq: ("decoded", f"edit {by} decides for it") for seq, by in chosen if by in deciding}
    _say(warehouse, said, "outcome.outcome IN ('decoded', 'conflict')")


def _say(warehouse: Warehouse, told: Mapping[int, tuple[str | None, str]], where: str) -> None:
    """Write outcome (None: as it is) and reason of some entries, where the outcome is one that edits may speak of."""
    rows = [(seq, *word) for seq, word in told.items()]
    warehouse.temp("edit_word", "seq BIGINT, outcome VARCHAR, reason VARCHAR", rows)
    warehouse.execute(f"""UPDATE outcome SET outcome = coalesce(w.outcome, outcome.outcome), reason = w.reason
        FROM edit_word AS w WHERE w.seq = outcome.seq AND {where}""")


def _does(folded: Folded, seq: int, by: int) -> str:
    if seq not in folded.said:
        return "corrects it"
    return "reverts it" if folded.said[by].verb == "revert" else "corrects the same entry anew"


def _troubles(warehouse: Warehouse, folded: Folded) -> dict[int, str]:
    """Why edits and merges have no effect, by their seqs."""
    names: dict[int, str] = dict(
        warehouse.rows("""
        WITH named AS (
            SELECT seq, verb, unnest([of_id, to_id]) AS name FROM edit WHERE of_id IS NOT NULL
        )
        SELECT n.seq, min(n.name)
        FROM named AS n
        WHERE n.name IS NOT NULL AND CASE WHEN n.verb = 'continue'
            THEN NOT EXISTS (SELECT 1 FROM subscription_fact AS f WHERE f.subscription_id = n.name)
            ELSE NOT EXISTS (SELECT 1 FROM subscription_fact AS f WHERE f.customer_id = n.name)
                AND NOT EXISTS (SELECT 1 FROM attribute AS a WHERE a.customer_id = n.name) END
        GROUP BY n.seq""")
    )
    unknown = {seq: f"nothing is known of {name}" for seq, name in names.items() if folded.stands[seq]}
    return unknown | merged(warehouse).trouble | folded.trouble
