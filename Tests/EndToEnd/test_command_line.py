"""`start` and `events --follow` do with the contract what any client could, and the binary needs no company."""
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.bridge import REPOSITORY, Bridge
from support.bus import fresh
from support.event import FIELDS
from support.processes import end, spawn
from support.waiting import eventually


@pytest.fixture
def command_line(binary, shop):
    def run(verb, *arguments, bus=shop):
        return subprocess.run(
            [str(binary), verb, *arguments, "--redis", bus.server.url, "--prefix", bus.prefix],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
        )

    return run


def test_start_and_wait_prints_the_result(shop, command_line):
    id = fresh()
    done = command_line("start", "numbers", "--id", id, "--input", '{"batch_size":100}', "--wait")
    assert done.returncode == 0, done.stderr
    assert "5050" in done.stdout
    assert shop.record(id)["output"] == "5050"


def test_start_and_wait_for_a_known_id_prints_its_result_again(shop, command_line):
    id = fresh()
    for _ in range(2):
        done = command_line("start", "numbers", "--id", id, "--input", '{"batch_size":100}', "--wait")
        assert done.returncode == 0, done.stderr
        assert "5050" in done.stdout
    assert len(shop.story(id)) == 3


def test_start_without_wait_returns_once_the_command_is_published(shop, command_line):
    id = fresh()
    done = command_line("start", "numbers", "--id", id, "--input", '{"batch_size":4}')
    assert done.returncode == 0, done.stderr
    assert shop.wait_for_end(id)["output"] == "10"


@pytest.mark.parametrize("workflow, input", [
    ("order-fulfilment", '{"sku":"A1","quantity":1,"fail_at":"charge"}'),  # fails
    ("numbers", '{"batch_size":"three"}'),  # is rejected
])
def test_start_and_wait_tells_a_script_that_it_did_not_end_well(command_line, workflow, input):
    done = command_line("start", workflow, "--id", fresh(), "--input", input, "--wait")
    assert done.returncode not in (0, None)
    assert done.returncode > 0, "not by a signal"
    assert done.stdout + done.stderr, "and says something"


def test_a_mistyped_option_is_explained(command_line):
    done = command_line("start", "numbers", "--imput", "{}")
    assert done.returncode > 0
    assert "imput" in done.stderr


def test_events_follow_prints_each_event_as_a_line_of_json(shop, binary, tmp_path):
    lines = tmp_path / "events.jsonl"
    with open(lines, "wb") as output, open(tmp_path / "stderr", "wb") as errors:
        follower = spawn([str(binary), "events", "--follow", "--json", "--redis", shop.server.url,
                          "--prefix", shop.prefix], stdout=output, stderr=errors)
    try:
        ids = []

        def heard():
            # It is not known when it begins to listen: a new run each time, until one is heard to its end.
            ids.append(fresh("follow"))
            shop.start("numbers", {"batch_size": 10}, id=ids[-1])
            shop.wait_for_end(ids[-1])
            whole = [line for line in lines.read_text().split("\n")[:-1]]
            events = [event for event in map(json.loads, whole) if event["subject"] in ids]
            return [event for event in events if event["type"] == "cano.run.completed"] and events

        events = eventually(heard, "a completed run is printed", every=0.2)
        assert follower.poll() is None, (tmp_path / "stderr").read_text()
        assert {"id", "source", "type", "subject", "time", "data"} <= events[0].keys()
        assert set(FIELDS) <= events[0].keys()
        data = events[-1]["data"]
        assert (json.loads(data) if isinstance(data, str) else data)["output"] == 55
    finally:
        end(follower)


def test_the_release_binary_works_copied_alone_to_an_empty_folder(bus, tmp_path):
    release = Path(os.environ.get("CANO_BRIDGE_RELEASE", REPOSITORY / ".build" / "release" / "cano-bridge"))
    if not release.exists():
        pytest.skip("no release binary: `swift build -c release`, or name one in CANO_BRIDGE_RELEASE")
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy2(release.resolve(), alone / "cano-bridge")
    bridge = Bridge(alone / "cano-bridge", bus, cwd=alone, env={"PATH": os.environ["PATH"]})
    try:
        bridge.start()
        bus.start("numbers", {"batch_size": 100}, id="alone")
        assert bus.wait_for_end("alone")["output"] == "5050"
        entry = bus.publish(("type", "launch"))
        bus.wait_for_dead_letter(entry)
        bridge.terminate()
        assert bridge.exit_code(within=10) == 0
    finally:
        bridge.close()
    assert [path.name for path in alone.iterdir()] == ["cano-bridge"], "and leaves nothing beside itself"


def test_cancel_and_wait_ends_the_run(shop, command_line):
    id = fresh()
    shop.start("order-fulfilment", {"sku": "A1", "quantity": 1, "delay_ms": 700}, id=id)
    eventually(lambda: shop.statuses([id]) == ["running"], "the order is being reserved")
    done = command_line("cancel", id, "--reason", "out of stock", "--wait")
    assert done.returncode == 0, done.stderr
    assert shop.record(id)["status"] == "cancelled"
    assert shop.story(id)[-1].data["reason"] == "out of stock"


def test_cancel_tells_a_script_that_there_is_nothing_to_cancel(run, command_line):
    id, _, _ = run("numbers", {"batch_size": 3})
    for known in (id, fresh("nobody")):
        done = command_line("cancel", known, "--wait")
        assert done.returncode > 0 and done.stderr


def test_resume_and_wait_tells_how_the_run_ends_this_time(run, shop, command_line):
    id, _, _ = run("order-fulfilment", {"sku": "A1", "quantity": 1, "fail_at": "reserve"})
    done = command_line("resume", id, "--wait")
    assert done.returncode > 0 and "refused" in done.stderr
    assert shop.record(id)["epoch"] == "2"


def test_a_delayed_start_waits_and_a_limited_one_ends(shop, command_line):
    done = command_line("start", "numbers", "--input", '{"batch_size":4}', "--delay-seconds", "0.5", "--wait")
    assert done.returncode == 0 and done.stdout.strip() == "10", done.stderr
    slow = '{"sku":"A1","quantity":1,"delay_ms":500}'
    done = command_line("start", "order-fulfilment", "--input", slow, "--limit-seconds", "0.3", "--wait")
    assert done.returncode > 0 and "workflow_timeout" in done.stderr


def test_status_prints_the_record_for_people_and_for_programs(run, command_line):
    id, record, _ = run("numbers", {"batch_size": 3})
    done = command_line("status", id)
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()][:2] == [["status", "completed"], ["workflow", "numbers"]]
    done = command_line("status", id, "--json")
    printed = json.loads(done.stdout)
    assert printed["output"] == 6 and printed["input"] == {"batch_size": 3}
    assert printed.keys() == record.keys()
    assert command_line("status", fresh("nobody")).returncode > 0
