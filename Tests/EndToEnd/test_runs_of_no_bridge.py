"""Runs that no live bridge can take: they cost nothing, and a cancellation ends them."""
import json

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.invariants import check_history
from support.waiting import eventually

HEARTBEAT = 300
PATIENCE = ["--unknown-workflow-seconds", 1, "--drain-seconds", 0.5, "--grace-seconds", 0.5]


def launch_version(launch_trial, bus, version):
    return launch_trial(bus, options=[*QUICK_LEASE, *PATIENCE], env={"TRIAL_VERSION": version})


def calls(bus, *commands):
    """How often Redis has carried these out, in scripts too."""
    stats = bus.redis.info("commandstats")
    return {name: stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in commands}


def calls_in_some_looks(bus):
    """What a bridge asks for within three seconds, while it has nothing to do."""
    before, began = calls(bus, "zrangebyscore", "hmget"), bus.now()
    eventually(lambda: bus.now() > began + 3_000, "three seconds have passed", every=0.1)
    return {name: count - before[name] for name, count in calls(bus, "zrangebyscore", "hmget").items()}


@pytest.mark.slow
@pytest.mark.forges
def test_a_look_asks_for_the_same_however_many_of_them_there_are(launch_trial, bus):
    launch_trial(bus, options=["--heartbeat-seconds", 60, "--lease-seconds", 180])
    alone = calls_in_some_looks(bus)
    pipeline = bus.redis.pipeline(transaction=False)
    for number in range(20_000):
        pipeline.hset(bus.key("run", f"old-{number}"), mapping={"status": "running", "workflow": "trial", "version": "0", "epoch": "1"})
    pipeline.zadd(bus.key("leases", "trial@0"), {f"old-{number}": number % 2 for number in range(20_000)})
    pipeline.zadd(bus.key("timers", "trial@0"), {f"late-{number}": 1 for number in range(20_000)})
    pipeline.execute()
    among_many = calls_in_some_looks(bus)
    assert among_many["hmget"] == 0
    assert among_many["zrangebyscore"] < alone["zrangebyscore"] * 1.5 + 10


def test_a_cancelled_run_that_no_bridge_can_take_is_over_once_its_bridge_had_time_to_return(launch_trial, bus, gate):
    old = launch_version(launch_trial, bus, "1")
    plain, saga, reply = fresh("plain"), fresh("saga"), fresh("reply")
    bus.start("trial", {"delay_ms": 60_000}, id=plain)
    bus.start("trial-saga", {"at": "pay", "gate": gate.path}, id=saga)
    bus.wait_for(saga, state="pay"), bus.wait_for(plain, status="running")
    old.kill()
    launch_version(launch_trial, bus, "2")
    eventually(lambda: all(bus.lease(id) < bus.now() - HEARTBEAT for id in (plain, saga)), "their leases are over")
    for id in (plain, saga):
        bus.cancel(id, reason="retired", reply_to=f"{reply}-{id}")
    for id in (plain, saga):
        record = bus.wait_for_end(id)
        assert (record["status"], record["cancel"]) == ("cancelled", "retired")
        check_history(bus, id, bus.story(id), record)
        assert bus.lease(id) is None
        answers = bus.wait_for_replies(f"{reply}-{id}", 2)
        assert [answer.kind for answer in answers] == ["run.duplicate", "run.cancelled"]
    eventually(lambda: not bus.entries("control"), "the commands are answered")
    assert (bus.record(plain)["rollback"], bus.record(plain).get("resumable")) == ("none", None)
    assert bus.log_length(plain) == 0
    record = bus.record(saga)
    assert (record["rollback"], record["resumable"]) == ("partial", "1")
    assert json.loads(record["error"])["code"] == "workflow_version_mismatch"

    # What it had done is undone once a bridge knows how.
    launch_version(launch_trial, bus, "1")
    bus.resume(saga)
    record = bus.wait_for(saga, status="cancelled", rollback="clean")
    check_history(bus, saga, bus.story(saga), record)
    assert "take" in [event.data["task"] for event in bus.story(saga) if event.kind == "compensation.succeeded"]


def test_a_cancelled_run_whose_bridge_returns_in_time_is_undone_by_it(launch_trial, bus, gate):
    old = launch_version(launch_trial, bus, "1")
    id = fresh("saga")
    bus.start("trial-saga", {"at": "pay", "gate": gate.path}, id=id)
    bus.wait_for(id, state="pay")
    old.kill()
    launch_trial(bus, options=QUICK_LEASE, env={"TRIAL_VERSION": "2"})
    eventually(lambda: bus.lease(id) < bus.now() - HEARTBEAT, "its lease is over")
    bus.cancel(id, reason="retired")
    bus.wait_for(id, cancel="retired")
    launch_version(launch_trial, bus, "1")
    record = bus.wait_for_end(id)
    assert (record["status"], record["rollback"]) == ("cancelled", "clean")
    check_history(bus, id, bus.story(id), record)
    eventually(lambda: not bus.entries("control"), "the command is answered")


def test_an_old_start_waits_for_a_bridge_that_is_just_coming_back(launch, launch_trial, bus):
    gone = launch_trial(bus, options=QUICK_LEASE)
    gone.terminate()
    assert gone.exit_code(within=20) == 0
    id = fresh("old")
    bus.redis.xadd(bus.key("commands"), {"type": "start", "workflow": "trial", "id": id, "input": "{}"}, id=f"{bus.now() - 60_000}-0")
    launch(bus, options=QUICK_LEASE)
    eventually(lambda: bus.redis.xlen(bus.key("commands")) and bus.pending(), "another bridge has read it")
    launch_trial(bus, options=QUICK_LEASE)
    assert bus.wait_for_end(id)["status"] == "completed"
    assert not bus.dead_letters()
