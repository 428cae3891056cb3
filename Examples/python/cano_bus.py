#!/usr/bin/env python3
"""A client of a Cano bus in one file, for you to copy. Needs redis-py (4.3 or later) and nothing else.

    bus = Bus("redis://127.0.0.1:6379")
    total = bus.run("numbers", {"batch_size": 100}, id="numbers-1")
    for event in bus.follow("invoicing"):
        ...

From a shell:  cano_bus.py start WORKFLOW INPUT-JSON [ID] | cancel ID [REASON] |
               signal ID NAME [DATA-JSON [MESSAGE-ID]] | follow [GROUP] | dead-letters
REDIS_URL and CANO_PREFIX say where, and CANO_SHARDS of how many shards a start, a cancellation or a signal is to find its own.
"""
import binascii
import json
import os
import sys
import time
import uuid

import redis

OVER = {"completed", "failed", "cancelled"}


def shard_of(id, shards):
    """The number of the shard that a run is on, on a bus of several. For a schedule and its runs give the schedule's name."""
    return binascii.crc_hqx(id.partition("//")[0].encode(), 0) % shards


class Rejected(Exception):
    """The command was not carried out; `code` says why, and the command is among the dead letters."""
    def __init__(self, data):
        super().__init__(data["message"])
        self.code = data["code"]


class RunFailed(Exception):
    """The run failed or was cancelled; `data` is that of the event that said so."""
    def __init__(self, status, data):
        super().__init__(data.get("error", {}).get("message") or data.get("reason") or status)
        self.status, self.data = status, data


class OtherInput(Exception):
    """The id belongs to a run of another workflow, or with another input: its result would not be an answer to this."""


