"""The on-call pages in a browser: a real alert is found, read, taken on, silenced and resolved; its course is drawn."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from mrr.access import Access
from mrr.book import Book
from mrr.book.clock import now_micros
from mrr.policy import standard
from mrr.watch.delivery import link
from mrr.watch.settings import settings
from tests.api.conftest import Service, ended, started
from tests.browser.test_looks import ready
from tests.watch import troubled
from tests.watch.rehearsed import outcome

Enter = Callable[[str], Page]
SCOPES = ("read", "operate", "export")


@pytest.fixture(scope="module")
def troubled_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A small company in trouble whose watchers have looked once, served; a token for each scope."""
    folder = tmp_path_factory.mktemp("troubled") / "book"
    now = datetime.now(UTC).replace(tzinfo=None)
    with Book.create(folder, policy=standard()) as book:
        book.append_bodies(troubled.bodies(troubled.company(now)), source="native")
        book.append_bodies([b'{"fact": "nonsense"}'], source="native")
        book.annotate(kind="deploy", text="checkout 4.12: new card form", author="ci")
        book.reconcile_invoices()
        assert book.watch().opened
        access = Access(book.journal)
        tokens = {scope: access.token(scope, ["read", scope], now_micros()) for scope in SCOPES}
    process, url = started(folder)
    service = Service(url, folder, tokens, process)
    service.ready(1)
    yield service
    ended(process)


