"""What became of many runs, counted from the streams and the records alone."""
import collections
import json

from .diary import BRANCHES
from .invariants import problems

# What the output of a completed run says that its steps did, each once.
STEPS = {
    "trial": lambda output: output == ["first", "second", "third"],
    "trial-saga": lambda output: output == ["take", "pay", "send"],
    "trial-march": lambda output: output == ["climb-1", "climb-2", "climb-3", "rest", "arrive"],
    "trial-branches": lambda output: (
        [account["branch"] for account in output["accounts"]] == list(BRANCHES) and output["succeeded"] == [0, 1, 2, 3]),
    "order-fulfilment": lambda output: [receipt.split(":")[0] for receipt in output["receipts"]] == ["reserve", "charge", "ship"],
}


class Audit:
    """`starts`, and how many of them were `lost`, ran `twice`, were `undone twice` or in `disorder`; `found` says why."""

    def __init__(self):
        self.starts, self.found, self.stories = 0, [], {}
        self.count = collections.Counter()

    def add(self, bus, commands, ends=None):
        """Looks at the runs of these start commands; `ends` says of each id how it should have ended, if that is known."""
        self.stories = bus.stories()
        for command in commands:
            id = command["id"]
            record, story = bus.record(id), self.stories.get(id, [])
            found = list(problems(bus, id, story, record))
            if ends and record and record["status"] != ends[id]:
                found.append(("disorder", f"it ended {record['status']} and not {ends[id]}: {record.get('error')}"))
            if record.get("status") == "completed" and (are_once := STEPS.get(record["workflow"])):
                if not are_once(json.loads(record["output"])):
                    found.append(("twice", f"its steps counted as {record['output']}"))
            self.starts += 1
            self.count.update({kind for kind, _ in found})
            self.found += [(id, kind, text) for kind, text in found]
        return self

    def takeovers(self):
        """How often a run was taken over from a bridge that had not handed it back."""
        return sum(event.kind == "run.resumed" and event.data["by"] == "takeover"
                   for story in self.stories.values() for event in story)
