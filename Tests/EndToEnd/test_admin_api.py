"""The JSON API of the admin server: what its OpenAPI file says, and who may do what."""
import time
import urllib.parse

import jsonschema
import pytest
import yaml

from support.admin import Admin, free_port
from support.bridge import REPOSITORY
from support.bus import fresh
from support.waiting import eventually

TOKEN = "a-token-that-is-long-enough"
FILE = REPOSITORY / "Sources" / "CanoAdmin" / "Assets" / "openapi.yaml"
API = yaml.safe_load(FILE.read_text())
ORDER = {"sku": "A1", "quantity": 1}
ACTIONS = [path for path, methods in API["paths"].items() if "post" in methods]
PAGES = [path for path, methods in API["paths"].items()
         if "get" in methods and path.startswith("/api/") and not path.startswith("/api/history")]  # those only admin --history has


def schema(path, method, status):
    responses = API["paths"][path][method]["responses"]
    response = responses.get(str(status), responses["default"])
    if "$ref" in response:
        response = API["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    return {**response["content"]["application/json"]["schema"], "components": API["components"]}


@pytest.fixture
def office(launch, bus):
    """A bridge with a bit of everything, and its admin server."""
    admin = Admin(free_port())
    launch(bus, options=[*admin.options, "--heartbeat-seconds", 0.2, "--new-workflow-seconds", 0.5])
    bus.start("order-fulfilment", {**ORDER, "fail_at": "charge"}, id="failed-1", attributes='{"customer":"42"}')
    bus.start("order-fulfilment", {**ORDER, "await_payment": True}, id="waits-1")
    bus.start("numbers", {"batch_size": 1}, id="later-1", delay_ms=3_600_000)
    bus.start("remote-steps", {"queue": "mail", "steps": 1}, id="remote-1")
    bus.schedule("nightly", workflow="numbers", input={"batch_size": 1}, every_ms=3_600_000)
    bus.start("nothing-of-the-kind", {}, id="dead-1")
    bus.wait_for("failed-1", status="failed")
    bus.wait_for("waits-1", status="waiting")
    bus.wait_for("remote-1", status="waiting")
    eventually(lambda: bus.redis.xlen(bus.key("deadletters")) == 1, "the dead letter is there")
    eventually(lambda: bus.redis.exists(bus.key("schedule", "nightly")), "the schedule is there")
    eventually(admin.is_up, "the admin server listens")
    return admin


def read(admin, path, code=200, **query):
    answer = admin.get(path + ("?" + urllib.parse.urlencode(query) if query else ""))
    assert answer.status == code, answer.text
    assert answer.headers["content-type"] == "application/json" and answer.headers["cache-control"] == "no-store"
    jsonschema.validate(answer.json, schema(path, "get", code))
    return answer.json


def do(admin, path, **fields):
    answer = admin.post(path, fields)
    jsonschema.validate(answer.json, schema(path, "post", answer.status))
    return answer


def test_the_file_is_one_of_openapi_and_is_served_as_it_is(office):
    assert office.get("/api/openapi.yaml").text == FILE.read_text()
    assert API["openapi"] == "3.1.0"
    for path, methods in API["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"] and operation["responses"], (path, method)
    for name, one in API["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(one)


def test_every_path_of_the_file_is_there(office):
    for path in PAGES:
        assert office.get(path).status in (200, 400), path  # 400: it needs a field
    for path in ACTIONS:
        answer = office.post(path, {})
        assert answer.status == 400 and "needs the field" in answer.json["error"], (path, answer.text)


def test_each_page_has_a_twin_that_says_the_same(office, bus):
    overview = read(office, "/api/overview")
    assert (overview["waiting"], overview["scheduled"], overview["failed"], overview["dead_letters"], overview["bridges"]) == (2, 1, 1, 1, 1)
    assert {finding["subject"] for finding in overview["findings"]} >= {"failed runs", "dead letters"}

    runs = {run["id"]: run for run in read(office, "/api/runs")["runs"]}
    assert runs.keys() == {"failed-1", "waits-1", "later-1", "remote-1"}
    assert runs["failed-1"]["error"]["code"] == "refused" and runs["failed-1"]["attributes"] == {"customer": "42"}
    assert [run["id"] for run in read(office, "/api/runs", status="failed")["runs"]] == ["failed-1"]
    assert [run["id"] for run in read(office, "/api/runs", attribute="customer=42", since="1h")["runs"]] == ["failed-1"]
    assert read(office, "/api/runs", workflow="numbers", version="7")["runs"] == []

    run = read(office, "/api/run", id="failed-1")
    assert run["record"]["status"] == "failed" and run["record"]["input"]["fail_at"] == "charge"
    assert [event["type"] for event in run["timeline"]["events"]][-1] == "cano.run.failed" and run["timeline"]["missing"] == []

    [queue] = read(office, "/api/queues")["queues"]
    assert (queue["queue"], queue["waiting"]) == ("mail", 1)
    [task] = read(office, "/api/queue", name="mail")["tasks"]
    assert task["run"] == "remote-1"
    [schedule] = read(office, "/api/schedules")["schedules"]
    assert schedule["name"] == "nightly"
    [letter] = read(office, "/api/dead-letters")["letters"]
    assert letter["error_code"] == "unknown_workflow" and letter["command"]["id"] == "dead-1"
    mermaid = read(office, "/api/workflow", name="order-fulfilment", version="1")["mermaid"]
    assert mermaid.startswith("flowchart") and "await_payment" in mermaid
    assert read(office, "/api/workflow", name="order-fulfilment", version="77")["mermaid"] is None
    assert "numbers" in {workflow["workflow"] for workflow in read(office, "/api/workflows")["workflows"]}
    [bridge] = read(office, "/api/bridges")["bridges"]
    assert bridge["bridge"] in bus.bridges()


def test_lists_go_on_from_page_to_page(office, bus):
    ids = {fresh("failed") for _ in range(45)}
    bus.start_all([{"workflow": "order-fulfilment", "id": id, "input": {**ORDER, "fail_at": "charge"}} for id in ids])
    bus.wait_for_end(*ids)
    found, after = [], {}
    while True:
        page = read(office, "/api/runs", status="failed", count=20, **after)
        found += [run["id"] for run in page["runs"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert sorted(found) == sorted([*ids, "failed-1"])
    for number in range(120):
        bus.redis.xadd(bus.key("deadletters"), {"type": "start", "id": f"letter-{number}", "error_code": "invalid_field",
                                                "error_message": "no", "entry": "1-0", "bridge": "b"})
    letters, through = [], {}
    while True:
        page = read(office, "/api/dead-letters", **through)
        letters += [letter["letter"] for letter in page["letters"]]
        if page["next"] is None:
            break
        through = {"through": page["next"]}
    assert len(letters) == 121 == len(set(letters))


@pytest.mark.parametrize("path, query, status, says", [
    ("/api/run", {}, 400, "needs the field \"id\""), ("/api/run", {"id": "none"}, 404, "no run \"none\""),
    ("/api/run", {"id": "failed-1", "look": "0"}, 400, "from 1 to"),
    ("/api/runs", {"status": "completed"}, 400, "no status of runs that are listed"), ("/api/runs", {"since": "1y"}, 400, "1h, 24h, 7d"),
    ("/api/runs", {"attribute": "x"}, 400, "name=value"), ("/api/runs", {"after": "x"}, 400, "no place in a list"),
    ("/api/runs", {"count": "1001"}, 400, "from 1 to 1000"), ("/api/runs", {"workflow": "a b"}, 400, "can't be used"),
    ("/api/queue", {"name": "a/b"}, 400, "can't be used"), ("/api/dead-letters", {"through": "x"}, 400, "id of a dead letter"),
])
def test_what_is_not_understood_gets_a_sentence(office, path, query, status, says):
    assert says in read(office, path, status, **query)["error"]
    page = office.get(path.removeprefix("/api") + "?" + urllib.parse.urlencode(query))
    assert page.status == status and page.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/api/nonesuch", "/api/run/nonesuch", "/api"])
def test_a_path_that_is_none_gets_a_sentence_too(office, path):
    for answer in (office.get(path), office.post(path, {})):
        assert answer.status == 404 and answer.headers["content-type"] == "application/json"
        assert path in answer.json["error"] and "/api/openapi.yaml" in answer.json["error"]


def test_what_is_done_is_a_command_of_the_contract(office, bus):
    assert do(office, "/api/run/signal", id="waits-1", name="payment-confirmed", data='{"by":"bank"}').status == 202
    assert bus.wait_for_end("waits-1")["status"] == "completed"
    assert do(office, "/api/run/cancel", id="later-1", reason="not any more").status == 202
    assert bus.wait_for("later-1", status="cancelled")["cancel"] == "not any more"
    [letter] = read(office, "/api/dead-letters")["letters"]
    assert do(office, "/api/dead-letters/requeue", letter=letter["letter"]).status == 202
    eventually(lambda: [found["letter"] for found in read(office, "/api/dead-letters")["letters"]] not in ([], [letter["letter"]]),
               "it is published again, and dead again")
    [again] = read(office, "/api/dead-letters")["letters"]
    assert again["command"] == letter["command"]
    assert do(office, "/api/dead-letters/delete", letter=again["letter"]).status == 202
    assert read(office, "/api/dead-letters")["letters"] == []
    gone = do(office, "/api/dead-letters/requeue", letter=again["letter"])
    assert gone.status == 404 and "no dead letter" in gone.json["error"]
    assert do(office, "/api/schedules/pause", name="nightly").status == 202
    assert "paused" in read(office, "/api/schedules")["schedules"][0]
    assert do(office, "/api/schedules/run", name="nightly").status == 202
    bus.wait_for(read(office, "/api/schedules")["schedules"][0]["last_run"], status="completed")
    assert do(office, "/api/schedules/resume", name="nightly").status == 202
    assert "paused" not in read(office, "/api/schedules")["schedules"][0]
    assert do(office, "/api/schedules/remove", name="nightly").status == 202
    assert read(office, "/api/schedules")["schedules"] == []
    missing = do(office, "/api/schedules/remove", name="nightly")
    assert missing.status == 409 and "unknown_schedule" in missing.json["error"]


def test_a_failed_run_goes_on(launch_trial, bus, tmp_path):
    admin = Admin(free_port())
    launch_trial(bus, options=admin.options)
    eventually(admin.is_up, "the admin server listens")
    mark = tmp_path / "mended"
    bus.start("trial", {"deed": "fail", "at": "second", "remedy": str(mark)}, id="broken")
    assert bus.wait_for_end("broken")["status"] == "failed"
    mark.touch()
    assert do(admin, "/api/run/resume", id="broken").status == 202
    bus.wait_for("broken", status="completed")


def test_many_runs_are_cancelled_at_once(office, bus):
    ids = [fresh("waits") for _ in range(30)]
    bus.start_all([{"workflow": "order-fulfilment", "id": id, "input": {**ORDER, "await_payment": True}} for id in ids])
    for id in ids:
        bus.wait_for(id, status="waiting")
    named = do(office, "/api/runs/cancel", run=[ids[0], ids[1], "failed-1", "none"], reason="not these")
    assert (named.status, named.json) == (202, {"done": 2, "left": 0}), "what is over, or is not there, is passed over"
    for id in ids[:2]:
        assert bus.wait_for(id, status="cancelled")["cancel"] == "not these"
    assert do(office, "/api/runs/cancel", all="yes", workflow="numbers", status="waiting").json == {"done": 0, "left": 0}
    # What is mistyped, as a shell variable that is not set makes it too, never means all.
    for wrong in ({"where": "customer=42"}, {"dry-run": "yes"}, {"workflow": ""}, {"dry_run": "no"}):
        refused = do(office, "/api/runs/cancel", all="yes", **wrong)
        assert refused.status == 400 and "nothing was done" in refused.json["error"], wrong
    dry = do(office, "/api/runs/cancel", all="yes", workflow="order-fulfilment", dry_run="yes")
    assert dry.json == {"would": 29, "more": False, "passed_over": 0}
    assert do(office, "/api/runs/cancel", all="yes", workflow="order-fulfilment").json == {"done": 29, "left": 0}
    for id in [*ids, "waits-1"]:
        bus.wait_for(id, status="cancelled")
    assert bus.record("failed-1")["status"] == "failed" and bus.record("later-1")["status"] == "scheduled"


def test_many_runs_go_on_at_once(launch_trial, bus, tmp_path):
    admin = Admin(free_port())
    launch_trial(bus, options=admin.options)
    eventually(admin.is_up, "the admin server listens")
    mark = tmp_path / "mended"
    ids = [fresh("broken") for _ in range(12)]
    for id in ids:
        bus.start("trial", {"deed": "fail", "at": "second", "remedy": str(mark)}, id=id)
    bus.wait_for_end(*ids)
    mark.touch()
    assert do(admin, "/api/runs/resume", run=ids[:2]).json == {"done": 2, "left": 0}
    for id in ids[:2]:
        bus.wait_for(id, status="completed")
    assert do(admin, "/api/runs/resume", all="yes", status="failed", workflow="trial").json == {"done": 10, "left": 0}
    for id in ids:
        bus.wait_for(id, status="completed")


def test_many_dead_letters_are_published_again_at_once(office, bus):
    [first] = read(office, "/api/dead-letters")["letters"]
    for number in range(250):
        bus.redis.xadd(bus.key("deadletters"), {"type": "start", "workflow": "numbers", "id": f"again-{number}", "input": '{"batch_size":1}',
                                                "error_code": "expired", "error_message": "no", "entry": "1-0", "bridge": "b",
                                                **({"attributes": '{"customer":"42"}'} if number < 5 else {})})
    poison = bus.redis.xadd(bus.key("deadletters"), {"type": "start", "workflow": "numbers", "id": "poison-1", "input": "{}",
                                                     "error_code": "poison", "error_message": "no", "entry": "1-0", "bridge": "b"}).decode()
    letters = {letter["command"]["id"] for letter in read(office, "/api/dead-letters", attribute="customer=42")["letters"]}
    assert letters == {f"again-{number}" for number in range(5)}
    assert do(office, "/api/dead-letters/requeue-many", all="yes", attribute="customer=42").json == {"done": 5, "left": 0}
    assert do(office, "/api/dead-letters/requeue-many", letter=[poison, "1-1"]).json == {"done": 0, "left": 1}
    assert do(office, "/api/dead-letters/requeue-many", all="yes", code="expired", workflow="numbers", since="1h").json == {"done": 245, "left": 0}
    for number in range(250):
        bus.wait_for(f"again-{number}", status="completed")
    left = {letter["letter"] for letter in read(office, "/api/dead-letters")["letters"]}
    assert left == {first["letter"], poison}


def test_a_form_that_is_too_large_gets_a_sentence(office):
    fields = {"id": "waits-1", "name": "x", "data": '"' + "x" * (2 << 20) + '"'}
    answer = office.post("/api/run/signal", fields)
    assert answer.status == 413 and "more than 2 MiB" in answer.json["error"]
    page = office.post("/run/signal", fields)
    assert page.status == 413 and "more than 2 MiB" in page.text and page.headers["content-type"] == "text/html; charset=utf-8"


def test_bad_fields_change_nothing(office, bus):
    before = bus.redis.xlen(bus.key("commands")) + bus.redis.xlen(bus.key("control"))
    for path, fields in [("/api/run/cancel", {"id": "a b"}), ("/api/run/signal", {"id": "waits-1", "name": "x", "data": "{no json"}),
                         ("/api/run/signal", {"id": "waits-1", "name": "a b"}), ("/api/dead-letters/delete", {"letter": "*"})]:
        answer = do(office, path, **fields)
        assert answer.status == 400, answer.text
    answer = office.post("/api/run/cancel", {"id": "waits-1"}, {"content-type": "text/plain"})
    assert answer.status == 415
    assert before == bus.redis.xlen(bus.key("commands")) + bus.redis.xlen(bus.key("control"))
    assert bus.record("waits-1")["status"] == "waiting"


# Who may

def test_pages_of_other_sites_can_do_nothing(office, bus):
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        for path in ("/run/cancel", "/api/run/cancel", "/runs/cancel", "/api/runs/cancel", "/runs/resume", "/dead-letters/requeue-many", "/login",
                     "/logout"):
            answer = office.post(path, {"id": "waits-1"}, headers)
            assert answer.status == 403 and "another site" in answer.text, (path, headers)
    rebound = office.get("/api/runs", {"host": "evil.example"})
    assert rebound.status == 403 and "token" in rebound.json["error"]
    assert office.get("/metrics", {"host": "evil.example"}).status == 403
    assert bus.record("waits-1").get("cancel") is None
    assert office.post("/api/run/cancel", {"id": "waits-1"}, {"origin": f"http://127.0.0.1:{office.port}"}).status == 202


def test_no_page_can_be_framed_or_load_from_elsewhere(office):
    for path in ("/", "/run?id=failed-1", "/run?id=none", "/login", "/api/runs", "/assets/admin.js"):
        headers = office.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"] and "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY" and headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


def test_with_a_token_nothing_but_probes_is_told_without_it(launch, bus, tmp_path):
    admin, file = Admin(free_port()), tmp_path / "token"
    file.write_text(TOKEN)
    bridge = launch(bus, options=[*admin.options, "--admin-token-file", file])
    eventually(admin.is_up, "the admin server listens")
    bearer = {"authorization": f"Bearer {TOKEN}"}
    for path in PAGES:
        assert admin.get(path).status == 401, path
        assert admin.get(path, {"authorization": "Bearer no"}).status == 401
        assert admin.get(path, bearer).status in (200, 400), path
    for path in ACTIONS:
        assert admin.post(path, {"id": "x"}).status == 401, path
    for path in ("/", "/runs", "/run?id=x", "/dead-letters"):
        answer = admin.get(path)
        assert (answer.status, answer.headers["location"]) == (303, "/login"), path
        assert admin.get("/live" + path.split("?")[0]).status == 401
    assert admin.post("/login", {"token": "no"}).status == 403
    answer = admin.post("/login", {"token": TOKEN})
    cookie = answer.headers["set-cookie"]
    assert answer.status == 303 and "HttpOnly" in cookie and "SameSite=Strict" in cookie and TOKEN not in cookie
    session = {"cookie": cookie.split(";")[0]}
    assert admin.get("/runs", session).status == 200 and admin.get("/runs", {"cookie": "cano_session=x"}).status == 303
    assert admin.get("/api/runs", {**session, "host": "cano.example"}).status == 200
    assert admin.post("/logout", {}, session).status == 303
    assert admin.get("/runs", session).status == 303
    assert TOKEN not in bridge.output()


def test_read_only_shows_all_and_changes_nothing(launch, bus):
    admin = Admin(free_port())
    launch(bus, options=[*admin.options, "--admin-read-only"])
    bus.start("order-fulfilment", {**ORDER, "await_payment": True}, id="waits-1")
    bus.wait_for("waits-1", status="waiting")
    eventually(admin.is_up, "the admin server listens")
    page = admin.get("/run?id=waits-1").text
    assert "read-only" in page and 'method="post"' not in page
    for path in ACTIONS:
        answer = admin.post(path, {"id": "waits-1", "name": "x", "letter": "1-0", "run": "waits-1"})
        assert answer.status == 403 and "read-only" in answer.json["error"]
        assert admin.post(path.removeprefix("/api"), {"id": "waits-1", "run": "waits-1", "confirmed": "yes"}).status == 403
    assert "checkbox" not in admin.get("/runs").text
    assert bus.record("waits-1").get("cancel") is None


def test_behind_a_proxy_each_link_has_its_path(launch, bus):
    admin = Admin(free_port())
    launch(bus, options=[*admin.options, "--admin-base-path", "/ops/cano/"])
    eventually(admin.is_up, "the admin server listens")
    page = admin.get("/").text
    assert 'href="/ops/cano/runs"' in page and 'data-live="/ops/cano/live/"' in page and 'href="/runs"' not in page


# Following

def test_a_page_that_is_followed_tells_its_changes(office, bus):
    changes = office.follow("/live/run?id=waits-1")
    name, page = next(changes)
    assert name == "page" and "waiting" in page and "<html" not in page
    bus.signal("waits-1", "payment-confirmed", {"by": "bank"})
    began = time.monotonic()
    while "completed" not in page:
        assert time.monotonic() - began < 30
        name, page = next(changes)


def test_without_redis_a_page_says_so_and_comes_back(office, bus):
    changes = office.follow("/live/bridges")
    assert next(changes)[0] == "page"
    bus.server.stop(brutally=True)
    while (event := next(changes))[0] != "problem":
        pass
    assert "Redis" in event[1]
    assert office.get("/api/bridges", within=10).status == 503
    bus.server.start()
    while next(changes)[0] != "page":
        pass
