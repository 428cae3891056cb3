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
    bus.wait_until_quiet()
    return ids


@pytest.mark.parametrize("workflow, input, task_states", [
    ("numbers", {"batch_size": 10}, 2), ("order-fulfilment", {"sku": "A1", "quantity": 1}, 3),
])
def test_script_calls_per_run(launch, bus, workflow, input, task_states):
    launch(bus, max_runs=RUNS, options=["--heartbeat-seconds", 60, "--lease-seconds", 180])
    burst(bus, workflow, input)  # the scripts are known to Redis from here on
    spent = []
    for _ in range(WINDOWS):
        before = script_calls(bus)
        burst(bus, workflow, input)
        spent.append(script_calls(bus) - before)
    # No heartbeat falls into a window. Housekeeping that falls into one only adds to it, so the cheapest is the runs' own cost.
    assert min(spent) == RUNS * (task_states + 1), spent
    assert spent.count(min(spent)) >= WINDOWS // 2, spent


def test_nothing_but_scripts_and_reads_is_sent_for_a_run(launch, bus):
    launch(bus, max_runs=RUNS, options=["--heartbeat-seconds", 60, "--lease-seconds", 180])
    burst(bus, "numbers", {"batch_size": 10})
    ids, began = [], bus.now()
    commands = sent_while(bus, lambda: ids.extend(burst(bus, "numbers", {"batch_size": 10})))
    took = bus.now() - began
    scripts = scripts_among(bus, ids, commands)
    assert {scripts[id] for id in ids} == {3}, "accept, one commit, finish"
    sent = Counter(command[0] for command in commands)
    assert sent["XREADGROUP"] <= RUNS + 10 + 2 * took / 1_000, sent
    # What it looks for from time to time it looks for without runs as well.
    began = bus.now()
    looks = Counter(command[0] for command in sent_while(bus, lambda: eventually(lambda: bus.now() > began + took, "as long again")))
    others = sent - looks
    for name in ("EVALSHA", "EVAL", "XREADGROUP"):
        del others[name]
    assert sum(others.values()) < RUNS / 2, f"sent beside scripts and reads: {others}"


def sent_while(bus, go):
    """The commands that the bridge has sent while `go()` went on, each with its arguments."""
    commands = []
    with bus.server.client().monitor() as monitor:
        go()
        bus.redis.echo("enough")
        for line in monitor.listen():
            name, *arguments = line["command"].split(" ")
            if (name.upper(), *arguments) == ("ECHO", "enough"):
                return commands
            if line["client_type"] == "tcp":  # the bridge; the test is on the unix socket, scripts are `lua`
                commands.append((name.upper(), *arguments))


def scripts_among(bus, ids, commands):
    """How many scripts were called on each of these runs."""
    scripts = Counter()
    for name, *arguments in commands:
        if name in ("EVALSHA", "EVAL"):
            named = set(arguments)
            scripts.update(id for id in ids if bus.key("run", id) in named)
    return scripts


def scripts_of(bus, ids, go):
    """How many scripts the bridge has called on each of these runs while `go()` went on."""
    def to_its_end():
        go()
        bus.wait_until_quiet()

    return scripts_among(bus, ids, sent_while(bus, to_its_end))


def approvals():
    """Start commands of as many runs that wait to be approved."""
    return [{"workflow": "approval", "id": fresh("cost"), "input": {"title": "a bill"}} for _ in range(RUNS)]


def approve(bus, commands):
    bus.signal_all([{"id": command["id"], "name": "approved"} for command in commands])


def test_a_signalled_wait_is_two_scripts_more(launch, bus):
    # Without a heartbeat, which would renew a lease, while they are counted.
    launch(bus, max_runs=RUNS, options=["--heartbeat-seconds", 20, "--lease-seconds", 60])

    def go(commands):
        bus.start_all(commands)
        bus.wait_for_waiting(*[command["id"] for command in commands])
        approve(bus, commands)
        bus.wait_for_end(*[command["id"] for command in commands])

    go(approvals())  # the scripts are known to Redis from here on
    commands = approvals()
    ids = [command["id"] for command in commands]
    scripts = scripts_of(bus, ids, lambda: go(commands))
    assert {scripts[id] for id in ids} == {4}, "accept, the commit that waits, the signal that claims it, finish"


def test_a_signal_that_is_there_when_it_is_waited_for_is_one_script(launch, bus):
    launch(bus, max_runs=RUNS, options=["--heartbeat-seconds", 20, "--lease-seconds", 60])

    def go(commands):
        approve(bus, commands)
        eventually(lambda: not bus.entries("control"), "they are taken")
        bus.start_all(commands)
        bus.wait_for_end(*[command["id"] for command in commands])

    go(approvals())
    commands = approvals()
    ids = [command["id"] for command in commands]
    scripts = scripts_of(bus, ids, lambda: go(commands))
    assert {scripts[id] for id in ids} == {4}, "signal, accept, the commit that finds it, finish"


def test_a_run_that_waits_costs_nothing(launch, bus):
    launch(bus, max_runs=RUNS, options=["--heartbeat-seconds", 1, "--lease-seconds", 5])
    commands = approvals()
    bus.start_all(commands)
    bus.wait_for_waiting(*[command["id"] for command in commands])

    def go():
        for _ in range(3):
            wait_for_heartbeat(bus)

    assert not scripts_of(bus, [command["id"] for command in commands], go), "no heartbeat touches it"


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
    lasting = {bus.key(name) for name in ("commands", "control", "results", "events", "bridges", "workflows", "known", "graphs", "durability")}
    assert keys - lasting == {bus.key("run", id) for id in ids}
