"""A private, real redis-server: append-only file on, a unix socket and a loopback port, in a folder of its own."""
import random
import shutil
import signal
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path

import redis

from .processes import end, spawn
from .waiting import eventually


# Below the ports that systems give to clients: a connection of a neighbouring test never takes a server's port while that
# server is down for a restart.
_ports = range(10_000, 32_000)
_dice = random.Random()  # seeded by the system: tests that run side by side draw different ports


def free_port():
    while True:
        port = _dice.choice(_ports)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class RedisServer:
    """Tests talk to it over the unix socket, bridges over the port: MONITOR can tell them apart."""

    def __init__(self, fsync="everysec", env=None):
        self._folder = tempfile.TemporaryDirectory(prefix="cano-e2e-")  # short: socket paths have a limit
        self.folder = Path(self._folder.name)
        self.socket = self.folder / "redis.sock"
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.socket_url = f"unix://{self.socket}"
        self.fsync = fsync
        self._env = env
        self._process = None

    def start(self, *options):
        with open(self.folder / "redis.log", "ab") as log:
            self._process = spawn(
                ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                 "--unixsocket", str(self.socket), "--dir", str(self.folder),
                 "--save", "", "--appendonly", "yes", "--appendfsync", self.fsync,
                 "--maxmemory-policy", "noeviction", "--enable-debug-command", "local", *map(str, options)],
                stdout=log, stderr=log, env=self._env,
            )
        eventually(self._answers, "redis-server answers PING")
        return self

    def _answers(self):
        if self._process.poll() is not None:
            raise AssertionError(f"redis-server ended: {(self.folder / 'redis.log').read_text()[-2000:]}")
        try:
            with self.client() as client:
                return client.ping()
        except redis.exceptions.RedisError:
            return False  # not up yet, or still reading its append-only file

    def client(self):
        return redis.Redis(unix_socket_path=str(self.socket))

    def stop(self, brutally=False):
        """Ends the server: SIGTERM, or SIGKILL when `brutally`."""
        if brutally:
            self._process.kill()
            self._process.wait()
        else:
            end(self._process, patience=20)

    def restart(self, brutally=False, *options):
        """Ends the server and starts it again on the same files and port."""
        self.stop(brutally)
        return self.start(*options)

    def remember(self):
        """A copy of what is on its disk at this moment."""
        copy = self.folder / "remembered"
        with self.paused():
            shutil.copytree(self.folder / "appendonlydir", copy)
        return copy

    def fall_back(self, copy):
        """It dies, and comes back with what it had then: all later writes are lost, as in a failover to a replica behind."""
        self.stop(brutally=True)
        shutil.rmtree(self.folder / "appendonlydir")
        shutil.move(copy, self.folder / "appendonlydir")
        return self.start()

    def refusals(self, error):
        """How often it has answered with this error, such as OOM, since it started."""
        with self.client() as client:
            counted = client.info("errorstats").get(f"errorstat_{error}", "count=0")
        return int(counted.removeprefix("count=")) if isinstance(counted, str) else counted["count"]

    @contextmanager
    def paused(self):
        """The server hangs meanwhile: connections stay open and nothing is answered."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def close(self):
        if self._process is not None:
            end(self._process)
        self._folder.cleanup()
