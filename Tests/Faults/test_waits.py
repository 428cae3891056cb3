"""Runs that wait, and the signals they wait for, while bridges and Redis fail: each order is shipped or undone, each signal heard once."""
import json
import random
import threading
import time
from collections import Counter

import pytest

from cut_short import CutShort, OneRun
from support.bridge import QUICK_LEASE, SAMPLES, TRIALS, Bridge
from support.bus import Bus, fresh
from support.crew import Crew
from support.diary import Diary, counted, key, once
from support.proxy import AFTER, BEFORE, DURING, Proxy, script
from support.waiting import eventually
from waiting_loads import Payments, Vigils

OPTIONS = ["--lease-seconds", 5, "--heartbeat-seconds", 1]
ORDER = {"sku": "A1", "quantity": 1, "await_payment": True}


class OneWaiting(OneRun):
    """A run that waits, what it is told before and while it does, and whether it is cancelled then."""

    def __init__(self, bus, workflow, input, end, early=(), later=(), cancelled=False):
        super().__init__(bus, workflow, input, end)
        self.early, self.later, self.cancelled = list(early), list(later), cancelled
        self.told = 0

    def start(self):
        for name in self.early:
            self._tell(name)
        super().start()

    def _tell(self, name):
        self.told += 1
        self.bus.signal(self.id, name, self.told, message_id=f"m-{self.told}")

    def tend(self):
        """Does what is due when it waits; whether it has ended."""
        record = self.bus.record(self.id)
        if record.get("status") == "waiting":
            # One at a time: what wakes it may have been taken and not yet have woken it.
            if self.later and not self.bus.entries("control") and self.bus.listed("waits").get(self.id) != 0:
                self._tell(self.later.pop(0))
            elif self.cancelled:
                self.cancelled = False
                self.bus.cancel(self.id)
        return "finished" in record

    def check(self):
        events = [event for event in self.bus.events() if event.kind == "signal.taken"]
        assert sorted(event.data["message_id"] for event in events) == [f"m-{n + 1}" for n in range(self.told)], "each counted, once"
        assert not self.bus.has_inbox(self.id)
        record, heard = self.bus.record(self.id), self.bus.redis.hget(self.bus.key("store", "heard"), self.id)
        assert record.get("rollback", "clean") == "clean"
        if record["workflow"] == "trial-watch":
            assert heard == str(self.told).encode()
        elif record["workflow"] == "order-fulfilment":
            sold = self.ends[self.id] == "completed"
            for store in ("warehouse", "payments"):
                assert self.bus.redis.hexists(self.bus.key("store", store), self.id) == sold, f"P:store:{store}"


class OneFork(OneWaiting):
    """A run whose branches wait: one for two signals, one for a while, and one between two attempts."""

    def __init__(self, bus):
        self.diary = Diary(bus.server.folder / f"diary-{bus.prefix}")
        input = {
            "watch": {"for": ["a", "b"], "all": True}, "rest_ms": 1_200, "failures": 1, "pause_ms": 1_400, "diary": str(self.diary.path)}
        super().__init__(bus, "trial-branches", input, "completed", early=["a"], later=["b"])

    def check(self):
        super().check()
        accounts = json.loads(self.bus.record(self.id)["output"])["accounts"]
        assert [account["key"] for account in accounts] == [key(self.id, branch) for branch in range(4)]
        assert [account["attempt"] for account in accounts] == [1, 1, 1, 2]
        assert sorted(accounts[1]["end"].split(",")) == ["a=1", "b=2"]
        counts = counted(self.bus, self.id)
        assert len(counts) == 6 and set(counts.values()) == {1}, "each deed counts once"
        made = Counter(self.diary.of(self.id))
        assert sorted(made) == once(attempts=2), "and was done under the same key"
        assert set(made.values()) <= {1, 2}, "again only by the bridge behind the one that died"


KINDS = {
    "an order that is paid before it starts": (SAMPLES, lambda bus: OneWaiting(
        bus, "order-fulfilment", ORDER, "completed", early=["payment-confirmed"])),
    "an order that is paid while it waits": (SAMPLES, lambda bus: OneWaiting(
        bus, "order-fulfilment", ORDER, "completed", later=["payment-confirmed"])),
    "an order that is cancelled while it waits": (SAMPLES, lambda bus: OneWaiting(
        bus, "order-fulfilment", ORDER, "cancelled", cancelled=True)),
    "an order that fails once it is paid": (SAMPLES, lambda bus: OneWaiting(
        bus, "order-fulfilment", dict(ORDER, fail_at="ship"), "failed", later=["payment-confirmed"])),
    "a run that waits for two, twice": (TRIALS, lambda bus: OneWaiting(
        bus, "trial-watch", {"watch": {"for": ["a", "b"], "all": True, "rounds": 2}}, "completed", early=["a"], later=["b", "b", "a"])),
    "a run whose branches wait": (TRIALS, OneFork),
}


