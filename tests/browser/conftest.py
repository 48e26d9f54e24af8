"""Chromium, driven by Playwright; installed where that may be, and missed loudly where it cannot."""

import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mrr.door import COOKIE
from tests.api.conftest import Service, ended, service, started
from tests.browser import stock

__all__ = ["service"]
# Few, so that the book is made in seconds; enough that each class of movement is there.
CUSTOMERS, YEAR = 40, 15
# Milliseconds that a page may take on a busy machine.
PATIENT = 60_000
NAMES = ("chromium", "chromium-browser", "google-chrome")
_INSTALL = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium"


def _found() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of the machine; Debian's, installed first where we are root."""
    path = _found()
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["sh", "-c", _INSTALL], check=False, capture_output=True, timeout=600)
        path = _found()
    if path is None:
        warnings.warn(pytest.PytestWarning("NO CHROMIUM: no page was looked at"), stacklevel=1)
        pytest.skip("no chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


class Stocked(NamedTuple):
    """A service over a simulated company, what paths of pages may name, and the session of who may see everything."""

    service: Service
    words: Mapping[str, str]
    session: str

    def path(self, told: str) -> str:
        """A path with the customer, movement, month and day of this book in it."""
        return told.format(**self.words)


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    """A book with a company's year in it, served."""
    folder = tmp_path_factory.mktemp("stocked") / "book"
    tokens = stock.stocked(folder, CUSTOMERS, YEAR)
    words = stock.words(folder)
    process, url = started(folder)
    running = Service(url, folder, tokens, process)
    running.ready(1)
    with running.client(None) as client:
        session = client.post("/login", data={"password": tokens["admin"]}).cookies[COOKIE]
    yield Stocked(running, words, session)
    ended(process)


@contextmanager
def opened(browser: Browser, url: str, width: int, *, refused: bool = True) -> Iterator[Page]:
    """A page of a service; whatever the browser complains of fails the test, but for answers that refuse, if it may."""
    context = browser.new_context(base_url=url, viewport={"width": width, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert [told for told in complaints if not (refused and "the server responded with a status of 4" in told)] == []
    context.close()


def log_in(page: Page, service: Service) -> None:
    """Log in as the administrator, by the form."""
    page.goto("/login")
    page.get_by_label("Password or token").fill(service.tokens["admin"])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/", timeout=PATIENT)


@pytest.fixture
def look(browser: Browser, stocked: Stocked) -> Iterator[Page]:
    """A page over the stocked book."""
    with opened(browser, stocked.service.url, 1440) as page:
        page.context.add_cookies([{"name": COOKIE, "value": stocked.session, "url": stocked.service.url}])
        yield page


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    """A page that is logged in, on which nothing is refused."""
    with opened(browser, service.url, 1280, refused=False) as page:
        log_in(page, service)
        yield page
