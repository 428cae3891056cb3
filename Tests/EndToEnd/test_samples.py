"""The samples take the inputs that docs/contract.md gives them, and do with them what it says."""
import json
import re

import pytest

from support.bridge import REPOSITORY
from support.bus import fresh

PAGE = (REPOSITORY / "docs" / "contract.md").read_text()
SECTION = PAGE[PAGE.index("\n### What the samples take\n"):]
INPUTS = {workflow: json.loads(input) for workflow, input in re.findall(r"^\| `([\w-]+)` \| `({.*?})` \|", SECTION[:SECTION.index("\n## ")], re.MULTILINE)}
BESIDES = [json.loads(f"{{{member}}}") for member in re.findall(r"^\| \| `(.*?)` ", SECTION[:SECTION.index("\n## ")], re.MULTILINE)]


def test_the_table_has_every_sample(shop):
    samples = {name.decode().partition("@")[0] for name in shop.redis.hkeys(shop.key("graphs"))}
    assert set(INPUTS) == samples


@pytest.mark.parametrize("workflow, output", [
    ("numbers", 5050),
    ("order-fulfilment", {"sku": "A1", "quantity": 2, "receipts": ["reserve:A1x2", "charge:A1x2", "ship:A1x2"]}),
    ("family", [55, 55, 55]),
    ("naps", 2),
])
def test_a_sample_ends_with_what_its_input_asks_for(run, workflow, output):
    _, record, _ = run(workflow, INPUTS[workflow])
    assert record["status"] == "completed" and json.loads(record["output"]) == output


@pytest.mark.parametrize("workflow, input, waiting_for", [
    ("order-fulfilment", {"await_payment": True}, "signal payment-confirmed"),
    ("order-fulfilment", {"remote": True}, "task payments"),
    ("approval", {}, "signal approved or rejected"),
    ("remote-steps", {}, "task payments"),
    ("remote-each", {}, "task payments"),
])
def test_a_sample_waits_for_what_its_input_asks_for(launch, bus, workflow, input, waiting_for):
    assert workflow != "order-fulfilment" or input in BESIDES
    launch(bus)
    id = fresh(workflow)
    bus.start(workflow, INPUTS[workflow] | input, id=id)
    assert bus.wait_for_waiting(id)["waiting_for"] == waiting_for


@pytest.mark.parametrize("step", ["reserve", "charge", "ship"])
def test_an_order_fails_where_it_is_told_to_and_is_undone(run, step):
    assert {"fail_at": "charge"} in BESIDES
    _, record, _ = run("order-fulfilment", INPUTS["order-fulfilment"] | {"fail_at": step})
    assert (record["status"], record["state"]) == ("failed", step) and record["rollback"] == ("none" if step == "reserve" else "clean")
