"""Bridges that are killed, stand still, are told to leave, or cannot think."""
import os
import random
import time

import pytest

from cut_short import CutShort, OneRun
from support.bridge import QUICK_LEASE, TRIALS, Bridge
from support.bus import Bus
from support.crew import Crew
from support.load import Load
from support.proxy import AFTER, BEFORE
from support.waiting import eventually

LEASE = 1.5


KINDS = {
    "a run that completes": ("trial", {}, "completed"),
    "a saga that completes": ("trial-saga", {}, "completed"),
    "a run of steps and a timer": ("trial-march", {}, "completed"),
    "a saga that is undone": ("trial-saga", {"at": "send", "deed": "fail"}, "failed"),
}


@pytest.mark.short
@pytest.mark.parametrize("kind", KINDS)
def test_sigkill_at_every_row_boundary(server, trial_binary, fault, kind, times):
    row = fault(f"SIGKILL before and after every script of {kind}")

    def go(name, at=None, where=None):
        bus = Bus(server, f"row-{name}")
        run = OneRun(bus, *KINDS[kind])
        victim = CutShort(trial_binary, bus, run, at, where)
        victim.bridge.start()
        run.start()
        return bus, run, victim

    cases = [(at, where) for at in range(1, 13) for where in (BEFORE, AFTER)]
    for part in range(0, len(cases), 6):  # a few at once, each on a bus of its own
        going = [go(f"{at}-{where}", at, where) for at, where in cases[part:part + 6]]
        heirs = []
        try:
            for bus, run, victim in going:
                eventually(lambda: not victim.bridge.is_alive or bus.record(run.id).get("finished"), "it is killed, or through")
            killed = [(bus, run) for bus, run, victim in going if not victim.bridge.is_alive]
            for bus, _ in killed:
                heirs.append(Bridge(trial_binary, bus, workflows=TRIALS, options=QUICK_LEASE))
                heirs[-1].spawn()
                row.times += 1
            for bus, run, _ in going:
                row.judge(bus, run)
        finally:
            for bridge in heirs + [victim for _, _, victim in going]:
                bridge.close()
        if not killed:
            break
    assert row.times >= 2 * 4, "a run of three states is four scripts"


def test_sigkill_at_random(bus, trial_binary, fault, times):
    row, dice = fault("SIGKILL of one of three bridges at random moments, under load"), random.Random(7)
    with Crew(trial_binary, bus, size=3, workflows=TRIALS, options=QUICK_LEASE, max_runs=32) as crew:
        load = Load(bus, 1_500, delay_ms=600).start()
        while load.ended() < 1_400:
            time.sleep(dice.uniform(0.2, 3))  # the moment is the dice's
            crew.kill(dice.randrange(3))
            row.times += 1
        row.judge(bus, load)


@pytest.mark.short
def test_a_zombie(bus, launch_trial, fault, times):
    """SIGSTOP past the lease, then SIGCONT."""
    row = fault("SIGSTOP past the lease, then SIGCONT")
    bridges = [launch_trial(bus, options=QUICK_LEASE) for _ in range(2)]
    for round in range(times(5, 1)):
        load = Load(bus, 100, delay_ms=500, seed=round).start()
        eventually(lambda: load.ended() > 0, "the load is under way")
        zombie, other = bridges[round % 2], bridges[1 - round % 2]
        mine = [id for id in load.ids if (r := bus.record(id)).get("bridge") == zombie.id and r["status"] == "running"]
        with zombie.paused():
            stopped_at = bus.now()
            eventually(lambda: all(bus.record(id)["bridge"] == other.id or bus.record(id)["status"] != "running"
                                   for id in mine), "the other has taken them over", within=60)
            resumed = [e for e in bus.events() if e.kind == "run.resumed" and e.subject in mine
                       and int(e.entry.split("-")[0]) >= stopped_at]
            row.seconds += [(int(e.entry.split("-")[0]) - stopped_at) / 1000 for e in resumed]
        row.times += 1
        row.judge(bus, load)
        assert resumed, "it had runs to lose"
    assert all(bridge.is_alive for bridge in bridges)


@pytest.mark.short
def test_sigterm_under_load(bus, launch_trial, fault, times):
    row = fault("SIGTERM under load, in time")
    bridge = launch_trial(bus, max_runs=32, options=[*QUICK_LEASE, "--drain-seconds", 10])
    load = Load(bus, times(600, 150), delay_ms=250).start()
    for _ in range(times(5, 1)):
        successor = launch_trial(bus, max_runs=32, options=[*QUICK_LEASE, "--drain-seconds", 10])
        done = load.ended()
        eventually(lambda: load.ended() > done + 10, "the load goes on")
        bridge.terminate()
        assert bridge.exit_code(within=10 + 5 + 5) == 0
        row.times += 1
        bridge = successor
    row.judge(bus, load)
    assert row.audit.takeovers() == 0, "each was handed back"


@pytest.mark.short
def test_sigterm_past_the_drain_time_with_two_hundred_sagas_in_flight(bus, launch_trial, fault):
    row = fault("SIGTERM past the drain time, 200 sagas in flight")
    leaving = launch_trial(bus, max_runs=256, options=[*QUICK_LEASE, "--drain-seconds", 0.5, "--grace-seconds", 1])
    load = Load(bus, 400, delay_ms=4_000, failing=0)
    load.commands = [command for command in load.commands if command["workflow"] == "trial-saga"]
    load.ends = {command["id"]: "completed" for command in load.commands}
    load.start()
    eventually(lambda: bus.statuses(load.ids).count("running") == 200, "all are in flight")
    launch_trial(bus, max_runs=256, options=QUICK_LEASE)
    told_at = bus.now()
    leaving.terminate()
    assert leaving.exit_code(within=10) == 0
    row.times += 1
    row.judge(bus, load)
    events = [event for story in row.audit.stories.values() for event in story]
    assert not [event for event in events if event.kind.startswith("compensation.")], "nothing is undone"
    resumed = [event for event in events if event.kind == "run.resumed"]
    assert resumed and {event.data["by"] for event in resumed} == {"handback"}
    row.seconds += [(int(event.entry.split("-")[0]) - told_at) / 1000 for event in resumed]


def test_every_pool_thread_blocked_for_two_leases(bus, launch_trial, fault):
    row = fault("a task blocks every pool thread for three leases")
    options = ["--lease-seconds", 3, "--heartbeat-seconds", 1]
    blocked = launch_trial(bus, options=options)
    threads = os.cpu_count()
    load = Load(bus, threads * 2, delay_ms=0, failing=0)
    for command in load.commands:
        command["input"] = {"at": "second" if command["workflow"] == "trial" else "pay", "deed": "block"}
    load.start()
    eventually(lambda: bus.statuses(load.ids).count("running") >= threads, "its threads are blocked")
    launch_trial(bus, options=options)  # it would take them over
    row.times += 1
    row.judge(bus, load)
    assert row.audit.takeovers() == 0, "its heart went on beating"
    assert {story[0].bridge for story in row.audit.stories.values()} <= {blocked.id} | bus.bridges()
