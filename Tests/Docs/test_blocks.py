"""What a page shows as code has a language, and is what it says it is."""
import json
import re
import shutil
import subprocess

import pytest
import yaml
from pages import blocks

# How GitHub colours them. A `console` is what was typed, behind a dollar sign, and what was answered; `text` is anything else.
LANGUAGES = {"swift", "sh", "bash", "console", "text", "json", "yaml", "python", "js", "c", "rust", "java"}

# What a piece of Swift is taken from: a file, the body of a switch, of a function, or of a type.
SURROUNDINGS = ["{}", "switch state {{\n{}}}", "func body() async throws {{\n{}}}", "struct Body {{\n{}}}"]


def whole(*languages):
    """Blocks of these languages but those that leave something out, and say so."""
    return pytest.mark.parametrize("block", [block for block in blocks(*languages) if "…" not in block.text], ids=str)


@pytest.mark.parametrize("block", blocks(), ids=str)
def test_a_block_has_a_language(block):
    assert block.language in LANGUAGES


@whole("json")
def test_json_can_be_read(block):
    json.loads(block.text)


@whole("yaml")
def test_yaml_can_be_read(block):
    assert list(yaml.safe_load_all(block.text)) != [None]


@whole("python")
def test_python_compiles(block):
    compile(block.text, str(block), "exec")


def shell_faults(script):
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, timeout=30)
    return done.stderr


@whole("sh", "bash")
def test_a_shell_reads_the_commands(block):
    assert shell_faults(block.text) == ""


def typed(text):
    """The commands of a console, with the lines that continue them."""
    return re.findall(r"^\$ (.*(?:\\\n.*)*)", text, re.MULTILINE)


@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_a_shell_reads_what_was_typed(block):
    commands = typed(block.text)
    assert commands, "what was not typed is a `text`"
    assert shell_faults("\n".join(command for command in commands if not command.endswith("…"))) == ""


@whole("js")
@pytest.mark.skipif(shutil.which("node") is None, reason="reading JavaScript needs Node")
def test_node_can_read_javascript(block, tmp_path):
    file = tmp_path / "block.js"
    file.write_text(block.text)
    done = subprocess.run(["node", "--check", str(file)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@whole("swift")
@pytest.mark.skipif(shutil.which("swiftc") is None, reason="reading Swift needs its compiler")
def test_the_compiler_can_read_swift(block, tmp_path):
    said = []
    for surroundings in SURROUNDINGS:
        file = tmp_path / "main.swift"
        file.write_text(surroundings.format(block.text))
        done = subprocess.run(["swiftc", "-frontend", "-parse", "-swift-version", "6", str(file)], capture_output=True, text=True, timeout=60)
        if done.returncode == 0:
            return
        said.append(done.stderr)
    pytest.fail(min(said, key=len))
