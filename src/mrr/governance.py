"""What was decided about a book: versions of its policy and closed months, folded out of the journal's entries."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import msgspec

from mrr.errors import WrongUse
from mrr.journal import Entry, Journal, Record
from mrr.journal.chain import body_digest
from mrr.journal.trouble import JournalDamaged
from mrr.period import instant
from mrr.policy import Policy, standard

SOURCE = "governance"
Stage = Literal["draft", "shadow", "official", "retired"]


class Proposed(msgspec.Struct, frozen=True, tag="policy.proposed"):
    """A new version of the policy, whole. `drift`: by what share it may move the ending MRR, at the most."""

    version: int
    name: str
    hash: str
    values: dict[str, Any]
    author: str
    reason: str
    owner: str
    review_on: date | None
    drift: str


class Approved(msgspec.Struct, frozen=True, tag="policy.approved"):
    """Somebody's word for a version, by its hash."""

    version: int
    hash: str
    author: str
    reason: str


class Promoted(msgspec.Struct, frozen=True, tag="policy.promoted"):
    """A version one stage further. Official, it holds from a month on; the first one (None) for all time.

    `drift` is what was measured: by what share it moves the ending MRR.
    """

    version: int
    stage: Stage
    from_month: date | None
    drift: str
    author: str
    reason: str


class RolledBack(msgspec.Struct, frozen=True, tag="policy.rolled_back"):
    """The official version gone, another one back in its place from a month on."""

    version: int
    to_version: int
    from_month: date | None
    author: str
    reason: str


class Part(msgspec.Struct, frozen=True):
    """An entry of sealed rows: its key, the digest (hex) of its body, and which customers it has."""

    key: str
    digest: str
    customers: int
    first: str
    last: str


class Before(msgspec.Struct, frozen=True):
    """The close before, by its month and the digest (hex) of its entry."""

    month: date
    digest: str


class Sealed(msgspec.Struct, frozen=True, tag="close.sealed"):
    """A closed month: on what it rests, its figures, the digests of its rows, and the close before.

    `print` is the fingerprint of all movements up to the month's end. `failed` names the checks that a close was
    forced over.
    """

    month: date
    as_of: datetime
    author: str
    reason: str
    failed: list[str]
    seq: int
    chain: str
    sources: list[str]
    policy: str
    policy_hash: str
    policy_version: int | None
    values: dict[str, Any]
    engine: str
    ledger_digest: str
    print: str
    rollforward: dict[str, int]
    metrics: dict[str, int | str | None]
    customers: int
    rows: list[Part]
    previous: Before | None


class Reopened(msgspec.Struct, frozen=True, tag="close.reopened"):
    """A closed month open again; `digest` (hex) is that of the entry that had sealed it."""

    month: date
    digest: str
    author: str
    reason: str


Decision = Proposed | Approved | Promoted | RolledBack | Sealed | Reopened
KINDS = tuple(str(kind.__struct_config__.tag) for kind in Decision.__args__)
ROWS = "close.rows"


class Approval(msgspec.Struct):
    """Who approved a version, why and when."""

    author: str
    reason: str
    approved_at: datetime


class Version(msgspec.Struct):
    """A version of the policy as it stands: what it says never changes, its stage does."""

    version: int
    name: str
    hash: str
    stage: Stage
    author: str
    reason: str
    owner: str
    review_on: date | None
    drift: str
    proposed_at: datetime
    values: dict[str, Any]
    approvals: list[Approval] = []
    from_month: date | None = None
    official_at: datetime | None = None
    measured: str | None = None

    def policy(self) -> Policy:
        """Raises PolicyError where this version of mrr knows one of its values no more."""
        return standard().differing(self.values, self.name)


class Policies(msgspec.Struct):
    """Every version of a book's policy, and how many approvals it takes to make one official.

    `working_copy` are the keys in which policy.toml differs from the official version; `review_due` the official
    version where its day of review has come.
    """

    official: int | None
    versions: list[Version]
    approvals_demanded: int
    working_copy: list[str]
    review_due: list[int]


class Term(NamedTuple):
    """From which month on which version holds; None: for all time before the next one."""

    from_month: date | None
    version: int


class Close(NamedTuple):
    """A closed month: what was sealed, by the seq and digest (hex) of the entry that did."""

    sealed: Sealed
    seq: int
    digest: str
    closed_at: datetime


class Act(NamedTuple):
    """A decision in its place in the journal."""

    seq: int
    recorded_at: datetime
    decision: Decision


