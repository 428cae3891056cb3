"""The runs of a dead bridge go on elsewhere, those of a leaving one at once, and those of a live one nowhere."""
import json

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.invariants import check_history, check_nothing_is_left, check_run, check_runs
from support.waiting import eventually

LEASE, HEARTBEAT = 1_500, 300
BUSY = 10_000  # ms that a busy machine may add


def start_trials(bus, count, workflow="trial", **input):
    """Runs that sleep in each state, or are held by a gate; their ids, once all are under way."""
    ids = [fresh("trial") for _ in range(count)]
    bus.start_all([{"workflow": workflow, "id": id, "input": input} for id in ids])
    eventually(lambda: bus.statuses(ids) == ["running"] * count, "all are under way")
    return ids


def resumptions(story):
    return [event for event in story if event.kind == "run.resumed"]


def wait_for_epoch(bus, ids, epoch):
    """Until each of these has changed hands so often."""
    eventually(lambda: all(bus.record(id)["epoch"] == str(epoch) for id in ids), f"all are in their epoch {epoch}", within=40)


def test_the_runs_of_a_killed_bridge_go_on_elsewhere_within_the_lease_and_two_seconds(launch_trial, bus, gate):
    first = launch_trial(bus, options=QUICK_LEASE)
    ids = start_trials(bus, 20, at="second", gate=gate.path)
    second = launch_trial(bus, options=QUICK_LEASE)
    eventually(lambda: [bus.record(id)["state"] for id in ids] == ["second"] * 20, "all are in their second state")
    killed_at = bus.now()
    first.kill()
    wait_for_epoch(bus, ids, 2)
    gate.open()
    bus.wait_for_end(*ids)
    stories = check_runs(bus, ids, check=check_history)
    for id in ids:
        resumed, = resumptions(stories[id])
        assert resumed.data["by"] == "takeover"
        assert resumed.data["previous_bridge"] == first.id and resumed.bridge == second.id
        assert (resumed.data["recoveries"], resumed.data["state"], resumed.epoch) == (1, "second", 2)
        assert int(resumed.entry.split("-")[0]) - killed_at < LEASE + 2_000 + BUSY
        record = bus.record(id)
        assert json.loads(record["output"]) == ["first", "second", "third"], "each step counts once"
        assert record["recoveries"] == "0", "rows have been committed since"
    check_nothing_is_left(bus, *ids)


def test_a_leaving_bridges_runs_go_on_elsewhere_within_a_second_and_nothing_is_undone(launch_trial, bus, gate):
    first = launch_trial(bus, options=[*QUICK_LEASE, "--drain-seconds", 0.5, "--grace-seconds", 0.5])
    ids = start_trials(bus, 20, "trial-saga", at="pay", gate=gate.path) + start_trials(bus, 20, gate=gate.path)
    second = launch_trial(bus, options=QUICK_LEASE)
    first.terminate()
    assert first.exit_code(within=10) == 0
    left_at = bus.now()
    wait_for_epoch(bus, ids, 2)
    gate.open()
    bus.wait_for_end(*ids)
    stories = check_runs(bus, ids, check=check_history)
    for id in ids:
        assert stories[id][-1].kind == "run.completed"
        resumed, = resumptions(stories[id])
        assert (resumed.data["by"], resumed.data["recoveries"], resumed.bridge) == ("handback", 0, second.id)
        assert int(resumed.entry.split("-")[0]) - left_at < 1_000 + BUSY
        assert not [event for event in stories[id] if event.kind.startswith("compensation.")]


def test_the_runs_of_a_living_bridge_are_left_alone(trials):
    ids = start_trials(trials, 20, delay_ms=1_500)  # three leases
    trials.wait_for_end(*ids)
    check_runs(trials, ids, check=check_run)


def test_a_lease_is_renewed_while_its_run_lives(trials, gate):
    id, = start_trials(trials, 1, gate=gate.path)
    seen = set()
    eventually(lambda: seen.add(trials.lease(id)) or len(seen) >= 4, "its lease is put off again and again")
    assert all(lease > trials.now() - BUSY for lease in seen)
    gate.open()
    trials.wait_for_end(id)
    assert trials.lease(id) is None


def test_a_bridge_that_slept_through_its_lease_changes_nothing_when_it_wakes(launch_trial, bus, gate):
    zombie = launch_trial(bus, options=QUICK_LEASE)
    ids = start_trials(bus, 20, gate=gate.path)
    other = launch_trial(bus, options=QUICK_LEASE)
    with zombie.paused():
        eventually(lambda: all(bus.record(id)["bridge"] == other.id for id in ids), "the other has them all")
    gate.open()
    bus.wait_for_end(*ids)
    stories = check_runs(bus, ids, check=check_history)
    for id in ids:
        assert [event.bridge for event in stories[id] if event.epoch > 1] == [
            other.id for event in stories[id] if event.epoch > 1]
        assert json.loads(bus.record(id)["output"]) == ["first", "second", "third"]
    again, = start_trials(bus, 1, delay_ms=100)
    assert bus.wait_for_end(again)["status"] == "completed"
    assert zombie.is_alive and other.is_alive


