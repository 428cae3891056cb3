"""What holds for every event and every run, checked from the streams and the record alone."""
import json
from datetime import datetime
from urllib.parse import quote

from .bus import CLOCK_ERROR, milliseconds
from .event import FIELDS, TERMINAL
from .schemas import event_faults
from .waiting import eventually


def check_envelope(bus, event):
    """What the schemas say of an event, and what they can't: the order of its fields, and what these have to do with the bus."""
    faults = event_faults(tuple(event.pairs))
    assert not faults, "\n".join([repr(event), *faults])
    assert event.names == FIELDS, event
    assert event.source == f"/cano/{quote(bus.prefix, safe='')}/{event.workflow}"
    happened = datetime.fromisoformat(event.time.replace("Z", "+00:00")).timestamp() * 1000
    assert abs(happened - milliseconds(event.entry)) < 60_000, "event time and Redis TIME are far apart"


def stretches(story):
    """The events of a run, parted after each end."""
    parts = [[]]
    for event in story:
        if parts[-1] and parts[-1][-1].type in TERMINAL:
            parts.append([])
        parts[-1].append(event)
    return parts


def _numbers(id, story):
    for number, event in enumerate(story, start=1):
        if event.sequence != number or event.id != f"{id}/{number:010}" or event.subject != id:
            yield f"its numbers are {[event.sequence for event in story]}"
            return


SPLITS = ("trial-branches", "remote-each")  # the workflows of which a branch goes on while others wait


def _epochs(story):
    owners, last, waited = {}, 0, False
    for event in story:
        if event.epoch < last:
            yield f"epoch {event.epoch} wrote {event.sequence} after epoch {last} had begun: a commit by a loser"
        if event.epoch > last:
            opens = event.type in ("cano.run.started", "cano.run.resumed") or event.type in TERMINAL
            # Waking has no event of its own: whatever comes next shows it, by whichever bridge, of those that woke the run, came to write.
            if not waited and (event.epoch != last + 1 or not opens):
                yield f"epoch {event.epoch} begins with {event.kind} after epoch {last}"
        elif event.type in ("cano.run.started", "cano.run.resumed"):
            yield f"{event.kind} in the midst of epoch {event.epoch}"
        # Each branch of a split tells of its wait once: while that lasts the run may go on for another one, and be put down again.
        waited = event.type == "cano.run.waiting" or waited and event.workflow in SPLITS and event.type != "cano.state.entered"
        last = max(last, event.epoch)
        if event.epoch and owners.setdefault(event.epoch, event.bridge) != event.bridge:
            yield f"two bridges wrote in epoch {event.epoch}"


LOOPS = ("naps", "trial-watch", "trial-loop", "remote-steps")  # the workflows that visit a state again


def _path(story):
    """Each state goes on from where the run was, and but for the loops none is visited twice."""
    here, seen, row, undoing = None, set(), -1, False
    # An exit is not entered but completed; a run may be handed over between the two.
    exits = {event.data.get("state") for event in story if event.type == "cano.run.completed"}
    for event in story:
        undoing = undoing or event.kind.startswith("compensation.")
        if event.type in ("cano.run.started", "cano.state.entered"):
            if event.type == "cano.state.entered" and event.data["previous"] != here:
                yield "disorder", f"entered {event.data['state']} from {event.data['previous']} when in {here}"
            here = event.data["state"]
            if here in seen and event.workflow not in LOOPS:
                yield "twice", f"entered {here} twice"
            seen.add(here)
        elif event.type == "cano.run.resumed":
            if event.data["state"] not in {here, *exits} and not undoing:
                yield "disorder", f"went on in {event.data['state']} when in {here}"
            if event.data["row"] < row:
                yield "disorder", f"went on from row {event.data['row']} after row {row}"
            row = event.data["row"]


def _compensations(story):
    undone = [event.data["task"] for event in story if event.type == "cano.compensation.succeeded"]
    for task in {task for task in undone if undone.count(task) > 1}:
        yield "undone twice", f"{task} was undone {undone.count(task)} times"
    begun = False
    for event in story:
        begun = begun or event.kind.startswith("compensation.")
        if begun and event.kind in ("state.entered", "run.completed"):
            yield "disorder", f"{event.kind} after a compensation"


