"""Draws whole stories for Hypothesis: small, and as nasty as the rulings allow without leaving the outcome open.

No drawn story depends on the digest of a conflict (A1), on a rate that is missing, or on two facts about one
attribute at one instant.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.oracle.drawn_life import Walk, life
from tests.oracle.drawn_policy import NETTING, WORTH, policies
from tests.oracle.drawn_terms import Fact, Features
from tests.oracle.grid import AS_OF, GRID, iso

CUSTOMERS = ("acme", "beta", "coco")
RATE_DAYS = ("2025-01-15", "2025-01-31", "2025-02-10", "2025-02-28", "2025-03-09", "2025-03-31", "2025-04-30")
FACTORS = ("1", "1.1", "0.95", "1.5")


def _subscriptions(draw: st.DrawFn, features: Features, customers: list[str], at_most: int) -> list[list[Fact]]:
    """One to three subscriptions, each of a home customer; only owner changes lead to another."""
    lives: list[list[Fact]] = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        homes = customers if features.owners else [draw(st.sampled_from(customers))]
        lives.append(life(Walk(draw, features, f"S{number}", homes), at_most))
    return lives


def _attributes(draw: st.DrawFn, customers: list[str]) -> list[Fact]:
    """Attribute facts, dated or not; no two of one story speak of the same key at the same instant."""
    facts: list[Fact] = []
    taken: set[tuple[str, str | None]] = set()
    pairs = [("segment", "small"), ("segment", "large")] * 4 + [("country", "DE"), ("test", True)]
    for _ in range(draw(st.integers(0, 4))):
        key, value = draw(st.sampled_from(pairs))
        at = draw(st.none() | st.sampled_from(GRID))
        written = iso(at) if at is not None else None
        if (key, written) not in taken:
            taken.add((key, written))
            dated = {"effective_at": written} if written else {}
            facts.append({"fact": "customer", "customer": draw(st.sampled_from(customers)), **dated,
                          "attributes": {key: value}})  # fmt: skip
    return facts


def _identity(draw: st.DrawFn, features: Features, customers: list[str], names: list[str]) -> list[Fact]:
    """A merge without a cycle or a second target, and a subscription that continues another."""
    facts: list[Fact] = []
    if features.merges and len(customers) > 1 and draw(st.integers(0, 3)) == 3:
        facts.append({"fact": "merge", "from": customers[-1], "into": draw(st.sampled_from(customers[:-1]))})
    if features.continues and len(names) > 1 and draw(st.integers(0, 2)) == 2:
        at = iso(draw(st.sampled_from(GRID)))
        facts.append({"fact": "continues", "old": names[0], "new": names[1], "at": at})
    return facts


def _rates(draw: st.DrawFn, reporting: str) -> list[list[str]]:
    """A rate of every currency before the first instant of the grid, and some later ones."""
    rates: list[list[str]] = []
    for currency, worth in WORTH[reporting].items():
        rates.append(["2024-11-30", currency, worth])
        for day in draw(st.lists(st.sampled_from(RATE_DAYS), unique=True, max_size=3)):
            factor = draw(st.sampled_from(FACTORS))
            rates.append([day, currency, str(Decimal(worth) * Decimal(factor))])
    return rates


def _delivered(draw: st.DrawFn, features: Features, facts: list[Fact]) -> list[Fact]:
    """The facts as they arrive: in any order, and one of them twice; neither may matter (DESIGN §11, 2)."""
    if not features.shuffled:
        return facts
    again = draw(st.sampled_from(facts))
    return draw(st.permutations([*facts, again]))


@st.composite
def stories(
    draw: st.DrawFn,
    /,
    *,
    netting: tuple[str, ...] = tuple(NETTING),
    policy_keys: tuple[str, ...] | None = None,
    facts_at_most: int = 8,
    **features: bool,
) -> dict[str, Any]:
    """A story as the mapping of a scenario file, without its answers.

    `netting` names keys of NETTING; `policy_keys` (None: all) are the other keys that may differ from the standard;
    every field of Features is a switch, `stories(fx=False, discounts=False)`.
    """
    wanted = Features(**features)
    customers = list(CUSTOMERS[: draw(st.integers(1, 3))])
    lives = _subscriptions(draw, wanted, customers, facts_at_most)
    names = [facts[0]["subscription"] for facts in lives]
    facts = [fact for one in lives for fact in one]
    facts += _attributes(draw, customers) if wanted.attributes else []
    facts += _identity(draw, wanted, customers, names)
    policy = draw(policies(wanted.fx, netting, policy_keys))
    return {
        "policy": policy,
        "rates": _rates(draw, str(policy.get("currency", "USD"))) if wanted.fx else [],
        "facts": _delivered(draw, wanted, facts),
        "as_of": iso(draw(st.sampled_from(AS_OF))),
    }


def filters() -> st.SearchStrategy[dict[str, str]]:
    """Filters of a roll-forward that fit the drawn stories, the empty one among them."""
    chosen: list[dict[str, str]] = [{}, {"product": "pro"}, {"currency": "EUR"}, {"subscription": "S1"}]
    chosen += [{"segment": "small"}, {"segment": "large"}, {"product": "max", "segment": "small"}]
    return st.sampled_from(chosen)
