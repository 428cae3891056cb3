"""A run that waits is put down: Redis has it, no bridge does, and whichever comes goes on with it."""
import json
import os
import random
import time

import pytest

from support.bridge import QUICK_LEASE
from support.bus import CLOCK_ERROR, fresh
from support.crew import Crew
from support.invariants import check_ended, check_envelope, check_history, check_nothing_is_left, check_runs, check_waits
from support.rejection import check_rejected
from support.waiting import eventually

BUSY = 10_000  # ms that a busy machine may add
DAY = 86_400_000
PATIENCE = ["--unknown-workflow-seconds", 1, "--drain-seconds", 0.5, "--grace-seconds", 0.5]


def watch(bus, *names, id=None, fields={}, **more):
    """A run of `trial-watch` that waits for the first of these; its id, once it does."""
    id = id or fresh("watch")
    input = {"watch": {"for": names, **{key: more.pop(key) for key in ("all", "within_ms", "rounds") if key in more}}, **more}
    bus.start("trial-watch", input, id=id, **fields)
    bus.wait_for_waiting(id)
    return id


def watches(bus, count, **watch):
    """So many runs that wait for `go`; their ids, once they do."""
    ids = [fresh("watch") for _ in range(count)]
    bus.start_all([{"workflow": "trial-watch", "id": id, "input": {"watch": {"for": ["go"], **watch}}} for id in ids])
    bus.wait_for_waiting(*ids, within=60)
    return ids


def tell(bus, *ids, name="go"):
    """Sends each of these the signal it waits for."""
    bus.signal_all([{"id": id, "name": name} for id in ids])


def kinds(story):
    return [event.kind for event in story]


# What it looks like


def test_the_record_says_what_it_waits_for(crew):
    id, before = fresh("approval"), crew.now()
    crew.start("approval", {"title": "a bill", "within_ms": 60_000}, id=id)
    crew.wait_for_waiting(id)
    record = check_waits(crew, id)
    assert (record["state"], record["waiting_for"], json.loads(record["waits"])) == (
        "ask", "signal approved or rejected", [[1, "approved", "rejected"]])
    assert before - CLOCK_ERROR <= int(record["waiting_since"])
    assert abs(int(record["wake_at"]) - int(record["waiting_since"]) - 60_000) < 1_000
    assert (record["epoch"], record["recoveries"]) == ("1", "0") and record["bridge"] in crew.bridges(), "of its last owner"
    assert "signals" not in record and "finished" not in record
    crew.signal(id, "approved")
    check_ended(crew, id)


def test_a_wait_without_a_limit_has_no_moment(trials):
    id = watch(trials, "go", "on")
    record = check_waits(trials, id)
    assert "wake_at" not in record and trials.listed("waits")[id] == float("inf")
    waiting = next(event for event in trials.story(id) if event.kind == "run.waiting")
    check_envelope(trials, waiting)
    assert waiting.data == {"state": "watch", "for": ["go", "on"]}
    tell(trials, id)
    check_ended(trials, id)


def test_all_of_several_are_told_from_the_first_of_several(trials):
    id = watch(trials, "paid", "packed", all=True)
    record = check_waits(trials, id)
    assert json.loads(record["waits"]) == [[2, "paid", "packed"]]
    assert record["waiting_for"].startswith("signal") and all(name in record["waiting_for"] for name in ("paid", "packed"))
    assert record["waiting_for"] != "signal paid or packed"
    for name in ("packed", "paid"):
        trials.signal(id, name)
    check_ended(trials, id)


def test_a_wait_for_time_alone(crew):
    id = fresh("nap")
    crew.start("naps", {"naps": 1, "ms": 5_000}, id=id)
    crew.wait_for_waiting(id)
    record = check_waits(crew, id)
    assert (record["waiting_for"], record["waits"]) == ("timer", "[]")
    waiting = crew.wait_for_event(id, "run.waiting")
    assert waiting.data == {"state": "nap", "for": [], "until": int(record["wake_at"])}
    ended, story = check_ended(crew, id)
    assert ended["output"] == "1"
    assert int(record["wake_at"]) <= int(ended["finished"]) < int(record["wake_at"]) + 1_000 + BUSY
    assert kinds(story) == ["run.started", "run.waiting", "run.completed"]


