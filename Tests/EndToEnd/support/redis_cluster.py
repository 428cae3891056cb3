"""A Redis Cluster on loopback: three primaries and three replicas, and more that come and go."""
import subprocess
import time
from contextlib import contextmanager

import redis
from redis.exceptions import RedisError

from .event import text
from .redis_server import free_port
from .several_redis import Node, Several
from .waiting import eventually


class RedisCluster(Several):
    """Three primaries and three replicas; `primary()` is the one that serves the slot of `prefix`."""

    REPLICAS = 1  # of each primary
    NODE_TIMEOUT = 1_500  # milliseconds until a node that is silent is taken for gone

    def __init__(self, prefix="{cano}", certificates=None):
        super().__init__(6, certificates)
        self.prefix = prefix
        self.url = self.seeds(*self.nodes)

    def seeds(self, *nodes):
        addresses = ",".join(map(self._address, nodes))
        return f"{self._scheme()}://{addresses}" + (f"?{self.certificates.query}" if self.certificates else "")

    @staticmethod
    def _address(node):
        return f"127.0.0.1:{node.port}"

    def start(self):
        for node in self.nodes:
            self._start(node)
        self._cli("create", *map(self._address, self.nodes), "--cluster-replicas", 1, "--cluster-yes")
        eventually(lambda: all(self._agrees(node) for node in self.nodes), "all nodes know the cluster", within=60, every=0.1)
        return self

    def _start(self, node):
        node.start(
            "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", self.NODE_TIMEOUT,
            # Beside the ports of the other tests, of which the standard one, 10,000 higher, may be one.
            "--cluster-port", free_port(), "--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", 0)

    def _cli(self, *words):
        """What an operator would type after `redis-cli --cluster`."""
        own = self.certificates.cli_options if self.certificates else []
        done = subprocess.run(["redis-cli", *own, "--cluster", *map(str, words)], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{words}\n{done.stdout[-3_000:]}\n{done.stderr}"
        return done.stdout

    def _agrees(self, node):
        slots = self._ask(node, "CLUSTER", "SLOTS")
        served = len(slots) == 3 and all(len(range_) == 4 for range_ in slots)
        return served and (node.role() == "master" or node.is_linked())

    def is_settled(self):
        """Whether every slot has a primary, every primary a replica that has caught up, and `redis-cli` finds nothing wrong."""
        try:
            replicated = {nodes[0][1] for _, _, *nodes in self._slots() if len(nodes) > 1}
            linked = all(node.role() == "master" or node.is_linked() for node in self.nodes)
            return linked and {node.port for node in self.primaries()} == replicated and bool(self._cli("check", self._address(self.nodes[0])))
        except (RedisError, LookupError, AssertionError):
            return False

    def join(self):
        """A primary without slots and its replica come to the cluster; both."""
        for asked in ([], ["--cluster-slave", "--cluster-master-id"]):
            node, member = Node(self.certificates), self._address(self.primary())
            self._start(node)
            self._cli("add-node", self._address(node), member, *asked, *([self.id_of(self.nodes[-1])] if asked else []))
            self.nodes.append(node)
            eventually(lambda: len({line.split()[0] for line in self._known(node)}) == len(self.nodes), "it knows all", within=30, every=0.1)
            id = self.id_of(node)
            eventually(lambda: all(id in " ".join(self._known(other)) for other in self.nodes), "all know it", within=30, every=0.1)
        return self.nodes[-2:]

    def _known(self, node):
        lines = text(self._ask(node, "CLUSTER", "NODES")).splitlines()
        return [line for line in lines if "handshake" not in line]

    def rebalance(self, weights=None):
        """Slots are moved until each primary has its share; `weights` says of some nodes how large theirs is, 1 else."""
        words = [f"{self.id_of(node)}={weight}" for node, weight in (weights or {}).items()]
        self._cli("rebalance", self._address(self.primary()), "--cluster-use-empty-masters", "--cluster-threshold", 1,
                  *(["--cluster-weight", *words] if words else []))

    def leave(self, *nodes):
        """These nodes, which have no slots any more, are forgotten by the others, and end."""
        for node in nodes:
            id = self.id_of(node)
            self.nodes.remove(node)
            self._cli("del-node", self._address(self.nodes[0]), id)
            node.close()

    def _slots(self):
        """`CLUSTER SLOTS` of a node that lives."""
        for node in self.nodes:
            try:
                with node.client(socket_timeout=0.5) as client:
                    return client.execute_command("CLUSTER", "SLOTS")
            except RedisError:
                continue
        raise LookupError("no node answers")

    @staticmethod
    def _ask(node, *words):
        with node.client(socket_timeout=5) as client:
            return client.execute_command(*words)

    def shard(self):
        """The nodes of the slot, its primary first."""
        slot = redis.crc.key_slot(self.prefix.encode())
        for first, last, *nodes in self._slots():
            if first <= slot <= last:
                return [self.node_at(port) for _, port, *_ in nodes]
        raise LookupError("no node serves the slot")

    def primary(self):
        """Where the slot is: one that lives and says it is no replica."""
        node = self.shard()[0]
        if node.role() != "master":
            raise LookupError("the cluster has not settled")
        return node

    def id_of(self, node):
        return text(self._ask(node, "CLUSTER", "MYID"))

    def primaries(self):
        """Those that have slots."""
        return list(dict.fromkeys(self.node_at(nodes[0][1]) for _, _, *nodes in self._slots()))

    def replica_of(self, primary):
        for _, _, *nodes in self._slots():
            if nodes[0][1] == primary.port and len(nodes) > 1:
                return self.node_at(nodes[1][1])
        raise LookupError("it has no replica")

    @staticmethod
    def promote(replica):
        """`CLUSTER FAILOVER`, again where Redis gives it up, which it does after 5 s without the votes of the other primaries."""
        deadline = time.monotonic() + 30
        while replica.role() != "master":
            assert time.monotonic() < deadline, "the replica is not promoted"
            with replica.client() as client:
                client.execute_command("CLUSTER", "FAILOVER")
            given_up = time.monotonic() + 6
            eventually(lambda: replica.role() == "master" or time.monotonic() > given_up, "it is promoted, or that was given up")

    def migrate(self, batch=20, pause=0.02):
        """Moves the slot to another primary, some keys at a time, as `redis-cli --cluster reshard` does; that primary."""
        with self.migrating(batch, pause) as target:
            return target

    @contextmanager
    def migrating(self, batch=20, pause=0.02):
        """The keys of the slot are at another primary, and meanwhile the slot is still on its way there; that primary."""
        source = self.primary()
        target = next(node for node in self.primaries() if node is not source)
        slot, (from_id, to_id) = redis.crc.key_slot(self.prefix.encode()), (self.id_of(source), self.id_of(target))
        self._ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", from_id)
        self._ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", to_id)
        while keys := self._ask(source, "CLUSTER", "GETKEYSINSLOT", slot, batch):
            self._ask(source, "MIGRATE", "127.0.0.1", target.port, "", 0, 5_000, "KEYS", *keys)
            time.sleep(pause)
        yield target
        for node in (target, source, *(node for node in self.primaries() if node not in (source, target))):
            self._ask(node, "CLUSTER", "SETSLOT", slot, "NODE", to_id)
