#!/usr/bin/python3
"""How long each kind of work waits for a slot under a backlog that never empties: Benchmarks/fairness.py path/to/trial-bridge [seconds]

Bridges are stopped and killed in turn meanwhile, so that all kinds of work wait all the time.
"""
import collections, itertools, json, signal, statistics, subprocess, sys, threading, time
from bridge import connect, milliseconds, redis_server, stop

BINARY = sys.argv[1]
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 600
BRIDGES, SLOTS = 4, 8
# What waits: new commands, and starts that are due within some seconds.
BACKLOG, DELAYED = 120, 120
STATE_MS, DELAY_MS = 200, 3_000
# A bridge ends so often, stopped and killed in turn; each is the oldest, so that most have lived for a lease.
TURN = 10
LEASE, HEARTBEAT, LOOK = 15_000, 5_000, 1_000
GIVEN = 10

# Kind → within what time a bridge sees it, in ms, and how many others the contract lets begin before each of it.
KINDS = {
    "handed back": (LOOK, 2), "taken over": (LOOK, 2), "left pending by a killed bridge": (HEARTBEAT + LOOK, 9),
    "handed over to a live bridge": (HEARTBEAT + LOOK, 9), "due": (LOOK, 19), "new": (0, 19),
}


class Crew:
    """The bridges, and what they left behind: run → (kind, since when it can be taken, when it was left); the leases of those that died."""

    def __init__(self, folder, client):
        self.folder, self.client, self.numbers = folder, client, itertools.count(1)
        self.bridges = []  # (process, id), the oldest first
        self.left, self.leases, self.killed, self.stopped = {}, {}, 0, 0

    def launch(self):
        name = f"bridge{next(self.numbers)}"
        log = open(f"{self.folder}/bridges.log", "ab")
        process = subprocess.Popen(
            [BINARY, "serve", "--redis", f"unix://{self.folder}/sock", "--name", name, "--max-runs", str(SLOTS), "--log-level", "warning"],
            stderr=log)
        while not (ids := [id for id in self.client.zrange("cano:bridges", 0, -1) if id.startswith(name.encode() + b"-")]):
            time.sleep(0.01)
            if process.poll() is not None:
                sys.exit(f"{name} ended: see {self.folder}/bridges.log")
        self.bridges.append((process, ids[0]))

    def stop_one(self):
        process, _ = self.bridges.pop(0)
        self.stopped += 1
        stop(process)
        # What it had in hand is another's, which sees it at its heartbeat; what others have just read they take at once.
        time.sleep(0.3)
        for _, id in self.bridges:
            self.note(id, "handed over to a live bridge", 0, idle=200)

    def kill_one(self):
        """It dies with commands in hand that it has not taken, and with runs."""
        process, id = self.bridges[0]
        self.killed += 1
        process.send_signal(signal.SIGSTOP)
        self.client.xreadgroup("bridges", id, {"cano:commands": ">"}, count=GIVEN)
        leases = self.client.zrange("cano:leases:trial@1", 0, -1, withscores=True)
        owners = self.many([("HGET", b"cano:run:" + run, "bridge") for run, _ in leases])
        self.leases.update(((run, id), lease) for (run, lease), owner in zip(leases, owners) if owner == id)
        process.kill()
        process.wait()
        del self.bridges[0]
        self.note(id, "left pending by a killed bridge", LEASE)
        # Redis may still have answered a read of the dead bridge before it saw the connection closed.
        time.sleep(0.3)
        self.note(id, "left pending by a killed bridge", LEASE)

    def hand_over(self):
        """Commands that another consumer was given become a live bridge's."""
        _, id = self.bridges[-1]
        self.client.xreadgroup("bridges", "elsewhere", {"cano:commands": ">"}, count=GIVEN)
        entries = self.note("elsewhere", "handed over to a live bridge", 0)
        self.client.execute_command("XCLAIM", "cano:commands", "bridges", id, 0, *entries)

    def note(self, consumer, kind, later, idle=None):
        """The commands that a consumer has in hand, for so long, can be taken so much later than they came there."""
        pending = self.client.xpending_range("cano:commands", "bridges", "-", "+", 100, consumer, idle)
        entries = [entry["message_id"] for entry in pending]
        asked = now(self.client)
        for found, entry in zip(self.many([("XRANGE", "cano:commands", entry, entry) for entry in entries]), pending):
            for _, fields in found:
                self.left.setdefault(fields[b"id"], (kind, asked - entry["time_since_delivered"] + later, asked))
        return entries

    def many(self, commands):
        pipeline = self.client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return pipeline.execute()


