"""The trust pages: each change is made in a browser, and seen by the API; each figure is the API's."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from mrr.book import Book
from mrr.derivation import derive
from tests.api.conftest import Service, ended, made, started, told
from tests.browser.conftest import PATIENT, log_in, opened

# A body that nobody can read, and that would do harm on a page that took it for HTML.
HARMFUL = b'{"fact": "subscription", "customer": "<script>document.title=1</script>", "items": 12.50}'


def _weekly() -> bytes:
    body = told("weekly", "2025-01-15T00:00:00Z", "10")
    body["items"][0]["interval"] = "week"
    return json.dumps(body).encode()


def _out_of_memory(source: str) -> Any:
    raise MemoryError


def _stock(folder: Path) -> None:
    """More for the book: a weekly price, a body that nobody can read, and one that could not be read for a while."""
    with Book(folder) as book:
        book.append_bodies([_weekly(), HARMFUL], source="native")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(derive, "of_source", _out_of_memory)
            unlucky = json.dumps(told("unlucky", "2025-02-10T00:00:00Z", "40")).encode()
            assert book.append_bodies([unlucky], source="native").quarantined == 1


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service over a book with something in quarantine."""
    folder = tmp_path_factory.mktemp("trusted") / "book"
    tokens = made(folder)
    _stock(folder)
    process, url = started(folder)
    running = Service(url, folder, tokens, process)
    running.ready(6)
    yield running
    ended(process)


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    """A page that is logged in, on which changes are refused."""
    with opened(browser, service.url, 1280) as page:
        log_in(page, service)
        yield page


@pytest.fixture
def api(service: Service) -> Iterator[httpx.Client]:
    """The API as who may do everything."""
    with service.client() as client:
        client.timeout = httpx.Timeout(PATIENT / 1000)
        yield client


def asked(api: httpx.Client, path: str) -> Any:
    """An answer of the API."""
    return api.get(path).raise_for_status().json()


def micros(text: str) -> int:
    """`−$1,234.50` in micros, to the cent."""
    digits = re.sub(r"[^\d.−]", "", text).replace("−", "-")
    return int(Decimal(digits) * 1_000_000)


def cents(amount: int) -> int:
    """An amount in micros, to the cent that a page shows."""
    return round(amount, -4)


def test_the_quarantine_is_read_once_more(page: Page, api: httpx.Client) -> None:
    page.goto("/journal")
    quarantine = page.locator("#quarantine")
    expect(quarantine).to_contain_text("MemoryError")
    quarantine.get_by_role("button", name="Read the quarantine once more").click()
    expect(quarantine.get_by_role("status")).to_have_text("1 of 2 could be read now.", timeout=PATIENT)
    expect(quarantine).not_to_contain_text("MemoryError")
    (left,) = asked(api, "/v1/quarantine")["rows"]
    assert quarantine.locator("tbody tr").count() == 1
    expect(quarantine.locator("tbody tr")).to_contain_text(left["reason"])
    assert asked(api, "/v1/movements?customer=unlucky")["rows"][0]["amount_micros"] == 40_000_000


def test_an_entry_is_shown_byte_by_byte_as_text(page: Page, api: httpx.Client) -> None:
    page.goto("/journal?outcome=quarantined")
    entries = page.locator("section", has=page.get_by_role("heading", name="Entries"))
    entries.locator("tbody tr", has_text="items").get_by_role("link").first.click()
    body = page.locator("pre.body")
    expect(body).to_contain_text('"customer": "<script>document.title=1</script>"')
    # Numbers stand digit by digit as they came.
    expect(body).to_contain_text("12.50")
    assert page.title().startswith("Entry ")
    assert json.loads(asked(api, f"/v1/entries/{page.url.rsplit('/', 1)[-1]}")["body"]) == json.loads(HARMFUL)


def test_from_an_entry_to_what_began_by_it(page: Page) -> None:
    page.goto("/journal?customer=acme")
    page.get_by_role("table", name="The entries that fit").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="What was true by it")).to_be_visible()
    page.get_by_role("table", name="The movements").get_by_role("link", name="Explain").click()
    expect(page.locator(".receipt")).to_contain_text("100 × 1")


