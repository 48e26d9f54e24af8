"""Bodies that are well-formed and still cannot be: each is quarantined with the path of its field, alone."""

from pathlib import Path
from typing import Any

import pytest

from mrr.book import Book
from mrr.errors import DecodeError, WrongUse
from mrr.money import CAP
from mrr.providers import of_source
from mrr.providers.rates import Quote, encode

from .telling import body, closing, created, event, goes_on, priced, told, whole

YEARS = "expected epoch seconds of the years 1970 to 9998, got "


def changed(number: int, **price: Any) -> dict[str, Any]:
    """An event whose price has these fields."""
    made = event(number)
    made["data"]["object"]["items"]["data"][0]["price"] |= price
    return made


STRIPE = [
    (changed(1, unit_amount="12"), 'data.object.items.data[0].price.unit_amount: expected int, got "12"'),
    (changed(2, unit_amount_decimal="NaN"), "price.unit_amount_decimal: expected a decimal number"),
    (changed(3, unit_amount_decimal="Infinity"), "price.unit_amount_decimal: expected a decimal number"),
    (changed(4, unit_amount=10**12 + 1), "price.unit_amount: expected at most 10,000,000,000 units of the currency"),
    (changed(5, currency="xxl"), 'price.currency: expected an ISO 4217 currency, got "xxl"'),
    (event(6, currency="bitcoin"), 'data.object.currency: expected an ISO 4217 currency, got "bitcoin"'),
    (event(7, trial_end=10**18), f"data.object.trial_end: {YEARS}{10**18}"),
    (event(8, cancel_at=253_402_300_799), f"data.object.cancel_at: {YEARS}253402300799"),
    (event(9, ended_at=-62_167_219_200), "data.object.ended_at: expected int >= 0, got -62167219200"),
    (event(10, items=[]), "data.object.items: expected object, got an array"),
    (event(11, customer=5), "data.object.customer: expected str or object, got 5"),
    (event(12) | {"created": 10**18}, f"created: {YEARS}{10**18}"),
    (event(13) | {"data": None}, "data: expected object, got null"),
    (event(14) | {"type": 5}, "type: expected str, got 5"),
]


def test_every_bad_event_is_quarantined_alone(tmp_path: Path) -> None:
    folder = created(tmp_path / "book")
    with Book(folder) as book:
        counts = book.append_bodies([body(event(99)), *(body(bad) for bad, _ in STRIPE)], source="stripe")
        assert (counts.decoded, counts.quarantined) == (1, len(STRIPE))
        assert whole(counts)
        for (_, reason), entry in zip(STRIPE, book.quarantine(), strict=True):
            assert reason in (entry.reason or "")
    assert closing(folder) == 20_000_000
    goes_on(folder)


NATIVE = [
    (priced("a", unit_amount="12x"), "items[0].unit_amount: no decimal: '12x'"),
    (priced("b", unit_amount=12.5), "items[0].unit_amount: expected an amount as text, got 12.5"),
    (priced("c", unit_amount="NaN"), "items[0].unit_amount: no decimal: 'NaN'"),
    (priced("d", unit_amount=f"{CAP}.01"), "items[0].unit_amount: expected an amount of at most 10^10"),
    (priced("e", unit_amount="1e400"), "items[0].unit_amount: no decimal: '1e400'"),
    (priced("f", quantity=-1), "items[0].quantity: expected a whole number from 0 to 10^9, got -1"),
    (priced("g", interval="fortnight"), "items[0].interval: expected one of day, week, month, year"),
    (told("h", currency="XXL"), "currency: unknown currency 'XXL'"),
    (told("i", effective_at="0000-01-01"), "effective_at: no instant: '0000-01-01'"),
    (told("j", effective_at="0001-01-01T00:00:00+14:00"), "effective_at: no instant"),
    (told("k", effective_at="9999-12-31"), "effective_at: expected a year from 1970 to 9998, got '9999-12-31'"),
    (told("l", effective_at=10**18), f"effective_at: expected a date or an instant as text, got {10**18}"),
    (told("m", customer=5), "customer: expected text, got 5"),
    (told("n", status="happy"), "status: expected one of trialing"),
    (told("o", fact="fiction"), "fact: expected one of subscription"),
]


