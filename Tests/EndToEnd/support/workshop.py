"""Bridges with the samples whose work workers do, and the example worker in Python."""
import json
import os
import sys

from .bridge import QUICK_LEASE, REPOSITORY
from .bus import fresh
from .processes import end, spawn
from .waiting import eventually

QUEUE, LEASE = "steps", 1_000


class Workshop:
    """Bridges, and workers of the queue."""

    def __init__(self, bus, launch, folder):
        self.bus, self.folder, self.processes = bus, folder, []
        self.told = folder / "told"
        self.bridges = [launch(bus, options=QUICK_LEASE, events="tasks") for _ in range(2)]

    def hire(self, work="return input"):
        text = (REPOSITORY / "Examples" / "workers" / "python" / "worker.py").read_text()
        program = self.folder / f"worker-{len(self.processes)}.py"
        program.write_text(text.replace("return {\"received\": input}", work))
        with open(self.folder / "worker.log", "ab") as log:
            env = dict(os.environ, REDIS_URL=self.bus.server.url, CANO_PREFIX=self.bus.prefix, TOLD=str(self.told))
            self.processes.append(spawn([sys.executable, str(program), QUEUE], stdout=log, stderr=log, env=env))
        return self.processes[-1]

    def start(self, steps=1, payload=None, capacity=None, **fields):
        """A run of `remote-steps`."""
        return self._start("remote-steps", {"steps": steps, "payload": payload, "capacity": capacity}, **fields)

    def start_each(self, items, at_once=None, **fields):
        """A run of `remote-each`."""
        return self._start("remote-each", {"items": items, "at_once": at_once}, **fields)

    def _start(self, workflow, input, attempts=None, **fields):
        id = fresh(workflow)
        input |= {"queue": QUEUE, "lease_ms": LEASE, "attempts": attempts}
        self.bus.start(workflow, {name: value for name, value in input.items() if value is not None or name == "payload"}, id=id, **fields)
        return id

    def tasks(self):
        """The fields of each task on the queue, by its token."""
        entries = self.bus.redis.execute_command("XRANGE", self.bus.key("tasks", QUEUE), "-", "+")
        tasks = [{name.decode(): value.decode() for name, value in zip(flat[::2], flat[1::2])} for _, flat in entries]
        return {task["task"]: task for task in tasks}

    def task(self, attempt=1):
        """The fields of the first task on the queue, once it is one of this attempt."""
        def there():
            return next((task for task in self.tasks().values() if task["attempt"] == str(attempt)), None)

        return eventually(there, f"attempt {attempt} is on the queue")

    def pending(self):
        return self.bus.redis.xpending(self.bus.key("tasks", QUEUE), "workers")["pending"]

    def check_nothing_is_left(self, id):
        redis, tasks = self.bus.redis, self.bus.key("tasks", QUEUE)
        assert redis.xlen(tasks) == 0 and self.pending() == 0 and redis.xlen(self.bus.key("heldtasks", QUEUE)) == 0
        assert not redis.exists(self.bus.key("opentasks", id)) and redis.zcard(self.bus.key("deadlines")) == 0
        eventually(lambda: redis.xlen(self.bus.key("results")) == 0, "all answers are taken")
        assert self.bus.pending("results") == 0

    def output(self, id):
        record = self.bus.wait_for_end(id)
        assert record["status"] == "completed", record
        self.check_nothing_is_left(id)
        return json.loads(record["output"])

    def close(self):
        for process in self.processes:
            end(process)
