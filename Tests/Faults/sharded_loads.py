"""A bus of many shards under load: a client for each shard starts runs, follows events, and remembers all that it was told."""
import itertools
import threading
import time

from support.bus import fresh, milliseconds
from support.event import TERMINAL, text
from support.load import Load
from support.shards import shard_of
from support.waiting import eventually

CHUNK, UNDER_WAY = 8, 24  # starts that are published at a time, and runs of a shard at most
BETWEEN_KILLS = 12  # seconds: with every bridge killed within a lease, all runs under way wait for its end, whatever the servers do


class ShardClient(threading.Thread):
    """Keeps runs of one shard under way until it is told that these are `enough`, and follows them to their ends.

    Every other chunk of starts it publishes as a careless producer does, who takes an entry id for granted; the others until all `replicas` of
    the primary have them, too, as `WAIT` tells. Of two replicas one would not do: it may be the other that is promoted.
    """

    def __init__(self, shards, number, delay_ms, replicas):
        super().__init__(daemon=True)
        self.bus, self.failure = shards[number], None
        self.load = Load(self.bus, 0, delay_ms=delay_ms, seed=number, name=lambda: self._fresh(shards.count, number))
        self.taken, self.secured = set(), set()  # the starts that have an entry id, and those that the replicas have, too
        self.seen = []  # (entry, run, number, type) of each event
        self.enough, self.settled, self.over = threading.Event(), threading.Event(), threading.Event()
        self._redis, self._replicas = self.bus.server.client(), replicas  # a client of its own: it is where others are not
        self._last, self._again, self._chunks, self._ended = "0", [], itertools.count(), set()

    @staticmethod
    def _fresh(count, number):
        return next(id for id in iter(lambda: fresh("run"), None) if shard_of(id, count) == number)

    def run(self):
        try:
            while not self.over.is_set():
                self._publish()
                self._follow()
        except BaseException as failure:  # of a thread: for the test to raise
            self.failure = failure

    def _publish(self):
        if self._again and time.monotonic() >= self._again[0][0]:
            self._secure(self._again.pop(0)[1])
        elif not self.enough.is_set() and len(self.load.ids) - len(self._ended) <= UNDER_WAY - CHUNK:
            commands = self.load.more(CHUNK)
            if next(self._chunks) % 2:
                self._secure(commands)
            else:
                self._send(commands)
                self.taken.update(command["id"] for command in commands)
        elif self.enough.is_set() and not self._again:
            self.settled.set()

    def _secure(self, commands):
        if self._send(commands, ("WAIT", self._replicas, 500))[-1] >= self._replicas:
            self.secured.update(command["id"] for command in commands)
        else:
            self._again.append((time.monotonic() + 1, commands))

    def _send(self, commands, *more):
        """The replies to starts, and to what follows them."""
        def send(client):
            pipeline = client.pipeline(transaction=False)
            self.bus.add_starts(pipeline, commands)
            for words in more:
                pipeline.execute_command(*words)
            return pipeline.execute()

        return self._redis.call(send)

    def _follow(self):
        for _, entries in self._redis.xread({self.bus.key("events"): self._last}, count=500, block=100):
            for entry, fields in entries:
                self._last, kind, run = text(entry), text(fields[b"type"]), text(fields[b"subject"])
                self.seen.append((self._last, run, int(fields[b"sequence"]), kind))
                if kind in TERMINAL:
                    self._ended.add(run)

    def ended(self):
        return len(self._ended)

    def has_seen(self, moment):
        """Whether it has seen an event that is later, in ms since 1970."""
        return bool(self.seen) and milliseconds(self.seen[-1][0]) > moment

    def standstill(self, begin):
        """The longest time without an event that was not over at `begin`, in seconds."""
        moments = [milliseconds(entry) for entry, *_ in self.seen]
        return max((later - earlier for earlier, later in zip(moments, moments[1:]) if later >= begin), default=0) / 1_000


