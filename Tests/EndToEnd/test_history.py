"""The history of a bus in an SQLite file: exact however its process ends, repaired from records where events are gone."""
import json
import random
import sqlite3
import subprocess
import time

import pytest

from support.bus import fresh
from support.history import History
from support.waiting import eventually

CLOCK_ERROR = 2_000  # what is told by events and by the record differs by how well a bridge knows the clock


@pytest.fixture(scope="session", autouse=True)
def has_sqlite(binary):
    done = subprocess.run([str(binary), "admin", "--history", "/nonexistent/folder/file"], capture_output=True, text=True, timeout=30)
    if "built without SQLite" in done.stderr:
        pytest.skip("this cano-bridge was built without --traits SQLite")


@pytest.fixture
def keep(binary, bus, tmp_path):
    """`keep(…)`: one more process that keeps the history of the bus."""
    kept = []

    def keep(*options, path=tmp_path / "history.sqlite"):
        kept.append(History(binary, bus, path, *options))
        return kept[-1].start()

    yield keep
    for history in kept:
        history.close()


def check(history, bus, ids):
    """Each run in the file is what its record says, and has as many events."""
    runs, events = history.runs(), history.events()
    assert set(ids) <= set(runs)
    for id in ids:
        run, record = runs[id], bus.record(id)
        for name in ("workflow", "version", "status", "state", "rollback"):
            assert (run[name] or "") == record.get(name, ""), (id, name, run, record)
        assert run["events"] == int(record["events"]), (id, run, record)
        assert events.get(id, 0) == run["events"] - run["missing"], (id, run)
        if "error" in record:
            assert run["error_code"] == json.loads(record["error"])["code"], (id, run, record)
        for name in ("created", "started", "finished"):
            assert (run[name] is None) == (name not in record), (id, name, run, record)
            assert run[name] is None or abs(run[name] - int(record[name])) <= CLOCK_ERROR, (id, name, run, record)
    return runs


def start(bus, count):
    """Numbers that complete, with orders between that fail and are undone."""
    commands = []
    for number in range(count):
        if number % 5 == 0:
            commands.append({"workflow": "order-fulfilment", "id": fresh("order"), "input": {
                "sku": "A1", "quantity": 1, **({"fail_at": "charge"} if number % 2 else {})},
                "attributes": json.dumps({"customer": f"c-{number % 7}"})})
        else:
            commands.append({"workflow": "numbers", "id": fresh("numbers"), "input": {"batch_size": 3}})
    bus.start_all(commands)
    return [command["id"] for command in commands]


def test_killed_again_and_again_it_has_every_event_once(bus, launch, keep):
    launch(bus, max_runs=256, options=["--log-level", "error"])
    dice = random.Random(7)
    history = keep()
    ids = []
    for _ in range(8):
        ids += start(bus, 500)
        time.sleep(dice.uniform(0.05, 0.6))  # anywhere: what is under way then is what the test is about
        history.kill()
        history = keep()
    bus.wait_for_end(*ids, within=120)
    history.wait_until_level()
    runs = check(history, bus, ids)
    assert all(run["missing"] == 0 for run in runs.values())
    assert sum(history.events().values()) == bus.redis.xlen(bus.key("events"))
    [(tallied,)] = history.rows("SELECT sum(runs) FROM tally")
    assert tallied == len(runs)
    history.rows("PRAGMA integrity_check")
    assert history.close() == 0


def test_two_processes_share_one_file(bus, launch, keep):
    launch(bus, max_runs=256, options=["--log-level", "error"])
    one, other = keep(), keep()
    ids = start(bus, 1_000)
    eventually(lambda: one.bookmark(), "the file is there")
    one.kill()
    ids += start(bus, 1_000)
    bus.wait_for_end(*ids, within=120)
    other.wait_until_level()
    runs = check(other, bus, ids)
    assert all(run["missing"] == 0 for run in runs.values())
    assert other.is_alive


