"""A copy of Redis that is taken while runs are under way, restored into another server: what becomes of the runs, as docs/operations.md says."""
import json
import subprocess

import pytest

from support.bridge import QUICK_LEASE, Bridge
from support.bus import Bus, fresh
from support.event import text
from support.invariants import check_history, check_nothing_is_left, check_waits, stretches
from support.redis_server import RedisServer
from support.waiting import eventually

ORDER = {"sku": "A1", "quantity": 1}


def save(bus, file):
    """BGSAVE, and the file it has written."""
    before = bus.redis.lastsave()
    eventually(lambda: bus.now() // 1000 > before.timestamp(), "the second is over by which Redis tells saves apart")
    bus.redis.bgsave()
    eventually(lambda: bus.redis.lastsave() > before, "the snapshot is there")
    file.write_bytes((bus.server.folder / "dump.rdb").read_bytes())


def fetch(bus, file):
    """A snapshot over the network, as a replica gets it."""
    bus.redis.config_set("repl-diskless-sync-delay", 0)  # other replicas are not waited for
    subprocess.run(["redis-cli", "-s", str(bus.server.socket), "--rdb", str(file)], check=True, capture_output=True, timeout=30)


@pytest.fixture
def restore():
    """`restore(file)`: the bus on a new server that has what is in the snapshot, and an append-only file from then on."""
    servers = []

    def restore(file):
        servers.append(RedisServer())
        (servers[-1].folder / "dump.rdb").write_bytes(file.read_bytes())
        servers[-1].start("--appendonly", "no")
        bus = Bus(servers[-1])
        bus.redis.config_set("appendonly", "yes")
        eventually(lambda: bus.redis.info("persistence")["aof_rewrite_in_progress"] == 0
                   and (servers[-1].folder / "appendonlydir" / "appendonly.aof.manifest").exists(), "all of it is in the append-only file")
        servers[-1].restart()  # as it is to run from then on
        return Bus(servers[-1])

    yield restore
    for server in servers:
        for bridge in [bridge for bridge in Bridge.running if bridge.bus.server is server]:
            bridge.close()
        server.close()


@pytest.mark.parametrize("copy", [save, fetch])
def test_each_run_that_was_there_ends_once_on_the_restored_server(bus, launch, launch_trial, restore, gate, tmp_path, copy):
    before = [launch(bus, options=QUICK_LEASE), launch_trial(bus, options=QUICK_LEASE, max_runs=4)]
    over, waits, later, held, queued = fresh("over"), fresh("waits"), fresh("later"), [fresh("held") for _ in range(4)], fresh("queued")
    bus.start("numbers", {"batch_size": 100}, id=over)
    bus.start("order-fulfilment", {**ORDER, "await_payment": True}, id=waits)
    bus.start("numbers", {"batch_size": 7}, id=later, delay_ms=3_600_000)
    bus.schedule("nightly", workflow="numbers", cron="30 3 * * *", input={"batch_size": 5})
    bus.start_all([{"workflow": "trial", "id": id, "input": {"at": "second", "gate": gate.path, "tally": True}} for id in held])
    bus.wait_for_end(over), bus.wait_for_waiting(waits)
    eventually(lambda: bus.record(later).get("status") == "scheduled" and bus.is_scheduled("nightly"), "what is due later is known")
    for id in held:
        bus.wait_for(id, state="second")
    bus.start("trial", {"tally": True}, id=queued)  # the bridge has no slot for it
    file = tmp_path / "copy.rdb"
    copy(bus, file)
    assert bus.record(queued) == {} and bus.record(held[0])["state"] == "second"
    for bridge in before:
        bridge.kill()
    bus.server.stop(brutally=True)

    gate.open()
    there = restore(file)
    assert there.record(over)["output"] == "5050" and there.record(later)["status"] == "scheduled" and there.is_scheduled("nightly")
    check_waits(there, waits)
    shop, trials = launch(there, options=QUICK_LEASE), launch_trial(there, options=QUICK_LEASE)
    there.signal(waits, "payment-confirmed")
    there.wait_for_end(*held, queued, waits)
    stories = there.stories()
    for id in (*held, queued, waits, over):
        assert there.record(id)["status"] == "completed"
        check_history(there, id, stories[id], there.record(id))
        assert len(stretches(stories[id])) == 1, "it ended once"
    for id in (*held, queued):
        assert json.loads(there.record(id)["output"]) == ["first", "second", "third"]
        assert there.redis.hget(there.key("store", "tally"), id) == b"3", "what a step writes to a shared store is written once"
    assert {event.kind: event.data for event in stories[held[0]]}["run.resumed"]["by"] == "takeover"
    assert {stories[waits][-1].bridge, stories[queued][-1].bridge} == {shop.id, trials.id}
    there.cancel(later), there.wait_for_end(later)
    check_nothing_is_left(there, *held, queued, waits, over)
    assert not there.dead_letters()


def take(bus, queue="payments"):
    """A worker takes the only task of a queue: its fields."""
    [[_, [[_, task]]]] = eventually(lambda: bus.redis.xreadgroup("workers", "till", {bus.key("tasks", queue): ">"}), "a task is there")
    return {text(name): text(value) for name, value in task.items()}


def test_what_happened_after_the_copy_is_forgotten_and_happens_again_under_the_same_idempotency_key(bus, launch, restore, tmp_path):
    bridge = launch(bus, options=QUICK_LEASE)
    paid, new = fresh("paid"), fresh("new")
    bus.start("order-fulfilment", {**ORDER, "remote": True}, id=paid)
    bus.wait_for_waiting(paid)
    file = tmp_path / "copy.rdb"
    fetch(bus, file)
    first = take(bus)
    bus.publish(("type", "complete"), ("task", first["task"]), ("output", '{"receipt":"r-1"}'), to="results")
    bus.start("numbers", {"batch_size": 100}, id=new)
    bus.wait_for_end(paid, new)
    told = {event.id: event for event in bus.story(paid)}
    bridge.kill()
    bus.server.stop(brutally=True)

    there = restore(file)
    launch(there, options=QUICK_LEASE)
    assert there.record(paid)["status"] == "waiting", "the worker's answer is forgotten"
    second = take(there)
    assert (second["task"], second["idempotency_key"]) == (first["task"], first["idempotency_key"])
    there.publish(("type", "complete"), ("task", second["task"]), ("output", '{"receipt":"r-1"}'), to="results")
    assert there.wait_for_end(paid)["status"] == "completed"
    check_history(there, paid, there.story(paid), there.record(paid))
    again = {event.id for event in there.story(paid)}
    assert again == set(told), "its events are numbered as they were, so a reader that has remembered their ids takes them for known"
    # A run that began after the copy is unknown. Its producer, which has no answer from this server, publishes the start again.
    assert there.record(new) == {}
    there.start("numbers", {"batch_size": 100}, id=new, reply_to="producer")
    assert there.wait_for_end(new)["output"] == "5050" and [event.kind for event in there.wait_for_replies("producer")] == ["run.completed"]


def test_a_server_that_starts_with_an_append_only_file_does_not_read_the_copy(bus, tmp_path):
    bus.redis.set("cano:marker", "there")
    fetch(bus, tmp_path / "copy.rdb")
    server = RedisServer()
    (server.folder / "dump.rdb").write_bytes((tmp_path / "copy.rdb").read_bytes())
    try:
        with server.start().client() as client:
            assert client.dbsize() == 0
    finally:
        server.close()


