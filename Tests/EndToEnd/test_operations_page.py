"""docs/operations.md names every setting there is, with its default."""
import re
import subprocess

import pytest

from support.bridge import REPOSITORY

PAGE = (REPOSITORY / "docs" / "operations.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]
SETTINGS = [row for row in ROWS if len(row) == 5 and (row[0].startswith("`--") or row[1].startswith("`"))]


@pytest.fixture(scope="module")
def help(binary):
    done = subprocess.run([str(binary), "help", "serve"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return re.sub(r"\s+", " ", done.stdout)


def options(text):
    return set(re.findall(r"--[a-z][a-z-]+", text))


def test_the_table_has_every_option_of_serve_and_no_other(help):
    told = {option for row in SETTINGS for option in options(row[0])}
    # Those of the samples are the sample program's own, and the last two are every program's.
    assert told == options(help.split("OPTIONS:")[1]) - {"--samples", "--version", "--help"}


def test_the_defaults_are_those_that_help_tells(help):
    for cell, _, default, _, _ in SETTINGS:
        if re.fullmatch(r"[\d,]+", default) and cell:
            told = re.search(re.escape(cell.strip("`")) + r" <[^>]+> .*?\(default: ([\d.]+)\)", help)
            assert told and float(told[1]) == float(default.replace(",", "")), cell