def test_every_bad_fact_is_quarantined_alone(tmp_path: Path) -> None:
    folder = created(tmp_path / "book")
    odd = [b"\xff\xfe{", b'{"customer": "\\ud800"}', b'{"x": NaN}', b"5", b"{", b'{"a":' * 100_000]
    with Book(folder) as book:
        counts = book.append_bodies([body(told("z")), *(body(bad) for bad, _ in NATIVE), *odd], source="native")
        assert (counts.decoded, counts.quarantined) == (1, len(NATIVE) + len(odd))
        found = book.quarantine()
        assert all(entry.reason for entry in found)
        for (_, reason), entry in zip(NATIVE, found, strict=False):
            assert reason in (entry.reason or "")
    assert closing(folder) == 20_000_000
    goes_on(folder)


# Each of these stops every command of a book for good: what is raised is no DecodeError, and the entry stays.
POISON = [
    (told("x", items=5), "items"),
    (told("x", items=[5]), "items[0]"),
    (told("x", items=None), "items"),
    (told("x", fact=[]), "fact"),
    (told("x", period=5), "period"),
    (told("x", period=["2025-01-10"]), "period"),
    (told("x", precision=5), "precision"),
    (told("x", involuntary="x"), "involuntary"),
    (told("x", change=[1]), "change"),
    (told("x", previous=5), "previous"),
    (told("x", discounts=5), "discounts"),
    (told("x", discounts=[5]), "discounts[0]"),
    (told("x", discounts=[{"id": "d", "percent": "5", "duration": "once", "scope": 7}]), "discounts[0].scope"),
    (told("x", discounts=[{"id": "d", "percent": "5", "duration": "once", "items": 7}]), "discounts[0].items"),
    (told("x", discounts=[{"id": "d", "percent": "5", "duration": "once", "items": [7]}]), "discounts[0].items[0]"),
    (priced("x", product=5), "items[0].product"),
    (priced("x", tiers=5), "items[0].tiers"),
    (priced("x", tiers=[5]), "items[0].tiers[0]"),
    (priced("x", tiers_mode=5), "items[0].tiers_mode"),
    (priced("x", usage_type=5), "items[0].usage_type"),
    (priced("x", quantity=10**30), "items[0].quantity"),
    (priced("x", quantity=10**9, unit_amount=str(CAP)), "items[0].quantity"),
    (priced("x", interval_count=10**30), "items[0].interval_count"),
    (priced("x", unit_amount="1e-30"), "items[0].unit_amount"),
    ({"fact": "customer", "customer": "x", "attributes": 5}, "attributes"),
    ({"fact": "customer_discount", "customer": "x", "discounts": None}, "discounts"),
]


@pytest.mark.parametrize(("fact", "path"), POISON, ids=[path for _, path in POISON])
def test_a_wrong_type_names_its_path(fact: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeError) as raised:
        of_source("native").decode(body(fact), 0)
    assert raised.value.path == path


@pytest.mark.parametrize("value", ["1e999999", "1e30", "1e-999"])
def test_a_rate_beyond_reckoning(value: str) -> None:
    with pytest.raises(DecodeError) as raised:
        of_source("rates").decode(encode(Quote("2025-01-01", "USD", {"EUR": value})), 0)
    assert raised.value.path == "value"


def test_a_stamp_never_raises() -> None:
    deep = b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    for source in ("stripe", "native", "rates"):
        assert of_source(source).stamp(deep, None).kind == "unreadable"


@pytest.mark.parametrize("fact", [
    told("x", effective_at="9998-12-31T00:00:00Z"),
    told("x", cancel_at="9998-12-31T23:00:00Z"),
], ids=["starts", "ends"])  # fmt: skip
def test_the_last_day_of_the_calendar_is_a_day_like_others(tmp_path: Path, fact: dict[str, Any]) -> None:
    folder = created(tmp_path / "book")
    with Book(folder) as book:
        assert book.append_bodies([body(fact)], source="native").decoded == 1
    goes_on(folder)


@pytest.mark.parametrize(("words", "reason"), [
    ({"as_of": "9999-12-31"}, "beyond the calendar"),
    ({"as_of": "9999-12-31T23:59:59-12:00"}, "beyond the calendar"),
    ({"as_of": "0000-01-01"}, "no date or time"),
    ({"last": "9999"}, "beyond the calendar"),
    ({"last": "9999-12-31"}, "beyond the calendar"),
    ({"first": "0000"}, "no day, month or year"),
])  # fmt: skip
def test_questions_beyond_the_calendar(tmp_path: Path, words: dict[str, Any], reason: str) -> None:
    with Book(created(tmp_path / "book")) as book:
        with pytest.raises(WrongUse, match=reason) as raised:
            book.rollforward(**words)
        assert raised.value.remedy
        with pytest.raises(WrongUse, match="before 1970"):
            book.append_bodies([], source="native", observed_at="1969-12-31")
