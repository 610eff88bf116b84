"""A learner in front of JupyterLab: open a lesson, run it, type, look, move a slider.

Every step waits for what a person would wait to see, never for a fixed time. Cells
that are off the screen have no rendered text, so texts are read from the document.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.lab_server import ROOT

PATIENCE = 120  # seconds for one step; only a failing test waits that long
# What goes by while JupyterLab draws itself anew.
NOT_YET = (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
)
# "new" is the browser that people use, without a window; the rest keeps it from
# speaking to anybody, and lets root run it.
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1300,900",
)
PROMPTS = """
return [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')]
  .map(cell => cell.querySelector('.jp-InputPrompt')?.textContent.trim())
"""
CELL = "return document.querySelectorAll('.jp-Notebook .jp-CodeCell')[arguments[0]]"
OUTPUT = f"""
const cell = (() => {{ {CELL} }})();
return [...cell.querySelectorAll('.jp-OutputArea-output')]
  .map(out => out.textContent).join(' ')
"""
COMPLAINTS = """
return [...document.querySelectorAll('.jp-Notebook .jp-OutputArea-output')]
  .filter(out => /\\.error$|\\.stderr$/.test(out.dataset.mimeType || ''))
  .map(out => out.textContent.slice(0, 300))
"""
FROM_ELSEWHERE = """
return performance.getEntriesByType('resource').map(entry => entry.name)
  .filter(name => /^\\w+:\\/\\//.test(name) && !name.startsWith(location.origin + '/'))
"""


def find_chromium() -> tuple[str, str] | None:
    """Return the paths of a Chromium and of its driver, None where one is missing."""
    names = ("chromium", "chromium-browser", "google-chrome")
    browser = next((path for path in map(shutil.which, names) if path), None)
    driver = shutil.which("chromedriver")
    return (browser, driver) if browser and driver else None


def open_browser(paths: tuple[str, str], profile: Path) -> WebDriver:
    """Return a browser without a window; its profile lives in a folder."""
    options = webdriver.ChromeOptions()
    options.binary_location, driver = paths
    for switch in (*SWITCHES, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    return webdriver.Chrome(options, webdriver.ChromeService(driver))


class Lesson:
    """A notebook that is open in JupyterLab."""

    def __init__(self, browser: WebDriver, address: str, notebook: Path) -> None:
        self.browser = browser
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        self.cells = [cell for cell in cells if cell["cell_type"] == "code"]
        self.numbers = [f"[{n}]:" for n in range(1, len(self.cells) + 1)]
        stored = [f"[{cell['execution_count'] or ' '}]:" for cell in self.cells]
        start = urlsplit(address)
        page = f"/lab/tree/{notebook.relative_to(ROOT)}?reset&{start.query}"
        browser.get(f"{start.scheme}://{start.netloc}{page}")
        self.wait(lambda: self.prompts() == stored, "the cells as they are stored")
        kernel = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
        self.wait(lambda: self.find_all(kernel), "a kernel that is ready")

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until a condition holds; return its value."""
        wait = WebDriverWait(
            self.browser, PATIENCE, poll_frequency=0.1, ignored_exceptions=NOT_YET
        )
        try:
            return wait.until(lambda _: condition())
        except TimeoutException:
            seen = f"prompts {self.prompts()}, complaints {self.complaints()}"
            raise AssertionError(f"never saw {what}; {seen}") from None

    def find_all(self, selector: str) -> list[WebElement]:
        """Return the elements of the page that a CSS selector finds."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def choose(self, menu: str, item: str) -> None:
        """Choose an item of the menu bar, as with the mouse."""
        enabled = ".lm-Menu-item:not(.lm-mod-disabled) .lm-Menu-itemLabel"
        for selector, label in ((".lm-MenuBar-itemLabel", menu), (enabled, item)):
            self.wait(
                lambda s=selector, t=label: self.click(s, t), f"{label!r} to click"
            )

    def click(self, selector: str, label: str) -> bool:
        """Click on what carries a label; return whether it is there."""
        found = [one for one in self.find_all(selector) if one.text.strip() == label]
        for one in found:
            one.click()
        return bool(found)

    def prompts(self) -> list[str]:
        """Return what stands beside each cell of code: `[ ]:`, `[*]:`, `[7]:`."""
        return self.browser.execute_script(PROMPTS)

    def run_all(self) -> None:
        """Forget the stored outputs, then run all cells and wait for the last."""
        self.choose("Edit", "Clear Outputs of All Cells")
        self.wait(lambda: set(self.prompts()) == {"[ ]:"}, "cells without numbers")
        self.choose("Run", "Run All Cells")
        self.wait(
            lambda: self.prompts() == self.numbers or self.complaints(),
            "a number beside each cell",
        )

    def place(self, grade_id: str) -> int:
        """Return which cell of code has a name in nbgrader's marks."""
        names = [c["metadata"].get("nbgrader", {}).get("grade_id") for c in self.cells]
        return names.index(grade_id)

    def type_into(self, place: int, text: str) -> None:
        """Replace what is in a cell of code, with the keyboard."""

        def editor() -> WebElement | None:
            cell = self.browser.execute_script(CELL, place)
            self.browser.execute_script("arguments[0].scrollIntoView()", cell)
            found = cell.find_elements(By.CSS_SELECTOR, ".cm-content")
            for one in found:
                one.click()
            return found[0] if found else None

        content = self.wait(editor, "an editor to type into")
        content.send_keys(Keys.CONTROL, "a")
        content.send_keys(text)

    def run_cell(self, place: int) -> str:
        """Press Shift-Enter in a cell, which goes to the next; return its output."""
        before = self.prompts()[place]
        keys = ActionChains(self.browser).key_down(Keys.SHIFT).send_keys(Keys.ENTER)
        keys.key_up(Keys.SHIFT).perform()
        self.wait(
            lambda: self.prompts()[place] not in (before, "[*]:", "[ ]:"),
            f"another number beside cell {place}",
        )
        return self.browser.execute_script(OUTPUT, place)

    def validate(self) -> str:
        """Press nbgrader's button above a sheet; return what its window says."""
        bar, window = ".jp-NotebookPanel-toolbar jp-button", ".jp-Dialog-content"
        self.wait(lambda: self.click(bar, "Validate"), "a button to validate")

        def results() -> str:
            texts = [one.text for one in self.find_all(window)]
            return "".join(t for t in texts if t.startswith("Validation Results"))

        said = self.wait(results, "what nbgrader says")
        self.wait(lambda: self.click(f"{window} button", "Ok"), "a button to close it")
        return said

    def complaints(self) -> list[str]:
        """Return the errors and warnings that the page shows."""
        return self.browser.execute_script(COMPLAINTS)

    def from_elsewhere(self) -> list[str]:
        """Return what the page loaded from other machines."""
        return self.browser.execute_script(FROM_ELSEWHERE)

    def picture(self) -> str | None:
        """Return the bytes, as text, of the picture below the first slider."""
        cell = ".jp-CodeCell:has(.noUi-handle)"
        pictures = self.find_all(f"{cell} .jp-OutputArea img")
        return pictures[0].get_attribute("src") if pictures else None

    def move_slider(self) -> None:
        """Move the first slider by one step, with the keyboard."""
        handle = self.find_all(".noUi-handle")[0]
        now, end = map(handle.get_attribute, ("aria-valuenow", "aria-valuemax"))
        handle.send_keys(Keys.ARROW_LEFT if now == end else Keys.ARROW_RIGHT)
