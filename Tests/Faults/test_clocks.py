"""Redis' clock is set while bridges work, and the clocks of their machines are wrong: what counts is Redis' clock, and how it goes on."""
import json
import os
import time

import pytest

from support.bridge import QUICK_LEASE, Bridge
from support.bus import Bus, fresh
from support.load import Load
from support.redis_server import RedisServer
from support.waiting import eventually

DAY = 86_400


class ClockedServer(RedisServer):
    """A Redis whose clock can be set while it runs."""

    def __init__(self, library, folder):
        self._skew = folder / "skew"
        self.set_clock(0)
        super().__init__(env=dict(os.environ, LD_PRELOAD=str(library), SKEW_FILE=str(self._skew)))

    def set_clock(self, seconds):
        """From now on its clock is that far ahead of this machine's."""
        with open(self._skew, "r+b" if self._skew.exists() else "w+b") as file:
            file.write(f"{seconds:<31}\0".encode())


@pytest.fixture
def clocked(skew_library, tmp_path):
    server = ClockedServer(skew_library, tmp_path)
    yield server.start()
    for bridge in [bridge for bridge in Bridge.running if bridge.bus.server is server]:
        bridge.close()
    server.close()


def fires_soon(bus, name, within=60):
    """A due time of about now has a run."""
    began = bus.now()
    return eventually(lambda: [due for due in bus.firings(name) if began <= due <= bus.now()], f"{name} fires", within)


@pytest.mark.short
@pytest.mark.parametrize("lives", [True, False], ids=["under-a-bridge", "while-no-bridge-lives"])
def test_schedules_that_were_set_when_redis_was_a_day_ahead(clocked, launch, lives):
    bus = Bus(clocked)
    clocked.set_clock(DAY)
    bridge = launch(bus)
    due = {"every": {"every_ms": 2_000}, "cron": {"cron": "*/2 * * * * *"}}
    for name, times in due.items():
        bus.answer(bus.schedule(name, workflow="numbers", input={"batch_size": 2}, overlap="allow", **times), name)
    for name in due:
        fires_soon(bus, name)
    if not lives:
        bridge.terminate()
        assert bridge.exit_code(within=30) == 0
    clocked.set_clock(0)
    if not lives:
        bridge = launch(bus)
    for name in due:
        fires_soon(bus, name)
    said = bridge.output()
    assert "was set back" in said, "it says why"
    # Each due time has one run, before and after.
    for name in due:
        moments = bus.firings(name)
        assert len(moments) == len(set(moments))


@pytest.mark.short
def test_a_schedule_that_is_set_again_after_redis_was_a_day_ahead(clocked, launch):
    bus = Bus(clocked)
    clocked.set_clock(DAY)
    # A bridge that has looked at all schedules before there were any, and sees no step of the clock.
    bridge = launch(bus)
    command = {"workflow": "numbers", "input": {"batch_size": 2}, "cron": "*/2 * * * * *", "overlap": "allow"}
    bus.answer(bus.schedule("again", **command), "again")
    bridge.pause()
    clocked.set_clock(0)
    entry = bus.schedule("again", **command)
    bridge.go_on()
    answer = bus.answer(entry, "again")
    fires_soon(bus, "again")
    assert answer.data["next"] <= bus.now() + 60_000 or int(bus.schedule_fields("again")["next"]) <= bus.now() + 60_000


@pytest.mark.short
@pytest.mark.parametrize("step", [20, -20], ids=["forward", "back"])
def test_the_clock_of_redis_is_set_under_live_runs(clocked, launch_trial, fault, step):
    row = fault(f"Redis' clock set {'forward' if step > 0 else 'back'} by {abs(step)} s under a lease of 1.5 s")
    bus = Bus(clocked)
    bridges = [launch_trial(bus, options=QUICK_LEASE, max_runs=100) for _ in range(3)]
    load = Load(bus, 200, delay_ms=1_500).start()
    eventually(lambda: bus.statuses(load.ids) == ["running"] * 200, "all are under way")
    clocked.set_clock(step)
    row.times = 1
    row.judge(bus, load)
    assert row.audit.takeovers() == 0, "all their bridges lived"
    assert all("the clock of Redis was set" in bridge.output() for bridge in bridges)


@pytest.mark.short
def test_a_dead_bridge_is_noticed_after_the_clock_was_set_forward(clocked, launch_trial):
    bus = Bus(clocked)
    victim, heir = (launch_trial(bus, options=QUICK_LEASE, name=name) for name in ("victim", "heir"))
    ids = [fresh() for _ in range(8)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 2_000}} for id in ids])
    eventually(lambda: bus.statuses(ids) == ["running"] * 8, "all are under way")
    clocked.set_clock(20)
    victim.kill()
    bus.wait_for_end(*ids, within=30)
    assert {bus.record(id)["status"] for id in ids} == {"completed"}
    assert {bus.record(id)["bridge"] for id in ids} == {heir.id}


@pytest.mark.short
@pytest.mark.parametrize("hours", [-1, 1], ids=["behind", "ahead"])
def test_a_timer_that_goes_on_at_a_machine_whose_clock_is_an_hour_off(bus, launch_trial, skewed, hours):
    victim = launch_trial(bus, options=QUICK_LEASE)
    id = fresh("march")
    bus.start("trial-march", {"rest_ms": 6_000}, id=id)
    bus.wait_for(id, state="rest", status="waiting")
    rests = time.monotonic()
    heir = launch_trial(bus, options=QUICK_LEASE, env=skewed(hours * 3_600))
    victim.kill()
    bus.wait_for(id, status="completed", within=30)
    assert bus.record(id)["bridge"] == heir.id
    assert 5.5 < time.monotonic() - rests < 10, "neither at once nor an hour late"


@pytest.mark.short
def test_a_deploy_in_the_middle_of_a_retry_pause_of_an_hour(clocked, launch_trial):
    bus, hour = Bus(clocked), 3_600_000
    old = launch_trial(bus, options=QUICK_LEASE)
    id = fresh("patient")
    bus.start("trial-retry", {"failures": 1, "pause_ms": hour}, id=id)
    record = bus.wait_for(id, status="waiting")
    assert record["waiting_for"] == "retry"
    assert abs(int(record["wake_at"]) - int(record["waiting_since"]) - hour) < 1_000
    old.terminate()
    assert old.exit_code(within=30) == 0
    new = launch_trial(bus, options=QUICK_LEASE)
    clocked.set_clock(hour // 1_000 - 10)
    eventually(lambda: "the clock of Redis was set" in new.output(), "the new bridge knows the time")
    assert bus.record(id)["status"] == "waiting", "ten seconds are left"
    clocked.set_clock(hour // 1_000 + 1)
    bus.wait_for(id, status="completed")
    assert bus.record(id)["bridge"] == new.id
    story = bus.story(id)
    retried = [event for event in story if event.kind == "task.retried"]
    assert [event.data["attempt"] for event in retried] == [1]
    assert json.loads(bus.record(id)["output"])[0].startswith("attempt-2"), "the new bridge made the second attempt"
