"""Runs that start runs: from the parent's step to the child's end and back."""
import json

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.invariants import check_history
from support.waiting import eventually

MANY = 100


def start_family(bus, children, workflow="numbers", input=None, **fields):
    id = fresh("family")
    bus.start("family", {"children": children, "workflow": workflow, "input": input}, id=id, **fields)
    return id


def start_kin(bus, workflow="trial", manner=None, **ordeal):
    id = fresh("kin")
    bus.start("trial-kin", {"workflow": workflow, "input": ordeal, "manner": manner}, id=id)
    return id


def children_of(bus, id):
    """The ids of a run's children that have a record."""
    prefix = bus.key("run", f"{id}//")
    return sorted(key.decode()[len(bus.key("run", "")):] for key in bus.redis.scan_iter(match=f"{prefix}*", count=1_000))


def check_none_is_left(bus, *ids):
    """Nothing of the runs and their children waits, is under way, or is still to begin."""
    for id in ids:
        assert not bus.redis.exists(bus.key("opentasks", id)), id
        for child in children_of(bus, id):
            assert bus.record(child)["status"] in ("completed", "failed", "cancelled"), child
            assert bus.lease(child) is None, child
            assert not bus.redis.exists(bus.key("opentasks", child)), child
    eventually(lambda: bus.redis.xlen(bus.key("commands")) == 0 and bus.redis.xlen(bus.key("control")) == 0, "all commands are taken")
    assert bus.pending("commands") == 0 and bus.pending("control") == 0


@pytest.fixture
def family(bus, launch):
    """Two bridges with the samples."""
    for _ in range(2):
        launch(bus, options=QUICK_LEASE, max_runs=256)
    return bus


@pytest.fixture
def kin(bus, launch_trial):
    """Two bridges with the trials."""
    for _ in range(2):
        launch_trial(bus, options=QUICK_LEASE, events="tasks")
    return bus


def test_a_parent_has_the_outputs_of_a_hundred_children_in_their_order(family):
    id = start_family(family, MANY, "numbers", {"batch_size": 7})
    record = family.wait_for_end(id, within=60)
    assert record["status"] == "completed", record
    children = [f"{id}//1.{branch}" for branch in range(MANY)]
    assert sorted(children) == children_of(family, id)
    assert json.loads(record["output"]) == [json.loads(family.record(child)["output"]) for child in children]
    for child in children[:3]:
        record = family.record(child)
        assert (record["parent"], record["root"], record["workflow"]) == (id, id, "numbers")
        started = family.story(child)[0]
        assert started.kind == "run.started" and (started.data["parent"], started.data["root"]) == (id, id)
    check_none_is_left(family, id)


def test_the_output_is_what_the_child_has_answered(kin):
    id = start_kin(kin, "trial", dots=2)
    record = kin.wait_for_end(id)
    assert record["status"] == "completed" and json.loads(record["output"]) == ["first..", "second..", "third.."]
    check_history(kin, id, kin.story(id), record)


def test_a_parent_may_have_no_children(family):
    record = family.wait_for_end(start_family(family, 0))
    assert (record["status"], record["output"]) == ("completed", "[]")


def test_a_family_may_have_families(family):
    id = start_family(family, 2, "family", {"children": 2, "workflow": "numbers", "input": {"batch_size": 3}})
    record = family.wait_for_end(id)
    assert record["status"] == "completed"
    grandchild = family.record(f"{id}//1.1//1.0")
    assert json.loads(record["output"]) == [[json.loads(grandchild["output"])] * 2] * 2
    assert (grandchild["parent"], grandchild["root"]) == (f"{id}//1.1", id)
    check_none_is_left(family, id, f"{id}//1.0", f"{id}//1.1")


def test_a_parent_waits_for_its_child_and_holds_nothing_of_a_bridge(kin):
    id = start_kin(kin, "trial-watch", watch={"for": ["go"]})
    child = f"{id}//3"
    kin.wait_for_waiting(id, child)
    record = kin.record(id)
    assert record["waiting_for"] == "child trial-watch"
    kin.signal(child, "go")
    assert kin.wait_for_end(id)["status"] == "completed"
    check_none_is_left(kin, id)


def test_a_parent_that_is_cancelled_cancels_all_of_its_children(family):
    id = start_family(family, MANY, "order-fulfilment", {"sku": "A1", "quantity": 1, "delay_ms": 20_000})
    family.wait_for_waiting(id, within=60)
    eventually(lambda: sum(family.record(child)["status"] == "running" for child in children_of(family, id)) == MANY, "all are under way")
    family.cancel(id, reason="enough")
    record = family.wait_for_end(id)
    assert (record["status"], record["cancel"]) == ("cancelled", "enough")
    children = [f"{id}//1.{branch}" for branch in range(MANY)]
    family.wait_for_end(*children)
    for child in children:
        record = family.record(child)
        assert (record["status"], record["cancel"]) == ("cancelled", "parent_closed")
    check_none_is_left(family, id)


def test_children_that_no_bridge_has_taken_never_run(bus, launch):
    launch(bus, options=QUICK_LEASE, max_runs=4)
    id = start_family(bus, MANY, "order-fulfilment", {"sku": "A1", "quantity": 1, "delay_ms": 400})
    bus.wait_for_waiting(id)
    eventually(lambda: len(children_of(bus, id)) >= 4, "four are under way")
    bus.cancel(id)
    assert bus.wait_for_end(id)["status"] == "cancelled"
    begun = children_of(bus, id)
    bus.wait_for_end(*begun)
    assert len(begun) < MANY / 2
    check_none_is_left(bus, id)
    assert bus.dead_letters() == []


