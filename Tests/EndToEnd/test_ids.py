"""Run ids with separators in them are ids like any other: no id can name another run's keys."""
import pytest

from support.bus import fresh
from support.invariants import check_run
from support.waiting import eventually

KINDS = ("run", "log", "runstore")


@pytest.mark.parametrize("id", [
    "order-42:log", "x:store", "a/b@c", "run:x", "log:order-42", "runstore", ":", "..", "-", "@/:._-", "0-0",
    "store:shared", "commands", pytest.param("x" * 200, id="two-hundred-characters"),
])
def test_an_id_of_allowed_characters_runs_normally(run, shop, id):
    _, record, story = run("numbers", {"batch_size": 3}, id=id)
    assert record["output"] == "6"
    check_run(shop, id, story, record)
    assert [event.id for event in story] == [f"{id}/{number:010}" for number in (1, 2, 3)]


def test_an_id_that_looks_like_a_key_touches_no_neighbour(run, shop):
    # The neighbour waits for its payment, so it has a record, a log and a store: all there is to damage.
    name = fresh("neighbour")
    order = {"sku": "A1", "quantity": 1, "fail_at": "ship"}
    shop.start("order-fulfilment", {"sku": "A1", "quantity": 1, "await_payment": True}, id=name)
    shop.wait_for_waiting(name)
    shared = shop.key("store", name)
    shop.redis.hset(shared, "stock", "7")
    keys = [shop.key(kind, name) for kind in KINDS] + [shared]
    before = [(shop.redis.exists(key), shop.redis.dump(key)) for key in keys]
    assert all(exists for exists, _ in before), keys

    for shape in ("{}:log", "{}:run", "{}:runstore", "log:{}", "run:{}", "runstore:{}", "store:{}", "{}/0000000001",
                  "replies:{}", "cancel:{}", "{}:store"):
        id = shape.format(name)
        run("numbers", {"batch_size": 2}, id=id)
        _, record, _ = run("order-fulfilment", order, id=id + ":failed")
        assert record["status"] == "failed"
        assert shop.record(id)["output"] == "3"

    assert [(shop.redis.exists(key), shop.redis.dump(key)) for key in keys] == before
    assert all(shop.redis.pttl(key) == -1 for key in keys), "and they are kept as long as before"
    shop.signal(name, "payment-confirmed")
    assert shop.wait_for_end(name)["status"] == "completed"


def test_an_id_belongs_to_one_prefix(shop, standing):
    other = standing.bus("cano-elsewhere")
    id = fresh()
    shop.start("numbers", {"batch_size": 2}, id=id)
    other.start("numbers", {"batch_size": 3}, id=id)
    assert shop.wait_for_end(id)["output"] == "3"
    assert other.wait_for_end(id)["output"] == "6"
    check_run(other, id, other.story(id), other.record(id))


@pytest.mark.parametrize("entry", ["9223372036854775807-0", "18446744073709551615-1", "0-1"])
def test_entry_ids_of_a_producers_own_harm_nobody(launch, bus, entry):
    bridge = launch(bus, options=["--unknown-workflow-seconds", 3, "--drain-seconds", 1, "--grace-seconds", 1, "--heartbeat-seconds", 1])
    bus.redis.xadd(bus.key("commands"), {"type": "start", "workflow": "no-such-workflow"}, id=entry)
    # Published long ago or in the future: it waits for a bridge that has its workflow as long as others do.
    eventually(lambda: bus.pending() == 1, "a bridge has been handed the command")
    assert not bus.dead_letters() and bridge.is_alive
    eventually(bus.dead_letters, "it is a dead letter")
    bridge.terminate()
    assert bridge.exit_code(within=10) == 0
