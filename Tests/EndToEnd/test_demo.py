"""`make demo` shows what it says, or fails; either way it leaves nothing behind."""
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.bridge import REPOSITORY

DEMO = REPOSITORY / "scripts" / "demo.sh"


@pytest.fixture
def demo():
    with tempfile.TemporaryDirectory(prefix="cano-e2e-") as folder:  # short: socket paths have a limit
        def run(program):
            return subprocess.run([str(DEMO), str(program)], env=dict(os.environ, TMPDIR=folder),
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

        yield run
        assert os.listdir(folder) == [], "its folder is gone"
        left = [pid for pid in os.listdir("/proc") if pid.isdigit() and folder in traces(pid)]
        assert left == [], "no process has anything to do with it"


def traces(pid):
    """What a process was called with, and where it works: redis-server shows only the latter."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace") + os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""  # it has ended meanwhile


def test_the_demo_shows_every_answer_and_every_event(binary, demo):
    done = demo(binary)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = [line.split("  ") for line in done.stdout.splitlines()]
    answers = {(line[1], line[2]) for line in printed if line[0] == "" and len(line) == 4}
    assert {("cano.run.completed", "numbers-1"), ("cano.run.completed", "order-42"), ("cano.run.failed", "order-43"),
            ("cano.run.duplicate", "numbers-1"), ("cano.run.completed", "remote-1")} < answers
    assert len(answers) == 6, "and the rejection, whose subject is its entry"
    events = [(line[1], line[2]) for line in printed if line[0].endswith("Z") and len(line) == 4]
    assert [kind for kind, id in events if id == "order-42"] == [
        "cano.run.started", "cano.state.entered", "cano.state.entered", "cano.run.completed"]
    assert {"cano.compensation.succeeded", "cano.command.rejected", "cano.run.failed"} < {kind for kind, _ in events}
    assert '"output":[{"received":{"payload":{"cents":1250},"step":1}}]' in done.stdout, "what the worker did"
    assert '"receipts":' in done.stdout.splitlines()[-3], "the output in the record"
    assert done.stdout.rstrip().endswith("Done. The bridge stops, and its Redis with it.\x1b[0m")


def without_what_differs(line):
    """A line of the demo but for the moment, and the folder of its Redis."""
    line = re.sub(r"^\d{4}-\d\d-\d\dT[\d:.]+Z", "MOMENT", re.sub(r"\x1b\[\d*m", "", line))
    return re.sub(r"-s /\S+/redis\.sock", "-s SOCKET", line)


def test_the_readme_shows_what_the_demo_prints(binary, demo):
    shown = re.search(r"^## Thirty seconds$.*?^```console\n(.*?)^```", (REPOSITORY / "README.md").read_text(), re.MULTILINE | re.DOTALL)[1]
    printed = [without_what_differs(line) for line in demo(binary).stdout.splitlines()]
    lines = [line for line in shown.splitlines() if line != "…"]
    assert len(lines) > 10
    for line in lines:
        begins = without_what_differs(line.removesuffix("…"))
        assert any(found.startswith(begins) if line.endswith("…") else found == begins for found in printed), line
    # What is said of one run is said in the order in which it happened.
    for run in ("numbers-1", "order-43"):
        told = [without_what_differs(line.removesuffix("…")) for line in lines if f"  {run}  " in line]
        places = [next(place for place, found in enumerate(printed) if found.startswith(line)) for line in told]
        assert told and places == sorted(places)


@pytest.mark.parametrize("behaviour, word", [
    ("echo broken >&2; exit 3", "broken"),  # it doesn't start
    ("exec sleep 60", "not ready"),  # it is never ready
])
@pytest.mark.slow
def test_a_demo_that_has_nothing_to_show_fails_and_says_so(demo, tmp_path, behaviour, word):
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{behaviour}\n")
    program.chmod(0o755)
    done = demo(program)
    assert done.returncode == 1
    assert "The demo failed" in done.stderr and word in done.stderr
    assert "Done." not in done.stdout


def test_a_demo_whose_commands_nobody_answers_fails(binary, demo, tmp_path):
    program = tmp_path / "program"  # serves, but another bus than the one it is asked on
    program.write_text(f'#!/bin/sh\nverb=$1; shift\n[ "$verb" = serve ] && set -- "$@" --prefix elsewhere\n'
                       f'exec "{binary}" "$verb" "$@"\n')
    program.chmod(0o755)
    done = demo(program)
    assert done.returncode == 1
    assert "not all six commands were answered" in done.stderr
