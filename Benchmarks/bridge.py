#!/usr/bin/python3
"""How fast one bridge is, beside redis-benchmark in the same session: Benchmarks/bridge.py path/to/cano-bridge"""
import contextlib, os, statistics, subprocess, sys, tempfile, time
import redis

BINARY = sys.argv[1] if len(sys.argv) > 1 else None
REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUNS, PROBES = 20_000, 1_000
ORDERS_UNDER_WAY, ORDER_SECONDS = 64, 10


def connect(socket):
    client = redis.Redis(unix_socket_path=socket)
    for _ in range(500):
        try:
            client.ping()
            return client
        except redis.ConnectionError:
            time.sleep(0.01)
    sys.exit("redis-server did not start")


def start_bridge(folder, *options):
    log = open(folder + "/bridge.log", "wb")
    return subprocess.Popen(
        [BINARY, "serve", "--samples", "--redis", "unix://" + folder + "/sock", "--log-level", "warning", *options], stderr=log)


def resident_mib(process):
    for line in open(f"/proc/{process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stop(process):
    process.terminate()
    process.wait(30)


@contextlib.contextmanager
def redis_server(fsync):
    """A server of its own, and a client for it; the folder has its socket."""
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", folder + "/sock", "--dir", folder, "--appendonly", "yes",
             "--appendfsync", fsync, "--save", ""], stdout=subprocess.DEVNULL)
        try:
            yield folder, server, connect(folder + "/sock")
        finally:
            stop(server)


def probe(client, count):
    """How long a run takes that is alone, so many of them."""
    waits = []
    for number in range(count):
        began = time.perf_counter()
        client.xadd("cano:commands", {"type": "start", "workflow": "numbers", "id": f"probe-{number}", "input": '{"batch_size":3}',
                                      "reply_to": f"probe-{number}"})
        client.xread({f"cano:replies:probe-{number}": "0"}, block=30_000)
        waits.append((time.perf_counter() - began) * 1e3)
    waits.sort()
    return f"median {statistics.median(waits):.2f} ms, p99 {waits[int(count * 0.99)]:.2f} ms"


def numbers(folder, server, client):
    quiet = subprocess.run(
        ["redis-benchmark", "-s", folder + "/sock", "-P", "16", "-n", "500000", "-t", "set", "-q"],
        capture_output=True, text=True, check=True).stdout.replace("\r", "\n")
    for line in quiet.splitlines():
        if "per second" in line:
            print("redis-benchmark -P 16:", line.strip())
    client.flushall()

    pipeline = client.pipeline(transaction=False)
    for number in range(RUNS):
        pipeline.xadd("cano:commands", {"type": "start", "workflow": "numbers", "id": f"run-{number}", "input": '{"batch_size":3}'})
    pipeline.execute()
    bridge = start_bridge(folder)
    try:
        while client.xlen("cano:events") == 0:
            time.sleep(0.001)
        began, redis_before, bridge_before = time.perf_counter(), cpu_seconds(server.pid), cpu_seconds(bridge.pid)
        done_before = client.xlen("cano:events") / 3
        while client.xlen("cano:events") < 3 * RUNS:
            time.sleep(0.005)
        seconds, runs = time.perf_counter() - began, RUNS - done_before
        print(f"numbers from a backlog of {RUNS}: {runs / seconds:,.0f} runs/s")
        print(f"  CPU a run: redis-server {(cpu_seconds(server.pid) - redis_before) / runs * 1e6:.0f} us,"
              f" bridge {(cpu_seconds(bridge.pid) - bridge_before) / runs * 1e6:.0f} us")
        print(f"  resident memory of the bridge after it: {resident_mib(bridge):.0f} MiB")

        client.config_resetstat()
        print(f"idle, XADD to reply: {probe(client, PROBES)}")
        scripts = client.info("commandstats")["cmdstat_evalsha"]
        print(f"  of that in Redis' scripts: {scripts['usec'] / PROBES / 1e3:.2f} ms ({scripts['calls'] / PROBES:.2f} calls)")
    finally:
        stop(bridge)


def milliseconds(entry):
    return int(entry.split(b"-")[0])


def orders(name, folder, client, *options):
    """Sagas of three states that write to two shared stores, so many under way at a time, for some seconds."""
    bridge = start_bridge(folder, *options)
    try:
        published, took, last, number = {}, [], "0", 0
        end = None
        while end is None or time.perf_counter() < end:
            pipeline = client.pipeline(transaction=False)
            fresh = [f"order-{number + index}" for index in range(ORDERS_UNDER_WAY - len(published))]
            number += len(fresh)
            for id in fresh:
                pipeline.xadd("cano:commands", {"type": "start", "workflow": "order-fulfilment", "id": id,
                                                "input": '{"sku":"A1","quantity":1}', "reply_to": "bench"})
            published.update(zip(fresh, map(milliseconds, pipeline.execute())))
            for _, entries in client.xread({"cano:replies:bench": last}, count=ORDERS_UNDER_WAY, block=5_000):
                for last, fields in entries:
                    began = published.pop(fields[b"subject"].decode())
                    took.append(milliseconds(last) - began)
            if end is None and len(took) > 2 * ORDERS_UNDER_WAY:  # warm now
                took.clear()
                end = time.perf_counter() + ORDER_SECONDS
        took.sort()
        print(f"orders, {ORDERS_UNDER_WAY} under way, {name}: {len(took) / ORDER_SECONDS:,.0f} runs/s,"
              f" median {statistics.median(took):.0f} ms, p99 {took[int(len(took) * 0.99)]:.0f} ms")
    finally:
        stop(bridge)


if __name__ == "__main__":
    with redis_server("everysec") as (folder, server, client):
        numbers(folder, server, client)
    for fsync in ("everysec", "always"):
        with redis_server(fsync) as (folder, _, client):
            orders(f"appendfsync {fsync}", folder, client)
