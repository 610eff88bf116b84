"""The website as people see it: in Chromium, wide and as on a phone, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.pages import FROM_ELSEWHERE
from tests.site.scripts import BACKGROUND, DRAWN, FAINT, FORMULAS, TOO_WIDE

pytestmark = pytest.mark.browser

PATIENCE = 30  # seconds
CONTRAST = 4.5  # what the WCAG ask for texts of this size
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
LESSON = "lessons/09_running_a_mixed_model.html"


class Site:
    """The site in a browser, and what the browser says of its pages."""

    def __init__(self, browser: WebDriver, address: str, pages: Path) -> None:
        self.browser, self.address = browser, address
        found = sorted(
            path.relative_to(pages).as_posix() for path in pages.rglob("*.html")
        )
        self.names = [name for name in found if not name.startswith("_")]

    def open(self, page: str) -> None:
        """Open a page and wait until its formulas are drawn."""
        self.browser.get(self.address + page)
        self.browser.execute_async_script(DRAWN)

    def ask(self, script: str, *given: Any) -> Any:
        """What a script finds in the open page."""
        return self.browser.execute_script(script, *given)

    def complaints(self) -> list[str]:
        """What the console of the browser says since it was asked last."""
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def wait(self, selector: str) -> Any:
        """Wait for what a CSS selector finds; return the first."""
        wait = WebDriverWait(self.browser, PATIENCE, poll_frequency=0.1)
        return wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, selector))[0]


@pytest.fixture
def site(browser: WebDriver, address: str, pages: Path) -> Site:
    browser.get("about:blank")
    found = Site(browser, address, pages)
    found.complaints()
    return found


def test_every_page_is_quiet_loads_nothing_from_elsewhere_and_draws_its_formulas(site):
    formulas, wrong = 0, {}
    for name in site.names:
        site.open(name)
        seen = site.ask(FORMULAS)
        formulas += seen["written"]
        said = [*site.complaints(), *site.ask(FROM_ELSEWHERE), *seen["typed"]]
        if said or seen["wrong"] or seen["written"] != seen["drawn"]:
            wrong[name] = (said, seen)
    assert wrong == {}
    assert formulas > 200


def test_on_a_phone_no_page_scrolls_sideways(site):
    site.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    try:
        found = {}
        for name in site.names:
            site.open(name)
            assert site.ask("return innerWidth") == PHONE["width"], name
            found[name] = site.ask(TOO_WIDE)
    finally:
        site.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert {name: parts for name, parts in found.items() if parts} == {}


def test_search_finds_the_lesson_about_a_word(site):
    site.open("index.html")
    site.wait(".sidebar-search").send_keys("shrinkage", Keys.ENTER)
    site.wait("#search-results li")
    links = site.browser.find_elements(By.CSS_SELECTOR, "#search-results li a")
    found = [link.get_attribute("href") for link in links]
    assert any("08_regression_by_cluster.html" in address for address in found)
    site.wait("#search-results li p.context")
    assert site.ask(FORMULAS)["typed"] == []
    assert site.complaints() == site.ask(FROM_ELSEWHERE) == []


@pytest.mark.parametrize("page", ["index.html", LESSON])
def test_texts_stand_out_in_light_and_in_dark(site, page):
    site.open(page)
    for theme in ("light", "dark"):
        site.ask("document.body.dataset.theme = arguments[0]", theme)
        assert site.ask(FAINT, CONTRAST) == []


def test_a_click_changes_light_and_dark(site):
    site.open("index.html")
    seen = set()
    for _ in range(3):  # as the system has it, light, dark
        seen.add(site.ask(BACKGROUND))
        next(
            button
            for button in site.browser.find_elements(By.CSS_SELECTOR, ".theme-toggle")
            if button.is_displayed()
        ).click()
    assert len(seen) == 2
