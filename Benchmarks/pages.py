#!/usr/bin/python3
"""How long each page of the admin server takes beside a million runs: Benchmarks/pages.py path/to/cano-bridge"""
import json, socket, statistics, sys, time, urllib.request
from bridge import redis_server, start_bridge, stop
from idle import add

RUNS, LETTERS, TURNS = 1_000_000, 100_000, 20
PAGES = {
    "now": "/", "runs": "/runs", "runs, failed": "/runs?status=failed", "runs, waiting": "/runs?status=waiting",
    "runs, one workflow and version": "/runs?workflow=numbers&version=0", "runs, an attribute that none has": "/runs?attribute=customer%3D42",
    "a run": "/run?id=run-4711", "a run, with events before and behind it": "/run?id=early", "queues": "/queues", "schedules": "/schedules",
    "dead letters": "/dead-letters", "workflows": "/workflows", "bridges": "/bridges", "runs as JSON": "/api/runs",
}


def fill(client):
    tomorrow = time.time() * 1_000 + 86_400_000
    add(client, RUNS, "waiting", "0", {"cano:waits:numbers@0": lambda number: tomorrow + number})
    client.zadd("cano:known", {"numbers@0": time.time() * 1_000})
    error = json.dumps({"code": "refused", "message": "refused", "category": "task_execution", "state": "sum", "task": None, "attempt": 1,
                        "retryable": False, "causes": []})
    pipeline, now = client.pipeline(transaction=False), int(time.time() * 1_000)
    for number in range(LETTERS):
        id = f"failed-{number}"
        pipeline.hset("cano:run:" + id, mapping={
            "status": "failed", "workflow": "numbers", "version": "0", "epoch": "1", "events": "3", "rows": "1", "state": "sum", "error": error,
            "resumable": "1", "created": now - 5_000, "started": now - 5_000, "updated": now, "finished": now, "input": "{}"})
        pipeline.zadd("cano:failed", {id: now + number})
        pipeline.xadd("cano:deadletters", {"type": "start", "workflow": "nothing", "error_code": "unknown_workflow", "error_message": "none has it",
                                           "entry": "1-0", "bridge": "b"})
        pipeline.xadd("cano:events", {"specversion": "1.0", "id": f"{id}/1", "source": "/cano/cano/numbers", "type": "cano.run.started",
                                      "subject": id if number else "early", "time": "2026-03-01T09:30:00.125Z", "workflow": "numbers",
                                      "sequence": "1", "epoch": "1", "bridge": "b", "traceparent": "", "datacontenttype": "application/json",
                                      "data": "{}"})
        if number % 5_000 == 4_999:
            pipeline.execute()
    pipeline.execute()
    client.hset("cano:run:early", mapping={"status": "running", "workflow": "numbers", "version": "0", "epoch": "1", "events": "9", "rows": "1",
                                           "state": "sum", "created": now - 10, "started": now - 10, "updated": now, "input": "{}"})


def seconds(url):
    began = time.perf_counter()
    with urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()
    return time.perf_counter() - began


if __name__ == "__main__":
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with redis_server("no") as (folder, server, client):
        fill(client)
        bridge = start_bridge(folder, "--admin", f"127.0.0.1:{port}")
        try:
            while True:
                try:
                    seconds(f"http://127.0.0.1:{port}/health/live")
                    break
                except OSError:
                    time.sleep(0.1)
            for name, path in PAGES.items():
                times = sorted(seconds(f"http://127.0.0.1:{port}{path}") * 1e3 for _ in range(TURNS))
                print(f"{name:42} median {statistics.median(times):6.1f} ms, slowest of {TURNS} {times[-1]:6.1f} ms")
        finally:
            stop(bridge)
