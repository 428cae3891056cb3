#!/usr/bin/python3
"""A bridge beside the plain commands that its runs come to: Benchmarks/raw.py path/to/cano-bridge [rounds]

One run of `numbers` is recorded as Redis' MONITOR tells it, and raw/raw.c sends the same for a whole backlog, with the run's id and its
entry's replaced. It does so in three ways: `plain` sends what the scripts write, each write a command of its own, which nothing checks and
nothing makes one with the others; `plain, with reads` sends what they read as well; `scripts` calls the scripts themselves with their
arguments, and runs no workflow. Bridge and these take turns on one server, and leave the same in it: that is looked at each time. At last runs are
alone, one after the other: on an idle bridge from XADD to the answer, and sent by raw.c, which asks for the command and calls the three scripts."""
import itertools, re, socket, statistics, subprocess, sys, time
from bridge import PROBES, RUNS, REPOSITORY, measure, probe, redis_server, start_bridge, stop

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
# A bridge has about as many commands on the way at a time.
UNDER_WAY = 64
# Of the same length for each run, so that one takes the place of another.
ID, ENTRY = "run-%07d", "1700000000000-%d"
FIRST_ENTRY = 1_000_000
RECORDED = 0
READS = {"hmget", "hget", "hgetall", "hlen", "hexists", "hkeys", "llen", "lrange", "xlen", "xrange", "xinfo", "zcard", "zscore", "get", "time", "exists"}
INPUT = '{"batch_size":3}'


def start(client, number):
    client.xadd("cano:commands", {"type": "start", "workflow": "numbers", "id": ID % number, "input": INPUT}, id=ENTRY % (FIRST_ENTRY + number))


def words(line):
    """The words of a line of MONITOR, as bytes."""
    escapes = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}
    plain = lambda found: bytes.fromhex(found[1][1:].decode()) if found[1][:1] == b"x" else escapes.get(found[1], found[1])
    return [re.sub(rb"\\(x[0-9a-f]{2}|.)", plain, word, flags=re.DOTALL) for word in re.findall(rb'"((?:[^"\\]|\\.)*)"', line)]


def record(folder, client):
    """The scripts of one run in their order: what each was called with, and the commands it called. And what the run leaves."""
    monitor = socket.socket(socket.AF_UNIX)
    monitor.connect(folder + "/sock")
    monitor.sendall(b"MONITOR\r\n")
    bridge = start_bridge(folder)
    try:
        # A script's first call brings its text, so another run goes first.
        client.xadd("cano:commands", {"type": "start", "workflow": "numbers", "id": "first", "input": INPUT}, id="1700000000000-1")
        ended = lambda id: client.hget("cano:run:" + id, "status") == b"completed"
        while not ended("first"):
            time.sleep(0.01)
        start(client, RECORDED)
        while not ended(ID % RECORDED):
            time.sleep(0.01)
    finally:
        stop(bridge)
    client.echo("that is all")
    lines = itertools.takewhile(lambda line: b"that is all" not in line, monitor.makefile("rb"))
    scripts, inside = [], False
    for line in lines:
        found = re.match(rb"\+?[\d.]+ \[\d+ (\S+)\] (.*)$", line)
        if not found:
            continue
        if found[1] == b"lua":
            if inside:
                scripts[-1][1].append(words(found[2]))
        else:
            call = words(found[2])
            if inside := call[0].lower() == b"evalsha" and (ID % RECORDED).encode() in b" ".join(call):
                scripts.append((call, []))
    return scripts, left(client, RECORDED)


def left(client, number):
    """What a run leaves, but for its times: its record, and how many entries and members there are."""
    return {field: value for field, value in client.hgetall("cano:run:" + ID % number).items() if field not in (b"entry", b"bridge", b"epoch")
            and not value.isdigit()}


