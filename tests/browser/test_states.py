"""What a page shows when things are not as always: cut off, held, building, stopping; forms that take a list."""

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from mrr.access import Access
from mrr.book import Book
from mrr.book.clock import now_micros
from mrr.live import Live
from mrr.policy import standard
from mrr.serve import served
from mrr.web.aside import Aside, Stopped, Work
from tests.api.conftest import Service, ended, made, started, told
from tests.browser.conftest import PATIENT, log_in, opened
from tests.reconcile.books import SEEN_TEXT, book_of, created, listed, sub

OLD = "customer_id,plan,mrr,currency,start_date\ncus_a,team,20,USD,2023-06-01\ngone,team,50,USD,2023-06-01\n"


def _event(customer: str, amount: str) -> str:
    return json.dumps(told(customer, "2025-03-01T00:00:00Z", amount))


# ----- a page that is open while things happen


def test_a_page_whose_service_ends_keeps_its_figures_and_says_since_when(browser: Browser, tmp_path: Path) -> None:
    tokens = made(tmp_path / "book")
    process, url = started(tmp_path / "book")
    running = Service(url, tmp_path / "book", tokens, process)
    running.ready(3)
    context = browser.new_context(base_url=url)
    page = context.new_page()
    log_in(page, running)
    figure, stale = page.locator('[data-figure="mrr.ending"]').inner_text(), page.locator("[data-stale]")
    expect(page.locator("[data-dot]")).to_be_visible()
    expect(stale).to_be_hidden()
    ended(process)
    expect(page.locator("[data-dot]")).to_be_hidden(timeout=PATIENT)
    expect(stale).to_contain_text("not live since", timeout=PATIENT)
    assert page.locator('[data-figure="mrr.ending"]').inner_text() == figure
    context.close()


def test_new_movements_wait_while_somebody_points_at_the_list(page: Page, service: Service) -> None:
    page.goto("/")
    page.wait_for_selector("html[data-ready]")
    feed, held = page.locator("[data-feed]"), page.locator("[data-held]")
    seq, shown = page.locator("[data-seq]"), feed.inner_text()
    before = int(seq.inner_text().replace(",", ""))
    feed.hover()
    with service.client("operate") as client:
        for number, name in enumerate(("held", "held-too"), 1):
            assert client.post("/v1/events", content=_event(name, "30")).status_code == 202
            expect(held).to_have_text(f"{number} new ·", timeout=PATIENT)
    expect(seq).to_have_text(f"{before + 2:,}")
    assert feed.inner_text() == shown, "nothing moves under the hand"
    page.mouse.move(0, 0)
    expect(held).to_be_hidden()
    expect(feed).to_contain_text("held-too")


# ----- the service as it begins and as it ends


def _asked(live: Live, *paths: str) -> list[httpx.Response]:
    """What the pages answer while nothing of the service runs behind them."""

    async def asked() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(served(live)), base_url="http://here") as client:
            return [await client.get(path) for path in paths]

    # The browser of other tests has a loop of its own in this thread.
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: asyncio.run(asked())).result()