@pytest.mark.short
@pytest.mark.parametrize("kind", KINDS)
def test_sigkill_around_every_script_of_a_run_that_waits(server, binary, trial_binary, fault, kind):
    row = fault(f"SIGKILL before and after every script of {kind}")
    workflows, make = KINDS[kind]
    program = binary if workflows == SAMPLES else trial_binary

    def go(at, where):
        bus = Bus(server, f"row-{at}-{where}")
        run = make(bus)
        victim = CutShort(program, bus, run, at, where, workflows=workflows)
        victim.bridge.start()
        run.start()
        return bus, run, victim

    cases = [(at, where) for at in range(1, 20) for where in (BEFORE, AFTER)]
    for part in range(0, len(cases), 6):  # a few at once, each on a bus of its own
        going = [go(at, where) for at, where in cases[part:part + 6]]
        heirs, alive = [], [victim for _, _, victim in going]

        def all_are_over():
            for victim in [victim for victim in alive if not victim.bridge.is_alive]:
                alive.remove(victim)
                heirs.append(Bridge(program, victim.run.bus, workflows=workflows, options=QUICK_LEASE))
                heirs[-1].spawn()
                row.times += 1
            return all([run.tend() for _, run, _ in going])

        try:
            eventually(all_are_over, "each has ended", within=60)
            for bus, run, _ in going:
                row.judge(bus, run)
                run.check()
        finally:
            for bridge in heirs + [victim for _, _, victim in going]:
                bridge.close()
        if not heirs:
            break
    assert row.times >= 2 * 5, "a signalled wait is five scripts at least"


@pytest.fixture(params=[Payments, Vigils], ids=["orders", "vigils"])
def kind(request):
    return request.param


@pytest.fixture
def program(kind, binary, trial_binary):
    """What to run a crew or a bridge of that load with: the binary, and its workflows."""
    return (binary, SAMPLES) if kind is Payments else (trial_binary, TRIALS)


@pytest.mark.short
def test_sigkill_at_random(bus, kind, program, fault, times):
    row, dice = fault(f"SIGKILL of one of three bridges at random moments, {kind.__name__.lower()} that wait"), random.Random(9)
    with Crew(program[0], bus, size=3, workflows=program[1], options=QUICK_LEASE, max_runs=32) as crew:
        load = kind(bus, times(900, 240), delay_ms=400).start()
        kill_at = time.monotonic()
        while load.tend() < len(load.ids) * 0.9:
            time.sleep(0.02)
            if time.monotonic() > kill_at:
                crew.kill(dice.randrange(3))
                row.times += 1
                kill_at = time.monotonic() + dice.uniform(0.3, 2)
        load.see_through()
        row.judge(bus, load)
        load.check()


@pytest.mark.short
@pytest.mark.parametrize("server", ["always"], indirect=True)
def test_redis_killed_and_restarted_from_its_append_only_file(bus, kind, program, bridges, fault, times):
    row = fault(f"Redis SIGKILL and restart, AOF always, {kind.__name__.lower()} that wait")
    for _ in range(2):
        bridges.append(Bridge(program[0], bus, workflows=program[1], options=["--lease-seconds", 3, "--heartbeat-seconds", 1], max_runs=32))
        bridges[-1].start()
    load = kind(bus, times(400, 200), delay_ms=150).start()
    for share in times([0.1, 0.3, 0.5, 0.7], [0.2, 0.5]):
        eventually(lambda: load.tend() >= len(load.ids) * share, "the load goes on", within=60)
        bus.server.restart(brutally=True)
        row.times += 1
    load.see_through()
    row.judge(bus, load)
    load.check()
    assert row.audit.takeovers() == 0 and all(bridge.is_alive for bridge in bridges)


