"""Fixtures of every test with real processes: the programs, private Redis servers, bridges, and the bus between."""
import pytest

from .bridge import TRIALS, Bridge, find_binary
from .bus import Bus
from .redis_server import RedisServer
from .workshop import Workshop


def pytest_runtest_setup(item):
    for bridge in Bridge.running:
        bridge.forget_output()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failing test shows what the bridges have said since it began."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for bridge in Bridge.running:
            state = "alive" if bridge.is_alive else "ended"
            if said := bridge.output():
                report.sections.append((f"cano-bridge {bridge.id} ({state}, {bridge.bus.prefix})", said))


@pytest.fixture(scope="session")
def binary():
    """The program under test."""
    path = find_binary()
    if path is None or not path.exists():
        pytest.exit("no cano-bridge to test: run `swift build`, or name one in CANO_BRIDGE", returncode=2)
    return path


@pytest.fixture(scope="session")
def trial_binary():
    """The program whose workflows fail, crash and block as they are told."""
    path = find_binary("trial-bridge")
    if path is None or not path.exists():
        pytest.fail("no trial-bridge: run `CANO_STRICT=1 swift build --product trial-bridge`")
    return path


@pytest.fixture(scope="session")
def shared_server():
    server = RedisServer()
    yield server.start()
    server.close()


@pytest.fixture
def server(request):
    """A Redis of this test's own, to be ill-treated; `appendfsync` is everysec unless the test says otherwise."""
    server = RedisServer(fsync=getattr(request, "param", "everysec"))
    yield server.start()
    for bridge in [bridge for bridge in Bridge.running if bridge.bus.server is server]:
        bridge.close()  # before its Redis, or it would wait for that to come back
    server.close()


@pytest.fixture
def bus(server):
    """The bus on this test's own Redis; no bridge yet."""
    return Bus(server)


@pytest.fixture
def bridges():
    """Ended with the test, however it ends."""
    bridges = []
    yield bridges
    for bridge in bridges:
        bridge.close()


@pytest.fixture
def launch(binary, bridges):
    """`launch(bus, …)`: one more bridge, ready to serve."""
    def launch(bus, **options):
        bridges.append(Bridge(binary, bus, **options))
        return bridges[-1].start()

    return launch


@pytest.fixture
def launch_trial(trial_binary, bridges):
    """`launch_trial(bus, …)`: one more bridge of the trials."""
    def launch(bus, **options):
        bridges.append(Bridge(trial_binary, bus, workflows=TRIALS, **options))
        return bridges[-1].start()

    return launch


@pytest.fixture
def workshop(bus, launch, tmp_path):
    """Two bridges with the samples, and workers that can be hired."""
    workshop = Workshop(bus, launch, tmp_path)
    yield workshop
    workshop.close()
