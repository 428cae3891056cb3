"""The programs of the README that start a run do, each as it stands there."""
import os
import re
import shutil
import subprocess
import sys

import pytest

from support.bridge import REPOSITORY

PAGE = (REPOSITORY / "README.md").read_text()
STARTS = dict(re.findall(r"<summary>(\w+),.*?</summary>\n\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def needs(program):
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} on this machine")
    return program


def in_shell(file):
    return ["bash", "-e", str(file)]


def in_python(file):
    return [sys.executable, str(file)]


def in_javascript(file):
    # Where Debian has node-redis.
    if subprocess.run([needs("node"), "-e", "require('redis')"], env={**os.environ, "NODE_PATH": "/usr/share/nodejs"}, capture_output=True).returncode:
        pytest.skip("there is no node-redis on this machine")
    return ["node", str(file)]


def in_c(file):
    source, program = file.with_suffix(".c"), file.with_suffix("")
    file.rename(source)
    subprocess.run([needs("cc"), "-Wall", "-Werror", "-o", str(program), str(source), "-lhiredis"], check=True, timeout=60)
    return [str(program)]


@pytest.mark.parametrize("language, command, said", [
    ("Shell", in_shell, '5050'),
    ("Python", in_python, "cano.run.completed 5050"),
    ("JavaScript", in_javascript, "cano.run.completed 5050"),
    ("C", in_c, "5050"),
], ids=["shell", "python", "javascript", "c"])
def test_a_start_is_answered(launch, bus, tmp_path, language, command, said):
    launch(bus)
    file = tmp_path / "start.txt"
    file.write_text(re.sub(r"\b6379\b", str(bus.server.port), STARTS[language]).replace("redis-cli ", f"redis-cli -p {bus.server.port} "))
    done = subprocess.run(command(file), env={**os.environ, "NODE_PATH": "/usr/share/nodejs"}, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == said


def test_there_are_five_languages():
    assert list(STARTS) == ["Shell", "Python", "JavaScript", "C", "Swift"]
