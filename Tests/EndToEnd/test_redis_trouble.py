"""Redis forgets scripts, restarts, loses its groups: nothing is lost and nothing happens twice."""
import json
import threading
import time

import pytest

from support.bus import fresh
from support.invariants import check_runs
from support.processes import end, spawn
from support.waiting import eventually

ORDER = {"sku": "A1", "quantity": 1, "delay_ms": 40}


def commands(count):
    """A mixed load: quick sums and orders of three short states."""
    return [{"workflow": "numbers", "id": fresh(), "input": {"batch_size": 10}} if number % 2 else
            {"workflow": "order-fulfilment", "id": fresh(), "input": ORDER} for number in range(count)]


def completed(bus, load):
    return bus.statuses([command["id"] for command in load]).count("completed")


def check_all_completed(bus, load, within=60):
    ids = [command["id"] for command in load]
    bus.wait_for_end(*ids, within=within)
    stories = check_runs(bus, ids)
    assert {story[-1].type for story in stories.values()} == {"cano.run.completed"}
    bus.wait_until_quiet()


def test_script_flush_in_the_middle_of_a_load(launch, bus):
    launch(bus, max_runs=32), launch(bus, max_runs=32)
    load, over = commands(800), threading.Event()

    def flush():
        client = bus.server.client()
        while not over.wait(0.02):
            client.script_flush()

    flusher = threading.Thread(target=flush)
    flusher.start()
    try:
        bus.start_all(load)
        check_all_completed(bus, load)
    finally:
        over.set()
        flusher.join()


@pytest.mark.parametrize("server, brutally", [("everysec", False), ("always", True)], indirect=["server"],
                         ids=["SIGTERM", "SIGKILL"])
def test_a_restart_of_redis_with_its_append_only_file_in_the_middle_of_a_load(launch, bus, brutally):
    # Killed, it may forget what it has not yet written; with `always` that is nothing it has answered for.
    bridges = [launch(bus, max_runs=32) for _ in range(2)]
    load = commands(800)
    bus.start_all(load)
    eventually(lambda: completed(bus, load) >= 100, "the load is under way", every=0.001)
    assert completed(bus, load) < 800, "too fast a machine for this test"
    bus.server.restart(brutally)
    check_all_completed(bus, load, within=90)
    assert all(bridge.is_alive for bridge in bridges)


@pytest.mark.parametrize("server, brutally", [("everysec", False), ("always", True)], indirect=["server"],
                         ids=["SIGTERM", "SIGKILL"])
def test_who_follows_the_events_sees_each_once_and_in_order_through_restarts_of_redis(launch, bus, binary, tmp_path, brutally):
    launch(bus, max_runs=8)
    lines = tmp_path / "events.jsonl"
    with open(lines, "wb") as output, open(tmp_path / "stderr", "wb") as errors:
        follower = spawn([str(binary), "events", "--follow", "--json", "--redis", bus.server.url], stdout=output, stderr=errors)

    def seen():
        return [json.loads(line)["id"] for line in lines.read_text().split("\n")[:-1]]

    def begun():
        # It says nothing when it begins to listen: a new run each time, until one is heard.
        bus.start("numbers", {"batch_size": 3})
        return seen()

    try:
        eventually(begun, "it follows", every=0.1)
        for _ in range(2):
            load = commands(100)
            bus.start_all(load)
            eventually(lambda: completed(bus, load) >= 20, "the load is under way", every=0.001)
            assert completed(bus, load) < 100, "too fast a machine for this test"
            bus.server.stop(brutally)
            time.sleep(1)  # the outage itself, not a wait for something
            bus.server.start()
            check_all_completed(bus, load)
        published = [event.id for event in bus.events()]
        published = published[published.index(seen()[0]):]
        eventually(lambda: follower.poll() is not None or len(seen()) >= len(published), "it has caught up")
        assert follower.poll() is None, (tmp_path / "stderr").read_text()
        assert seen() == published
    finally:
        end(follower)


def test_a_producer_that_repeats_everything_after_a_restart_runs_nothing_twice(launch, bus):
    launch(bus, max_runs=32), launch(bus, max_runs=32)
    load = commands(300)
    bus.start_all(load)
    eventually(lambda: completed(bus, load) >= 50, "the load is under way", every=0.001)
    bus.server.restart()
    bus.start_all(load)
    check_all_completed(bus, load, within=90)


def test_redis_away_for_some_seconds_is_waited_for(launch, bus):
    bridge = launch(bus)
    bus.server.stop()
    time.sleep(3)  # the outage itself, not a wait for something
    bus.server.start()
    assert bridge.is_alive
    load = commands(20)
    bus.start_all(load)
    check_all_completed(bus, load)


def test_groups_destroyed_in_the_middle_of_a_load(launch, bus):
    launch(bus, max_runs=16), launch(bus, max_runs=16)
    load = commands(800)
    for part in range(0, 800, 100):
        bus.start_all(load[part:part + 100])
        eventually(lambda: completed(bus, load) >= part // 2, "some of it is done")
        for stream in ("commands", "control"):
            bus.redis.xgroup_destroy(bus.key(stream), "bridges")
    eventually(lambda: bus.redis.xinfo_groups(bus.key("commands")), "the group is there again")
    check_all_completed(bus, load)


def test_inbound_streams_deleted_while_idle_come_back(launch, bus):
    bridge = launch(bus)
    bus.redis.delete(bus.key("commands"), bus.key("control"))
    load = commands(20)
    bus.start_all(load)
    check_all_completed(bus, load)
    assert bridge.is_alive
    entry = bus.publish(("type", "launch"), to="control")
    bus.wait_for_dead_letter(entry)


def test_connections_cut_in_the_middle_of_a_load(launch, bus):
    bridges = [launch(bus, max_runs=32) for _ in range(2)]
    load = commands(800)
    bus.start_all(load)
    for share in (50, 150, 300, 450):
        eventually(lambda: completed(bus, load) >= share, "the load goes on", every=0.002)
        bus.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    check_all_completed(bus, load)
    assert all(bridge.is_alive for bridge in bridges)
