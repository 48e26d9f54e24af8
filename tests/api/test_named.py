"""Ids as people give them: with a slash in them they come back whole, and still may name another source."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from mrr.door import COOKIE
from tests.api.conftest import Service, told

OURS = "team/7"


@pytest.fixture(scope="module")
def api(service: Service) -> Iterator[httpx.Client]:
    """The API over a book with customers `team/7`, `7` and `a//b/..`, and a segment for one of another source."""
    facts = [
        told(name, "2025-03-01T00:00:00Z", amount) for name, amount in ((OURS, "40"), ("7", "9"), ("a//b/..", "8"))
    ]
    about = {
        "fact": "customer",
        "customer": "stripe/cus_1",
        "effective_at": "2025-01-01",
        "attributes": {"segment": "x"},
    }
    with service.client() as client:
        answer = client.post("/v1/imports", content="\n".join(map(json.dumps, [*facts, about])))
        assert answer.json()["counts"] == {"decoded": 4, "quarantined": 0, "irrelevant": 0} | answer.json()["counts"]
        yield client


def _rows(api: httpx.Client, path: str, **words: Any) -> Any:
    return api.get(path, params=words).raise_for_status().json()["rows"]


def test_an_id_with_a_slash_is_its_own(api: httpx.Client) -> None:
    listed = {row["customer_id"]: row for row in _rows(api, "/v1/customers")}
    assert {OURS, "7", "a//b/.."} <= set(listed)
    assert (listed[OURS]["source"], listed[OURS]["mrr_micros"]) == ("native", 40_000_000)
    for name, amount in ((OURS, 40), ("7", 9), (f"native/{OURS}", 40)):
        (row,) = _rows(api, "/v1/customers", customer=name)
        assert row["mrr_micros"] == amount * 1_000_000
        (moved,) = _rows(api, "/v1/movements", customer=name)
        assert (moved["customer_id"], moved["source"]) == (name.removeprefix("native/"), "native")
        assert moved["lines"][0]["subscription_id"] == f"S-{name.removeprefix('native/')}"


@pytest.mark.parametrize("path", [quote(OURS), quote(OURS, safe=""), f"native/{OURS}", quote("a//b/..", safe="")])
def test_its_account_is_found_by_either_way_of_writing_it(api: httpx.Client, path: str) -> None:
    found = api.get(f"/v1/customers/{path}").raise_for_status().json()
    assert path.endswith(quote(found["customer"]["customer_id"], safe="")) or found["customer"]["customer_id"] == OURS
    assert len(found["subscriptions"]) == 1


def test_entries_are_those_of_the_one_who_is_named(api: httpx.Client) -> None:
    (one,), (other,) = (_rows(api, "/v1/entries", customer=name) for name in (OURS, "7"))
    assert one["seq"] != other["seq"]


def test_its_page_is_linked_and_shown(api: httpx.Client, service: Service) -> None:
    with httpx.Client(base_url=service.url, timeout=30) as browser:
        browser.post("/login", data={"password": service.tokens["admin"]})
        assert COOKIE in browser.cookies
        listed = browser.get("/customers").text
        for name, amount in ((OURS, "$40"), ("a//b/..", "$8")):
            link = f"/customers/{quote(name, safe='')}"
            assert f'href="{link}' in listed
            shown = browser.get(link)
            assert shown.status_code == 200
            assert name in shown.text
            assert amount in shown.text


def test_an_id_may_still_name_another_source(api: httpx.Client) -> None:
    """A CRM says the segment of whom Stripe bills; what stands before the slash is a source there."""
    (entry,) = _rows(api, "/v1/entries", customer="cus_1")
    assert (entry["source"], entry["kind"]) == ("native", "customer")
    assert not _rows(api, "/v1/entries", customer="stripe/cus_1/x")
