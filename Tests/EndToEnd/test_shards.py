"""A bus of several shards: one bridge serves them all, and a command that reaches the wrong one is not lost."""
import json
import subprocess

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.gate import Gate
from support.invariants import check_history, check_nothing_is_left, check_runs
from support.rejection import check_rejected
from support.shards import COUNT, Shards, shard_of
from support.waiting import eventually


def test_a_name_belongs_to_the_shard_of_the_contract():
    assert [shard_of(name, 16_384) for name in ("123456789", "foo", "foo//1", "")] == [12_739, 12_182, 12_182, 0]


def test_runs_on_all_shards_come_to_their_ends_beside_each_other(shards):
    ids = [fresh("spread") for _ in range(200)]
    for id in ids:
        shards.home(id).start("trial", {}, id=id)
    for id in ids:
        shards.home(id).wait_for_end(id)
    for bus in shards:
        check_runs(bus, [id for id in ids if shards.home(id) is bus])
    assert {shard_of(id, COUNT) for id in ids} == set(range(COUNT)), "some are on each"
    for bus in shards:
        check_nothing_is_left(bus)


def test_a_start_on_the_wrong_shard_runs_on_its_own(shards):
    id = fresh("astray")
    home, elsewhere = shards.home(id), shards.elsewhere(id)
    elsewhere.start("trial", {}, id=id, delay_ms=300)
    record = home.wait_for_end(id)
    assert record["status"] == "completed"
    check_history(home, id, home.story(id), record)
    elsewhere.wait_until_quiet()
    assert elsewhere.record(id) == {} and elsewhere.stories() == {}


def test_a_start_on_both_shards_counts_once(shards):
    id = fresh("twice")
    for bus in (shards.elsewhere(id), shards.home(id), shards.elsewhere(id)):
        bus.start("trial", {}, id=id)
    home = shards.home(id)
    home.wait_for_end(id)
    for bus in shards:
        bus.wait_until_quiet()
    kinds = [event.kind for event in home.story(id)]
    assert kinds.count("run.started") == 1 and kinds.count("run.completed") == 1


def test_a_start_without_an_id_is_rejected_with_what_to_do(shards):
    pairs = [("type", "start"), ("workflow", "trial")]
    entry = shards[0].publish(*pairs)
    event = check_rejected(shards[0], entry, pairs, "missing_field")
    assert "Choose one" in event.data["message"]


def test_a_cancel_on_the_wrong_shard_reaches_its_run(shards, gate):
    id = fresh("cancelled")
    home = shards.home(id)
    home.start("trial", {"gate": gate.path}, id=id)
    home.wait_for(id, status="running")
    shards.elsewhere(id).cancel(id)
    assert home.wait_for_end(id)["status"] == "cancelled"


@pytest.mark.parametrize("waits", [True, False], ids=["that waits", "that has not started"])
def test_a_signal_on_the_wrong_shard_reaches_its_run(shards, waits):
    id = fresh("signalled")
    home, elsewhere = shards.home(id), shards.elsewhere(id)

    if waits:
        home.start("trial-watch", {"watch": {"for": ["go"]}}, id=id)
        home.wait_for_waiting(id)
    elsewhere.signal(id, "go", {"by": "ann"})
    elsewhere.wait_until_quiet()
    if not waits:
        home.start("trial-watch", {"watch": {"for": ["go"]}}, id=id)
    assert home.wait_for_end(id)["status"] == "completed"
    assert elsewhere.orphans() == {}


def test_a_schedule_and_its_runs_live_on_the_shard_of_its_name(shards):
    name = fresh("hourly")
    home, elsewhere = shards.home(name), shards.elsewhere(name)
    pairs = [("type", "schedule"), ("name", name), ("workflow", "trial"), ("every_ms", "3600000"), ("input", "{}")]
    event = check_rejected(elsewhere, elsewhere.publish(*pairs, to="control"), pairs, "wrong_shard", stream="control")
    assert home.prefix in event.data["message"]
    home.publish(*pairs, to="control")
    eventually(lambda: home.is_scheduled(name), "it is set where it belongs")
    home.steer_schedule("run", name)
    run = eventually(lambda: [id for id in home.stories() if id.startswith(f"{name}@")], "it has run")[0]
    assert home.wait_for_end(run)["status"] == "completed"
    assert all(not bus.is_scheduled(name) for bus in shards if bus is not home)


def test_no_start_takes_the_id_of_a_schedules_run_on_another_shard(shards):
    name = next(name for name in iter(lambda: fresh("nightly"), None)
                if shard_of(name, COUNT) != shard_of(f"{name}@1", COUNT))
    shards.home(name).schedule(name, workflow="trial", every_ms=3_600_000, input={})
    eventually(lambda: shards.home(name).is_scheduled(name), "it is set")
    pairs = [("type", "start"), ("workflow", "trial"), ("id", f"{name}@1")]
    bus = shards.home(f"{name}@1")
    check_rejected(bus, bus.publish(*pairs), pairs, "invalid_field")


