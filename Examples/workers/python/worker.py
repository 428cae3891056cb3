#!/usr/bin/env python3
"""A worker: takes tasks off a queue, does them and answers. Needs redis-py (4.3 or later) and nothing else.

    worker.py QUEUE                              REDIS_URL and CANO_PREFIX say where
"""
import json
import os
import signal
import sys
import threading
import time

import redis

bus = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True, socket_timeout=10)
prefix, queue = os.environ.get("CANO_PREFIX", "cano"), sys.argv[1]
tasks, results = f"{prefix}:tasks:{queue}", f"{prefix}:results"
me = f"{os.uname().nodename}-{os.getpid()}"  # a consumer name that no other process has


def work(input, task, lost):
    """What this worker is for: put yours here. What it returns is the output, what it raises fails the attempt.

    Work that takes long looks at `lost` now and then, and raises once that is set: the task is no longer this worker's. It never returns
    what is half done, for a late output may still count."""
    return {"received": input}


def do(work, entry, task):
    done, lost = threading.Event(), threading.Event()
    threading.Thread(target=beat, args=(entry, int(task["lease_ms"]) / 3000, done, lost), daemon=True).start()
    try:
        output = json.dumps(work(json.loads(task["input"]), task, lost), allow_nan=False)
        if len(output) > 262_144:
            raise ValueError("the output is longer than 256 KiB")
        answer = {"type": "complete", "output": output}
    except Exception as error:
        answer = {"type": "fail", "message": str(error).encode(errors="replace")[:1024].decode(errors="ignore")}
    while not done.is_set():
        try:
            bus.xadd(results, {**answer, "task": task["task"]})
            done.set()
        except redis.RedisError as error:  # it may have arrived all the same: a repeated answer changes nothing
            print(f"the answer to {task['task']} is sent again: {error}", file=sys.stderr)
            time.sleep(1)


def beat(entry, pause, done, lost):
    """Is heard of three times a lease. Work that is always done within its lease needs none of this."""
    while not done.wait(pause):
        try:
            if not bus.xclaim(tasks, "workers", me, 0, [entry], justid=True):
                return lost.set()
        except redis.RedisError:
            pass  # the next one may get through


def serve(work):
    """Takes tasks one after the other until it is told to end, and does each with `work`."""
    stopping, has_group = threading.Event(), False
    # The task in hand is finished, and at most one more that comes within the 2 s of a read.
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    while not stopping.is_set():
        try:
            if not has_group:
                bus.xgroup_create(tasks, "workers", id="0", mkstream=True)
            has_group = True
            answer = bus.xreadgroup("workers", me, {tasks: ">"}, count=1, block=2_000)
            for entries in dict(answer or ()).values():
                for entry, task in entries[0] if isinstance(answer, dict) else entries:  # a dict with protocol=3
                    do(work, entry, task)
        except redis.RedisError as error:
            has_group = "BUSYGROUP" in str(error)  # it is there already; of other errors one may be that it is gone
            if not has_group:
                print(f"the queue can't be read now: {error}", file=sys.stderr)
                time.sleep(1)


if __name__ == "__main__":
    serve(work)
