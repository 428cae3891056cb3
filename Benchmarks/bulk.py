#!/usr/bin/python3
"""How long the command line takes to find and steer many runs at once, and the bridge to do it: Benchmarks/bulk.py path/to/cano-bridge [runs]"""
import json, os, subprocess, sys, time
from bridge import BINARY, redis_server, resident_mib, start_bridge, stop

RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
CHUNK, PATIENCE = 5_000, 600


def publish(client, make):
    for first in range(0, RUNS, CHUNK):
        pipeline = client.pipeline(transaction=False)
        for number in range(first, min(first + CHUNK, RUNS)):
            pipeline.xadd("cano:commands", {"type": "start", **make(number)})
        pipeline.execute()


def wait(until):
    began = time.perf_counter()
    while not until():
        if time.perf_counter() - began > PATIENCE:
            sys.exit("the bridge has not come that far")
        time.sleep(0.05)
    return time.perf_counter() - began


def tell(folder, name, *arguments):
    """Runs a command as a script would, and says how long it took; returns its lines."""
    with open(folder + "/lines", "w+") as lines, open(folder + "/errors", "w+") as errors:
        began = time.perf_counter()
        command = subprocess.Popen([BINARY, *arguments, "--redis", "unix://" + folder + "/sock"], stdout=lines, stderr=errors)
        _, status, usage = os.wait4(command.pid, 0)
        seconds = time.perf_counter() - began
        lines.seek(0)
        errors.seek(0)
        if status:
            sys.exit(f"{name} has failed: {errors.read()[-500:]}")
        told = lines.read().splitlines()
    print(f"{name}: {told[-1] if len(told) == 1 else f'{len(told):,} lines'} in {seconds:.2f} s, {usage.ru_maxrss / 1024:.0f} MiB", flush=True)
    return told


def failed(folder, client):
    publish(client, lambda number: {
        "workflow": "order-fulfilment", "id": f"order-{number}", "input": '{"sku":"A1","quantity":1,"fail_at":"reserve"}',
        "attributes": json.dumps({"customer": number % 100})})
    bridge = start_bridge(folder, "--events", "runs")
    try:
        wait(lambda: client.zcard("cano:failed") == RUNS)
        found = tell(folder, "runs --status failed --where customer=42", "runs", "--status", "failed", "--where", "customer=42")
        assert len(found) == RUNS // 100, len(found)
        tell(folder, "resume --status failed --where customer=42 --dry-run", "resume", "--status", "failed", "--where", "customer=42", "--dry-run")
        stop(bridge)
        tell(folder, "resume --status failed --yes", "resume", "--status", "failed", "--yes")
        bridge = start_bridge(folder, "--events", "runs")
        seconds = wait(lambda: client.xlen("cano:commands") == 0 and client.zcard("cano:failed") == RUNS and not running(client))
        again = sum(int(client.hget(f"cano:run:order-{number}", "epoch")) == 2 for number in range(0, RUNS, 100))
        print(f"  the bridge had resumed all of them, and they had failed again, {seconds:.1f} s after it was started"
              f" ({again:,} of {RUNS // 100:,} looked at); {resident_mib(bridge):.0f} MiB", flush=True)
    finally:
        stop(bridge)


def waiting(folder, client):
    publish(client, lambda number: {"workflow": "approval", "id": f"wait-{number}", "input": '{"title":"t"}'})
    bridge = start_bridge(folder, "--events", "runs")
    try:
        wait(lambda: versions(client))
        waits = "cano:waits:" + next(name for name in versions(client) if name.startswith("approval@"))
        wait(lambda: client.zcard(waits) == RUNS)
        stop(bridge)
        tell(folder, "cancel --status waiting --workflow approval --yes", "cancel", "--status", "waiting", "--workflow", "approval", "--yes")
        bridge = start_bridge(folder, "--events", "runs")
        seconds = wait(lambda: client.zcard(waits) == 0 and client.xlen("cano:control") == 0)
        print(f"  the bridge had cancelled all of them {seconds:.1f} s after it was started; {resident_mib(bridge):.0f} MiB", flush=True)
    finally:
        stop(bridge)


def running(client):
    """How many runs bridges have."""
    return sum(client.zcard(key) for key in client.keys("cano:leases:*"))


def versions(client):
    """The workflows that bridges have, each with its version."""
    return {member.decode().split("/")[0] for member in client.zrange("cano:workflows", 0, -1)}


def letters(folder, client):
    """Letters of a time in which no bridge had the workflow."""
    for first in range(0, RUNS, CHUNK):
        pipeline = client.pipeline(transaction=False)
        for number in range(first, min(first + CHUNK, RUNS)):
            pipeline.xadd("cano:deadletters", {
                "type": "start", "workflow": "numbers", "id": f"run-{number}", "input": '{"batch_size":3}', "error_code": "unknown_workflow",
                "error_message": "no bridge had it", "entry": f"{number + 1}-0", "bridge": "b"})
        pipeline.execute()
    tell(folder, "dead-letters requeue --all --yes", "dead-letters", "requeue", "--all", "--yes")
    bridge = start_bridge(folder, "--events", "runs")
    try:
        seconds = wait(lambda: client.xlen("cano:commands") == 0 and not running(client))
        print(f"  the bridge had run all of them {seconds:.1f} s after it was started; {client.xlen('cano:deadletters')} letters are left", flush=True)
    finally:
        stop(bridge)


if __name__ == "__main__":
    for part in (failed, waiting, letters):
        with redis_server("everysec") as (folder, _, client):
            part(folder, client)
