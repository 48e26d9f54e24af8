"""Bodies as Stripe writes them in each era, and `previous_attributes` that lead back to the body before."""

from functools import cache

import msgspec
import pytest

from mrr.simulate import company
from mrr.simulate.shapes import difference
from mrr.simulate.state import Body

VERSIONS = {"plan": "2019-08-14", "price": "2022-11-15", "basil": "2025-06-30.basil"}


@cache
def events(era: str | None) -> tuple[Body, ...]:
    """The events of a company in one era, or in all."""
    return tuple(company(7, 300, 12, era=era).events())


def bodies(era: str, kind: str) -> list[Body]:
    """The objects of all events whose type starts so."""
    return [event["data"]["object"] for event in events(era) if event["type"].startswith(kind)]


@pytest.mark.parametrize("era", VERSIONS)
def test_every_event_names_its_version(era: str) -> None:
    assert {event["api_version"] for event in events(era)} == {VERSIONS[era]}


def test_the_versions_follow_one_another() -> None:
    found = [event["api_version"] for event in events(None)]
    assert list(dict.fromkeys(found)) == list(VERSIONS.values())


@pytest.mark.parametrize("era", VERSIONS)
def test_periods_are_where_the_era_has_them(era: str) -> None:
    for body in bodies(era, "customer.subscription."):
        assert ("current_period_end" in body) == (era != "basil")
        for item in body["items"]["data"]:
            assert ("current_period_end" in item) == (era == "basil")
            assert ("price" in item) == (era != "plan")
            assert item["plan"]["object"] == "plan"


@pytest.mark.parametrize("era", VERSIONS)
def test_discounts_are_as_the_era_has_them(era: str) -> None:
    discounted = [b for b in bodies(era, "customer.subscription.") if b.get("discount") or b.get("discounts")]
    assert discounted
    for body in discounted:
        assert ("discount" in body) == (era != "basil")
        assert ("discounts" in body) == (era != "plan")
        if era == "price":
            assert body["discount"]["id"] == body["discounts"][0]
        if era == "basil":
            assert all(isinstance(one, str) for one in body["discounts"])
    assert all(one["coupon"]["object"] == "coupon" for one in bodies(era, "customer.discount.created"))


@pytest.mark.parametrize("era", VERSIONS)
def test_a_coupon_of_the_customer_is_in_no_subscription(era: str) -> None:
    holders = {body["id"] for body in bodies(era, "customer.updated") if body["discount"]}
    assert holders
    for body in bodies(era, "customer.subscription."):
        if body["customer"] in holders:
            assert not body.get("discount")
            assert not body.get("discounts")


@pytest.mark.parametrize("era", VERSIONS)
def test_tiers_are_told_by_the_catalogue(era: str) -> None:
    kind = "plan.created" if era == "plan" else "price.created"
    tiered = [body for body in bodies(era, kind) if body["billing_scheme"] == "tiered"]
    assert {body["tiers_mode"] for body in tiered} == {"graduated", "volume"}
    assert all(len(body["tiers"]) == 3 and body["tiers"][-1]["up_to"] is None for body in tiered)
    sold = [item for body in bodies(era, "customer.subscription.") for item in body["items"]["data"]]
    of_tiers = [item for item in sold if item["plan"]["billing_scheme"] == "tiered"]
    assert of_tiers
    assert all(("tiers" in item["plan"]) == (era == "plan") for item in of_tiers)


@pytest.mark.parametrize("era", VERSIONS)
def test_metered_items_have_no_quantity_and_fractions_no_whole_amount(era: str) -> None:
    items = [item for body in bodies(era, "customer.subscription.") for item in body["items"]["data"]]
    assert all(("quantity" in item) == (item["plan"]["usage_type"] == "licensed") for item in items)
    assert any(item["plan"]["usage_type"] == "metered" for item in items)
    fractions = [item["plan"] for item in items if "." in (item["plan"]["amount_decimal"] or "")]
    assert fractions
    assert all(plan["amount"] is None for plan in fractions)


@pytest.mark.parametrize("era", VERSIONS)
def test_invoice_lines_are_as_the_era_has_them(era: str) -> None:
    lines = [line for body in bodies(era, "invoice.paid") for line in body["lines"]["data"]]
    assert any(line["amount"] < 0 for line in lines)
    for line in lines:
        if era == "basil":
            assert line["pricing"]["price_details"]["price"].startswith("price_")
            assert line["parent"]["subscription_item_details"]["proration"] == ("time on" in line["description"])
            assert not {"plan", "price", "proration"} & line.keys()
        else:
            assert line["plan"]["interval"]
            assert ("price" in line) == (era == "price")
            assert line["proration"] == ("time on" in line["description"])


@pytest.mark.parametrize("era", [*VERSIONS, None])
def test_previous_attributes_lead_back_to_the_body_before(era: str | None) -> None:
    last: dict[str, tuple[str, Body]] = {}
    followed = 0
    for event in events(era):
        if not event["type"].startswith(("customer.subscription.", "customer.updated", "customer.created")):
            continue
        body = event["data"]["object"]
        if event["type"].endswith(".updated"):
            previous = event["data"]["previous_attributes"]
            assert previous
            version, before = last[body["id"]]
            if version == event["api_version"]:
                assert _restored(body, previous) == before
                followed += 1
        last[body["id"]] = (event["api_version"], body)
    assert followed > 400


def _restored(body: Body, previous: Body) -> Body:
    both: Body = {key: body.get(key) for key in previous}
    return body | {
        key: _restored(both[key], old) if isinstance(old, dict) and isinstance(both[key], dict) else old
        for key, old in previous.items()
    }


def test_a_change_within_one_second_can_be_put_in_order() -> None:
    """An incomplete subscription that is paid in the second of its creation."""
    seen: dict[tuple[str, int], list[Body]] = {}
    for event in company(7, 300, era="price", invoices=False).events():
        if event["type"].startswith("customer.subscription."):
            seen.setdefault((event["data"]["object"]["id"], event["created"]), []).append(event)
    twins = [found for found in seen.values() if len(found) > 1]
    assert twins
    for first, second in twins:
        assert first["type"].endswith("created")
        assert second["data"]["previous_attributes"] == {"status": "incomplete"}


@pytest.mark.parametrize(("era", "least"), [("plan", 2_300), ("price", 3_500), ("basil", 3_500)])
def test_bodies_are_as_large_as_real_ones(era: str, least: int) -> None:
    sizes = [len(msgspec.json.encode(e)) for e in events(era) if e["type"].startswith("customer.subscription.")]
    assert least < sum(sizes) / len(sizes) < 6_500


def test_difference_names_what_changed_only() -> None:
    before = {"a": 1, "b": {"c": 1, "d": 2}, "e": [1], "f": None, "g": {"h": 1}, "m": {"x": "1"}}
    after = {"a": 1, "b": {"c": 1, "d": 3}, "e": [1, 2], "f": 4, "g": None, "m": {"x": "1", "y": "2"}}
    assert difference(before, after) == {"b": {"d": 2}, "e": [1], "f": None, "g": {"h": 1}, "m": {"y": None}}
    assert difference(after, after) == {}
