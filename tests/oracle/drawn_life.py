"""Draws the life of one subscription: a walk of snapshots, each a small change of the one before."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import strategies as st

from tests.oracle.drawn_terms import Fact, Features, drop_discount, drop_passed, items_change, new_discount, new_items
from tests.oracle.grid import GRID, after, iso, period_from, renewed, upto, when

ENDED = ("canceled", "incomplete_expired")
ALIVE = ("active", "active", "past_due", "unpaid")


@dataclass
class Walk:
    """One subscription on its way: the features wanted, its name, and its customers."""

    draw: st.DrawFn
    features: Features
    subscription: str
    customers: list[str]
    facts: list[Fact] = field(default_factory=list)


def _first(walk: Walk, at: datetime) -> Fact:
    """The first snapshot: active, or incomplete, or in a trial."""
    draw, features = walk.draw, walk.features
    currency = draw(st.sampled_from(["USD", "EUR", "JPY"])) if features.fx else "USD"
    statuses = ["active", "active", "active", "incomplete"] + ["trialing"] * (2 * features.trials)
    items = new_items(draw, features, walk.subscription, currency)
    fact: Fact = {
        "fact": "subscription",
        "customer": draw(st.sampled_from(walk.customers)),
        "subscription": walk.subscription,
        "effective_at": iso(at),
        "status": draw(st.sampled_from(statuses)),
        "currency": currency,
        "items": items,
        "period": period_from(draw(st.sampled_from([at, *upto(at)[:2]])), items[0]),
        "discounts": [],
        "change": "created",
    }
    if fact["status"] == "trialing":
        fact["trial_ends_at"] = iso(draw(st.sampled_from(after(at)[:60])))
        fact["period"] = [iso(at), fact["trial_ends_at"]]
    if features.discounts and draw(st.booleans()):
        new_discount(draw, fact, at)
    if features.cancels and draw(st.integers(0, 5)) == 5:
        _schedule_end(walk, fact, at)
    return fact


# What can happen to a subscription; each changes the fact in place.


def _renew(walk: Walk, fact: Fact, at: datetime) -> None:
    fact["period"] = renewed(fact["period"], fact["items"][0], at)


def _change_items(walk: Walk, fact: Fact, at: datetime) -> None:
    items_change(walk.draw, walk.features, fact, at)


def _change_status(walk: Walk, fact: Fact, at: datetime) -> None:
    draw = walk.draw
    choices = [*ALIVE, *(["trialing", "active"] if walk.features.trials else [])]
    choices += ["paused"] if walk.features.pauses else []
    fact["status"] = draw(st.sampled_from(choices))
    fact.pop("pause", None)
    if fact["status"] == "trialing":
        fact["trial_ends_at"] = iso(draw(st.sampled_from(after(at)[:40])))
    elif fact.get("trial_ends_at") and draw(st.booleans()):
        fact["trial_ends_at"] = iso(draw(st.sampled_from(upto(at)[:20])))


def _pause(walk: Walk, fact: Fact, at: datetime) -> None:
    if fact.pop("pause", None) is None and fact["status"] in ("active", "trialing"):
        resumes = walk.draw(st.none() | st.sampled_from(after(at)[:40]))
        fact["pause"] = {"resumes_at": iso(resumes) if resumes else None}


def _schedule_end(walk: Walk, fact: Fact, at: datetime) -> None:
    """A cancellation is asked for, or taken back."""
    draw = walk.draw
    asked = fact.pop("cancel_at", None) or fact.pop("cancel_at_period_end", None)
    fact.pop("canceled_at", None)
    if asked:
        return
    if draw(st.booleans()):
        fact["cancel_at"] = iso(draw(st.sampled_from(after(at)[:60])))
    else:
        fact["cancel_at_period_end"] = True
    if draw(st.booleans()):
        fact["canceled_at"] = iso(draw(st.sampled_from(upto(at)[:20])))


def _end(walk: Walk, fact: Fact, at: datetime) -> None:
    draw = walk.draw
    fact["status"] = "incomplete_expired" if fact["status"] == "incomplete" else "canceled"
    ended = draw(st.sampled_from([at, at, *upto(at)[:30]]))
    asked = draw(st.sampled_from([at, *upto(ended)[:20]]))
    fact["canceled_at"] = fact.get("canceled_at") or iso(min(asked, ended))
    if draw(st.integers(0, 3)):
        fact["ended_at"] = iso(ended)
    if draw(st.integers(0, 2)):
        fact.pop("pause", None)
    fact["change"] = "deleted"


def _discount(walk: Walk, fact: Fact, at: datetime) -> None:
    if fact["discounts"] and walk.draw(st.booleans()):
        drop_discount(walk.draw, fact)
    else:
        new_discount(walk.draw, fact, at)


def _owner(walk: Walk, fact: Fact, at: datetime) -> None:
    fact["customer"] = walk.draw(st.sampled_from(walk.customers))


def _truncate(walk: Walk, fact: Fact, at: datetime) -> None:
    if len(fact["items"]) > 1:
        fact["items"] = fact["items"][:1]
        fact["has_more"] = True


Happening = Callable[[Walk, Fact, datetime], None]


def _happenings(features: Features) -> list[Happening]:
    happenings: list[Happening] = [_renew, _change_items, _change_items, _change_items]
    optional: list[tuple[bool, list[Happening]]] = [
        (features.statuses, [_change_status, _change_status]),
        (features.pauses, [_pause]),
        (features.cancels, [_schedule_end, _end]),
        (features.discounts, [_discount, _discount]),
        (features.owners, [_owner]),
        (features.truncated, [_truncate]),
    ]
    return happenings + [one for wanted, some in optional if wanted for one in some]


def _tidied(fact: Fact, at: datetime) -> None:
    """Takes back what the next snapshot would not say any more: scheduled dates that have passed."""
    drop_passed(fact, at)
    if fact.get("cancel_at") and when(fact["cancel_at"]) <= at:
        fact.pop("cancel_at")
        fact.pop("canceled_at", None)
    if fact["status"] == "trialing" and when(fact["trial_ends_at"]) <= at:
        fact["status"] = "active"
    pause = fact.get("pause")
    if pause and pause["resumes_at"] and when(pause["resumes_at"]) <= at:
        fact.pop("pause")


def _alive_again(walk: Walk, fact: Fact) -> None:
    """A fact after an end is another word on the end, or the subscription is alive again."""
    if fact["status"] in ENDED and walk.draw(st.booleans()):
        fact["status"] = "active"
        for key in ("ended_at", "canceled_at", "cancel_at", "cancel_at_period_end", "pause"):
            fact.pop(key, None)


def _next(walk: Walk, before: Fact, at: datetime) -> Fact:
    draw = walk.draw
    fact = deepcopy(before)
    fact.pop("has_more", None)
    fact.pop("previous", None)
    fact |= {"effective_at": iso(at), "change": "updated"}
    _alive_again(walk, fact)
    _tidied(fact, at)
    if fact["status"] == "incomplete" and draw(st.booleans()):
        fact["status"] = "active"
    if draw(st.booleans()):
        _renew(walk, fact, at)
    if fact["status"] not in ENDED:
        for happening in draw(st.lists(st.sampled_from(_happenings(walk.features)), min_size=1, max_size=3)):
            if fact["status"] not in ENDED:
                happening(walk, fact, at)
    return fact


WRITTEN_APART = ("change", "previous", "effective_at")


def said(fact: Fact) -> Fact:
    """What a snapshot says of the subscription, without what orders it among others."""
    return {key: value for key, value in fact.items() if key not in WRITTEN_APART}


def _ordered_within(group: list[Fact], fact: Fact) -> bool:
    """Lets a fact follow others of its instant: by previous values, or refuses it where it would be a conflict."""
    if not group:
        return True
    before = group[-1]
    if before["change"] == "deleted" or any(said(other) == said(fact) for other in group):
        return False
    if fact["change"] == "updated":
        now, then = said(fact), said(before)
        fact["previous"] = {key: then.get(key) for key in sorted(set(now) | set(then)) if now.get(key) != then.get(key)}
    return True


def life(walk: Walk, at_most: int) -> list[Fact]:
    """The facts of one subscription, in order; at most so many."""
    instants = sorted(walk.draw(st.lists(st.sampled_from(GRID), min_size=min(3, at_most), max_size=at_most)))
    if not walk.features.same_instant:
        instants = sorted(set(instants))
    for at in instants:
        fact = _next(walk, walk.facts[-1], at) if walk.facts else _first(walk, at)
        group = [other for other in walk.facts if other["effective_at"] == fact["effective_at"]]
        if _ordered_within(group, fact):
            walk.facts.append(fact)
    return walk.facts
