"""A run whose branches wait: it is put down once all that is left of it waits, and what a branch has done it does not do again."""
import json
from collections import Counter

import pytest

from support.bridge import QUICK_LEASE
from support.bus import CLOCK_ERROR, fresh
from support.diary import BRANCHES, HEAR, NAP, QUICK, UNSURE, Diary, counted, key, once
from support.invariants import check_ended, check_nothing_is_left, check_waits
from support.waiting import eventually

BUSY = 10_000  # ms that a busy machine may add
SOON, LATE = 60_000, 120_000  # ms, and both longer than any test


@pytest.fixture
def diary(tmp_path):
    return Diary(tmp_path / "diary")


def fork(bus, diary, *names, id=None, within_ms=None, fields={}, **input):
    """A run of `trial-branches`, of which a branch waits for the first of these, if there are any; its id."""
    id = id or fresh("fork")
    if names:
        input["watch"] = {"for": names} | ({"within_ms": within_ms} if within_ms else {})
    bus.start("trial-branches", {"diary": str(diary.path), **input}, id=id, **fields)
    return id


def check_joined(bus, id, attempts=1, heard="go=null"):
    """Completed, with what each branch came to and each of their deeds counted once; its story."""
    record, story = check_ended(bus, id)
    assert not bus.has_inbox(id)
    ends = zip(BRANCHES, ("ended", heard, "rested", "dared"), (1, 1, 1, attempts))
    assert json.loads(record["output"]) == {
        "accounts": [{"branch": name, "end": end, "attempt": attempt, "key": key(id, branch)}
                     for branch, (name, end, attempt) in enumerate(ends)],
        "succeeded": [QUICK, HEAR, NAP, UNSURE]}
    counts = counted(bus, id)
    assert len(counts) == 6 and set(counts.values()) == {1}, counts
    return story


def check_undone(bus, id, status):
    """Ended so with its first state undone, and nothing counted of its branches; its record and its story."""
    record, story = check_ended(bus, id, status)
    assert record["rollback"] == "clean"
    assert [event.data["task"] for event in story if event.kind == "compensation.succeeded"] == ["take"]
    assert counted(bus, id) == {}
    return record, story


def cancel(bus, id):
    """Ends a run that would wait for longer than its test takes."""
    bus.cancel(id)
    return check_undone(bus, id, "cancelled")


def kinds(story):
    return [event.kind for event in story]


# What it looks like


def test_the_run_waits_once_all_that_is_left_of_it_waits(trials, diary):
    id = fork(trials, diary, "go", rest_ms=SOON, failures=1, pause_ms=LATE)
    trials.wait_for_waiting(id)
    record = check_waits(trials, id)
    assert (record["state"], record["waiting_for"], json.loads(record["waits"])) == ("fork", "signal go", [[1, "go"]])
    assert record["epoch"] == "1" and "finished" not in record
    assert sorted(diary.of(id)) == once(woken=[]), "each has begun, and one has ended"
    assert counted(trials, id) == {}, "nothing counts before the branches are joined"
    waits = [event.data for event in trials.story(id) if event.kind == "run.waiting"]
    assert {data["state"] for data in waits} == {"fork"}
    assert sorted(data["for"] for data in waits) == [[], [], ["go"]], "one for each branch that waits"
    assert all(("until" in data) == (data["for"] == []) for data in waits), "the signal may take as long as it takes"
    assert min(data["until"] for data in waits if "until" in data) == int(record["wake_at"])
    cancel(trials, id)


@pytest.mark.parametrize("first", ["hear", "nap", "unsure", "deadline"])
def test_it_goes_on_at_the_first_moment_of_all_its_waits(trials, diary, first):
    ms = {name: SOON if name == first else LATE for name in ("hear", "nap", "unsure", "deadline")}
    id = fork(trials, diary, "go", within_ms=ms["hear"], rest_ms=ms["nap"], failures=1, pause_ms=ms["unsure"],
              fields={"timeout_ms": ms["deadline"]})
    trials.wait_for_waiting(id)
    record = check_waits(trials, id)
    assert SOON - CLOCK_ERROR <= int(record["wake_at"]) - int(record["started"]) < SOON + BUSY
    assert (record["wake_at"] == record["deadline"]) == (first == "deadline")
    cancel(trials, id)


