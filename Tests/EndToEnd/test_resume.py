"""A resume continues a failed run where it failed, or in the middle of its rollback; nothing else."""
import json

import pytest

from support.bus import CLOCK_ERROR, fresh
from support.event import TERMINAL
from support.invariants import check_history, stretches
from support.rejection import check_rejected
from support.waiting import eventually


@pytest.fixture
def remedy(trials):
    """A file that a trial's deed looks for: it is not there yet."""
    return trials.server.folder / fresh("remedy")


def fail(bus, remedy, workflow="trial", at="second", gate=None, **fields):
    """A run that has failed, and would not fail again once the remedy is there; its id. The gate, if there is one, is shut then."""
    id, input = fresh("failed"), {"at": at, "deed": "fail", "remedy": str(remedy)}
    if gate:
        gate.open()
        input["gate"] = gate.path
    bus.start(workflow, input, id=id, **fields)
    assert bus.wait_for_end(id)["status"] == "failed"
    if gate:
        gate.shut()
    return id


def resume(bus, id, **fields):
    """Resumes a failed run and waits for its next end; its record."""
    epoch = int(bus.record(id)["epoch"])
    bus.resume(id, **fields)
    eventually(lambda: int(bus.record(id)["epoch"]) > epoch, "it goes on")
    return bus.wait_for_end(id)


def test_a_failed_run_goes_on_in_the_state_it_failed_in(trials, remedy):
    id = fail(trials, remedy)
    failed, before = trials.record(id), trials.story(id)
    assert failed["resumable"] == "1" and before[-1].data["resumable"] is True
    remedy.touch()
    record = resume(trials, id)
    assert record["status"] == "completed"
    story = trials.story(id)
    check_history(trials, id, story, record)
    first, second = stretches(story)
    assert [event.pairs for event in first] == [event.pairs for event in before], "what was said stays said"
    assert [event.kind for event in second] == ["run.resumed", "state.entered", "run.completed"]
    resumed = second[0]
    assert resumed.sequence == before[-1].sequence + 1, "the numbers go on"
    assert resumed.epoch == int(failed["epoch"]) + 1
    assert resumed.data["by"] == "command"
    assert resumed.data["state"] == "second"
    assert resumed.data["recoveries"] == 0
    assert resumed.data["previous_bridge"] == failed["bridge"]
    assert json.loads(record["output"]) == ["first", "second", "third"], "what had been committed was not done again"
    assert not record.keys() & {"error", "rollback", "resumable"}
    assert record["started"] == failed["started"]


def test_a_cancelled_run_that_could_not_be_undone_whole_is_undone_and_ends_cancelled_again(trials, remedy, gate):
    id = fresh("stuck")
    trials.start("trial-saga", {"at": "send", "gate": gate.path, "undo_fails_at": "take", "remedy": str(remedy)}, id=id)
    trials.wait_for(id, state="send")
    trials.cancel(id, reason="no stock")
    record = trials.wait_for_end(id)
    assert (record["status"], record["rollback"], record["resumable"], record["cancel"]) == ("cancelled", "partial", "1", "no stock")
    remedy.touch()
    record = resume(trials, id)
    assert (record["status"], record["rollback"], record["cancel"]) == ("cancelled", "clean", "no stock")
    assert not record.keys() & {"error", "resumable"}
    story = trials.story(id)
    check_history(trials, id, story, record)
    assert [event.kind for event in stretches(story)[1]] == [
        "run.resumed", "compensation.started", "compensation.succeeded", "run.cancelled"]
    assert trials.redis.ttl(trials.key("run", id)) > 0
    pairs = [("type", "resume"), ("id", id)]
    check_rejected(trials, trials.publish(*pairs), pairs, "not_resumable")


def test_while_it_goes_on_it_is_running_like_any_other(trials, remedy, gate):
    id = fail(trials, remedy, at="first", gate=gate)
    assert trials.redis.ttl(trials.key("run", id)) > 0, "it would have been forgotten one day"
    remedy.touch()
    trials.resume(id)
    record = trials.wait_for(id, status="running")
    assert not record.keys() & {"error", "rollback", "resumable", "finished"}
    assert trials.lease(id) > trials.now()
    keys = [trials.key(kind, id) for kind in ("run", "log", "runstore")]
    assert {trials.redis.ttl(key) for key in keys if trials.redis.exists(key)} == {-1}, "and is not any more"
    gate.open()
    assert trials.wait_for_end(id)["status"] == "completed"


