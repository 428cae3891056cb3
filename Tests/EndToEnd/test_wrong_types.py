"""Somebody has put something else under one of the bus's keys: nothing is lost while it is in the way."""
import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh, milliseconds
from support.event import text
from support.invariants import check_run
from support.waiting import eventually


def now(bus):
    seconds, microseconds = bus.redis.time()
    return seconds * 1000 + microseconds // 1000


def wait_until_tried(bus, entry):
    """Until a bridge has been handed this entry, and has had a second to do something wrong with it."""
    eventually(lambda: bus.redis.xpending_range(bus.key("commands"), "bridges", entry, entry, 1)
               or entry not in bus.entries("commands"),
               "a bridge has been handed the command")
    eventually(lambda: now(bus) > milliseconds(entry) + 1_000, "a second has passed")


@pytest.mark.parametrize("key", ["events", "leases:numbers@{version}"])
def test_a_start_waits_while_a_key_has_the_wrong_type_and_runs_once_it_is_gone(launch, bus, key):
    bridge = launch(bus)
    key = key.format(version=bus.version("numbers"))
    bus.redis.delete(bus.key(key))
    bus.redis.set(bus.key(key), "in the way")
    id = fresh()
    entry = bus.start("numbers", {"batch_size": 10}, id=id)
    wait_until_tried(bus, entry)
    assert entry in bus.entries("commands"), "the start is still there"
    assert bus.record(id) == {}, "nothing was written by halves"
    assert bus.redis.get(bus.key(key)) == b"in the way"
    assert bridge.is_alive

    bus.redis.delete(bus.key(key))
    record = bus.wait_for_end(id, within=40)
    assert record["output"] == "55"
    check_run(bus, id, bus.story(id), record)
    bus.wait_until_quiet()


@pytest.mark.parametrize("kind", ["run", "log", "runstore", "replies"])
def test_a_run_whose_own_key_has_the_wrong_type_harms_no_other(launch, bus, kind):
    bridge = launch(bus, max_runs=4)
    id, reply = "sabotaged", "requester"
    blocked = bus.key(kind, reply if kind == "replies" else id)
    bus.redis.zadd(blocked, {"in the way": 1})
    bus.start("numbers", {"batch_size": 10}, id=id, reply_to=reply)
    others = [fresh() for _ in range(20)]
    bus.start_all([{"workflow": "numbers", "id": other, "input": {"batch_size": 3}} for other in others])
    bus.wait_for_end(*others)
    assert text(bus.redis.type(blocked)) in ("zset", "none"), "what somebody put there is theirs, or gone with the run"
    assert bridge.is_alive

    if kind == "replies":
        assert bus.wait_for_end(id)["output"] == "55", "who can't be answered can read the record"
    bus.redis.delete(blocked)
    eventually(lambda: "sabotaged" in {event.subject for event in bus.events() if event.kind.startswith("run.comp")}
               or bus.dead_letters(), "it has run, or it was refused with a reason", within=40)
    if not bus.dead_letters():
        check_run(bus, id, bus.story(id), bus.record(id))
    eventually(lambda: bus.redis.xlen(bus.key("commands")) == 0 and bus.pending() == 0, "nothing is left", within=40)


def test_a_bad_command_is_not_lost_while_the_dead_letters_have_the_wrong_type(launch, bus):
    bridge = launch(bus)
    bus.redis.set(bus.key("deadletters"), "in the way")
    entry = bus.publish(("type", "launch"), ("note", "precious"))
    wait_until_tried(bus, entry)
    assert entry in bus.entries("commands")
    assert bus.events() == [], "not announced before it is done"
    bus.start("numbers", {"batch_size": 3}, id="good")
    assert bus.wait_for_end("good")["output"] == "6"

    bus.redis.delete(bus.key("deadletters"))
    _, letter = bus.wait_for_dead_letter(entry, within=40)
    assert letter[:2] == [(b"type", b"launch"), (b"note", b"precious")]
    assert len(bus.dead_letters()) == 1
    bus.rejection(entry)
    assert bridge.is_alive


