"""Delivery: duplicates, lateness and shuffling change order and number, never what is said."""

from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from mrr.errors import WrongUse
from mrr.simulate import company, delivered
from mrr.simulate.state import Body


def events() -> Iterator[Body]:
    """A small company's stream."""
    return company(8, 60, invoices=False).events()


def ids(bodies: Iterator[bytes]) -> list[str]:
    """The ids in the order of delivery."""
    return [msgspec.json.decode(body)["id"] for body in bodies]


IN_ORDER = [event["id"] for event in events()]


def test_by_default_each_once_in_order() -> None:
    bodies = list(delivered(events(), seed=1))
    assert ids(iter(bodies)) == IN_ORDER
    assert [msgspec.json.decode(body) for body in bodies] == list(events())


def test_duplicates_are_equal_or_differ_in_pending_webhooks_alone() -> None:
    copies: dict[str, list[Body]] = {}
    exact = Counter[bytes]()
    for body in delivered(events(), seed=1, duplicates=0.2):
        exact[body] += 1
        event = msgspec.json.decode(body)
        copies.setdefault(event["id"], []).append(event)
    twice = [found for found in copies.values() if len(found) == 2]
    assert 0.15 < len(twice) / len(IN_ORDER) < 0.25
    assert sorted(copies) == sorted(IN_ORDER)
    others = [found for found in twice if found[0] != found[1]]
    assert len(others) + sum(count == 2 for count in exact.values()) == len(twice)
    assert others
    for one, other in others:
        assert {**one, "pending_webhooks": 0} == {**other, "pending_webhooks": 0}


def test_late_ones_come_much_later_and_none_is_lost() -> None:
    found = ids(delivered(events(), seed=1, late=0.05))
    assert sorted(found) == sorted(IN_ORDER)
    place = {identity: number for number, identity in enumerate(found)}
    behind = [place[identity] - number for number, identity in enumerate(IN_ORDER)]
    assert sum(later > 300 for later in behind) > len(IN_ORDER) / 50


def test_shuffled_wholly_or_within_bounds() -> None:
    wholly = ids(delivered(events(), seed=1, shuffled=True))
    within = ids(delivered(events(), seed=1, shuffled=True, within=20))
    assert sorted(wholly) == sorted(within) == sorted(IN_ORDER)
    place = {identity: number for number, identity in enumerate(IN_ORDER)}
    assert max(abs(place[identity] - number) for number, identity in enumerate(wholly)) > len(IN_ORDER) / 2
    assert within != IN_ORDER
    assert all(place[identity] - number <= 20 for number, identity in enumerate(within))


def test_the_same_seed_delivers_alike() -> None:
    one, other, third = (
        list(delivered(events(), seed=seed, duplicates=0.1, late=0.1, shuffled=True)) for seed in (1, 1, 2)
    )
    assert one == other != third


@pytest.mark.parametrize("wish", [{"duplicates": 1.5}, {"late": -0.1}, {"shuffled": True, "within": 0}])
def test_impossible_wishes_are_refused(wish: dict[str, float]) -> None:
    with pytest.raises(WrongUse):
        delivered(events(), 1, **wish)  # type: ignore[arg-type]