def test_a_month_is_closed_restated_and_opened_again(page: Page, api: httpx.Client, service: Service) -> None:
    page.goto("/close?ask=2025-01")
    expect(page.get_by_text("Is every entry read, none in quarantine?")).to_be_visible(timeout=PATIENT)
    page.get_by_role("button", name="Close 2025-01").click()
    expect(page.get_by_role("alert")).to_contain_text("2025-01 cannot be closed: readable", timeout=PATIENT)
    assert asked(api, "/v1/closes")["rows"] == []
    page.goto("/close?ask=2025-01")
    page.get_by_label("Because").fill("nobody knows that customer")
    page.get_by_label("Close over what fails").check()
    page.get_by_role("button", name="Close 2025-01").click()
    page.wait_for_url("**/close/2025-01", timeout=PATIENT)
    expect(page.get_by_role("heading", level=1)).to_contain_text("January 2025 is as it was closed", timeout=PATIENT)
    (closed,) = asked(api, "/v1/closes")["rows"]
    shown = page.locator(".ledger .v").first.inner_text()
    assert micros(shown) == cents(closed["sealed"]["rollforward"]["closing_micros"])
    assert closed["sealed"]["author"] == "t-admin"
    assert closed["sealed"]["failed"] == ["readable"]

    late = json.dumps(told("late", "2025-01-05T00:00:00Z", "25"))
    service.ready(api.post("/v1/events", content=late).raise_for_status().json().get("seq", 0))
    _restated(page, api)
    page.get_by_text("Open January 2025 again").click()
    page.get_by_label("Because").fill("a late fact")
    page.get_by_role("button", name="Reopen 2025-01").click()
    page.wait_for_url("**/close")
    expect(page.get_by_text("No month is closed yet")).to_be_visible()
    assert asked(api, "/v1/closes")["rows"] == []


def _restated(page: Page, api: httpx.Client) -> None:
    """A late fact of 25 changes the closed month on the page as in the API, and is named."""
    for _ in range(60):
        found = asked(api, "/v1/closes/2025-01/restatement")
        if found["difference_micros"]:
            break
        page.wait_for_timeout(250)
    page.wait_for_timeout(500)
    page.goto("/close")
    expect(page.get_by_role("row", name="January 2025")).to_contain_text("≠ close")
    page.get_by_role("link", name="January 2025").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Why did January 2025 change", timeout=PATIENT)
    assert micros(page.locator(".delta .v").inner_text()) == found["difference_micros"] == 25_000_000
    (named,) = found["entries"]
    expect(page.get_by_role("table", name="What came after the close")).to_contain_text(f"{named['entries'][0]}")


def test_a_bridge_to_a_preset_adds_up_as_the_api_s_does(page: Page, api: httpx.Client) -> None:
    page.goto("/bridge")
    page.get_by_role("link", name="Why does revenuecat say something else?").click()
    expect(page.get_by_text("✓ adds up")).to_be_visible(timeout=PATIENT)
    found = asked(api, "/v1/bridge?left=revenuecat&right=now")
    assert found["difference_micros"] != 0
    causes = page.get_by_role("table", name="What each cause comes to")
    assert micros(causes.locator("tr.total .num").first.inner_text()) == cents(found["difference_micros"])
    for cause in found["causes"]:
        if cause["amount_micros"]:
            row = causes.get_by_role("row", name=cause["name"].removeprefix("policy: "))
            assert micros(row.locator("td.num").first.inner_text()) == cents(cause["amount_micros"])
    assert causes.locator("svg rect").count() == causes.locator("tbody tr").count()
    page.get_by_role("table", name="What changes for each customer").get_by_role("link", name="Both").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("weekly in both ledgers", timeout=PATIENT)
    expect(page.get_by_text("normalise.week").first).to_be_visible()


def test_a_policy_is_tried_proposed_promoted_and_rolled_back(page: Page, api: httpx.Client) -> None:
    _proposed(page, "/policy/try?change=zero%3Dhold", "as it was")
    _decide(page, 1, "Approve", "seen")
    _decide(page, 1, "Make it a shadow", "watch it")
    _decide(page, 1, "Make it official", "it holds")
    expect(page.locator("#v1")).to_contain_text("official")
    _proposed(page, "/policy/try?change=normalise.week%3D4", "as it is paid")
    _decide(page, 2, "Make it a shadow", "watch it")
    _decide(page, 2, "Make it official", "it holds")
    found = asked(api, "/v1/policy/versions")
    assert found["official"] == 2
    assert [version["stage"] for version in found["versions"]] == ["retired", "official"]
    page.goto("/policy/diff?left=v1&right=v2")
    expect(page.get_by_role("row", name="normalise.week")).to_contain_text("4")
    page.goto("/policy")
    page.get_by_text("Roll back to version 1").click()
    page.get_by_label("Because").last.fill("it was not meant")
    page.get_by_role("button", name="Put version 1 back").click()
    page.wait_for_url("**/policy#v1", timeout=PATIENT)
    assert asked(api, "/v1/policy/versions")["official"] == 1


def _proposed(page: Page, path: str, reason: str) -> None:
    """Try a policy, see what it would be, and propose it."""
    page.goto(path)
    expect(page.get_by_role("heading", name="Closing MRR, month by month")).to_be_visible(timeout=PATIENT)
    page.get_by_label("Because").fill(reason)
    page.get_by_label("May move MRR by").fill("100%")
    page.get_by_role("button", name="Propose as a new version").click()
    page.wait_for_url("**/policy#v*", timeout=PATIENT)


