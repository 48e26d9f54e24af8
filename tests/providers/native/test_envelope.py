"""CloudEvents: what files an entry, what dates it, and what becomes of redeliveries."""

import json
from pathlib import Path
from typing import Any

import pytest

from mrr.book import Book
from mrr.errors import DecodeError, ImportFileError
from mrr.policy import standard
from mrr.providers import native
from mrr.providers.stamp import Stamp

from .page import ENVELOPED, EXAMPLES, Body

JANUARY = 1_768_469_400_000_000  # 2026-01-15T09:30:00Z in µs


def enveloped(data: Any = None, **attributes: Any) -> bytes:
    """The envelope of the page with other attributes, or around other data."""
    return json.dumps(ENVELOPED | attributes | ({} if data is None else {"data": data})).encode()


def subscribed(**changed: Any) -> Body:
    """The fact in the envelope of the page, with some fields changed."""
    return dict(ENVELOPED["data"]) | changed


def refused(body: bytes) -> str:
    """Why a body is refused."""
    with pytest.raises(DecodeError) as raised:
        native.decode(body, 7)
    return str(raised.value)


def test_an_envelope_files_and_dates_its_fact() -> None:
    stamp = native.stamp(enveloped(), None)
    assert stamp == Stamp("7f6c9a52 /billing/eu", "com.example.billing.subscription", JANUARY)
    (fact,) = native.decode(enveloped(), 7)
    assert fact.effective_at == JANUARY
    (fact,) = native.decode(enveloped(subscribed(effective_at="2026-01-01")), 7)
    assert fact.effective_at == JANUARY - 14 * 86_400_000_000 - 34_200_000_000


def test_data_says_the_same_in_an_envelope_and_without() -> None:
    for body in EXAMPLES:
        inside = native.decode(enveloped(body, type=body["fact"], time=None), 7)
        assert inside == native.decode(json.dumps(body).encode(), 7)


def test_unknown_attributes_are_ignored() -> None:
    (fact,) = native.decode(enveloped(subject="x", traceparent=["y"], dataschema=None, datacontenttype=None), 7)
    assert fact.subject == "sub_2"


REFUSED: list[tuple[bytes, str]] = [
    (enveloped(specversion="0.3"), 'specversion: expected the version 1.0 of CloudEvents, got "0.3"'),
    (enveloped(specversion=None), "specversion: expected the version 1.0 of CloudEvents, got null"),
    (enveloped(id=None), "id: expected text, got null"),
    (enveloped(id=""), 'id: expected text, got ""'),
    (enveloped(source=5), "source: expected text, got 5"),
    (enveloped(type="com.example.invoice"), "type: expected a type that ends in 'subscription' as data.fact says"),
    (enveloped(type="com.example.newsubscription"), "type: expected a type that ends in 'subscription'"),
    (enveloped(time="yesterday"), "time: no instant: 'yesterday'"),
    (enveloped(datacontenttype="text/plain"), "datacontenttype: expected application/json, got 'text/plain'"),
    (enveloped("eyJ9"), 'data: expected an object, got "eyJ9"'),
    (enveloped({}), "data.fact: missing"),
    (enveloped({"fact": "fiction"}), "data.fact: expected one of subscription, customer"),
    (enveloped(subscribed(version=2)), "data.version: expected 1, got 2"),
    (enveloped(subscribed(status="odd")), "data.status: expected one of trialing"),
    (enveloped(subscribed(currency="XXX")), "data.currency: unknown currency 'XXX'"),
    (enveloped(subscribed(items=[{"item": "i", "quantity": -1}])), "data.items[0].quantity: expected a whole number"),
    (enveloped(time=None), "data.effective_at: missing"),
    (b'{"specversion": "1.0"}', "id: missing"),
    (b'{"specversion": "1.0", "id": "1", "source": "s", "type": "t"}', "data: expected an object, got null"),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_a_bad_envelope_names_its_place(body: bytes, reason: str) -> None:
    assert refused(body).startswith(reason)


def test_a_fact_that_only_speaks_of_envelopes_is_none() -> None:
    body = json.dumps({"fact": "customer", "customer": "c", "attributes": {"specversion": "1.0"}}).encode()
    (fact,) = native.decode(body, 7)
    assert fact.subject == "c"
    assert native.stamp(body, None).kind == "customer"


@pytest.mark.parametrize(("body", "stamp"), [
    (b'{"fact": "product", "key": "k", "effective_at": "2026-01-15T09:30:00Z"}', Stamp("k", "product", JANUARY)),
    (b'{"fact": "product", "key": "k", "effective_at": "soon"}', Stamp("k", "product", 5)),
    (b'{"specversion": "1.0", "id": 5, "source": null, "type": "t", "time": 7}', Stamp("5 None", "t", 5)),
])  # fmt: skip
def test_what_is_filed_under_its_own_name(body: bytes, stamp: Stamp) -> None:
    assert native.stamp(body, 5) == stamp


@pytest.mark.parametrize("body", [b"{", b"5", b"[]", b'{"fact": 5}', b'{"fact": "x", "key": 5}', b'{"specversion": 1}'])
def test_what_has_no_name_is_filed_under_its_digest(body: bytes) -> None:
    key, kind, at = native.stamp(body, 5)
    assert (len(key), kind, at) == (64, "unreadable", 5)


def test_a_batch_is_taken_apart_without_a_change() -> None:
    bodies = [enveloped(), json.dumps(EXAMPLES[0], indent=1).encode()]
    assert list(native.split(b" [" + b" , ".join(bodies) + b"]\n")) == bodies
    assert list(native.split(bodies[1])) == [bodies[1]]
    assert list(native.split(b"\n".join([bodies[0], b"{", bodies[0]]))) == [bodies[0], b"{", bodies[0]]
    with pytest.raises(ImportFileError, match="the list cannot be taken apart: truncated JSON"):
        list(native.split(b"[" + bodies[0]))


def test_redelivery_is_a_duplicate_and_another_content_a_reused_key(tmp_path: Path) -> None:
    again = json.dumps(ENVELOPED | {"traceparent": "00-1"}).encode()
    other = enveloped({"fact": "customer", "customer": "globex"}, type="customer", time=None)
    elsewhere = enveloped({"fact": "customer", "customer": "globex"}, type="customer", source="/crm")
    with Book.create(tmp_path / "book", policy=standard()) as book:
        first = book.append_bodies([enveloped(), enveloped(), again], source="native")
        assert (first.decoded, first.duplicates) == (1, 2)
        second = book.append_bodies([other, elsewhere], source="native")
        assert (second.decoded, second.key_reused) == (1, 1)
        (entry,) = book.quarantine()
        assert (entry.outcome, entry.key) == ("key_reused", "7f6c9a52 /billing/eu")
        row = book.rollforward(as_of="2026-02-01", interval="month").rows
        assert book.verify().ok
    assert len(row) <= 1


def test_a_batch_file_is_imported_and_what_is_bad_is_quarantined_alone(tmp_path: Path) -> None:
    file = tmp_path / "batch.json"
    file.write_bytes(b"[" + b",".join([enveloped(), enveloped(id="2", type="other"), enveloped(id="3", data=5)]) + b"]")
    with Book.create(tmp_path / "book", policy=standard().differing({"currency": "EUR"})) as book:
        counts = book.append(str(file))
        assert (counts.decoded, counts.quarantined, counts.sources) == (1, 2, ["native"])
        assert [entry.key for entry in book.quarantine()] == ["2 /billing/eu", "3 /billing/eu"]
        assert book.rollforward(as_of="2026-02-01").rows[-1].closing_micros == 140_000_000
