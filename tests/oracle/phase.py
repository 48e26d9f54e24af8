"""In which phase of its life a subscription is at an instant: the boundaries of DESIGN §8 and the rulings on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.oracle.clock import local_day, midnight, period_end
from tests.oracle.policy import Policy
from tests.oracle.story import Item, Snapshot

# Phases: absent, incomplete, trialing, active, past_due, unpaid, paused, requested, ended.
OVER = frozenset({"requested", "ended"})
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Life:
    """The ordered facts of one subscription under one policy."""

    facts: list[Snapshot]
    policy: Policy

    def governing(self, at: datetime) -> int | None:
        """The index of the last fact at or before an instant; None before the first."""
        before = [index for index, fact in enumerate(self.facts) if fact.at <= at]
        return before[-1] if before else None

    def next(self, index: int) -> Snapshot | None:
        """The fact after one."""
        return self.facts[index + 1] if index + 1 < len(self.facts) else None

    def phase(self, at: datetime) -> str:
        """The phase at an instant."""
        index = self.governing(at)
        return "absent" if index is None else self.phase_within(index, at)

    def phase_within(self, index: int, at: datetime) -> str:
        """The phase at an instant, as the fact of an index and the one after it tell it."""
        ends = self.ends_at(index)
        if ends is not None and at >= ends:
            return "ended"
        if self._requested(index, at):
            return "requested"
        if self._paused(index, at):
            return "trialing" if self._unconverted(index) else "paused"
        fact = self.facts[index]
        if fact.status == "trialing":
            return "active" if self._converted(index, at) else "trialing"
        if self._unconverted(index) and self._never_converted(index):
            return "trialing"  # The end of a pause out of a trial is its conversion, and the next fact denies that.
        return "active" if fact.status == "paused" else fact.status

    # The end.

    def scheduled_end(self, index: int) -> datetime | None:
        """The scheduled end of a fact: cancel_at goes before cancel_at_period_end (A21); none in its past (A7)."""
        fact = self.facts[index]
        ends = fact.cancel_at
        if ends is None and fact.cancel_at_period_end and fact.period is not None:
            ends = fact.period[1]
        return ends if ends is not None and ends > fact.at else None

    def ends_at(self, index: int) -> datetime | None:
        """When the span of a fact is over, the subscription having ended; None where it lives to the next fact."""
        fact, later = self.facts[index], self.next(index)
        if fact.ended:
            return fact.at
        ends = self.scheduled_end(index)
        if later is None:
            return ends
        if not later.ended:
            return None  # A later snapshot that has not ended voids a scheduled end (DESIGN §8, A7).
        if later.ended_at is not None and later.ended_at <= later.at:
            return max(later.ended_at, fact.at)  # Moved to the fact's own date (A7), no further than f (A5).
        return ends if ends is not None and ends < later.at else None

    # The request (A14).

    def _carries(self, fact: Snapshot) -> bool:
        return fact.cancel_at is not None or fact.cancel_at_period_end

    def _is_term(self, index: int) -> bool:
        """A cancel_at carried without canceled_at ever since the first fact is a term, not a request (A14)."""
        run = self.facts[: index + 1]
        return all(f.cancel_at is not None and f.canceled_at is None and not f.cancel_at_period_end for f in run)

    def request_at(self, index: int) -> datetime | None:
        """When the cancellation that a fact carries was requested; None where it carries none (A14)."""
        fact = self.facts[index]
        if fact.ended:
            return fact.canceled_at
        if not self._carries(fact) or self._is_term(index):
            return None
        if fact.canceled_at is not None:
            return fact.canceled_at
        first = index
        while first > 0 and self._carries(self.facts[first - 1]) and not self.facts[first - 1].ended:
            first -= 1
        return fact.at if self._is_term(first) else self.facts[first].at

    def _requested(self, index: int, at: datetime) -> bool:
        """Out because of a request: the fact's own, or the next one's, back-dated into this span (A5, A14)."""
        if self.policy["churn_at"] != "request":
            return False
        own = self.request_at(index)
        if own is not None and at >= own:
            return True
        later = self.next(index)
        asked = self.request_at(index + 1) if later is not None else None
        return asked is not None and later is not None and asked < later.at and at >= asked

    # The pause and the trial.

    def _resumes_at(self, index: int) -> datetime | None:
        """The end of a fact's pause; void where the next fact is still paused (A7)."""
        fact, later = self.facts[index], self.next(index)
        if fact.resumes_at is None or fact.resumes_at <= fact.at:
            return None
        return None if later is not None and later.paused else fact.resumes_at

    def _paused(self, index: int, at: datetime) -> bool:
        fact = self.facts[index]
        if not fact.paused or fact.status in ("unpaid", "incomplete"):
            return False
        resumes = self._resumes_at(index)
        return resumes is None or at < resumes

    def _unconverted(self, index: int) -> bool:
        """In a trial, or paused out of one that had not converted (A22)."""
        fact = self.facts[index]
        if fact.status == "trialing":
            return True
        if index == 0 or not fact.paused or fact.ended:
            return False
        # A next fact that pauses the trial says that it never converted (A3).
        return self._unconverted(index - 1)

    def _converted(self, index: int, at: datetime) -> bool:
        """A trial converts by its boundary while the next fact is missing, or alive and out of trial (A3)."""
        fact, later = self.facts[index], self.next(index)
        ends = fact.trial_ends_at if fact.trial_ends_at is not None and fact.trial_ends_at > fact.at else None
        if self._never_converted(index):
            return False
        if later is not None:
            own = later.trial_ends_at
            if own is not None and fact.at < own <= later.at:
                ends = own  # Moved to the next fact's own date (A7).
        return ends is not None and at >= ends

    def _never_converted(self, index: int) -> bool:
        """Whether the next fact says that the trial of a fact did not convert before it (A3)."""
        later = self.next(index)
        return later is not None and (later.ended or later.paused or later.status in ("trialing", "incomplete"))

    # What counts.

    def grace_ends_at(self, index: int) -> datetime | None:
        """Local midnight of day D + N of an unbroken past-due run (A4); None where all or nothing counts."""
        grace = self.policy["status.past_due"]
        if grace in ("include", "exclude"):
            return None
        first = index
        while first > 0 and self.facts[first - 1].status == "past_due":
            first -= 1
        zone = self.policy.zone
        return midnight(local_day(self.facts[first].at, zone) + timedelta(days=int(grace)), zone)

    def counts(self, at: datetime) -> bool:
        """Whether the subscription counts at an instant; the tail of `paid_through` is `tail_of`'s matter."""
        phase = self.phase(at)
        if phase in ("trialing", "unpaid"):
            return bool(self.policy[f"status.{phase}"] == "include")
        if phase == "paused":
            return bool(self.policy["status.paused"] == "keep")
        if phase == "past_due":
            index = self.governing(at)
            assert index is not None
            ends = self.grace_ends_at(index)
            return self.policy["status.past_due"] == "include" if ends is None else at < ends
        return phase == "active"

    # paid_through (A6).

    def last_stretch(self, at: datetime) -> tuple[int, datetime] | None:
        """Of a subscription that is over: the last fact under which it lived, and when that ended."""
        index = self.governing(at)
        while index is not None and index >= 0:
            ends = self.ends_at(index)
            if ends is None:
                ends = self.facts[index + 1].at
            if ends > self.facts[index].at:
                return index, ends
            index -= 1
        return None

    def tail_of(self, item: Item, at: datetime) -> bool:
        """Whether a level of an ended subscription is still paid for at an instant (A6)."""
        stretch = self.last_stretch(at)
        if self.policy["churn_at"] != "paid_through" or stretch is None:
            return False
        index, ended = stretch
        if self.phase_within(index, ended - TICK) in ("trialing", "past_due", "unpaid"):
            return False
        period = item.period or self.facts[index].period
        if not self.counts(ended - TICK) or period is None or item.offer.interval is None:
            return False
        return at < period_end(period, item.offer.interval, item.offer.interval_count, ended, strictly=False)