def test_the_event_says_until_when(crew):
    id = fresh("approval")
    crew.start("approval", {"title": "a bill", "within_ms": 60_000}, id=id)
    crew.wait_for_waiting(id)
    waiting = crew.wait_for_event(id, "run.waiting")
    check_envelope(crew, waiting)
    assert waiting.data == {"state": "ask", "for": ["approved", "rejected"], "until": int(crew.record(id)["wake_at"])}
    crew.cancel(id)
    crew.wait_for_end(id)


def test_the_event_is_of_the_level_states(at_level):
    for level, said in (("runs", []), ("states", ["run.waiting"]), ("tasks", ["run.waiting"]), ("all", ["run.waiting"])):
        bus, id = at_level(level), fresh("nap")
        bus.start("naps", {"naps": 1, "ms": 1_100}, id=id)
        record = bus.wait_for_end(id)
        assert [event.kind for event in bus.story(id) if event.kind == "run.waiting"] == said, level
        assert record["output"] == "1" and record["events"] == str(len(bus.story(id)))


def test_status_prints_what_it_waits_for(crew, command_line):
    id = fresh("approval")
    crew.start("approval", {"title": "a bill", "within_ms": 60_000}, id=id)
    crew.wait_for_waiting(id)
    crew.taken(crew.signal(id, "escalated"))
    lines = dict(line.split(maxsplit=1) for line in command_line("status", id, bus=crew).stdout.splitlines() if " " in line)
    assert (lines["status"], lines["state"]) == ("waiting", "ask")
    assert lines["waiting_for"] == "signal approved or rejected" and lines["signals"] == "1"
    printed = json.loads(command_line("status", id, "--json", bus=crew).stdout)
    record = crew.record(id)
    assert printed["status"] == "waiting" and printed["waiting_for"] == record["waiting_for"]
    assert printed["wake_at"] in (int(record["wake_at"]), record["wake_at"])
    crew.cancel(id)
    crew.wait_for_end(id)


def test_it_has_the_time_it_has_waited_in_its_duration(trials):
    id = watch(trials, "go")
    since = int(trials.record(id)["waiting_since"])
    eventually(lambda: trials.now() > since + 1_000, "it has waited for a second")
    tell(trials, id)
    _, story = check_ended(trials, id)
    assert 1_000 <= story[-1].data["duration_ms"] < 1_000 + BUSY


# What ends a wait


def test_its_own_limit(crew):
    id = fresh("approval")
    crew.start("approval", {"title": "a bill", "within_ms": 5_000}, id=id)
    crew.wait_for_waiting(id)
    until = int(crew.record(id)["wake_at"])
    record, story = check_ended(crew, id)
    assert json.loads(record["output"])["decision"] == "timeout"
    assert until <= int(record["finished"]) < until + 1_000 + BUSY
    assert kinds(story) == ["run.started", "run.waiting", "run.completed"] and story[-1].epoch == 2


def test_a_limit_of_no_time_is_no_wait(crew):
    id = fresh("approval")
    crew.start("approval", {"title": "a bill", "within_ms": 0}, id=id)
    record, story = check_ended(crew, id)
    assert json.loads(record["output"])["decision"] == "timeout" and {event.epoch for event in story} == {1}


def test_less_than_a_second_is_waited_for_in_place(crew):
    id = fresh("nap")
    crew.start("naps", {"naps": 6, "ms": 900}, id=id)
    eventually(lambda: crew.record(id).get("rows", "0") > "2", "it naps")
    assert crew.record(id)["status"] == "running" and crew.lease(id)
    _, story = check_ended(crew, id)
    assert kinds(story) == ["run.started"] + ["state.entered"] * 5 + ["run.completed"] and {event.epoch for event in story} == {1}
    assert story[-1].data["duration_ms"] >= 5_400


def test_what_came_in_vain_before_the_limit_stays_unread(trials):
    id = watch(trials, "paid", "packed", all=True, within_ms=5_000)
    trials.taken(trials.signal(id, "paid"))
    record, story = check_ended(trials, id)
    assert json.loads(record["output"]) == ["take", "timeout", "send"]
    assert story[-1].data["unread_signals"] == 1


