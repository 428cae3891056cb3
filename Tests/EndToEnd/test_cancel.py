"""A cancel works wherever the run is, and changes nothing once the run is over."""
import json
import random

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.event import TERMINAL
from support.invariants import check_envelope, check_history, check_nothing_is_left, check_run
from support.rejection import check_rejected
from support.waiting import eventually

HEARTBEAT = 0.3  # of the crew
BUSY = 10.0  # what a busy machine may add


def start_trial(bus, gate=None, **fields):
    """A run that sleeps in its first state, or waits there for the gate; its id, once it is under way."""
    id = fresh("trial")
    bus.start("trial", {"gate": gate.path} if gate else {"delay_ms": 30_000}, id=id, **fields)
    bus.wait_for(id, status="running")
    return id


def check_cancelled(bus, id, reason, rollback="none"):
    """Ended `cancelled`, with one event that says why; that event."""
    record = bus.wait_for_end(id)
    assert record["status"] == "cancelled"
    assert record["cancel"] == reason
    assert record["rollback"] == rollback
    assert not record.keys() & {"error", "output"}
    story = bus.story(id)
    check_history(bus, id, story, record)
    end = story[-1]
    assert end.kind == "run.cancelled"
    assert (end.data["reason"], end.data["rollback"]) == (reason, rollback)
    assert bus.lease(id) is None
    return end


def test_a_running_task_is_interrupted_within_a_heartbeat(trials):
    id = start_trial(trials)
    asked = trials.now()
    trials.cancel(id, reason="changed my mind")
    end = check_cancelled(trials, id, "changed my mind")
    assert end.data["state"] == "first"
    assert int(trials.record(id)["finished"]) - asked < (HEARTBEAT + BUSY) * 1000


def test_without_a_reason_it_is_still_said_that_it_was_asked_for(trials):
    id = start_trial(trials)
    trials.cancel(id)
    assert check_cancelled(trials, id, "requested").data["state"] == "first"


def test_it_works_wherever_the_run_is(trials):
    ids = [start_trial(trials) for _ in range(12)]
    for id in ids:
        trials.cancel(id, reason="all of them")
    for id in ids:
        check_cancelled(trials, id, "all of them")


def test_the_bridge_that_reads_it_need_not_have_the_run(launch_trial, bus):
    owner = launch_trial(bus, options=QUICK_LEASE)
    id = start_trial(bus)
    other = launch_trial(bus, options=QUICK_LEASE)
    with owner.paused():  # Redis may still hand it to the owner's waiting connection: then the other reclaims it
        bus.cancel(id, reason="from elsewhere")
        eventually(lambda: bus.record(id).get("cancel") == "from elsewhere", "the other has read it")
    check_cancelled(bus, id, "from elsewhere")
    assert other.is_alive and owner.is_alive


def test_it_is_noticed_with_every_slot_taken(launch_trial, bus):
    launch_trial(bus, max_runs=1, options=QUICK_LEASE)
    id = start_trial(bus)
    waiting = bus.start("trial", {}, id=fresh("waiting"))
    bus.cancel(id, reason="make room")
    check_cancelled(bus, id, "make room")
    eventually(lambda: waiting not in bus.entries("commands"), "the next run has the slot")


def test_on_the_commands_stream_it_is_honoured_when_a_slot_is_free(launch_trial, bus, gate):
    launch_trial(bus, max_runs=1, options=QUICK_LEASE)
    id = start_trial(bus, gate)
    entry = bus.cancel(id, to="commands", reason="late")
    for _ in range(3):
        bus.taken(bus.signal(id, "meanwhile"))  # it still reads the control stream
    assert entry in bus.entries("commands") and "cancel" not in bus.record(id)
    gate.open()
    record = bus.wait_for_end(id)
    assert record["status"] == "completed", "no slot was free before its end"
    eventually(lambda: entry not in bus.entries("commands"), "the cancel was read then")


