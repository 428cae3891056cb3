#!/usr/bin/python3
"""What steps cost that workers do, and how fast they are: Benchmarks/workers.py path/to/cano-bridge [part]

The part `instructions` is done only where it is named: it needs valgrind, and counts what the load of the machine does not change."""
import json, os, statistics, subprocess, sys, time
from bridge import REPOSITORY, UnderWay, count_instructions, cpu_seconds, redis_server, resident_mib, start_bridge, stop

RUNS, STEPS, PROBES, WORKERS, AT_A_TIME = 20_000, 3, 1_000, 2, 100
COUNTED, UNDER_WAY = 100, 16
QUEUE = "steps"
TASKS = f"cano:tasks:{QUEUE}"


def hire(folder, count, at_a_time):
    """Workers in C, which answer what they are given."""
    program = folder + "/worker"
    subprocess.run(["cc", "-O2", "-o", program, f"{REPOSITORY}/Examples/workers/c/worker.c", "-lhiredis"], check=True)
    env = dict(os.environ, REDIS_URL="unix://" + folder + "/sock")
    return [subprocess.Popen([program, QUEUE, str(at_a_time)], env=env) for _ in range(count)]


def ended(client):
    """Every run has two events at the level runs: that it started and that it is over."""
    return client.xlen("cano:events") / 2


def steps(number, count=STEPS, **fields):
    return {"type": "start", "workflow": "remote-steps", "id": f"run-{number}",
            "input": json.dumps({"queue": QUEUE, "steps": count, "payload": {"item": 1}}), **fields}


def scripts(client):
    stats = client.info("commandstats")
    return {name: stats.get("cmdstat_" + name, {"calls": 0, "usec": 0}) for name in ("evalsha", "xreadgroup", "xadd")}


def backlog():
    """Runs of three steps, one after the other, from a backlog."""
    with redis_server("everysec") as (folder, server, client):
        pipeline = client.pipeline(transaction=False)
        for number in range(RUNS):
            pipeline.xadd("cano:commands", steps(number))
        pipeline.execute()
        workers, bridge = hire(folder, WORKERS, AT_A_TIME), start_bridge(folder, "--events", "runs")
        try:
            while ended(client) < 100:
                time.sleep(0.001)
            client.config_resetstat()
            began, before, counted = time.perf_counter(), [cpu_seconds(each.pid) for each in (server, bridge, *workers)], ended(client)
            while client.xlen("cano:events") < 2 * RUNS:
                time.sleep(0.01)
            seconds, runs = time.perf_counter() - began, RUNS - counted
            used = [(cpu_seconds(each.pid) - earlier) / runs * 1e6 for each, earlier in zip((server, bridge, *workers), before)]
            calls = scripts(client)["evalsha"]
            print(f"{RUNS} runs of {STEPS} remote steps, {WORKERS} workers in C that take {AT_A_TIME} at a time: {runs / seconds:,.0f} runs/s")
            print(f"  CPU a run: redis-server {used[0]:.0f} us, bridge {used[1]:.0f} us, workers {sum(used[2:]):.0f} us;"
                  f" scripts: {calls['calls'] / runs:.2f} a run, {calls['usec'] / runs:.0f} us; bridge {resident_mib(bridge):.0f} MiB")
            print(f"  left: {client.xlen(TASKS)} tasks, {client.xpending(TASKS, 'workers')['pending']} in hand, {client.xlen('cano:results')} answers", flush=True)
        finally:
            for each in (*workers, bridge):
                stop(each)


def alone():
    """One run at a time, of one step and of three: from XADD to the reply, with a worker that takes one task at a time."""
    with redis_server("everysec") as (folder, _, client):
        workers, bridge = hire(folder, 1, 1), start_bridge(folder, "--events", "runs")
        try:
            for count in (1, STEPS):
                waits = []
                for number in range(PROBES):
                    if number == PROBES // 10:
                        waits.clear()  # warm now
                        client.config_resetstat()
                    id = f"{count}-{number}"
                    began = time.perf_counter()
                    client.xadd("cano:commands", steps(id, count, reply_to=id))
                    client.xread({f"cano:replies:{id}": "0"}, block=5_000)
                    waits.append((time.perf_counter() - began) * 1e3)
                waits.sort()
                print(f"idle, {count} remote steps, XADD to reply: median {statistics.median(waits):.2f} ms,"
                      f" p99 {waits[int(len(waits) * 0.99)]:.2f} ms; {scripts(client)['evalsha']['calls'] / len(waits):.2f} scripts a run", flush=True)
        finally:
            for each in (*workers, bridge):
                stop(each)


def fan_out():
    """One run of many items, so many at a time."""
    for items, at_once in ((1_000, 50), (10_000, 50)):
        with redis_server("everysec") as (folder, server, client):
            workers, bridge = hire(folder, WORKERS, AT_A_TIME), start_bridge(folder, "--events", "runs")
            try:
                time.sleep(1)
                client.config_resetstat()
                before, began = [cpu_seconds(each.pid) for each in (server, bridge)], time.perf_counter()
                list_ = {"queue": QUEUE, "items": list(range(items)), "at_once": at_once}
                client.xadd("cano:commands", {"type": "start", "workflow": "remote-each", "id": "all", "input": json.dumps(list_), "reply_to": "all"})
                client.xread({"cano:replies:all": "0"}, block=120_000)
                seconds = time.perf_counter() - began
                used = [cpu_seconds(each.pid) - earlier for each, earlier in zip((server, bridge), before)]
                output = json.loads(client.hget("cano:run:all", "output"))  # a long one is not in the reply
                received = [each["received"] for each in output]
                assert received == list(range(items)), received[:10]
                calls = scripts(client)["evalsha"]
                network = client.info("stats")
                print(f"{items} items, {at_once} at once: {seconds:.2f} s; an item: {calls['calls'] / items:.2f} scripts,"
                      f" {calls['usec'] / items:.0f} us in them, redis-server {used[0] / items * 1e6:.0f} us, bridge {used[1] / items * 1e6:.0f} us,"
                      f" {network['total_net_input_bytes'] / items:,.0f} B to Redis, {network['total_net_output_bytes'] / items:,.0f} B from it", flush=True)
            finally:
                for each in (*workers, bridge):
                    stop(each)


def instructions():
    """How many instructions of the bridge a run of three steps takes whose answers come in time, so many under way at a time."""
    with redis_server("everysec") as (folder, _, client):
        workers = hire(folder, 1, UNDER_WAY)
        try:
            taken = count_instructions(folder, UnderWay(client, UNDER_WAY, steps).run, COUNTED // 4, COUNTED, "--events", "runs")
            print(f"{COUNTED} runs of {STEPS} remote steps, {UNDER_WAY} under way: {taken:,.0f} instructions of the bridge a run")
        finally:
            for each in workers:
                stop(each)


PARTS = {"backlog": backlog, "alone": alone, "fan-out": fan_out}

if __name__ == "__main__":
    if len(sys.argv) > 2:
        (PARTS | {"instructions": instructions})[sys.argv[2]]()
    else:
        for part in PARTS.values():
            part()
