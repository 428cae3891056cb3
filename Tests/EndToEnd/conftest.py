"""Fixtures of this folder: buses whose bridges stay."""
import subprocess
import sys

import pytest

pytest.register_assert_rewrite("support")

from support.bridge import QUICK_LEASE, TRIALS, Bridge  # noqa: E402
from support.bus import Bus, fresh  # noqa: E402
from support.gate import Gate  # noqa: E402
from support.shards import COUNT, Shards  # noqa: E402
from support.terminal import Terminal  # noqa: E402
from support.waiting import eventually  # noqa: E402

pytest_plugins = ["support.fixtures", "support.contract"]


class Standing:
    """Buses whose bridges stay for the whole session; a bridge that a test has killed is replaced."""

    def __init__(self, binary, server):
        self._binary, self._server = binary, server
        self._buses, self._bridges = {}, {}

    def bus(self, prefix, count=1, binary=None, **options):
        bus = self._buses.setdefault(prefix, Bus(self._server, prefix))
        bridges = self._bridges.setdefault(prefix, [])
        for fallen in [bridge for bridge in bridges if not bridge.is_alive]:
            bridges.remove(fallen)
            fallen.close()
        while len(bridges) < count:
            bridge = Bridge(binary or self._binary, bus, **options)
            bridges.append(bridge)
            bridge.start()
        return bus

    def bridges(self, prefix):
        return self._bridges[prefix]

    def close(self):
        for bridge in [bridge for bridges in self._bridges.values() for bridge in bridges]:
            bridge.close()


@pytest.fixture(scope="session")
def standing(binary, shared_server):
    standing = Standing(binary, shared_server)
    yield standing
    standing.close()


@pytest.fixture
def shop(standing):
    """Two bridges at the default level on the prefix `cano`; the test fails if one of them does not survive it.

    It also fails if it leaves work behind: the next test on these bridges would wait for it.
    """
    bus = standing.bus("cano", count=2)
    yield bus
    bus.wait_until_quiet()
    assert all(bridge.is_alive for bridge in standing.bridges("cano")), "a bridge died"


@pytest.fixture
def crew(standing):
    """Two bridges with short leases and quick heartbeats, on a prefix of their own."""
    bus = standing.bus("crew", count=2, options=QUICK_LEASE)
    yield bus
    assert all(bridge.is_alive for bridge in standing.bridges("crew")), "a bridge died"


@pytest.fixture
def trials(standing, trial_binary):
    """Two such bridges that run the trials."""
    bus = standing.bus("trials", count=2, binary=trial_binary, workflows=TRIALS, options=QUICK_LEASE)
    yield bus
    assert all(bridge.is_alive for bridge in standing.bridges("trials")), "a bridge died"


@pytest.fixture
def gate(tmp_path):
    """A gate that is shut, and is opened for whatever it still holds when the test is over."""
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.open()


@pytest.fixture
def at_level(standing):
    """`at_level("tasks")`: the bus of a bridge that publishes at this level."""
    return lambda level: standing.bus(f"level-{level}", events=level)


@pytest.fixture
def run(shop):
    """`run("numbers", {…}, **fields)`: starts a run in the shop and waits for its end; (id, record, events)."""
    def run(workflow, input=None, id=None, **fields):
        id = id or fresh(workflow)
        shop.start(workflow, input, id=id, **fields)
        record = shop.wait_for_end(id)
        return id, record, shop.story(id)

    return run


@pytest.fixture
def shards(server, trial_binary, bridges):
    """Four shards, and two bridges that serve them and run the trials."""
    shards = Shards(server, COUNT)
    for _ in range(2):
        bridge = Bridge(trial_binary, shards[0], workflows=TRIALS, options=(*QUICK_LEASE, *shards.options()))
        bridges.append(bridge)
        bridge.start()
    for bus in shards:
        eventually(lambda: len(bus.bridges()) == 2, f"both bridges serve {bus.prefix}")
    return shards


def give(binary, bus, arguments):
    """What the program does with these arguments on a bus, its output a pipe and its input empty."""
    return subprocess.run([str(binary), *map(str, arguments), "--redis", bus.server.url, "--prefix", bus.prefix], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)


@pytest.fixture
def command_line(binary, shop):
    """`command_line("start", …)`: the command line on the shop's bus unless told otherwise."""
    return lambda *arguments, bus=shop: give(binary, bus, arguments)


@pytest.fixture(scope="session")
def todays_redis_py(tmp_path_factory):
    """A folder with it; Debian's is older. Tests that ask for it are in the group `python client`: it is fetched once."""
    folder = tmp_path_factory.mktemp("redis-py")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--retries", "1", "--target", str(folder), "redis>=8"],
        capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        pytest.skip(f"today's redis-py can't be fetched: {done.stderr.strip().splitlines()[-1:]}")
    return folder


@pytest.fixture
def cano(binary, bus):
    """`cano("runs", …)`: the command line on this test's bus."""
    return lambda *arguments: give(binary, bus, arguments)


@pytest.fixture
def on_terminal(binary, bus):
    """`on_terminal("runs", …)`: the same on a pseudo-terminal, to be used in a `with`."""
    return lambda *arguments, env=None: Terminal([binary, *arguments, "--redis", bus.server.url], env)


def pytest_collection_modifyitems(items):
    """The slow ones come first: what they wait for happens while other tests run beside them."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