class Feeder(threading.Thread):
    """Keeps the stream of commands filled, and runs that are to start later due."""

    def __init__(self, socket):
        super().__init__(daemon=True)
        self.client, self.over, self.number = connect(socket), threading.Event(), 0

    def run(self):
        while not self.over.wait(0.02):
            pipeline = self.client.pipeline(transaction=False)
            pipeline.xlen("cano:commands"), pipeline.zcard("cano:timers:trial@1"), pipeline.zcard("cano:timers:trial@")
            waiting, due, due_in_any = pipeline.execute()
            delayed = min(max(0, DELAYED - due - due_in_any), BACKLOG // 6)
            for kind in ["due"] * delayed * (waiting < BACKLOG) + ["new"] * max(0, BACKLOG - waiting):
                self.number += 1
                fields = {"type": "start", "workflow": "trial", "id": f"{kind}-{self.number}", "input": f'{{"delay_ms":{STATE_MS}}}'}
                pipeline.xadd("cano:commands", fields | ({"delay_ms": DELAY_MS} if kind == "due" else {}))
            pipeline.execute()


def now(client):
    seconds, microseconds = client.time()
    return seconds * 1_000 + microseconds // 1_000


def beginnings(client, crew):
    """Of each bridge, in order: (moment, kind, since when it could be taken, run, whether it was only put down for later)."""
    due, last, last_bridge, begun, position = {}, {}, {}, collections.defaultdict(list), "-"
    while entries := client.xrange("cano:events", position, "+", count=5_000):
        position = b"(" + entries[-1][0]
        for entry, event in entries:
            run, kind, moment = event[b"subject"], event[b"type"].decode(), milliseconds(entry)
            data = json.loads(event[b"data"])
            begin = None
            if kind == "cano.run.started" and run in due:
                begin = ("due", due[run])
            elif kind in ("cano.run.scheduled", "cano.run.started"):
                *begin, left = crew.left.get(run, ("new", None, 0))
                # A script of a bridge that was frozen may have been on its way.
                begin = begin if moment >= left else ("new", None)
                if kind == "cano.run.scheduled":
                    due[run] = data["not_before"]
            elif kind == "cano.run.resumed":
                expired = crew.leases.get((run, last_bridge[run]), last[run] + LEASE)
                begin = ("handed back", last[run]) if data["by"] == "handback" else ("taken over", expired)
            if begin:
                begun[event[b"bridge"]].append((moment, *begin, run, kind == "cano.run.scheduled"))
            last[run], last_bridge[run] = moment, event[b"bridge"]
    return begun


def report(client, crew):
    waits, ratios = collections.defaultdict(list), collections.defaultdict(list)
    for order in beginnings(client, crew).values():
        born = order[0][0]
        for place, (moment, kind, since, run, _) in enumerate(order):
            if since is None:
                since = milliseconds(client.hget(b"cano:run:" + run, "entry"))
            # A bridge counts as dead a lease after its last heartbeat, which may be a little before its commands' time is over.
            waits[kind].append(max(0, moment - since))
            own = others = put_down = 0
            for earlier, other, _, _, is_put_down in reversed(order[:place + 1]):
                if earlier < since:
                    break
                own += other == kind
                put_down += is_put_down
                # Before the bridge has seen it, or was there to see it, it waits for nobody.
                others += other != kind and earlier >= max(since, born) + KINDS[kind][0]
            ratios[kind].append((others / max(own, 1), others, own, put_down, moment - since))
    print("| work | how many | seconds waited | at most | others before each, at most | by the contract |")
    print("| --- | --: | --: | --: | --: | --: |")
    for kind, (_, allowed) in KINDS.items():
        if found := waits[kind]:
            print(f"| {kind} | {len(found):,} | {statistics.median(found) / 1e3:.1f} | {max(found) / 1e3:.1f} "
                  f"| {max(ratios[kind])[0]:.1f} | {allowed} |")
        else:
            print(f"| {kind} | 0 | – | – | – | {allowed} |")
    for kind, (_, allowed) in KINDS.items():
        if (worst := max(ratios[kind], default=(0,)))[0] > allowed:
            over = sum(ratio > allowed for ratio, *_ in ratios[kind])
            _, others, own, put_down, waited = worst
            print(f"{kind}: {over} of {len(ratios[kind]):,} went behind more; the worst behind {others} others, number {own} of its own, "
                  f"{put_down} starts that were only put down for later, after {waited / 1e3:.1f} s")


with redis_server("everysec") as (folder, server, client):
    crew, feeder = Crew(folder, client), Feeder(folder + "/sock")
    try:
        for _ in range(BRIDGES):
            crew.launch()
        feeder.start()
        print(f"{BRIDGES} bridges of {SLOTS} slots, {SECONDS:.0f} s", flush=True)
        end, emptiest = time.monotonic() + SECONDS, BACKLOG
        for turn in itertools.count():
            until = min(time.monotonic() + TURN, end)
            while time.monotonic() < until:
                time.sleep(0.1)
                emptiest = min(emptiest, client.xlen("cano:commands")) if turn else emptiest
            if time.monotonic() >= end:
                break
            crew.hand_over()
            (crew.stop_one if turn % 2 else crew.kill_one)()
            crew.launch()
        feeder.over.set()
        feeder.join()
        # What was left behind last is still to be taken.
        deadline = time.monotonic() + 120
        while (client.xlen("cano:commands") or client.zcard("cano:leases:trial@1") or client.zcard("cano:timers:trial@1")
               or client.zcard("cano:timers:trial@")) and time.monotonic() < deadline:
            time.sleep(0.2)
        print(f"stopped {crew.stopped} times, killed {crew.killed} times; {feeder.number:,} starts, "
              f"{emptiest} commands waited at the least; left over: {client.xlen('cano:commands')}")
        report(client, crew)
    finally:
        for process, _ in crew.bridges:
            process.kill()
            process.wait()
