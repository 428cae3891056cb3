"""What several Redis servers on loopback have in common, all of a test's own: see redis_cluster.py and sentinel_trio.py.

With `Certificates` all of them, and who comes to them, speak TLS.
"""
import copy
import signal
import tempfile
from pathlib import Path

import redis
from redis.exceptions import RedisError

from .event import text
from .following import Closed, Following
from .redis_server import RedisServer


class Node(RedisServer):
    """One redis-server of several."""

    def __init__(self, certificates=None):
        super().__init__()
        self.options, self._certificates = [], certificates

    def start(self, *options):
        self.options = list(options) or self.options
        return super().start(*self.options, *self._tls_options())

    def _tls_options(self):
        if not self._certificates:
            return []
        options = {"port": 0, "tls-port": self.port, "tls-cluster": "yes", **self._certificates.server_options}
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    def client(self, **options):
        if self._certificates:  # of its port a node of a cluster tells only who came to it
            return redis.Redis(port=self.port, **self._certificates.client_options, **options)
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

    def __init__(self, count, certificates=None):
        self._folder = tempfile.TemporaryDirectory(prefix="cano-e2e-")
        self.folder = Path(self._folder.name)
        self.certificates = certificates
        self.nodes = [Node(certificates) for _ in range(count)]

    def client(self):
        return Following(self._find)

    def _find(self):
        if not self.nodes:
            raise Closed
        return self.primary()

    def node_at(self, port):
        for node in self.nodes:
            if node.port == port:
                return node
        raise LookupError(f"no node of ours has the port {port}")

    def have_left(self, node):
        """Whether the bus is at another node now, and that says so itself."""
        try:
            return self.primary() is not node
        except (RedisError, LookupError):
            return False

    def serving(self, prefix):
        """The same servers, for a bus, or a shard of one, with this prefix."""
        view = copy.copy(self)
        view.prefix = prefix
        return view

    def _scheme(self):
        return "rediss" if self.certificates else "redis"

    def close(self):
        while self.nodes:
            self.nodes.pop().close()
        self._folder.cleanup()