def test_an_unfinished_rollback_is_taken_over_and_finished(launch_trial, bus):
    # The rollback itself is quick, so many runs are in the middle of failing when their bridge dies.
    first = launch_trial(bus, options=QUICK_LEASE)
    ids = [fresh("saga") for _ in range(300)]
    bus.start_all([{"workflow": "trial-saga", "id": id, "input": {"at": "send", "deed": "fail", "delay_ms": 5}} for id in ids])
    eventually(lambda: bus.statuses(ids).count("failed") > 10, "some are undone", every=0.001)
    first.kill()
    launch_trial(bus, options=QUICK_LEASE)
    bus.wait_for_end(*ids, within=60)
    stories = check_runs(bus, ids, check=check_history)
    for id in ids:
        assert bus.record(id)["rollback"] == "clean"
        undone = [event.data["task"] for event in stories[id] if event.kind == "compensation.succeeded"]
        assert undone == ["pay", "take"]
    check_nothing_is_left(bus)


def test_a_bridge_takes_over_no_more_than_it_has_slots_for(launch_trial, bus, gate):
    first = launch_trial(bus, options=QUICK_LEASE)
    ids = start_trials(bus, 10, gate=gate.path)
    second = launch_trial(bus, max_runs=3, options=QUICK_LEASE)
    first.kill()
    most = 0

    def look():
        """The statuses of all, after it has counted those that the second has at once."""
        nonlocal most
        at_once = bus.redis.pipeline(transaction=True)  # three end as the next three begin
        for id in ids:
            at_once.hmget(bus.key("run", id), "bridge", "status")
        records = at_once.execute()
        most = max(most, records.count([second.id.encode(), b"running"]))
        return {status for _, status in records}

    eventually(lambda: look() and most == 3, "it has taken over as many as it can", within=40)
    taken = bus.now()
    eventually(lambda: look() and bus.now() > taken + LEASE, "it could have taken more")
    gate.open()
    eventually(lambda: look() == {b"completed"}, "all have completed", within=60)
    assert most == 3
    check_runs(bus, ids, check=check_history)


@pytest.mark.slow
def test_taken_over_runs_come_before_new_ones(launch_trial, bus):
    first = launch_trial(bus, max_runs=2, options=QUICK_LEASE)
    old = start_trials(bus, 2, delay_ms=1_500)
    first.kill()
    eventually(lambda: all(bus.lease(id) < bus.now() for id in old), "their leases are over")
    new = [fresh("new") for _ in range(30)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 300}} for id in new])
    launch_trial(bus, max_runs=2, options=QUICK_LEASE)
    bus.wait_for_end(*old, *new, within=60)
    stories = check_runs(bus, old + new, check=check_history)
    resumed = [resumptions(stories[id])[0].entry for id in old]
    later = sorted(stories[id][0].entry for id in new)
    assert max(resumed) < later[len(later) // 2], "free slots go to claims first"


def test_a_run_taken_over_after_its_last_commit_ends_with_its_right_output(launch, bus):
    first = launch(bus, options=QUICK_LEASE)
    launch(bus, options=QUICK_LEASE)
    ids = [fresh("sum") for _ in range(2_000)]
    bus.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": 10}} for id in ids])
    eventually(lambda: bus.statuses(ids).count("completed") > 100, "the load is under way", every=0.001)
    first.kill()
    bus.wait_for_end(*ids, within=90)
    check_runs(bus, ids, check=check_history)
    assert {bus.record(id)["output"] for id in ids} == {"55"}
    check_nothing_is_left(bus, *ids)


def test_a_bridge_that_starts_alone_waits_a_lease_before_it_takes_over_what_it_finds(launch_trial, bus, gate):
    # Nobody else lives: it may be Redis that was away, and the owners on their way back.
    first = launch_trial(bus, options=QUICK_LEASE)
    id, = start_trials(bus, 1, gate=gate.path)
    first.kill()
    eventually(lambda: bus.lease(id) < bus.now() - 500, "its lease is over")
    begin = bus.now()
    launch_trial(bus, options=QUICK_LEASE)
    resumed = bus.wait_for_event(id, "run.resumed")
    waited = int(resumed.entry.split("-")[0]) - begin
    assert LEASE - HEARTBEAT <= waited < LEASE + 2_000 + BUSY
    gate.open()
    bus.wait_for_end(id)


@pytest.mark.parametrize("count", [3])
def test_bridges_die_one_after_the_other_and_the_run_goes_on(launch_trial, bus, count):
    bridges = [launch_trial(bus, options=QUICK_LEASE) for _ in range(count + 1)]
    id, = start_trials(bus, 1, delay_ms=1_000)
    for epoch in range(1, count + 1):
        owner = bus.wait_for(id, epoch=epoch)["bridge"]
        next(bridge for bridge in bridges if bridge.id == owner).kill()
    record = bus.wait_for_end(id)
    story = bus.story(id)
    check_history(bus, id, story, record)
    assert record["epoch"] == str(count + 1) and record["status"] == "completed"
    assert [event.data["recoveries"] for event in resumptions(story)] == sorted(
        event.data["recoveries"] for event in resumptions(story))
