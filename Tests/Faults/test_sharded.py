"""A bus of sixteen shards on a cluster and behind sentinels, under runs: servers and bridges die, slots move, nodes come and go.

What a primary had not replicated when it died is gone, as Redis says; what of that clients had been told already is counted beside the row.
"""
import time
from contextlib import ExitStack, contextmanager

import pytest

from sharded_loads import ShardedTrial
from support.bridge import TRIALS
from support.crew import Crew
from support.redis_cluster import RedisCluster
from support.sentinel_trio import SentinelTrio
from support.shards import Shards
from support.waiting import eventually

COUNT = 16
ON_CLUSTER, BEHIND_SENTINEL = f"{COUNT} shards on a cluster, bridges killed, too", f"{COUNT} shards behind Sentinel, bridges killed, too"
OPTIONS = ("--lease-seconds", 6, "--heartbeat-seconds", 1)


@pytest.fixture
def cluster():
    cluster = RedisCluster()
    try:
        yield cluster.start()
    finally:
        cluster.close()


@pytest.fixture
def trio():
    trio = SentinelTrio()
    try:
        # As docs/operations.md has it: a primary that was replaced and does not know takes no writes.
        yield trio.start("--min-replicas-to-write", 1, "--min-replicas-max-lag", 10)
    finally:
        trio.close()


@pytest.fixture
def trial(trial_binary, fault):
    """`trial(servers, "fault", count)`: three bridges, and so many runs at least; ended with the test, however it ends."""
    def begin(servers, name, count, **load):
        shards = Shards(servers, COUNT, "cano")
        crew = Crew(trial_binary, shards[0], size=3, max_runs=192, workflows=TRIALS, options=(*OPTIONS, *shards.options()))
        stack.enter_context(crew)
        for bus in shards:
            eventually(lambda: len(bus.bridges()) == 3, f"the bridges serve {bus.prefix}", within=60)
        trial = ShardedTrial(shards, crew, fault(name), count, servers.REPLICAS, **load)
        stack.callback(trial.close)
        return trial.start()

    with ExitStack() as stack:
        yield begin


@contextmanager
def cut_off(replica, primary):
    """The replica has no link to its primary meanwhile, which won't let it in with this password."""
    with replica.client() as client:
        client.config_set("masterauth", "wrong")
    with primary.client() as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "replica")
    try:
        yield
    finally:
        with replica.client() as client:
            client.config_set("masterauth", "")


@pytest.mark.short
def test_each_primary_of_a_cluster_is_killed_in_turn_and_brought_back(cluster, trial, times):
    it = trial(cluster, f"{ON_CLUSTER}: SIGKILL of each primary in turn (node timeout 1.5 s)", times(6_000, 600))
    for number, primary in enumerate(times(cluster.primaries(), cluster.primaries()[:1])):
        it.under_way(0.1 + 0.25 * number)
        it.make(lambda: primary.stop(brutally=True))
        primary.start()
        eventually(cluster.is_settled, "it is back as a replica", within=60, every=0.2)
    it.judge()


def test_a_primary_is_killed_whose_replica_had_lost_touch_with_it(cluster, trial):
    """What it takes until then is lost, and done again; what `WAIT` has confirmed is there."""
    it = trial(cluster, f"{ON_CLUSTER}: SIGKILL of each primary in turn, half a second after its replica was cut off", 4_000)
    for number, primary in enumerate(cluster.primaries()):
        it.under_way(0.1 + 0.25 * number)
        replica = cluster.replica_of(primary)

        def kill():
            with cut_off(replica, primary):
                time.sleep(0.5)  # so much is lost
                primary.stop(brutally=True)

        it.make(kill)
        primary.start()
        eventually(cluster.is_settled, "it is back as a replica", within=60, every=0.2)
    it.judge()
    assert it.row.told.taken_lost > 0, "the replicas were behind"


def test_the_slot_of_each_shard_is_moved_under_load(cluster, trial):
    it = trial(cluster, f"{ON_CLUSTER}: the slot of each in turn moved to another primary", 5_000)
    for number, client in enumerate(it.clients):
        it.under_way(0.05 * number)
        it.make(client.bus.server.migrate, of=lambda _: [number])
    it.judge()


