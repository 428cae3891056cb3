"""Steps that workers do, while workers and bridges die: each run ends once, and each effect is recorded once."""
import random
import time

import pytest

from support.bridge import QUICK_LEASE
from support.bus import ENDED
from support.crew import Crew
from worker_loads import RemoteEach, RemoteSteps, Workforce


def see_through(load, bus, crew, workers, row, kills_bridges, every=1.0):
    """Kills a worker now and then, and a bridge in turn if asked to, until the load is over."""
    dice, kill_at = random.Random(7), time.monotonic() + every
    deadline = time.monotonic() + 240
    while any(status not in ENDED for status in bus.statuses(load.ids)):
        assert time.monotonic() < deadline, "the load goes on"
        time.sleep(0.1)
        if time.monotonic() > kill_at:
            workers.kill(dice)
            row.times += 1
            if kills_bridges:
                crew.kill(row.times % 2)
            kill_at = time.monotonic() + every


@pytest.mark.short
@pytest.mark.parametrize("kills_bridges", [False, True], ids=["workers", "workers-and-bridges"])
def test_workers_that_die_answer_twice_late_or_nonsense(bus, binary, tmp_path, fault, times, kills_bridges):
    victims = "a worker and one of two bridges" if kills_bridges else "a worker"
    row = fault(f"SIGKILL of {victims} every second, beside workers that answer twice, late and nonsense")
    load = RemoteSteps(bus, times(2_000, 300))
    with Crew(binary, bus, size=2, options=QUICK_LEASE, events="tasks") as crew, Workforce(bus, tmp_path, work_ms=20) as workers:
        load.start()
        see_through(load, bus, crew, workers, row, kills_bridges)
        row.judge(bus, load)
        load.check()
        assert row.times >= times(10, 2) and crew.fallen >= (row.times - 1 if kills_bridges else 0)


@pytest.mark.short
def test_a_fan_out_whose_workers_and_bridges_die(bus, binary, tmp_path, fault, times):
    row = fault("SIGKILL of a worker and one of two bridges every second, a fan-out of 1,000 items, 50 at once")
    load = RemoteEach(bus, times(1_000, 300), at_once=50)
    with Crew(binary, bus, size=2, options=QUICK_LEASE, events="tasks") as crew, Workforce(bus, tmp_path, work_ms=20) as workers:
        load.start()
        see_through(load, bus, crew, workers, row, kills_bridges=True)
        row.judge(bus, load)
        load.check()
        assert row.times >= 2
