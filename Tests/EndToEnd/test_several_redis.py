"""A bus on a Redis Cluster, and on a primary that sentinels watch: every program finds its server and follows it."""
import json
import os
import re
import socket
import subprocess

import pytest

from support.bridge import REPOSITORY, Bridge
from support.bus import Bus, fresh
from support.processes import end, spawn
from support.redis_cluster import RedisCluster
from support.redis_server import free_port
from support.sentinel_trio import SentinelTrio
from support.shards import shard_of
from support.waiting import eventually

PREFIX = "{cano}"
ORDER = {"sku": "A1", "quantity": 1, "await_payment": True}
pytestmark = pytest.mark.xdist_group("several redis")  # six nodes take some seconds to become a cluster


@pytest.fixture(scope="module")
def cluster():
    cluster = RedisCluster(PREFIX)
    try:
        yield cluster.start()
    finally:
        cluster.close()


@pytest.fixture
def trio():
    trio = SentinelTrio(password="of-sentinels")
    try:
        yield trio.start()
    finally:
        for bridge in [bridge for bridge in Bridge.running if bridge.bus.server is trio]:
            bridge.close()
        trio.close()


def command(binary, url, *arguments, prefix=PREFIX):
    return subprocess.run([str(binary), *arguments, "--redis", url, "--prefix", prefix], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60)


def gone():
    """The address of a node that is not there."""
    return f"redis://127.0.0.1:{free_port()}"


def test_every_program_finds_the_node_of_its_slot_by_one_seed_that_lives(cluster, launch, binary):
    shard = cluster.shard()
    # A replica of another shard knows, and the seeds before it are gone.
    stranger = next(node for node in cluster.nodes if node not in shard and node.role() == "slave")
    url = f"{gone()},127.0.0.1:{free_port()},127.0.0.1:{stranger.port}"
    bus = Bus(cluster, PREFIX)
    launch(bus, url=url)
    started = command(binary, url, "start", "numbers", "--wait", "--input", '{"batch_size":100}', "--id", id := fresh())
    assert started.returncode == 0 and json.loads(started.stdout) == 5050, started.stderr
    for words in (["status", id], ["runs"], ["workflows"], ["schedules"], ["tasks"], ["dead-letters"]):
        done = command(binary, url, *words)
        assert done.returncode == 0, (words, done.stderr)
    found = {one["subject"]: one for one in map(json.loads, command(binary, url, "doctor").stdout.splitlines())}
    assert found["bridges"]["severity"] == "fine" and "cluster" not in found["server"]["finding"], found["server"]
    assert bus.record(id)["status"] == "completed"


