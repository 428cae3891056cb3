#!/usr/bin/python3
"""What a run costs on a bus of 16 shards on one, two and four masters, and what shards cost at rest: Benchmarks/shards.py path/to/cano-bridge [part]

Everything shares the cores of this machine, so that more masters make nothing faster here. What is measured is the CPU that a run takes: where that
stays the same with more masters, as many masters carry as many times the runs."""
import contextlib, os, subprocess, sys, tempfile, time
from binascii import crc_hqx
import redis
from bridge import BINARY, connect, cpu_seconds, resident_mib, stop

SHARDS, RUNS, TIMES, IDLE_SECONDS = 16, 20_000, 3, 30
PORT = int(os.environ.get("PORT", 26_000))


def crc(text):
    """The CRC16 of Redis Cluster, which is the contract's, too."""
    return crc_hqx(text.encode(), 0)


def prefixes(shards):
    return ["{cano}"] if shards == 1 else [f"{{cano-{shard}}}" for shard in range(shards)]


class Masters:
    """So many masters of a cluster without replicas, on which as many shards each are."""

    def __init__(self, count, shards, fsync="everysec"):
        self.number, self.prefixes, self.fsync = count, prefixes(shards), fsync

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        self.servers, self.clients = [], []
        for number in range(self.number):
            own = f"{folder}/{number}"
            os.mkdir(own)
            server = subprocess.Popen(
                ["redis-server", "--port", str(PORT + number), "--cluster-port", str(PORT + 100 + number), "--bind", "127.0.0.1", "--unixsocket",
                 own + "/sock", "--dir", own, "--cluster-enabled", "yes", "--appendonly", "yes", "--appendfsync", self.fsync, "--save", ""],
                stdout=subprocess.DEVNULL)
            self._stack.callback(stop, server)
            self.servers.append(server)
            self.clients.append(connect(own + "/sock"))
        slots = sorted(crc(prefix[1:-1]) % 16_384 for prefix in self.prefixes)
        cuts = [0, *(slots[len(slots) * number // self.number] for number in range(1, self.number)), 16_384]
        for number, client in enumerate(self.clients):
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", cuts[number], cuts[number + 1] - 1)
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for number in range(1, self.number):
            self.clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", PORT + number, PORT + 100 + number)
        while not all(self._is_whole(client) for client in self.clients):
            time.sleep(0.05)
        self.homes = {prefix: self.clients[sum(crc(prefix[1:-1]) % 16_384 >= cut for cut in cuts) - 1] for prefix in self.prefixes}
        self.url = "redis://" + ",".join(f"127.0.0.1:{PORT + number}" for number in range(self.number))
        return self

    def _is_whole(self, client):
        said = client.execute_command("CLUSTER", "INFO")
        said = said if isinstance(said, dict) else dict(line.split(":") for line in said.decode().split())
        return said["cluster_state"] == "ok" and int(said["cluster_known_nodes"]) == self.number

    def __exit__(self, *_):
        self._stack.close()

    def start_bridge(self):
        shards = len(self.prefixes)
        return subprocess.Popen(
            [BINARY, "serve", "--samples", "--redis", self.url, "--prefix", "{cano}", *(["--shards", str(shards)] * (shards > 1)),
             "--log-level", "warning"])

    def length(self, key):
        """The entries of this stream of all shards."""
        pipelines = {}
        for prefix, client in self.homes.items():
            pipelines.setdefault(client, client.pipeline(transaction=False)).xlen(f"{prefix}:{key}")
        return sum(sum(pipeline.execute()) for pipeline in pipelines.values())

    def bridges(self):
        return min(client.zcard(prefix + ":bridges") for prefix, client in self.homes.items())

    def count(self):
        """How many scripts all masters have run, and how many times they have read from a connection: a read brings as many commands as have come."""
        scripts = sum(client.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"] for client in self.clients)
        return scripts, sum(client.info("stats")["total_reads_processed"] for client in self.clients)

    def cpu(self):
        return sum(cpu_seconds(server.pid) for server in self.servers)


def publish(masters):
    """The backlog, each start on its shard."""
    commands = {prefix: [] for prefix in masters.prefixes}
    for number in range(RUNS):
        commands[masters.prefixes[crc(f"run-{number}") % len(masters.prefixes)]].append(f"run-{number}")
    for prefix, ids in commands.items():
        pipeline = masters.homes[prefix].pipeline(transaction=False)
        for id in ids:
            pipeline.xadd(prefix + ":commands", {"type": "start", "workflow": "numbers", "id": id, "input": '{"batch_size":3}'})
        pipeline.execute()


def backlog(count, shards):
    """CPU a run in us, of all masters and of the bridge; scripts and reads a run, and runs a second."""
    with Masters(count, shards) as masters:
        publish(masters)
        bridge = masters.start_bridge()
        try:
            while (done := masters.length("events") / 3) < RUNS / 20:  # it has begun on every shard
                time.sleep(0.01)
            for client in masters.clients:
                client.config_resetstat()
            began, before, own = time.perf_counter(), masters.cpu(), cpu_seconds(bridge.pid)
            while masters.length("events") < 3 * RUNS:
                time.sleep(0.05)
            runs, seconds = RUNS - done, time.perf_counter() - began
            used, own_used, (scripts, reads) = masters.cpu() - before, cpu_seconds(bridge.pid) - own, masters.count()
            return used / runs * 1e6, own_used / runs * 1e6, scripts / runs, reads / runs, runs / seconds
        finally:
            stop(bridge)


def at_rest(shards, bridges):
    """Percent of a core: Redis, and a bridge; and the memory of one in MiB."""
    with Masters(1, shards) as masters:
        processes = [masters.start_bridge() for _ in range(bridges)]
        try:
            while masters.bridges() < bridges:
                time.sleep(0.1)
            time.sleep(5)
            began, before, own = time.perf_counter(), masters.cpu(), [cpu_seconds(each.pid) for each in processes]
            time.sleep(IDLE_SECONDS)
            seconds = time.perf_counter() - began
            share = sum(cpu_seconds(each.pid) - earlier for each, earlier in zip(processes, own)) / bridges / seconds
            return (masters.cpu() - before) / seconds * 100, share * 100, max(map(resident_mib, processes))
        finally:
            for each in processes:
                stop(each)


def tell(name, measured, form):
    """The median of each figure, with the lowest and the highest."""
    columns = [sorted(column) for column in zip(*measured)]
    print(f"{name}:", form.format(*(f"{column[len(column) // 2]:,.1f} ({column[0]:,.1f}–{column[-1]:,.1f})" for column in columns)), flush=True)


def at_work():
    cases = {(1, 1): [], (1, SHARDS): [], (2, SHARDS): [], (4, SHARDS): []}
    for _ in range(TIMES):  # in turn: what else the machine does meets all of them
        for case, measured in cases.items():
            measured.append(backlog(*case))
    for (count, shards), measured in cases.items():
        tell(f"{shards} shards on {count} masters, {RUNS:,} runs", measured, "CPU a run: Redis {} us, bridge {} us; scripts {}, reads {}; {} runs/s")


def idle():
    cases = {(1, 1): [], (SHARDS, 1): [], (SHARDS, 4): []}
    for _ in range(TIMES):
        for case, measured in cases.items():
            measured.append(at_rest(*case))
    for (shards, bridges), measured in cases.items():
        tell(f"{bridges} bridges of {shards} shards at rest", measured, "Redis {} %, each bridge {} % of a core, {} MiB")


if __name__ == "__main__":
    for part in (at_work, idle):
        if len(sys.argv) < 3 or part.__name__ in sys.argv[2:]:
            part()
