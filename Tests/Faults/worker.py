"""The Python worker of the examples, which writes down what it does; its KIND is well, twice, late or nonsense, which is how it answers."""
import json
import os
import pathlib
import time

import redis

KIND, WORK_MS = os.environ["KIND"], int(os.environ["WORK_MS"])
NONSENSE = [{"type": "complete"}, {"type": "finished"}, {"type": "complete", "output": "{"}, {"type": "fail", "retry": "perhaps"},
            {"type": "complete", "task": "something else", "output": "1"}]
xadd, is_first = redis.Redis.xadd, True


def record(bus, input, task):
    """The effect, in a ledger that recognises a key that it has; the answer is what the ledger says."""
    global is_first
    is_first = task["attempt"] == "1"
    time.sleep(WORK_MS / 1_000)
    effect = {"run": task["run"], "step": input["step"], "worker": os.getpid()}
    bus.hsetnx("ledger", task["idempotency_key"], json.dumps(effect))
    if KIND == "late" and is_first:
        time.sleep(int(task["lease_ms"]) / 1_000 * 1.5)
    return json.loads(bus.hget("ledger", task["idempotency_key"]))


def answer(bus, results, fields):
    if KIND == "nonsense" and is_first:
        for nonsense in NONSENSE:
            xadd(bus, results, {"task": fields["task"], **nonsense} if nonsense != NONSENSE[0] else nonsense)
        return
    for _ in range(2 if KIND == "twice" else 1):
        xadd(bus, results, fields)


redis.Redis.xadd = answer
if KIND == "late":  # it is not heard of, either
    redis.Redis.xclaim = lambda *_, **__: True
example = pathlib.Path(os.environ["EXAMPLE"])
source = example.read_text().replace('return {"received": input}', "return record(bus, input, task)")
assert "record(" in source
exec(compile(source, example, "exec"), {"__name__": "__main__", "record": record})