class Told:
    """What clients were told, and what of it was not so when all was over, since Redis had not replicated it: see HEAD_TOLD."""

    def __init__(self):
        self.taken = self.taken_lost = self.secured = self.secured_lost = self.seen = self.gone = self.twice = 0

    def add(self, client, missing):
        """`missing`: the runs that there is nothing of."""
        self.taken += len(client.taken)
        self.taken_lost += len(client.taken & missing)
        self.secured += len(client.secured)
        self.secured_lost += len(client.secured & missing)
        kept, ends = client.bus.entries("events"), [run for _, run, _, kind in client.seen if kind in TERMINAL]
        self.seen += len(client.seen)
        self.gone += sum(entry not in kept for entry, *_ in client.seen)
        self.twice += len(ends) - len(set(ends))

    def cells(self):
        return [f"{count:,}" for count in (self.taken, self.taken_lost, self.secured, self.secured_lost, self.seen, self.gone, self.twice)]


class ShardedTrial:
    """Runs on all shards, as many as faults need, and `count` at least; bridges that are killed with each fault; what became of it all."""

    def __init__(self, shards, crew, row, count, replicas, delay_ms=400):
        self.row, self.crew, self.count, self.kills, self._kill_at = row, crew, count, 0, 0
        row.told = Told()
        self.clients = [ShardClient(shards, number, delay_ms, replicas) for number in range(shards.count)]

    def start(self):
        for client in self.clients:
            client.start()
        self._until(lambda: all(client.ended() > UNDER_WAY for client in self.clients), "runs end on each shard", within=120)
        return self

    def close(self):
        for client in self.clients:
            client.over.set()
        for client in self.clients:
            if client.ident:
                client.join()

    def _until(self, probe, what, within):
        def passed():
            for client in self.clients:
                if client.failure:
                    raise client.failure
            return probe()

        eventually(passed, what, within, every=0.05)

    def under_way(self, share):
        """Until that share of the runs has ended."""
        self._until(lambda: sum(client.ended() for client in self.clients) >= self.count * share, "the load goes on", within=300)

    def make(self, fault, of=None):
        """Kills a bridge, unless one has just been killed, makes a fault, and notes how long it was until all shards had gone on: the longest
        standstill of any, or that of each shard whose number `of` gives, told what the fault answered."""
        if time.monotonic() >= self._kill_at:
            self.crew.kill(self.kills % len(self.crew.bridges))
            self.kills, self._kill_at = self.kills + 1, time.monotonic() + BETWEEN_KILLS
        begin = time.time() * 1_000
        answer = fault()
        end = time.time() * 1_000
        self._until(lambda: all(client.has_seen(end) for client in self.clients), "events go on", within=120)
        stood = [client.standstill(begin) for client in self.clients]
        found = [stood[number] for number in of(answer)] if of else [max(stood)]
        self.row.seconds += found
        self.row.times += len(found)

    def judge(self):
        """A producer that has not waited for a replica does not know which of its starts are lost: those are published again, once they are
        counted."""
        self._until(lambda: sum(len(client.load.ids) for client in self.clients) >= self.count, "there are as many as there should be", within=600)
        for client in self.clients:
            client.enough.set()
        self._until(lambda: all(client.settled.is_set() for client in self.clients), "all starts are published", within=120)
        missing = []
        for client in self.clients:
            client.bus.wait_until_quiet(within=180)
            missing.append({id for id, status in zip(client.load.ids, client.bus.statuses(client.load.ids)) if status is None})
            client.bus.start_all([command for command in client.load.commands if command["id"] in missing[-1]])
        for client, lost in zip(self.clients, missing):
            client.bus.wait_for_end(*client.load.ids, within=120)
            client.bus.wait_until_quiet()
            self._until(lambda: client.seen[-1][0] == client.bus.mark(), "it has seen all", within=30)
            self.row.told.add(client, lost)
            self.row.judge(client.bus, client.load)
        assert self.row.told.secured_lost == 0, "what the replicas had is there"
        eventually(lambda: self.crew.fallen == self.kills, "no bridge died but of the kills")
