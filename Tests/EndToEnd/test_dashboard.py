"""The pages of the admin server in a real browser."""
import json
import os
import re
from pathlib import Path

import pytest

from support.admin import Admin, free_port
from support.browser import Browser
from support.waiting import eventually

pytestmark = pytest.mark.xdist_group("browser")
ORDER = {"sku": "A1", "quantity": 1}
HOSTILE = "<img src=x onerror=\"document.title='taken'\"></pre><script>document.title='taken'</script>'\"><b>"
# Where the pictures of docs/operations.md are made anew: CANO_SCREENSHOTS=docs/images
SCREENSHOTS = os.environ.get("CANO_SCREENSHOTS")


@pytest.fixture(scope="session")
def window():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(window):
    window.complaints()
    yield window
    assert not [line for line in window.complaints() if "status of 4" not in line and "status of 5" not in line]
    window.open("about:blank")


@pytest.fixture
def office(launch, bus):
    """A bridge with failed, waiting and hostile work, and its admin server."""
    admin = Admin(free_port())
    launch(bus, options=[*admin.options, "--heartbeat-seconds", 0.2, "--new-workflow-seconds", 0.5])
    bus.start("order-fulfilment", {**ORDER, "fail_at": "charge"}, id="order-1001", attributes=json.dumps({"customer": "Ada"}))
    bus.start("order-fulfilment", {**ORDER, "sku": HOSTILE, "await_payment": True}, id="order-1002", attributes=json.dumps({"note": HOSTILE}))
    bus.start("remote-steps", {"queue": "mail", "steps": 2}, id="letter-7")
    bus.schedule("nightly-report", workflow="numbers", input={"batch_size": 10}, cron="0 3 * * *")
    bus.start(HOSTILE, {"a": HOSTILE}, id=HOSTILE)
    bus.wait_for("order-1001", status="failed")
    bus.wait_for("order-1002", status="waiting")
    bus.wait_for("letter-7", status="waiting")
    eventually(lambda: bus.redis.xlen(bus.key("deadletters")) == 1, "the dead letter is there")
    eventually(lambda: bus.is_scheduled("nightly-report"), "the schedule is there")
    eventually(admin.is_up, "the admin server listens")
    admin.url = f"http://127.0.0.1:{admin.port}"
    return admin


def picture(browser, name):
    if SCREENSHOTS:
        Path(SCREENSHOTS).mkdir(exist_ok=True)
        browser.screenshot(Path(SCREENSHOTS) / f"{name}.png")


PAGES = {
    "/": ("Now", ["waiting", "failed runs", "dead letters"]),
    "/runs": ("Runs", ["order-1001", "order-1002", "letter-7", "refused"]),
    "/run?id=order-1001": ("Run order-1001", ["failed", "refused", "task.failed", "compensation.succeeded", "fail_at", "Ada"]),
    "/run?id=order-1002": ("Run order-1002", ["waiting", "payment-confirmed", HOSTILE]),
    "/queues": ("Queues", ["mail"]),
    "/queue?name=mail": ("Queue mail", ["letter-7"]),
    "/schedules": ("Schedules", ["nightly-report", "0 3 * * *", "numbers"]),
    "/dead-letters": ("Dead letters", ["invalid_field", HOSTILE]),
    "/workflows": ("Workflows", ["order-fulfilment", "numbers"]),
    "/workflow?name=order-fulfilment&version=1": ("Workflow order-fulfilment@1", ["reserve", "charge", "await_payment"]),
    "/bridges": ("Bridges", ["bridge-"]),
}


@pytest.mark.parametrize("path", PAGES)
def test_each_page_shows_what_is_there_and_hostile_text_as_text(office, browser, path):
    title, words = PAGES[path]
    browser.open(office.url + path)
    assert browser.title == f"{title} · Cano"
    picture(browser, re.sub(r"\W+", "-", path).strip("-") or "now")
    # In one script: between two, a live update may put other elements in the place of these.
    opened = "document.querySelectorAll('main details').forEach(part => part.open = true); return document.getElementById('main').textContent"
    seen = re.sub(r"\s+", " ", browser.script(opened))
    for word in words:
        assert re.sub(r"\s+", " ", json.dumps(word)[1:-1] if word == HOSTILE and word not in seen else word) in seen, word
    assert not browser.has("main script") and not browser.has("main img") and not browser.has("main b b")
    assert browser.title != "taken" and not browser.complaints()