def test_runs_whose_own_keys_have_the_wrong_type_hold_no_slots(launch, bus):
    launch(bus, max_runs=2)
    sabotaged = [fresh("sabotaged") for _ in range(6)]
    for id in sabotaged:
        bus.redis.set(bus.key("log", id), "in the way")
    bus.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": 3}} for id in sabotaged])
    bus.start("numbers", {"batch_size": 4}, id="good")
    assert bus.wait_for_end("good")["output"] == "10"
    bus.redis.delete(*[bus.key("log", id) for id in sabotaged])
    bus.wait_for_end(*sabotaged, within=40)
    bus.wait_until_quiet()


@pytest.mark.parametrize("key", ["leases:trial@{version}", "bridges", "workflows"])
def test_a_list_of_the_wrong_type_stops_no_heartbeat_and_is_told(launch_trial, bus, gate, key):
    bridge = launch_trial(bus, options=QUICK_LEASE)
    key = bus.key(key.format(version=bus.version("trial")))
    id = fresh()
    bus.start("trial", {"gate": gate.path}, id=id)
    bus.wait_for(id, status="running")
    bus.redis.delete(key)
    bus.redis.set(key, "in the way")
    eventually(lambda: key in bridge.output() and "holds something else" in bridge.output(), "the bridge says which key")
    other = fresh()
    bus.start("trial-loop", {"turns": 3}, id=other)
    assert bus.wait_for_end(other)["output"] == '["3"]', "it goes on with the rest"
    bus.redis.delete(key)
    gate.open()
    record = bus.wait_for_end(id)
    assert (record["status"], record["epoch"]) == ("completed", "1")
    check_run(bus, id, bus.story(id), record)


@pytest.mark.forges
def test_a_stream_that_has_used_up_its_ids_halves_no_step(launch_trial, bus, gate):
    bridge = launch_trial(bus)
    id = fresh()
    bus.start("trial", {"gate": gate.path}, id=id)
    bus.wait_for(id, status="running")
    before = bus.record(id)
    bus.redis.xadd(bus.key("events"), {"a": "b"}, id="18446744073709551615-18446744073709551615")
    gate.open()
    eventually(lambda: f"rename {bus.key('events')}" in bridge.output(), "the bridge says what to do")
    entry = bus.start("trial", {}, id="waits")
    wait_until_tried(bus, entry)
    assert bus.record(id) == before and bus.record("waits") == {}
    assert entry in bus.entries("commands")
    bus.redis.rename(bus.key("events"), bus.key("events-of-before"))
    assert bus.wait_for_end(id, within=40)["status"] == "completed"
    assert bus.wait_for_end("waits", within=40)["status"] == "completed"


@pytest.mark.forges
def test_a_record_without_most_of_its_fields_is_answered_as_the_duplicate_it_is(launch, bus):
    launch(bus)
    bus.redis.hset(bus.key("run", "odd"), "status", "completed")
    entry = bus.start("numbers", {"batch_size": 4}, id="odd", reply_to="requester")
    answer, = bus.wait_for_replies("requester")
    assert answer.kind == "run.duplicate" and answer.data["status"] == "completed"
    assert entry not in bus.entries("commands") and bus.pending() == 0


@pytest.mark.forges
def test_one_overwritten_record_costs_its_neighbours_no_heartbeat(launch_trial, bus, gate):
    launch_trial(bus, options=["--lease-seconds", 10, "--heartbeat-seconds", 0.3])
    neighbours = [fresh() for _ in range(5)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"gate": gate.path}} for id in ["overwritten", *neighbours]])
    eventually(lambda: bus.statuses(["overwritten", *neighbours]).count("running") == 6, "all are under way")
    bus.redis.set(bus.key("run", "overwritten"), "in the way")
    before = {id: bus.lease(id) for id in neighbours}
    eventually(lambda: all(bus.lease(id) > before[id] for id in neighbours),
               "the neighbours' leases are renewed before they are over", within=9)
    gate.open()
    bus.wait_for_end(*neighbours)
