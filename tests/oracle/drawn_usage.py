"""Draws what is used of metered items, told as quantities or billed, and policies under which it counts."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.oracle.drawn_money import money_stories
from tests.oracle.drawn_terms import Fact
from tests.oracle.grid import GRID, iso
from tests.oracle.stories import stories

USAGE: list[Any] = ["last", *({"average": months} for months in (1, 2, 3, 4))]
QUANTITIES = ("1", "2", "3", "7.5", "10", "10.25", "11", "0", "0.000001", "125")


def _used(draw: st.DrawFn, facts: list[Fact]) -> list[Fact]:
    """Quantities of items that some snapshot lists, hardly ever of one that none does; most name what they are of."""
    snapshots = [fact for fact in facts if fact["fact"] == "subscription"]
    places: list[tuple[Fact, Fact]] = [(fact, item) for fact in snapshots for item in fact["items"]]
    metered = [place for place in places if place[1].get("usage_type") == "metered"]
    found: list[Fact] = []
    for number in range(draw(st.integers(2, 7)) if places else 0):
        among = metered if metered and draw(st.integers(0, 9)) > 0 else places
        fact, item = draw(st.sampled_from(among))
        names = {"subscription": fact["subscription"], "item": item["item"]}
        kept: tuple[str, ...] = draw(
            st.sampled_from([("subscription", "item"), ("subscription", "item"), ("item",), ("subscription",), ()])
        )
        used: Fact = {"fact": "usage", "usage": f"u{number}", "customer": fact["customer"], "meter": "calls"}
        used |= {key: names[key] for key in kept}
        found.append(
            {**used, "quantity": draw(st.sampled_from(QUANTITIES)), "effective_at": iso(draw(st.sampled_from(GRID)))}
        )
    return found


@st.composite
def usage_stories(draw: st.DrawFn, /, **more: Any) -> dict[str, Any]:
    """A story of metered items under a policy that counts their usage, on basis subscription; `more` as of stories."""
    story = draw(stories(**{"often_metered": True, **more}))
    return _counted(draw, story)


@st.composite
def metered_stories(draw: st.DrawFn, /) -> dict[str, Any]:
    """The same around bills, on either basis."""
    return _counted(draw, draw(money_stories(metered=True)))


def _counted(draw: st.DrawFn, story: dict[str, Any]) -> dict[str, Any]:
    facts = [*story["facts"], *_used(draw, story["facts"])]
    return {
        **story,
        "facts": draw(st.permutations(facts)),
        "policy": {**story["policy"], "usage": draw(st.sampled_from(USAGE))},
    }