def test_branches_that_wait_for_time_alone(trials, diary):
    id = fork(trials, diary, rest_ms=SOON, failures=1, pause_ms=LATE)
    trials.wait_for_waiting(id)
    record = check_waits(trials, id)
    assert record["waits"] == "[]" and record["waiting_for"] in ("timer", "retry")
    assert sorted(diary.of(id)) == once(woken=[])
    cancel(trials, id)


def test_a_run_whose_branches_wait_for_less_than_a_second_stays_running(trials, diary):
    id = fork(trials, diary, rest_ms=900, failures=5, pause_ms=900)
    eventually(lambda: diary.attempts(id) >= 2, "it has paused")
    assert trials.record(id)["status"] == "running" and trials.lease(id)
    story = check_joined(trials, id, attempts=6, heard="nothing")
    assert kinds(story) == ["run.started", "state.entered"] + ["task.retried"] * 5 + ["run.completed"]
    assert {event.epoch for event in story} == {1} and story[-1].data["duration_ms"] >= 4_500
    assert sorted(diary.of(id)) == once(6, woken=[NAP])


def test_it_is_put_down_when_the_last_branch_that_runs_has_ended(trials, diary):
    id = fork(trials, diary, "go", failures=5, pause_ms=900)
    eventually(lambda: diary.attempts(id) >= 2, "one runs while another waits")
    assert trials.record(id)["status"] == "running" and trials.lease(id)
    trials.wait_for_waiting(id)
    assert check_waits(trials, id)["epoch"] == "1"
    assert sorted(diary.of(id)) == once(6, woken=[NAP])
    trials.signal(id, "go")
    check_joined(trials, id, attempts=6)
    assert sorted(diary.of(id)) == once(6) and trials.record(id)["epoch"] == "2"


# What each goes on with


def test_a_signal_for_one_branch_leaves_the_others_waiting(trials, diary):
    id = fork(trials, diary, "go", rest_ms=SOON, failures=1, pause_ms=LATE)
    trials.wait_for_waiting(id)
    before = check_waits(trials, id)
    assert trials.taken(trials.signal(id, "go", 7)).data == {"name": "go", "outcome": "woke", "unread": 1}
    trials.wait_for(id, status="waiting", epoch=2)
    record = check_waits(trials, id)
    assert (record["waits"], record["wake_at"]) == ("[]", before["wake_at"]), "until the same moment"
    assert "signals" not in record, "it is consumed"
    made = diary.of(id)
    assert sorted(made) == once(woken=[HEAR]), "and none has begun again"
    cancel(trials, id)
    assert diary.of(id) == made


def test_the_time_of_one_branch_passes_while_another_one_waits_for_its_signal(trials, diary):
    id = fork(trials, diary, "go", rest_ms=5_000)
    trials.wait_for_waiting(id)
    assert "wake_at" in check_waits(trials, id)
    trials.wait_for(id, status="waiting", epoch=2)
    record = check_waits(trials, id)
    assert "wake_at" not in record and json.loads(record["waits"]) == [[1, "go"]]
    assert sorted(diary.of(id)) == once(woken=[NAP])
    trials.signal(id, "go")
    check_joined(trials, id)
    assert sorted(diary.of(id)) == once() and trials.record(id)["epoch"] == "3"


def test_each_moment_is_that_of_its_own_branch(trials, diary):
    id = fork(trials, diary, rest_ms=5_000, failures=1, pause_ms=SOON)
    trials.wait_for_waiting(id)
    first = int(check_waits(trials, id)["wake_at"])
    pause = max(event.data["until"] for event in trials.story(id) if event.kind == "run.waiting")
    trials.wait_for(id, status="waiting", epoch=2)
    record = check_waits(trials, id)
    assert first <= int(record["waiting_since"]) + CLOCK_ERROR and int(record["wake_at"]) == pause
    assert sorted(diary.of(id)) == once(woken=[NAP]), "the pause goes on"
    cancel(trials, id)


def test_the_limit_of_one_branch_is_its_own(trials, diary):
    id = fork(trials, diary, "go", within_ms=1_500, rest_ms=SOON)
    trials.wait_for_waiting(id)
    trials.wait_for(id, status="waiting", epoch=2)
    assert check_waits(trials, id)["waits"] == "[]"
    assert sorted(diary.of(id)) == once(woken=[HEAR])
    cancel(trials, id)


def test_a_signal_that_came_before_the_run_is_taken_and_the_run_is_not_put_down(trials, diary):
    id = fresh("fork")
    assert trials.taken(trials.signal(id, "go", 1)).data["outcome"] == "early"
    fork(trials, diary, "go", id=id)
    check_joined(trials, id, heard="go=1")
    assert sorted(diary.of(id)) == once() and trials.record(id)["epoch"] == "1"


