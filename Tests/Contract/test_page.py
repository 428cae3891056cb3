"""What docs/contract.md shows fits the schemas, and its program works."""
import json
import re

import jsonschema
import pytest
from golden import ENTRIES
from support.schemas import FOLDER, dead_letter_faults, event_faults, record_faults, validator

PAGE = (FOLDER.parent / "contract.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


TASK = [name for name, _ in next(entry.pairs for entry in ENTRIES if entry.kind == "tasks")]


def replies():
    """The fields of each entry and hash that redis-cli prints on the page."""
    for _, block in BLOCKS:
        lines = re.findall(r'^ *(?:\d+\) +)*(\d+)\) +("(?:[^"\\]|\\.)*")$', block, re.MULTILINE)
        values = [json.loads(text) for _, text in lines]
        numbers = [int(number) for number, _ in lines]
        # Behind the stream and the entry, as many as are numbered without a gap.
        firsts = [index for index, number in enumerate(numbers) if number == 1]
        for first, end in zip(firsts, firsts[1:] + [len(lines)]):
            if end - first > 8:
                yield list(zip(values[first:end:2], values[first + 1:end:2]))


SHOWN = re.compile(r"^(?:\S+Z  )?(cano\.[a-z.]+)  (?:\S+  )?(\{.*\})$", re.MULTILINE)


def test_the_page_shows_an_event_a_task_a_dead_letter_and_a_record_that_are_as_they_should_be():
    event, task, letter, record = replies()
    assert event_faults(tuple(event)) == []
    assert validator("task.schema.json").is_valid(dict(task)) and [name for name, _ in task] == TASK
    assert dead_letter_faults(dict(letter)) == [] and "error_code" in dict(letter)
    assert record_faults(dict(record)) == [] and dict(record)["status"] == "running"


@pytest.mark.parametrize("kind, data", SHOWN.findall(PAGE))
def test_the_data_that_the_page_shows_fits(kind, data):
    assert validator(f"events/{kind}.data.schema.json").is_valid(json.loads(data))


def test_the_page_shows_data_of_more_than_one_kind():
    assert {"cano.run.started", "cano.run.failed", "cano.run.duplicate", "cano.task.late"} <= {kind for kind, _ in SHOWN.findall(PAGE)}


@pytest.mark.parametrize("command", re.findall(r"XADD cano:(?:commands|control|results) '\*' (.+)$", PAGE, re.MULTILINE))
def test_the_commands_that_the_page_shows_fit(command):
    words = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", command)]
    fields = dict(zip(words[::2], words[1::2]))
    spelling = ".cloudevent" if "specversion" in fields else ""
    assert validator(f"commands/{fields['type'].removeprefix('cano.run.')}{spelling}.schema.json").is_valid(fields)


def test_the_program_that_checks_an_entry_does(monkeypatch):
    monkeypatch.chdir(FOLDER.parent)
    program, = [text for language, text in BLOCKS if language == "python"]
    for entry in (entry for entry in ENTRIES if entry.kind == "events"):
        exec(program, {"jsonschema": jsonschema, "json": json, "entry": entry.fields})
        with pytest.raises(jsonschema.ValidationError):
            exec(program, {"jsonschema": jsonschema, "json": json, "entry": {**entry.fields, "data": "[]"}})


@pytest.mark.parametrize("language, path", [("python", "python/worker.py"), ("sh", "shell/worker.sh")])
def test_the_page_about_workers_shows_them_as_they_are(language, path):
    page = (FOLDER.parent / "writing-a-worker.md").read_text()
    shown, = re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert shown == (FOLDER.parents[1] / "Examples" / "workers" / path).read_text()
