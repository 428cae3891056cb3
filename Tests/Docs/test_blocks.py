"""What a page or a documentation comment shows as code has a language, and is what it says it is. test_swift.py looks at what is Swift."""
import json
import re
import shutil
import subprocess

import pytest
import yaml
from pages import blocks

# How GitHub colours them. A `console` is what was typed, behind a dollar sign, and what was answered; `text` is anything else.
LANGUAGES = {"swift", "sh", "bash", "console", "text", "json", "yaml", "python", "js", "c", "rust", "java"}


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