def test_on_the_commands_stream_it_works_too(trials):
    id = start_trial(trials)
    trials.cancel(id, to="commands", reason="the long way")
    check_cancelled(trials, id, "the long way")


def test_what_was_done_is_undone(trials, gate):
    id = fresh("saga")
    trials.start("trial-saga", {"at": "send", "gate": gate.path}, id=id)
    trials.wait_for(id, state="send")
    trials.cancel(id, reason="undo it")
    check_cancelled(trials, id, "undo it", rollback="clean")
    undone = [event.data["task"] for event in trials.story(id) if event.kind == "compensation.succeeded"]
    assert undone == ["pay", "take"], "the latest first"


def test_after_a_rollback_the_run_is_still_said_to_have_ended_where_it_was(trials):
    id = fresh("saga")
    trials.start("trial-saga", {"at": "send", "deed": "fail"}, id=id)
    record = trials.wait_for_end(id)
    assert record["rollback"] == "clean" and json.loads(record["error"])["state"] == "send"
    assert record["state"] == "send" == trials.story(id)[-1].data["state"]


def test_a_rollback_that_fails_leaves_the_run_cancelled_and_says_so(trials, gate):
    id = fresh("saga")
    trials.start("trial-saga", {"at": "send", "gate": gate.path, "undo_fails_at": "take"}, id=id)
    trials.wait_for(id, state="send")
    trials.cancel(id, reason="undo it")
    record = trials.wait_for_end(id)
    assert (record["status"], record["rollback"]) == ("cancelled", "partial")
    story = trials.story(id)
    check_history(trials, id, story, record)
    assert story[-1].data["rollback"] == "partial"
    assert [event.data["task"] for event in story if event.kind == "compensation.failed"] == ["take"]
    assert [event.data["task"] for event in story if event.kind == "compensation.succeeded"] == ["pay"]


def test_a_run_whose_bridge_is_dead_is_cancelled_by_the_next_one(launch_trial, bus):
    first = launch_trial(bus, options=QUICK_LEASE)
    id = start_trial(bus)
    second = launch_trial(bus, options=QUICK_LEASE)
    first.kill()
    bus.cancel(id, reason="orphaned")
    end = check_cancelled(bus, id, "orphaned")
    assert end.bridge == second.id and end.epoch == 2
    assert "state.entered" not in [event.kind for event in bus.story(id)], "it did nothing more"


def test_a_scheduled_run_never_starts(trials):
    id = fresh("later")
    trials.start("trial", {}, id=id, delay_ms=60_000, reply_to=f"{id}-starter")
    trials.wait_for(id, status="scheduled")
    trials.cancel(id, reason="not needed")
    end = check_cancelled(trials, id, "not needed")
    assert end.epoch == 0
    assert [event.kind for event in trials.story(id)] == ["run.scheduled", "run.cancelled"]
    assert id not in trials.listed("timers")
    assert [answer.pairs for answer in trials.wait_for_replies(f"{id}-starter")] == [end.pairs]


def test_twice_it_ends_once_and_the_first_reason_counts(trials):
    id = start_trial(trials)
    name = fresh("reply")
    trials.cancel(id, reason="first", reply_to=name)
    trials.wait_for_replies(name)  # two bridges read the stream: sent together, either may come first
    trials.cancel(id, reason="second")
    check_cancelled(trials, id, "first")
    assert [event.kind for event in trials.story(id)].count("run.cancelled") == 1


# Answers


def test_who_cancels_gets_an_answer_at_once_and_the_end_later(trials):
    id = start_trial(trials, reply_to=fresh("starter"))
    name = fresh("canceller")
    entry = trials.cancel(id, reply_to=name)
    first, end = trials.wait_for_replies(name, 2)
    check_envelope(trials, first)
    assert first.kind == "run.duplicate"
    assert first.id == f"{id}/duplicate/control/{entry}"
    assert first.data == {"status": "running"}, "`same_…` only for a start"
    assert end.kind == "run.cancelled"
    starter, = trials.record(id)["reply_to"].split(",")[:1]
    assert [answer.pairs for answer in trials.replies(starter)] == [end.pairs]