def test_a_signal_that_came_before_the_branches_is_taken_by_the_one_that_comes_to_wait_for_it(trials, diary, gate):
    id = fork(trials, diary, "go", gate=gate.path)
    trials.wait_for(id, status="running", state="take")
    for number in (1, 2):
        assert trials.taken(trials.signal(id, "go", number)).data["outcome"] == "kept"
    gate.open()
    story = check_joined(trials, id, heard="go=1")
    assert story[-1].data["unread_signals"] == 1, "the older one"
    assert sorted(diary.of(id)) == once() and trials.record(id)["epoch"] == "1"


def test_a_branch_takes_its_signal_while_another_one_runs(trials, diary):
    id = fork(trials, diary, "go", failures=5, pause_ms=900)
    eventually(lambda: (HEAR, "begin", 1) in diary.of(id), "it waits, or is about to")
    assert trials.taken(trials.signal(id, "go")).data["outcome"] == "kept", "the run does something"
    check_joined(trials, id, attempts=6)
    made = diary.of(id)
    assert sorted(made) == once(6) and trials.record(id)["epoch"] == "1"
    assert made.index((HEAR, "wake", 1)) < made.index((UNSURE, "run", 6)), "it has not waited for the other one"


def test_a_branch_that_fails_for_good_ends_the_waits_of_the_others(trials, diary):
    id = fork(trials, diary, "go", failures=6, pause_ms=50)
    record, story = check_undone(trials, id, "failed")
    assert "attempt 6 fails" in record["error"]
    assert [event.data["attempt"] for event in story if event.kind == "task.retried"] == [1, 2, 3, 4, 5]
    assert (HEAR, "wake", 1) not in diary.of(id)


# Keys


def test_the_idempotency_key_of_a_branch_is_that_of_its_visit_and_its_index(trials, diary):
    id = fork(trials, diary, "go", id=fresh("a/b"), failures=1, pause_ms=100)
    trials.wait_for_waiting(id)
    trials.signal(id, "go")
    check_joined(trials, id, attempts=2)
    assert diary.keys() == {f"{id.replace('/', '%2F')}/fork/2/{branch}" for branch in range(4)}, "whatever the attempt"


