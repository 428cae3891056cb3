"""Bridges that want the same run, and bridges that do not agree what time it is."""
import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.load import Load
from support.waiting import eventually


@pytest.mark.short
def test_two_bridges_racing_for_one_id(bus, launch_trial, fault, times):
    row = fault("two bridges racing for one id")
    for _ in range(2):
        launch_trial(bus, options=QUICK_LEASE)
    load = Load(bus, times(1_000, 300), delay_ms=4)
    bus.start_all([command for command in load.commands for _ in range(2)])
    row.times = len(load.ids)
    row.judge(bus, load)
    for story in row.audit.stories.values():
        assert [event.kind for event in story].count("run.started") == 1


def test_two_bridges_racing_for_one_orphan(bus, launch_trial, fault):
    row = fault("three bridges racing for the runs of a dead one")
    victim = launch_trial(bus, options=QUICK_LEASE, max_runs=200)
    load = Load(bus, 200, delay_ms=2_500).start()
    eventually(lambda: bus.statuses(load.ids) == ["running"] * 200, "all are under way")
    for _ in range(3):
        launch_trial(bus, options=QUICK_LEASE, max_runs=200)
    killed_at = bus.now()
    victim.kill()
    row.times = 200
    row.judge(bus, load)
    resumed = [event for story in row.audit.stories.values() for event in story if event.kind == "run.resumed"]
    assert len(resumed) == 200, "each was taken over once"
    row.seconds += [(int(event.entry.split("-")[0]) - killed_at) / 1000 for event in resumed]
    assert max(row.seconds) < 1.5 + 2 + 1, "the lease plus 2 s, and 1 s for a busy machine"


def test_clock_skew_between_bridges(bus, launch_trial, skewed, fault):
    """Leases, delays and event times are Redis' own time, whatever the clocks of the machines say."""
    row = fault("clocks of three bridges two hours apart")
    bridges = [launch_trial(bus, options=QUICK_LEASE, env=skewed(seconds)) for seconds in (-3_600, 0, 3_600)]
    said = [bridge.output()[:19] for bridge in bridges]
    assert said == sorted(said) and len({hour[:13] for hour in said}) == 3, "their logs show their clocks"
    load = Load(bus, 300, delay_ms=400)
    due = bus.now() + 2_000
    later = [fresh("later") for _ in range(60)]
    for id in later:
        load.commands.append({"workflow": "trial", "id": id, "input": {}, "not_before": due})
        load.ends[id] = "completed"
    load.start()
    row.times = 1
    row.judge(bus, load)
    assert row.audit.takeovers() == 0, "no bridge thought another's lease was over"
    starters = {story[0].bridge for story in row.audit.stories.values()}
    assert starters == bus.bridges(), "all three took part"
    for id in later:
        assert due <= int(bus.record(id)["started"]) < due + 10_000
