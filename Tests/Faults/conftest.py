"""A row of docs/reliability.md for each fault, and the fixtures of the end-to-end tests."""
import pytest

pytest.register_assert_rewrite("support")

from reliability import Row, write  # noqa: E402

pytest_plugins = ["support.fixtures"]


def pytest_addoption(parser):
    parser.addoption("--short", action="store_true", help="only the faults marked short, each less often")
    parser.addoption("--lease", type=float, default=2.0, help="the lease in seconds under which recovery is timed")
    parser.addoption("--report", metavar="FILE", help="the page whose table is replaced by what this run has seen")


def pytest_configure(config):
    config.rows = []


def pytest_collection_modifyitems(config, items):
    if config.getoption("--short"):
        left_out = [item for item in items if item.get_closest_marker("short") is None]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_sessionfinish(session):
    if page := session.config.getoption("--report"):
        write(page, session.config.rows)


def pytest_terminal_summary(terminalreporter, config):
    for row in config.rows:
        terminalreporter.write_line(str(row))


@pytest.fixture
def fault(request):
    """`fault("SIGKILL")`: the row of this test in the report."""
    def begin(name):
        request.config.rows.append(Row(name))
        return request.config.rows[-1]

    return begin


@pytest.fixture
def times(request):
    """`times(25, 3)`: how often to do a thing, in full and with --short."""
    return lambda full, short: short if request.config.getoption("--short") else full
