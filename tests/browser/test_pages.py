"""What a person sees and does: figures as the API has them, from a cell to the event behind it, live, in and out."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from mrr.figures import rounded
from tests.api.conftest import Service, told

PAGES = ("/", "/movements", "/customers", "/customers/acme", "/metrics", "/journal")


def _drawn(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_selector("html[data-ready]")


def test_the_board_shows_what_the_api_says(page: Page, service: Service) -> None:
    _drawn(page, "/")
    with service.client("read") as client:
        last = client.get("/v1/rollforward").json()["rows"][-1]
        customers = client.get("/v1/metrics/customers").json()["rows"][-1]["count"]
    shown = page.locator('[data-figure="mrr.ending"]').inner_text()
    assert shown.replace("\n", "") == f"${rounded(last['closing_micros'], 2) / 100:,.2f}"
    assert page.locator('[data-figure="Customers"]').inner_text() == f"{customers:,}"
    assert page.locator("figure.chart svg").count() == 2


def test_from_a_cell_to_the_event(page: Page) -> None:
    _drawn(page, "/movements?from=2025-01&to=2025-03")
    page.locator("table.roll tr.act", has_text="New").get_by_role("link").first.click()
    drawer = page.get_by_label("Movements in the selected cell")
    expect(drawer).to_contain_text("January 2025")
    row = drawer.locator("tr", has_text="acme")
    expect(row).to_contain_text("+$100.00")
    row.get_by_role("link", name="acme").click()
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text("acme pays $100.00 a month more since 10 Jan 2025")
    expect(receipt).to_contain_text("100 × 1")
    receipt.get_by_role("link", name="1", exact=True).click()
    page.wait_for_url("**/journal/1")


def test_a_roll_forward_adds_up_on_the_screen(page: Page) -> None:
    _drawn(page, "/movements?from=2025-01&to=2025-04")
    for column in ("2025-01-01", "2025-02-01"):
        cells = page.locator(f'table.roll td[data-m="{column}"]').all_inner_texts()
        opening, *moved, net, closing = (_number(cell.split("\n")[0]) for cell in cells)
        assert opening + sum(moved) == opening + net == closing


def _number(text: str) -> int:
    return int(re.sub(r"[^\d−]", "", text).replace("−", "-"))


def test_a_delivery_moves_the_page_without_a_reload(page: Page, service: Service) -> None:
    _drawn(page, "/")
    page.evaluate("window.stays = true")
    before = int(page.locator("[data-seq]").inner_text().replace(",", ""))
    ending = page.locator('[data-figure="mrr.ending"]').inner_text()
    with service.client("operate") as client:
        answer = client.post("/v1/events", content=json.dumps(told("live", "2025-03-01T00:00:00Z", "1000")))
        assert answer.status_code == 202
    expect(page.locator("[data-seq]")).to_have_text(f"{before + 1:,}", timeout=30_000)
    assert page.locator('[data-figure="mrr.ending"]').inner_text() != ending
    assert page.evaluate("window.stays") is True


def test_nobody_sees_a_page_without_logging_in(browser: Browser, service: Service) -> None:
    context = browser.new_context(base_url=service.url)
    page = context.new_page()
    page.goto("/movements?interval=quarter")
    assert "/login?next=/movements%3Finterval%3Dquarter" in page.url
    page.get_by_label("Password or token").fill("mrr_no_token")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("no such token")
    page.get_by_label("Password or token").fill(service.tokens["read"])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/movements?interval=quarter")
    page.get_by_role("button", name=re.compile("Log out")).click()
    page.wait_for_url("**/login")
    page.goto("/")
    assert "/login" in page.url
    context.close()


def test_what_a_customer_is_called_is_text(page: Page, service: Service) -> None:
    page.goto("/customers")
    expect(page.get_by_role("link", name="=cmd|' calc'!A0")).to_be_visible()
    with service.client("read") as client:
        answer = client.get("/customers/<img src=x onerror=alert(1)>")
    assert answer.status_code == 404
    assert "&lt;img src=x onerror=alert(1)&gt;" in answer.text
    assert "<img" not in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_every_page_fits_a_phone(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    _drawn(page, path)
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    assert page.title()


def test_keys(page: Page) -> None:
    _drawn(page, "/")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/movements")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") in ("dark", "light")
