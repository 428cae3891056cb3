"""More than one Redis: a cluster of six nodes, and a primary with two replicas under three sentinels, on loopback, all of a test's own."""
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.exceptions import RedisError

from .event import text
from .processes import end, spawn
from .redis_server import RedisServer, free_port
from .waiting import eventually

# What passes by itself while one server is replaced by another.
_PASSING = ("MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "READONLY", "LOADING", "MASTERDOWN", "UNBLOCKED")


class Closed(redis.ConnectionError):
    """The servers have ended with their test."""


class Following:
    """A client that is always at the server that `find` names, and repeats what that refuses or does not answer.

    So a command may be executed twice: it is for reads, and for writes that are harmless twice.
    """

    def __init__(self, find, within=60):
        self._find, self._within, self._client = find, within, None
        self.response_callbacks = dict(redis.Redis.RESPONSE_CALLBACKS)

    def call(self, action):
        """What `action` answers, given a client of the right server."""
        deadline = time.monotonic() + self._within
        while True:
            try:
                if self._client is None:
                    self._client = self._find().client(socket_timeout=1)
                    self._client.response_callbacks.clear()
                    self._client.response_callbacks.update(self.response_callbacks)
                return action(self._client)
            except Closed:
                raise
            except (RedisError, LookupError) as error:
                self._client = None
                passes = isinstance(error, (LookupError, redis.ConnectionError, redis.TimeoutError)) or any(
                    word in str(error) or word in type(error).__name__.upper() for word in _PASSING)
                if not passes or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def __getattr__(self, name):
        return lambda *arguments, **options: self.call(lambda client: getattr(client, name)(*arguments, **options))

    def scan_iter(self, **options):
        return iter(self.call(lambda client: list(client.scan_iter(**options))))

    def pipeline(self, transaction=True):
        return _FollowingPipeline(self, transaction)


class _FollowingPipeline:
    def __init__(self, following, transaction):
        self._following, self._transaction, self._calls = following, transaction, []

    def __getattr__(self, name):
        return lambda *arguments, **options: self._calls.append((name, arguments, options))

    def execute(self):
        def send(client):
            pipeline = client.pipeline(transaction=self._transaction)
            for name, arguments, options in self._calls:
                getattr(pipeline, name)(*arguments, **options)
            return pipeline.execute()

        return self._following.call(send)


class Node(RedisServer):
    """One redis-server of several."""

    def __init__(self):
        super().__init__()
        self.options = []

    def start(self, *options):
        self.options = list(options) or self.options
        return super().start(*self.options)

    def client(self, **options):
        return redis.Redis(unix_socket_path=str(self.socket), **options)

    def freeze(self):
        """It hangs until `thaw`."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def close(self):
        if self._process is not None and self._process.poll() is None:
            self.thaw()
        super().close()

    def is_linked(self):
        """Whether it is a replica that has caught up with its primary."""
        with self.client(socket_timeout=1) as client:
            return client.info("replication").get("master_link_status") == "up"

    def role(self):
        with self.client(socket_timeout=1) as client:
            return text(client.execute_command("ROLE")[0])


class Several:
    """Servers of which one has the bus: what `Bus` and `Bridge` take for a server."""

    def __init__(self, count):
        self._folder = tempfile.TemporaryDirectory(prefix="cano-e2e-")
        self.folder = Path(self._folder.name)
        self.nodes = [Node() for _ in range(count)]

    def client(self):
        return Following(self._find)

    def _find(self):
        if not self.nodes:
            raise Closed
        return self.primary()

    def node_at(self, port):
        return next(node for node in self.nodes if node.port == port)

    def close(self):
        while self.nodes:
            self.nodes.pop().close()
        self._folder.cleanup()


class RedisCluster(Several):
    """Three primaries and three replicas; `primary()` is the one that serves the slot of `prefix`."""

    NODE_TIMEOUT = 1_500  # milliseconds until a node that is silent is taken for gone

    def __init__(self, prefix="{cano}"):
        super().__init__(6)
        self.prefix = prefix
        self.url = self.seeds(*self.nodes)

    @staticmethod
    def seeds(*nodes):
        return "redis://" + ",".join(f"127.0.0.1:{node.port}" for node in nodes)

    def start(self):
        for node in self.nodes:
            node.start(
                "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", self.NODE_TIMEOUT,
                # Beside the ports of the other tests, of which the standard one, 10,000 higher, may be one.
                "--cluster-port", free_port(), "--cluster-require-full-coverage", "no", "--repl-diskless-sync-delay", 0)
        created = subprocess.run(
            ["redis-cli", "--cluster", "create", *(f"127.0.0.1:{node.port}" for node in self.nodes), "--cluster-replicas", "1", "--cluster-yes"],
            capture_output=True, text=True, timeout=120)
        assert created.returncode == 0, created.stdout + created.stderr
        eventually(lambda: all(self._agrees(node) for node in self.nodes), "all nodes know the cluster", within=60, every=0.1)
        return self

    def _agrees(self, node):
        slots = self._ask(node, "CLUSTER", "SLOTS")
        served = len(slots) == 3 and all(len(range_) == 4 for range_ in slots)
        return served and (node.role() == "master" or node.is_linked())

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
        return [self.node_at(nodes[0][1]) for _, _, *nodes in self._slots()]

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


class SentinelTrio(Several):
    """A primary, two replicas, and three sentinels that watch them."""

    DOWN_AFTER = 1_000  # milliseconds until a primary that is silent is taken for gone
    NAME = "orders"

    def __init__(self, password=None):
        super().__init__(3)
        self.password = password  # of the sentinels themselves
        self.sentinels = [self.folder / f"sentinel-{number}.conf" for number in range(3)]
        self.ports = [free_port() for _ in self.sentinels]
        self._processes = []
        own = f"?sentinel_password={password}" if password else ""
        self.url = "redis+sentinel://" + ",".join(f"127.0.0.1:{port}" for port in self.ports) + f"/{self.NAME}{own}"

    def start(self):
        first, *others = self.nodes
        first.start("--repl-diskless-sync-delay", 0)
        for node in others:
            node.start("--replicaof", "127.0.0.1", first.port, "--repl-diskless-sync-delay", 0)
        eventually(lambda: all(node.is_linked() for node in others), "the replicas have caught up", within=30)
        for file, port in zip(self.sentinels, self.ports):
            lines = [
                f"port {port}", "bind 127.0.0.1", f"dir {self.folder}", f"sentinel monitor {self.NAME} 127.0.0.1 {first.port} 2",
                f"sentinel down-after-milliseconds {self.NAME} {self.DOWN_AFTER}", f"sentinel failover-timeout {self.NAME} 5000"]
            if self.password:
                lines += [f"requirepass {self.password}", f"sentinel sentinel-pass {self.password}"]
            file.write_text("\n".join(lines) + "\n")
            with open(file.with_suffix(".log"), "ab") as log:
                self._processes.append(spawn(["redis-server", str(file), "--sentinel"], stdout=log, stderr=log))
        eventually(self._are_agreed, "the sentinels know each other and the replicas", within=30, every=0.1)
        return self

    def _ask(self, port, *words):
        with redis.Redis(port=port, password=self.password, socket_timeout=1) as client:
            client.response_callbacks.clear()
            return client.execute_command(*words)

    def _are_agreed(self):
        try:
            for port in self.ports:
                flat = [text(word) for word in self._ask(port, "SENTINEL", "MASTER", self.NAME)]
                said = dict(zip(flat[::2], flat[1::2]))
                if (said["num-slaves"], said["num-other-sentinels"], said["flags"]) != ("2", "2", "master"):
                    return False
            return True
        except RedisError:
            return False

    def primary(self):
        """The server that a sentinel names, once that says it is the primary."""
        for port in self.ports:
            try:
                _, named = self._ask(port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.NAME)
                break
            except RedisError:
                continue
        else:
            raise LookupError("no sentinel answers")
        node = self.node_at(int(named))
        if node.role() != "master":
            raise LookupError("the named one is no primary yet")
        return node

    def end_sentinel(self, number):
        end(self._processes[number])

    def close(self):
        for process in self._processes:
            end(process)
        super().close()