def test_a_run_of_a_schedule_is_found_by_its_own_id(shards, gate):
    name = next(name for name in iter(lambda: fresh("slow"), None)
                if shard_of(name, COUNT) != shard_of(f"{name}@1", COUNT))
    home = shards.home(name)
    home.schedule(name, workflow="trial", every_ms=3_600_000, input={"gate": gate.path})
    eventually(lambda: home.is_scheduled(name), "it is set")
    home.steer_schedule("run", name)
    run = eventually(lambda: [id for id in home.stories() if id.startswith(f"{name}@")], "it is under way")[0]
    home.wait_for(run, status="running")
    shards.home(run).cancel(run)
    assert home.wait_for_end(run)["status"] == "cancelled"


def test_the_runs_of_a_bridge_that_is_killed_go_on_at_the_other_on_every_shard(shards, bridges):
    placed = [fresh("march") for _ in range(100)]
    for id in placed:
        shards.home(id).start("trial-march", {}, id=id)
    for bus in shards:
        eventually(lambda: bus.stories(), f"runs of {bus.prefix} are under way")
    bridges[0].kill()
    for id in placed:
        record = shards.home(id).wait_for_end(id)
        check_history(shards.home(id), id, shards.home(id).story(id), record)
        assert record["status"] == "completed"
    for bus in shards:
        check_nothing_is_left(bus, *(id for id in placed if shards.home(id) is bus))


def test_a_flood_on_one_shard_keeps_no_other_from_its_turn(server, launch_trial):
    shards = Shards(server, 2, "flooded")
    flood = [id for id in (fresh("flood") for _ in range(600)) if shard_of(id, 2) == 0]
    few = [id for id in (fresh("few") for _ in range(60)) if shard_of(id, 2) == 1][:10]
    shards[0].start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 20}} for id in flood])
    shards[1].start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 20}} for id in few])
    launch_trial(shards[0], max_runs=4, options=(*QUICK_LEASE, *shards.options()))
    shards[1].wait_for_end(*few)
    last = max(int(shards[1].record(id)["started"]) for id in few)
    before = [id for id in flood if int(shards[0].record(id).get("started", last + 1)) < last]
    assert len(before) < len(flood) / 2, "they took turns"
    shards[0].wait_for_end(*flood)


def test_the_command_line_goes_to_the_shard_of_a_run(shards, trial_binary):
    def run(*arguments):
        server = ("--redis", shards[0].server.url, "--prefix", shards.prefix, "--shards", str(COUNT))
        done = subprocess.run([trial_binary, *arguments, *server], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout.strip(), done.stderr

    for id in [fresh("typed") for _ in range(4)]:
        assert run("start", "trial", "--id", id, "--input", "{}", "--wait")[0] == 0
        assert shards.home(id).record(id)["status"] == "completed"
        code, record, _ = run("status", id, "--json")
        assert code == 0 and json.loads(record)["status"] == "completed"
    code, id, _ = run("start", "trial", "--input", "{}")
    assert code == 0 and shards.home(id).wait_for_end(id)["status"] == "completed"
    name = fresh("typed")
    assert run("schedule", name, "trial", "--every-seconds", "3600", "--input", "{}")[0] == 0
    assert shards.home(name).is_scheduled(name)
    code, due, _ = run("schedules", "run", name)
    assert code == 0
    assert run("unschedule", name)[0] == 0
    assert not shards.home(name).is_scheduled(name)


def test_a_bridge_with_another_number_of_shards_says_so_and_ends(shards, trial_binary):
    def refused(*options):
        done = subprocess.run(
            [trial_binary, "serve", "--redis", shards[0].server.url, *map(str, options)], capture_output=True, text=True, timeout=30)
        return done.returncode, done.stderr

    code, said = refused("--prefix", shards.prefix, "--shards", 2)
    assert code == 1 and "is a shard of a bus of 4 shards" in said
    code, said = refused("--prefix", "{shards-3}")
    assert code == 1 and '"{shards-3}" is a shard of a bus of 4 shards' in said
    assert {bus.prefix: bus.redis.hgetall(bus.key("shards")) for bus in shards} == {
        f"{{shards-{shard}}}": {b"shards": b"4", b"shard": str(shard).encode()} for shard in range(COUNT)}


def test_a_bridge_is_told_to_stop_and_hands_over_what_it_has_on_every_shard(shards, bridges, tmp_path):
    gates = [Gate(tmp_path / f"gate-{number}") for number in range(COUNT)]
    ids = []
    for shard, gate in enumerate(gates):
        id = next(id for id in iter(lambda: fresh("held"), None) if shard_of(id, COUNT) == shard)
        shards[shard].start("trial", {"gate": gate.path}, id=id)
        ids.append(id)
    for id in ids:
        shards.home(id).wait_for(id, status="running")
    bridges[0].terminate()
    for gate in gates:
        gate.open()
    for id in ids:
        assert shards.home(id).wait_for_end(id)["status"] == "completed"
    assert bridges[0].exit_code(within=40) == 0
    for bus in shards:
        eventually(lambda: len(bus.bridges()) == 1, f"it is gone from {bus.prefix}")
