"""The example packages in Swift: they build against this checkout, and do what their READMEs show."""
import json
import os
import shutil
import subprocess
import textwrap

import pytest

from support.bridge import REPOSITORY
from support.processes import end, spawn
from support.waiting import eventually

EXAMPLES = REPOSITORY / "Examples"
SCRATCH = REPOSITORY / ".build-examples"  # one for both packages: what they depend on is compiled once

pytestmark = pytest.mark.skipif(shutil.which("swift") is None, reason="building examples needs a Swift toolchain")


def build(package, product):
    """Builds one product of a package; the binary. The first time takes minutes, then seconds."""
    done = subprocess.run(
        ["swift", "build", "--package-path", str(package), "--scratch-path", str(SCRATCH), "--product", product],
        env=dict(os.environ, CANO_STRICT="1"), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return SCRATCH / "debug" / product


def fenced_blocks(page, language):
    """The fenced blocks of that language on a page, in order."""
    return [block.split("```", 1)[0] for block in page.read_text().split(f"```{language}\n")[1:]]


@pytest.fixture(scope="module")
def quick_start():
    return build(EXAMPLES, "QuickStart")


@pytest.fixture(scope="module")
def order_service():
    return build(EXAMPLES / "order-service", "order-service")


def test_quick_start_prints_what_its_readme_shows(quick_start):
    done = subprocess.run([str(quick_start)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == fenced_blocks(EXAMPLES / "QuickStart" / "README.md", "text")[0]


def test_the_readme_shows_the_examples_as_they_are_compiled():
    quick_start, application, step = fenced_blocks(REPOSITORY / "README.md", "swift")
    assert quick_start == (EXAMPLES / "QuickStart" / "main.swift").read_text()
    program = EXAMPLES / "order-service" / "Sources" / "OrderService" / "OrderService.swift"
    lines = program.read_text().splitlines(keepends=True)
    assert application == "".join(line for line in lines if not line.startswith("///"))
    sample = REPOSITORY / "Sources" / "cano-bridge" / "Samples" / "OrderFulfilment.swift"
    assert textwrap.indent(step, "    ") in sample.read_text()


@pytest.fixture
def service(order_service, bus):
    """The application, serving its workflow on this test's own Redis."""
    with open(bus.server.folder / "order-service.log", "wb") as log:
        process = spawn([str(order_service), "serve", "--redis", bus.server.url], stdout=log, stderr=log)
    try:
        eventually(lambda: ("invoice", "1") in {able[:2] for able in bus.workflows()}, "order-service serves invoice")
        yield process
    finally:
        end(process)


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