def form(words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def write(path, stages):
    """The commands of each stage as raw.c reads them."""
    with open(path, "wb") as file:
        file.write(f"{ID % RECORDED}\n{ENTRY % (FIRST_ENTRY + RECORDED)}\n".encode())
        for place, commands in enumerate(stages):
            for command in map(form, commands):
                file.write(b"%d %d\n%s\n" % (place, len(command), command))


def send(program, folder, client, name, expected, runs=RUNS, under_way=UNDER_WAY):
    client.flushall()
    client.xgroup_create("cano:commands", "bridges", id="0", mkstream=True)
    pipeline = client.pipeline(transaction=False)
    for number in range(1, runs + 1):
        start(pipeline, number)
    pipeline.execute()
    told = subprocess.run([program, folder + "/sock", f"{folder}/{name}", str(runs), str(under_way)], capture_output=True, text=True, timeout=300)
    if told.returncode != 0:
        sys.exit(f"{name}: {told.stderr}")
    commands, groups = client.xlen("cano:commands"), client.xinfo_groups("cano:commands")
    assert (commands, groups[0]["pending"], client.xlen("cano:events")) == (0, 0, 3 * runs), (name, commands, groups, client.xlen("cano:events"))
    for number in (1, runs // 2, runs):
        assert left(client, number) == expected, (name, left(client, number), expected)
    return [float(number.replace(",", "")) for number in re.findall(r"[\d,.]*\d", told.stdout)]


def alone(folder, client):
    """How long a run takes on an idle bridge, from XADD to its answer: the median, in ms."""
    client.flushall()
    bridge = start_bridge(folder)
    try:
        probe(client, 50, "warm")
        return statistics.median(probe(client, PROBES))
    finally:
        stop(bridge)


def backlog(folder, server, client):
    client.flushall()
    pipeline = client.pipeline(transaction=False)
    for number in range(1, RUNS + 1):
        start(pipeline, number)
    pipeline.execute()
    bridge = start_bridge(folder)
    try:
        return measure(server, client, [bridge], RUNS)
    finally:
        stop(bridge)


def main():
    with redis_server("everysec") as (folder, server, client):
        program = folder + "/raw"
        subprocess.run(["make", "-s", "-C", f"{REPOSITORY}/Benchmarks/raw", "PROGRAM=" + program], check=True)
        scripts, expected = record(folder, client)
        kept = lambda command: command[0].lower().decode() not in READS
        write(folder + "/scripts", [[call] for call, _ in scripts])
        write(folder + "/plain", [[each for each in inside if kept(each)] for _, inside in scripts])
        write(folder + "/plain, with reads", [inside for _, inside in scripts])
        print("recorded:", "; ".join(" ".join(each[0].decode().upper() for each in inside if kept(each)) for _, inside in scripts))
        measured, quiet = {}, []
        for _ in range(ROUNDS):
            measured.setdefault("bridge", []).append(backlog(folder, server, client))
            for name in ("plain", "plain, with reads", "scripts"):
                measured.setdefault(name, []).append(send(program, folder, client, name, expected))
            # A run that is alone waits for one round trip after the other, in C for four of them.
            quiet.append((alone(folder, client), 1e3 / send(program, folder, client, "scripts", expected, PROBES, 1)[0]))
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in measured.items()}
    spread = lambda column: f"{min(column):,.0f}–{max(column):,.0f}"
    print(f"{RUNS:,} runs of numbers from a backlog, in turn, {ROUNDS} times; medians (lowest–highest)")
    print(f"{'':20}{'runs/s':>26}{'Redis, us a run':>22}{'client, us a run':>22}{'Redis / plain':>15}{'/ scripts':>11}")
    for name, rows in measured.items():
        cells = [f"{median:,.0f} ({spread(column)})" for median, column in zip(medians[name], zip(*rows))]
        # Of each round's ratio the median: what the machine does meanwhile meets both.
        ratio = lambda other: statistics.median(own[1] / its[1] for own, its in zip(rows, measured[other]))
        print(f"{name:20}{cells[0]:>26}{cells[1]:>22}{cells[2]:>22}{ratio('plain'):>15.2f}{ratio('scripts'):>11.2f}")
    bridges, clients = zip(*quiet)
    print(f"alone, ms a run: bridge {statistics.median(bridges):.2f} ({min(bridges):.2f}–{max(bridges):.2f}),"
          f" scripts {statistics.median(clients):.2f} ({min(clients):.2f}–{max(clients):.2f});"
          f" bridge / scripts {statistics.median(its / own for its, own in quiet):.2f}")


if __name__ == "__main__":
    main()
