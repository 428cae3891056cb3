"""Many runs whose steps workers do, and the workers: some die, some answer twice, late, or nonsense."""
import json
import os
import sys
from pathlib import Path

from support.bridge import REPOSITORY
from support.bus import fresh
from support.event import text
from support.processes import end, spawn
from support.waiting import eventually

QUEUE, LEASE = "steps", 1_000


class RemoteSteps:
    """Runs of `remote-steps`, three steps each. What a worker does for a step is in the ledger, under the key of the step."""

    STEPS = 3

    def __init__(self, bus, count):
        self.bus, self.ends, self.commands = bus, {}, []
        for number in range(count):
            id = fresh("steps")
            self.commands.append({"workflow": "remote-steps", "id": id, "input": {
                "queue": QUEUE, "steps": self.STEPS, "lease_ms": LEASE, "attempts": 10, "payload": number}})
            self.ends[id] = "completed"

    @property
    def ids(self):
        return list(self.ends)

    def start(self):
        self.bus.start_all(self.commands)
        return self

    def effects(self):
        ledger = self.bus.redis.hgetall("ledger")
        return {text(key): json.loads(value) for key, value in ledger.items()}

    def expected(self):
        """What each run answers, by what the ledger says was done."""
        ledger = self.effects()
        assert len(ledger) == len(self.ids) * self.STEPS, "every effect is recorded, once"
        answers = {}
        for key, effect in ledger.items():
            answers.setdefault(effect["run"], {})[effect["step"]] = effect
        return {id: [answers[id][step] for step in range(1, self.STEPS + 1)] for id in self.ids}

    def check(self):
        for id, answer in self.expected().items():
            assert json.loads(self.bus.record(id)["output"]) == answer
        check_queue_is_empty(self.bus, self.ids)


class RemoteEach:
    """One run of `remote-each`, of so many items."""

    def __init__(self, bus, count, at_once):
        self.bus, self.count = bus, count
        self.id = fresh("each")
        self.ends = {self.id: "completed"}
        self.commands = [{"workflow": "remote-each", "id": self.id, "input": {
            "queue": QUEUE, "lease_ms": LEASE, "attempts": 10, "at_once": at_once,
            "items": [{"step": number, "payload": None} for number in range(count)]}}]

    @property
    def ids(self):
        return [self.id]

    def start(self):
        self.bus.start_all(self.commands)
        return self

    def check(self):
        """Each item has one outcome, in the order of the list."""
        ledger = {text(key): json.loads(value) for key, value in self.bus.redis.hgetall("ledger").items()}
        assert len(ledger) == self.count, "every effect is recorded, once"
        by_item = {effect["step"]: effect for effect in ledger.values()}
        assert json.loads(self.bus.record(self.id)["output"]) == [by_item[number] for number in range(self.count)]
        check_queue_is_empty(self.bus, self.ids)


def check_queue_is_empty(bus, ids):
    """Of runs that are over no task is left, on the queue or in a worker's hands, and no answer."""
    redis, tasks = bus.redis, bus.key("tasks", QUEUE)
    eventually(lambda: redis.xlen(bus.key("results")) == 0 and bus.pending("results") == 0, "all answers are taken", within=30)
    assert redis.xlen(tasks) == 0 and redis.xpending(tasks, "workers")["pending"] == 0
    assert not list(redis.scan_iter(match=bus.key("opentasks", "*"), count=1_000)) and redis.zcard(bus.key("deadlines")) == 0


class Workforce:
    """Ten workers in Python; `with Workforce(…) as workers:` ends them. Seven work well, and those that are killed are replaced."""

    KINDS = ["well"] * 7 + ["twice", "late", "nonsense"]

    def __init__(self, bus, folder, work_ms):
        self.bus, self.folder, self.work_ms = bus, folder, work_ms
        self.workers, self.killed = [], 0

    def _hire(self, kind):
        with open(self.folder / f"worker-{kind}.log", "ab") as log:
            env = dict(
                os.environ, REDIS_URL=self.bus.server.url, CANO_PREFIX=self.bus.prefix, KIND=kind, WORK_MS=str(self.work_ms),
                EXAMPLE=str(REPOSITORY / "Examples" / "workers" / "python" / "worker.py"))
            program = [sys.executable, str(Path(__file__).with_name("worker.py")), QUEUE]
            return spawn(program, stdout=log, stderr=log, env=env)

    def __enter__(self):
        self.workers = [self._hire(kind) for kind in self.KINDS]
        return self

    def __exit__(self, *_):
        for worker in self.workers:
            end(worker)

    def kill(self, dice):
        """SIGKILL to one that works well; another takes its place."""
        place = dice.randrange(self.KINDS.count("well"))
        self.workers[place].kill()
        self.workers[place].wait()
        self.workers[place] = self._hire("well")
        self.killed += 1