@pytest.mark.short
@pytest.mark.parametrize("server", ["always"], indirect=True)
def test_redis_back_with_what_it_had_a_second_ago(bus, kind, program, bridges, fault, times):
    """As after a failover to a replica that was behind: runs go back to an earlier wait, and what was sent since is sent again."""
    row = fault(f"Redis falls back by a second (writes lost, as in a failover), {kind.__name__.lower()} that wait")
    for _ in range(2):
        bridges.append(Bridge(program[0], bus, workflows=program[1], options=["--lease-seconds", 3, "--heartbeat-seconds", 1], max_runs=32))
        bridges[-1].start()
    load, lost = kind(bus, times(400, 200), delay_ms=150).start(), 0
    for share in times([0.1, 0.3, 0.5, 0.7], [0.3]):
        eventually(lambda: load.tend() >= len(load.ids) * share, "the load goes on", within=60)
        then, so_far, before = bus.server.remember(), load.so_far(), load.tend()
        eventually(lambda: load.tend() > before + 5, "it has gone on since", within=30)
        lost_until = time.monotonic() + 0.5
        eventually(lambda: (load.tend(), time.monotonic() > lost_until)[1], "more is lost", every=0.02)
        bus.server.fall_back(then)
        begin, last = time.monotonic(), bus.mark()
        lost += load.send_again(so_far)
        eventually(lambda: bus.mark() != last, "events go on", within=60)
        row.times += 1
        row.seconds.append(time.monotonic() - begin)
    load.see_through()
    row.judge(bus, load)
    load.check()
    assert lost > 0 and all(bridge.is_alive for bridge in bridges)


@pytest.mark.short
@pytest.mark.parametrize("where", [BEFORE, DURING, AFTER])
def test_a_connection_cut_around_a_script(bus, kind, program, bridges, fault, where, times):
    row, dice = fault(f"connection cut {where} a script, {kind.__name__.lower()} that wait"), random.Random(4)
    proxy = Proxy(bus.server, lambda arguments: where if script(arguments) and dice.random() < 0.02 else None)
    try:
        for _ in range(2):
            bridges.append(Bridge(program[0], bus, workflows=program[1], url=proxy.url, options=OPTIONS, max_runs=16))
            bridges[-1].start()
        load = kind(bus, times(400, 120), delay_ms=60).start()
        load.see_through()
        row.times = proxy.cuts
        row.judge(bus, load)
        load.check()
        assert proxy.cuts >= times(10, 4) and row.audit.takeovers() == 0
        assert all(bridge.is_alive for bridge in bridges)
    finally:
        for bridge in bridges:
            bridge.close()
        proxy.close()


@pytest.mark.short
def test_every_third_reply_to_a_script_lost(bus, kind, program, bridges, fault, times):
    """Whichever script it is: what is sent again must be answered like the first time."""
    row, calls, lock = fault(f"every third reply to a script lost, {kind.__name__.lower()} that wait"), {}, threading.Lock()

    def plan(arguments):
        if (name := script(arguments)) is None:
            return None
        with lock:
            calls[name] = calls.get(name, 0) + 1
            return AFTER if calls[name] % 3 == 0 else None

    proxy = Proxy(bus.server, plan)
    try:
        bridges.append(Bridge(program[0], bus, workflows=program[1], url=proxy.url, options=OPTIONS, max_runs=4))
        bridges[-1].start()
        load = kind(bus, times(80, 30), delay_ms=20).start()
        load.see_through()
        row.times = proxy.cuts
        row.judge(bus, load)
        load.check()
        assert proxy.cuts > 30 and bridges[0].is_alive
    finally:
        bridges[0].close()
        proxy.close()


def test_deploys_one_after_the_other(bus, kind, program, bridges, fault, times):
    row = fault(f"SIGTERM under load, {kind.__name__.lower()} that wait")

    def launch():
        bridges.append(Bridge(program[0], bus, workflows=program[1], max_runs=32, options=[*QUICK_LEASE, "--drain-seconds", 10]))
        return bridges[-1].start()

    bridge = launch()
    load = kind(bus, times(400, 150), delay_ms=250).start()
    for _ in range(times(5, 2)):
        successor, done = launch(), load.tend()
        eventually(lambda: load.tend() > min(done + 10, len(load.ids) - 1), "the load goes on")
        bridge.terminate()
        eventually(lambda: (load.tend(), not bridge.is_alive)[1], "it leaves", within=20)
        assert bridge.exit_code(within=1) == 0
        row.times += 1
        bridge = successor
    load.see_through()
    row.judge(bus, load)
    load.check()
    assert row.audit.takeovers() == 0, "each was handed back, or waited"