def test_what_was_trimmed_meanwhile_is_taken_from_the_records(bus, launch, keep):
    launch(bus, max_runs=256, options=["--log-level", "error"])
    history = keep()
    seen = start(bus, 100)
    bus.wait_for_end(*seen)
    history.wait_until_level()
    history.kill()
    missed = start(bus, 700)
    bus.wait_for_end(*missed)
    bus.redis.xtrim(bus.key("events"), maxlen=50, approximate=False)
    history = keep()
    history.wait_until_level()
    runs = check(history, bus, seen + missed)
    assert all(runs[id]["missing"] == 0 for id in seen)
    assert sum(runs[id]["missing"] for id in missed) >= 700
    [(lost,)] = history.rows("SELECT lost FROM bookmark")
    assert lost == sum(run["missing"] for run in runs.values())
    assert "events were gone from the stream" in history.output()


def test_an_emptied_redis_is_noticed(bus, launch, keep):
    bridge = launch(bus)
    history = keep()
    ids = start(bus, 50)
    bus.wait_for_end(*ids)
    waiting = fresh("order")
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "await_payment": True}, id=waiting)
    bus.wait_for_waiting(waiting)
    history.wait_until_level()
    bridge.close()
    bus.redis.flushall()
    eventually(lambda: history.rows("SELECT replacements, sweep FROM bookmark") == [(1, 0)], "it was noticed")
    assert history.runs()[waiting]["status"] == "lost"
    launch(bus)
    again = start(bus, 50)
    bus.wait_for_end(*again)
    history.wait_until_level()
    runs = check(history, bus, again)
    assert set(ids) <= set(runs)
    assert "Redis was emptied" in history.output()


def test_what_redis_lost_in_a_crash_is_followed(bus, server, launch, keep):
    launch(bus)
    history = keep()
    ids = start(bus, 300)
    bus.wait_for_end(*ids)
    history.wait_until_level()
    # It comes up with what it had at an earlier moment, and its runs go on from there.
    entries = bus.redis.execute_command("XREVRANGE", bus.key("events"), "+", "-", "COUNT", 40)
    history.kill()
    last = entries[-1][0]
    for entry, *_ in entries:
        bus.redis.xdel(bus.key("events"), entry)
    bus.redis.execute_command("XSETID", bus.key("events"), last, "ENTRIESADDED", bus.redis.xlen(bus.key("events")))
    history = keep()
    eventually(lambda: history.rows("SELECT replacements FROM bookmark") == [(1,)], "it was noticed")
    ids += start(bus, 50)
    bus.wait_for_end(*ids)
    eventually(lambda: set(ids) <= set(history.runs()), "all runs are there")
    history.wait_until_level()
    check(history, bus, ids)


def test_runs_whose_time_is_over_are_removed_and_no_others(bus, launch, keep):
    launch(bus)
    history = keep()
    ids = start(bus, 60)
    bus.wait_for_end(*ids)
    waiting = fresh("order")
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "await_payment": True}, id=waiting)
    bus.wait_for_waiting(waiting)
    history.wait_until_level()
    assert len(history.runs()) == 61
    history.kill()
    time.sleep(1.1)
    history = keep("--keep", "1s")
    eventually(lambda: set(history.runs()) == {waiting}, "the others are gone")
    assert history.rows("SELECT count(DISTINCT run) FROM event") == [(1,)]


def test_the_file_of_another_bus_is_refused(binary, bus, keep, tmp_path):
    history = keep()
    eventually(lambda: history.bookmark(), "the file is there")
    history.kill()
    done = subprocess.run(
        [str(binary), "admin", "--redis", bus.server.url, "--prefix", "other", "--history", str(history.path)],
        capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert 'has the history of the bus "cano", not of "other"' in done.stderr


@pytest.mark.parametrize("options, says", [
    ([], "--history"), (["--history", "/nonexistent/folder/h.sqlite"], "can't be opened"),
    (["--history", "h.sqlite", "--keep", "soon"], "give how long, such as 90s, 30m, 2h or 7d"),
])
def test_wrong_options_are_told(binary, tmp_path, options, says):
    done = subprocess.run([str(binary), "admin", *options], capture_output=True, text=True, timeout=30, cwd=tmp_path)
    assert done.returncode != 0 and says in done.stderr