@pytest.fixture
def enter(browser: Browser, troubled_service: Service) -> Iterator[Enter]:
    """Logs in with the token of a scope, and gives the page."""
    contexts = []

    def entered(scope: str) -> Page:
        contexts.append(browser.new_context(base_url=troubled_service.url, viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.goto("/login")
        page.get_by_label("Password or token").fill(troubled_service.tokens[scope])
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/")
        return page

    yield entered
    for context in contexts:
        context.close()


def alert_of(service: Service, rule: str) -> int:
    """The number of the latest alert of a rule."""
    with Book(service.folder) as book:
        return next(one.alert_id for one in book.alerts() if rule in one.rules)


def test_an_alert_is_taken_on_silenced_and_resolved(enter: Enter, troubled_service: Service) -> None:
    page, number = enter("operate"), alert_of(troubled_service, "outcome.quarantined")
    ready(page, "/on-call")
    alert = page.locator(f"#alert-{number}")
    alert.get_by_role("button", name="Take it on").click()
    # The page comes back at this alert, laid open.
    page.wait_for_url(f"**/on-call?alert={number}#alert-{number}")
    expect(alert).to_contain_text("taken on by operate")
    expect(alert.get_by_role("button", name="Take it on")).to_have_count(0)
    expect(alert.locator("details")).to_have_attribute("open", "")

    alert.get_by_label("Tell nobody of").select_option("outcome.quarantined")
    alert.get_by_label("Because", exact=True).fill("the provider knows")
    alert.get_by_role("button", name="Silence").click()
    expect(page.locator("#alerts")).to_contain_text("outcome.quarantined until")

    page.get_by_role("button", name="Lift the silence of outcome.quarantined").click()
    expect(page.locator("#silenced")).to_have_count(0)
    alert = page.locator(f"#alert-{number}")
    ready(page, f"/on-call?alert={number}#alert-{number}")
    alert.get_by_label("Tell nobody of").select_option("outcome.quarantined")
    alert.get_by_label("Because", exact=True).fill("not yet mended")
    alert.get_by_role("button", name="Silence").click()

    alert.get_by_label("It is over, because").fill("sent again as it should be")
    alert.get_by_role("button", name="Resolve").click()
    expect(alert).to_have_attribute("data-state", "resolved")
    expect(alert).to_contain_text("operate: sent again as it should be")
    with Book(troubled_service.folder) as book:
        told = book.alert(alert=number)
        assert (told.state, told.acknowledged_by, told.resolved_by) == ("resolved", "operate", "operate")
        (silenced,) = book.silences()
        assert silenced.author == "operate"
        assert [step for step in book.trail.steps() if step.action.endswith(f"/{number}/acknowledge")]


def test_who_may_only_read_is_offered_nothing_and_refused(enter: Enter, troubled_service: Service) -> None:
    page, number = enter("read"), alert_of(troubled_service, "slo.leakage")
    ready(page, f"/on-call?alert={number}")
    expect(page.get_by_role("button", name="Take it on")).to_have_count(0)
    expect(page.locator(f"#alert-{number}")).to_contain_text("needs the scope operate")
    page.evaluate(
        """number => {
          const form = document.createElement('form'), said = document.createElement('input');
          form.method = 'post'; form.action = `/on-call/alerts/${number}/acknowledge`;
          said.name = 'csrf'; said.value = document.body.dataset.csrf;
          form.append(said); document.body.append(form); form.submit();
        }""",
        number,
    )
    expect(page.get_by_text("this needs the scope operate")).to_be_visible()
    with Book(troubled_service.folder) as book:
        assert book.alert(alert=number).state == "open"


def test_a_form_without_the_token_of_its_session_changes_nothing(troubled_service: Service) -> None:
    number = alert_of(troubled_service, "slo.leakage")
    with httpx.Client(base_url=troubled_service.url) as client:
        client.post("/login", data={"password": troubled_service.tokens["operate"]})
        answer = client.post(f"/on-call/alerts/{number}/acknowledge", data={"csrf": "guessed"})
    assert answer.status_code == 403
    with Book(troubled_service.folder) as book:
        assert book.alert(alert=number).state == "open"


def test_a_message_leads_to_its_alert_also_once_that_is_over(enter: Enter, troubled_service: Service) -> None:
    number = alert_of(troubled_service, "slo.proration")
    with Book(troubled_service.folder) as book:
        (book.folder / "watch.toml").write_text(f'link = "{troubled_service.url}"\n')
        place = link(book.alert(alert=number), settings(book.folder))
        book.resolve(alert=number, author="ada", reason="billed anew")
    page = enter("read")
    page.goto(place)
    expect(page.locator(f"#alert-{number}")).to_be_in_viewport()
    expect(page.locator(f"#alert-{number} details")).to_have_attribute("open", "")
    page.locator(f"#alert-{number}").get_by_role("link", name="Runbook slo.proration").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("slo.proration")
    expect(page.locator("main ol > li").first).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Proration accuracy"))).to_be_visible()


def test_the_course_is_drawn_with_its_figures_beside(enter: Enter, troubled_service: Service) -> None:
    page = enter("operate")
    ready(page, "/on-call")
    course = page.locator("#course")
    expect(course.locator("figure.chart svg")).to_have_count(2)
    # Of six who set out to pay for the first time within a day two did and one did not, the others are undecided.
    checkout = course.locator("section").filter(has=page.get_by_role("heading", name="Checkout success"))
    expect(checkout.locator(".now")).to_have_text("66.7%")
    checkout.get_by_text("The figures as a table").click()
    assert checkout.locator("tbody td:nth-child(2)").all_inner_texts() == ["1", "2"]
    drawn = page.request.get("/charts/oncall-checkout.json?window=1d").json()
    assert "checkout 4.12: new card form" in str(drawn["datasets"])
    assert page.request.get("/charts/oncall-latency.json?window=3d").status == 400
    # What comes in while the book is served is timed.
    expect(course).to_contain_text("Nothing happened in the last 24 h.")
    with Book(troubled_service.folder) as book:
        book.append_bodies([b'{"fact": "nonsense", "again": 1}'], source="native")
    expect(page.locator('table[data-live="entries"]')).to_contain_text("✓ adds up")
    for _ in range(20):
        ready(page, "/on-call?window=1h")
        if course.locator("figure.chart svg").count() == 3:
            break
        page.wait_for_timeout(500)
    expect(course.locator("section").first.locator(".now")).to_have_text(re.compile(r"^[\d.]+ m?s$"))


def test_what_was_done_is_noted(enter: Enter, troubled_service: Service) -> None:
    page = enter("operate")
    ready(page, "/on-call")
    page.locator("#done").get_by_label("Kind").select_option("flag")
    page.get_by_label("What was done just now").fill("retry_twice off")
    page.get_by_role("button", name="Note it").click()
    expect(page.locator("#done")).to_contain_text("retry_twice off")
    with Book(troubled_service.folder) as book:
        assert [(one.kind, one.author) for one in book.annotations()][-1] == ("flag", "operate")


def rows(page: Page) -> list[str]:
    """The customers of the table of an incident."""
    return page.locator("main tbody th").all_inner_texts()


def test_an_incident_is_narrowed_exported_and_written_up(enter: Enter, troubled_service: Service) -> None:
    page = enter("export")
    ready(page, "/on-call")
    page.get_by_role("link", name="Incident", exact=True).click()
    # Within a day payments of four failed: c3 and n2 were charged after all, n3 never was a customer.
    expect(page.locator('[data-figure="customers"]')).to_have_text("4")
    expect(page.locator('[data-figure="at_risk"]')).to_have_text("$100")
    assert sorted(rows(page)) == ["c2", "c3", "n2", "n3"]

    page.get_by_label("Payments failed with").select_option("expired_card")
    page.get_by_label("Plan").select_option("pro")
    begun = (datetime.now(UTC) - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    page.get_by_label("From (else a day ago)").fill(begun)
    page.get_by_label("Customers, an id a line").fill("native/c2\nc3, c4")
    page.get_by_role("button", name="Show who is affected").click()
    expect(page.get_by_label("From (else a day ago)")).to_have_value(begun)
    assert rows(page) == ["c2"]
    expect(page.locator("main tbody tr")).to_contain_text("update payment method")
    page.get_by_role("link", name="c2").click()
    page.wait_for_url("**/customers/native/c2")
    page.go_back()

    with page.expect_download() as download:
        page.get_by_role("link", name="Playbook CSV").click()
    assert download.value.suggested_filename == "at-risk.csv"
    (row,) = csv.DictReader(download.value.path().read_text("utf-8").splitlines())
    assert (row["customer_id"], row["play"], row["at_risk"]) == ("c2", "update payment method", "100")
    with page.expect_download() as download:
        page.get_by_role("link", name="Postmortem draft").click()
    draft = download.value.path().read_text("utf-8")
    assert "| c2 | payment failed (expired_card) | 100.00 | 100.00 | 0.00 |" in draft
    assert "checkout 4.12: new card form" in draft
    assert "n3" not in draft


def test_who_may_not_export_sees_an_incident_and_takes_no_list(enter: Enter, troubled_service: Service) -> None:
    page, number = enter("read"), alert_of(troubled_service, "slo.leakage")
    ready(page, f"/on-call?alert={number}")
    page.locator(f"#alert-{number}").get_by_role("link", name="Whom it concerns").click()
    page.wait_for_url(f"**/on-call/incident?alert={number}")
    with Book(troubled_service.folder) as book:
        whom = book.alert(alert=number).customers
    assert whom
    assert sorted(rows(page)) == sorted(name.partition("/")[2] for name in whom)
    assert page.get_by_text("Playbook CSV").count() == 0
    assert page.request.get(f"/on-call/incident?alert={number}&as=csv").status == 403
    answer = page.request.get(f"/on-call/postmortem?alert={number}")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/markdown; charset=utf-8")
    assert "# Postmortem: " in answer.text()
    # What makes no sense is said above the form, which keeps what was typed.
    page.goto("/on-call/incident?from=2026-01-02T00%3A00&to=2026-01-01T00%3A00")
    expect(page.get_by_role("alert")).to_contain_text("is no stretch of time")
    expect(page.get_by_label("Until (else now)")).to_have_value("2026-01-01T00:00")
    assert page.request.get("/on-call/incident?where=nonsense").status == 400


def test_the_last_drill_of_each_failure_is_shown(enter: Enter, troubled_service: Service) -> None:
    page = enter("read")
    ready(page, "/on-call")
    expect(page.locator("#drills")).to_contain_text("Nothing was drilled on this book yet")
    with Book(troubled_service.folder) as book:
        for one in (outcome("F5", passed=False), outcome("F5"), outcome("control", detected=None)):
            book.keep_drill(found=one)
        engine = outcome("F5").engine
    ready(page, "/on-call")
    drilled = page.locator("#drills tbody tr")
    expect(drilled).to_have_count(2)
    last = page.locator('[data-drill="F5"]')
    expect(last).to_contain_text("✓ passed")
    expect(last).to_contain_text("14 h 00 min")
    expect(last).to_contain_text("another engine")
    expect(page.locator("#drills")).to_contain_text("mrr drill all --book book")
    answer = page.request.get("/v1/drills?drill=F5&limit=1", headers=bearer(troubled_service, "read"))
    assert [(one["drill_id"], one["passed"], one["engine"]) for one in answer.json()["rows"]] == [(2, True, engine)]


def bearer(service: Service, scope: str) -> dict[str, str]:
    """What a program says of itself."""
    return {"Authorization": f"Bearer {service.tokens[scope]}"}


def test_charts_of_the_service_are_pictures_too(troubled_service: Service) -> None:
    with httpx.Client(base_url=troubled_service.url) as client:
        for scope, status in (("read", 403), ("export", 200)):
            headers = {"Authorization": f"Bearer {troubled_service.tokens[scope]}"}
            answer = client.get("/charts/oncall-drift.png", params={"window": "28d"}, headers=headers)
            assert answer.status_code == status
    assert answer.content.startswith(b"\x89PNG")
