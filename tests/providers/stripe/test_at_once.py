"""Reading an event at once gives what reading it step by step gives, or leaves it to that."""

import json
import random
from typing import Any

from mrr.errors import DecodeError
from mrr.providers.stripe.decoding import at_once, step_by_step

from .bodies import AT, events


def slowly(body: bytes) -> Any:
    """The facts step by step, or the refusal."""
    try:
        return step_by_step(body, AT)
    except DecodeError as refusal:
        return str(refusal)


def test_recorded_events() -> None:
    read = [(recorded, at_once(recorded.body)) for recorded in events()]
    quick = [(recorded, found) for recorded, found in read if found is not None]
    assert len(quick) > 80
    for recorded, found in quick:
        assert found == slowly(recorded.body), recorded.place


def test_damaged_events() -> None:
    chance = random.Random(5)
    known = [recorded.body for recorded in events() if at_once(recorded.body) is not None]
    quick = 0
    for body in known * 4:
        place, damage = (
            chance.randrange(len(body)),
            chance.choice([b"", b"0", b'"', b"{", b"null", b"\xff", b"\\u0041"]),
        )
        damaged = body[:place] + damage + body[place + len(damage) :]
        found = at_once(damaged)
        quick += found is not None
        assert found is None or found == slowly(damaged), damaged
    assert quick > 100


def test_what_is_not_written_as_stripe_writes_it_is_left_to_the_slow_way() -> None:
    body = next(recorded.body for recorded in events() if at_once(recorded.body) is not None)
    event = json.loads(body)
    backwards = json.dumps(dict(reversed(event.items()))).encode()
    assert at_once(backwards) is None
    assert step_by_step(backwards, AT) == at_once(body)
    assert at_once(b" " + body) is None
    assert step_by_step(b" " + body, AT) == at_once(body)
