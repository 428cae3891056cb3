"""A linear run of n task states costs n + 1 script calls, and nothing else per run."""
from collections import Counter

import pytest

from support.bus import fresh
from support.waiting import eventually

RUNS = 60
WINDOWS = 6


def script_calls(bus):
    stats = bus.redis.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("evalsha", "eval"))


def heartbeats(bus):
    return bus.redis.zrange(bus.key("bridges"), 0, -1, withscores=True)


def wait_for_heartbeat(bus):
    last = heartbeats(bus)
    eventually(lambda: heartbeats(bus) != last, "a heartbeat", every=0.02)


def burst(bus, workflow, input):
    """`RUNS` runs, from XADD to the last end."""
    ids = [fresh("cost") for _ in range(RUNS)]
    bus.start_all([{"workflow": workflow, "id": id, "input": input} for id in ids])
    bus.wait_for_end(*ids)
    eventually(bus.is_quiet, "the last script was answered")
    return ids


@pytest.mark.parametrize("workflow, input, task_states", [
    ("numbers", {"batch_size": 10}, 2), ("order-fulfilment", {"sku": "A1", "quantity": 1}, 3),
])
def test_script_calls_per_run(launch, bus, workflow, input, task_states):
    launch(bus, max_runs=RUNS)
    burst(bus, workflow, input)  # the scripts are known to Redis from here on
    wait_for_heartbeat(bus)
    spent = []
    for _ in range(WINDOWS):
        before = script_calls(bus)
        burst(bus, workflow, input)
        spent.append(script_calls(bus) - before)
    # Each window is a moment just after a heartbeat. A renewal that falls into one all the same only adds to it,
    # so the cheapest window is the runs' own cost.
    assert min(spent) == RUNS * (task_states + 1), spent
    assert spent.count(min(spent)) >= WINDOWS // 2, spent


def test_nothing_but_scripts_and_reads_is_sent_for_a_run(launch, bus):
    launch(bus, max_runs=RUNS)
    burst(bus, "numbers", {"batch_size": 10})
    wait_for_heartbeat(bus)
    sent, scripts = Counter(), Counter()
    with bus.server.client().monitor() as monitor:
        ids = burst(bus, "numbers", {"batch_size": 10})
        bus.redis.echo("enough")
        for line in monitor.listen():
            command = line["command"]
            if command.upper().startswith("ECHO ENOUGH"):
                break
            if line["client_type"] == "tcp":  # the bridge; the test is on the unix socket, scripts are `lua`
                name = command.split(" ", 1)[0].upper()
                sent[name] += 1
                if name in ("EVALSHA", "EVAL"):
                    named = set(command.split(" "))
                    scripts.update(id for id in ids if bus.key("run", id) in named)
    assert {scripts[id] for id in ids} == {3}, "accept, one commit, finish"
    assert sent["XREADGROUP"] <= RUNS + 10, sent
    others = {name: count for name, count in sent.items() if name not in ("EVALSHA", "EVAL", "XREADGROUP")}
    assert sum(others.values()) < RUNS / 2, f"sent beside scripts and reads: {others}"


@pytest.mark.slow
def test_a_firing_is_one_call_however_many_bridges_look(launch, bus):
    for _ in range(4):
        launch(bus)
    names, due = [fresh("schedule") for _ in range(300)], bus.now() + 15_000
    for name in names:
        bus.schedule(name, workflow="numbers", input={"batch_size": 3}, at=due)
    eventually(lambda: bus.redis.zcard(bus.key("schedules")) == len(names), "all are set")
    keys, asked = {bus.key("schedule", name) for name in names}, Counter()
    with bus.server.client().monitor() as monitor:
        assert bus.now() < due
        eventually(lambda: bus.redis.zcard(bus.key("schedules")) == 0, "all have fired", within=40)
        bus.wait_for_end(*[f"{name}@{due}" for name in names])
        bus.redis.echo("enough")
        for line in monitor.listen():
            command = line["command"]
            if command.upper().startswith("ECHO ENOUGH"):
                break
            if line["client_type"] == "tcp" and command.split(" ", 1)[0].upper() in ("EVALSHA", "EVAL", "HGETALL"):
                asked[command.split(" ", 1)[0].upper()[:4]] += bool(keys & set(command.split(" ")))
    # The first calls of a script go by its text, and are not found here. On a machine on which firing takes longer than a second
    # another bridge may look as well.
    for kind in ("EVAL", "HGET"):
        assert len(names) * 0.9 < asked[kind] < len(names) * 1.1, asked


def test_a_run_leaves_no_more_memory_behind_than_its_record_and_events(launch, bus):
    launch(bus, max_runs=RUNS)
    ids = burst(bus, "numbers", {"batch_size": 10})
    keys = {key.decode() for key in bus.redis.keys("*")}
    lasting = {bus.key(name) for name in ("commands", "control", "events", "bridges", "workflows", "known")}
    assert keys - lasting == {bus.key("run", id) for id in ids}
