"""How webhooks arrive: twice, late and out of order, as bytes."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from random import Random

import msgspec

from mrr.errors import WrongUse
from mrr.simulate.state import Body

_SOON = 400
_MUCH_LATER = 6_000


def delivered(
    events: Iterable[Body],
    seed: int,
    duplicates: float = 0.0,
    late: float = 0.0,
    shuffled: bool = False,
    within: int | None = None,
) -> Iterator[bytes]:
    """The bodies as they are delivered, one JSON document each.

    `duplicates` and `late` are shares of the events: a duplicate comes again, half of them byte for byte, half with
    another `pending_webhooks`; a late one comes hundreds to thousands of deliveries late. `shuffled` mixes the
    order wholly (all bodies are then in memory), or with `within` by about that many places.
    """
    for share in (duplicates, late):
        if not 0 <= share <= 1:
            raise WrongUse(
                f"a share of {share} is not between 0 and 1", remedy="give duplicates and late as shares, such as 0.05"
            )
    if within is not None and within < 1:
        raise WrongUse("the places to shuffle within are fewer than one", remedy="leave `within` out to shuffle wholly")
    rng = Random(f"mrr delivery {seed}")
    queue = _queued(events, rng, duplicates, late)
    if not shuffled:
        return queue
    return _wholly(queue, rng) if within is None else _mixed(queue, rng, within)


def _queued(events: Iterable[Body], rng: Random, duplicates: float, late: float) -> Iterator[bytes]:
    """In order, but for the late ones and the second copies, which wait for their place."""
    encode = msgspec.json.Encoder().encode
    waiting: list[tuple[int, int, bytes]] = []
    for place, event in enumerate(events):
        body = encode(event)
        if late and rng.random() < late:
            heappush(waiting, (place + rng.randrange(_SOON, _MUCH_LATER), 2 * place, body))
        else:
            yield body
        if duplicates and rng.random() < duplicates:
            again = body if rng.random() < 0.5 else encode(_retried(event))
            heappush(waiting, (place + rng.randrange(1, _MUCH_LATER if late else _SOON), 2 * place + 1, again))
        while waiting and waiting[0][0] <= place:
            yield heappop(waiting)[2]
    while waiting:
        yield heappop(waiting)[2]


def _retried(event: Body) -> Body:
    """The same event, sent again after another endpoint had answered."""
    return {**event, "pending_webhooks": event["pending_webhooks"] - 1}


def _wholly(bodies: Iterator[bytes], rng: Random) -> Iterator[bytes]:
    every = list(bodies)
    rng.shuffle(every)
    return iter(every)


def _mixed(bodies: Iterator[bytes], rng: Random, within: int) -> Iterator[bytes]:
    held: list[bytes] = []
    for body in bodies:
        held.append(body)
        if len(held) > within:
            place = rng.randrange(len(held))
            held[place], held[-1] = held[-1], held[place]
            yield held.pop()
    rng.shuffle(held)
    yield from held
