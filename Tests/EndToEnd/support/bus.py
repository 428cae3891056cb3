"""The bus as any client sees it: XADD to start, streams and hashes to read. Nothing here knows a bridge's insides."""
import itertools
import json
import os
import weakref

from .event import Event, text
from .waiting import eventually

ENDED = {"completed", "failed", "cancelled"}
_numbers = itertools.count(1)


def fresh(word="run"):
    """A name nobody in this session has used."""
    return f"{word}-{os.getpid()}-{next(_numbers)}"


def milliseconds(entry):
    """When Redis gave out this entry id, in ms since 1970."""
    return int(entry.split("-")[0])


# How far off a bridge may be, in ms: it knows Redis' clock to half a round trip, which takes a while on a busy machine.
CLOCK_ERROR = 20


class Bus:
    known = weakref.WeakSet()  # every bus of this session

    def __init__(self, server, prefix="cano"):
        self.server, self.prefix = server, prefix
        self.redis = server.client()
        Bus.known.add(self)
        for command in ("XRANGE", "XREVRANGE"):  # as they came: fields in order, repeated ones kept
            self.redis.response_callbacks.pop(command, None)

    def key(self, *parts):
        return ":".join((self.prefix, *parts))

    # Commands

    def publish(self, *pairs, to="commands"):
        """XADD of these (field, value) pairs, as they are; the entry id."""
        flat = [part for pair in pairs for part in pair]
        return text(self.redis.execute_command("XADD", self.key(to), "*", *flat))

    def start(self, workflow, input=None, **fields):
        """XADD of a start command; `input` is sent as JSON unless it is text. The entry id."""
        return self.start_all([dict(fields, workflow=workflow, input=input)])[0]

    def start_all(self, commands):
        """One pipeline of start commands, each a dict of fields; their entry ids."""
        pipeline = self.redis.pipeline(transaction=False)
        self.add_starts(pipeline, commands)
        return [text(entry) for entry in pipeline.execute()]

    def add_starts(self, pipeline, commands):
        """Start commands, each a dict of fields, as further commands of a pipeline."""
        for command in commands:
            fields = {"type": "start", **{name: value for name, value in command.items() if value is not None}}
            if not isinstance(fields.get("input", ""), (str, bytes)):
                fields["input"] = json.dumps(fields["input"], separators=(",", ":"))
            pipeline.xadd(self.key("commands"), fields)

    def cancel(self, id, to="control", **fields):
        """XADD of a cancel command; its entry id."""
        return self.publish(("type", "cancel"), ("id", id), *fields.items(), to=to)

    def signal(self, id, name, data=None, to="control", **fields):
        """XADD of a signal to a run; its entry id. `data` is sent as JSON unless it is text; None sends none."""
        return self.signal_all([dict(fields, id=id, name=name, data=data)], to)[0]

    def signal_all(self, signals, to="control"):
        """One pipeline of signals, each a dict of fields; their entry ids."""
        pipeline = self.redis.pipeline(transaction=False)
        for signal in signals:
            fields = {"type": "signal", **{name: value for name, value in signal.items() if value is not None}}
            if not isinstance(fields.get("data", ""), (str, bytes)):
                fields["data"] = json.dumps(fields["data"], separators=(",", ":"))
            pipeline.xadd(self.key(to), fields)
        return [text(entry) for entry in pipeline.execute()]

    def resume(self, id, **fields):
        """XADD of a resume command; its entry id."""
        return self.publish(("type", "resume"), ("id", id), *fields.items())

    def schedule(self, name, to="control", **fields):
        """XADD of a command that sets a schedule; its entry id. `input` is sent as JSON unless it is text."""
        if not isinstance(fields.get("input", ""), str):
            fields["input"] = json.dumps(fields["input"], separators=(",", ":"))
        return self.publish(("type", "schedule"), ("name", name), *((field, str(value)) for field, value in fields.items()), to=to)

    def unschedule(self, name, to="control", **fields):
        """XADD of a command that removes a schedule; its entry id."""
        return self.publish(("type", "unschedule"), ("name", name), *fields.items(), to=to)

    def steer_schedule(self, verb, name, to="control", **fields):
        """XADD of a command that pauses, resumes or runs a schedule; its entry id."""
        return self.publish(("type", f"{verb}_schedule"), ("name", name), *fields.items(), to=to)

    def schedule_fields(self, name):
        """The hash of a schedule."""
        return {text(field): text(value) for field, value in self.redis.hgetall(self.key("schedule", name)).items()}

    def is_scheduled(self, name):
        return self.redis.zscore(self.key("schedules"), name) is not None

    def firings(self, name):
        """The due times of a schedule's runs that have a record, in order; those that a command has started left out."""
        keys = self.redis.scan_iter(match=self.key("run", f"{name}@*"), count=1_000)
        return sorted(int(due) for due in (text(key).rpartition("@")[2] for key in keys) if due.isdigit())

    def answer(self, entry, name, within=20.0):
        """The event that answers a command about a schedule."""
        ids = {start + stream + f"/{entry}" for start in (f"schedule/{name}/", "command/") for stream in ("commands", "control")}
        found = eventually(lambda: [event for event in self.events(since=entry) if event.id in ids], f"an answer to {entry}", within)
        assert len(found) == 1
        return found[0]

    def taken(self, entry, within=20.0):
        """The `cano.signal.taken` of the signal with this entry id."""
        def found():
            return [event for event in self.events(since=entry)
                    if event.kind == "signal.taken" and event.id.endswith((f"/signal/control/{entry}", f"/signal/commands/{entry}"))]

        events = eventually(found, f"cano.signal.taken for {entry}", within)
        assert len(events) == 1
        return events[0]

    def strand(self, consumer, workflow, input):
        """A start that Redis has handed to this consumer of the bridges' group, and whose reply got lost on the way;
        its run id and entry id."""
        id, key = fresh("stranded"), self.key("commands")
        at_once = self.redis.pipeline(transaction=True)  # nobody who waits for the stream comes in between
        at_once.xadd(key, {"type": "start", "workflow": workflow, "id": id, "input": json.dumps(input)})
        at_once.xreadgroup("bridges", consumer, {key: ">"})
        entry, handed = at_once.execute()
        assert [found for found, _ in handed[0][1]] == [entry]
        return id, text(entry)

    def put_tasks(self, queue, count, **fields):
        """Tasks as a bridge puts them; their entries."""
        self.redis.zadd(self.key("queues"), {queue: self.now()})
        pipeline = self.redis.pipeline(transaction=False)
        for number in range(1, count + 1):
            run = f"run/{number}"
            pipeline.xadd(self.key("tasks", queue), {
                "task": f"{run}//1/1/n0nce", "run": run, "workflow": "till", "version": "1", "state": "charge", "name": "charge", "attempt": "1",
                "attempts": "4", "lease_ms": "60000", "until": "", "idempotency_key": f"run%2F{number}/charge/1", "input": '{"n":1}',
                "traceparent": "", **fields})
        return pipeline.execute()

    def entries(self, stream):
        """The entry ids that are in an inbound stream."""
        return {text(entry) for entry, _ in self.redis.execute_command("XRANGE", self.key(stream), "-", "+")}

    def pending(self, stream="commands"):
        """How many entries the group `bridges` has handed out and not yet seen the end of."""
        return self.redis.xpending(self.key(stream), "bridges")["pending"]

    def unfinished(self):
        """What keeps this bus from being quiet: commands that wait, entries in hand, runs that are leased."""
        return {
            what: found for what, found in (
                ("commands", self.redis.xlen(self.key("commands"))),
                ("in hand", self.pending()),
                ("leased", self.listed("leases")),
            ) if found
        }

    def is_quiet(self):
        return not self.unfinished()

    def wait_until_quiet(self, within=20.0):
        try:
            eventually(self.is_quiet, "the bus is quiet", within)
        except AssertionError as error:
            raise AssertionError(f"{error}; left: {self.unfinished()}") from None

    def now(self):
        """Redis TIME in ms since 1970."""
        seconds, microseconds = self.redis.time()
        return seconds * 1000 + microseconds // 1000

    # Records

    def record(self, id):
        return {text(field): text(value) for field, value in self.redis.hgetall(self.key("run", id)).items()}

    def statuses(self, ids):
        pipeline = self.redis.pipeline(transaction=False)
        for id in ids:
            pipeline.hget(self.key("run", id), "status")
        return [status and text(status) for status in pipeline.execute()]

    def wait_for_end(self, *ids, within=30.0):
        """Until the record of every one of these runs has ended; the last one's record."""
        left = list(ids)

        def all_ended():
            nonlocal left
            left = [id for id, status in zip(left, self.statuses(left)) if status not in ENDED]
            return not left

        try:
            eventually(all_ended, "every run has ended", within)
        except AssertionError as error:
            raise AssertionError(f"{error}; {len(left)} of {len(ids)} left, first {left[0]}: "
                                 f"{self.record(left[0])}") from None
        return self.record(ids[-1])

    def wait_for(self, id, within=20.0, **fields):
        """The record of a run, once these fields have these values: `wait_for(id, state="ship")`."""
        def there():
            record = self.record(id)
            return record if all(record.get(name) == str(value) for name, value in fields.items()) else None

        try:
            return eventually(there, f"{id} has {fields}", within)
        except AssertionError as error:
            raise AssertionError(f"{error}; its record: {self.record(id)}") from None

    def wait_for_event(self, id, kind, within=20.0, after=None):
        """The first event of that kind of a run, once there is one after the entry `after`."""
        def there():
            return next((event for event in self.events(after=after)
                         if event.subject == id and event.kind == kind), None)

        return eventually(there, f"{kind} of {id}", within)

    def wait_for_waiting(self, *ids, within=30.0):
        """Until every one of these runs is `waiting`; the last one's record."""
        try:
            eventually(lambda: self.statuses(ids) == ["waiting"] * len(ids), "every run waits", within)
        except AssertionError as error:
            records = (self.record(id) for id in ids)
            raise AssertionError(f"{error}; one that does not: {next((r for r in records if r.get('status') != 'waiting'), None)}") from None
        return self.record(ids[-1])

    def orphans(self):
        """The runs that have not started and have signals, each with the time until when these are kept."""
        return {text(id): score for id, score in self.redis.zrange(self.key("orphans"), 0, -1, withscores=True)}

    def has_inbox(self, id):
        """Whether anything is kept of the signals of a run."""
        return self.redis.exists(self.key("inbox", id)) == 1

    def lists(self, kind):
        """The keys of all lists of a kind, `leases`, `waits` or `timers`: one for each workflow and version that has any."""
        return sorted(text(key) for key in self.redis.scan_iter(match=self.key(kind, "*"), count=10_000))

    def listed(self, kind):
        """The runs in all lists of a kind, each with its score."""
        return {text(id): score for key in self.lists(kind) for id, score in self.redis.zrange(key, 0, -1, withscores=True)}

    def lease(self, id):
        """When the lease of a run ends; None when it has none."""
        workflow, version = self.redis.hmget(self.key("run", id), "workflow", "version")
        return self.redis.zscore(self.key("leases", f"{text(workflow)}@{text(version)}"), id) if workflow and version else None

    def log_length(self, id):
        """How many rows the private log holds, whatever type it is."""
        key = self.key("log", id)
        count = {"list": "LLEN", "hash": "HLEN", "stream": "XLEN", "zset": "ZCARD"}
        kind = text(self.redis.type(key))
        return 0 if kind == "none" else self.redis.execute_command(count[kind], key)

    # Streams

    def _read(self, key, after=None, since=None):
        """Every entry, those `after` an entry, or those that are not older than a command's entry id (`since`)."""
        start = f"({after}" if after else str(milliseconds(since)) if since else "-"
        return self.redis.execute_command("XRANGE", key, start, "+")

    def mark(self, stream="events"):
        """The last entry of a stream: read on from there."""
        last = self.redis.execute_command("XREVRANGE", self.key(stream), "+", "-", "COUNT", 1)
        return text(last[0][0]) if last else None

    def events(self, after=None, since=None):
        return [Event(entry, flat) for entry, flat in self._read(self.key("events"), after, since)]

    def stories(self, after=None, since=None):
        """Run id → its events in stream order; those that belong to no run left out."""
        stories = {}
        for event in self.events(after, since):
            if not event.type.startswith(("cano.command.", "cano.schedule.", "cano.signal.", "cano.run.duplicate", "cano.task.late")):
                stories.setdefault(event.subject, []).append(event)
        return stories

    def story(self, id):
        """The events of a run that has a record."""
        return self.stories(since=self.record(id)["entry"]).get(id, [])

    def replies(self, name):
        return [Event(entry, flat) for entry, flat in self._read(self.key("replies", name))]

    def wait_for_replies(self, name, count=1, within=20.0):
        """The answers on a reply stream, once there are `count`."""
        return eventually(lambda: len(found := self.replies(name)) >= count and found,
                          f"{count} answers on reply stream {name}", within)

    def dead_letters(self, since=None):
        """(entry id, [(field, value), …] in bytes and in order) of every dead letter."""
        found = self._read(self.key("deadletters"), since=since)
        return [(text(entry), list(zip(flat[::2], flat[1::2]))) for entry, flat in found]

    def dead_letters_of(self, entry):
        """(entry id, pairs) of every dead letter of one command entry."""
        return [letter for letter in self.dead_letters(since=entry) if (b"entry", entry.encode()) in letter[1]]

    def wait_for_dead_letter(self, entry, within=20.0):
        """(entry id, pairs) of the one dead letter of this command entry."""
        return eventually(lambda: self.dead_letters_of(entry), f"a dead letter for {entry}", within)[0]

    def rejection(self, entry, within=20.0):
        """The one `cano.command.rejected` of this command entry."""
        ids = {f"command/{stream}/{entry}" for stream in ("commands", "control", "results")}

        def found():
            return [event for event in self.events(since=entry) if event.id in ids]

        rejections = eventually(found, f"cano.command.rejected for {entry}", within)
        assert len(rejections) == 1
        return rejections[0]

    # Bridges

    def bridges(self):
        return {text(id) for id in self.redis.zrange(self.key("bridges"), 0, -1)}

    def workflows(self):
        """(workflow, version, bridge) of every advertisement."""
        members = (text(member) for member in self.redis.zrange(self.key("workflows"), 0, -1))
        return {(able.split("@")[0], able.split("@")[1], bridge)
                for able, bridge in (member.split("/", 1) for member in members)}

    def version(self, workflow):
        return next(version for name, version, _ in self.workflows() if name == workflow)
