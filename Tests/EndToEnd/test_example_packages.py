"""The example packages in Swift: they build against this checkout, and do what their READMEs show."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import textwrap

import pytest

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


def test_quick_start_prints_what_its_readme_shows(built):
    done = subprocess.run([str(built("QuickStart"))], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == fenced_blocks(EXAMPLES / "QuickStart" / "README.md", "text")[0]


def test_the_readme_shows_the_examples_as_they_are_compiled():
    quick_start, application, step = fenced_blocks(REPOSITORY / "README.md", "swift")
    assert quick_start == (EXAMPLES / "QuickStart" / "main.swift").read_text()
    program = EXAMPLES / "order-service" / "Sources" / "OrderService" / "OrderService.swift"
    lines = program.read_text().splitlines(keepends=True)
    assert application == "".join(line for line in lines if not line.startswith("///"))
    sample = REPOSITORY / "Sources" / "cano-bridge" / "Samples" / "OrderFulfilment.swift"
    assert textwrap.indent(step, "        ") in sample.read_text()


@contextlib.contextmanager
def serving(program, bus, *workflows):
    """The program, serving these workflows on this test's own Redis."""
    with open(bus.server.folder / f"{program.name}.log", "wb") as log:
        process = spawn([str(program), "serve", "--redis", bus.server.url], stdout=log, stderr=log)
    try:
        eventually(lambda: set(workflows) <= {able[0] for able in bus.workflows()}, f"{program.name} serves its workflows")
        yield process
    finally:
        end(process)


@pytest.fixture
def service(built, bus):
    with serving(built("order-service"), bus, "invoice") as process:
        yield process


@pytest.fixture
def workflow_bridge(built, bus):
    with serving(built("workflow-bridge"), bus, "sales-import", "agent", "payment") as process:
        yield process


def test_a_program_with_a_bridge_in_it_does_what_its_readme_shows(built, bus):
    done = subprocess.run([str(built("till")), "tea", "glass"], env={**os.environ, "CANO_REDIS_URL": bus.server.url},
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


def test_an_application_answers_with_its_own_workflow(service, bus):
    order = {"customer": "Ada", "lines": [{"sku": "tea", "quantity": 2}, {"sku": "pot", "quantity": 2}]}
    bus.start("invoice", order, id="invoice-1", reply_to="desk")
    record = bus.wait_for_end("invoice-1")
    assert record["status"] == "completed"
    assert json.loads(record["output"]) == {
        "number": "invoice-1/issue/3", "customer": "Ada", "total": 7830, "discount": 870}
    assert [event.data["state"] for event in bus.story("invoice-1")] == ["price", "discount", "issue", "issued"]
    assert bus.redis.xlen(bus.key("replies", "desk")) == 1


def test_an_application_fails_a_run_with_its_own_code(service, bus):
    bus.start("invoice", {"customer": "Ada", "lines": [{"sku": "rum", "quantity": 1}]}, id="invoice-2")
    record = bus.wait_for_end("invoice-2")
    assert (record["status"], json.loads(record["error"])["code"]) == ("failed", "unknown_article")


def test_an_application_stops_when_it_is_told_to(service, bus):
    service.terminate()
    assert service.wait(30) == 0
    assert bus.workflows() == set()


def test_twenty_files_are_added_up(workflow_bridge, bus, tmp_path):
    for number in range(1, 21):
        (tmp_path / f"day-{number}.csv").write_text(f"tea,{number}\npot,1\n")
    bus.start("sales-import", {"path": str(tmp_path)}, id="import-1")
    assert output(bus, "import-1") == {"tea": 210, "pot": 20}
    assert (tmp_path / "totals.txt").read_text() == "pot,20\ntea,210\n"


def test_an_agent_uses_its_tool(workflow_bridge, bus):
    bus.start("agent", json.dumps("What are 19 and 23?"), id="agent-1")
    assert output(bus, "agent-1") == "It is 42."
    assert [event.data["state"] for event in bus.story("agent-1")] == ["think", "useTool", "think", "answered"]


def test_a_payment_that_cannot_be_shipped_is_undone(workflow_bridge, bus):
    bus.start("payment", {"article": "tea", "cents": 450}, id="payment-1")
    bus.start("payment", {"article": "glass", "cents": 900}, id="payment-2")
    assert output(bus, "payment-1") == "parcel with tea"
    record = bus.wait_for_end("payment-2")
    assert (record["status"], record["rollback"]) == ("failed", "clean")