class Governance:
    """The state to which all decisions up to `seq` came. `closes` are the months that are closed now, in order."""

    def __init__(self) -> None:
        self.seq = 0
        self.versions: dict[int, Version] = {}
        self.terms: list[Term] = []
        self.closes: list[Close] = []
        self.acts: list[Act] = []

    def catch_up(self, journal: Journal) -> bool:
        """Learn what was decided since. Says whether there was anything."""
        head = journal.head().seq
        if head == self.seq:
            return False
        entries = journal.told_by(SOURCE, KINDS, after=self.seq)
        self.learn(entries)
        self.seq = max([head, *(entry.seq for entry in entries)])
        return bool(entries)

    def learn(self, entries: Iterable[Entry]) -> None:
        """Take decisions in, in the order of seq."""
        for entry in entries:
            act = Act(entry.seq, instant(entry.recorded_at), decided(entry))
            self.acts.append(act)
            match act.decision:
                case Sealed() as sealed:
                    self.closes.append(Close(sealed, entry.seq, entry.digest.hex(), act.recorded_at))
                case Reopened():
                    self.closes.pop()
                case decision:
                    self._govern(decision, act.recorded_at)

    def _govern(self, decision: Proposed | Approved | Promoted | RolledBack, at: datetime) -> None:
        match decision:
            case Proposed() as new:
                terms = {name: getattr(new, name) for name in new.__struct_fields__}
                self.versions[new.version] = Version(**terms, stage="draft", proposed_at=at)
            case Approved(version, _, author, reason):
                self.versions[version].approvals.append(Approval(author, reason, at))
            case Promoted(version, stage, from_month, drift):
                meant = self.versions[version]
                meant.stage, meant.measured = stage, drift
                if stage == "official":
                    self._hold(version, from_month, at)
            case RolledBack(_, to_version, from_month):
                self._hold(to_version, from_month, at)

    def _hold(self, version: int, from_month: date | None, at: datetime) -> None:
        """A version holds from a month on, whatever was to hold then before."""
        if self.official is not None:
            self.official.stage = "retired"
        month = from_month or date.min
        self.terms = [term for term in self.terms if (term.from_month or date.min) < month]
        if not self.terms or self.terms[-1].version != version:
            self.terms.append(Term(from_month, version))
        meant = self.versions[version]
        meant.stage, meant.from_month, meant.official_at = "official", self.terms[-1].from_month, at

    @property
    def official(self) -> Version | None:
        """The version by which the book answers; None where there never was one."""
        return next((version for version in self.versions.values() if version.stage == "official"), None)

    @property
    def former(self) -> Version | None:
        """The version that was official when the present one became it: the one to roll back to."""
        held: list[int] = []
        for _, _, decision in self.acts:
            match decision:
                case Promoted(official, "official"):
                    held.append(official)
                case RolledBack():
                    held.pop()
        return self.versions[held[-2]] if len(held) > 1 else None

    def holds(self, month: date) -> Version | None:
        """The version that holds in a month; None where there never was an official one."""
        held = [term.version for term in self.terms if (term.from_month or date.min) <= month]
        return self.versions[held[-1]] if held else None

    def version(self, number: int) -> Version:
        """Raises WrongUse for a version that there is not."""
        if number not in self.versions:
            remedy = "`mrr policy list` shows them." if self.versions else "`mrr policy propose` makes the first."
            raise WrongUse(f"the policy has no version {number}", remedy=remedy)
        return self.versions[number]

    def closed(self, month: date) -> Close | None:
        """The close of a month, if it is closed now."""
        return next((close for close in self.closes if close.sealed.month == month), None)

    @property
    def last(self) -> Close | None:
        """The latest closed month."""
        return self.closes[-1] if self.closes else None


def decided(entry: Entry) -> Decision:
    """The decision that an entry records. Raises JournalDamaged for a body that is not what was written."""
    if body_digest(entry.body) != entry.body_digest:
        raise JournalDamaged(f"the body of entry {entry.seq} is not what was written: its digest is another")
    found: Decision = msgspec.json.decode(entry.body, type=Decision)
    return found


def record(decision: Decision, *about: object) -> Record:
    """A decision as the journal keeps it; `about` goes into its key."""
    kind = str(decision.__struct_config__.tag)
    return Record("/".join(map(str, (kind, *about))), kind, msgspec.json.encode(decision, order="sorted"))


def exceeds(drift: str, most: str) -> bool:
    """Whether a measured drift, whatever its sign, is more than a version may move."""
    return abs(Fraction(drift)) > Fraction(most)


def people(version: Version) -> Sequence[str]:
    """Who approved a version, its author left out, each once."""
    return list(dict.fromkeys(approval.author for approval in version.approvals if approval.author != version.author))
