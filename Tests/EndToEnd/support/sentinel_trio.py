"""A primary with two replicas on loopback, and three sentinels that watch them."""
import redis
from redis.exceptions import RedisError

from .event import text
from .processes import end, spawn
from .redis_server import free_port
from .several_redis import Several
from .waiting import eventually


class SentinelTrio(Several):
    """A primary, two replicas, and three sentinels that watch them."""

    REPLICAS = 2
    DOWN_AFTER = 1_000  # milliseconds until a primary that is silent is taken for gone
    NAME = "orders"

    def __init__(self, password=None, certificates=None):
        super().__init__(3, certificates)
        self.password = password  # of the sentinels themselves
        self.sentinels = [self.folder / f"sentinel-{number}.conf" for number in range(3)]
        self.ports = [free_port() for _ in self.sentinels]
        self._processes = []
        own = "&".join(filter(None, [password and f"sentinel_password={password}", certificates and certificates.query]))
        addresses = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        self.url = f"{self._scheme()}+sentinel://{addresses}/{self.NAME}" + (own and f"?{own}")

    def start(self, *options):
        """`options` are of all servers."""
        first, *others = self.nodes
        first.start("--repl-diskless-sync-delay", 0, *options)
        for node in others:
            node.start("--replicaof", "127.0.0.1", first.port, "--repl-diskless-sync-delay", 0, *options)
        eventually(lambda: all(node.is_linked() for node in others), "the replicas have caught up", within=30)
        for file, port in zip(self.sentinels, self.ports):
            lines = [
                *self._ports_of(port), "bind 127.0.0.1", f"dir {self.folder}", f"sentinel monitor {self.NAME} 127.0.0.1 {first.port} 2",
                f"sentinel down-after-milliseconds {self.NAME} {self.DOWN_AFTER}", f"sentinel failover-timeout {self.NAME} 5000"]
            if self.password:
                lines += [f"requirepass {self.password}", f"sentinel sentinel-pass {self.password}"]
            file.write_text("\n".join(lines) + "\n")
            with open(file.with_suffix(".log"), "ab") as log:
                self._processes.append(spawn(["redis-server", str(file), "--sentinel"], stdout=log, stderr=log))
        eventually(self._are_agreed, "the sentinels know each other and the replicas", within=30, every=0.1)
        return self

    def _ports_of(self, port):
        if not self.certificates:
            return [f"port {port}"]
        return ["port 0", f"tls-port {port}", *(f"{name} {value}" for name, value in self.certificates.server_options.items())]

    def _ask(self, port, *words):
        secured = self.certificates.client_options if self.certificates else {}
        with redis.Redis(port=port, password=self.password, socket_timeout=1, **secured) as client:
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

    def fail_over(self):
        """`SENTINEL FAILOVER`, as an operator gives it."""
        eventually(self._takes_failover, "a sentinel begins a failover", within=60, every=0.2)

    def _takes_failover(self):
        try:
            return text(self._ask(self.ports[0], "SENTINEL", "FAILOVER", self.NAME)) == "OK"
        except RedisError:
            return False  # one is under way, or no replica is good enough yet

    def end_sentinel(self, number):
        end(self._processes[number])

    def close(self):
        for process in self._processes:
            end(process)
        super().close()
