"""Programs with different workflows, or versions of one, share a bus: each run goes to a bridge that has its own."""
import json
import os

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.invariants import check_history, check_nothing_is_left, check_run, check_runs
from support.waiting import eventually


def launch_version(launch_trial, bus, version, **options):
    return launch_trial(bus, options=QUICK_LEASE, env=dict(os.environ, TRIAL_VERSION=version), **options)


def test_two_programs_share_a_bus_and_each_run_goes_to_the_one_that_has_its_workflow(launch, launch_trial, bus):
    shop, trials = launch(bus, options=QUICK_LEASE), launch_trial(bus, options=QUICK_LEASE)
    sums, walks = [fresh("sum") for _ in range(100)], [fresh("walk") for _ in range(100)]
    commands = [command for sum, walk in zip(sums, walks) for command in (
        {"workflow": "numbers", "id": sum, "input": {"batch_size": 4}}, {"workflow": "trial", "id": walk, "input": {}})]
    entries = dict(zip((command["id"] for command in commands), bus.start_all(commands)))
    bus.wait_for_end(*sums, *walks, within=60)
    stories = check_runs(bus, sums + walks)
    for ids, bridge in ((sums, shop), (walks, trials)):
        assert {stories[id][0].bridge for id in ids} == {bridge.id}
    assert all(bus.record(id)["entry"] == entry for id, entry in entries.items()), "handed on as the same entry"
    assert not bus.dead_letters()
    check_nothing_is_left(bus, *sums, *walks)


def test_a_workflow_that_nobody_has_waits_for_a_bridge_that_has_it(launch, launch_trial, bus):
    launch(bus, options=[*QUICK_LEASE, "--new-workflow-seconds", 30])
    id = fresh("early")
    bus.start("trial", {}, id=id)
    eventually(lambda: bus.pending() == 1, "it has been read")
    assert bus.record(id) == {} and not bus.dead_letters()
    bridge = launch_trial(bus, options=QUICK_LEASE)
    record = bus.wait_for_end(id, within=25)
    assert record["bridge"] == bridge.id
    check_run(bus, id, bus.story(id), record)


def test_a_start_of_a_version_runs_where_that_version_is(launch_trial, bus):
    bridges = {version: launch_version(launch_trial, bus, version) for version in ("1", "2")}
    commands = [{"workflow": "trial", "id": fresh("bound"), "input": {}, "version": str(number % 2 + 1)} for number in range(60)]
    bus.start_all(commands)
    bus.wait_for_end(*[command["id"] for command in commands], within=60)
    for command in commands:
        record = bus.record(command["id"])
        assert (record["version"], record["bridge"]) == (command["version"], bridges[command["version"]].id)
    check_runs(bus, [command["id"] for command in commands])


def test_without_a_version_it_is_that_of_the_bridge_that_starts_it(launch_trial, bus):
    bridges = {version: launch_version(launch_trial, bus, version) for version in ("1", "2")}
    ids = [fresh("free") for _ in range(60)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {}} for id in ids])
    bus.wait_for_end(*ids)
    for id in ids:
        record = bus.record(id)
        assert record["bridge"] == bridges[record["version"]].id


def test_a_run_is_taken_over_only_by_a_bridge_of_its_version(launch_trial, bus, gate):
    old = launch_version(launch_trial, bus, "1")
    ids = [fresh("old") for _ in range(10)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"gate": gate.path}} for id in ids])
    eventually(lambda: bus.statuses(ids) == ["running"] * 10, "all are under way")
    old.kill()  # before the other one starts, which takes its time on a busy machine
    new = launch_version(launch_trial, bus, "2")
    walk = fresh("new")
    eventually(lambda: all(bus.lease(id) < bus.now() - 3_000 for id in ids), "two leases and more have passed", within=30)
    bus.start("trial", {}, id=walk, version="2")
    assert bus.wait_for_end(walk)["status"] == "completed", "the others are not in its way"
    assert {bus.record(id)["bridge"] for id in ids} == {old.id}, "nobody has touched them"
    again = launch_version(launch_trial, bus, "1")
    gate.open()
    bus.wait_for_end(*ids, within=60)
    stories = check_runs(bus, ids, check=check_history)
    for id in ids:
        assert bus.record(id)["bridge"] == again.id and bus.record(id)["version"] == "1"
        assert json.loads(bus.record(id)["output"]) == ["first", "second", "third"]
        assert new.id not in {event.bridge for event in stories[id]}


def test_a_delayed_start_waits_for_its_version(launch_trial, bus):
    old = launch_version(launch_trial, bus, "1")
    id = fresh("later")
    bus.start("trial", {}, id=id, delay_ms=4_000, version="1")
    due = int(bus.wait_for(id, status="scheduled")["not_before"])
    old.kill()
    launch_version(launch_trial, bus, "2")
    eventually(lambda: bus.now() > due + 2_000, "it is overdue")
    assert bus.record(id)["status"] == "scheduled"
    again = launch_version(launch_trial, bus, "1")
    record = bus.wait_for_end(id)
    assert record["bridge"] == again.id
    check_history(bus, id, bus.story(id), record)


def test_a_delayed_start_without_a_version_gets_that_of_the_bridge_that_starts_it(launch_trial, bus):
    old = launch_version(launch_trial, bus, "1")
    id = fresh("later")
    bus.start("trial", {}, id=id, delay_ms=4_000)
    bus.wait_for(id, status="scheduled")
    old.kill()
    new = launch_version(launch_trial, bus, "2")
    record = bus.wait_for_end(id)
    assert (record["version"], record["bridge"]) == ("2", new.id)
    check_history(bus, id, bus.story(id), record)


def test_a_resume_goes_to_a_bridge_that_has_the_workflow(launch, launch_trial, bus):
    trials = launch_trial(bus, options=QUICK_LEASE)
    for _ in range(3):
        launch(bus, options=QUICK_LEASE)  # most often it is one of these that reads the command
    remedy = bus.server.folder / "remedy"
    ids = [fresh("failed") for _ in range(8)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"at": "second", "deed": "fail", "remedy": str(remedy)}}
                   for id in ids])
    bus.wait_for_end(*ids)
    remedy.touch()
    for id in ids:
        bus.resume(id)
    eventually(lambda: bus.statuses(ids) == ["completed"] * 8, "all have completed", within=40)
    stories = check_runs(bus, ids, check=check_history)
    assert {event.bridge for id in ids for event in stories[id]} == {trials.id}
    assert not bus.dead_letters()


def test_anybody_can_cancel_what_only_another_can_run(launch, launch_trial, bus):
    trials = launch_trial(bus, options=QUICK_LEASE)
    running, later = fresh("running"), fresh("later")
    bus.start("trial", {"delay_ms": 30_000}, id=running)
    bus.start("trial", {}, id=later, delay_ms=60_000)
    bus.wait_for(running, status="running"), bus.wait_for(later, status="scheduled")
    for _ in range(3):
        launch(bus, options=QUICK_LEASE)
    for id in (running, later):
        bus.cancel(id, reason="from the shop")
        record = bus.wait_for_end(id)
        assert (record["status"], record["cancel"]) == ("cancelled", "from the shop")
        check_history(bus, id, bus.story(id), record)
    assert trials.is_alive
