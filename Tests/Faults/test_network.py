"""Connections that break at the worst moment: before, during and after a script, and with its reply lost."""
import random
import threading
import time

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.load import Load
from support.proxy import AFTER, BEFORE, DURING, Proxy, script
from support.waiting import eventually

OPTIONS = ["--lease-seconds", 5, "--heartbeat-seconds", 1]


@pytest.fixture
def proxied(server):
    """`proxied(plan)`: a proxy to this test's Redis."""
    proxies = []

    def make(plan):
        proxies.append(Proxy(server, plan))
        return proxies[-1]

    yield make
    for proxy in proxies:
        proxy.close()


@pytest.mark.short
@pytest.mark.parametrize("where", [BEFORE, DURING, AFTER])
def test_a_connection_cut_around_a_script(bus, launch_trial, proxied, fault, where, times):
    row = fault(f"connection cut {where} a script")
    dice = random.Random(3)

    def plan(arguments):
        return where if script(arguments) and dice.random() < 0.02 else None

    proxy = proxied(plan)
    bridges = [launch_trial(bus, url=proxy.url, options=OPTIONS, max_runs=16) for _ in range(2)]
    load = Load(bus, times(400, 120), delay_ms=60).start()
    eventually(lambda: load.ended() == len(load.ids), "all have ended", within=120)
    row.times = proxy.cuts
    row.judge(bus, load)
    assert proxy.cuts >= times(10, 4) and row.audit.takeovers() == 0
    assert all(bridge.is_alive for bridge in bridges)


@pytest.mark.short
def test_any_reply_lost(bus, launch_trial, proxied, fault, times):
    row = fault("any reply lost, reads and housekeeping too")
    dice = random.Random(5)
    proxy = proxied(lambda arguments: AFTER if dice.random() < 0.015 else None)
    bridges = [launch_trial(bus, url=proxy.url, options=OPTIONS, max_runs=16) for _ in range(2)]
    load = Load(bus, times(400, 120), delay_ms=60).start()
    eventually(lambda: load.ended() == len(load.ids), "all have ended", within=120)
    row.times = proxy.cuts
    row.judge(bus, load)
    assert proxy.cuts >= times(10, 4) and row.audit.takeovers() == 0
    assert all(bridge.is_alive for bridge in bridges)


class FirstRepliesLost:
    """Loses the reply to the first calls of every script there is."""

    def __init__(self, each):
        self.each, self.calls, self._lock = each, {}, threading.Lock()

    def __call__(self, arguments):
        name = script(arguments)
        if name is None:
            return None
        with self._lock:
            self.calls[name] = self.calls.get(name, 0) + 1
            return AFTER if self.calls[name] <= self.each else None


@pytest.mark.short
def test_a_lost_reply_to_every_script(bus, launch_trial, proxied, fault):
    row = fault("the first three replies to every script lost")
    plan = FirstRepliesLost(each=3)
    proxy = proxied(plan)
    remedy = bus.server.folder / "remedy"
    # One that is killed, so that there is something to take over, and one behind the proxy, at a level that flushes.
    victim = launch_trial(bus, options=QUICK_LEASE)
    orphans = Load(bus, 6, delay_ms=400, failing=0, seed=8).start()
    eventually(lambda: bus.statuses(orphans.ids) == ["running"] * 6, "they are under way")
    survivor = launch_trial(bus, url=proxy.url, options=QUICK_LEASE, events="tasks")
    victim.kill()
    load = Load(bus, 20, delay_ms=400).start()

    failed, cancelled, scheduled, overdue = (fresh(word) for word in ("failed", "cancelled", "later", "overdue"))
    entries = []
    for number in range(4):  # more than the replies that get lost
        bus.start("trial", {"at": "second", "deed": "fail", "remedy": str(remedy)}, id=f"{failed}-{number}")
        bus.start("trial", {"delay_ms": 60_000}, id=f"{cancelled}-{number}", reply_to=f"{cancelled}-{number}")
        bus.start("trial", {}, id=f"{scheduled}-{number}", delay_ms=1_000)
        entries.append(bus.publish(("type", "launch")))
    bus.wait_for_end(*[f"{failed}-{n}" for n in range(4)], within=60)
    remedy.touch()
    for number in range(4):
        bus.wait_for(f"{cancelled}-{number}", status="running", within=60)
        bus.start("trial", {}, id=f"{cancelled}-{number}", reply_to=f"again-{number}")
        bus.resume(f"{failed}-{number}")
        bus.wait_for_replies(f"again-{number}", within=60)
        bus.cancel(f"{cancelled}-{number}", reply_to=f"why-{number}")
    for number in range(4):
        bus.wait_for(f"{failed}-{number}", status="completed", within=60)
        bus.wait_for(f"{cancelled}-{number}", status="cancelled", within=60)
        bus.wait_for(f"{scheduled}-{number}", status="completed", within=60)
        assert len(bus.wait_for_replies(f"{cancelled}-{number}")) == 1, "the end, once"
        assert [a.kind for a in bus.wait_for_replies(f"again-{number}", 2)] == ["run.duplicate", "run.cancelled"]
        assert [a.kind for a in bus.wait_for_replies(f"why-{number}", 2)] == ["run.duplicate", "run.cancelled"]
    for entry in entries:
        assert bus.rejection(entry).data["code"] == "unknown_type"
        assert len(bus.dead_letters_of(entry)) == 1
    load.ends |= orphans.ends
    load.commands += orphans.commands
    for ids, end in ((failed, "completed"), (cancelled, "cancelled"), (scheduled, "completed")):
        for number in range(4):
            load.ends[f"{ids}-{number}"] = end
            load.commands.append({"id": f"{ids}-{number}"})
    row.judge(bus, load)
    row.times = proxy.cuts
    assert survivor.is_alive
    assert len(plan.calls) >= 9, f"accept, commit, flush, finish, renew, claim, resume, cancel, reject: {plan.calls}"


def test_a_network_that_is_gone_for_three_leases(bus, launch_trial, proxied, fault):
    """One bridge is cut off while the other is not: its runs go on there, and it can write nothing when it is back."""
    row = fault("one of two bridges cut off for three leases")
    gone = threading.Event()
    proxy = proxied(lambda arguments: BEFORE if gone.is_set() else None)
    cut_off = launch_trial(bus, url=proxy.url, options=QUICK_LEASE)
    launch_trial(bus, options=QUICK_LEASE)

    def has_runs(bridge):
        records = [bus.record(id) for id in load.ids]
        return any(record.get("bridge") == bridge.id and record["status"] == "running" for record in records)

    for round in range(2):
        load = Load(bus, 100, delay_ms=800, seed=round).start()
        eventually(lambda: load.ended() > 0 and has_runs(cut_off), "the load is under way, also on the bridge that is cut off")
        gone.set()
        time.sleep(3 * 1.5)
        gone.clear()
        row.times += 1
        row.judge(bus, load)
    assert row.audit.takeovers() > 0