# Bridges come and go


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_a_branch_that_has_ended_is_not_run_again_when_another_bridge_wakes_its_run(launch_trial, bus, diary, how):
    old = launch_trial(bus, options=QUICK_LEASE)
    ids = [fork(bus, diary, "go", failures=1, pause_ms=100) for _ in range(20)]
    bus.wait_for_waiting(*ids)
    records = [check_waits(bus, id) for id in ids]
    getattr(old, how)()
    assert old.exit_code(within=10) is not None
    assert [check_waits(bus, id) for id in ids] == records, "it has touched none"
    new = launch_trial(bus, options=QUICK_LEASE)
    bus.signal_all([{"id": id, "name": "go"} for id in ids])
    for id in ids:
        story = check_joined(bus, id, attempts=2)
        assert sorted(diary.of(id)) == once(2)
        assert "run.resumed" not in kinds(story) and bus.record(id)["bridge"] == new.id
    assert diary.keys() == {key(id, branch) for id in ids for branch in range(4)}, "the same in every process"
    check_nothing_is_left(bus, *ids)


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_a_branch_that_has_ended_is_not_run_again_when_its_bridge_goes_while_another_one_runs(launch_trial, bus, diary, how):
    old = launch_trial(bus, events="tasks", options=QUICK_LEASE)
    ids = [fork(bus, diary, "go", failures=5, pause_ms=900) for _ in range(10)]

    def have_said(story):
        """That two of its branches have ended, and one waits."""
        ended = {event.data["task"] for event in story if event.kind == "task.succeeded"}
        return {"quick[0]", "nap[2]"} <= ended and any(event.kind == "run.waiting" for event in story)

    eventually(lambda: all(have_said(bus.stories().get(id, [])) for id in ids), "one waits and one runs")
    seen = {id: diary.attempts(id) for id in ids}
    # An attempt begins when the failure of the last one is in the log, and what had ended before that is there too.
    eventually(lambda: all(diary.attempts(id) >= seen[id] + 2 for id in ids), "that is in the log")
    assert set(bus.statuses(ids)) == {"running"}
    getattr(old, how)()
    assert old.exit_code(within=10) is not None
    launch_trial(bus, events="tasks", options=QUICK_LEASE)
    bus.signal_all([{"id": id, "name": "go"} for id in ids])
    for id in ids:
        story = check_joined(bus, id, attempts=6)
        assert {event.data["task"] for event in story if event.kind == "task.started" and event.epoch > 1} == {"unsure[3]"}
        again = Counter(diary.of(id)) - Counter(once(6))
        assert sorted(set(diary.of(id))) == once(6)
        # The one attempt that was under way may be made again, under its number.
        assert sum(again.values()) <= (how == "kill") and {branch for branch, _, _ in again} <= {UNSURE}, again
        resumed = next(event for event in story if event.kind == "run.resumed")
        assert (resumed.data["by"], resumed.data["state"]) == ("takeover" if how == "kill" else "handback", "fork")
    assert diary.keys() == {key(id, branch) for id in ids for branch in range(4)}, "the same in every process"
    check_nothing_is_left(bus, *ids)


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_the_attempts_of_a_branch_go_on_after_a_deploy(launch_trial, bus, diary, how):
    old = launch_trial(bus, options=QUICK_LEASE)
    ids = [fork(bus, diary, failures=2, pause_ms=5_000) for _ in range(10)]
    bus.wait_for_waiting(*ids)
    wake = {id: bus.record(id)["wake_at"] for id in ids}
    assert {diary.attempts(id) for id in ids} == {1}
    getattr(old, how)()
    assert old.exit_code(within=10) is not None
    assert {id: check_waits(bus, id)["wake_at"] for id in ids} == wake
    launch_trial(bus, options=QUICK_LEASE)
    for id in ids:
        story = check_joined(bus, id, attempts=3, heard="nothing")
        assert sorted(diary.of(id)) == once(3, woken=[NAP])
        retried = [event.data for event in story if event.kind == "task.retried"]
        assert [(data["attempt"], data["delay_ms"]) for data in retried] == [(1, 5_000), (2, 5_000)]
        assert "run.resumed" not in kinds(story)
        assert int(wake[id]) <= int(next(event for event in story if event.epoch == 2).entry.split("-")[0]), "not before its time"
    check_nothing_is_left(bus, *ids)


# Cancelled


@pytest.mark.parametrize("others", ["wait", "run"])
def test_cancel_undoes_what_was_done_before_the_branches(trials, diary, others):
    if others == "wait":
        id = fork(trials, diary, "go", rest_ms=SOON, failures=1, pause_ms=SOON)
        trials.wait_for_waiting(id)
    else:
        id = fork(trials, diary, "go", failures=5, pause_ms=900)
        eventually(lambda: diary.attempts(id) >= 2, "one runs")
    asked = trials.now()
    trials.cancel(id, reason="changed my mind")
    record, story = check_undone(trials, id, "cancelled")
    assert (record["cancel"], record["state"], story[-1].data["reason"]) == ("changed my mind", "fork", "changed my mind")
    assert int(record["finished"]) - asked < 1_000 + BUSY
    made = diary.of(id)
    assert (HEAR, "wake", 1) not in made and diary.attempts(id) < 6
    assert Counter(made)[QUICK, "run", 1] == 1


def test_a_cancellation_that_came_while_no_bridge_lived_runs_no_branch(launch_trial, bus, diary):
    old = launch_trial(bus, options=QUICK_LEASE)
    ids = [fork(bus, diary, "go", rest_ms=SOON) for _ in range(5)]
    bus.wait_for_waiting(*ids)
    old.kill()
    for id in ids:
        bus.cancel(id)
    launch_trial(bus, options=QUICK_LEASE)
    for id in ids:
        check_undone(bus, id, "cancelled")
        assert sorted(diary.of(id)) == once(woken=[])
    check_nothing_is_left(bus)


def test_its_deadline_ends_the_waits_of_all_branches(trials, diary):
    id = fork(trials, diary, "go", rest_ms=SOON, failures=1, pause_ms=SOON, fields={"timeout_ms": 5_000})
    trials.wait_for_waiting(id)
    record = check_waits(trials, id)
    assert record["wake_at"] == record["deadline"]
    ended, _ = check_undone(trials, id, "failed")
    assert json.loads(ended["error"])["category"] == "workflow_timeout"
    assert int(record["deadline"]) <= int(ended["finished"]) < int(record["deadline"]) + 1_000 + BUSY
    assert sorted(diary.of(id)) == once(woken=[])
