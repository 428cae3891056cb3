"""Redis goes away, forgets, refuses: runs wait and go on, none fails because of it, none is taken over."""
import time

import pytest

from support.load import Load
from support.waiting import eventually

# A lease that no busy machine misses: a takeover here would be the fault's doing.
LEASE = 3
OPTIONS = ["--lease-seconds", LEASE, "--heartbeat-seconds", 1]


class Trouble:
    """Two bridges under a load, and how they get over what is done to their Redis."""

    def __init__(self, bus, row, launch_trial, count, delay_ms, seed=1):
        self.bus, self.row = bus, row
        self.bridges = [launch_trial(bus, options=OPTIONS, max_runs=32) for _ in range(2)]
        self.load = Load(bus, count, delay_ms=delay_ms, seed=seed).start()

    def under_way(self, share):
        eventually(lambda: self.load.ended() >= len(self.load.ids) * share, "the load goes on", within=60, every=0.002)
        assert self.load.ended() < len(self.load.ids), "too fast a machine for this test"

    def healed(self, within=60):
        """Notes how long it takes from now until the next event."""
        begin, last = time.monotonic(), self.bus.mark()
        eventually(lambda: self.bus.mark() != last, "events go on", within)
        self.row.times += 1
        self.row.seconds.append(time.monotonic() - begin)

    def judge(self, without_takeovers=True):
        self.row.judge(self.bus, self.load)
        assert all(bridge.is_alive for bridge in self.bridges)
        assert self.row.audit.takeovers() == 0 or not without_takeovers


@pytest.fixture
def trouble(bus, launch_trial):
    return lambda row, count=400, delay_ms=150, **more: Trouble(bus, row, launch_trial, count, delay_ms, **more)


@pytest.mark.short
@pytest.mark.parametrize("server", ["always"], indirect=True)
def test_redis_killed_and_restarted_from_its_append_only_file(bus, trouble, fault, times):
    row = fault("Redis SIGKILL and restart, AOF always")
    it = trouble(row)
    for share in times([0.1, 0.3, 0.5, 0.7], [0.3]):
        it.under_way(share)
        bus.server.restart(brutally=True)
        it.healed()
    it.judge()


@pytest.mark.short
@pytest.mark.parametrize("server", ["always"], indirect=True)
def test_redis_back_with_what_it_had_a_second_ago(bus, trouble, fault, times):
    """As after a failover to a replica that was behind: runs go back to an earlier state and do it again; none skips one."""
    row = fault("Redis falls back by a second (writes lost, as in a failover)")
    it = trouble(row)
    for share in times([0.1, 0.3, 0.5, 0.7], [0.3]):
        it.under_way(share)
        then = bus.server.remember()
        before = it.load.ended()
        eventually(lambda: it.load.ended() > before + 5, "it has gone on since", within=30)
        time.sleep(0.5)
        bus.server.fall_back(then)
        it.healed()
    it.judge(without_takeovers=False)  # what had ended since runs again, and nobody has it in hand


@pytest.mark.parametrize("how", ["stopped and started", "hanging (SIGSTOP)"])
def test_redis_away_for_three_leases_under_five_hundred_slow_runs(bus, launch_trial, fault, how):
    row = fault(f"Redis {how} for three leases, 500 slow runs")
    bridges = [launch_trial(bus, options=OPTIONS, max_runs=256) for _ in range(2)]
    load = Load(bus, 500, delay_ms=6_000, failing=0).start()
    eventually(lambda: bus.statuses(load.ids).count("running") == 500, "all are under way")
    if how.startswith("stopped"):
        bus.server.stop()
        time.sleep(3 * LEASE)
        bus.server.start()
        # One that starts now must not take the others for dead, who are on their way back.
        bridges.append(launch_trial(bus, options=OPTIONS, max_runs=256))
    else:
        with bus.server.paused():
            time.sleep(3 * LEASE)
    begin, last = time.monotonic(), bus.mark()
    eventually(lambda: bus.mark() != last, "events go on", within=60)
    row.seconds.append(time.monotonic() - begin)
    row.times += 1
    row.judge(bus, load)
    assert row.audit.takeovers() == 0
    assert all(bridge.is_alive for bridge in bridges)


@pytest.mark.short
def test_script_flush(bus, trouble, fault, times):
    row = fault("SCRIPT FLUSH")
    it = trouble(row)
    while it.load.ended() < 380:
        bus.redis.script_flush()
        row.times += 1
        time.sleep(0.02)
    it.judge()


@pytest.mark.short
def test_groups_deleted(bus, trouble, fault):
    row = fault("consumer groups deleted")
    it = trouble(row)
    for share in (0.1, 0.3, 0.5, 0.7):
        it.under_way(share)
        for stream in ("commands", "control"):
            bus.redis.xgroup_destroy(bus.key(stream), "bridges")
        it.healed()
    it.judge()


def refused(bus, error):
    """Until Redis has refused something with that error, and for a while longer."""
    eventually(lambda: bus.server.refusals(error), f"Redis answers {error}", within=30)
    time.sleep(2)  # how long it stays so


@pytest.mark.short
def test_maxmemory_reached_and_freed(bus, trouble, fault, times):
    row = fault("maxmemory reached (OOM), then freed")
    it = trouble(row)
    for share in times([0.2, 0.5], [0.3]):
        it.under_way(share)
        bus.redis.config_resetstat()
        bus.redis.config_set("maxmemory", 1_000_000)
        refused(bus, "OOM")
        bus.redis.config_set("maxmemory", 0)
        it.healed()
    it.judge()


def test_readonly_as_after_a_failover(bus, trouble, fault):
    row = fault("READONLY for some seconds (demoted to replica)")
    it = trouble(row)
    for share in (0.2, 0.5):
        it.under_way(share)
        bus.redis.config_resetstat()
        bus.redis.replicaof("127.0.0.1", 1)
        refused(bus, "READONLY")
        bus.redis.replicaof("NO", "ONE")
        it.healed()
    it.judge()


def test_misconf_when_snapshots_cannot_be_written(bus, trouble, fault):
    row = fault("MISCONF for some seconds (disk refuses snapshots)")
    it = trouble(row)
    in_the_way = bus.server.folder / "dump.rdb"
    bus.redis.config_set("save", "3600 100000000")
    for share in (0.2, 0.5):
        it.under_way(share)
        bus.redis.config_resetstat()
        in_the_way.unlink(missing_ok=True)
        in_the_way.mkdir()
        (in_the_way / "full").touch()
        bus.redis.bgsave()
        refused(bus, "MISCONF")
        (in_the_way / "full").unlink()
        in_the_way.rmdir()
        eventually(lambda: _saved(bus), "a snapshot succeeds")
        it.healed()
    it.judge()


def _saved(bus):
    info = bus.redis.info("persistence")
    if info["rdb_last_bgsave_status"] != "ok" and not info["rdb_bgsave_in_progress"]:
        bus.redis.bgsave()
    return info["rdb_last_bgsave_status"] == "ok" and not info["rdb_bgsave_in_progress"]


def test_loading(bus, trouble, fault):
    row = fault("LOADING for some seconds after a restart")
    it = trouble(row, count=600)
    for share in (0.3, 0.6):
        it.under_way(share)
        bus.server.stop()
        bus.server.start("--key-load-delay", 500)
        assert bus.server.refusals("LOADING")
        it.healed()
    it.judge()
