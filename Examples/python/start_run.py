#!/usr/bin/env python3
"""Start a workflow run and wait for its end:  start_run.py WORKFLOW INPUT-JSON [RUN-ID]

REDIS_URL and CANO_PREFIX say where. Needs nothing but redis-py: the contract is plain Redis commands.
"""
import json, os, sys, uuid
import redis

bus = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True)
prefix = os.environ.get("CANO_PREFIX", "cano")
workflow, input = sys.argv[1:3]

# The id makes the start idempotent: repeat the XADD after a timeout and the run still happens once. Take what names
# the thing to be done (an order number); a random one protects this process only.
run_id = sys.argv[3] if len(sys.argv) > 3 else f"python-{uuid.uuid4()}"
# Answers go to the stream PREFIX:replies:NAME. With a fresh name every entry is ours and reading from 0 misses none.
reply = f"start-run-{uuid.uuid4()}"
bus.xadd(f"{prefix}:commands", {"type": "start", "workflow": workflow, "input": input, "id": run_id, "reply_to": reply})

last = "0"
while answer := bus.xread({f"{prefix}:replies:{reply}": last}, count=1, block=60_000):
    last, event = answer[0][1][0]
    data = json.loads(event["data"])
    # A duplicate says that this id was started before; if that run has not ended, its end follows here too.
    if event["type"] == "cano.run.duplicate" and data["status"] in ("scheduled", "running"):
        continue
    # The output of a very large result is left out of the event; the record always has it, and has it first.
    print(data if "output" not in data else json.dumps(data["output"]))
    sys.exit(0 if "completed" in (data.get("status"), event["type"].removeprefix("cano.run.")) else 1)
sys.exit(f"no answer within a minute: ask the record, HGETALL {prefix}:run:{run_id}")