def test_replicas_are_promoted_by_hand(cluster, trial):
    it = trial(cluster, f"{ON_CLUSTER}: CLUSTER FAILOVER of each primary in turn", 4_000)
    for number, primary in enumerate(cluster.primaries()):
        it.under_way(0.1 + 0.25 * number)
        replica = cluster.replica_of(primary)
        it.make(lambda: cluster.promote(replica))
        eventually(cluster.is_settled, "they have changed places", within=60, every=0.2)
    it.judge()


def test_a_node_comes_takes_its_share_of_the_slots_and_leaves(cluster, trial):
    """As an operator does it, with `redis-cli --cluster`: add-node, rebalance, and all of it back."""
    it = trial(cluster, f"{ON_CLUSTER}: a node added, its share of all slots moved there and back, and it removed", 5_000, delay_ms=1_000)

    def rebalance(weights=None):
        before = [client.bus.server.primary() for client in it.clients]
        cluster.rebalance(weights)
        return [number for number, client in enumerate(it.clients) if client.bus.server.primary() is not before[number]]

    it.under_way(0.1)
    added = cluster.join()
    it.make(rebalance, of=lambda moved: moved)
    assert any(client.bus.server.primary() is added[0] for client in it.clients), "it serves shards now"
    eventually(cluster.is_settled, "all agree", within=60, every=0.2)
    it.under_way(0.6)
    it.make(lambda: rebalance({added[0]: 0}), of=lambda moved: moved)
    eventually(cluster.is_settled, "all agree", within=60, every=0.2)
    cluster.leave(*reversed(added))
    it.judge()


def has_followed(trio, replaced):
    """Whether another is the primary, and the one before it is its replica."""
    return trio.have_left(replaced) and replaced.role() == "slave" and replaced.is_linked()


def test_sentinels_replace_a_primary_that_was_killed(trio, trial):
    it = trial(trio, f"{BEHIND_SENTINEL}: SIGKILL of the primary (down after 1 s)", 3_000)
    for share in (0.1, 0.5):
        it.under_way(share)
        killed = trio.primary()
        it.make(lambda: killed.stop(brutally=True))
        killed.start()
        eventually(lambda: has_followed(trio, killed), "it is back as a replica", within=60, every=0.2)
    it.judge()


def test_sentinels_replace_a_primary_that_hangs(trio, trial):
    it = trial(trio, f"{BEHIND_SENTINEL}: SIGSTOP of the primary (down after 1 s)", 3_000)
    for share in (0.1, 0.5):
        it.under_way(share)
        frozen = trio.primary()
        it.make(frozen.freeze)
        frozen.thaw()
        eventually(lambda: has_followed(trio, frozen), "it has become a replica", within=60, every=0.2)
    it.judge()


@pytest.mark.parametrize("pauses", [False, True], ids=["at once", "once writes are paused"])
def test_a_primary_is_replaced_by_hand(trio, trial, pauses):
    """Sentinels don't ask it: what it takes until it notices is lost, and done again."""
    it = trial(trio, f"{BEHIND_SENTINEL}: {'CLIENT PAUSE WRITE at the primary, then ' * pauses}SENTINEL FAILOVER", 3_000)

    def replace():
        primary = trio.primary()
        if pauses:
            with primary.client() as client:
                client.execute_command("CLIENT", "PAUSE", 15_000, "WRITE")
                eventually(lambda: is_replicated(client.info("replication")), "the replicas have caught up", within=10)
        trio.fail_over()
        eventually(lambda: has_followed(trio, primary), "another is the primary", within=60, every=0.05)

    for share in (0.1, 0.5):
        it.under_way(share)
        it.make(replace)
    it.judge()
    told = it.row.told
    assert not pauses or told.taken_lost == told.gone == told.twice == 0, "nothing was written in between"


def is_replicated(said):
    return all(said[f"slave{number}"]["offset"] == said["master_repl_offset"] for number in range(said["connected_slaves"]))