def test_cancel_undoes_what_it_has_done(trials):
    id, start, why = watch(trials, "go"), fresh("start"), fresh("why")
    trials.start("trial-watch", {"watch": {"for": ["go"]}}, id=id, reply_to=start)
    trials.wait_for_replies(start)
    asked = trials.now()
    entry = trials.cancel(id, reason="changed my mind", reply_to=why)
    record, story = check_ended(trials, id, "cancelled")
    assert (record["cancel"], record["rollback"], record["state"]) == ("changed my mind", "clean", "watch")
    assert int(record["finished"]) - asked < 1_000 + BUSY
    assert [event.data["task"] for event in story if event.kind == "compensation.succeeded"] == ["take"]
    assert story[-1].data["reason"] == "changed my mind" and "unread_signals" not in story[-1].data
    answers = trials.wait_for_replies(why, 2)
    assert kinds(answers) == ["run.duplicate", "run.cancelled"] and answers[0].data["status"] == "waiting"
    assert answers[0].id == f"{id}/duplicate/control/{entry}"
    assert kinds(trials.wait_for_replies(start, 2)) == ["run.duplicate", "run.cancelled"]
    assert record["cancel_entry"] == f"control/{entry}"
    assert not trials.has_inbox(id)


def test_a_cancelled_one_hears_no_signal(launch_trial, bus):
    bridge = launch_trial(bus, options=QUICK_LEASE)
    ids = watches(bus, 10)
    for number, id in enumerate(ids):
        # Commands that a bridge has in hand together are carried out in any order.
        if number % 2:
            bus.cancel(id)
            eventually(lambda: "cancel" in bus.record(id), "the cancellation was taken")
            bus.signal(id, "go")
        else:
            bus.signal(id, "go")
            bus.cancel(id)
    ends = {id: bus.wait_for_end(id)["status"] for id in ids}
    for number, id in enumerate(ids):
        check_ended(bus, id, ends[id])
        heard = bus.redis.hget(bus.key("store", "heard"), id)
        if number % 2:
            assert (ends[id], heard) == ("cancelled", None), "it was cancelled before it was told"
        else:
            assert heard == b"1" or ends[id] == "cancelled"
    assert bridge.is_alive
    check_nothing_is_left(bus, *ids)


def test_a_cancellation_while_no_bridge_has_its_workflow_waits_for_one_that_comes(launch, launch_trial, bus):
    launch(bus, options=[*QUICK_LEASE, "--unknown-workflow-seconds", 20])
    trials = launch_trial(bus, options=QUICK_LEASE)
    id = watch(bus, "go")
    trials.terminate()
    assert trials.exit_code(within=10) == 0
    bus.cancel(id, reason="retired")
    eventually(lambda: bus.record(id).get("cancel") == "retired", "the other bridge has read it")
    launch_trial(bus, options=QUICK_LEASE)
    record, story = check_ended(bus, id, "cancelled")
    assert record["rollback"] == "clean"
    assert [event.data["task"] for event in story if event.kind == "compensation.succeeded"] == ["take"]


def test_a_cancellation_that_no_bridge_comes_for_ends_it_with_nothing_undone(launch, launch_trial, bus):
    launch(bus, options=[*QUICK_LEASE, *PATIENCE])
    trials = launch_trial(bus, options=[*QUICK_LEASE, *PATIENCE])
    saga, nap = watch(bus, "go"), fresh("march")
    bus.start("trial-march", {"rest_ms": DAY}, id=nap)
    bus.wait_for_waiting(nap)
    bus.taken(bus.signal(saga, "spare"))
    trials.kill()
    eventually(lambda: len(bus.bridges()) == 1, "the bridge is gone for dead", within=30)
    for id in (saga, nap):
        bus.cancel(id, reason="retired")
    record, story = check_ended(bus, saga, "cancelled")
    assert (record["rollback"], record["resumable"]) == ("partial", "1")
    assert story[-1].data["unread_signals"] == 1
    assert check_ended(bus, nap, "cancelled")[0]["rollback"] == "none"
    check_nothing_is_left(bus, nap)
    launch_trial(bus, options=QUICK_LEASE)
    bus.resume(saga)
    bus.wait_for(saga, rollback="clean", status="cancelled")
    check_history(bus, saga, bus.story(saga), bus.record(saga))


def test_its_deadline(trials):
    id = watch(trials, "go", within_ms=60_000, fields={"timeout_ms": 5_000})
    record = check_waits(trials, id)
    assert record["wake_at"] == record["deadline"] and int(record["deadline"]) == int(record["started"]) + 5_000
    ended, story = check_ended(trials, id, "failed")
    error = json.loads(ended["error"])
    assert (error["category"], ended["rollback"]) == ("workflow_timeout", "clean")
    assert int(record["deadline"]) <= int(ended["finished"]) < int(record["deadline"]) + 1_000 + BUSY
    assert [event.data["task"] for event in story if event.kind == "compensation.succeeded"] == ["take"]


