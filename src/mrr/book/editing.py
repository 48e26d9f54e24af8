"""Verbs that edit: nothing is changed in place, each appends what a person said, with author and reason."""

from collections.abc import Mapping
from typing import Any

import msgspec

import mrr.book.clock as clock
from mrr.book.desk import Desk
from mrr.derivation import ingest
from mrr.errors import WrongUse
from mrr.keeper import verb
from mrr.period import instant
from mrr.reports import edited, proposing
from mrr.reports.edited import Edited
from mrr.reports.proposing import Told

SOURCE = "edits"


class Editing(Desk):
    """What people say of the book itself. Each verb raises WrongUse where an edit cannot be, and then says nothing."""

    def exclude(self, *, customer: str, author: str, reason: str) -> Edited:
        """Take a customer out for its whole life, whatever the policy."""
        return self._said("exclude", author, reason, customer=customer)

    def include(self, *, customer: str, author: str, reason: str) -> Edited:
        """Bring a customer back that an attribute or an edit excludes."""
        return self._said("include", author, reason, customer=customer)

    def merge(self, *, customer: str, into: str, author: str, reason: str) -> Edited:
        """Say that a customer is, and always was, another."""
        return self._said("merge", author, reason, customer=customer, into=into)

    def continues(self, *, old: str, new: str, at: str, author: str, reason: str) -> Edited:
        """Say that a subscription takes the place of another from an instant on."""
        return self._said("continue", author, reason, old=old, new=new, at=at)

    def correct(
        self, *, entry: int, author: str, reason: str, changes: Mapping[str, str] | None = None, drop: bool = False
    ) -> Edited:
        """Lay another fact over what an entry told, its values by path; or set the entry aside."""
        return self._said("correct", author, reason, entry=entry, changes=dict(changes or {}), drop=drop)

    def decide(self, *, entry: int, author: str, reason: str) -> Edited:
        """Let an entry stand where others contradict it."""
        return self._said("decide", author, reason, entry=entry)

    def revert(self, *, edit: int, author: str, reason: str) -> Edited:
        """Take an edit back; the revert of a revert restores."""
        return self._said("revert", author, reason, edit=edit)

    @verb
    def edits(self) -> list[Edited]:
        """Every edit in its order, whether it stands or not."""
        return edited.edited(self.prepared())

    @verb
    def told(self, *, entry: int) -> list[Told]:
        """What an entry tells, as it counts now: each value by the path under which `correct` takes it."""
        return proposing.told(self._checked(), entry)

    @verb
    def entry_in_force(self, *, subscription: str, at: str) -> int:
        """The entry that tells how a subscription is at an instant."""
        return proposing.entry_of(self._checked(), subscription, at)

    @verb
    def proposed(self, *, verb: str, words: dict[str, Any]) -> dict[str, Any]:
        """What the body of an edit would say, checked against the ledger. Nothing is appended."""
        return proposing.propose(self._checked(), verb, words)

    def _checked(self) -> proposing.Desk:
        return proposing.Desk(self.prepared(), self.journal, self.policy["timezone"])

    def _said(self, name: str, author: str, reason: str, **words: Any) -> Edited:
        for what, text in (("author", author), ("reason", reason)):
            if not text.strip():
                raise WrongUse(f"an edit needs its {what}", remedy=_REMEDIES[what])
        body = self.proposed(verb=name, words=words)
        now = clock.now_micros()
        said = {"author": author, "reason": reason, "said_at": f"{instant(now).isoformat()}Z"}
        told = msgspec.json.encode({"edit": name, "version": 1, **body, **said})
        (receipt,) = ingest.append(self.journal, SOURCE, [told], now=lambda: now)
        return next(edit for edit in self.edits() if edit.seq == receipt.seqs[0])


_REMEDIES = {"author": "Give --author, or set MRR_AUTHOR.", "reason": "Give --reason: it stays with the edit."}
