"""The revenue pages over a company's year: their figures are the API's, they add up, and each leads further down."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from mrr.figures import rounded, written
from tests.browser.conftest import Stocked
from tests.browser.test_looks import ready


@pytest.fixture(scope="module")
def api(stocked: Stocked) -> Iterator[httpx.Client]:
    """The API as who may see everything."""
    with stocked.service.client("admin") as client:
        yield client


def number(text: str) -> int:
    """Whole units out of `−$1,234` with whatever stands below it."""
    return int(re.sub(r"[^\d−]", "", text.partition("\n")[0]).replace("−", "-"))


def rows(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    """The rows of an answer."""
    found: list[dict[str, Any]] = api.get(path).raise_for_status().json()["rows"]
    return found


def test_the_roll_forward_is_the_api_s_and_every_column_adds_up(look: Page, api: httpx.Client) -> None:
    ready(look, "/movements")
    told = {row["period_starts_on"]: row for row in rows(api, "/v1/rollforward")}
    starts = look.locator("table.roll thead [data-m]").evaluate_all("cells => cells.map(one => one.dataset.m)")
    assert len(starts) == 12
    for start in starts:
        cells = look.locator(f'table.roll tbody [data-m="{start}"]').all_inner_texts()
        opening, *moved, net, closing = map(number, cells)
        assert opening + sum(moved) == opening + net == closing
        row = told[start]
        assert (opening, closing) == (rounded(row["opening_micros"], 0), rounded(row["closing_micros"], 0))
        assert cells[-1].split("\n")[1] == f"{row['customers_closing']:,}"
        names = ("new", "expansion", "reactivation", "contraction", "churn", "fx")
        assert all(abs(unit - row[f"{name}_micros"] / 10**6) <= 1 for name, unit in zip(names, moved, strict=True))


def test_a_cell_counts_the_customers_who_are_behind_it(look: Page, api: httpx.Client, stocked: Stocked) -> None:
    month = stocked.words["month"]
    ready(look, f"/movements?period={month}-01&class=new")
    moved = rows(api, f"/v1/movements?class=new&from={month}&to={month}")
    shown = look.locator("table.roll td.sel")
    assert shown.inner_text().split("\n")[1] == str(len({row["customer_id"] for row in moved}))
    drawer = look.get_by_label("Movements in the selected cell")
    expect(drawer).to_contain_text(f"{len(moved)} movement")
    total = sum(row["amount_micros"] for row in moved)
    assert drawer.locator("header .strong").inner_text() == f"+${written(rounded(total, 2), 2)}"
    assert drawer.locator("tbody tr").count() == len(moved)


def test_a_filtered_cell_opens_only_what_lies_inside(look: Page, api: httpx.Client) -> None:
    ready(look, "/movements?where=segment%3Dsmb")
    cell = look.locator("table.roll tr.act", has_text="New").locator("a").last
    shown = number(cell.inner_text())
    cell.click()
    look.wait_for_selector("html[data-ready]")
    assert "where=segment%3Dsmb" in look.url
    total = number(look.get_by_label("Movements in the selected cell").locator("header .strong").inner_text()) / 100
    assert abs(total - shown) <= 1


def test_bars_stand_over_their_columns_and_both_light_up_together(look: Page, stocked: Stocked) -> None:
    ready(look, "/movements")
    day = stocked.words["day"]
    head = look.locator(f'table.roll thead [data-m="{day}"]')
    middle = "one => { const box = one.getBoundingClientRect(); return box.x + box.width / 2 }"
    column = head.evaluate(middle)
    bars = look.locator("figure.over svg .mark-rect path").evaluate_all(f"all => all.map({middle})")
    assert any(abs(column - bar) < 2 for bar in bars)
    head.hover()
    expect(head).to_have_class(re.compile("hot"))
    lit = look.locator("figure.over svg .mark-rect path").evaluate_all(
        """all => all.filter(one => one.getAttribute('fill') === 'var(--line)'
            && Number(one.getAttribute('opacity')) > 0).length"""
    )
    assert lit == 1
    box = look.locator("figure.over svg").bounding_box()
    assert box is not None
    look.mouse.move(column - 83, box["y"] + box["height"] / 2)
    expect(head).not_to_have_class(re.compile("hot"))
    assert look.locator("table.roll thead .hot").count() == 1


def test_arrows_move_in_the_table_and_enter_opens(look: Page) -> None:
    ready(look, "/movements")
    stops = look.locator("table.roll [tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    look.keyboard.press("Home")
    look.keyboard.press("ArrowRight")
    assert look.evaluate("document.activeElement.closest('td').cellIndex") == 2
    link = look.locator("table.roll tr.act", has_text="Expansion").locator("a").last
    link.focus()
    look.keyboard.press("Enter")
    expect(look.get_by_label("Movements in the selected cell")).to_be_visible()
    look.keyboard.press("Escape")
    expect(look.get_by_label("Movements in the selected cell")).to_have_count(0)


def test_a_receipt_leads_from_the_sentence_to_the_entry(look: Page, stocked: Stocked) -> None:
    ready(look, f"/movements?movement={stocked.words['movement']}")
    receipt = look.locator(".receipt")
    expect(receipt.locator(".say")).to_contain_text("so this is a new")
    expect(receipt).to_contain_text(f"mrr explain {stocked.words['movement']}")
    receipt.locator(".steps a.mono").first.click()
    assert re.search(r"/journal/\d+$", look.url)


def test_customers_are_found_sorted_and_turned(look: Page, api: httpx.Client) -> None:
    ready(look, "/customers")
    told = rows(api, "/v1/customers")
    assert look.locator("table.rows tbody th .strong").first.inner_text() == told[0]["attributes"]["name"]
    look.get_by_role("link", name="MRR").click()
    assert number(look.locator("table.rows tbody tr").first.locator("td.num").first.inner_text()) == 0
    name = told[0]["attributes"]["name"]
    look.get_by_label("Search").fill(name.upper())
    look.keyboard.press("Enter")
    look.wait_for_url("**search=**")
    same = [row for row in told if row["attributes"]["name"] == name]
    expect(look.locator(".sub")).to_contain_text(f"{len(same)} with")
    assert look.locator("table.rows tbody tr").count() == len(same)


def test_one_customer_shows_what_is_known_of_it(look: Page, api: httpx.Client, stocked: Stocked) -> None:
    ready(look, stocked.path("/customers/{customer}"))
    moved = rows(api, stocked.path("/v1/movements?customer={customer}"))
    (one,) = rows(api, stocked.path("/v1/customers?customer={customer}"))
    assert look.locator('[data-figure="mrr"]').inner_text() == f"${written(rounded(one['mrr_micros'], 2), 2)}"
    assert look.locator('[data-live="moved"] tbody tr').count() == len(moved)
    for heading in ("Subscriptions", "Invoices", "Payments", "Raw events"):
        panel = look.locator(".panel").filter(has=look.get_by_role("heading", name=heading, exact=True))
        assert panel.locator("tbody tr").count() > 0, heading
    assert look.locator("figure.chart svg").count() == 1


def test_cohorts_are_the_api_s(look: Page, api: httpx.Client) -> None:
    ready(look, "/cohorts?interval=quarter&from=2020")
    told = rows(api, "/v1/cohorts/revenue?interval=quarter&from=2020")
    expected = [rounded(int(row["ratio"].replace(".", "")) * 100, 0) for row in told if row["denominator"]]
    assert list(map(int, look.locator("table.heat td span").all_inner_texts())) == expected


@pytest.mark.parametrize("by", ["plan", "currency", "segment", "country"])
def test_groups_add_up_to_the_total(look: Page, api: httpx.Client, by: str) -> None:
    ready(look, f"/plans?by={by}")
    units = list(map(number, look.locator('[data-live="shares"] [data-figure="mrr"]').all_inner_texts()))
    total = rows(api, "/v1/rollforward")[-1]["closing_micros"]
    assert sum(units) == number(look.locator('[data-figure="total"]').inner_text()) == rounded(total, 0)
    last = rows(api, f"/v1/rollforward?by={by}")
    groups = [row for row in last if row["period_starts_on"] == last[-1]["period_starts_on"] and row["closing_micros"]]
    assert sorted(units) == pytest.approx(sorted(rounded(row["closing_micros"], 0) for row in groups), abs=1)
    for row in look.locator('[data-live="rolled"] tbody tr').all():
        opening, *moved, closing = map(number, row.locator("td").all_inner_texts())
        assert opening + sum(moved) == closing


@pytest.mark.parametrize("name", ["mrr.ending", "nrr", "customers", "arpa", "plan_mix"])
def test_a_metric_shows_its_definition_and_its_figures(look: Page, api: httpx.Client, name: str) -> None:
    ready(look, f"/metrics/{name}")
    answer = api.get(f"/v1/metrics/{name}").json()
    expect(look.locator(".formula")).to_have_text(re.sub(r"\s+", " ", answer["definition"]["formula"]))
    newest = answer["rows"][-1]["period_starts_on"]
    shown = look.locator(f'[data-figure="{newest}"]')
    assert shown.count() == sum(row["period_starts_on"] == newest for row in answer["rows"])
    if name == "mrr.ending":
        assert shown.inner_text() == f"${written(rounded(answer['rows'][-1]['value_micros'], 2), 2)}"
    assert look.locator("figure.chart svg").count() == 1


def test_the_figures_of_a_page_come_as_a_file(look: Page, api: httpx.Client) -> None:
    ready(look, "/movements?from=2026&where=segment%3Dsmb")
    with look.expect_download() as taken:
        look.get_by_role("link", name="Export CSV").click()
    found = list(csv.DictReader(io.StringIO(taken.value.path().read_text("utf-8"))))
    told = rows(api, "/v1/rollforward?from=2026&where=segment%3Dsmb")
    assert [row["period_starts_on"] for row in found] == [row["period_starts_on"] for row in told]
    assert [rounded(int(row["closing"].replace(".", "")), 0) for row in found] == [
        rounded(row["closing_micros"], 0) for row in told
    ]
    with look.expect_download() as drawn:
        look.get_by_role("link", name="PNG of the chart").click()
    assert drawn.value.path().read_bytes().startswith(b"\x89PNG")


def test_files_need_the_scope_to_export(stocked: Stocked) -> None:
    with stocked.service.client("read") as client:
        for path in ("/exports/rollforward.csv", "/charts/mrr.png"):
            assert client.get(path).status_code == 403
        assert client.get("/charts/mrr.json").status_code == 200


def test_no_page_opens_a_file_of_the_server(stocked: Stocked) -> None:
    with stocked.service.client("read") as client:
        for path in ("/", "/movements", "/customers", "/cohorts", "/plans", "/metrics/arr", "/charts/mrr.json"):
            answer = client.get(path, params={"ledger": "/etc/passwd"})
            assert answer.status_code == 400
            assert "names no ledger here" in answer.text


def test_keys_are_told(look: Page) -> None:
    ready(look, "/")
    look.keyboard.press("?")
    expect(look.get_by_role("dialog", name="Keys")).to_contain_text("first filter")
    look.keyboard.press("Escape")
    for key, path in (("h", "/cohorts"), ("p", "/plans"), ("d", "/metrics")):
        look.keyboard.press("g")
        look.keyboard.press(key)
        look.wait_for_url(f"**{path}")
        look.wait_for_selector("html[data-ready]")
