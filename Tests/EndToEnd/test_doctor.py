"""`cano-bridge doctor`: what is the matter with a bus, and what to do about it."""
import json
import subprocess

import pytest

from support.bridge import QUICK_LEASE
from support.waiting import eventually


def findings(done):
    return {one["subject"]: one for one in map(json.loads, done.stdout.splitlines())}


def test_an_empty_bus_has_no_bridge_and_says_how_to_start_one(bus, cano):
    done = cano("doctor")
    assert done.returncode == 3
    first = json.loads(done.stdout.splitlines()[0])
    assert (first["severity"], first["subject"]) == ("error", "bridges") and "cano-bridge serve" in first["remedy"]


def test_what_a_bus_lacks_is_named_with_what_to_do_and_the_gravest_comes_first(launch, launch_trial, bus, cano, on_terminal):
    launch(bus, options=QUICK_LEASE)
    trial = launch_trial(bus, options=QUICK_LEASE)
    bus.start("trial-watch", {"watch": {"for": ["go"]}}, id="stranded")
    bus.wait_for_waiting("stranded")
    trial.terminate()
    assert trial.exit_code(within=10) == 0
    bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "fail_at": "reserve"}, id="fails")
    bus.wait_for_end("fails")
    bus.publish(("type", "start"), ("workflow", "numbers"), ("input", "nothing"))
    eventually(lambda: bus.redis.xlen(bus.key("deadletters")) == 1, "it is rejected")
    done = cano("doctor")
    assert done.returncode == 3, done.stderr
    found = findings(done)
    assert list(found)[0] == "workflows" and "trial-watch in version 1; runs that are not over: 1" in found["workflows"]["finding"]
    assert found["failed runs"]["finding"] == "failed, and kept for a time: 1" and found["unfinished runs"]["severity"] == "fine"
    assert found["rights"]["finding"] == "default may do the work of bridges and of operators"
    assert "forecast" not in found, "too little has happened"
    for subject in ("failed runs", "dead letters"):
        assert found[subject]["severity"] == "warning" and found[subject]["remedy"]
    for subject in ("server", "bridges", "commands", "clock"):
        assert found[subject]["severity"] == "fine" and "remedy" not in found[subject]
    with on_terminal("doctor") as terminal:
        assert terminal.exit_code() == 3
    assert "✗ workflows: no bridge has trial-watch" in terminal.text and "\n  → " in terminal.text


def test_what_was_mended_is_fine_again(launch, bus, cano):
    launch(bus)
    bus.redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert findings(cano("doctor"))["server"]["severity"] == "error"
    finally:
        bus.redis.config_set("maxmemory-policy", "noeviction")
    assert findings(cano("doctor"))["server"]["severity"] == "fine"


def test_runs_that_are_kept_for_ever_are_told_apart_from_those_that_are_not(launch_trial, bus, cano):
    launch_trial(bus)
    bus.start("trial", {"at": "first", "deed": "fail"}, id="fails")
    bus.start("trial-saga", {"at": "send", "deed": "fail", "undo_fails_at": "take"}, id="partial")
    bus.wait_for_end("fails", "partial")
    assert bus.record("partial")["rollback"] == "partial"
    found = findings(cano("doctor"))
    assert found["failed runs"]["finding"] == "failed, and kept for a time: 1"
    assert found["unfinished runs"]["finding"].endswith("kept for ever: 1") and "cano-bridge resume" in found["unfinished runs"]["remedy"]


def test_what_the_bus_comes_to_in_memory_is_told_from_what_was_written(launch, bus, cano):
    launch(bus)
    ids = [f"numbers-{number}" for number in range(60)]
    bus.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": 3}} for id in ids])
    bus.wait_for_end(*ids)
    # As if the first had happened an hour ago.
    entries = bus.redis.execute_command("XRANGE", bus.key("events"), "-", "+")
    bus.redis.delete(bus.key("events"))
    bus.redis.execute_command("XADD", bus.key("events"), f"{bus.now() - 3_600_000}-0", *entries[0][1])
    for _, fields in entries[1:]:
        bus.redis.execute_command("XADD", bus.key("events"), "*", *fields)
    found = findings(cano("doctor"))["forecast"]
    rate = len(entries) / 3_600
    assert found["severity"] == "fine" and found["finding"].startswith(f"{rate:.2f} events and 0.02 ended runs a second come to "), found
    bus.redis.config_set("maxmemory", "1mb")
    try:
        found = findings(cano("doctor"))["forecast"]
        assert found["severity"] == "warning" and found["finding"].endswith("of 1 MiB that maxmemory allows") and found["remedy"]
    finally:
        bus.redis.config_set("maxmemory", "0")


@pytest.mark.parametrize("rules, severity, words", [
    ("~cano:* +@all", "fine", "ann may do the work of bridges and of operators"),
    ("~cano:* +@all -hset -zadd", "fine", "ann may do the work of operators, and not that of bridges"),
    ("~cano:* +@all -hset -zscan", "warning", "+zscan is missing"),
    ("%R~cano:* %W~cano:commands %W~cano:replies:* +@all", "warning", "%W~cano:control %W~cano:deadletters is missing"),
    ("~cano:* +@all -acl", "fine", "can't be told"),
])
def test_what_its_user_may_not_do_is_told(bus, binary, server, rules, severity, words):
    with server.client() as admin:
        admin.execute_command("ACL", "SETUSER", "ann", "reset", "on", ">p", *rules.split())
    done = subprocess.run([str(binary), "doctor", "--redis", f"redis://ann:p@127.0.0.1:{server.port}"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    found = findings(done)["rights"]
    assert (found["severity"], words in found["finding"]) == (severity, True), found
    assert severity == "fine" or "ACL SETUSER ann" in found["remedy"]
