"""Verbs that govern: versions of the policy from draft to retired, and what deciding otherwise would be worth."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import mrr.book.clock as clock
from mrr import ledger_words
from mrr.book.desk import Desk
from mrr.controls import pricing
from mrr.controls.pricing import Priced, Shadowed, Trial, percent
from mrr.dates import first_day
from mrr.errors import BookError, MrrError, PolicyError, WrongUse
from mrr.governance import (
    SOURCE,
    Approved,
    Decision,
    Policies,
    Promoted,
    Proposed,
    RolledBack,
    Version,
    exceeds,
    people,
    record,
)
from mrr.keeper import POLICY, verb, working_copy
from mrr.period import local_day, next_period
from mrr.policy import Policy, policy_text, standard

# By what share a new version may move the ending MRR where neither the book nor the proposal says otherwise.
DRIFT = "1%"
# How long a version may stand until somebody looks at it again, unless its proposal says otherwise.
REVIEW = timedelta(days=365)


class Governing(Desk):
    """Who decided what MRR is, and what deciding otherwise would mean."""

    @verb
    def policies(self) -> Policies:
        """Every version with its stage, and in what policy.toml differs from the official one."""
        official = self.governed.official
        return Policies(
            official=official.version if official else None,
            versions=list(self.governed.versions.values()),
            approvals_demanded=self._demanded(),
            working_copy=self.working_copy_differs(),
            review_due=[
                version.version
                for version in self.governed.versions.values()
                if version.stage == "official" and version.review_on and version.review_on <= self._today()
            ],
        )

    def working_copy_differs(self) -> list[str]:
        """The keys in which policy.toml differs from the official version, which alone counts; none without one."""
        official = self.governed.official
        if official is None:
            return []
        try:
            return list(pricing.differing(official.policy(), working_copy(self.folder)))
        except PolicyError as error:
            return [str(error)]

    def meant(self, words: str) -> Policy:
        """A policy in words: `now`, a version (`v2`), a preset or a file, each with `,KEY=VALUE` behind it.

        Raises WrongUse or PolicyError for what is none.
        """
        self.governed.catch_up(self.journal)
        ledger = ledger_words.named(words, self)
        if ledger.sources is not None or not ledger.is_prefix or ledger.seq != self.journal.head().seq:
            raise WrongUse(f"{words!r} says more than a policy", remedy="Name a version, a preset or a file.")
        return ledger.policy

    def propose(
        self,
        *,
        policy: Policy | None = None,
        author: str,
        reason: str,
        owner: str = "",
        review_on: str | None = None,
        drift: str | None = None,
    ) -> Version:
        """Make a new version, a draft, of this policy; else of policy.toml.

        `drift` is the largest share by which it may move the ending MRR. Raises WrongUse where nothing would change.
        """
        wanted = policy or working_copy(self.folder)
        return self.draft(
            name=wanted.name,
            values=dict(wanted.values),
            author=_who(author),
            reason=_why(reason),
            owner=owner,
            review_on=review_on,
            drift=str(_share(drift)) if drift else None,
        )

    @verb
    def draft(
        self,
        *,
        name: str,
        values: dict[str, Any],
        author: str,
        reason: str,
        owner: str = "",
        review_on: str | None = None,
        drift: str | None = None,
    ) -> Version:
        """The same of a policy's values."""
        wanted, official = standard().differing(values, name), self.governed.official
        same = [version for version in self.governed.versions.values() if version.hash == wanted.hash]
        standing = next((version for version in same if version.stage != "retired"), None)
        if standing is not None:
            raise WrongUse(
                f"version {standing.version} ({standing.stage}) says exactly this",
                remedy="Change a key first, or go on with that version.",
            )
        number = len(self.governed.versions) + 1
        drift = drift or str(_share(str(self._settings().get("drift", DRIFT))))
        review = first_day(review_on) or self._today() + REVIEW
        who = owner or (official.owner if official else author)
        terms = (number, wanted.name, wanted.hash, dict(wanted.values), author, reason, who, review, drift)
        self._decide(Proposed(*terms), number)
        return self.governed.version(number)

    @verb
    def approve(self, *, version: int, author: str, reason: str) -> Version:
        """Give one's word for a draft or shadow. Raises WrongUse for one's own where a second person is demanded."""
        meant = self._open(version)
        if self._demanded() and _who(author) == meant.author:
            raise WrongUse(
                f"version {version} is {author}'s own proposal, and this book demands a second person",
                remedy="Have somebody else approve it.",
            )
        if any(approval.author == author for approval in meant.approvals):
            raise WrongUse(f"{author} has approved version {version} already", remedy="`mrr policy promote` goes on.")
        self._decide(Approved(version, meant.hash, author, _why(reason)), version, author)
        return meant

    @verb
    def promote(self, *, version: int, author: str, reason: str, from_month: str | None = None) -> Version:
        """Take a version one stage further: a draft becomes a shadow, a shadow official, from a month on.

        Raises MrrError where approvals lack, or where it moves the ending MRR by more than it may.
        """
        meant = self._open(version)
        _who(author)
        self._refuse_unapproved(meant)
        drift = self._measured(meant)
        if meant.stage == "draft":
            self._decide(Promoted(version, "shadow", None, drift, author, _why(reason)), version, "shadow")
            return meant
        month = self._effective(from_month)
        former = self.policy
        self._decide(Promoted(version, "official", month, drift, author, _why(reason)), version, "official")
        self._follow(former)
        return meant

    @verb
    def rollback(self, *, author: str, reason: str) -> Version:
        """Put back the version that was official before, from the month on from which the present one holds.

        Months that were closed meanwhile keep the policy that they were closed by. Raises WrongUse without a former.
        """
        present, back = self.governed.official, self.governed.former
        if present is None or back is None:
            raise WrongUse("there is no version to roll back to", remedy="`mrr policy list` shows them.")
        open_from = self._first_open()
        month = max(filter(None, (present.from_month, open_from)), default=None)
        former = self.policy
        self._decide(RolledBack(present.version, back.version, month, _who(author), _why(reason)), present.version)
        self._follow(former)
        return back

    def try_policy(self, *, policy: Policy, as_of: str | None = None) -> Trial:
        """What the book would say under another policy, beside the official one."""
        return self.tried(name=policy.name, values=dict(policy.values), as_of=as_of)

    @verb
    def tried(self, *, name: str, values: dict[str, Any], as_of: str | None = None) -> Trial:
        """The same of a policy's values."""
        return self._tried(standard().differing(values, name), as_of)

    @verb
    def shadow_drift(self, *, as_of: str | None = None) -> list[Shadowed]:
        """Each shadow version beside the official one, on what is known now; whether it drifts further than it may."""
        found = []
        for one in self.governed.versions.values():
            if one.stage == "shadow":
                trial = self._tried(one.policy(), as_of)
                found.append(Shadowed(one.version, one.drift, exceeds(trial.drift, one.drift), trial))
        return found

    @verb
    def price(self, *, keys: Sequence[str] = (), as_of: str | None = None) -> list[Priced]:
        """What each other value of each key would be worth: the difference of closing MRR and of the movements."""
        head, warehouse = self.journal.head(), self.prepared()
        return pricing.priced(warehouse, self.policy, head.seq, self._moment(as_of), keys, self.progress)

    def _tried(self, policy: Policy, as_of: str | None = None) -> Trial:
        head, warehouse = self.journal.head(), self.prepared()
        return pricing.tried(warehouse, self.policy, policy, head.seq, self._moment(as_of))

    def _open(self, number: int) -> Version:
        """A version that can still be decided on."""
        meant = self.governed.version(number)
        if meant.stage in ("official", "retired"):
            raise WrongUse(f"version {number} is {meant.stage}", remedy="Propose a new version to change the policy.")
        return meant

    def _refuse_unapproved(self, meant: Version) -> None:
        lacking = self._demanded() - len(people(meant))
        if lacking > 0:
            raise MrrError(
                f"version {meant.version} lacks {lacking} approval{'s' if lacking > 1 else ''} by somebody "
                f"other than {meant.author}",
                remedy=f"`mrr policy approve {meant.version}`",
            )

    def _measured(self, meant: Version) -> str:
        """By what share a version moves the ending MRR. Raises MrrError where that is more than it may."""
        trial = self._tried(meant.policy())
        if exceeds(trial.drift, meant.drift):
            raise MrrError(
                f"version {meant.version} moves the ending MRR by {percent(trial.drift)}, more than the "
                f"{percent(meant.drift)} that its proposal allows",
                remedy="`mrr policy try` shows by what; where that is meant, propose it with --drift.",
            )
        return trial.drift

    def _effective(self, from_month: str | None) -> date | None:
        """From which month on a version holds: the first official one for all time, others from an open month."""
        if self.governed.official is None:
            if from_month is not None:
                raise WrongUse("the first official version holds for all time", remedy="Leave --from out.")
            return None
        this, open_from = self._today().replace(day=1), self._first_open()
        month = first_day(from_month) or max(this, open_from or this)
        if month.day != 1 or month > next_period(this, "month"):
            raise WrongUse(f"{month} is no month that a policy can hold from", remedy="Name a month up to the next.")
        if open_from is not None and month < open_from:
            raise WrongUse(f"{month:%Y-%m} is closed", remedy=f"Promote it from {open_from:%Y-%m} on, or reopen.")
        return month

    def _first_open(self) -> date | None:
        """The month after the last closed one; None where none is closed."""
        last = self.governed.last
        return next_period(last.sealed.month, "month") if last is not None else None

    def _decide(self, decision: Decision, *about: object) -> None:
        self.journal.append(SOURCE, [record(decision, *about)], clock.now_micros())
        self.policy = self._governing() or self.policy

    def _follow(self, former: Policy) -> None:
        """Let policy.toml say what is official now, unless it holds changes that somebody made."""
        if working_copy(self.folder).hash == former.hash:
            (self.folder / POLICY).write_text(policy_text(self.policy), encoding="utf-8")

    def _today(self) -> date:
        return local_day(clock.now(), self.policy["timezone"])

    def _settings(self) -> Mapping[str, Any]:
        """What mrr.toml says of how its policy is governed."""
        found = self.settings.get("policy", {})
        unknown = found.keys() - {"approvals", "drift"} if isinstance(found, Mapping) else {"policy"}
        if unknown:
            raise BookError(f"mrr.toml: {min(unknown)} is no setting of [policy]", remedy="It has approvals and drift.")
        return dict(found)

    def _demanded(self) -> int:
        number = self._settings().get("approvals", 0)
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise BookError(f"mrr.toml: approvals = {number!r} is no number of people", remedy="Write 0, 1, 2 …")
        return number


def _share(text: str) -> Fraction:
    """`1%` or `0.01` as a share of 1. Raises WrongUse."""
    try:
        share = Fraction(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError) as error:
        raise WrongUse(f"{text!r} is no share", remedy="Write it as 1% or 0.01.") from error
    if not 0 <= share <= 10:
        raise WrongUse(f"{text!r} is no share", remedy="Write something from 0% to 1000%.")
    return share


def _who(author: str) -> str:
    if not author.strip():
        raise WrongUse("a decision needs somebody who makes it", remedy="Name them with --author.")
    return author


def _why(reason: str) -> str:
    if not reason.strip():
        raise WrongUse("a decision needs a reason", remedy="Give it with --reason.")
    return reason
