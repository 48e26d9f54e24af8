"""How every page looks to whom: to axe, on a phone, in the dark, without a mouse, on paper, without scripts."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Stocked
from tests.browser.places import EVERY, Place

SERIOUS = ("serious", "critical")


def ready(page: Page, path: str) -> None:
    """Open a page, and wait until all that it draws is drawn."""
    page.goto(path)
    page.wait_for_selector("html[data-ready]")


def violations(page: Page, theme: str) -> list[Any]:
    """What axe finds serious on a page in a theme, with where it is; in the dark only colours can differ."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    options = {"resultTypes": ["violations"], **({"runOnly": ["color-contrast"]} if theme == "dark" else {})}
    found = Axe().run(page, options=options).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]][:4]) for one in found if one["impact"] in SERIOUS]


@pytest.mark.parametrize("place", EVERY, ids=lambda place: place.name)
def test_a_page_is_for_everybody(look: Page, stocked: Stocked, place: Place) -> None:
    """For who sees badly, in light and dark; for who hears it; for who prints it; for who holds a phone."""
    ready(look, stocked.path(place.path))
    assert {theme: violations(look, theme) for theme in ("light", "dark")} == {"light": [], "dark": []}
    expect(look.locator("h1")).to_have_count(1)
    _told_in_tables(look)
    look.emulate_media(media="print")
    assert look.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for control in (".rail", ".filters", ".take", "[data-theme-toggle]"):
        assert not any(one.is_visible() for one in look.locator(control).all()), control
    look.emulate_media(media="screen")
    look.set_viewport_size({"width": 375, "height": 800})
    ready(look, look.url)
    assert look.evaluate("document.documentElement.scrollWidth") == 375


def _told_in_tables(page: Page) -> None:
    """Every chart has a name and a table with its figures, and every table says what it holds."""
    for chart in page.locator("figure.chart").all():
        assert chart.locator("svg").get_attribute("aria-label")
    if page.locator("figure.chart").count():
        assert page.locator("main table").count() > 0
    bare = page.locator("main table:not(:has(caption))").evaluate_all(
        "all => all.map(one => one.innerText.slice(0, 80))"
    )
    assert bare == []


def test_without_scripts_the_figures_are_there(browser: Browser, stocked: Stocked) -> None:
    headers = {"Authorization": f"Bearer {stocked.service.tokens['read']}"}
    context = browser.new_context(base_url=stocked.service.url, java_script_enabled=False, extra_http_headers=headers)
    page = context.new_page()
    page.goto("/")
    expect(page.locator('[data-figure="mrr.ending"]')).to_contain_text("$")
    expect(page.get_by_text("Charts need scripts").first).to_be_visible()
    page.get_by_role("link", name="Show the cohorts").click()
    expect(page.locator("table.heat")).to_be_visible()
    page.goto("/movements")
    page.get_by_label("Segment").select_option("segment=smb")
    page.get_by_role("button", name="Show").last.click()
    assert "where=segment%3Dsmb" in page.url
    expect(page.locator("table.roll")).to_be_visible()
    # Who may only read is offered no files.
    assert page.get_by_text("Export CSV").count() == 0
    context.close()


def test_the_system_s_theme_holds_until_another_is_chosen(look: Page) -> None:
    look.emulate_media(color_scheme="dark")
    ready(look, "/customers")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = look.evaluate(paper)
    look.keyboard.press("t")
    assert look.evaluate(paper) != dark
    ready(look, "/plans")
    assert look.evaluate("document.documentElement.dataset.theme") == "light"
