"""`admin --admin --history`: the pages of a bus without a bridge, and the search for what is over."""
import subprocess
import urllib.parse
from datetime import datetime, timezone

import jsonschema
import pytest
import yaml

from support.admin import Admin, free_port
from support.bridge import REPOSITORY
from support.browser import Browser
from support.history import History
from support.waiting import eventually

API = yaml.safe_load((REPOSITORY / "Sources" / "CanoAdmin" / "Assets" / "openapi.yaml").read_text())
ORDER = {"sku": "A1", "quantity": 1}


@pytest.fixture
def office(binary, bus, launch, tmp_path):
    """A bridge, and an admin server with a history."""
    admin = Admin(free_port())
    launch(bus)
    history = History(binary, bus, tmp_path / "history.sqlite", *admin.options).start()
    eventually(lambda: admin.is_up() or not history.is_alive, "the admin server listens")
    if not history.is_alive and "built without SQLite" in history.output():
        pytest.skip("this cano-bridge was built without --traits SQLite")
    bus.start("numbers", {"batch_size": 4}, id="numbers-1")
    bus.start("order-fulfilment", {**ORDER, "fail_at": "charge"}, id="order-1", attributes='{"customer":"Ada"}')
    bus.start("order-fulfilment", {**ORDER, "await_payment": True}, id="order-2")
    bus.wait_for_end("numbers-1", "order-1")
    bus.wait_for("order-2", status="waiting")
    history.wait_until_level()
    yield admin
    history.close()


def read(admin, path, expected=200, **query):
    answer = admin.get(path + ("?" + urllib.parse.urlencode(query) if query else ""))
    assert answer.status == expected, answer.text
    responses = API["paths"][path]["get"]["responses"]
    response = responses.get(str(expected)) or API["components"]["responses"]["Problem"]
    jsonschema.validate(answer.json, {**response["content"]["application/json"]["schema"], "components": API["components"]})
    return answer.json


def ids(found):
    return {run["id"] for run in found["runs"]}


def test_what_is_over_is_found_by_what_it_was(office, bus):
    assert ids(read(office, "/api/history")) == {"numbers-1", "order-1", "order-2"}
    assert ids(read(office, "/api/history", status="completed")) == {"numbers-1"}
    assert ids(read(office, "/api/history", workflow="order-fulfilment", code="refused")) == {"order-1"}
    assert ids(read(office, "/api/history", attribute="customer=Ada", since="1h")) == {"order-1"}
    assert ids(read(office, "/api/history", text="refused")) == {"order-1"}
    assert ids(read(office, "/api/history", state="await_payment")) == {"order-2"}
    assert read(office, "/api/history", workflow="numbers")["states"], "how long its states take"
    began = next(run for run in read(office, "/api/history")["runs"] if run["id"] == "numbers-1")["started"]
    moment = datetime.fromtimestamp(began / 1_000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert "numbers-1" in ids(read(office, "/api/history", since=moment)) and "numbers-1" not in ids(read(office, "/api/history", until=moment))
    page = read(office, "/api/history", count=1)
    assert len(page["runs"]) == 1 and ids(read(office, "/api/history", count=2, after=page["next"])) | ids(page) == {"numbers-1", "order-1", "order-2"}


def test_a_run_that_redis_has_forgotten_is_still_there(office, bus):
    bus.redis.delete(bus.key("run", "numbers-1"))
    assert office.get("/api/run?id=numbers-1").status == 404
    run = read(office, "/api/history/run", id="numbers-1")
    assert run["run"]["status"] == "completed"
    assert [event["type"] for event in run["timeline"]["events"]][-1] == "cano.run.completed"


@pytest.mark.parametrize("path, query, expected, says", [
    ("/api/history", {"status": "gone"}, 400, "no status of runs"), ("/api/history", {"since": "1y"}, 400, "1h, 24h, 7d, 30d"),
    ("/api/history", {"until": "1h"}, 400, "has to be a moment"), ("/api/history", {"during": "1h"}, 400, "is no field here"),
    ("/api/history", {"after": "x"}, 400, "no place in a list"), ("/api/history", {"attribute": "x"}, 400, "name=value"),
    ("/api/history/run", {"id": "none"}, 404, "no run \"none\""), ("/api/history/run", {}, 400, "needs the field"),
])
def test_what_is_not_understood_gets_a_sentence(office, path, query, expected, says):
    assert says in read(office, path, expected, **query)["error"]


def test_the_pages_are_those_of_a_bridge_and_ready_without_one(office, bus):
    assert office.ready().json == {"status": "ready", "checks": {"redis": {"ok": True}}}
    page = office.get("/").text
    assert 'href="/history"' in page
    assert office.post("/api/run/cancel", {"id": "order-2"}).status == 202
    bus.wait_for("order-2", status="cancelled")
    bus.server.stop(brutally=True)
    eventually(lambda: office.ready().status == 503, "Redis is away")
    assert read(office, "/api/history")["runs"], "the history is there all the same"


def test_it_says_what_it_is_for(binary):

    done = subprocess.run([str(binary), "admin"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 64 and "--admin 127.0.0.1:9464" in done.stderr and "--history" in done.stderr


@pytest.mark.xdist_group("browser")
def test_a_browser_finds_a_run_by_a_word(office):
    browser = Browser()
    try:
        browser.open(f"http://127.0.0.1:{office.port}")
        browser.keys("gh")
        eventually(lambda: browser.title == "History · Cano", "the history")
        browser.type("text", "refused")
        browser.click("Find")
        eventually(lambda: "order-2" not in browser.text and "order-1" in browser.text, "what has the word")
        browser.click("order-1")
        eventually(lambda: browser.title == "Run order-1 in the history · Cano", "the run")
        assert "compensation.succeeded" in browser.text
        assert not browser.complaints()
    finally:
        browser.close()
