"""Chromium, driven by Playwright; installed where that may be, and missed loudly where it cannot."""

import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.api.conftest import Service, service

__all__ = ["service"]
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


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    """A page that is logged in; whatever the browser complains of fails the test."""
    context = browser.new_context(base_url=service.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/login")
    page.get_by_label("Password or token").fill(service.tokens["admin"])
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
    yield page
    assert complaints == []
    context.close()
