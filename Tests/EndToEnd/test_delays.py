"""Runs that start later, runs that no longer start, and runs whose time is over."""
import json

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.event import TERMINAL
from support.invariants import check_envelope, check_history, check_nothing_is_left, check_run
from support.rejection import check_rejected
from support.waiting import eventually

BUSY = 10_000  # ms that a busy machine may add


def check_started_at(bus, id, due):
    """Scheduled, then started not before it was due and soon after; its story."""
    record = bus.wait_for_end(id)
    story = bus.story(id)
    check_history(bus, id, story, record)
    assert [event.kind for event in story[:2]] == ["run.scheduled", "run.started"]
    scheduled, started = story[:2]
    assert (scheduled.epoch, started.epoch) == (0, 1)
    assert scheduled.data == {"not_before": due} and record["not_before"] == str(due)
    assert due <= int(record["started"]) < due + 1_000 + BUSY
    assert id not in bus.listed("timers")
    return story


# not_before and delay_ms


def test_not_before_is_a_moment(trials):
    id, due = fresh("later"), trials.now() + 4_000
    trials.start("trial", {}, id=id, not_before=due)
    record = trials.wait_for(id, status="scheduled")
    assert "started" not in record and record["epoch"] == "0"
    assert trials.listed("timers")[id] == due
    story = check_started_at(trials, id, due)
    assert story[-1].kind == "run.completed"


def test_delay_ms_counts_from_when_it_was_published(trials):
    id = fresh("later")
    entry = trials.start("trial", {}, id=id, delay_ms=1_500)
    due = int(eventually(lambda: trials.record(id).get("not_before"), "it is scheduled"))
    assert due == int(entry.split("-")[0]) + 1_500
    check_started_at(trials, id, due)


@pytest.mark.parametrize("field, value", [("not_before", "1000"), ("delay_ms", "0")])
def test_what_is_due_already_starts_at_once(trials, field, value):
    id = fresh("now")
    trials.start("trial", {}, id=id, **{field: value})
    record = trials.wait_for_end(id)
    check_run(trials, id, trials.story(id), record)


def test_both_are_an_error(trials):
    pairs = [("type", "start"), ("workflow", "trial"), ("input", "{}"), ("not_before", "1"), ("delay_ms", "1")]
    check_rejected(trials, trials.publish(*pairs), pairs, "invalid_field")


def test_a_delayed_start_is_checked_at_once(trials):
    pairs = [("type", "start"), ("workflow", "trial"), ("input", '{"at":5}'), ("delay_ms", "60000")]
    check_rejected(trials, trials.publish(*pairs), pairs, "invalid_input")


def test_a_scheduled_id_is_known(trials):
    id, first, second = fresh("later"), fresh("first"), fresh("second")
    trials.start("trial", {}, id=id, delay_ms=4_000, reply_to=first)
    trials.wait_for(id, status="scheduled")
    trials.start("trial", {}, id=id, reply_to=second)
    duplicate, end = trials.wait_for_replies(second, 2)
    assert duplicate.data == {"status": "scheduled", "same_workflow": True, "same_input": True}
    assert (duplicate.sequence, duplicate.epoch) == (1, 0)
    assert end.kind == "run.completed"
    assert [answer.pairs for answer in trials.wait_for_replies(first)] == [end.pairs]


def test_it_takes_no_slot_until_it_is_due(launch_trial, bus):
    launch_trial(bus, max_runs=1, options=QUICK_LEASE)
    for _ in range(20):
        bus.start("trial", {}, id=fresh("later"), delay_ms=60_000)
    id = fresh("now")
    bus.start("trial", {}, id=id)
    assert bus.wait_for_end(id)["status"] == "completed"
    assert len(bus.listed("timers")) == 20 and not bus.entries("commands")


def test_it_waits_for_a_slot_when_it_is_due(launch_trial, bus, gate):
    launch_trial(bus, max_runs=1, options=QUICK_LEASE)
    slow, later = fresh("slow"), fresh("later")
    bus.start("trial", {}, id=later, delay_ms=4_000)
    due = int(bus.wait_for(later, status="scheduled")["not_before"])
    bus.start("trial", {"gate": gate.path}, id=slow)
    bus.wait_for(slow, status="running")
    eventually(lambda: bus.now() > due + 1_000, "it is overdue")
    assert bus.record(later)["status"] == "scheduled"
    gate.open()
    record = bus.wait_for_end(later)
    assert int(record["started"]) >= int(bus.wait_for_end(slow)["finished"])


