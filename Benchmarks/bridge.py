#!/usr/bin/python3
"""How fast one bridge is, beside redis-benchmark in the same session: Benchmarks/bridge.py path/to/cano-bridge [part]

The part `instructions` is done only where it is named: it needs valgrind, and counts what the load of the machine does not change."""
import contextlib, json, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time
import redis
from instructions import COUNTS

BINARY = sys.argv[1] if len(sys.argv) > 1 else None
REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUNS, PROBES = 20_000, 1_000
ORDERS_UNDER_WAY, ORDER_SECONDS = 64, 10
# What is counted differs by which of its threads does what.
COUNTED, COUNTED_UNDER_WAY, COUNTED_ROW, COUNTED_TOLERANCE = 2_000, 16, "bridge: numbers", 0.1

# What was started is ended as well.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(path):
    client = redis.Redis(unix_socket_path=path)
    for _ in range(500):
        try:
            client.ping()
            return client
        except redis.ConnectionError:
            time.sleep(0.01)
    sys.exit("redis-server did not start")


def start_bridge(folder, *options, program=None, url=None):
    log = open(folder + "/bridge.log", "ab")
    return subprocess.Popen(
        [*(program or [BINARY, "serve", "--samples"]), "--redis", url or "unix://" + folder + "/sock", "--log-level", "warning", *options], stderr=log)


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
def redis_server(fsync, port=0):
    """A server of its own, and a client for it; the folder has its socket. With a port it listens on loopback as well."""
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--unixsocket", folder + "/sock", "--dir", folder, "--appendonly", "yes",
             "--appendfsync", fsync, "--save", ""], stdout=subprocess.DEVNULL)
        try:
            yield folder, server, connect(folder + "/sock")
        finally:
            stop(server)


def probe(client, count, name="probe"):
    """How long a run takes that is alone, so many of them, in ms, the shortest first."""
    waits = []
    for number in range(count):
        began = time.perf_counter()
        client.xadd("cano:commands", {"type": "start", "workflow": "numbers", "id": f"{name}-{number}", "input": '{"batch_size":3}',
                                      "reply_to": f"{name}-{number}"})
        client.xread({f"cano:replies:{name}-{number}": "0"}, block=30_000)
        waits.append((time.perf_counter() - began) * 1e3)
    return sorted(waits)


def told(waits):
    return f"median {statistics.median(waits):.2f} ms, p99 {waits[int(len(waits) * 0.99)]:.2f} ms"


def publish(client, runs, workflow="numbers", input='{"batch_size":3}', first=0):
    """The starts of so many runs, which no bridge reads yet."""
    for start in range(first, first + runs, 1_000):
        pipeline = client.pipeline(transaction=False)
        for number in range(start, min(start + 1_000, first + runs)):
            pipeline.xadd("cano:commands", {"type": "start", "workflow": workflow, "id": f"run-{number}", "input": input})
        pipeline.execute()


def measure(server, client, processes, runs, events=3):
    """Runs a second until the runs of a backlog have ended that have so many events each, and what each takes of Redis and of the processes, in us."""
    while client.xlen("cano:events") == 0:
        time.sleep(0.001)
    used = lambda: (cpu_seconds(server.pid), sum(cpu_seconds(each.pid) for each in processes))
    began, before, done = time.perf_counter(), used(), client.xlen("cano:events") / events
    while client.xlen("cano:events") < events * runs:
        if not all(each.poll() is None for each in processes):
            sys.exit("a process that was measured has ended")
        time.sleep(0.005)
    seconds, runs = time.perf_counter() - began, runs - done
    return runs / seconds, *((after - earlier) / runs * 1e6 for earlier, after in zip(before, used()))


def numbers(folder, server, client):
    quiet = subprocess.run(
        ["redis-benchmark", "-s", folder + "/sock", "-P", "16", "-n", "500000", "-t", "set", "-q"],
        capture_output=True, text=True, check=True).stdout.replace("\r", "\n")
    for line in quiet.splitlines():
        if "per second" in line:
            print("redis-benchmark -P 16:", line.strip())
    client.flushall()

    publish(client, RUNS)
    bridge = start_bridge(folder)
    try:
        rate, redis_used, bridge_used = measure(server, client, [bridge], RUNS)
        print(f"numbers from a backlog of {RUNS}: {rate:,.0f} runs/s")
        print(f"  CPU a run: redis-server {redis_used:.0f} us, bridge {bridge_used:.0f} us")
        print(f"  resident memory of the bridge after it: {resident_mib(bridge):.0f} MiB")

        client.config_resetstat()
        print(f"idle, XADD to reply: {told(probe(client, PROBES))}")
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


