"""Whatever bridges write while a test runs fits the schemas of docs/contract, whether the test looks at it or not."""
import weakref

import pytest
import redis

from .bus import Bus
from .event import Event, text
from .schemas import dead_letter_faults, event_faults, graph_faults, record_faults, task_faults

_marks = weakref.WeakKeyDictionary()  # of each bus: stream → the last entry that was looked at


def pytest_runtest_setup(item):
    forges = item.get_closest_marker("forges") is not None
    Event.examine = staticmethod((lambda event: None) if forges else examine)


@pytest.hookimpl(trylast=True)
def pytest_runtest_call(item):
    """Behind the test itself, and only where that has passed; before its Redis ends."""
    if item.get_closest_marker("forges"):
        return
    for bus in list(Bus.known):
        try:
            examine_bus(bus)
        except redis.exceptions.ConnectionError:
            Bus.known.discard(bus)  # its Redis has ended, and what was in it is gone


def examine(event):
    """Fails with what is wrong with an event, if anything is."""
    faults = event_faults(tuple(event.pairs))
    assert not faults, "\n".join([f"not as docs/contract has it: {event}", *faults])


def examine_bus(bus):
    """Looks at each event, answer, dead letter and task that is new, and at the records of the runs they are about."""
    marks, runs = _marks.setdefault(bus, {}), set()
    streams = {text(key) for key in bus.redis.scan_iter(match=bus.key("*"), count=1_000, _type="stream")}
    for key in sorted(streams):
        kind = key.removeprefix(bus.prefix + ":").split(":")[0]
        if kind not in ("events", "replies", "deadletters", "tasks"):
            continue
        start = f"({marks[key]}" if key in marks else "-"
        for entry, flat in bus.redis.execute_command("XRANGE", key, start, "+"):
            marks[key] = text(entry)
            if kind in ("deadletters", "tasks"):
                fields = {text(name): text(value) for name, value in zip(flat[::2], flat[1::2])}
                faults = dead_letter_faults(fields) if kind == "deadletters" else task_faults(fields)
                assert not faults, "\n".join([f"not as docs/contract has it: {text(entry)} of {key} {fields}", *faults])
            else:
                event = Event(entry, flat)  # which examines it
                if event.type.startswith("cano.run."):
                    runs.add(event.subject)
    if text(bus.redis.type(bus.key("graphs"))) == "hash":
        for workflow, graph in bus.redis.hgetall(bus.key("graphs")).items():
            faults = graph_faults(text(graph))
            assert not faults, "\n".join([f"not as docs/contract has it: the graph of {text(workflow)} {text(graph)}", *faults])
    for run in runs:
        record = bus.record(run)
        faults = record_faults(record) if record else []
        assert not faults, "\n".join([f"not as docs/contract has it: the record of {run} {record}", *faults])