def test_delays_survive_the_death_of_the_bridge_that_took_them(launch_trial, bus):
    taker = launch_trial(bus, options=QUICK_LEASE)
    id = fresh("later")
    bus.start("trial", {}, id=id, delay_ms=4_000)
    due = int(bus.wait_for(id, status="scheduled")["not_before"])
    taker.kill()
    other = launch_trial(bus, options=QUICK_LEASE)
    story = check_started_at(bus, id, due)
    assert story[0].bridge == taker.id and story[1].bridge == other.id


def test_delays_survive_a_time_without_bridges(launch_trial, bus):
    launch_trial(bus, options=QUICK_LEASE).kill()
    bridge = launch_trial(bus, options=QUICK_LEASE)
    id = fresh("later")
    bus.start("trial", {}, id=id, delay_ms=4_000)
    bus.wait_for(id, status="scheduled")
    bridge.kill()
    eventually(lambda: bus.now() > int(bus.record(id)["not_before"]) + 500, "it is overdue")
    assert bus.record(id)["status"] == "scheduled"
    launch_trial(bus, options=QUICK_LEASE)
    record = bus.wait_for_end(id)
    check_history(bus, id, bus.story(id), record)


def test_due_runs_start_once_among_three_bridges(launch_trial, bus):
    for _ in range(3):
        launch_trial(bus, options=QUICK_LEASE)
    due = bus.now() + 2_000
    ids = [fresh("due") for _ in range(150)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {}, "not_before": due} for id in ids])
    bus.wait_for_end(*ids, within=60)
    stories = bus.stories()
    for id in ids:
        check_history(bus, id, stories[id], bus.record(id))
        assert [event.kind for event in stories[id]].count("run.started") == 1
        assert int(bus.record(id)["started"]) >= due
        assert json.loads(bus.record(id)["output"]) == ["first", "second", "third"]
    check_nothing_is_left(bus, *ids)


# expires_at


def test_not_started_by_then_it_is_rejected(launch_trial, bus, gate):
    launch_trial(bus, max_runs=1, options=QUICK_LEASE)
    slow, late, name = fresh("slow"), fresh("late"), fresh("reply")
    bus.start("trial", {"gate": gate.path}, id=slow)
    bus.wait_for(slow, status="running")
    expires = bus.now() + 300
    entry = bus.start("trial", {}, id=late, expires_at=expires, reply_to=name)
    eventually(lambda: bus.now() > expires, "it has expired")
    gate.open()
    event = bus.rejection(entry)
    assert event.data["code"] == "expired" and event.subject == late
    assert [answer.pairs for answer in bus.wait_for_replies(name)] == [event.pairs]
    assert bus.record(late) == {}


def test_expired_while_it_was_scheduled_it_is_cancelled(launch_trial, bus):
    bridge = launch_trial(bus, options=QUICK_LEASE)
    id, name, now = fresh("late"), fresh("reply"), bus.now()
    bus.start("trial", {}, id=id, not_before=now + 4_000, expires_at=now + 4_500, reply_to=name)
    bus.wait_for(id, status="scheduled")
    bridge.kill()
    eventually(lambda: bus.now() > now + 4_500, "it has expired with nobody there")
    launch_trial(bus, options=QUICK_LEASE)
    record = bus.wait_for_end(id)
    assert record["status"] == "cancelled" and "started" not in record
    story = bus.story(id)
    check_history(bus, id, story, record)
    assert [event.kind for event in story] == ["run.scheduled", "run.cancelled"]
    assert story[-1].data["reason"] == "expired"
    assert [answer.pairs for answer in bus.wait_for_replies(name)] == [story[-1].pairs]
    assert id not in bus.listed("timers")


def test_started_in_time_it_may_run_past_it(trials, gate):
    id, expires = fresh("prompt"), trials.now() + 3_000
    trials.start("trial", {"gate": gate.path}, id=id, expires_at=expires)
    trials.wait_for(id, status="running")
    eventually(lambda: trials.now() > expires + 500, "it has expired")
    gate.open()
    assert trials.wait_for_end(id)["status"] == "completed"


# timeout_ms


def test_past_its_time_a_run_is_interrupted_and_fails(trials):
    id, name = fresh("slow"), fresh("reply")
    trials.start("trial", {"delay_ms": 60_000}, id=id, timeout_ms=800, reply_to=name)
    record = trials.wait_for_end(id)
    story = trials.story(id)
    check_run(trials, id, story, record)
    assert record["status"] == "failed" and record["timeout_ms"] == "800"
    assert int(record["deadline"]) == int(record["started"]) + 800
    assert json.loads(record["error"])["category"] == "workflow_timeout"
    assert 800 <= int(record["finished"]) - int(record["started"]) < 800 + BUSY
    assert trials.wait_for_replies(name)[0].pairs == story[-1].pairs