def count_instructions(folder, run, warm, runs, *options):
    """How many instructions of the bridge a run takes that run(count) has it do so many of, by callgrind: without its start, and without what it
    takes beside them."""
    # Valgrind can't read the debugging information of every compiler, and needs none to count.
    profile, program = folder + "/profile", folder + "/bridge"
    subprocess.run(["objcopy", "--strip-debug", BINARY, program], check=True)
    bridge = subprocess.Popen(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + profile, program, "serve", "--samples", "--redis",
         "unix://" + folder + "/sock", "--log-level", "warning", *options],
        # Each process hashes alike, and none resolves its symbols in the middle of the work.
        env=dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1", LD_BIND_NOW="1"), stderr=subprocess.DEVNULL)

    def counted_so_far():
        subprocess.run(["callgrind_control", "--dump", str(bridge.pid)], check=True, capture_output=True)
        dumps = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("profile."))
        return sum(int(line.split()[1]) for dump in dumps for line in open(dump) if line.startswith("totals:"))

    try:
        run(warm)
        before, began = counted_so_far(), time.perf_counter()
        run(runs)
        after, seconds = counted_so_far(), time.perf_counter() - began
        time.sleep(seconds)
        idle = counted_so_far() - after
        return (after - before - idle) / runs
    finally:
        stop(bridge)


class UnderWay:
    """Starts runs, so many of them under way at a time. make says what the fields of one are besides where its answer goes."""

    def __init__(self, client, most, make):
        self.client, self.most, self.make = client, most, make
        self.last, self.begun = "0", 0

    def run(self, count):
        end, under_way = self.begun + count, 0
        while self.begun < end or under_way:
            while self.begun < end and under_way < self.most:
                self.begun, under_way = self.begun + 1, under_way + 1
                self.client.xadd("cano:commands", self.make(self.begun) | {"reply_to": "bench"})
            answered = self.client.xread({"cano:replies:bench": self.last}, block=300_000)
            if not answered:
                sys.exit("no run has ended for five minutes")
            for _, entries in answered:
                under_way, self.last = under_way - len(entries), entries[-1][0]


def instructions():
    """Counts a run of `numbers`, beside the count of instructions.json; with --update that is written anew."""
    if not shutil.which("valgrind"):
        sys.exit("valgrind is missing, which counts the instructions: install it (apt install valgrind)")
    with redis_server("everysec") as (folder, _, client):
        start = lambda number: {"type": "start", "workflow": "numbers", "id": f"run-{number}", "input": '{"batch_size":3}'}
        runs = UnderWay(client, COUNTED_UNDER_WAY, start)
        now = round(count_instructions(folder, runs.run, COUNTED // 4, COUNTED))
    known = json.loads(COUNTS.read_text())
    before = known.get(COUNTED_ROW, {}).get("instructions")
    print(f"{COUNTED} runs of numbers, {COUNTED_UNDER_WAY} under way: {now:,} instructions of the bridge a run"
          + (f", {before:,} before: {now / before:.3f}" if before else ""))
    if "--update" in sys.argv:
        COUNTS.write_text(json.dumps(known | {COUNTED_ROW: {"instructions": now}}, indent=2) + "\n")
    elif before and now > before * (1 + COUNTED_TOLERANCE):
        sys.exit(f"more instructions than {COUNTS.name} allows. Mend it, or say why and --update")


if __name__ == "__main__":
    if "instructions" in sys.argv[2:]:
        sys.exit(instructions())
    with redis_server("everysec") as (folder, server, client):
        numbers(folder, server, client)
    for fsync in ("everysec", "always"):
        with redis_server(fsync) as (folder, _, client):
            orders(f"appendfsync {fsync}", folder, client)
