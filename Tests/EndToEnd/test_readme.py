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


languages = pytest.mark.parametrize("language, command", [
    ("Shell", in_shell), ("Python", in_python), ("JavaScript", in_javascript), ("C", in_c),
], ids=["shell", "python", "javascript", "c"])


@pytest.fixture
def start(launch, bus, tmp_path):
    """Runs a program of the page, with another workflow if one is given, and answers its lines."""
    launch(bus)

    def start(language, command, workflow="numbers"):
        text = re.sub(r"\b6379\b", str(bus.server.port), STARTS[language]).replace("redis-cli ", f"redis-cli -p {bus.server.port} ")
        assert len(re.findall(r"\bnumbers\b(?!-)", text)) == 1
        file = tmp_path / "start.txt"
        file.write_text(re.sub(r"\bnumbers\b(?!-)", workflow, text))
        done = subprocess.run(command(file), env={**os.environ, "NODE_PATH": "/usr/share/nodejs"}, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return start


@languages
def test_a_start_is_answered_and_so_is_the_same_again(start, language, command):
    said = start(language, command)
    assert "cano.run.completed" in said and '"output":5050' in said
    again = start(language, command)
    assert "cano.run.duplicate" in again and '"status":"completed"' in again and '"output":5050' in again


@pytest.mark.slow
@languages
def test_a_start_of_a_mistyped_workflow_is_answered_with_the_reason(start, language, command):
    said = start(language, command, "numberz")
    assert "cano.command.rejected" in said and '"code":"unknown_workflow"' in said


def test_there_are_five_languages():
    assert list(STARTS) == ["Shell", "Python", "JavaScript", "C", "Swift"]