def test_a_prefix_without_a_tag_is_refused_on_a_cluster(cluster, binary):
    done = subprocess.run([str(binary), "serve", "--samples", "--redis", cluster.url, "--prefix", "cano"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "{cano-0}" in done.stderr


def test_several_servers_that_are_no_cluster_are_refused_with_what_to_write(shared_server, binary):
    done = command(binary, f"redis://127.0.0.1:{shared_server.port},127.0.0.1:{shared_server.port}", "runs")
    assert done.returncode != 0 and "redis+sentinel://" in done.stderr


def test_a_user_who_may_not_ask_for_slots_goes_where_moved_sends(cluster, binary):
    primaries = cluster.primaries()
    for node in primaries:
        with node.client() as client:
            client.execute_command("ACL", "SETUSER", "limited", "on", ">p", "~*", "&*", "+@all", "-cluster")
    stranger = next(node for node in primaries if node is not cluster.primary())
    done = command(binary, f"redis://limited:p@127.0.0.1:{stranger.port}", "runs")
    assert done.returncode == 0, done.stderr


def test_a_run_that_waits_goes_on_where_its_slot_has_gone(cluster, launch):
    bus = Bus(cluster, PREFIX)
    bridge = launch(bus)
    bus.start("order-fulfilment", ORDER, id=(id := fresh()))
    bus.wait_for_waiting(id)
    source = cluster.primary()
    target = cluster.migrate()
    assert cluster.primary() is target and target is not source
    bus.signal(id, "payment-confirmed")
    assert bus.wait_for_end(id)["status"] == "completed"
    assert bridge.is_alive


def test_a_command_that_is_given_while_its_slot_is_on_its_way_waits_for_it(cluster, launch, binary, tmp_path):
    bus = Bus(cluster, PREFIX)
    launch(bus)
    source = cluster.primary()
    before = refused(source, "xadd")
    with cluster.migrating(), open(tmp_path / "out", "wb") as output, open(tmp_path / "err", "wb") as errors:
        client = spawn([str(binary), "start", "numbers", "--input", '{"batch_size":100}', "--id", id := fresh(), "--redis", cluster.url,
                        "--prefix", PREFIX], stdout=output, stderr=errors)
        # What a bridge adds to a stream, scripts do: it is the client that is refused, again and again.
        eventually(lambda: refused(source, "xadd") > before + 1 or client.poll() is not None, "it is refused")
        assert client.poll() is None, (tmp_path / "err").read_text()
    assert client.wait(20) == 0, (tmp_path / "err").read_text()
    assert bus.wait_for_end(id)["status"] == "completed"


def refused(node, command):
    """How often a node has refused this command before it was executed."""
    with node.client() as client:
        return client.info("commandstats").get(f"cmdstat_{command}", {}).get("rejected_calls", 0)


def test_sentinels_that_want_a_password_name_the_primary_though_one_of_them_is_gone(trio, launch, binary):
    trio.end_sentinel(0)
    bus = Bus(trio, "cano")
    launch(bus)
    started = command(binary, trio.url, "start", "numbers", "--wait", "--input", '{"batch_size":100}', "--id", id := fresh(), prefix="cano")
    assert started.returncode == 0 and json.loads(started.stdout) == 5050, started.stderr
    assert bus.record(id)["status"] == "completed"
    shown = subprocess.run([str(binary), "config", "--redis", trio.url], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert "sentinel_password=***" in shown.stdout and "of-sentinels" not in shown.stdout


def test_what_is_wrong_with_the_address_of_sentinels_is_told(trio, binary, shared_server):
    for url, told in [
        (trio.url.replace("/orders", "/others"), "knows no primary called others"),
        (trio.url.partition("?")[0], "sentinel_password"),
        (f"redis+sentinel://127.0.0.1:{shared_server.port}/orders", "must be a sentinel"),
    ]:
        done = command(binary, url, "runs", prefix="cano")
        assert done.returncode != 0 and told in done.stderr, (url, done.stderr)


@pytest.mark.parametrize("script, prefix", [("local-cluster.sh", "{cano}"), ("local-sentinels.sh", "cano")])
def test_the_scripts_bring_up_what_a_bridge_can_be_tried_on_and_leave_nothing(binary, tmp_path, script, prefix):
    with open(tmp_path / "out", "wb") as output, open(tmp_path / "err", "wb") as errors:
        process = spawn(["bash", str(REPOSITORY / "deploy" / script), str(ports_in_a_row(7))], stdout=output, stderr=errors,
                        env=dict(os.environ, TMPDIR=str(tmp_path)))
    try:
        told = eventually(lambda: process.poll() is not None or re.search(r"^Redis: (\S+)$", (tmp_path / "out").read_text(), re.M), "it is up", 60)
        assert process.poll() is None, (tmp_path / "err").read_text()
        done = command(binary, told[1], "runs", prefix=prefix)
        assert done.returncode == 0, done.stderr
    finally:
        end(process, patience=20)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["err", "out"]


def ports_in_a_row(count):
    """The first of so many ports in a row that are free, as are those 1,000 higher."""
    def is_free(port):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return True
            except OSError:
                return False

    while True:
        first = free_port()
        if all(is_free(port) and is_free(port + 1_000) for port in range(first, first + count)):
            return first


def test_shards_whose_node_hangs_are_named_and_keep_no_others_from_their_work(cluster, launch, binary):
    def bus_of(shard):
        return Bus(cluster.serving(prefix := f"{{six-{shard}}}"), prefix)

    def start(shard):
        id = next(id for id in iter(fresh, None) if shard_of(id, 6) == shard)
        buses[shard].start("numbers", {"batch_size": 3}, id=id)
        return id

    def arrive(at):
        launch(buses[at[0]], url=cluster.seeds(*cluster.nodes), options=("--prefix", "{six}", "--shards", 6))
        count = len(buses[at[0]].bridges())
        for shard in at:
            eventually(lambda: len(buses[shard].bridges()) == count, f"it serves shard {shard}")

    buses = [bus_of(shard) for shard in range(6)]
    arrive(at=range(6))
    hanging = buses[0].server.shard()  # the primary and its replica: none takes its place
    others = [shard for shard in range(6) if buses[shard].server.shard()[0] is not hanging[0]]
    assert 0 < len(others) < 6
    for node in hanging:
        node.freeze()
    try:
        for shard in others:
            buses[shard].wait_for_end(start(shard))
        arrive(at=others)  # one that is started now serves them, too
        url = cluster.seeds(*(node for node in cluster.nodes if node not in hanging))
        away = {f"{{six-{shard}}}" for shard in range(6) if shard not in others}
        for words in (["runs"], ["dead-letters"], ["schedules"]):
            done = command(binary, url, *words, "--shards", "6", prefix="{six}")
            assert done.returncode == 1 and done.stdout == "" and any(f'shard "{prefix}"' in done.stderr for prefix in away), done.stderr
        done = command(binary, url, "start", "numbers", "--id", start(others[0]), "--input", '{"batch_size":3}', "--wait", "--shards", "6", prefix="{six}")
        assert (done.returncode, done.stdout) == (0, "6\n"), done.stderr
        done = command(binary, url, "doctor", "--shards", "6", prefix="{six}")
        silent = [one for one in map(json.loads, done.stdout.splitlines()) if "can't be asked" in one["finding"]]
        assert done.returncode == 3 and {prefix for one in silent for prefix in one["shards"]} == away, done.stdout + done.stderr
    finally:
        for node in hanging:
            node.thaw()
    for shard in range(6):
        assert buses[shard].wait_for_end(start(shard))["output"] == "6"
        eventually(lambda: len(buses[shard].bridges()) == 2, f"both serve shard {shard}", within=60)
