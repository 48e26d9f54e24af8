"""Taking files apart, and what the journal files a body under."""

import hashlib
import json
from typing import Any

import pytest

from mrr.errors import ImportFileError
from mrr.providers.stamp import Irrelevant, Stamp
from mrr.providers.stripe import decode, split, stamp

from .bodies import AT, START, event, subscription

ONE, TWO = b'{"id": "a",  "object":"x"}', b'{"id":"b", "object": "y" }'


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        (ONE, [ONE]),
        (b"\xef\xbb\xbf \n" + ONE + b"\r\n", [ONE]),
        (b"[" + ONE + b" , " + TWO + b"]", [ONE, TWO]),
        (b'{"object": "list", "data": [' + ONE + b",\n" + TWO + b'], "has_more": true}', [ONE, TWO]),
        (b'{"object":"search_result","data":[' + ONE + b"]}", [ONE]),
        (b'[{"object":"list","data":[' + ONE + b"]}, " + TWO + b"]", [ONE, TWO]),
        (b"[]", []),
        (b'{"object":"list","data":[]}', []),
        (b"[1, [2], null]", [b"1", b"[2]", b"null"]),
        (b"", [b""]),
        (b'{"id":"a","object":"sub', [b'{"id":"a","object":"sub']),
        (b"a,b\n1,2", [b"a,b\n1,2"]),
    ],
)
def test_split(text: bytes, bodies: list[bytes]) -> None:
    """The exact bytes of each body; a bad single document is left to decode."""
    assert list(split(text)) == bodies


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"[" + ONE + b", ", "truncated JSON at byte 29"),
        (b"  [" + ONE + b" x]", "malformed JSON at byte 30"),
        (b'{"object":"list","data":[' + ONE, "truncated JSON at byte 51"),
        (b'{"object":"list","data":[' + ONE + b"}", "malformed JSON at byte 51"),
        (b'{"object":"list","data":{"a":1}}', "data: expected an array"),
        (b'{"object":"list"}', "data: expected an array"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_list_that_cannot_be_split(text: bytes, place: str) -> None:
    """Nothing is guessed: the error names the byte."""
    with pytest.raises(ImportFileError) as caught:
        list(split(text))
    assert place in str(caught.value)
    assert caught.value.remedy


def filed(body: Any, observed_at: int | None = None) -> Stamp:
    """The stamp of a body given as a Python object."""
    return stamp(json.dumps(body).encode(), observed_at)


def test_events_are_filed_under_their_id() -> None:
    """At the provider's instant, whenever they arrive."""
    told = event("customer.subscription.updated", subscription(), created=START + 1)
    assert filed(told, AT) == filed(told) == Stamp("evt_1", "customer.subscription.updated", AT + 1_000_000)
    reordered = dict(reversed(told.items()))
    assert filed(reordered) == filed(told)
    nameless = {key: value for key, value in told.items() if key != "id"}
    assert filed(nameless).key == hashlib.sha256(json.dumps(nameless).encode()).hexdigest()


def test_objects_are_filed_under_their_id_and_instant() -> None:
    """The same bytes may be true again later, so they are another entry then."""
    assert filed(subscription(), AT) == Stamp(f"sub_1@{AT}", "subscription", AT)
    assert filed(subscription(), AT + 1).key != filed(subscription(), AT).key
    assert filed(subscription()) == Stamp("sub_1", "subscription", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"object":5}',
        b'{"id":"pm_1","object":"payment_method",',
        b'{"object":"event","type":"ping"}',
        b'{"object":"event","type":"ping","created":1e99,"data":{}}',
        b"[" * 100_000,
        b'{"object":"x","a":"\xff"}',
        json.dumps(subscription()).encode("utf-16"),
    ],
)
def test_what_cannot_be_read_is_filed_under_its_digest(body: bytes) -> None:
    """Stamping never raises."""
    assert stamp(body, AT) == Stamp(hashlib.sha256(body).hexdigest(), "unreadable", AT)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"id": "pm_1", "object": "payment_method"}, "payment_method"),
        ({"id": "sub_sched_1", "object": "subscription_schedule"}, "subscription_schedule"),
        ({"id": "si_1", "object": "subscription_item"}, "subscription_item"),
        ({"id": "promo_1", "object": "promotion_code"}, "promotion_code"),
        (event("ping", None), "ping"),
        (event("topup.succeeded", {"id": "tu_1", "object": "topup"}), "topup.succeeded"),
        (event("customer.source.created", {"id": "card_1", "object": "card"}), "customer.source.created"),
        (event("account.updated", {"id": "acct_1"}), "account.updated"),
        (event("invoice.upcoming", {"object": "invoice", "lines": 5}), "invoice.upcoming"),
    ],
)
def test_what_says_nothing_of_revenue_is_named(body: Any, name: str) -> None:
    """Nothing is dropped: it is irrelevant by name."""
    assert decode(json.dumps(body).encode(), AT) == Irrelevant(name)
