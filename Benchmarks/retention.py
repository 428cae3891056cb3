#!/usr/bin/python3
"""What a bridge at full speed leaves in Redis once it is past the bound of events: Benchmarks/retention.py path/to/cano-bridge [seconds]"""
import subprocess, sys, time
from bridge import redis_server, resident_mib, stop

BINARY = sys.argv[1]
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 300
EVENTS, RECORD_SECONDS = 100_000, 60
BACKLOG, BATCH = 4_000, 1_000
SAMPLE = 15


def serve(folder):
    return subprocess.Popen(
        [BINARY, "serve", "--samples", "--redis", f"unix://{folder}/sock", "--log-level", "warning", "--max-events", str(EVENTS),
         "--retention-seconds", str(RECORD_SECONDS)], stderr=open(folder + "/bridge.log", "wb"))


def keep_full(client, number):
    """Publishes what is missing in the backlog; how many there have been then."""
    while client.xlen("cano:commands") < BACKLOG:
        pipeline = client.pipeline(transaction=False)
        for number in range(number, number + BATCH):
            pipeline.xadd("cano:commands", {"type": "start", "workflow": "numbers", "id": f"run-{number}", "input": '{"batch_size":3}'})
        pipeline.execute()
        number += 1
    return number


with redis_server("everysec") as (folder, server, client):
    bridge = serve(folder)
    samples = []
    try:
        number = keep_full(client, 0)
        began = sampled = time.monotonic()
        done_before = 0
        print(f"at most about {EVENTS:,} events, records for {RECORD_SECONDS} s")
        print("|  s | runs so far | runs/s | events kept | keys | Redis MiB | bridge MiB |")
        while (now := time.monotonic()) < began + SECONDS:
            number = keep_full(client, number)
            if now < sampled + SAMPLE:
                time.sleep(0.005)
                continue
            done = number - client.xlen("cano:commands")
            kept, keys, memory = client.xlen("cano:events"), client.dbsize(), client.info("memory")["used_memory"] / 2**20
            samples.append((kept, memory, resident_mib(bridge)))
            print(f"| {now - began:3.0f} | {done:,} | {(done - done_before) / (now - sampled):,.0f} | {kept:,} | {keys:,} | {memory:.0f} "
                  f"| {samples[-1][2]:.0f} |", flush=True)
            sampled, done_before = now, done
        later = samples[len(samples) // 3:]
        for name, values in zip(("events kept", "Redis MiB", "bridge MiB"), zip(*later)):
            print(f"{name} in the last two thirds: {min(values):,.0f} to {max(values):,.0f}")
    finally:
        stop(bridge)
