"""The schemas of docs/contract. Clients must bear fields and members that they don't know; here these are mistakes."""
import functools
import json
from pathlib import Path

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "contract"


def strict(schema):
    """The same schema without room for what it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(part) for name, part in schema.items()}
    if closed.get("type") == "object" and isinstance(closed.get("properties"), dict) and "required" in closed:
        closed["additionalProperties"] = False
    return closed


def load(path):
    """A schema as it is in the folder."""
    return json.loads((FOLDER / path).read_text())


@functools.cache
def validator(path):
    """What checks against the strict schema of this path; None where there is none."""
    return Draft202012Validator(strict(load(path))) if (FOLDER / path).exists() else None


def _faults(path, instance):
    checker = validator(path)
    if checker is None:
        return [f"there is no schema docs/contract/{path}"]
    return [f"{path}: {'.'.join(map(str, error.absolute_path)) or 'it'}: {error.message[:300]}" for error in checker.iter_errors(instance)]


def _json_faults(path, text):
    try:
        return _faults(path, json.loads(text))
    except ValueError as error:
        return [f"{path}: it is not JSON: {error}"]


@functools.lru_cache(maxsize=100_000)  # tests that wait read the same entries again and again
def event_faults(pairs):
    """What is wrong with an event, given as (field, value) pairs; nothing where it is as the contract says."""
    fields = dict(pairs)
    kind = fields.get("type", "")
    return [*_faults(f"events/{kind}.schema.json", fields), *_json_faults(f"events/{kind}.data.schema.json", fields.get("data", ""))]


def record_faults(fields):
    """What is wrong with the record of a run."""
    faults = _faults("run-record.schema.json", fields)
    for name in {"input", "output"} & fields.keys():
        json.loads(fields[name])
    return faults + (_json_faults("failure.schema.json", fields["error"]) if "error" in fields else [])


def task_faults(fields):
    """What is wrong with a task on a queue."""
    faults = _faults("task.schema.json", fields)
    json.loads(fields["input"])
    return faults


def graph_faults(text):
    """What is wrong with the graph of a workflow."""
    return _json_faults("graph.schema.json", text)


def answer_faults(fields):
    """What is wrong with a worker's answer."""
    if "output" in fields:
        json.loads(fields["output"])
    return _faults(f"commands/{fields.get('type')}.schema.json", fields)


def dead_letter_faults(fields):
    """What is wrong with a dead letter: its own fields alone, since any may be in the command."""
    own = load("dead-letter.schema.json")["properties"]
    return _faults("dead-letter.schema.json", {name: value for name, value in fields.items() if name in own})