def test_from_the_overview_to_why_a_run_failed_in_two_clicks(office, browser):
    browser.open(office.url)
    browser.script("document.querySelectorAll('.tile')[3].click()")
    eventually(lambda: browser.title == "Runs · Cano", "the failed runs")
    assert "order-1001" in browser.text and "order-1002" not in browser.text
    browser.click("order-1001")
    eventually(lambda: browser.title == "Run order-1001 · Cano", "the run")
    assert "charge was refused" in browser.text


def test_a_dead_letter_is_published_again_by_a_click(office, browser, bus):
    [(letter, _)] = bus.redis.xrange(bus.key("deadletters"))
    browser.open(office.url + "/dead-letters")
    browser.click("Publish again")
    eventually(lambda: "The command is published again." in browser.script("return document.body.textContent"), "it says so")
    eventually(lambda: [found for found, _ in bus.redis.xrange(bus.key("deadletters"))] not in ([], [letter]), "it has died again")
    eventually(lambda: bus.redis.xrange(bus.key("deadletters"))[0][0].decode() in browser.text, "and is shown without a reload")


def test_a_run_is_cancelled_after_a_question(office, browser, bus):
    browser.open(office.url + "/run?id=order-1002")
    browser.click("Cancel")
    assert "What it has done is undone" in browser.answer(yes=False)
    assert bus.record("order-1002").get("cancel") is None
    browser.click("Cancel")
    browser.answer()
    bus.wait_for("order-1002", status="cancelled")
    browser.shows("run.cancelled")
    picture(browser, "cancelled")


def test_chosen_runs_are_cancelled_after_a_page_that_asks(office, browser, bus):
    browser.open(office.url + "/runs")
    buttons = browser.script("return [...document.querySelectorAll('#many button')].map(one => one.textContent)")
    assert buttons == ["Cancel the chosen", "Cancel all that fit", "Resume the chosen", "Resume all that fit"]
    for id in ("order-1001", "order-1002", "letter-7"):
        browser.tick(id)
    browser.click("Cancel the chosen")
    eventually(lambda: browser.title == "Cancel? · Cano", "it asks")
    picture(browser, "confirm")
    assert "Cancel: 2?" in browser.text and "order-1002" in browser.text and "passed over, with 1 of those" in browser.text
    browser.click("Back")
    eventually(lambda: browser.title == "Runs · Cano", "nothing was done")
    assert bus.record("order-1002").get("cancel") is None
    for id in ("order-1002", "letter-7"):
        browser.tick(id)
    browser.click("Cancel the chosen")
    eventually(lambda: browser.title == "Cancel? · Cano", "it asks again")
    browser.type("reason", "closed for today")
    browser.click("Cancel 2")
    eventually(lambda: "Runs that are asked to stop: 2." in browser.script("return document.body.textContent"), "it says so")
    for id in ("order-1002", "letter-7"):
        assert bus.wait_for(id, status="cancelled")["cancel"] == "closed for today"
    assert bus.record("order-1001")["status"] == "failed"


def test_all_that_fit_are_resumed_after_a_page_that_asks(launch_trial, bus, browser, tmp_path):
    admin, mark = Admin(free_port()), tmp_path / "mended"
    launch_trial(bus, options=admin.options)
    for id, customer in (("job-1", "Ada"), ("job-2", "Bob"), ("job-3", "Ada")):
        bus.start("trial", {"deed": "fail", "at": "second", "remedy": str(mark)}, id=id, attributes=json.dumps({"customer": customer}))
        bus.wait_for(id, status="failed")
    mark.touch()
    eventually(admin.is_up, "the admin server listens")
    browser.open(f"http://127.0.0.1:{admin.port}/runs?status=failed&attribute=customer%3DAda")
    assert "Cancel" not in browser.script("return document.getElementById('many').textContent"), "what has failed is over"
    browser.click("Resume all that fit")
    eventually(lambda: browser.title == "Resume? · Cano", "it asks")
    assert "Resume: 2?" in browser.text and "job-1" in browser.text and "job-2" not in browser.text
    browser.click("Resume 2")
    eventually(lambda: "Runs that are asked to go on: 2." in browser.script("return document.body.textContent"), "it says so")
    assert browser.path.startswith("/runs?status=failed") and "Ada" in browser.path
    for id in ("job-1", "job-3"):
        bus.wait_for(id, status="completed")
    assert bus.record("job-2")["status"] == "failed"