def test_its_deadline_passes_while_no_bridge_lives(launch_trial, bus):
    bridge = launch_trial(bus, options=QUICK_LEASE)
    id = watch(bus, "go", fields={"timeout_ms": 4_500})
    bridge.kill()
    deadline = int(bus.record(id)["deadline"])
    eventually(lambda: bus.now() > deadline, "it is over")
    check_waits(bus, id)
    launch_trial(bus, options=QUICK_LEASE)
    error = json.loads(check_ended(bus, id, "failed")[0]["error"])
    assert error["category"] == "workflow_timeout" and "of the 4.5 seconds it has" in error["message"], error


# What does not


def test_expires_at_is_about_starting_alone(trials):
    expires = trials.now() + 3_000
    id = watch(trials, "go", fields={"expires_at": expires})
    eventually(lambda: trials.now() > expires + 500, "it has passed")
    check_waits(trials, id)
    tell(trials, id)
    check_ended(trials, id)


def test_it_is_not_resumable(trials):
    id = watch(trials, "go")
    pairs = [("type", "resume"), ("id", id)]
    check_rejected(trials, trials.publish(*pairs), pairs, "not_resumable")
    check_waits(trials, id)
    tell(trials, id)
    check_ended(trials, id)


def test_a_second_start_is_a_duplicate_of_a_waiting_run(trials):
    id, second = watch(trials, "go"), fresh("second")
    trials.start("trial-watch", {"watch": {"for": ["go"]}}, id=id, reply_to=second)
    duplicate, = trials.wait_for_replies(second)
    assert duplicate.data == {"status": "waiting", "same_workflow": True, "same_input": True}
    assert check_waits(trials, id)["reply_to"] == second
    tell(trials, id)
    _, story = check_ended(trials, id)
    assert trials.wait_for_replies(second, 2)[1].pairs == story[-1].pairs


# Bridges come and go


def test_a_deploy_while_runs_wait(launch_trial, bus):
    old = launch_trial(bus, options=QUICK_LEASE)
    ids = watches(bus, 50)
    records = [check_waits(bus, id) for id in ids]
    old.terminate()
    assert old.exit_code(within=10) == 0, "nothing was under way"
    assert [check_waits(bus, id) for id in ids] == records, "it has touched none"
    new = launch_trial(bus, options=QUICK_LEASE)
    tell(bus, *ids)
    bus.wait_for_end(*ids)
    for id in ids:
        record, story = check_ended(bus, id)
        assert kinds(story) == ["run.started", "state.entered", "run.waiting", "state.entered", "run.completed"]
        assert [event.epoch for event in story] == [1, 1, 1, 2, 2] and record["bridge"] == new.id
        assert record["recoveries"] == "0"
    check_nothing_is_left(bus, *ids)


def test_signals_and_due_times_that_came_while_no_bridge_lived(launch_trial, bus):
    old = launch_trial(bus, options=QUICK_LEASE)
    told, due, cancelled = watches(bus, 5), watches(bus, 5, within_ms=5_000), watches(bus, 5)
    old.kill()
    tell(bus, *told)
    for id in cancelled:
        bus.cancel(id)
    eventually(lambda: all(int(bus.record(id)["wake_at"]) < bus.now() for id in due), "their time is over")
    assert set(bus.statuses(told + due + cancelled)) == {"waiting"}
    launch_trial(bus, options=QUICK_LEASE)
    for ids, status in ((told, "completed"), (due, "completed"), (cancelled, "cancelled")):
        for id in ids:
            check_ended(bus, id, status)
    check_nothing_is_left(bus, *told, *due)


def test_a_run_whose_workflow_no_bridge_has_waits_on_and_is_woken_when_one_comes(launch, launch_trial, bus):
    launch(bus, options=QUICK_LEASE)
    old = launch_trial(bus, options=QUICK_LEASE, env=dict(os.environ, TRIAL_VERSION="1"))
    id = watch(bus, "go")
    old.terminate()
    assert old.exit_code(within=10) == 0
    launch_trial(bus, options=QUICK_LEASE, env=dict(os.environ, TRIAL_VERSION="2"))
    event = bus.taken(bus.signal(id, "go"))
    assert (event.data["outcome"], event.workflow) == ("woke", "trial-watch"), "any bridge takes it"
    later = bus.now() + 2_000
    eventually(lambda: bus.now() > later, "others have looked")
    record = bus.record(id)
    assert (record["status"], record["version"], record["signals"]) == ("waiting", "1", "1"), "it goes on in the version it began in"
    again = launch_trial(bus, options=QUICK_LEASE, env=dict(os.environ, TRIAL_VERSION="1"))
    assert check_ended(bus, id)[0]["bridge"] == again.id


