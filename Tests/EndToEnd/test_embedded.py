"""`serve --embedded` brings a Redis of its own, takes it along when it ends, and never starts a second one on its files."""
import os
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from support.processes import end, spawn
from support.waiting import eventually


class Embedded:
    """A bridge with its own Redis in this folder; `up` once it takes commands."""

    def __init__(self, binary, folder, started, env=None):
        self.folder = folder
        self._log, self._out = (folder.parent / f"{kind}-{len(started)}" for kind in ("log", "out"))
        with open(self._out, "wb") as out, open(self._log, "wb") as log:
            self.process = spawn([str(binary), "serve", "--embedded", "--samples", "--state-dir", str(folder)], out, log, env=env)
        started.append(self.process)

    @property
    def printed(self):
        """The lines it has printed: the URL of its Redis, and how redis-cli reaches it."""
        return self._out.read_text().splitlines()

    def up(self):
        def is_up():
            assert self.process.poll() is None, self.said()
            return len(self.printed) == 2 and "the bridge takes commands" in self.said()

        eventually(is_up, "the bridge takes commands", within=40)
        return self

    def said(self):
        return self._log.read_text(errors="replace")

    def client(self):
        return redis.Redis(unix_socket_path=str(self.folder / "redis.sock"), decode_responses=True)

    def run(self, id, size):
        """Starts a `numbers` run and waits for its end; its output."""
        with self.client() as client:
            client.xadd("cano:commands", {"type": "start", "workflow": "numbers", "id": id, "input": f'{{"batch_size":{size}}}'})
            return eventually(lambda: client.hget(f"cano:run:{id}", "output"), f"{id} has an output")


def servers(folder):
    """The process ids of the redis-servers that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().startswith("redis-server") and os.readlink(process / "cwd") == str(folder):
                found.append(int(process.name))
        except OSError:
            pass  # it has ended meanwhile
    return found


@pytest.fixture
def folder():
    """A state folder with a short path, as sockets need, and whatever a path may hold."""
    with tempfile.TemporaryDirectory(prefix="cano-e2e-") as parent:
        yield Path(parent) / "my state @ 100%"


@pytest.fixture
def embedded(binary, folder):
    """`embedded()`: one more bridge with its Redis in that folder. All of it ends with the test."""
    started = []
    yield lambda **options: Embedded(binary, folder, started, **options)
    for process in started:
        end(process, patience=20)
    for pid in servers(folder):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not servers(folder), "no server works in the folder")


def test_it_brings_a_redis_and_takes_it_along(embedded, folder):
    bridge = embedded().up()
    assert bridge.run("first", 100) == "5050"
    assert servers(folder) == [int((folder / "redis.pid").read_text())]
    bridge.process.terminate()
    assert bridge.process.wait(30) == 0, bridge.said()
    assert servers(folder) == []
    assert not (folder / "redis.sock").exists()


def test_what_it_prints_is_good_for_its_own_commands_and_for_redis_cli(embedded, binary):
    bridge = embedded().up()
    url, shell = bridge.printed
    done = subprocess.run([str(binary), "start", "numbers", "--input", '{"batch_size":4}', "--wait", "--redis", url.removeprefix("Redis: ")],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (0, "10\n"), done.stderr
    done = subprocess.run(f"{shell} PING", shell=True, capture_output=True, text=True, timeout=30)
    assert done.stdout == "PONG\n"


def test_its_redis_is_for_its_own_user_and_on_no_port(embedded, folder):
    bridge = embedded().up()
    with bridge.client() as client:
        assert client.config_get("port") == {"port": "0"}
    assert (folder / "redis.sock").stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_a_bridge_that_is_killed_takes_its_redis_along_and_loses_nothing(embedded, folder):
    bridge = embedded().up()
    bridge.run("before", 100)
    bridge.process.kill()
    bridge.process.wait()
    eventually(lambda: not servers(folder), "its server has ended")

    again = embedded().up()
    assert again.run("after", 4) == "10"
    with again.client() as client:
        assert client.hget("cano:run:before", "output") == "5050"
    assert len(servers(folder)) == 1


def test_a_second_bridge_is_told_that_the_folder_is_in_use(embedded, folder):
    first = embedded().up()
    second = embedded()
    assert second.process.wait(20) > 0
    assert "is in use by another process" in second.said() and "--state-dir" in second.said()
    assert first.run("still", 4) == "10"
    assert len(servers(folder)) == 1


@contextmanager
def held_still(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
def test_a_leftover_server_that_does_not_end_is_left_alone(embedded, folder):
    """Two servers on one append-only file destroy it; that one doesn't answer doesn't mean that it is gone."""
    bridge = embedded().up()
    bridge.run("before", 100)
    left, = servers(folder)
    with held_still(left):
        bridge.process.kill()
        bridge.process.wait()
        second = embedded()
        assert second.process.wait(60) > 0
        assert f"(process {left})" in second.said() and "did not end" in second.said()
        assert servers(folder) == [left], "and no other was started beside it"

    third = embedded().up()
    with third.client() as client:
        assert client.hget("cano:run:before", "output") == "5050"
    assert third.run("after", 4) == "10"
    assert len(servers(folder)) == 1


def test_a_server_that_is_slow_to_end_is_waited_for(embedded, folder):
    bridge = embedded().up()
    bridge.run("before", 100)
    left, = servers(folder)
    with held_still(left):
        bridge.process.kill()
        bridge.process.wait()
        second = embedded()
        eventually(lambda: "left over from a crash is ended" in second.said(), "it has found the other one")
    second.up()
    with second.client() as client:
        assert client.hget("cano:run:before", "output") == "5050"
    assert servers(folder) not in ([], [left])


def test_a_machine_without_redis_server_is_told_what_to_do(binary, folder, tmp_path):
    done = subprocess.run([str(binary), "serve", "--embedded", "--samples", "--state-dir", str(folder)],
                          env={"PATH": str(tmp_path)}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode > 0
    assert "install it" in done.stderr and done.stdout == ""
