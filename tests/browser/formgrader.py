"""A submission in formgrader, inside of JupyterLab, as an instructor sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.pages import NOT_YET, PATIENCE

# Whether what is in the middle of an element is the element or a part of it: else
# something lies over it.
ON_TOP = """
const element = arguments[0]
element.scrollIntoView({block: 'center'})
const box = element.getBoundingClientRect()
const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
return element.contains(document.elementFromPoint(x, y))
"""
SIZE = "const b = arguments[0].getBoundingClientRect(); return [b.width, b.height]"


class Formgrader:
    """The tab of formgrader: what is asked is asked in its frame."""

    def __init__(self, browser: WebDriver, address: str) -> None:
        self.browser = browser
        browser.get(address)
        frame = self.wait(
            lambda: self.find_all("iframe[src*='formgrader']"), "formgrader"
        )
        browser.switch_to.frame(frame[0])

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until a condition holds; return its value."""
        wait = WebDriverWait(self.browser, PATIENCE, 0.1, ignored_exceptions=NOT_YET)
        return wait.until(lambda _: condition(), f"never saw {what}")

    def find_all(self, selector: str) -> list[WebElement]:
        """Return the elements that a CSS selector finds."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def follow(self, label: str) -> None:
        """Click on a link."""

        def click() -> bool:
            links = [e for e in self.find_all("a") if e.text.strip() == label]
            for link in links[:1]:
                link.click()
            return bool(links)

        self.wait(click, f"the link {label!r}")

    def open(self, assignment: str, number: int) -> None:
        """Go from the list of assignments to a submission."""
        for link in (assignment, assignment, f"Submission #{number}"):
            self.follow(link)
        script = "return typeof formgrader != 'undefined' && formgrader.loaded"
        self.wait(lambda: self.browser.execute_script(script), "the page to be ready")

    def show_name(self) -> str:
        """Click on the eye that shows whose submission it is; return the name."""
        self.find_all(".glyphicon-eye-open")[0].click()
        names = "a.name-shown"
        self.wait(lambda: self.find_all(names)[0].is_displayed(), "a name")
        return self.find_all(names)[0].text.strip()

    def give(self, name: str, points: float, comment: str) -> None:
        """Type points and a comment for an answer; each is saved when it is left."""
        saved = f"#{name}-comment"
        for place, text in ((f"#{name}", f"{points:g}"), (saved, comment)):
            field = self.wait(lambda p=place: self.find_all(p), place)[0]
            field.clear()
            field.send_keys(text, Keys.TAB)
        icons = f".nbgrader_cell:has(#{name}) .save-icon"
        self.wait(
            lambda: all(i.is_displayed() for i in self.find_all(icons)), "it was saved"
        )

    def is_on_top(self, element: WebElement) -> bool:
        """Return whether nothing lies over an element."""
        return bool(self.browser.execute_script(ON_TOP, element))


def fetched(browser: WebDriver) -> list[str]:
    """Return the addresses that pages asked for since the last time."""
    found = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.append(message["params"]["request"]["url"])
    return found
