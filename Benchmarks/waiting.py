#!/usr/bin/python3
"""What runs cost that wait, and how fast they are woken: Benchmarks/waiting.py path/to/cano-bridge [runs [part]]"""
import json, statistics, sys, time
from bridge import cpu_seconds, redis_server, resident_mib, start_bridge, stop

RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
WOKEN, SIGNALS, SECONDS = 100_000, 1_000, 20
MONTH = 30 * 24 * 3_600 * 1_000
TITLE = "x" * (200 - len('{"title":"","within_ms":2592000000}'))
CHUNK = 5_000


def publish(client, count, command, most=20_000):
    """Starts so many runs, never more than `most` of them in the backlog."""
    for first in range(0, count, CHUNK):
        pipeline = client.pipeline(transaction=False)
        for number in range(first, min(first + CHUNK, count)):
            pipeline.xadd("cano:commands", command(number))
        pipeline.execute()
        while client.xlen("cano:commands") > most:
            time.sleep(0.01)


def waiting(client):
    return sum(client.zcard(f"cano:waits:{workflow}@1") for workflow in ("approval", "naps"))


def until(condition):
    while not condition():
        time.sleep(0.05)


def used(client):
    return client.info("memory")["used_memory"]


def cpu_shares(processes):
    before = [cpu_seconds(process.pid) for process in processes]
    time.sleep(SECONDS)
    return [(cpu_seconds(process.pid) - earlier) / SECONDS for process, earlier in zip(processes, before)]


def at_rest():
    """What an empty bus and two bridges take."""
    with redis_server("no") as (folder, server, client):
        bridges = [start_bridge(folder) for _ in range(2)]
        try:
            until(lambda: client.zcard("cano:bridges") == 2)
            time.sleep(5)
            shares = cpu_shares([server, *bridges])
            print("at rest: redis-server {:.2%}, bridges {:.2%} and {:.2%};".format(*shares),
                  "resident", " and ".join(f"{resident_mib(bridge):.0f} MiB" for bridge in bridges), flush=True)
        finally:
            for bridge in bridges:
                stop(bridge)


def a_month():
    with redis_server("no") as (folder, server, client):
        client.config_set("hash-max-listpack-value", 1024)
        bridges = [start_bridge(folder) for _ in range(2)]
        try:
            until(lambda: client.zcard("cano:bridges") == 2)
            empty, began = used(client), time.monotonic()
            request = json.dumps({"title": TITLE, "within_ms": MONTH}, separators=(",", ":"))
            publish(client, RUNS, lambda number: {"type": "start", "workflow": "approval", "id": f"run-{number}", "input": request})
            until(lambda: waiting(client) == RUNS)
            print(f"{RUNS:,} runs began to wait at {RUNS / (time.monotonic() - began):,.0f} a second", flush=True)
            client.xtrim("cano:events", maxlen=0, approximate=False)
            time.sleep(10)
            print(f"  a run with an input of 200 bytes: {(used(client) - empty) / RUNS:,.0f} bytes of Redis", flush=True)
            shares = cpu_shares([server, *bridges])
            print("  beside them: redis-server {:.2%}, bridges {:.2%} and {:.2%};".format(*shares),
                  "resident", " and ".join(f"{resident_mib(bridge):.0f} MiB" for bridge in bridges), flush=True)
            signals(client)
        finally:
            for bridge in bridges:
                stop(bridge)
        # What started them has used memory of its own; a bridge that comes now has not.
        bridge = start_bridge(folder)
        try:
            until(lambda: client.zcard("cano:bridges") == 1)
            time.sleep(10)
            print(f"  a bridge that was started beside them: resident {resident_mib(bridge):.0f} MiB", flush=True)
        finally:
            stop(bridge)


def signals(client):
    """From the XADD of a signal to the end of its run, one at a time."""
    took = []
    for number in range(SIGNALS):
        last = client.xrevrange("cano:events", count=1)
        last = last[0][0] if last else "0"
        began = time.perf_counter()
        client.xadd("cano:control", {"type": "signal", "id": f"run-{number}", "name": "approved"})
        done = False
        while not done:
            for _, entries in client.xread({"cano:events": last}, block=5_000):
                for last, fields in entries:
                    done = done or fields[b"type"] == b"cano.run.completed"
        took.append((time.perf_counter() - began) * 1e3)
    took.sort()
    print(f"  a signal until its run's next event: median {statistics.median(took):.2f} ms, p99 {took[int(SIGNALS * 0.99)]:.2f} ms", flush=True)


def all_at_once():
    with redis_server("no") as (folder, server, client):
        bridges = [start_bridge(folder) for _ in range(2)]
        try:
            until(lambda: client.zcard("cano:bridges") == 2)
            # All are due in the same second, long enough from now that all wait by then.
            due = time.time() + 120
            publish(client, WOKEN, lambda number: {
                "type": "start", "workflow": "naps", "id": f"nap-{number}",
                "input": json.dumps({"naps": 1, "ms": int((due - time.time()) * 1_000)})})
            until(lambda: waiting(client) == WOKEN)
            if time.time() > due:
                sys.exit("the machine is too slow: some were due before all waited")
            client.xtrim("cano:events", maxlen=0, approximate=False)
            until(lambda: waiting(client) < WOKEN)
            began, redis_before, before = time.monotonic(), cpu_seconds(server.pid), sum(cpu_seconds(bridge.pid) for bridge in bridges)
            until(lambda: client.xlen("cano:events") >= WOKEN)
            seconds = time.monotonic() - began
            ids = [fields[b"subject"] for _, fields in client.xrange("cano:events") if fields[b"type"] == b"cano.run.completed"]
            print(f"{WOKEN:,} runs due in one second: all woken and ended in {seconds:.1f} s, {WOKEN / seconds:,.0f} a second;"
                  f" {len(ids):,} ended, {len(ids) - len(set(ids))} twice")
            print(f"  CPU a run: redis-server {(cpu_seconds(server.pid) - redis_before) / WOKEN * 1e6:.0f} us,"
                  f" bridges {(sum(cpu_seconds(bridge.pid) for bridge in bridges) - before) / WOKEN * 1e6:.0f} us", flush=True)
        finally:
            for bridge in bridges:
                stop(bridge)


for part in (at_rest, a_month, all_at_once):
    if part.__name__ in (sys.argv[3:] or [part.__name__]):
        part()
