#!/usr/bin/python3
"""What Redis holds of everything a bus keeps, in bytes, and what that comes to at several rates: Benchmarks/memory.py path/to/cano-bridge"""
import sys, time, uuid
from bridge import redis_server, resident_mib, start_bridge, stop

COUNT = 5_000
RATES = (10, 100, 1_000, 10_000)
FLOOD = 150_000
GIB = 1 << 30
DAY = 86_400
# The defaults of `serve` that bound what is kept.
RETENTION, FAILED_RETENTION, REPLY_RETENTION = DAY, 7 * DAY, 3_600
EVENTS, EVENT_BYTES = 1_000_000, GIB
ORDER, FAILING = '{"sku":"A1","quantity":1}', '{"sku":"A1","quantity":1,"fail_at":"reserve"}'


def ids(kind, count=COUNT):
    return [f"{kind}-{uuid.uuid4()}" for _ in range(count)]


def publish(client, commands, stream="commands"):
    pipeline = client.pipeline(transaction=False)
    for command in commands:
        pipeline.xadd("cano:" + stream, command)
    pipeline.execute()


def until(condition, within=300):
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            sys.exit("it took too long")
        time.sleep(0.05)


def used(client):
    """What is allocated for data; buffers of clients are not."""
    memory = client.info("memory")
    return memory["used_memory"] - memory["mem_clients_normal"]


def idle(client):
    return all(client.xlen("cano:" + stream) == 0 for stream in ("commands", "control")) and not any(
        client.zcard(key) for key in client.scan_iter("cano:leases:*"))


def growth(client, count, grow, is_done=None):
    """The bytes that each of so many pieces adds."""
    before = used(client)
    grow()
    until(is_done or (lambda: idle(client)))
    return (used(client) - before) / count


def shrinkage(client, key):
    """The bytes of each entry of a stream, which is emptied."""
    count, before = client.xlen(key), used(client)
    client.xtrim(key, maxlen=0, approximate=False)
    return (before - used(client)) / count if count else 0, count


def starts(kind, workflow="numbers", input='{"batch_size":100}', **fields):
    return [{"type": "start", "workflow": workflow, "input": input, "id": id, **fields} for id in ids(kind)]


def measure(client):
    found = {}

    def kept(name, commands, stream="commands"):
        """What stays of commands besides their events; answers what an event takes, and how many each has."""
        both = growth(client, COUNT, lambda: publish(client, commands, stream))
        event, events = shrinkage(client, "cano:events")
        found[name] = both - event * events / COUNT
        return event, events / COUNT

    found["an event"], events = kept("a completed run: its record", starts("run"))
    found["an event of a saga"], _ = kept("a completed saga of three steps: its record", starts("order", "order-fulfilment", ORDER))
    kept("a failed run that can be resumed: record, log and store", starts("failed", "order-fulfilment", FAILING))
    record = found["a completed run: its record"]
    kept("an answer, alone on its stream", [dict(start, reply_to=f"client-{uuid.uuid4()}") for start in starts("alone")])
    found["an answer, alone on its stream"] -= record
    kept("", starts("kept", reply_to="desk"))
    del found[""]
    # The last thousand of them are there.
    found["an answer among others"], _ = shrinkage(client, "cano:replies:desk")
    client.delete("cano:replies:desk")

    kept("a dead letter", starts("bad", input='{"batch_size":"many"}'))
    client.delete("cano:deadletters")
    kept("a cancellation that is remembered", [{"type": "cancel", "id": id} for id in ids("unknown")], "control")
    letter, _ = shrinkage(client, "cano:deadletters")
    found["a cancellation that is remembered"] -= letter
    signals = [{"type": "signal", "id": id, "name": "approved", "data": '{"by":"ann"}', "message_id": "mail/7"} for id in ids("early")]
    kept("a signal to a run that has not started", signals, "control")
    waiting = starts("nap", "naps", '{"naps":1,"ms":2592000000}')
    kept("a run of two states that waits: record, log and its place among the waits", waiting)
    kept("a signal with a message id that no step has consumed", [
        {"type": "signal", "id": start["id"], "name": "approved", "data": '{"by":"ann"}', "message_id": "mail/7"} for start in waiting],
        "control")
    kept("a run that is to start later", starts("later", delay_ms=DAY * 1_000))
    kept("a schedule", [
        {"type": "schedule", "name": name, "workflow": "numbers", "input": '{"batch_size":100}', "cron": "0 3 1 1 *"}
        for name in ids("schedule")], "control")
    return found, events


def flood():
    """How much a bridge takes at rest, and at most while it carries out many commands that came at once."""
    with redis_server("no") as (folder, server, client):
        bridge = start_bridge(folder)
        try:
            until(lambda: client.exists("cano:workflows"))
            time.sleep(1)
            rest = resident_mib(bridge)
            publish(client, ({"type": "cancel", "id": id} for id in ids("flood", FLOOD)), "control")
            until(lambda: idle(client))
            peak = next(int(line.split()[1]) / 1024 for line in open(f"/proc/{bridge.pid}/status") if line.startswith("VmHWM"))
            return rest, peak
        finally:
            stop(bridge)


def print_tables(found, events_a_run):
    record, event = found["a completed run: its record"], found["an event"]
    answer, failed = found["an answer, alone on its stream"], found["a failed run that can be resumed: record, log and store"]

    def row(rate, *gib):
        print(f"| {rate:,} |" + "".join(f" {amount:,.1f} |" for amount in gib))

    print("\n| runs a second | records | events | answers, each on a stream of its own | if all fail and can be resumed |")
    print("| --: | --: | --: | --: | --: |\n| | written in a day, GiB | | | |")
    for rate in RATES:
        a_day = rate * DAY / GIB
        row(rate, a_day * record, a_day * events_a_run * event, a_day * answer, a_day * failed)
    print("| | held in the long run, GiB | | | |")
    for rate in RATES:
        events = min(rate * DAY * events_a_run, EVENTS, EVENT_BYTES / event) * event
        row(rate, rate * RETENTION * record / GIB, events / GIB, rate * REPLY_RETENTION * answer / GIB,
            rate * FAILED_RETENTION * failed / GIB)


with redis_server("no") as (folder, server, client):
    bridge = start_bridge(folder)
    try:
        until(lambda: client.exists("cano:workflows"))
        publish(client, starts("warm")[:100])
        until(lambda: idle(client))
        client.delete("cano:events")
        found, events_a_run = measure(client)
    finally:
        stop(bridge)
    found["a start that waits"] = growth(client, COUNT, lambda: publish(client, starts("waiting")), lambda: True)
print("| what | bytes in Redis |\n| --- | --: |")
for name, bytes in found.items():
    print(f"| {name} | {bytes:,.0f} |")
print_tables(found, events_a_run)
rest, peak = flood()
print(f"\na bridge at rest: {rest:.0f} MiB; at most, with {FLOOD:,} commands on the control stream at once: {peak:.0f} MiB")
