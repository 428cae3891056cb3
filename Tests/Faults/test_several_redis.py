"""Of several Redis servers one goes, or gives the bus away: bridges and clients follow, each run ends once, and the standstill is measured."""
import json
import time

import pytest
from support.bridge import Bridge
from support.bus import Bus, milliseconds
from support.load import Load
from support.processes import end, spawn
from support.redis_cluster import RedisCluster
from support.sentinel_trio import SentinelTrio
from support.waiting import eventually

OPTIONS = ["--lease-seconds", 6, "--heartbeat-seconds", 1]
PREFIX = "{cano}"


def close(servers):
    for bridge in [bridge for bridge in Bridge.running if bridge.bus.server is servers]:
        bridge.close()  # before its Redis, or it would wait for that to come back
    servers.close()


@pytest.fixture
def cluster():
    cluster = RedisCluster(PREFIX)
    try:
        yield cluster.start()
    finally:
        close(cluster)


@pytest.fixture
def trio():
    trio = SentinelTrio()
    try:
        yield trio.start()
    finally:
        close(trio)


class Failover:
    """Two bridges under a load, a client that follows the events, and what becomes of both when the servers change."""

    def __init__(self, servers, row, launch_trial, binary, folder, count=400):
        self.bus, self.row, self._folder = Bus(servers, PREFIX), row, folder
        self.bridges = [launch_trial(self.bus, options=OPTIONS, max_runs=32) for _ in range(2)]
        with open(folder / "events", "wb") as output, open(folder / "errors", "wb") as errors:
            self.follower = spawn(
                [str(binary), "events", "--follow", "--json", "--redis", servers.url, "--prefix", PREFIX], stdout=output, stderr=errors)
        eventually(self._begun, "the client follows", every=0.1)
        self.load = Load(self.bus, count, delay_ms=150).start()

    def _begun(self):
        # It says nothing when it begins to listen: a new run each time, until one is heard.
        self.bus.start("trial", {"delay_ms": 1})
        return self.seen()

    def seen(self):
        return [json.loads(line)["id"] for line in (self._folder / "events").read_text().split("\n")[:-1]]

    def under_way(self, share):
        eventually(lambda: self.load.ended() >= len(self.load.ids) * share, "the load goes on", within=90, every=0.005)
        assert self.load.ended() < len(self.load.ids), "too fast a machine for this test"

    def make(self, fault):
        """Makes a fault, and notes the longest time without an event from just before it until the load goes on."""
        begin = time.time() * 1_000
        fault()
        self.row.times += 1
        eventually(lambda: self._last() > begin, "events go on", within=60)
        before = self.load.ended()
        eventually(lambda: self.load.ended() > before + 20 or self.load.ended() == len(self.load.ids), "runs end again", within=60)
        moments = [milliseconds(event.entry) for event in self.bus.events(since=f"{int(begin) - 1_000}-0")]
        gaps = [later - earlier for earlier, later in zip(moments, moments[1:]) if later >= begin]
        self.row.seconds.append(max(gaps) / 1_000)

    def _last(self):
        return milliseconds(self.bus.mark())

    def judge(self):
        """A producer that does not know which of its starts are lost with what was not replicated publishes all of them again."""
        self.load.start()
        self.row.judge(self.bus, self.load)
        assert all(bridge.is_alive for bridge in self.bridges)
        published = [event.id for event in self.bus.events()]
        eventually(lambda: self.follower.poll() is not None or published[-1] in self.seen(), "the client has caught up")
        assert self.follower.poll() is None, (self._folder / "errors").read_text()
        seen = self.seen()
        # What was seen of a primary before it died and had not reached its replica is seen again, as it then happened.
        assert set(published[published.index(seen[0]):]) <= set(seen)
        end(self.follower)


@pytest.fixture
def failover(launch_trial, binary, tmp_path):
    made = []

    def begin(servers, row, **options):
        made.append(Failover(servers, row, launch_trial, binary, tmp_path, **options))
        return made[-1]

    yield begin
    for one in made:
        end(one.follower)


@pytest.mark.short
def test_the_primary_of_the_slot_is_killed_and_its_replica_promoted(cluster, failover, fault):
    it = failover(cluster, fault("cluster: SIGKILL of the primary (node timeout 1.5 s)"))
    it.under_way(0.2)
    killed = cluster.primary()
    it.make(lambda: killed.stop(brutally=True))
    assert cluster.primary() is not killed
    killed.start()
    eventually(lambda: cluster.shard()[1:] == [killed], "it is back as a replica", within=30, every=0.1)
    # And back again, to the one that was there at first.
    it.under_way(0.5)
    other = cluster.primary()
    it.make(lambda: other.stop(brutally=True))
    it.judge()


@pytest.mark.parametrize("servers, name", [
    ("cluster", "cluster: SIGSTOP of the primary (node timeout 1.5 s)"), ("trio", "Sentinel: SIGSTOP of the primary (down after 1 s)")])
def test_the_primary_hangs_and_a_replica_is_promoted(request, failover, fault, servers, name):
    servers = request.getfixturevalue(servers)
    it = failover(servers, fault(name))
    it.under_way(0.2)
    frozen = servers.primary()
    it.make(frozen.freeze)
    assert servers.primary() is not frozen
    frozen.thaw()
    eventually(lambda: frozen.role() == "slave", "it has become a replica", within=30, every=0.1)
    it.judge()


@pytest.mark.short
def test_a_failover_by_hand(cluster, failover, fault, times):
    it = failover(cluster, fault("cluster: CLUSTER FAILOVER"))
    # There and back. A third time the other primaries would refuse: they vote once for the replica of a primary within two node timeouts.
    for share in times([0.2, 0.5], [0.3]):
        it.under_way(share)
        primary, replica = cluster.shard()

        it.make(lambda: cluster.promote(replica))
        eventually(lambda: cluster.shard() == [replica, primary] and primary.is_linked(), "they have changed places", every=0.05)
    it.judge()


def test_the_slot_is_moved_to_another_primary_under_load(cluster, failover, fault):
    it = failover(cluster, fault("cluster: the slot moved to another primary, 20 keys at a time"))
    for share in (0.2, 0.6):
        it.under_way(share)
        source = cluster.primary()
        it.make(cluster.migrate)
        assert cluster.primary() is not source
    it.judge()


@pytest.mark.short
def test_sentinel_promotes_a_replica_of_a_killed_primary(trio, failover, fault):
    it = failover(trio, fault("Sentinel: SIGKILL of the primary (down after 1 s)"))
    it.under_way(0.2)
    killed = trio.primary()
    it.make(lambda: killed.stop(brutally=True))
    assert trio.primary() is not killed
    it.judge()