def test_until_the_first_ledger_stands_every_page_says_so(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        live = Live(book)
        *answers, login = _asked(live, "/", "/movements", "/customers/acme", "/login")
        for answer in answers:
            assert answer.status_code == 503
            assert "The ledger is being built" in answer.text
            assert (answer.headers["Retry-After"], answer.headers["Refresh"]) == ("2", "2")
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert login.status_code == 200
        live.failure = "the disk is full"
        (answer,) = _asked(live, "/")
        assert answer.status_code == 303, "what went wrong is told to who may know"


def test_a_long_answer_is_given_up_when_the_service_stops(tmp_path: Path) -> None:
    """At its next step; the one that waits is told, and nothing new is begun."""
    with Book.create(tmp_path / "book", policy=standard()) as book:
        aside, begun, stop = Aside(Live(book)), threading.Event(), threading.Event()

        def long(work: Work) -> int:
            begun.set()
            assert stop.wait(30)
            for number in range(1_000_000):
                assert book.progress is not None
                book.progress("a step", number, 1_000_000)
            return 0

        work, behind = aside.ask("a", "a long answer", long), aside.ask("b", "the next", lambda _: 1)
        assert begun.wait(30)
        ending = threading.Thread(target=aside.stop)
        ending.start()
        while not work.stopped:
            pass
        stop.set()
        ending.join(30)
        assert not ending.is_alive()
        for one in (work, behind, aside.ask("c", "too late", lambda _: 2)):
            assert one.done.wait(30)
            assert one.answer is None
            with pytest.raises(Stopped, match="the service stops"):
                one.told()


# ----- lists that are taken from a browser


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service over a book of two systems, one of which was the other before."""
    folder = tmp_path_factory.mktemp("compared")
    with book_of(folder, created(sub("a"), sub("b"))) as book:
        (folder / "old.csv").write_text(OLD)
        book.append_table(str(folder / "old.csv"), source="tabular")
        tokens = {"admin": Access(book.journal).token("t", ["admin"], now_micros())}
        seq = book.journal.head().seq
    process, url = started(folder / "book")
    running = Service(url, folder / "book", tokens, process)
    running.ready(seq)
    yield running
    ended(process)


@pytest.fixture
def form(browser: Browser, compared: Service) -> Iterator[Page]:
    """A page over it, logged in."""
    with opened(browser, compared.url, 1280, refused=False) as page:
        log_in(page, compared)
        yield page


def test_a_backfill_is_made_in_the_browser(form: Page, compared: Service, tmp_path: Path) -> None:
    """What the list knows and the book never heard of is appended once, and gone from the list of differences."""
    path = listed(tmp_path, [sub("a"), sub("b"), sub("unheard")])
    form.goto("/reconcile?what=subscriptions")
    asked = form.locator("details[open]")
    asked.locator("input[type=file]").set_input_files(path)
    asked.get_by_label("Source").fill("stripe")
    asked.get_by_label("Listed on").fill(SEEN_TEXT)
    asked.get_by_role("button", name="Compare").click()
    expect(form.get_by_role("heading", name="1 can be backfilled safely")).to_be_visible(timeout=PATIENT)
    expect(form.get_by_role("row", name="cus_unheard")).to_contain_text("missing")
    form.locator("form.acts").get_by_role("button").click()
    expect(form.get_by_text("1 entry was appended")).to_be_visible(timeout=PATIENT)
    expect(form.get_by_role("row", name="cus_unheard")).to_have_count(0)
    with compared.client() as client:
        (row,) = client.get("/v1/customers", params={"customer": "cus_unheard"}).json()["rows"]
        assert (row["mrr_micros"], row["source"]) == (20_000_000, "stripe")
        assert client.get("/v1/reconciliations").json()["rows"][-1]["what"] == "subscriptions"


def test_a_migration_is_compared_in_the_browser(form: Page, compared: Service) -> None:
    form.goto("/reconcile?what=parity")
    asked = form.locator("details[open]")
    for label, value in (("Old source", "tabular"), ("New source", "stripe"), ("As of", SEEN_TEXT)):
        asked.get_by_label(label).fill(value)
    asked.get_by_role("button", name="Compare").click()
    expect(form.get_by_role("heading", name="Every difference")).to_be_visible(timeout=PATIENT)
    lost, extra = form.get_by_role("row", name="gone"), form.get_by_role("row", name="cus_b")
    expect(lost).to_contain_text("lost")
    expect(lost).to_contain_text("−$50.00")
    expect(extra).to_contain_text("extra")
    with compared.client() as client:
        run = client.get("/v1/reconciliations").json()["rows"][-1]
    assert (run["what"], run["ours"], run["theirs"]) == ("parity", "tabular", "stripe")
