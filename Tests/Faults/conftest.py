"""A row of docs/reliability.md for each fault, and the fixtures of the end-to-end tests."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.register_assert_rewrite("support")

from reliability import Row, Table  # noqa: E402

pytest_plugins = ["support.fixtures"]


def pytest_addoption(parser):
    parser.addoption("--short", action="store_true", help="only the faults marked short, each less often")
    parser.addoption("--lease", type=float, default=2.0, help="the lease in seconds under which recovery is timed")
    parser.addoption("--report", metavar="FILE", help="the page whose table is replaced by what this run has seen")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # the process that reports, also when tests run side by side in others
        config.pluginmanager.register(Table(page=config.getoption("--report")))


def pytest_collection_modifyitems(config, items):
    if config.getoption("--short"):
        left_out = [item for item in items if item.get_closest_marker("short") is None]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def fault(request):
    """`fault("SIGKILL")`: the row of this test in the report."""
    rows = []

    def begin(name):
        rows.append(Row(name))
        return rows[-1]

    yield begin
    request.node.user_properties += [line for row in rows for line in row.lines()]


@pytest.fixture
def times(request):
    """`times(25, 3)`: how often to do a thing, in full and with --short."""
    return lambda full, short: short if request.config.getoption("--short") else full


@pytest.fixture(scope="session")
def skew_library(tmp_path_factory):
    """What moves the wall clock of a process; see skew.c."""
    if sys.platform != "linux" or not shutil.which("clang"):
        pytest.skip("needs Linux and clang")
    library = tmp_path_factory.mktemp("skew") / "skew.so"
    subprocess.run(["clang", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("skew.c")], check=True)
    return library


@pytest.fixture
def skewed(skew_library):
    """`skewed(seconds)`: the environment of a process whose wall clock is wrong by so much."""
    return lambda seconds: dict(os.environ, LD_PRELOAD=str(skew_library), SKEW_SECONDS=str(seconds))