def _decide(page: Page, version: int, what: str, reason: str) -> None:
    article = page.locator(f"#v{version}")
    form = article.locator("form", has=page.get_by_role("button", name=what))
    form.locator('input[name="reason"]').fill(reason)
    form.get_by_role("button").click()
    expect(article.locator("form", has=page.get_by_role("button", name=what)).locator("input:focus")).to_have_count(0)
    page.wait_for_load_state()
    expect(page.locator(f"#v{version}")).to_be_visible(timeout=PATIENT)


def test_a_decision_is_priced_as_the_api_prices_it(page: Page, api: httpx.Client) -> None:
    page.goto("/policy?priced=normalise.week")
    row = page.locator("table.decide tr", has_text="normalise.week")
    expect(row.locator("td.num")).to_contain_text("$", timeout=PATIENT)
    (price,) = asked(api, "/v1/policy/prices?key=normalise.week")["rows"]
    assert price["difference_micros"] != 0
    assert micros(row.locator("td.num").inner_text().split("\n")[0]) == cents(price["difference_micros"])


def test_a_reconciliation_is_run_kept_and_itemised(page: Page, api: httpx.Client) -> None:
    page.goto("/reconcile")
    page.get_by_text("MRR against the invoices for the same day").click()
    page.get_by_label("At most, %").first.fill("12.5")
    page.locator("details[open]").get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Every difference")).to_be_visible(timeout=PATIENT)
    run = asked(api, "/v1/reconciliations")["rows"][-1]
    assert run["what"] == "invoices"
    assert run["threshold_percent"] == "12.5"
    assert micros(page.locator(".delta .v").inner_text()) == cents(run["drift_micros"])
    assert page.locator("main table tbody tr").count() == run["differences"] > 0
    page.goto("/reconcile?what=invoices")
    expect(page.locator("main table tbody tr").first).to_contain_text("▲ over")


def test_an_export_of_another_system_is_compared(page: Page, api: httpx.Client) -> None:
    page.goto("/reconcile?what=entitlements")
    form = page.locator("details[open]")
    table = b"customer,status\nacme,active\nbeta,active\nstranger,active\n"
    form.locator("input[type=file]").set_input_files({"name": "who.csv", "mimeType": "text/csv", "buffer": table})
    form.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("against who.csv", timeout=PATIENT)
    expect(page.get_by_role("row", name="stranger")).to_be_visible()
    assert asked(api, "/v1/reconciliations")["rows"][-1]["theirs"] == "who.csv"


def test_verify_says_what_the_api_says(page: Page, api: httpx.Client) -> None:
    page.goto("/journal/verify")
    expect(page.get_by_role("heading", level=1)).to_have_text("The journal is whole", timeout=PATIENT)
    found = asked(api, "/v1/verify")
    expect(page.get_by_role("main")).to_contain_text(found["ledger_digest"])


CHANGES = {
    "/close": "close",
    "/close/2025-01/reopen": "close",
    "/policy/propose": "close",
    "/policy/1/approve": "close",
    "/policy/1/promote": "close",
    "/policy/rollback": "close",
    "/reconcile": "operate",
    "/reconcile/1/backfill": "operate",
    "/journal/retry": "operate",
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_needs_its_scope_and_comes_of_the_session_s_own_page(
    page: Page, service: Service, api: httpx.Client, path: str
) -> None:
    with service.client("read") as reader:
        refused = reader.post(path, data={"month": "2025-01", "what": "invoices", "reason": "because"})
    assert refused.status_code == 403
    assert f"needs the scope {CHANGES[path]}" in refused.text
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    with httpx.Client(base_url=service.url, cookies=cookies) as other:
        refused = other.post(path, data={"csrf": "guessed", "month": "2025-01", "what": "invoices"})
    assert refused.status_code == 403
    assert "form is of another session" in refused.text


def test_who_may_only_read_is_offered_no_change(page: Page, service: Service) -> None:
    page.set_extra_http_headers({"Authorization": f"Bearer {service.tokens['read']}"})
    for path in ("/policy", "/close", "/reconcile", "/bridge"):
        page.goto(path)
        assert page.locator('main form[method="post"]').count() == 0


@pytest.mark.parametrize("path", ["/policy", "/close?ask=2025-01", "/bridge?left=revenuecat&right=now", "/journal/1"])
def test_a_worked_out_page_is_fit_for_a_phone_and_for_axe(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(path)
    expect(page.get_by_role("heading", name="Working it out")).to_have_count(0, timeout=PATIENT)
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["target"]) for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("/close?as=csv", "month"),
        ("/reconcile?as=csv", "run at"),
        ("/journal?as=csv", "seq"),
        ("/bridge?left=revenuecat&as=csv", "month"),
    ],
)
def test_a_table_is_taken_as_a_file_by_who_may(service: Service, path: str, column: str) -> None:
    with service.client("admin") as client:
        answer = client.get(path, timeout=PATIENT / 1000)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.startswith(column)
    with service.client("read") as client:
        assert client.get(path, timeout=PATIENT / 1000).status_code == 403
