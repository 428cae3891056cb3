"""A task that never notices that its run is stopped keeps neither the run nor the bridge."""
import json

import pytest

from support.bus import fresh
from support.invariants import check_history
from support.waiting import eventually

MARGIN = 15.0  # for a busy machine, on top of what the options allow


@pytest.fixture
def start_deaf(bus, tmp_path):
    """`start_deaf(**fields)`: a run whose first task hears nothing; its id, once it has gone deaf."""
    def start(**fields):
        id, diary = fresh("deaf"), tmp_path / "diary"
        diary.touch()
        bus.start("trial", {"at": "first", "deed": "ignore", "diary": str(diary)}, id=id, **fields)
        eventually(diary.read_text, "it has gone deaf")
        return id

    return start


def lines(bridge):
    """Its log, which is JSON."""
    return [json.loads(line) for line in bridge.output().splitlines() if line.startswith("{")]


def test_a_cancelled_run_ends_without_it_and_its_slot_is_free(launch_trial, bus, start_deaf):
    bridge = launch_trial(bus, max_runs=1, options=["--abandon-seconds", 1, "--log-format", "json"])
    id = start_deaf()
    bus.cancel(id, reason="enough")
    record = bus.wait_for_end(id, within=5 + 1 + MARGIN)
    assert (record["status"], record["cancel"], record["rollback"]) == ("cancelled", "enough", "none")
    check_history(bus, id, bus.story(id), record)

    other = fresh("trial")
    bus.start("trial", {}, id=other)
    assert bus.wait_for_end(other)["status"] == "completed"

    said = next(line for line in lines(bridge) if line["level"] == "error")
    assert said["message"].startswith("a task ignored its cancellation and was abandoned")
    assert {key: said[key] for key in ("run", "workflow", "state", "task", "attempt", "bridge")} == {
        "run": id, "workflow": "trial", "state": "first", "task": said["task"], "attempt": "1", "bridge": bridge.id}


def test_a_run_out_of_time_fails_without_it(launch_trial, bus, start_deaf):
    launch_trial(bus, max_runs=1, options=["--abandon-seconds", 1])
    id = start_deaf(timeout_ms=3_000)
    record = bus.wait_for_end(id, within=3 + 1 + MARGIN)
    assert record["status"] == "failed"
    error = json.loads(record["error"])
    assert error["category"] == "workflow_timeout"
    assert error["message"].endswith("a task ignored its cancellation and was abandoned")


def test_a_bridge_that_is_stopped_does_not_wait_for_it(launch_trial, bus, start_deaf):
    bridge = launch_trial(bus, options=["--drain-seconds", 1, "--grace-seconds", 1])
    id = start_deaf()
    bridge.terminate()
    assert bridge.exit_code(within=1 + 1 + MARGIN) == 0
    assert bus.record(id)["status"] == "running"
    assert bus.lease(id) == 0, "it is handed back"


def test_each_line_of_the_log_is_json_where_that_is_asked_for(launch_trial, bus):
    bridge = launch_trial(bus, options=["--log-format", "json"])
    bridge.terminate()
    assert bridge.exit_code(within=MARGIN) == 0
    eventually(lambda: "has stopped" in bridge.output(), "it has said so")
    said = [json.loads(line) for line in bridge.output().splitlines()]
    assert said and all({"time", "level", "logger", "message"} <= line.keys() for line in said)
    begin = next(line for line in said if line["message"] == "the bridge takes commands")
    assert begin["level"] == "info" and begin["logger"] == "cano-bridge" and begin["bridge"] == bridge.id
    assert begin["prefix"] == bus.prefix
    assert begin["time"].endswith("Z") and len(begin["time"]) == 24
