"""What a free slot goes to: no kind of work waits behind another without end, and work under way goes before work not begun."""
import pytest

from support.backlog import Backlog
from support.bridge import QUICK_LEASE
from support.bus import fresh, milliseconds
from support.invariants import check_history, check_runs
from support.waiting import eventually

LEASE, HEARTBEAT = 1_500, 300
BUSY = 10_000  # ms that a busy machine may add
SLOTS = 4


def begun(bus):
    """The runs that have begun, in the order they did."""
    return [event.subject for event in bus.events() if event.kind == "run.started"]


def begun_before_the_last_of(bus, ids):
    """How many other runs began after the first of these and before the last."""
    order = begun(bus)
    places = sorted(order.index(id) for id in ids)
    return places[-1] - places[0] + 1 - len(ids)


def read_and_die(bus, bridge, ids):
    """Starts that Redis hands to this bridge, which is killed before it has taken them."""
    def stands_still_while_it_reads():
        bridge.pause()
        blocked = [client for client in bus.redis.client_list() if "b" in client["flags"]]
        return len(blocked) == 3 or bridge.go_on()  # of all three streams

    eventually(stands_still_while_it_reads, "it waits for commands")
    at_once = bus.redis.pipeline(transaction=True)
    for id in ids:
        at_once.xadd(bus.key("commands"), {"type": "start", "workflow": "trial", "id": id, "input": '{"delay_ms":20}'})
    at_once.execute()
    eventually(lambda: bus.pending() == len(ids), "they are handed out")
    bridge.kill()


@pytest.mark.slow
def test_entries_of_a_killed_bridge_are_taken_within_a_lease_under_a_backlog_that_never_empties(launch_trial, bus):
    ids = [fresh("stranded") for _ in range(10)]
    read_and_die(bus, launch_trial(bus, options=QUICK_LEASE), ids)
    stranded_at = bus.now()
    launch_trial(bus, max_runs=SLOTS, options=QUICK_LEASE)
    with Backlog(bus):
        bus.wait_for_end(*ids, within=40)
    first = min(int(bus.record(id)["started"]) for id in ids)
    assert first - stranded_at < LEASE + HEARTBEAT + 2_000 + BUSY
    # Of three slots that go to work not begun pending entries have two.
    assert begun_before_the_last_of(bus, ids) <= len(ids)
    check_runs(bus, ids, check=check_history)


@pytest.mark.slow
def test_entries_that_were_handed_over_are_taken_at_the_next_heartbeat_under_a_backlog_that_never_empties(launch_trial, bus):
    bridge = launch_trial(bus, max_runs=SLOTS, options=["--lease-seconds", 30, "--heartbeat-seconds", 0.3])
    handed = dict(bus.strand("elsewhere", "trial", {"delay_ms": 20}) for _ in range(10))
    with Backlog(bus):
        eventually(lambda: len(begun(bus)) > 2 * SLOTS, "the backlog is under way")
        bus.redis.xclaim(bus.key("commands"), "bridges", bridge.id, 0, list(handed.values()))
        handed_at = bus.now()
        bus.wait_for_end(*handed, within=40)
    first = min(int(bus.record(id)["started"]) for id in handed)
    assert first - handed_at < HEARTBEAT + 2_000 + BUSY
    assert begun_before_the_last_of(bus, handed) <= len(handed)
    check_runs(bus, handed, check=check_history)


@pytest.mark.slow
@pytest.mark.parametrize("end, patience", [("kill", LEASE + 2_000), ("terminate", 1_000)])
def test_a_run_of_a_bridge_that_ends_goes_on_although_due_runs_and_a_backlog_wait_for_slots(launch_trial, bus, end, patience):
    victim = launch_trial(bus, max_runs=1, options=[*QUICK_LEASE, "--drain-seconds", 0.2, "--grace-seconds", 0.2])
    id = fresh("under-way")
    bus.start("trial", {"delay_ms": 30_000}, id=id)
    bus.wait_for(id, status="running")
    launch_trial(bus, max_runs=SLOTS, options=QUICK_LEASE)
    later = [fresh("due") for _ in range(300)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 300}, "delay_ms": 2_000} for id in later])
    eventually(lambda: bus.statuses(later).count("running") == SLOTS, "they are due, and wait for slots")
    getattr(victim, end)()
    victim.exit_code(within=10)
    ended_at = bus.now()
    with Backlog(bus):
        resumed = bus.wait_for_event(id, "run.resumed", within=40)
        # A slot comes free about four times a second.
        assert milliseconds(resumed.entry) - ended_at < patience + BUSY
        eventually(lambda: len(begun(bus)) > 60, "many have begun", within=60)
        bus.cancel(id)
        bus.wait_for_end(id)
    order = begun(bus)[20:60]
    due = len([id for id in order if id in set(later)])
    assert 10 <= due <= 30, f"due runs and new starts begin in turn, and {due} of {len(order)} were due"
    check_history(bus, id, bus.story(id), bus.record(id))


@pytest.mark.slow
def test_runs_with_long_steps_that_lost_their_bridge_three_times_go_on_side_by_side(launch_trial, bus):
    bridges = [launch_trial(bus, options=QUICK_LEASE)]
    ids = [fresh("innocent") for _ in range(4)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 8_000}} for id in ids])
    eventually(lambda: bus.statuses(ids) == ["running"] * len(ids), "all are under way")
    for kill in range(3):
        bridges.append(launch_trial(bus, options=QUICK_LEASE))
        # It takes over at once what is lost from then on.
        began = bus.now()
        eventually(lambda: bus.now() > began + LEASE + HEARTBEAT, "it has been there for a lease")
        bridges[kill].kill()
        if kill < 2:
            eventually(lambda: all(bus.record(id)["epoch"] == str(kill + 2) for id in ids), "all go on", within=20)
    moments = []
    for id in ids:
        resumed = eventually(lambda: next((event for event in bus.story(id) if event.epoch == 4), None), f"{id} goes on", within=60)
        moments.append(milliseconds(resumed.entry))
    spread = max(moments) - min(moments)
    # One after the other they would take a step each.
    assert spread < (len(ids) - 1) * (LEASE + 1_000) + BUSY < (len(ids) - 1) * 8_000
