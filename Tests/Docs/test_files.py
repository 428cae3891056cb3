"""Files beside the pages that people and tools read: each can be read."""
import json
import subprocess

import pytest
import yaml
from pages import REPOSITORY, files


def ending(*ends):
    return pytest.mark.parametrize("file", [file for file in sorted(files()) if file.endswith(ends)])


@ending(".yaml", ".yml")
def test_yaml_can_be_read(file):
    assert list(yaml.safe_load_all((REPOSITORY / file).read_text())) != [None]


@ending(".json")
def test_json_can_be_read(file):
    json.loads((REPOSITORY / file).read_text())


@ending(".sh", ".ci/run")
def test_a_shell_reads_the_script(file):
    done = subprocess.run(["bash", "-n", str(REPOSITORY / file)], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("file", [file for file in sorted(files()) if file.startswith(".github/ISSUE_TEMPLATE/") and not file.endswith("config.yml")])
def test_an_issue_template_asks_something(file):
    form = yaml.safe_load((REPOSITORY / file).read_text())
    assert form["name"] and form["description"]
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    assert asked and all(part["id"] and part["attributes"]["label"] for part in asked)
    assert any(part.get("validations", {}).get("required") for part in asked)