def test_it_fails_again_while_nothing_has_changed_and_can_be_resumed_again(trials, remedy):
    id = fail(trials, remedy)
    for epoch in (2, 3):
        record = resume(trials, id)
        assert (record["status"], record["resumable"], record["epoch"]) == ("failed", "1", str(epoch))
    remedy.touch()
    record = resume(trials, id)
    assert record["status"] == "completed"
    story = trials.story(id)
    check_history(trials, id, story, record)
    assert [event.kind for event in story if event.type in TERMINAL] == ["run.failed"] * 3 + ["run.completed"]


def test_the_end_goes_to_the_names_the_run_had_and_to_the_resumers_own(trials, remedy):
    starter, resumer = fresh("starter"), fresh("resumer")
    id = fail(trials, remedy, reply_to=starter)
    remedy.touch()
    record = resume(trials, id, reply_to=resumer)
    end = trials.story(id)[-1]
    assert [answer.kind for answer in trials.wait_for_replies(starter, 2)] == ["run.failed", "run.completed"]
    assert trials.replies(starter)[-1].pairs == end.pairs
    assert [answer.pairs for answer in trials.wait_for_replies(resumer) if answer.type in TERMINAL] == [end.pairs]
    assert record["reply_to"].split(",") == [starter, resumer]


def test_a_ninth_name_gets_the_end_of_the_run_it_has_resumed(trials, remedy, gate):
    names, ninth = [fresh("name") for _ in range(8)], fresh("ninth")
    id = fresh("failed")
    command = {"at": "second", "deed": "fail", "remedy": str(remedy), "gate": gate.path}
    trials.start("trial", command, id=id, reply_to=names[0])
    trials.wait_for(id, status="running")
    for name in names[1:]:
        trials.start("trial", command, id=id, reply_to=name)
        trials.wait_for_replies(name)
    gate.open()
    assert trials.wait_for_end(id)["reply_to"].split(",") == names
    remedy.touch()
    resume(trials, id, reply_to=ninth)
    assert trials.wait_for_replies(ninth)[-1].kind == "run.completed"
    assert trials.record(id)["reply_to"].split(",") == [*names[:7], ninth]


def test_it_is_taken_from_the_control_stream_too(trials, remedy):
    id, name = fresh("failed"), fresh("reply")
    trials.start("trial", {"at": "second", "deed": "fail", "remedy": str(remedy)}, id=id)
    trials.wait_for_end(id)
    remedy.touch()
    trials.publish(("type", "resume"), ("id", id), ("reply_to", name), to="control")
    assert trials.wait_for_replies(name)[-1].kind == "run.completed"
    check_history(trials, id, trials.story(id), trials.record(id))
    pairs = [("type", "resume"), ("id", id)]
    check_rejected(trials, trials.publish(*pairs, to="control"), pairs, "not_resumable", stream="control")


def test_two_resumes_open_one_stretch(trials, remedy):
    id = fail(trials, remedy)
    remedy.touch()
    entries = [trials.resume(id) for _ in range(5)]
    eventually(lambda: not trials.entries("commands") & set(entries), "all were read")
    record = trials.wait_for(id, status="completed")
    story = trials.story(id)
    check_history(trials, id, story, record)
    assert [event.kind for event in story].count("run.resumed") == 1


def test_what_did_not_fail_is_not_resumable(trials):
    completed, running, cancelled, scheduled = (fresh(word) for word in ("completed", "running", "cancelled", "later"))
    trials.start("trial", {}, id=completed)
    trials.start("trial", {"delay_ms": 20_000}, id=running)
    trials.start("trial", {"delay_ms": 20_000}, id=cancelled)
    trials.start("trial", {}, id=scheduled, delay_ms=60_000)
    trials.wait_for_end(completed)
    trials.wait_for(running, status="running")
    trials.wait_for(cancelled, status="running")
    trials.wait_for(scheduled, status="scheduled")
    trials.cancel(cancelled)
    trials.wait_for_end(cancelled)
    for id in (completed, running, cancelled, scheduled):
        before, name = trials.record(id), fresh("reply")
        pairs = [("type", "resume"), ("id", id), ("reply_to", name)]
        entry = trials.publish(*pairs)
        event = check_rejected(trials, entry, pairs, "not_resumable")
        assert [answer.pairs for answer in trials.wait_for_replies(name)] == [event.pairs]
        assert trials.record(id) == before
    for id in (running, scheduled):
        trials.cancel(id)


