"""A real browser without a window, for the pages of the admin server."""
import contextlib
import shutil

import pytest

from .waiting import eventually

try:
    from selenium import webdriver
    from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
except ImportError:
    webdriver = None


class Browser:
    """One window of Chromium. It remembers nothing of the test before."""

    def __init__(self):
        if webdriver is None or not (shutil.which("chromium") and shutil.which("chromedriver")):
            pytest.fail("no browser: run scripts/install-dependencies.sh test")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for option in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,860"):
            options.add_argument(option)
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(30)

    def open(self, url):
        self.driver.get(url)

    @property
    def text(self):
        """What is to be read on the page."""
        return self._again(lambda: self.driver.find_element(By.ID, "main").text)

    @property
    def title(self):
        return self.driver.title

    @property
    def path(self):
        return self.driver.execute_script("return location.pathname + location.search")

    def has(self, selector):
        return bool(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def click(self, text, within="body"):
        """Clicks what has this text: a link, a button, or what opens a part of the page."""
        self._again(lambda: self._find(text, within).click())

    def _find(self, text, within):
        for element in self.driver.find_elements(By.CSS_SELECTOR, f"{within} a, {within} button, {within} summary"):
            if element.is_displayed() and element.text == text:
                return element
        raise AssertionError(f"nothing to click says {text!r}")

    def answer(self, yes=True):
        """Answers what the page asks."""
        question = self.driver.switch_to.alert
        text = question.text
        question.accept() if yes else question.dismiss()
        return text

    def type(self, name, text):
        def fill():
            field = self.driver.find_element(By.CSS_SELECTOR, f"#main [name={name}]")
            field.clear()
            field.send_keys(text)

        self._again(fill)

    def tick(self, value):
        """Ticks the box of a row."""
        self._again(lambda: self.driver.find_element(By.CSS_SELECTOR, f"#main input[type=checkbox][value='{value}']").click())

    def keys(self, keys):
        ActionChains(self.driver).send_keys(keys).perform()

    def script(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def shows(self, text, within=20.0):
        eventually(lambda: text in self.text, f"the page shows {text!r}", within)

    def complaints(self):
        """What the browser has said of scripts, styles or loads that went wrong since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    @contextlib.contextmanager
    def emulating(self, command, on, off):
        self.driver.execute_cdp_cmd(command, on)
        try:
            yield
        finally:
            self.driver.execute_cdp_cmd(command, off)

    def _again(self, body):
        """The page is replaced while it is looked at: what was found a moment ago may be gone."""
        for _ in range(20):
            try:
                return body()
            except (StaleElementReferenceException, NoSuchElementException):
                pass
        return body()

    def screenshot(self, path):
        self.driver.save_screenshot(str(path))

    def close(self):
        self.driver.quit()