def test_naps_on_three_bridges_that_are_killed(launch, bus, binary):
    dice, short, long = random.Random(3), [fresh("naps") for _ in range(20)], [fresh("naps") for _ in range(60)]
    ids = short + long
    with Crew(binary, bus, size=3, options=QUICK_LEASE, max_runs=16) as crew:
        # Those that are waited for in place, and those that are put down.
        bus.start_all([{"workflow": "naps", "id": id, "input": {"naps": 20, "ms": dice.randint(50, 400)}} for id in short])
        bus.start_all([{"workflow": "naps", "id": id, "input": {"naps": 10, "ms": dice.randint(1_000, 1_300)}} for id in long])
        for _ in range(10):
            time.sleep(dice.uniform(0.3, 1.2))  # the moment is the dice's
            crew.kill(dice.randrange(3))
        bus.wait_for_end(*ids, within=90)
        stories = check_runs(bus, ids, check=check_history)
        check_nothing_is_left(bus, *ids)
    assert [bus.record(id)["output"] for id in ids] == ["20"] * 20 + ["10"] * 60
    for id in long:
        assert kinds(stories[id]).count("run.waiting") == 10, "each nap was begun once"


# Slots and memory


def test_they_take_no_slot(launch, bus):
    bridge = launch(bus, max_runs=1, options=QUICK_LEASE)
    ids = [fresh("approval") for _ in range(100)]
    bus.start_all([{"workflow": "approval", "id": id, "input": {"title": "x"}} for id in ids])
    bus.wait_for_waiting(*ids, within=60)
    assert len(bus.listed("waits")) == 100 and not bus.listed("leases")
    id = fresh("sum")
    bus.start("numbers", {"batch_size": 4}, id=id)
    assert bus.wait_for_end(id)["output"] == "10"
    tell(bus, *ids, name="approved")
    bus.wait_for_end(*ids, within=60)
    check_runs(bus, ids, check=check_history)
    check_nothing_is_left(bus, *ids)
    assert bridge.is_alive


def test_they_take_no_memory_of_a_bridge(launch, bus):
    bridge = launch(bus, options=QUICK_LEASE)

    def start(count):
        ids = [fresh("approval") for _ in range(count)]
        bus.start_all([{"workflow": "approval", "id": id, "input": {"title": "x" * 2_000}} for id in ids])
        bus.wait_for_waiting(*ids, within=120)
        return ids

    start(1_000)  # what it takes to run so many at once is taken
    before = bridge.resident_mib
    start(4_000)
    # Their inputs alone are 8 MiB, and each was put down.
    assert bridge.resident_mib < before + 6, f"{before} MiB before, {bridge.resident_mib} MiB after"


@pytest.mark.slow
def test_loops_keep_a_log_of_a_few_rows(launch_trial, bus):
    launch_trial(bus, options=QUICK_LEASE, events="runs")
    id, turns, longest = fresh("loop"), 20_000, 0
    bus.start("trial-loop", {"turns": turns}, id=id)

    def is_over():
        nonlocal longest
        longest = max(longest, bus.log_length(id))
        return "finished" in bus.record(id)

    eventually(is_over, "it has gone round", within=180, every=0.02)
    record = bus.record(id)
    assert record["status"] == "completed", record
    assert json.loads(record["output"]) == [str(turns)]
    assert int(record["rows"]) > turns and 0 < longest <= 5


# Between attempts


PAUSE = 4_000  # ms, in which a test sees a run wait


def retry(bus, failures, pause_ms=PAUSE, **fields):
    id = fresh("retry")
    bus.start("trial-retry", {"failures": failures, "pause_ms": pause_ms}, id=id, **fields)
    return id


def check_attempts(bus, id, failures):
    """Each attempt failed once and the next one did it; its story."""
    record, story = check_ended(bus, id)
    retried = [event for event in story if event.kind == "task.retried"]
    assert [event.data["attempt"] for event in retried] == list(range(1, failures + 1))
    assert {event.data["delay_ms"] for event in retried} == {PAUSE}
    assert json.loads(record["output"]) == [f"attempt-{failures + 1}", "second"]
    return story


