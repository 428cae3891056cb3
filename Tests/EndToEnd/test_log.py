"""What goes wrong is said in the log of a bridge at its usual level, and where an operator looks."""
import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.waiting import eventually


def test_a_failed_run_is_a_line_and_a_completed_one_is_none(launch, bus):
    bridge = launch(bus)
    failed, completed = fresh("failed"), fresh("completed")
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "fail_at": "charge"}, id=failed)
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1}, id=completed)
    bus.wait_for_end(failed, completed)
    lines = eventually(lambda: [line for line in bridge.output().splitlines() if "a run has failed" in line], "it is told")
    line, = lines
    assert "warning" in line.lower()
    for part in (failed, "order-fulfilment", "charge", "refused", "charge was refused"):
        assert part in line
    assert completed not in bridge.output()


def test_runs_of_a_version_that_no_bridge_has_any_more_are_told_of(launch_trial, bus, command_line):
    old = launch_trial(bus, options=QUICK_LEASE, env={"TRIAL_VERSION": "1"})
    ids = [fresh("old") for _ in range(6)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 60_000}} for id in ids])
    eventually(lambda: bus.statuses(ids) == ["running"] * 6, "all are under way")
    assert "No live bridge" not in command_line("status", ids[0], bus=bus).stderr
    old.kill()
    new = launch_trial(bus, options=QUICK_LEASE, env={"TRIAL_VERSION": "2"})

    def warnings():
        return [line for line in new.output().splitlines() if "runs wait for a workflow that no live bridge has" in line]

    line, = eventually(warnings, "the live bridge says so")
    assert "warning" in line.lower() and "workflow=trial" in line and "version=1" in line and "runs=6" in line
    done = command_line("status", ids[0], bus=bus)
    assert done.returncode == 0 and 'No live bridge has the workflow "trial" in version "1".' in done.stderr
    began = bus.now()
    eventually(lambda: bus.now() > began + 1_500, "some heartbeats have passed")
    assert len(warnings()) == 1


def test_due_times_that_are_left_out_are_told_and_so_is_why(launch_trial, bus, command_line):
    old = launch_trial(bus, options=QUICK_LEASE, env={"TRIAL_VERSION": "1"})
    name = fresh("schedule")
    bus.answer(bus.schedule(name, workflow="trial", input={"delay_ms": 60_000}, every_ms=500), name)
    last = eventually(lambda: bus.schedule_fields(name).get("last"), "it has fired")
    run = f"{name}@{last}"
    bus.wait_for(run, status="running")
    old.kill()
    launch_trial(bus, options=QUICK_LEASE, env={"TRIAL_VERSION": "2"})
    eventually(lambda: int(bus.schedule_fields(name).get("skipped", 0)) >= 3, "due times are left out")
    skipped = [event for event in bus.events() if event.kind == "schedule.skipped"]
    assert len(skipped) >= 3 and len({event.id for event in skipped}) == len(skipped)
    dues = [event.data["due"] for event in skipped]
    assert dues == [int(last) + 500 * number for number in range(1, len(dues) + 1)], "each of them, once"
    assert all(event.data["run"] == run and event.subject == name for event in skipped)
    eventually(lambda: "No live bridge has the workflow" in command_line("schedules", "--table", bus=bus).stdout, "the listing says why")
    line, = [line for line in command_line("schedules", "--table", bus=bus).stdout.splitlines() if name in line]
    assert f"{run} is running" in line and 'in version "1"' in line