class Bus:
    def __init__(self, url="redis://127.0.0.1:6379", prefix="cano"):
        # Blocking reads end after BLOCK ms. A socket must be allowed more than that, or it times out under a read that only waits:
        # redis-py 8 has five seconds by default.
        # A dead letter may hold what is no UTF-8: read so, it is published again byte for byte.
        self.redis = redis.Redis.from_url(url, decode_responses=True, encoding_errors="surrogateescape", socket_timeout=10)
        self.prefix = prefix

    BLOCK = 2_000

    @classmethod
    def of(cls, id, shards, url="redis://127.0.0.1:6379", prefix="{cano}"):
        """The shard of a run, on a bus that is divided into so many: what is about the run is said and read there.

        With another number it would be looked for where it is not: a `ValueError` says so, once a bridge has said the number."""
        shard = lambda number: f"{prefix[:-1]}-{number}}}" if prefix.endswith("}") else f"{prefix}-{number}"
        bus = cls(url, shard(shard_of(id, shards)) if shards > 1 else prefix)
        try:
            said = bus.redis.hget(f"{shard(0)}:shards", "shards") if shards > 1 else None
        except redis.ResponseError:
            said = None  # shard 0 is on another node, or not ours to read
        if said and int(said) != shards:
            raise ValueError(f"the bus has {said} shards, and this client was told {shards}")
        return bus

    def key(self, *parts):
        return ":".join((self.prefix, *parts))

    def start(self, workflow, input=None, *, id=None, **fields):
        """Starts a run and answers its id. Repeating it with the same id is harmless: take what names the thing to be done."""
        id = id or f"python-{uuid.uuid4()}"
        self._command("commands", type="start", workflow=workflow, id=id, input=json.dumps(input), **fields)
        return id

    def run(self, workflow, input=None, *, id=None, within=60, **fields):
        """Starts a run, or joins the one of that id, and answers its output."""
        # With a fresh reply name every entry of the stream is about this, and reading from its beginning misses none. The stream goes
        # with the request: bridges keep it for an hour otherwise.
        id, reply = id or f"python-{uuid.uuid4()}", f"python-{uuid.uuid4()}"
        entry = self._command(
            "commands", type="start", workflow=workflow, id=id, input=json.dumps(input), reply_to=reply, **fields)
        try:
            return self._output(id, entry, input, self._read(self.key("replies", reply), within), within)
        finally:
            try:
                self.redis.delete(self.key("replies", reply))
            except redis.RedisError:
                pass  # bridges remove it later

    def _output(self, id, entry, input, answers, within):
        for event in answers:
            data = json.loads(event["data"])
            status = data.get("status") or event["type"].removeprefix("cano.run.")
            if event["type"] == "cano.command.rejected" and event["subject"] in (id, entry):
                raise Rejected(data)
            if event["type"] == "cano.run.duplicate" and not self._is_same(data, id, input):
                raise OtherInput(id)
            if status == "completed":
                # Events leave large outputs out. The record has every output, and has it first.
                return data["output"] if "output" in data else self.record(id)["output"]
            if status in OVER:
                raise RunFailed(status, data)
        if not self.record(id):
            raise TimeoutError(f"no bridge has taken {id} within {within} s: does one run, with this prefix? It starts when one does")
        raise TimeoutError(f"{id} has not ended within {within} s, and goes on")

    def wait(self, id, *, within=60):
        """Waits for the end of a run that was started elsewhere, and answers its record."""
        deadline = time.monotonic() + within
        while (record := self.record(id)).get("status") not in OVER:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{id} has not ended within {within} s: {record.get('status', 'unknown')}")
            time.sleep(0.1)
        return record

    def record(self, id):
        """What is known of a run; nothing of an unknown one, or of one that ended longer ago than records are kept."""
        record = self.redis.hgetall(self.key("run", id))
        return {name: json.loads(value) if name in ("input", "output", "error", "waits") else value for name, value in record.items()}

    def cancel(self, id, reason="requested"):
        """Asks for a run to be cancelled. Wait for it to see what became of it: it may have ended before it heard of this."""
        self._command("control", type="cancel", id=id, reason=reason)

    def resume(self, id):
        """Lets a failed run whose record says `resumable` go on. Unlike `cancel` it takes a slot, so it goes where starts go."""
        self._command("commands", type="resume", id=id)

    def signal(self, id, name, data=None, *, message_id=None, **fields):
        """Tells a run something from outside; it is kept until a step waits for it, also while no run of that id has started.

        With a `message_id` it counts once, however often it is sent: make it of what the signal is about.
        """
        self._command("control", type="signal", id=id, name=name, data=json.dumps(data), message_id=message_id, **fields)

    def follow(self, group, consumer="me", *, beginning="0"):
        """Every event, for ever. The group is a bookmark that Redis keeps: each service takes its own name and sees all events.

        An event is acknowledged when the next one is asked for. After a crash in between it comes again: (source, id) names an event
        once and for all.
        """
        events = self.key("events")
        try:
            self.redis.xgroup_create(events, group, id=beginning, mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        start = "0"  # what this consumer was given before and never acknowledged; then (">") what is new
        while True:
            answer = self.redis.xreadgroup(group, consumer, {events: start}, count=100, block=self.BLOCK)
            entries = _entries(answer)
            for entry, event in entries:
                if event:  # empty: trimmed away meanwhile; the record still tells the outcome
                    yield event
                self.redis.xack(events, group, entry)
            if start == "0" and not entries:
                start = ">"

    def dead_letters(self):
        """The commands that could not be carried out: (id of the letter, fields). Publish the fields again once the cause is mended."""
        return self.redis.xrange(self.key("deadletters"))

    def requeue(self, letter):
        """Publishes a dead letter's command again, and removes the letter."""
        [(_, fields)] = self.redis.xrange(self.key("deadletters"), letter, letter)
        added = ("error_code", "error_message", "entry", "bridge", "field_count")
        command = {name.removeprefix("original_"): value for name, value in fields.items() if name not in added}
        # The last part of a CloudEvent's type is what a plain command has as its own.
        kind = command.get("type", "").rpartition(".")[2]
        stream = "control" if kind in ("cancel", "signal", "schedule", "unschedule") else "commands"
        if kind in ("complete", "fail", "release", "defer"):  # what workers answer
            stream = "results"
        with self.redis.pipeline() as both:
            both.xadd(self.key(stream), command)
            both.xdel(self.key("deadletters"), letter)
            return both.execute()[0]

    def _is_same(self, duplicate, id, input):
        # `same_input` compares texts: another spelling of the same JSON is looked at again.
        return duplicate["same_workflow"] and (duplicate["same_input"] or self.record(id).get("input") == input)

    def _command(self, stream, **fields):
        return self.redis.xadd(self.key(stream), {name: value for name, value in fields.items() if value is not None})

    def _read(self, stream, within):
        last, deadline = "0", time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            answer = self.redis.xread({stream: last}, block=min(self.BLOCK, max(1, int(left * 1_000))))
            for last, event in _entries(answer):
                yield event


def _entries(answer):
    """The entries of the one stream that was read: older clients answer a list, newer ones may answer a dict."""
    streams = list(answer.items()) if isinstance(answer, dict) else answer or []
    return [entry for _, entries in streams for entry in (entries[0] if entries and isinstance(entries[0], list) else entries)]


def main(verb="", *arguments):
    where = (os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), os.environ.get("CANO_PREFIX", "cano"))
    shards, bus = int(os.environ.get("CANO_SHARDS", "1")), Bus(*where)
    if verb == "start" and len(arguments) == 2:
        arguments += (f"python-{uuid.uuid4()}",)
    if shards > 1 and verb in ("start", "cancel", "signal") and arguments:
        try:
            bus = Bus.of(arguments[2] if verb == "start" else arguments[0], shards, *where)
        except ValueError as error:
            sys.exit(str(error))
    if verb == "start" and len(arguments) == 3:
        workflow, input, id = arguments
        try:
            print(json.dumps(bus.run(workflow, json.loads(input), id=id)))
        except (Rejected, RunFailed, OtherInput, TimeoutError, json.JSONDecodeError) as error:
            sys.exit(f"{getattr(error, 'code', None) or type(error).__name__}: {error}")
    elif verb == "cancel" and len(arguments) in (1, 2):
        bus.cancel(*arguments)
    elif verb == "signal" and len(arguments) in (2, 3, 4):
        id, name, data, message_id = (*arguments, *(None,) * 2)[:4]
        bus.signal(id, name, json.loads(data or "null"), message_id=message_id)
    elif verb == "follow" and len(arguments) < 2:
        for event in bus.follow(*arguments or ["follow-events"]):
            print(event["time"], event["subject"], event["type"], event["data"], flush=True)
    elif verb == "dead-letters" and not arguments:
        for letter, fields in bus.dead_letters():
            print(letter, json.dumps(fields))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
