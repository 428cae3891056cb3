"""SIGTERM: a bridge leaves without losing, failing or half-finishing anything."""
import time

from support.bridge import Bridge
from support.bus import fresh
from support.event import TERMINAL
from support.gate import Gate
from support.invariants import check_envelope, check_history
from support.waiting import eventually

ORDER = {"sku": "A1", "quantity": 1}
MARGIN = 12.0  # for a busy machine, on top of what the options allow


def start_orders(bus, *delays_ms):
    """Slow orders, one for each of these delays; their run ids and entry ids."""
    commands = [{"workflow": "order-fulfilment", "id": fresh("slow"), "input": dict(ORDER, delay_ms=delay)}
                for delay in delays_ms]
    return dict(zip([command["id"] for command in commands], bus.start_all(commands)))


def start_held(bus, *gates):
    """Trials that are held by these gates, one by each; their run ids and entry ids, once all are under way."""
    commands = [{"workflow": "trial", "id": fresh("held"), "input": {"gate": gate.path}} for gate in gates]
    entries = dict(zip([command["id"] for command in commands], bus.start_all(commands)))
    eventually(lambda: bus.statuses(entries) == ["running"] * len(gates), "all are held")
    return entries


def check_handed_back(bus, id, story):
    """Left `running` with lease 0, its log there, its events up to its record and no end among them."""
    record = bus.record(id)
    assert record["status"] == "running"
    assert bus.lease(id) == 0
    assert 0 < bus.log_length(id) <= int(record["rows"]), "a row that says it all takes the place of others"
    assert [event.sequence for event in story] == list(range(1, int(record["events"]) + 1))
    assert not [event for event in story if event.type in TERMINAL]
    for event in story:
        check_envelope(bus, event)
    assert not record.keys() & {"error", "output", "finished", "rollback"}


def sort_out(bus, entries):
    """What became of every start: ended, handed back or never taken; checks each. The ids of each kind."""
    stories, waiting = bus.stories(), bus.entries("commands")
    ended, handed_back, untaken = [], [], []
    for (id, entry), status in zip(entries.items(), bus.statuses(entries)):
        if status is None:
            assert entry in waiting and id not in stories, f"{id} is lost"
            untaken.append(id)
        elif status == "running":
            assert entry not in waiting
            check_handed_back(bus, id, stories[id])
            handed_back.append(id)
        else:
            assert status == "completed" and entry not in waiting
            check_history(bus, id, stories[id], bus.record(id))
            ended.append(id)
    assert set(bus.listed("leases")) == set(handed_back)
    return ended, handed_back, untaken


def test_in_the_middle_of_two_hundred_slow_runs_each_is_ended_handed_back_or_untouched(launch, bus):
    bridge = launch(bus, max_runs=128, options=["--drain-seconds", 3, "--grace-seconds", 2])
    entries = start_orders(bus, *(200 + 7 * number % 800 for number in range(200)))  # never in step
    eventually(lambda: bus.statuses(entries).count("completed") >= 20, "the first orders have been shipped")
    bridge.terminate()
    assert bridge.exit_code(within=3 + 2 + MARGIN) == 0

    ended, handed_back, untaken = sort_out(bus, entries)
    assert len(ended) + len(handed_back) + len(untaken) == 200
    assert handed_back, "something was in the middle"

    # What it had not taken is there for the next one.
    launch(bus, max_runs=128)
    if untaken:
        bus.wait_for_end(*untaken, within=60)
        stories = bus.stories()
        for id in untaken:
            check_history(bus, id, stories[id], bus.record(id))


def test_past_the_drain_time_the_rest_is_stopped_where_it_is(launch, bus):
    bridge = launch(bus, max_runs=64, options=["--drain-seconds", 1, "--grace-seconds", 1])
    entries = start_orders(bus, *[60_000] * 50)
    eventually(lambda: bus.statuses(entries).count("running") == 50, "all orders are being reserved")
    before = {id: bus.record(id) for id in entries}
    bridge.terminate()
    assert bridge.exit_code(within=1 + 1 + MARGIN) == 0

    _, handed_back, _ = sort_out(bus, entries)
    assert len(handed_back) == 50
    for id in entries:
        now = bus.record(id)
        for field in ("state", "rows", "events", "epoch", "bridge"):
            assert now[field] == before[id][field], "a hand-back writes no row and no event"


def test_a_run_is_handed_back_between_two_states_when_there_is_time(launch_trial, bus, gate):
    bridge = launch_trial(bus, options=["--drain-seconds", 20, "--grace-seconds", 1])
    entries = start_held(bus, *[gate] * 20)
    bridge.terminate()
    eventually(lambda: not bus.workflows(), "it is leaving")
    gate.open()
    assert bridge.exit_code(within=15) == 0, "it need not use up its drain time"

    _, handed_back, _ = sort_out(bus, entries)
    assert len(handed_back) == 20
    for id in entries:
        assert bus.record(id)["state"] == "second", "the state it was in has been committed"


def test_an_idle_bridge_leaves_at_once(launch, bus):
    bridge = launch(bus)
    begin = time.monotonic()
    bridge.terminate()
    assert bridge.exit_code(within=MARGIN) == 0
    assert time.monotonic() - begin < MARGIN


def test_one_bridge_leaves_a_load_and_the_other_goes_on_with_all_of_it(launch, bus):
    leaving = launch(bus, max_runs=16)
    staying = launch(bus, max_runs=16)
    entries = start_orders(bus, *[10] * 300)
    eventually(lambda: bus.statuses(entries).count("completed") >= 30, "the load is under way")
    leaving.terminate()
    assert leaving.exit_code(within=30) == 0
    bus.wait_for_end(*entries, within=60)
    assert staying.is_alive
    ended, _, _ = sort_out(bus, entries)
    assert len(ended) == 300
    bus.wait_until_quiet()


def test_runs_are_another_bridges_at_once_while_the_leaving_one_still_waits_for_a_slow_one(launch_trial, bus, gate, tmp_path):
    leaving, other = launch_trial(bus, options=["--drain-seconds", 20, "--grace-seconds", 1]), Gate(tmp_path / "other")
    entries = start_held(bus, gate, other)
    quick, slow = entries
    leaving.terminate()
    eventually(lambda: not bus.workflows(), "no other command is given to it")
    gate.open()
    eventually(lambda: bus.lease(quick) == 0, "the quick one is handed back")
    assert leaving.is_alive and bus.lease(slow) > 0
    other.open()
    assert leaving.exit_code(within=20 + MARGIN) == 0
    sort_out(bus, entries)


def test_a_redis_that_hangs_does_not_hold_up_a_stop(launch, bus):
    bridge = launch(bus, max_runs=8, options=["--drain-seconds", 1, "--grace-seconds", 2])
    entries = start_orders(bus, *[300] * 20)
    eventually(lambda: bus.statuses(entries).count("running") >= 4, "some orders are being reserved")
    with bus.server.paused():
        bridge.terminate()
        assert bridge.exit_code(within=1 + 2 + MARGIN) == 0
    assert set(bus.statuses(entries)) <= {"running", "completed", None}


def test_a_bridge_that_starts_before_its_redis_waits_for_it(binary, bus):
    bus.server.stop()
    bridge = Bridge(binary, bus)
    bridge.spawn()
    try:
        eventually(lambda: "waited for" in bridge.output(), "it says what it waits for")
        bus.server.start()
        bus.start("numbers", {"batch_size": 4}, id="early")
        assert bus.wait_for_end("early")["output"] == "10"
    finally:
        bridge.close()
