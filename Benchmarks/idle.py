#!/usr/bin/python3
"""What one idle bridge costs Redis beside runs that it can't take: Benchmarks/idle.py path/to/cano-bridge [seconds]"""
import sys, time
from bridge import cpu_seconds, redis_server, start_bridge, stop

SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 20
CHUNK = 10_000
YEAR = 365 * 24 * 3_600 * 1_000


def add(client, count, status, version, lists):
    """Records of runs of `numbers` in this version, each listed by its score in these sorted sets."""
    for first in range(0, count, CHUNK):
        ids = [f"run-{number}" for number in range(first, min(first + CHUNK, count))]
        pipeline = client.pipeline(transaction=False)
        for id in ids:
            pipeline.hset("cano:run:" + id, mapping={
                "status": status, "workflow": "numbers", "version": version, "epoch": "1", "events": "1", "rows": "1", "state": "sum"})
        for key, score in lists.items():
            pipeline.zadd(key, {id: score(number) for number, id in enumerate(ids)})
        pipeline.execute()


def foreign(client, count):
    """Runs of a version that no bridge has: every other one handed back, the rest expired; and as many that are due in it."""
    add(client, count, "running", "0", {"cano:leases:numbers@0": lambda number: number % 2, "cano:timers:numbers@0": lambda number: 1})


def later(client, count):
    """Runs that the bridge has the workflow of, due next year."""
    version = client.zrange("cano:workflows", 0, 0)[0].decode().split("@")[1].split("/")[0]
    due = time.time() * 1_000 + YEAR
    add(client, count, "scheduled", version, {
        "cano:timers:numbers@" + version: lambda number: due, "cano:timers:numbers@": lambda number: due + number})


def measure(name, fill, count):
    with redis_server("no") as (folder, server, client):
        bridge = start_bridge(folder)
        try:
            while not client.exists("cano:workflows"):
                time.sleep(0.1)
            fill(client, count)
            time.sleep(5)
            client.config_resetstat()
            before, own, pings = cpu_seconds(server.pid), cpu_seconds(bridge.pid), []
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                began = time.perf_counter()
                client.ping()
                pings.append(time.perf_counter() - began)
                time.sleep(0.02)
            share, own = (cpu_seconds(server.pid) - before) / SECONDS, (cpu_seconds(bridge.pid) - own) / SECONDS
            commands = sum(stats["calls"] for command, stats in client.info("commandstats").items()) - len(pings)
            slowest = sorted(pings)[int(len(pings) * 0.99)] * 1e3
            print(f"{count:9,} {name}: redis-server {share:.2%}, bridge {own:.2%}, {commands / SECONDS:.0f} commands/s, ping p99 {slowest:.2f} ms")
        finally:
            stop(bridge)


if __name__ == "__main__":
    measure("runs that no bridge can take", foreign, 0)
    measure("runs that no bridge can take", foreign, 100_000)
    measure("runs that no bridge can take", foreign, 1_000_000)
    measure("runs due next year", later, 1_000_000)