def test_beyond_eight_names_a_canceller_gets_only_the_first_answer(trials):
    names = [fresh("name") for _ in range(8)]
    id = start_trial(trials, reply_to=names[0])
    for name in names[1:]:
        trials.start("trial", {"delay_ms": 30_000}, id=id, reply_to=name)
        trials.wait_for_replies(name)
    ninth = fresh("ninth")
    trials.cancel(id, reply_to=ninth)
    check_cancelled(trials, id, "requested")
    assert trials.record(id)["reply_to"].split(",") == names
    for name in names:
        assert trials.wait_for_replies(name)[-1].kind == "run.cancelled"
    assert [answer.kind for answer in trials.replies(ninth)] == ["run.duplicate"]


@pytest.mark.parametrize("input, status", [({}, "completed"), ({"at": "second", "deed": "fail"}, "failed")])
def test_on_a_finished_run_it_changes_nothing(trials, input, status):
    id, name = fresh("over"), fresh("reply")
    trials.start("trial", input, id=id)
    before, mark = trials.wait_for_end(id), trials.mark()
    assert before["status"] == status
    entry = trials.cancel(id, reply_to=name, reason="too late")
    answer, = trials.wait_for_replies(name)
    assert answer.kind == "run.duplicate" and answer.id == f"{id}/duplicate/control/{entry}"
    field = "output" if status == "completed" else "error"
    assert answer.data == {"status": status, field: json.loads(before[field])}
    assert trials.record(id) == before
    assert id not in trials.stories(after=mark)
    assert entry not in trials.entries("control")


def test_on_a_cancelled_run_it_changes_nothing_either(trials):
    id, name = start_trial(trials), fresh("reply")
    trials.cancel(id, reason="first")
    before = trials.wait_for_end(id)
    trials.cancel(id, reply_to=name, reason="second")
    answer, = trials.wait_for_replies(name)
    assert (answer.kind, answer.data) == ("run.duplicate", {"status": "cancelled"})
    assert trials.record(id) == before


# Before its start


def test_of_an_unknown_id_it_is_rejected_and_remembered(trials):
    id, starter, canceller = fresh("early"), fresh("starter"), fresh("canceller")
    pairs = [("type", "cancel"), ("id", id), ("reason", "before it came"), ("reply_to", canceller)]
    entry = trials.publish(*pairs, to="control")
    event = check_rejected(trials, entry, pairs, "unknown_run", stream="control")
    assert event.subject == id
    assert [answer.pairs for answer in trials.wait_for_replies(canceller)] == [event.pairs]
    assert 0 < trials.redis.ttl(trials.key("cancel", id)) <= 86_400

    trials.start("trial", {}, id=id, reply_to=starter)
    end = check_cancelled(trials, id, "before it came")
    assert [event.kind for event in trials.story(id)] == ["run.cancelled"], "it never ran"
    assert end.epoch == 0
    assert [answer.pairs for answer in trials.wait_for_replies(starter)] == [end.pairs]
    assert not trials.redis.exists(trials.key("cancel", id)), "it has done its service"


def test_a_start_that_waits_for_a_slot_is_cancelled_before_it_is_read(launch_trial, bus):
    launch_trial(bus, max_runs=1, options=QUICK_LEASE)
    running, waiting = start_trial(bus), fresh("waiting")
    bus.start("trial", {}, id=waiting)
    entry = bus.cancel(waiting, reason="never mind")
    assert bus.rejection(entry).data["code"] == "unknown_run"
    bus.cancel(running)
    check_cancelled(bus, waiting, "never mind")
    assert [event.kind for event in bus.story(waiting)] == ["run.cancelled"]
    check_nothing_is_left(bus)


def test_a_delayed_start_after_its_cancel_is_cancelled_as_well(trials):
    id = fresh("early")
    entry = trials.cancel(id)
    trials.rejection(entry)
    trials.start("trial", {}, id=id, delay_ms=60_000)
    check_cancelled(trials, id, "requested")
    assert id not in trials.listed("timers")