def test_a_child_that_fails_undoes_its_parent_and_is_the_cause(kin):
    id = start_kin(kin, "trial-saga", at="send", deed="fail")
    record = kin.wait_for_end(id)
    assert (record["status"], record["rollback"]) == ("failed", "clean")
    error = json.loads(record["error"])
    assert error["code"] == "unfit" and error["state"] == "call"
    child = kin.record(f"{id}//3")
    assert (child["status"], child["rollback"]) == ("failed", "clean")
    cause, = error["causes"]
    assert (cause["code"], cause["state"]) == ("unfit", "send")
    assert any(event.kind == "compensation.succeeded" for event in kin.story(id))
    assert children_of(kin, id) == [f"{id}//3"]
    check_none_is_left(kin, id)


def test_another_attempt_is_another_child(kin):
    id = start_kin(kin, "trial-retry", manner="again", failures=99, pause_ms=1)
    record = kin.wait_for_end(id)
    assert record["status"] == "failed"
    assert children_of(kin, id) == [f"{id}//3", f"{id}//3:2"]
    check_none_is_left(kin, id)


def test_a_child_that_is_cancelled_fails_its_parent(kin):
    id = start_kin(kin, "trial", manner="again", delay_ms=20_000)
    child = f"{id}//3"
    kin.wait_for(child, status="running")
    kin.cancel(child, reason="by hand")
    record = kin.wait_for_end(id)
    assert record["status"] == "failed" and "by hand" in record["error"]
    assert children_of(kin, id) == [child]
    check_none_is_left(kin, id)


def test_a_child_that_is_to_be_left_goes_on_alone(kin, gate):
    id = start_kin(kin, "trial", manner="leave", gate=gate.path)
    child = f"{id}//3"
    kin.wait_for(child, status="running")
    kin.cancel(id)
    assert kin.wait_for_end(id)["status"] == "cancelled"
    assert "cancel" not in kin.record(child)
    gate.open()
    assert kin.wait_for_end(child)["status"] == "completed"
    check_none_is_left(kin, id)


def test_a_parent_whose_bridge_is_killed_goes_on_where_the_children_are(bus, launch):
    bridges = [launch(bus, options=QUICK_LEASE, max_runs=64) for _ in range(2)]
    id = start_family(bus, 20, "order-fulfilment", {"sku": "A1", "quantity": 1, "delay_ms": 1_500})
    bus.wait_for(id, state="raise")
    eventually(lambda: len(children_of(bus, id)) == 20, "all have begun")
    victim = next(bridge for bridge in bridges if bridge.id == bus.record(id)["bridge"])
    victim.kill()
    record = bus.wait_for_end(id, within=60)
    assert record["status"] == "completed", record
    assert len(json.loads(record["output"])) == 20 and len(children_of(bus, id)) == 20
    check_history(bus, id, bus.story(id), record)
    check_none_is_left(bus, id)


def test_a_child_whose_workflow_no_bridge_has_fails_its_parent(bus, launch):
    launch(bus, options=(*QUICK_LEASE, "--new-workflow-seconds", 1, "--unknown-workflow-seconds", 1))
    id = start_family(bus, 2, "no-such")
    record = bus.wait_for_end(id)
    assert record["status"] == "failed"
    error = json.loads(record["error"])
    assert "no-such" in record["error"] and "unknown_workflow" in record["error"], error
    check_none_is_left(bus, id)


def test_a_child_that_is_resumed_tells_its_parent_no_more(kin, tmp_path):
    remedy = tmp_path / "remedy"
    id = start_kin(kin, "trial", at="second", deed="fail", remedy=str(remedy))
    record = kin.wait_for_end(id)
    assert record["status"] == "failed" and record["resumable"] == "0"
    child = f"{id}//3"
    assert kin.record(child)["resumable"] == "1"
    remedy.touch()
    kin.resume(child)
    kin.wait_for(child, status="completed")
    assert kin.wait_for_end(child)["status"] == "completed"
    assert kin.record(id)["status"] == "failed"


def test_no_client_starts_a_child(family):
    for fields in ({"id": "x//1"}, {"id": "x//1", "parent": "y", "root": "x"}, {"id": "x", "parent": "x", "root": "x"}):
        entry = family.publish(("type", "start"), ("workflow", "numbers"), *fields.items())
        assert family.rejection(entry).data["code"] == "invalid_field"


def test_a_parent_that_is_resumed_has_other_children(bus, launch, launch_trial, gate):
    """Its first ones were cancelled with it."""
    launch(bus, options=QUICK_LEASE), launch_trial(bus, options=QUICK_LEASE)
    id = start_family(bus, 2, "trial", {"gate": gate.path}, timeout_ms=4_000)
    record = bus.wait_for_end(id)
    assert (record["status"], json.loads(record["error"])["code"], record["resumable"]) == ("failed", "workflow_timeout", "1")
    bus.wait_for_end(*(first := [f"{id}//1.{branch}" for branch in range(2)]))
    assert bus.statuses(first) == ["cancelled"] * 2
    gate.open()
    bus.redis.hdel(bus.key("run", id), "timeout_ms")  # so that there is time enough now
    mark = bus.mark()
    bus.resume(id)
    bus.wait_for_event(id, "run.resumed", after=mark)
    record = bus.wait_for_end(id)
    assert record["status"] == "completed", record
    again = f":1.{record['resumed']}"
    assert children_of(bus, id) == sorted(f"{id}//1.{branch}{later}" for branch in range(2) for later in ("", again))
    check_none_is_left(bus, id)
