"""A new version of a workflow takes the place of an old one under load, in the steps of docs/upgrading.md."""
import json
import os

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.event import text
from support.invariants import check_history, check_nothing_is_left, stretches
from support.waiting import eventually


def serving(launch_trial, bus, version):
    # A state that is held for longer than the drain time is interrupted, and begun again elsewhere.
    return launch_trial(bus, options=[*QUICK_LEASE, "--drain-seconds", 0.5], env=dict(os.environ, TRIAL_VERSION=version), name=f"v{version}")


def left(cano, version):
    """How many runs of a version are not over, as `cano-bridge workflows` counts them; and how many bridges have it."""
    told = [json.loads(line) for line in cano("workflows", "--json").stdout.splitlines()]
    rows = [row for row in told if row["workflow"] == "trial" and row.get("version") == version]
    return sum(row["running"] + row["waiting"] + row["scheduled"] for row in rows), sum(len(row["bridges"]) for row in rows)


def test_each_run_ends_once_in_the_version_it_began_in_and_the_old_version_is_left_when_workflows_says_so(bus, launch_trial, cano, gate):
    old = [serving(launch_trial, bus, "1") for _ in range(2)]
    ids = {"1": [fresh("old") for _ in range(30)], "2": [], None: []}

    def start(version, count):
        found = [fresh(f"v{version}") for _ in range(count)]
        ids[version] += found
        bus.start_all([{"workflow": "trial", "id": id, "input": {"tally": True, "delay_ms": 20}, "version": version} for id in found])

    bus.start_all([{"workflow": "trial", "id": id, "input": {"at": "second", "gate": gate.path, "tally": True}} for id in ids["1"]])
    for id in ids["1"]:
        bus.wait_for(id, state="second")
    # 1. The new version beside the old one.
    new = [serving(launch_trial, bus, "2") for _ in range(2)]
    start("2", 40), start(None, 40)
    # 2. All old bridges but one: its runs go on at that one.
    gone, last = old
    held = [id for id in ids["1"] if bus.record(id)["bridge"] == gone.id]
    gone.terminate()
    assert gone.exit_code(within=30) == 0
    gate.open()
    start("2", 20), start(None, 20)
    bus.wait_for_end(*(id for found in ids.values() for id in found), within=60)
    # 3. Once `workflows` counts none of the old version, the last old bridge.
    assert left(cano, "1") == (0, 1) and left(cano, "2") == (0, 2)
    last.terminate()
    assert last.exit_code(within=30) == 0
    start("2", 10), start(None, 10)
    bus.wait_for_end(*ids["2"], *ids[None], within=60)

    stories, bridges = bus.stories(), {"1": {bridge.id for bridge in old}, "2": {bridge.id for bridge in new}}
    for version, found in ids.items():
        for id in found:
            record = bus.record(id)
            check_history(bus, id, stories[id], record)
            assert record["status"] == "completed" and len(stretches(stories[id])) == 1, "it ended once"
            assert version in (None, record["version"]) and {event.bridge for event in stories[id]} <= bridges[record["version"]]
            assert text(bus.redis.hget(bus.key("store", "tally"), id)) == "3", "each state counts once"
    assert {bus.record(id)["version"] for id in ids[None][-10:]} == {"2"}
    assert {bus.record(id)["bridge"] for id in held} == {last.id}
    check_nothing_is_left(bus, *(id for found in ids.values() for id in found))
    assert not bus.dead_letters()


def test_runs_of_a_version_that_is_stopped_too_early_are_told_of_and_go_on_once_it_is_back(bus, launch_trial, cano, gate):
    old, id = serving(launch_trial, bus, "1"), fresh("early")
    serving(launch_trial, bus, "2")
    bus.start("trial", {"at": "second", "gate": gate.path}, id=id, version="1")
    bus.wait_for(id, state="second")
    old.terminate()
    assert old.exit_code(within=30) == 0
    eventually(lambda: left(cano, "1") == (1, 0), "workflows counts it")
    assert "no bridge has trial in version 1" in cano("doctor").stdout
    gate.open()
    serving(launch_trial, bus, "1")
    assert bus.wait_for_end(id)["status"] == "completed"
    check_history(bus, id, bus.story(id), bus.record(id))
