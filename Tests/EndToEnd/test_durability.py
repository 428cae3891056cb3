"""How safe a step has to be before the next begins: serve --durability."""
import subprocess

import pytest

from support.bus import Bus
from support.redis_server import RedisServer
from support.several_redis import Node
from support.waiting import eventually


@pytest.fixture
def pair():
    """A primary and its replica."""
    primary, replica = Node(), Node()
    try:
        primary.start("--repl-diskless-sync-delay", 0)
        replica.start("--replicaof", "127.0.0.1", primary.port, "--repl-diskless-sync-delay", 0)
        eventually(replica.is_linked, "the replica has caught up", within=30)
        yield primary, replica
    finally:
        primary.close()
        replica.close()


def types(bus, id):
    return [event.type.removeprefix("cano.") for event in bus.events() if event.id.startswith(id + "/")]


def test_no_task_begins_before_what_it_follows_from_is_at_the_replica(pair, launch):
    primary, replica = pair
    safe, plain = Bus(primary, "safe"), Bus(primary, "plain")
    bridge = launch(safe, options=["--durability", "replicas:1"])
    launch(plain)
    assert primary.client().hgetall("safe:durability") == {bridge.id.encode(): b"replicas:1"}
    assert list(primary.client().hgetall("plain:durability").values()) == [b"local"]
    eventually(lambda: "takes commands" in bridge.output(), "it is listed, and has heard that it is")
    replica.freeze()
    safe.start("numbers", {"batch_size": 10}, id="held")
    eventually(lambda: "run.started" in types(safe, "held"), "the primary has the first step")
    # Meanwhile whole runs pass on the same server.
    for number in range(20):
        plain.start("numbers", {"batch_size": 10}, id=f"free-{number}")
        plain.wait_for(f"free-{number}", status="completed")
    assert types(safe, "held") == ["run.started"]
    eventually(lambda: "waits for its copies" in bridge.output(), "the log says so")
    replica.thaw()
    safe.wait_for("held", status="completed")
    eventually(lambda: "the server confirms again" in bridge.output(), "the log says so")


def test_what_was_begun_is_there_when_the_replica_is_promoted(pair, launch, binary):
    primary, replica = pair
    bus = Bus(primary, "safe")
    bridge = launch(bus, options=["--durability", "replicas:1"])
    for number in range(50):
        bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "await_payment": True}, id=f"order-{number}")
    # Each has begun: what is past its start was made after the start was safe.
    for number in range(50):
        bus.wait_for_waiting(f"order-{number}")
    bridge.kill()
    primary.stop(brutally=True)
    with replica.client() as client:
        client.execute_command("REPLICAOF", "NO", "ONE")
    promoted = Bus(replica, "safe")
    assert {promoted.record(f"order-{number}")["state"] for number in range(50)} == {"await_payment"}
    # It has no replica of its own any more, so another level takes the runs over.
    launch(promoted, options=["--durability", "local"])
    for number in range(50):
        promoted.signal(f"order-{number}", "payment-confirmed", {"by": "bank"})
    for number in range(50):
        promoted.wait_for(f"order-{number}", status="completed")


def test_a_bridge_stops_in_its_time_although_nothing_is_confirmed(pair, launch):
    primary, replica = pair
    bus = Bus(primary, "safe")
    bridge = launch(bus, options=["--durability", "replicas:1", "--drain-seconds", 1, "--grace-seconds", 1])
    eventually(lambda: "takes commands" in bridge.output(), "it is listed, and has heard that it is")
    replica.freeze()
    bus.start("numbers", {"batch_size": 10}, id="held")
    eventually(lambda: "run.started" in types(bus, "held"), "the primary has the first step")
    bridge.terminate()
    bridge.exit_code(within=20)


def test_the_disk_confirms_where_the_server_can_and_a_bridge_says_where_it_can_not(server, bus, binary, launch):
    with server.client() as client:
        version = client.info("server")
    can = "valkey_version" in version or tuple(map(int, version["redis_version"].split(".")[:2])) >= (7, 2)
    if can:
        bridge = launch(bus, options=["--durability", "fsync"])
        bus.start("numbers", {"batch_size": 10}, id="n")
        bus.wait_for("n", status="completed")
        with server.client() as client:
            assert client.hgetall(f"{bus.prefix}:durability") == {bridge.id.encode(): b"fsync"}
            assert client.info("commandstats")["cmdstat_waitaof"]["calls"] > 0
        return
    done = subprocess.run([str(binary), "serve", "--redis", server.url, "--prefix", bus.prefix, "--samples", "--durability", "fsync"],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    assert "unknown command 'WAITAOF'" in done.stderr and "needs Redis 7.2 or Valkey 7.2" in done.stderr, done.stderr


def test_a_server_without_an_append_only_file_is_refused_for_the_disk(binary):
    server = RedisServer()
    try:
        server.start("--appendonly", "no")
        done = subprocess.run([str(binary), "serve", "--redis", server.url, "--samples", "--durability", "fsync"],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode != 0
        assert "appendonly yes" in done.stderr, done.stderr
    finally:
        server.close()


@pytest.mark.parametrize("level", ["safe", "replicas:0", "replicas:x", "replicas"])
def test_a_level_that_is_none_is_refused_with_those_there_are(binary, level):
    done = subprocess.run([str(binary), "serve", "--durability", level], capture_output=True, text=True, timeout=30)
    assert done.returncode == 64
    assert "choose local, fsync, or replicas: and how many" in done.stderr