def problems(bus, id, story, record):
    """(kind, text) of everything wrong with one run that should have ended, seen from its events and its record; the
    kind is `lost`, `twice`, `undone twice` or `disorder`. Takeovers, resumes and delays are fine."""
    if not record or not story:
        yield "lost", "it has no " + ("record" if not record else "events")
        return
    for event in story:
        check_envelope(bus, event)
        assert event.workflow == record["workflow"]
    if record["status"] not in ("completed", "failed", "cancelled"):
        yield "lost", f"it is {record['status']}"
    elif story[-1].type != f"cano.run.{record['status']}":
        yield "disorder", f"it is {record['status']} and its last event is {story[-1].kind}"
    for part in stretches(story)[1:]:
        if part[0].type != "cano.run.resumed" or part[0].data["by"] != "command":
            yield "twice", f"{part[0].kind} after its end"
    if [event.type for event in story].count("cano.run.started") > 1:
        yield "twice", "it started twice"
    for text in (*_numbers(id, story), *_epochs(story)):
        yield "disorder", text
    yield from _path(story)
    yield from _compensations(story)
    for field, last in (("events", len(story)), ("epoch", story[-1].epoch)):
        if record[field] != str(last):
            yield "disorder", f"its record says {field} {record[field]}, the stream {last}"


def check_history(bus, id, story, record):
    """A run that has ended, whatever it has been through: see `problems`."""
    found = list(problems(bus, id, story, record))
    assert not found, f"{id}: {found}\n" + "\n".join(map(repr, story)) + f"\n{record}"


def check_run(bus, id, story, record):
    """One finished stretch of one run that nothing has happened to: started at once and ended where it started."""
    check_history(bus, id, story, record)
    assert story[0].type == "cano.run.started"
    assert len(stretches(story)) == 1
    assert {event.epoch for event in story} == {1}


def check_runs(bus, ids, after=None, check=check_run):
    """`check_run`, or another check, for every one of these finished runs; their stories."""
    stories = bus.stories(after)
    for id in ids:
        check(bus, id, stories.get(id, []), bus.record(id))
    return stories


def check_nothing_is_left(bus, *completed):
    """No command, no pending entry, no lease, no wait, no timer, no signal for a run that isn't there; and of completed runs no log, no store
    and no inbox."""
    def left():
        counts = {f"P:{stream}": bus.redis.xlen(bus.key(stream)) for stream in ("commands", "control")}
        counts |= {f"pending {stream}": bus.pending(stream) for stream in ("commands", "control")}
        counts |= {f"P:{kind}": len(bus.listed(kind)) for kind in ("leases", "waits", "timers")}
        counts["P:orphans"] = len(bus.orphans())
        return {name: count for name, count in counts.items() if count}

    try:
        eventually(lambda: not left(), "nothing waits, is in hand, is leased, has a timer or is an orphan")
    except AssertionError as error:
        raise AssertionError(f"{error}: {left()}") from None
    for id in completed:
        left_behind = [kind for kind in ("log", "runstore", "inbox") if bus.redis.exists(bus.key(kind, id))]
        assert not left_behind, f"{id} has left {left_behind}"


def check_waits(bus, id):
    """The record of a run that waits is as the contract says of such a run, and the list of the waiting has it alone; the record."""
    record = bus.record(id)
    assert record["status"] == "waiting", record
    assert int(record["waiting_since"]) <= bus.now() + CLOCK_ERROR and record["waiting_for"] and isinstance(json.loads(record["waits"]), list)
    assert bus.lease(id) is None, "it is leased"
    due = bus.redis.zscore(bus.key("waits", f"{record['workflow']}@{record['version']}"), id)
    assert due == float(record.get("wake_at", "inf")), "the list says when to go on with it"
    return record


WAITING_ALONE = {"waits", "waiting_for", "waiting_since", "wake_at"}  # fields of a record while its run waits, and else not


def check_does_not_wait(bus, id):
    """Nothing says of a run that it waits; its record."""
    record = bus.record(id)
    assert record["status"] != "waiting" and not record.keys() & WAITING_ALONE, record
    assert id not in bus.listed("waits")
    return record


def check_ended(bus, id, status="completed"):
    """Ended so, with all in order and no wait left; its record and its story."""
    record = bus.wait_for_end(id)
    assert record["status"] == status, record
    story = bus.story(id)
    check_history(bus, id, story, record)
    check_does_not_wait(bus, id)
    assert bus.lease(id) is None
    return record, story