def test_the_pause_before_another_attempt_is_a_wait(trials):
    id = retry(trials, 2)
    trials.wait_for_waiting(id)
    record = check_waits(trials, id)
    assert (record["state"], record["waiting_for"], record["waits"]) == ("first", "retry", "[]")
    assert 0 <= int(record["wake_at"]) - int(record["waiting_since"]) <= PAUSE + CLOCK_ERROR
    story = check_attempts(trials, id, 2)
    assert kinds(story)[:5] == ["run.started", "task.retried", "run.waiting", "task.retried", "run.waiting"]
    assert [event.epoch for event in story if event.kind == "task.retried"] == [1, 2]
    assert [event.data["for"] for event in story if event.kind == "run.waiting"] == [[], []]
    assert story[-1].data["duration_ms"] >= 2 * PAUSE


def test_it_takes_no_slot(launch_trial, bus):
    launch_trial(bus, max_runs=1, options=QUICK_LEASE)
    ids = [retry(bus, 1) for _ in range(10)]
    bus.wait_for_waiting(*ids[:5])
    bus.start("trial", {}, id=(walk := fresh("walk")))
    bus.wait_for_end(walk, *ids)
    assert max(int(bus.record(id)["finished"]) for id in ids) - int(bus.record(ids[0])["started"]) < 10 * PAUSE / 2, "they paused side by side"
    for id in ids:
        check_attempts(bus, id, 1)


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_a_deploy_in_the_middle_of_the_pause_loses_no_attempt(launch_trial, bus, how):
    old = launch_trial(bus, options=QUICK_LEASE)
    ids = [retry(bus, 3) for _ in range(10)]
    bus.wait_for_waiting(*ids)
    wake = {id: bus.record(id)["wake_at"] for id in ids}
    assert {kinds(bus.story(id)).count("task.retried") for id in ids} == {1}
    getattr(old, how)()
    assert old.exit_code(within=10) is not None
    assert {id: check_waits(bus, id)["wake_at"] for id in ids} == wake
    launch_trial(bus, options=QUICK_LEASE)
    for id in ids:
        story = check_attempts(bus, id, 3)
        assert "run.resumed" not in kinds(story)
        assert int(wake[id]) <= int(next(event for event in story if event.epoch == 2).entry.split("-")[0])
    check_nothing_is_left(bus, *ids)


def test_when_no_attempt_is_left_it_has_failed_as_often_as_it_was_tried(trials):
    id = retry(trials, 99, pause_ms=1_500, timeout_ms=60_000)
    record = trials.wait_for_end(id, within=60)
    assert record["status"] == "failed"
    story = trials.story(id)
    check_history(trials, id, story, record)
    assert [event.data["attempt"] for event in story if event.kind == "task.retried"] == [1, 2, 3, 4, 5]
    assert kinds(story)[-2:] == ["task.failed", "run.failed"]
    assert "attempt 6 fails" in record["error"]


def test_a_run_that_pauses_between_attempts_is_cancelled_like_any_other(trials):
    id = retry(trials, 5, pause_ms=DAY)
    trials.wait_for_waiting(id)
    trials.cancel(id, reason="enough")
    record, story = check_ended(trials, id, "cancelled")
    assert record["rollback"] == "none" and kinds(story)[-1] == "run.cancelled"
    assert kinds(story).count("task.retried") == 1


def test_a_signal_does_not_wake_it(trials):
    id = retry(trials, 1)
    trials.wait_for_waiting(id)
    assert trials.taken(trials.signal(id, "go")).data == {"name": "go", "outcome": "kept", "unread": 1}
    story = check_attempts(trials, id, 1)
    assert story[-1].data["unread_signals"] == 1


# Schedules


def test_a_run_that_waits_is_not_over_for_its_schedule(crew):
    name = fresh("nightly")
    crew.schedule(name, workflow="approval", input={"title": "a bill"}, every_ms=700)
    first = eventually(lambda: crew.firings(name), "it has fired")[0]
    id = f"{name}@{first}"
    crew.wait_for_waiting(id)
    skipped = crew.wait_for_event(name, "schedule.skipped")
    assert (skipped.data["run"], skipped.data["status"]) == (id, "waiting")
    crew.signal(id, "approved")
    eventually(lambda: len(crew.firings(name)) > 1, "it fires again")
    crew.unschedule(name)
    eventually(lambda: not crew.is_scheduled(name), "it is gone")
    for due in crew.firings(name):
        crew.signal(f"{name}@{due}", "approved", message_id="all")
        crew.wait_for_end(f"{name}@{due}")
