"""Every bad body is refused with the path of the field and the reason; nothing but a DecodeError is raised."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrr.errors import DecodeError
from mrr.facts import canonical
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe import decode, stamp

from .bodies import AT, START, event, item, price, subscription

PRICE = "data.object.items.data[0].price."
SOUND = json.dumps(event("customer.subscription.updated", subscription())).encode()


def refused(body: Any) -> tuple[str, str]:
    """Path and reason of the refusal."""
    with pytest.raises(DecodeError) as caught:
        decode(body if isinstance(body, bytes) else json.dumps(body).encode(), AT)
    return caught.value.path, caught.value.reason


def priced(**fields: Any) -> dict[str, Any]:
    """An event of a subscription whose first price has these fields."""
    return event("customer.subscription.updated", subscription(item(price=price(**fields))))


def monthly(**fields: Any) -> dict[str, Any]:
    """The terms of a monthly price, changed."""
    return {"recurring": {"interval": "month", "interval_count": 1, **fields}}


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        ({"unit_amount": "12"}, "unit_amount", 'expected int, got "12"'),
        ({"unit_amount": 12.5}, "unit_amount", "expected int, got 12.5"),
        ({"unit_amount": [1]}, "unit_amount", "expected int, got an array"),
        ({"unit_amount_decimal": 12}, "unit_amount_decimal", "expected str, got 12"),
        ({"id": None}, "id", "expected str, got null"),
        ({"currency": "xyz"}, "currency", 'expected an ISO 4217 currency, got "xyz"'),
        ({"currency": None}, "currency", "missing"),
        ({"product": {}}, "product.id", "missing"),
        (monthly(interval="fortnight"), "recurring.interval", 'expected one of the known values, got "fortnight"'),
        (monthly(interval_count=0), "recurring.interval_count", "expected int >= 1, got 0"),
        (monthly(usage_type="wet"), "recurring.usage_type", 'expected one of the known values, got "wet"'),
        ({"transform_quantity": {"divide_by": 0}}, "transform_quantity.divide_by", "expected int >= 1, got 0"),
        (
            {"unit_amount_decimal": "1000000000001"},
            "unit_amount_decimal",
            "expected at most 10,000,000,000 units of the currency, got 10,000,000,000.01",
        ),
        (
            {"unit_amount_decimal": None, "unit_amount": 10**30},
            "unit_amount",
            f"expected at most 10,000,000,000 units of the currency, got {10**28:,}",
        ),
        (
            {"unit_amount_decimal": "1234567.123456789012"},
            "unit_amount_decimal",
            "expected at most 18 significant digits, got 1234567.123456789012",
        ),
        *[
            (
                {"unit_amount_decimal": text},
                "unit_amount_decimal",
                f'expected a decimal number of at most 12 places, got "{text}"',
            )
            for text in ("NaN", "Infinity", "1e5", "", "1_000", "0.0000000000001", "١")
        ],
        (
            {"tiers_mode": "volume", "tiers": [{"up_to": 1}, {"up_to": None, "flat_amount": "x"}]},
            "tiers[1].flat_amount",
            'expected int, got "x"',
        ),
        (
            {"tiers_mode": "volume", "tiers": [{"up_to": 1}, {"up_to": None, "flat_amount_decimal": "x"}]},
            "tiers[1].flat_amount_decimal",
            'expected a decimal number of at most 12 places, got "x"',
        ),
    ],
)
def test_a_bad_price(fields: dict[str, Any], path: str, reason: str) -> None:
    """The path starts at the root of the body."""
    assert refused(priced(**fields)) == (PRICE + path, reason)


YEARS = "expected epoch seconds of the years 1970 to 9998"


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (subscription(trial_end=START * 1000), "trial_end", f"{YEARS}, got {START * 1000}"),
        (subscription(cancel_at=253_370_764_800), "cancel_at", f"{YEARS}, got 253370764800"),
        (subscription(ended_at=-62_167_219_200), "ended_at", "expected int >= 0, got -62167219200"),
        (subscription(status="future"), "status", 'expected one of the known values, got "future"'),
        (subscription(customer=None), "customer", "expected str or object, got null"),
        (subscription(currency="bitcoin"), "currency", 'expected an ISO 4217 currency, got "bitcoin"'),
        (subscription(items=None), "items", "expected object, got null"),
        (subscription(items={"object": "list"}), "items.data", "missing"),
        (subscription(item(), item(id="")), "items.data[1].id", 'expected str of length >= 1, got ""'),
        (subscription(item(price=None)), "items.data[0].price", "missing, and there is no plan"),
        (subscription(item(price=None, plan={"id": "p", "currency": "usd"})), "items.data[0].plan.interval", "missing"),
        (subscription(item(quantity=-1)), "items.data[0].quantity", "expected int >= 0, got -1"),
        (subscription(item(quantity=10**18)), "items.data[0].quantity", f"expected int <= {10**18 - 1}, got {10**18}"),
        (
            subscription(item(quantity=500_000_001)),
            "items.data[0].quantity",
            "500,000,001 at 20 USD are more than 10,000,000,000 USD",
        ),
        (subscription(item(price="price_1"), currency=None), "currency", "missing, and no item names one"),
        (subscription(discounts=[{"id": "d", "start": "x"}]), "discounts[0].start", 'expected int, got "x"'),
        (subscription(discount={"coupon": None}), "discount.id", "missing, and there is no coupon"),
        (
            subscription(item(discounts=[{"id": "d", "source": {"coupon": {"id": "c", "percent_off": 101}}}])),
            "items.data[0].discounts[0].source.coupon.percent_off",
            "expected 0 to 100, got 101",
        ),
        (
            subscription(item(price=price(currency_options={"eur": {"unit_amount": "x"}})), currency="eur"),
            "items.data[0].price.currency_options.eur.unit_amount",
            'expected int, got "x"',
        ),
        ({"id": "c", "object": "coupon", "percent_off": "NaN"}, "percent_off", "expected 0 to 100, got NaN"),
        ({"id": "c", "object": "coupon", "amount_off": 5}, "currency", "missing"),
        ({"id": "c", "object": "coupon", "amount_off": -5}, "amount_off", "expected int >= 0, got -5"),
        (
            {"id": "c", "object": "customer", "metadata": {"a": "b", "seats": 5}},
            "metadata.seats",
            "expected str, got 5",
        ),
        ({"id": "i", "object": "invoice", "currency": "usd"}, "status", "missing"),
        (
            {"id": "i", "object": "invoice", "currency": "usd", "status": "paid", "lines": {"data": [{"id": "l"}]}},
            "lines.data[0].amount",
            "missing",
        ),
        (
            {"id": "ch", "object": "charge", "amount": 10**15, "currency": "usd", "status": "failed"},
            "amount",
            "expected at most 10,000,000,000 units of the currency, got 10,000,000,000,000",
        ),
        ({"object": "list", "data": []}, "object", 'expected one event or object, got "list"'),
        (
            {"error": {"message": "No such customer"}},
            "object",
            "missing: neither an event nor an object of Stripe's API",
        ),
        (event("customer.subscription.updated", None), "data.object", "missing"),
        (event("customer.subscription.updated", {}), "data.object.object", "missing"),
        (event("customer.subscription.updated", 5), "data.object", "expected object, got 5"),
        (event("ping", None, created=START * 1000), "created", f"{YEARS}, got {START * 1000}"),
        ({"object": "event", "type": "ping", "created": 1}, "data", "missing"),
    ],
)
def test_a_bad_body(body: Any, path: str, reason: str) -> None:
    """Objects by themselves: the path starts at the object."""
    assert refused(body) == (path, reason)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (SOUND[:-40], f"truncated JSON at byte {len(SOUND) - 40}"),
        (SOUND + b"}", f"malformed JSON at byte {len(SOUND)}: trailing characters"),
        (b" " + SOUND + b"}", f"malformed JSON at byte {len(SOUND) + 1}: trailing characters"),
        (b"a,b\n1,2", "malformed JSON at byte 0: invalid character"),
        (b'{"object": "x", "a": NaN}', "malformed JSON at byte 21: invalid character"),
        (b'{"object": "x", "a": -Infinity}', "malformed JSON at byte 22: invalid character"),
        (b'{"object": "x", "a": "\\ud800"}', "malformed JSON: half a surrogate pair"),
        (b"[1]", "expected object, got an array"),
        (b'{"object": "x", "a": "\xff"}', "expected UTF-8, got byte 0xff"),
        (SOUND.decode().encode("utf-16"), "expected UTF-8, got UTF-16 or UTF-32"),
        (SOUND.decode().encode("utf-16-le"), "expected UTF-8, got UTF-16 or UTF-32"),
        (SOUND.decode().encode("utf-32-be"), "expected UTF-8, got UTF-16 or UTF-32"),
        (SOUND[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
        (
            b'{"object":"x","a":"' + b"b" * 20_000_000 + b'"}',
            "20,000,021 bytes; a body of Stripe's has at most 16,777,216",
        ),
    ],
)
def test_what_is_no_json(body: bytes, reason: str) -> None:
    """No field can be named, but the byte can."""
    assert refused(body) == ("", reason)


def test_depth_below_the_object() -> None:
    """Deep nesting inside what the event is about is told with its place."""
    deep = SOUND.replace(b'"status": "active"', b'"status": ' + b"[" * 100_000 + b"]" * 100_000)
    assert refused(deep)[1] == "nested too deeply"


def test_a_byte_order_mark_is_no_harm() -> None:
    """UTF-8 with its mark is what some exports write."""
    assert decode(b"\xef\xbb\xbf" + SOUND, AT) == decode(SOUND, AT)


BODIES: list[Any] = [
    event(
        "customer.subscription.updated", subscription(discounts=[{"id": "d", "coupon": {"id": "c"}}]), {"status": "x"}
    ),
    subscription(item(price=price(tiers_mode="volume", tiers=[{"up_to": None, "unit_amount": 5}]))),
    {"id": "c", "object": "customer", "address": {"country": "DE"}, "metadata": {"a": "b"}, "discount": None},
    {"id": "c", "object": "coupon", "percent_off": 25.5, "amount_off": None, "duration": "once"},
    {
        "id": "in_1",
        "object": "invoice",
        "status": "paid",
        "currency": "usd",
        "total": 5,
        "lines": {"data": [{"id": "l", "amount": 5, "taxes": [{"amount": 1}], "period": {"start": 1, "end": 2}}]},
    },
    {"id": "ch", "object": "charge", "amount": 5, "currency": "usd", "status": "failed", "refunds": {"data": []}},
]
WEIRD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["NaN", "1e999999", "-0", "usd", "deleted", "subscription", [], {}, [[]], [None], {"id": "x"}]),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value below."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, below in inner for place in places(below, (*path, key)))][bool(not path) :]


def sound_or_refused(body: bytes) -> bool:
    """Whether a body is refused with a reason, or its facts can be written down. Any other exception passes through."""
    try:
        found = decode(body, AT)
    except DecodeError as refusal:
        return bool(refusal.reason)
    return isinstance(found, Irrelevant) or all(canonical(fact) for fact in found)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_wrong_value_is_a_decode_error_or_sound_facts(data: st.DataObject) -> None:
    """One value of a sound body replaced by anything: facts that can be written down, or a refusal."""
    body = copy.deepcopy(data.draw(st.sampled_from(BODIES)))
    *parents, last = data.draw(st.sampled_from(places(body)))
    target = body
    for key in parents:
        target = target[key]
    target[last] = data.draw(WEIRD)
    written = json.dumps(body).encode()
    stamp(written, AT)
    assert sound_or_refused(written)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, len(SOUND)), st.binary(max_size=4))
def test_any_damaged_bytes_are_a_decode_error_or_sound_facts(place: int, damage: bytes) -> None:
    """Bytes put over a sound body anywhere."""
    assert sound_or_refused(SOUND[:place] + damage + SOUND[place + len(damage) + 1 :])
