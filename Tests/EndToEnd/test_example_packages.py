"""The example packages in Swift: they build against this checkout, and do what their READMEs show."""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap

import pytest

from support.admin import Admin, free_port
from support.bridge import REPOSITORY
from support.processes import end, spawn
from support.waiting import eventually

EXAMPLES = REPOSITORY / "Examples"

pytestmark = [
    pytest.mark.skipif(shutil.which("swift") is None, reason="building examples needs a Swift toolchain"),
    pytest.mark.xdist_group("example packages"),  # built once
]


@pytest.fixture(scope="module")
def built():
    """`built("QuickStart")`: the program of an example package. The first build takes minutes, the next ones seconds."""
    done = subprocess.run(["make", "-C", str(REPOSITORY), "examples"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return lambda program: REPOSITORY / ".build-examples" / "debug" / program


def fenced_blocks(page, language):
    """The fenced blocks of that language on a page, in order."""
    return [block.split("```", 1)[0] for block in page.read_text().split(f"```{language}\n")[1:]]


# One concept each: a folder with a main.swift. A new one needs a README, and what that shows.
CONCEPTS = sorted(path.parent.name for path in EXAMPLES.glob("*/main.swift"))
COMMAND = re.compile(
    r"^```sh\nswift run --package-path Examples --scratch-path \.build-examples (\S+)([^\n]*)\n```\n.*?^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("concept", CONCEPTS)
def test_an_example_prints_what_its_readme_shows(built, concept, tmp_path):
    page = EXAMPLES / concept / "README.md"
    assert page.exists(), f"Examples/{concept} has no README.md: say what it shows, how it is run, and what it prints"
    shown = COMMAND.findall(page.read_text())
    assert shown, f"{page} shows no command with its output: a block `sh` with `swift run`, and a block `text`"
    for program, arguments, output in shown:
        words = [word.replace("/tmp", str(tmp_path)) for word in arguments.split()]
        done = subprocess.run([str(built(program)), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert program == concept and done.stderr == "" and done.returncode in (0, -signal.SIGKILL)
        assert done.stdout + ("Killed\n" if done.returncode else "") == output


def test_the_index_has_every_example():
    linked = set(re.findall(r"\]\(([^)/]+)", (EXAMPLES / "README.md").read_text()))
    folders = {path.name for path in EXAMPLES.iterdir() if not path.name.startswith(".") and any(path.glob("**/*.*"))}
    assert set(CONCEPTS) <= folders <= linked


def test_the_readme_shows_the_examples_as_they_are_compiled():
    # The client is compiled by Tests/Compiler.
    quick_start, _, application, step = fenced_blocks(REPOSITORY / "README.md", "swift")
    assert quick_start == (EXAMPLES / "QuickStart" / "main.swift").read_text()
    program = EXAMPLES / "order-service" / "Sources" / "OrderService" / "OrderService.swift"
    lines = program.read_text().splitlines(keepends=True)
    assert application == "".join(line for line in lines if not line.startswith("///"))
    sample = REPOSITORY / "Sources" / "cano-bridge" / "Samples" / "OrderFulfilment.swift"
    assert textwrap.indent(step, "        ") in sample.read_text()


@contextlib.contextmanager
def running(program, command, bus, until, what):
    """A process on this test's own Redis, ended with the test. What it prints is in `<program>.log`."""
    with open(bus.server.folder / f"{program.name}.log", "ab") as log:
        process = spawn(list(map(str, command)), stdout=log, stderr=log, cwd=REPOSITORY, env={**os.environ, "REDIS_URL": bus.server.url})
    try:
        eventually(until, what)
        yield process
    finally:
        end(process)


def serving(program, bus, workflow, *options):
    """The program, serving this workflow."""
    def is_known():
        return workflow in {able[0] for able in bus.workflows()}

    return running(program, [program, "serve", "--redis", bus.server.url, *options], bus, is_known, f"{program.name} serves {workflow}")


def working(program, queue, bus):
    """The worker in Python, at this queue."""
    def is_there():
        return bus.redis.exists(bus.key("tasks", queue)) and bus.redis.xinfo_groups(bus.key("tasks", queue))

    return running(program, [sys.executable, program, queue], bus, is_there, f"{program.name} takes tasks")


@pytest.fixture
def service(built, bus):
    with serving(built("order-service"), bus, "order") as process:
        yield process


def test_a_program_with_a_bridge_in_it_does_what_its_readme_shows(built, bus):
    done = subprocess.run([str(built("till")), "tea", "glass"], env={**os.environ, "CANO_REDIS": bus.server.url},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == fenced_blocks(EXAMPLES / "EmbeddedBridge" / "README.md", "text")[0]
    assert bus.workflows() == set(), "the bridge has said that it is gone"


@pytest.fixture(scope="module")
def greeter(built, tmp_path_factory):
    """The package of the article, from nothing: its files, with this checkout in place of a clone beside it."""
    article = REPOSITORY / "Sources" / "CanoBridge" / "CanoBridge.docc" / "YourFirstWorkflowOnABridge.md"
    manifest, *sources = fenced_blocks(article, "swift")
    folder = tmp_path_factory.mktemp("greeter")
    paths = re.findall(r"`((?:Sources|Tests)/\S+\.swift)`", article.read_text())
    assert len(paths) == len(sources) and '"../cano"' in manifest
    (folder / "Package.swift").write_text(manifest.replace('"../cano"', json.dumps(str(REPOSITORY))))
    for path, source in zip(paths, sources):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(source)
    return folder


def swift(verb, package, *arguments, timeout=3600):
    """Swift, in the scratch folder and with the options of `make examples`: what packages share is compiled once."""
    scratch = REPOSITORY / ".build-examples"
    done = subprocess.run(
        ["swift", verb, "--package-path", str(package), "--scratch-path", str(scratch), "-debug-info-format", "none", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


def test_the_first_workflow_is_made_as_the_article_says(greeter, bus):
    told = swift("test", greeter)
    assert "a guest is welcomed on a bridge" in told and "Test run with 2 tests" in told
    program = REPOSITORY / ".build-examples" / "debug" / "greeter"
    with serving(program, bus, "greeting"):
        done = subprocess.run(
            [str(program), "start", "greeting", "--redis", bus.server.url, "--id", "ada", "--input", '{"name":"Ada"}', "--wait"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (0, '"Welcome, Ada!"\n'), done.stderr
        bus.start("greeting", {"name": "Grace"}, id="grace")
        assert output(bus, "grace") == "Welcome, Grace!"


def output(bus, id):
    record = bus.wait_for_end(id)
    assert record["status"] == "completed", record
    return json.loads(record["output"])


def failure(bus, id):
    record = bus.wait_for_end(id)
    assert record["status"] == "failed", record
    return json.loads(record["error"])["code"], record["rollback"]


def shows(example, bus, id):
    """Whether the README of a whole example shows what became of this run."""
    record = bus.wait_for_end(id)
    said = record.get("output") or f"({json.loads(record['error'])['code']}): {json.loads(record['error'])['message']}"
    return said in (EXAMPLES / example / "README.md").read_text()


ORDER = {"customer": "Ada", "country": "GB", "lines": [{"sku": "tea", "quantity": 2}, {"sku": "pot", "quantity": 2}]}


def test_an_order_is_paid_for_by_a_worker_and_shipped(service, bus):
    bus.start("order", ORDER, id="order-1", reply_to="desk")
    with working(EXAMPLES / "order-service" / "payments.py", "payments", bus):
        assert output(bus, "order-1") == {"customer": "Ada", "total": 7830, "discount": 870, "receipt": "order-1/charge/3"}
    assert shows("order-service", bus, "order-1")
    states = [event.data["state"] for event in bus.story("order-1") if event.type in ("cano.run.started", "cano.state.entered")]
    assert states == ["price", "discount", "charge", "ship"]
    assert bus.redis.xlen(bus.key("replies", "desk")) == 1


def test_an_order_that_no_carrier_takes_is_paid_back_by_the_worker(service, bus):
    bus.start("order", {"customer": "Bo", "country": "AQ", "lines": [{"sku": "tea", "quantity": 1}]}, id="order-2")
    with working(EXAMPLES / "order-service" / "payments.py", "payments", bus):
        assert failure(bus, "order-2") == ("no_carrier", "clean")
    assert shows("order-service", bus, "order-2")
    assert (bus.server.folder / "payments.py.log").read_text().splitlines() == [
        "charged Bo 450 cents, receipt order-2/charge/2", "paid back order-2/charge/2"]


def test_an_application_fails_a_run_with_its_own_code(service, bus):
    bus.start("order", {**ORDER, "lines": [{"sku": "teo", "quantity": 1}]}, id="order-3")
    assert failure(bus, "order-3") == ("unknown_article", "none") and shows("order-service", bus, "order-3")


def test_the_pages_of_an_application_show_its_orders(built, bus):
    admin = Admin(free_port())
    with serving(built("order-service"), bus, "order", *admin.options), \
            working(EXAMPLES / "order-service" / "payments.py", "payments", bus):
        bus.start("order", {**ORDER, "country": "AQ"}, id="order-4")
        bus.wait_for_end("order-4")
        eventually(admin.is_up, "the admin server listens")
        assert "order-4" in admin.get("/runs?status=failed").text
        assert "no carrier goes to AQ" in admin.get("/run?id=order-4").text


def test_an_application_stops_when_it_is_told_to(service, bus):
    service.terminate()
    assert service.wait(30) == 0
    assert bus.workflows() == set()


DATA = EXAMPLES / "time-zones" / "data"
CLOCKS = {"rows": 312, "clocks": 423, "countries": 247, "changing": 128, "rejected": 0,
          "without": ["Bouvet Island", "Heard Island & McDonald Islands"]}


def make_clocks(bus, id, folder, table="zone1970.tab", **fields):
    bus.start("clock-table", {"table": str(DATA / table), "folder": str(folder), **fields}, id=id)


def test_a_table_of_clocks_is_made_of_real_data(built, bus, tmp_path):
    with serving(built("time-zones"), bus, "clock-table"):
        make_clocks(bus, "clocks-1", tmp_path)
        assert output(bus, "clocks-1") == CLOCKS and shows("time-zones", bus, "clocks-1")
    header, *clocks = (tmp_path / "clocks.csv").read_text().splitlines()
    assert header == "country,name,zone,offset,changes,latitude,longitude" and len(clocks) == CLOCKS["clocks"]
    assert "DE,Germany,Europe/Berlin,+01:00,yes,52.5,13.37" in clocks
    assert "IN,India,Asia/Kolkata,+05:30,no,22.53,88.37" in clocks
    assert (tmp_path / "rejected.txt").read_text() == ""


def test_a_table_full_of_mistakes_is_refused_with_each_of_them(built, bus, tmp_path):
    with serving(built("time-zones"), bus, "clock-table"):
        make_clocks(bus, "clocks-1", tmp_path, table="mistakes.tab")
        assert failure(bus, "clocks-1") == ("too_many_rejected", "none")
    assert shows("time-zones", bus, "clocks-1")  # with each of the mistakes


def test_parts_that_were_done_are_not_done_again_after_a_kill(built, bus, tmp_path):
    program, options = built("time-zones"), ("--lease-seconds", "1.5", "--heartbeat-seconds", "0.3")
    with serving(program, bus, "clock-table", *options) as process:
        make_clocks(bus, "clocks-1", tmp_path, pause_ms=700)
        # Two at a time: once the fifth has begun, two at least were done and have their rows.
        eventually(lambda: len(list(tmp_path.glob("part-*.csv"))) >= 4, "four parts are written")
        before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("part-*.csv")}
        process.kill()
        process.wait()
    with serving(program, bus, "clock-table", *options):
        assert output(bus, "clocks-1") == CLOCKS
    again = [name for name, written in before.items() if (tmp_path / name).stat().st_mtime_ns != written]
    assert len(before) - len(again) >= 2, f"of {sorted(before)} were written again: {again}"


@pytest.fixture
def agent(built, bus):
    with serving(built("support-agent"), bus, "support-agent") as process, working(EXAMPLES / "support-agent" / "model.py", "model", bus):
        yield process


def ask(bus, id, question, **fields):
    bus.start("support-agent", {"question": question, **fields}, id=id)


def test_an_agent_uses_its_tools(agent, bus):
    ask(bus, "q-1", "Where is my order o-19?")
    ask(bus, "q-2", "Where is my order o-17?")
    assert output(bus, "q-1") == {"answer": "Your cup is on its way.", "tokens": 24}
    assert output(bus, "q-2") == {"answer": "Your o-17 is lost. 9.00 euros are on their way to you.", "tokens": 46}
    assert shows("support-agent", bus, "q-1") and shows("support-agent", bus, "q-2")


def test_an_agent_asks_before_it_pays_much(agent, bus):
    for id, word in (("q-1", "approved"), ("q-2", "declined")):
        ask(bus, id, "Where is my order o-18?")
        bus.wait_for(id, status="waiting", state="approve")
        asked = {key.decode(): json.loads(value) for key, value in bus.redis.hgetall(bus.key("store", "approvals")).items()}
        assert asked == {id: {"tool": "refund", "order": "o-18", "cents": 450_000}}
        bus.signal(id, "approved", {"by": "Bob", "cents": 900})  # meant for another one
        bus.signal(id, word, {"by": "Ann", "cents": 450_000})
        bus.wait_for_end(id)
    assert bus.redis.hgetall(bus.key("store", "approvals")) == {}
    assert output(bus, "q-1")["answer"] == "Your o-18 is lost. 4500.00 euros are on their way to you."
    assert shows("support-agent", bus, "q-1")
    assert output(bus, "q-2")["answer"] == "I may not refund that. A colleague will write to you."


def test_an_agent_that_goes_round_in_circles_has_spent_its_budget(agent, bus):
    ask(bus, "q-1", "Look for o-19 again and again.", budget=200)
    assert failure(bus, "q-1") == ("budget_spent", "none") and shows("support-agent", bus, "q-1")
