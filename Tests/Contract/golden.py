"""The entries of docs/contract/golden, with the schemas that they are to fit."""
import json
from pathlib import Path

from support.schemas import FOLDER

GOLDEN = FOLDER / "golden"


class Entry:
    """One file: its fields in order, the schema of the entry, and those of the JSON in its fields."""

    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(GOLDEN).with_suffix(""))
        self.pairs = [tuple(pair) for pair in json.loads(path.read_text())]
        self.fields = dict(self.pairs)
        self.kind = path.parent.name
        command = path.name.split(".")[0]
        self.schema = {
            "commands": f"commands/{command}{'.cloudevent' if 'specversion' in self.fields else ''}.schema.json",
            "events": f"events/{self.fields.get('type')}.schema.json",
            "records": "run-record.schema.json",
            "tasks": "task.schema.json",
            "graphs": "graph.schema.json",
            "deadletters": "dead-letter.schema.json",
        }[self.kind]

    @property
    def nested(self):
        """(schema, value) of each field whose text is JSON of a known shape."""
        if self.kind == "events":
            yield f"events/{self.fields['type']}.data.schema.json", json.loads(self.fields["data"])
        if self.kind == "records" and "error" in self.fields:
            yield "failure.schema.json", json.loads(self.fields["error"])

    def __repr__(self):
        return self.name


ENTRIES = [Entry(path) for path in sorted(GOLDEN.rglob("*.json"))]
SCHEMAS = sorted(str(path.relative_to(FOLDER)) for path in Path(FOLDER).rglob("*.schema.json"))


def instances():
    """(schema, value, where it is from) of everything golden."""
    for entry in ENTRIES:
        yield entry.schema, entry.fields, entry.name
        for schema, value in entry.nested:
            yield schema, value, f"{entry.name}:{schema}"