def test_dead_letters_that_fit_are_published_again_after_a_page_that_asks(office, browser, bus):
    for number in range(3):
        bus.redis.xadd(bus.key("deadletters"), {"type": "start", "workflow": "numbers", "id": f"again-{number}", "input": '{"batch_size":1}',
                                                "error_code": "expired", "error_message": "no", "entry": "1-0", "bridge": "b"})
    browser.open(office.url + "/dead-letters")
    browser.type("code", "expired")
    browser.click("Show")
    eventually(lambda: "code=expired" in browser.path, "those that fit")
    assert "invalid_field" not in browser.text and "again-2" in browser.script("return document.getElementById('main').textContent")
    browser.click("Publish again all that fit")
    eventually(lambda: browser.title == "Publish again? · Cano", "it asks")
    browser.click("Publish again 3")
    eventually(lambda: "Commands that are published again: 3." in browser.script("return document.body.textContent"), "it says so")
    for number in range(3):
        bus.wait_for(f"again-{number}", status="completed")
    assert bus.redis.xlen(bus.key("deadletters")) == 1


def test_what_is_chosen_stays_so_while_the_page_changes(office, browser, bus):
    browser.open(office.url + "/runs")
    browser.tick("order-1002")
    bus.start("order-fulfilment", {**ORDER, "fail_at": "charge"}, id="order-2001")
    browser.shows("order-2001")
    assert browser.script("return [...document.querySelectorAll('input:checked')].map(one => one.value)") == ["order-1002"]
    browser.script("document.activeElement.blur()")
    browser.keys("j")
    browser.keys("x")
    first = browser.script("return document.querySelector('tr.chosen input').value")
    assert browser.script("return [...document.querySelectorAll('input:checked')].map(one => one.value)").count(first) == (first != "order-1002")


def test_many_are_cancelled_without_scripts(office, browser, bus):
    off, on = {"value": True}, {"value": False}
    with browser.emulating("Emulation.setScriptExecutionDisabled", off, on):
        browser.open(office.url + "/runs?workflow=order-fulfilment&status=waiting")
        browser.click("Cancel all that fit")
        browser.click("Cancel 1")
        bus.wait_for("order-1002", status="cancelled")
    assert bus.record("letter-7")["status"] == "waiting"


def test_a_signal_lets_a_waiting_run_go_on_and_the_page_follows(office, browser, bus):
    browser.open(office.url + "/run?id=order-1002")
    browser.click("Send a signal")
    browser.type("name", "payment-confirmed")
    browser.type("data", '{"by": "bank"}')
    browser.click("Send")
    eventually(lambda: "The signal is sent." in browser.script("return document.body.textContent"), "it says so")
    browser.shows("run.completed")
    assert bus.record("order-1002")["status"] == "completed"


def test_a_run_is_shown_where_it_is_in_its_workflow(office, browser):
    browser.open(office.url + "/run?id=order-1002")
    assert browser.script("return document.querySelector('.graph .current title').textContent").startswith("await_payment")
    assert browser.script("return document.querySelectorAll('.graph .current').length") == 1


def test_a_schedule_is_paused_resumed_and_run_by_clicks(office, browser, bus):
    browser.open(office.url + "/schedules")
    browser.click("Pause")
    browser.shows("paused since")
    assert "paused" in bus.schedule_fields("nightly-report")
    browser.click("Run now")
    browser.answer()
    eventually(lambda: "last_run" in bus.schedule_fields("nightly-report"), "it has run")
    bus.wait_for(bus.schedule_fields("nightly-report")["last_run"], status="completed")
    browser.click("Resume")
    eventually(lambda: "paused" not in bus.schedule_fields("nightly-report"), "it goes on")
    eventually(lambda: "paused since" not in browser.text, "the page says so")


def test_pages_change_by_themselves_unless_they_are_paused(office, browser, bus):
    browser.open(office.url + "/runs?status=failed")
    browser.script("window.mark = 'this very page'")
    bus.start("order-fulfilment", {**ORDER, "fail_at": "charge"}, id="order-2001")
    browser.shows("order-2001")
    assert browser.script("return window.mark") == "this very page", "without a reload"
    browser.keys("p")
    assert browser.script("return document.getElementById('live').textContent") == "Paused"
    bus.start("order-fulfilment", {**ORDER, "fail_at": "charge"}, id="order-2002")
    bus.wait_for("order-2002", status="failed")
    assert browser.script("return stream === null") and "order-2002" not in browser.text
    browser.keys("p")
    browser.shows("order-2002")


