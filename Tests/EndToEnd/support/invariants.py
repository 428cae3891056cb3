"""What holds for every event and every run, checked from the streams and the record alone."""
import re
from datetime import datetime
from urllib.parse import quote

from .bus import milliseconds
from .event import FIELDS, TERMINAL

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SEQUENCE = re.compile(r"\d{10}")

# type → (keys its data always has, keys it may have)
DATA = {
    "cano.run.scheduled": ({"not_before"}, set()),
    "cano.run.started": ({"version", "state"}, {"input"}),
    "cano.run.resumed": ({"state", "row", "previous_bridge", "recoveries", "by"}, set()),
    "cano.state.entered": ({"state", "previous"}, set()),
    "cano.task.started": ({"state", "task"}, set()),
    "cano.task.succeeded": ({"state", "task"}, set()),
    "cano.task.failed": ({"state", "task", "error"}, set()),
    "cano.task.retried": ({"state", "task", "attempt", "delay_ms", "error"}, set()),
    "cano.circuit.opened": ({"state", "task"}, set()),
    "cano.compensation.started": ({"task"}, set()),
    "cano.compensation.succeeded": ({"task"}, set()),
    "cano.compensation.failed": ({"task", "error"}, set()),
    "cano.checkpoint.written": ({"row", "kind"}, set()),
    "cano.run.completed": ({"state", "duration_ms"}, {"output"}),
    "cano.run.failed": ({"state", "error", "rollback", "resumable", "duration_ms"}, set()),
    "cano.run.cancelled": ({"state", "reason", "rollback", "duration_ms"}, set()),
    "cano.run.duplicate": ({"status"}, {"same_workflow", "same_input", "output", "error"}),
    "cano.command.rejected": ({"code", "message", "entry", "command"}, set()),
}
ERROR = {"code", "message", "category", "state", "task", "attempt", "retryable", "causes"}


def check_envelope(bus, event):
    """The fields every event has, whatever its type."""
    assert event.names == FIELDS, event
    assert event.specversion == "1.0"
    assert event.datacontenttype == "application/json"
    assert event.source == f"/cano/{quote(bus.prefix, safe='')}/{event.workflow}"
    assert TIME.fullmatch(event.time), event.time
    happened = datetime.fromisoformat(event.time.replace("Z", "+00:00")).timestamp() * 1000
    assert abs(happened - milliseconds(event.entry)) < 60_000, "event time and Redis TIME are far apart"
    assert SEQUENCE.fullmatch(event.fields["sequence"]), event.fields["sequence"]
    assert event.bridge
    always, sometimes = DATA[event.type]
    assert always <= event.data.keys() <= always | sometimes, event


def check_run(bus, id, story, record):
    """One finished stretch of one run: dense numbers, one bridge an epoch, one end, the record at its last event."""
    assert story, f"no event of {id}"
    for number, event in enumerate(story, start=1):
        check_envelope(bus, event)
        assert event.sequence == number, f"{id}: {[e.sequence for e in story]}"
        assert event.id == f"{id}/{number:010}"
        assert event.subject == id
        assert event.workflow == record["workflow"]
    assert story[0].type == "cano.run.started"
    assert [event.type for event in story if event.type in TERMINAL] == [story[-1].type], f"{id}: one end, and last"
    assert story[-1].type == f"cano.run.{record['status']}"
    epochs = [event.epoch for event in story]
    assert epochs[0] == 1 and epochs == sorted(epochs)
    assert len({(event.epoch, event.bridge) for event in story}) == len(set(epochs)), "one bridge an epoch"
    assert record["events"] == str(len(story))
    assert record["epoch"] == str(epochs[-1])


def check_runs(bus, ids, after=None):
    """`check_run` for every one of these finished runs; their stories."""
    stories = bus.stories(after)
    for id in ids:
        check_run(bus, id, stories.get(id, []), bus.record(id))
    return stories
