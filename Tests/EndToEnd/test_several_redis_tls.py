"""A bus on a Redis Cluster and behind Sentinel where everything speaks TLS, with certificates on both sides."""
import json
import subprocess

import pytest

from support.bridge import Bridge
from support.bus import Bus, fresh
from support.certificates import Certificates, server_speaks_tls
from support.redis_cluster import RedisCluster
from support.sentinel_trio import SentinelTrio
from support.shards import Shards
from support.waiting import eventually

pytestmark = [
    pytest.mark.xdist_group("several redis, TLS"),
    pytest.mark.skipif(not server_speaks_tls(), reason="this redis-server was built without TLS"),
]
COUNT = 3  # shards, whose slots are on three nodes


@pytest.fixture(params=[RedisCluster, SentinelTrio], ids=["cluster", "sentinels"])
def kind(request):
    return request.param


@pytest.fixture
def certificates(request, tmp_path):
    """Of the servers' address, or of the host that the test says."""
    return Certificates(tmp_path, host=getattr(request, "param", None))


@pytest.fixture
def servers(kind, certificates):
    servers = kind(certificates=certificates)
    try:
        yield servers.start()
    finally:
        for bridge in [bridge for bridge in Bridge.running if getattr(bridge.bus.server, "nodes", None) is servers.nodes]:
            bridge.close()
        servers.close()


def command(binary, url, *arguments, prefix="{cano-0}"):
    return subprocess.run([str(binary), *arguments, "--redis", url, "--prefix", prefix], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60)


def test_shards_are_served_over_tls_before_and_after_a_failover(servers, launch, binary):
    shards = Shards(servers, COUNT, "cano")
    bridge = launch(shards[0], options=shards.options())
    for bus in shards:
        eventually(lambda: bus.bridges() == {bridge.id}, f"it serves {bus.prefix}", within=60)
    run_on_each(shards, binary)
    killed = shards[0].server.primary()
    killed.stop(brutally=True)
    eventually(lambda: shards[0].server.have_left(killed), "a replica is promoted", within=60, every=0.1)
    run_on_each(shards, binary)
    assert bridge.is_alive


def run_on_each(shards, binary):
    """A run on each shard, started by the command line over TLS."""
    left = set(range(COUNT))
    while left:
        home = shards.home(id := fresh("secret"))
        if home is not shards[min(left)]:
            continue
        started = subprocess.run(
            [str(binary), "start", "numbers", "--wait", "--input", '{"batch_size":100}', "--id", id, "--redis", home.server.url,
             "--prefix", shards.prefix, "--shards", str(COUNT)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert started.returncode == 0 and json.loads(started.stdout) == 5050, started.stderr
        # Right after a failover a client may still be led to what is a replica by now, and is a moment behind.
        eventually(lambda: home.record(id).get("status") == "completed", f"the record of {id} says that it is over")
        left.remove(min(left))


@pytest.mark.parametrize("certificates", ["redis.example.org"], indirect=True)
def test_what_does_not_agree_about_tls_is_told(servers, binary, certificates):
    def refused(url):
        done = command(binary, url, "runs")
        assert done.returncode != 0, url
        return done.stderr

    url, name = servers.url, "&ssl_server_name=redis.example.org"
    assert url.endswith(name) and command(binary, url, "runs").returncode == 0
    bare = url.partition("?")[0]
    anonymous, misnamed = f"{bare}?ssl_ca_certs={certificates.authority}{name}", url.replace(name, "&ssl_server_name=redis.example.com")
    for other in (bare, anonymous, url.removesuffix(name), misnamed):
        assert "check the authority, the host name and the client certificate" in refused(other), other
    refused(bare.replace("rediss", "redis"))