def test_what_is_being_typed_is_not_taken_away(office, browser, bus):
    browser.open(office.url + "/runs")
    browser.type("workflow", "order-ful")
    bus.start("order-fulfilment", {**ORDER, "fail_at": "charge"}, id="order-2001")
    bus.wait_for("order-2001", status="failed")
    eventually(lambda: "order-2001" in (browser.script("return latest") or ""), "the browser has the news, and holds it back")
    assert browser.script("return document.querySelector('[name=workflow]').value") == "order-ful"
    assert "order-2001" not in browser.text
    browser.script("document.activeElement.blur()")
    browser.shows("order-2001")


def test_all_of_it_can_be_reached_by_keys(office, browser):
    browser.open(office.url)
    for keys, title in (("gr", "Runs"), ("gd", "Dead letters"), ("gs", "Schedules"), ("gw", "Workflows"), ("gq", "Queues"), ("gb", "Bridges"), ("gn", "Now")):
        browser.keys(keys)
        eventually(lambda: browser.title == f"{title} · Cano", title)
    browser.keys("/")
    browser.keys("order-1001\n")
    eventually(lambda: browser.title == "Run order-1001 · Cano", "the search")
    browser.keys("gr")
    eventually(lambda: browser.title == "Runs · Cano", "the runs")
    browser.keys("j")
    first = browser.script("return document.querySelector('tr.chosen a').textContent")
    browser.keys("\n")
    eventually(lambda: browser.title == f"Run {first} · Cano", "the chosen run")


def test_it_is_dark_where_that_is_wished_for(office, browser):
    browser.open(office.url)

    def brightness():
        return sum(map(int, re.findall(r"\d+", browser.script("return getComputedStyle(document.body).backgroundColor"))[:3]))

    light = brightness()
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    with browser.emulating("Emulation.setEmulatedMedia", dark, {"features": []}):
        assert brightness() < 150 < light
        picture(browser, "dark")


def test_it_works_without_scripts(office, browser, bus):
    off, on = {"value": True}, {"value": False}
    with browser.emulating("Emulation.setScriptExecutionDisabled", off, on):
        browser.open(office.url + "/runs")
        browser.click("order-1002")
        assert browser.title == "Run order-1002 · Cano"
        browser.click("Cancel")
        bus.wait_for("order-1002", status="cancelled")


def test_it_fits_a_small_screen(office, browser):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    with browser.emulating("Emulation.setDeviceMetricsOverride", size, {"width": 0, "height": 0, "deviceScaleFactor": 0, "mobile": False}):
        for path in PAGES:
            browser.open(office.url + path)
            assert browser.script("return document.documentElement.scrollWidth") <= 390, path


def test_each_control_has_a_name_and_each_page_its_landmarks(office, browser):
    for path in PAGES:
        browser.open(office.url + path)
        nameless = browser.script("""return [...document.querySelectorAll('input:not([type=hidden]), select, button')]
            .filter(one => !one.labels?.length && !one.textContent.trim()).map(one => one.outerHTML)""")
        assert nameless == [], path
        assert browser.script("return document.querySelectorAll('main, nav, h1').length") == 3, path
        assert browser.script("return document.documentElement.lang") == "en"


def test_a_browser_logs_in_with_the_token(launch, bus, browser, tmp_path):
    admin, file = Admin(free_port()), tmp_path / "token"
    file.write_text("a-token-that-is-long-enough")
    launch(bus, options=[*admin.options, "--admin-token-file", file])
    eventually(admin.is_up, "the admin server listens")
    browser.open(f"http://127.0.0.1:{admin.port}/runs")
    assert browser.title == "Log in · Cano"
    browser.type("token", "not-the-token")
    browser.click("Log in")
    assert "That is not the token." in browser.text
    browser.type("token", "a-token-that-is-long-enough")
    browser.click("Log in")
    eventually(lambda: browser.title == "Now · Cano", "it is let in")
    browser.click("Log out")
    eventually(lambda: browser.title == "Log in · Cano", "it is out")