def test_past_its_time_what_was_done_is_undone(trials, gate):
    id = fresh("saga")
    trials.start("trial-saga", {"at": "send", "gate": gate.path}, id=id, timeout_ms=3_000)
    record = trials.wait_for_end(id)
    story = trials.story(id)
    check_run(trials, id, story, record)
    assert (record["status"], record["rollback"]) == ("failed", "clean")
    assert [event.data["task"] for event in story if event.kind == "compensation.succeeded"] == ["pay", "take"]


def test_in_its_time_nothing_happens(trials):
    id = fresh("quick")
    trials.start("trial", {}, id=id, timeout_ms=60_000)
    assert trials.wait_for_end(id)["status"] == "completed"


def test_it_counts_from_the_start_not_from_the_command(trials):
    id = fresh("later")
    trials.start("trial", {"delay_ms": 100}, id=id, delay_ms=5_000, timeout_ms=4_500)
    record = trials.wait_for_end(id)
    assert record["status"] == "completed"
    assert int(record["deadline"]) == int(record["started"]) + 4_500


def test_a_takeover_does_not_restart_it(launch_trial, bus, gate):
    first = launch_trial(bus, options=QUICK_LEASE)
    id = fresh("slow")
    bus.start("trial", {"gate": gate.path}, id=id, timeout_ms=6_000)
    deadline = bus.wait_for(id, status="running")["deadline"]
    launch_trial(bus, options=QUICK_LEASE)
    first.kill()
    resumed = bus.wait_for_event(id, "run.resumed")
    assert bus.record(id)["deadline"] == deadline
    record = bus.wait_for_end(id)
    assert record["status"] == "failed"
    assert json.loads(record["error"])["category"] == "workflow_timeout"
    assert int(record["finished"]) < int(deadline) + BUSY
    check_history(bus, id, bus.story(id), record)
    check_envelope(bus, resumed)


def test_its_time_is_over_although_nobody_was_there(launch_trial, bus):
    first = launch_trial(bus, options=QUICK_LEASE)
    id = fresh("slow")
    bus.start("trial", {"delay_ms": 60_000}, id=id, timeout_ms=4_000)
    deadline = int(bus.wait_for(id, status="running")["deadline"])
    first.kill()
    eventually(lambda: bus.now() > deadline, "its time is over")
    launch_trial(bus, options=QUICK_LEASE)
    record = bus.wait_for_end(id)
    assert record["status"] == "failed" and json.loads(record["error"])["category"] == "workflow_timeout"
    check_history(bus, id, bus.story(id), record)
    assert [event.type in TERMINAL for event in bus.story(id)].count(True) == 1


def test_undoing_has_its_own_time_whoever_does_it(launch_trial, bus, gate):
    """The bridge dies; the next one finds the run's time over, and undoes what was done."""
    first = launch_trial(bus, options=QUICK_LEASE)
    id = fresh("slow")
    bus.start("trial-saga", {"at": "send", "gate": gate.path}, id=id, timeout_ms=4_000)
    deadline = int(bus.wait_for(id, state="send")["deadline"])
    first.kill()
    eventually(lambda: bus.now() > deadline, "its time is over")
    launch_trial(bus, options=QUICK_LEASE)
    record = bus.wait_for_end(id)
    assert (record["status"], record["rollback"]) == ("failed", "clean")
    assert json.loads(record["error"])["category"] == "workflow_timeout"
    story = bus.story(id)
    check_history(bus, id, story, record)
    assert [event.data["task"] for event in story if event.kind == "compensation.succeeded"] == ["pay", "take"]


@pytest.mark.parametrize("field, value", [
    ("timeout_ms", "0"), ("timeout_ms", "-1"), ("timeout_ms", "soon"), ("timeout_ms", "1.5"),
    ("not_before", "tomorrow"), ("not_before", "-1"), ("delay_ms", "1e3"), ("expires_at", "never"),
])
def test_numbers_are_digits(trials, field, value):
    pairs = [("type", "start"), ("workflow", "trial"), ("input", "{}"), (field, value)]
    check_rejected(trials, trials.publish(*pairs), pairs, "invalid_field")