def test_a_cancelled_id_is_used(trials):
    id, name = start_trial(trials), fresh("again")
    trials.cancel(id)
    before = trials.wait_for_end(id)
    trials.start("trial", {"delay_ms": 30_000}, id=id, reply_to=name)
    answer, = trials.wait_for_replies(name)
    assert answer.data == {"status": "cancelled", "same_workflow": True, "same_input": True}
    assert trials.record(id) == before


# Racing the end


def test_a_cancel_that_races_the_end_leaves_one_end_and_tells_the_truth(trials):
    random.seed(4)
    ids = [fresh("race") for _ in range(120)]
    trials.start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 5 + number % 40}, "reply_to": f"{id}-start"}
                      for number, id in enumerate(ids)])
    for id in random.sample(ids, len(ids)):
        trials.cancel(id, reply_to=f"{id}-cancel", reason="race")
    eventually(lambda: not trials.entries("control"), "every cancel was read")
    trials.wait_for_end(*ids, within=60)
    stories = trials.stories()
    seen = set()
    for id in ids:
        record, story = trials.record(id), stories[id]
        seen.add(record["status"])
        assert record["status"] in ("completed", "cancelled")
        check_history(trials, id, story, record)
        end = story[-1].pairs
        assert [a.pairs for a in trials.wait_for_replies(f"{id}-start")] == [end], "the starter hears of the end, once"
        answers = trials.wait_for_replies(f"{id}-cancel")
        assert answers[0].kind in ("run.duplicate", "command.rejected")
        assert sum(answer.type in TERMINAL for answer in answers) <= 1
        if answers[0].kind == "run.duplicate" and answers[0].data["status"] == "running":
            eventually(lambda: trials.replies(f"{id}-cancel")[-1].pairs == end, "the canceller hears of it too")


# Fields


def test_fields_that_break_their_rule(trials):
    id = start_trial(trials)
    for pairs, code in [
        ([("type", "cancel")], "missing_field"),
        ([("type", "cancel"), ("id", "")], "missing_field"),
        ([("type", "cancel"), ("id", "a b")], "invalid_field"),
        ([("type", "cancel"), ("id", id), ("reply_to", "not:a:name")], "invalid_field"),
        ([("type", "cancel"), ("id", id), ("reason", "x" * 1025)], "invalid_field"),
        ([("type", "cancel"), ("id", id), ("reason", b"\xff")], "invalid_field"),
    ]:
        entry = trials.publish(*pairs, to="control")
        check_rejected(trials, entry, pairs, code, stream="control")
    assert trials.record(id)["status"] == "running"
    reason = "é" * 512  # 1 KiB
    trials.cancel(id, reason=reason)
    check_cancelled(trials, id, reason)


def test_a_start_does_not_belong_on_the_control_stream(trials):
    id = fresh("misplaced")
    pairs = [("type", "start"), ("id", id), ("workflow", "trial"), ("input", "{}")]
    entry = trials.publish(*pairs, to="control")
    check_rejected(trials, entry, pairs, "invalid_field", stream="control")
    assert trials.record(id) == {}


def test_a_cloudevent_cancels_the_run_its_subject_names(trials):
    id, name = start_trial(trials), fresh("reply")
    trials.publish(("specversion", "1.0"), ("type", "cano.run.cancel"), ("id", "ce-1"), ("source", "/shop"),
                   ("subject", id), ("reason", "by event"), ("replyto", name), to="control")
    check_cancelled(trials, id, "by event")
    assert trials.wait_for_replies(name, 2)[-1].kind == "run.cancelled"


def test_a_cancel_that_comes_too_late_to_matter_leaves_a_proper_run(trials):
    id = fresh("quick")
    trials.start("trial", {}, id=id)
    record = trials.wait_for_end(id)
    trials.cancel(id)
    eventually(lambda: not trials.entries("control"), "it was read")
    check_run(trials, id, trials.story(id), record)