def test_what_was_undone_whole_is_not_resumable(trials, remedy):
    id = fail(trials, remedy, "trial-saga", at="send")
    record = trials.record(id)
    assert (record["rollback"], record["resumable"]) == ("clean", "0")
    entry = trials.resume(id)
    assert trials.rejection(entry).data["code"] == "not_resumable"
    assert trials.record(id) == record


def test_an_unfinished_rollback_is_continued_and_nothing_is_undone_twice(trials, remedy):
    id = fresh("partial")
    trials.start("trial-saga", {"at": "send", "deed": "fail", "remedy": str(remedy), "undo_fails_at": "take"}, id=id)
    record = trials.wait_for_end(id)
    assert (record["status"], record["rollback"], record["resumable"]) == ("failed", "partial", "1")
    assert trials.redis.ttl(trials.key("run", id)) == -1, "kept until someone resumes it or deletes it"
    remedy.touch()
    record = resume(trials, id)
    assert (record["status"], record["rollback"]) == ("failed", "clean"), "it is not run forward"
    story = trials.story(id)
    check_history(trials, id, story, record)
    first, second = stretches(story)
    assert [event.data["task"] for event in first if event.kind == "compensation.succeeded"] == ["pay"]
    assert [event.data["task"] for event in second if event.kind == "compensation.succeeded"] == ["take"]


def test_an_unknown_run_cannot_be_resumed(trials):
    id = fresh("unknown")
    pairs = [("type", "resume"), ("id", id)]
    entry = trials.publish(*pairs)
    assert check_rejected(trials, entry, pairs, "unknown_run").subject == id
    trials.start("trial", {}, id=id)
    assert trials.wait_for_end(id)["status"] == "completed", "and nothing is remembered of it"


def test_the_time_a_run_has_begins_anew(trials, gate):
    id = fresh("slow")
    trials.start("trial", {"at": "second", "gate": gate.path}, id=id, timeout_ms=3_000)
    record = trials.wait_for_end(id)
    assert (record["status"], record["state"]) == ("failed", "second")
    assert json.loads(record["error"])["category"] == "workflow_timeout"
    assert record["resumable"] == "1"
    gate.open()
    resumed_at = trials.now()
    record = resume(trials, id)
    assert record["status"] == "completed", "it has come further than in its first three seconds"
    assert resumed_at + 3_000 - CLOCK_ERROR <= int(record["deadline"]) <= int(record["finished"]) + 3_000 + CLOCK_ERROR
    check_history(trials, id, trials.story(id), record)


def test_a_resumed_run_can_be_cancelled(trials, remedy, gate):
    id = fail(trials, remedy, at="first", gate=gate)
    trials.resume(id)
    trials.wait_for(id, status="running")
    trials.cancel(id, reason="enough")
    record = trials.wait_for_end(id)
    assert record["status"] == "cancelled"
    check_history(trials, id, trials.story(id), record)


@pytest.mark.parametrize("pairs, code", [
    ([("type", "resume")], "missing_field"),
    ([("type", "resume"), ("id", "a b")], "invalid_field"),
    ([("type", "resume"), ("id", "a"), ("reply_to", "not:a:name")], "invalid_field"),
])
def test_fields_that_break_their_rule(trials, pairs, code):
    check_rejected(trials, trials.publish(*pairs), pairs, code)


def test_a_cloudevent_resumes_the_run_its_subject_names(trials, remedy):
    id = fail(trials, remedy)
    remedy.touch()
    trials.publish(("specversion", "1.0"), ("type", "cano.run.resume"), ("id", "ce-2"), ("source", "/shop"), ("subject", id))
    trials.wait_for(id, status="completed")
    check_history(trials, id, trials.story(id), trials.record(id))


def test_a_second_start_while_a_resumed_run_goes_on_is_a_duplicate(trials, remedy, gate):
    id, name = fail(trials, remedy, gate=gate), fresh("again")
    remedy.touch()
    trials.resume(id)
    trials.wait_for(id, status="running")
    trials.start("trial", {}, id=id, reply_to=name)
    answer, = trials.wait_for_replies(name)
    assert (answer.kind, answer.data["status"]) == ("run.duplicate", "running")
    gate.open()
    assert trials.wait_for_replies(name, 2)[-1].kind == "run.completed"
