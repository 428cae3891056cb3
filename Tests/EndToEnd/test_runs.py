"""Runs are found by what they are and by what their starts said, and steered by the thousand."""
import json

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.waiting import eventually

ORDER = {"sku": "A1", "quantity": 1}
FAILING = {**ORDER, "fail_at": "reserve"}  # nothing is done yet: it can be resumed
SLOW = {**ORDER, "delay_ms": 8_000}  # each of its three steps, and a step that can be undone is finished first


def listed(done):
    """The runs that were printed as lines of JSON."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def ids(done):
    return [run["id"] for run in listed(done)]


def failed(bus):
    """What P:failed has: run id → when it ended."""
    return {id.decode(): int(score) for id, score in bus.redis.zrange(bus.key("failed"), 0, -1, withscores=True)}


def start_one_of_each(bus):
    bus.start("order-fulfilment", FAILING, id="first", attributes='{"customer":"c-1"}')
    bus.wait_for_end("first")
    bus.start("order-fulfilment", {**ORDER, "fail_at": "charge"}, id="second", attributes='{"customer":"c-2","total":12.50}')
    bus.wait_for_end("second")
    bus.start("numbers", {"batch_size": 3}, id="done", attributes='{"customer":"c-1"}')
    bus.start("numbers", {"batch_size": 3}, id="later", delay_ms=600_000, attributes='{"customer":"c-1"}')
    bus.start("approval", {"title": "a bill"}, id="asks", attributes='{"customer":"c-2","express":true}')
    bus.start("order-fulfilment", SLOW, id="slow", attributes='{"customer":"c-1"}')
    bus.wait_for_end("done")
    bus.wait_for("slow", status="running")
    bus.wait_for_waiting("asks")
    bus.wait_for("later", status="scheduled")


def test_each_run_that_is_not_over_or_has_failed_is_listed_with_its_own(launch, bus, cano):
    launch(bus)
    start_one_of_each(bus)
    assert ids(cano("runs")) == ["second", "first", "slow", "asks", "later"], "those that failed first, the last at their head"
    for status, expected in (("failed", ["second", "first"]), ("running", ["slow"]), ("waiting", ["asks"]), ("scheduled", ["later"]),
                             ("cancelled", [])):
        assert ids(cano("runs", "--status", status)) == expected
    assert ids(cano("runs", "--workflow", "order-fulfilment")) == ["second", "first", "slow"]
    assert ids(cano("runs", "--workflow", "numbers", "--version", bus.version("numbers"))) == []
    assert ids(cano("runs", "--limit", 1)) == ["second"]
    assert ids(cano("runs", "--since", "1h", "--status", "failed", "--status", "running")) == ["second", "first", "slow"]
    assert ids(cano("runs", "--until", "1h")) == []
    second, *_ = listed(cano("runs", "--status", "failed"))
    record = bus.record("second")
    assert second["error"] == json.loads(record["error"]) and second["finished"] == record["finished"]
    assert "input" not in second and "output" not in second, "what may be large is left out"
    done = cano("runs", "--status", "completed")
    assert done.returncode == 64 and "in no list" in done.stderr


def test_what_ends_as_it_was_to_leaves_no_trace_in_a_list(launch_trial, bus, gate):
    launch_trial(bus)
    bus.redis.set(bus.key("failed"), "in the way")
    bus.start("trial", {}, id="done")
    bus.start("trial-saga", {"at": "send", "gate": gate.path}, id="undone")
    assert bus.wait_for_end("done")["status"] == "completed"
    bus.wait_for("undone", state="send")
    bus.cancel("undone")
    assert bus.wait_for_end("undone")["rollback"] == "clean"
    assert bus.redis.get(bus.key("failed")) == b"in the way"


def test_a_run_that_fails_waits_while_the_list_has_the_wrong_type(launch, bus):
    bridge = launch(bus)
    bus.redis.set(bus.key("failed"), "in the way")
    bus.start("order-fulfilment", FAILING, id="fails")
    eventually(lambda: "script finish" in bridge.output(), "its end is tried again and again")
    eventually(lambda: bus.key("failed") in bridge.output() and "holds something else" in bridge.output(), "the bridge says which key")
    assert bus.record("fails")["status"] == "running"
    bus.redis.delete(bus.key("failed"))
    record = bus.wait_for_end("fails", within=40)
    assert failed(bus) == {"fails": int(record["finished"])}


def test_a_run_is_off_the_list_when_it_goes_on_and_on_it_when_it_fails_again(launch_trial, bus, gate):
    launch_trial(bus)
    gate.open()
    bus.start("trial", {"at": "second", "deed": "fail", "gate": gate.path}, id="again")
    first = int(bus.wait_for_end("again")["finished"])
    assert failed(bus) == {"again": first}
    gate.shut()
    bus.resume("again")
    bus.wait_for("again", status="running")
    assert failed(bus) == {}
    gate.open()
    second = int(bus.wait_for_end("again")["finished"])
    assert second > first and failed(bus) == {"again": second}


def test_a_run_is_off_the_list_once_its_record_is_gone(launch, bus, cano):
    launch(bus, options=[*QUICK_LEASE, "--failed-retention-seconds", 1, "--retention-seconds", 1])
    runs = [fresh() for _ in range(30)]
    bus.start_all([{"workflow": "order-fulfilment", "id": id, "input": FAILING} for id in runs])
    bus.wait_for_end(*runs)
    eventually(lambda: not failed(bus), "all are forgotten")
    assert bus.statuses(runs) == [None] * len(runs)
    bus.redis.zadd(bus.key("failed"), {"gone": bus.now()})
    assert ids(cano("runs")) == [], "what is listed and not there is passed over"


# Attributes


@pytest.mark.parametrize("attributes", ['{"a":1', "[]", '{"a":null}', '{"a":{"b":1}}', '{"a b":1}', '{"a":1,"a":2}', json.dumps({"a": "x" * 257}),
                                        json.dumps({f"a{number}": number for number in range(17)})])
def test_attributes_that_break_a_rule_are_rejected_with_the_rule(shop, attributes):
    id = fresh()
    rejection = shop.rejection(shop.start("numbers", {"batch_size": 3}, id=id, attributes=attributes))
    assert rejection.data["code"] == "invalid_field" and rejection.data["message"].startswith("attributes ")
    assert shop.record(id) == {}


def test_attributes_are_in_the_record_and_in_the_first_event_also_of_a_run_that_starts_later(run, shop):
    text = '{ "customer": "caf\\u00e9", "total": 12.50, "express": true }'
    kept = '{"customer":"café","total":12.50,"express":true}'
    id, record, story = run("numbers", {"batch_size": 3}, attributes=text)
    assert record["attributes"] == kept
    assert story[0].kind == "run.started" and story[0].data["attributes"] == json.loads(kept)
    id, record, story = run("numbers", {"batch_size": 3}, attributes=text, delay_ms=100)
    assert [event.kind for event in story[:2]] == ["run.scheduled", "run.started"]
    assert [event.data["attributes"] for event in story[:2]] == [json.loads(kept)] * 2 and record["attributes"] == kept
    id, record, story = run("numbers", {"batch_size": 3}, attributes="{}")
    assert "attributes" not in record and "attributes" not in story[0].data


def test_a_schedule_gives_its_attributes_to_its_runs(shop, command_line):
    name = fresh("schedule")
    done = command_line("schedule", name, "numbers", "--cron", "0 0 1 1 *", "--input", '{"batch_size":4}', "--attribute", "kind=nightly")
    assert done.returncode == 0, done.stderr
    run = command_line("schedules", "run", name).stdout.strip()
    assert shop.wait_for_end(run)["attributes"] == '{"kind":"nightly"}'
    assert command_line("unschedule", name).returncode == 0


def test_runs_are_found_by_their_attributes(launch, bus, cano):
    launch(bus)
    start_one_of_each(bus)
    assert ids(cano("runs", "--where", "customer=c-1")) == ["first", "slow", "later"]
    assert ids(cano("runs", "--where", "customer=c-2", "--where", "total=12.5")) == ["second"]
    assert ids(cano("runs", "--where", "express=true")) == ["asks"]
    assert ids(cano("runs", "--where", "customer=c-3")) == []
    done = cano("start", "numbers", "--id", "typed", "--input", '{"batch_size":3}', "--attribute", "customer=c-4", "--attribute", "total=7",
                "--attribute", 'zip="01234"', "--delay-seconds", "600")
    assert done.returncode == 0, done.stderr
    found, = listed(eventually(lambda: ids(again := cano("runs", "--where", "total=7")) and again, "it is scheduled"))
    assert found["attributes"] == {"customer": "c-4", "total": 7, "zip": "01234"}


def test_none_of_many_is_missed_while_others_come_and_go(launch, bus, cano):
    launch(bus, max_runs=64)
    waiting = [fresh("stays") for _ in range(700)]
    bus.start_all([{"workflow": "approval", "id": id, "input": {"title": "a bill"}} for id in waiting])
    bus.wait_for_waiting(*waiting)
    leaving = [fresh("leaves") for _ in range(300)]
    bus.start_all([{"workflow": "approval", "id": id, "input": {"title": "a bill"}} for id in leaving])
    bus.wait_for_waiting(*leaving)
    for part in range(3):
        bus.signal_all([{"id": id, "name": "approved"} for id in leaving[part::3]])
        assert set(waiting) <= set(ids(cano("runs", "--status", "waiting")))
    bus.wait_for_end(*leaving)


# Many at once


def test_many_are_cancelled_by_what_they_are_and_others_are_not(launch, bus, cano):
    launch(bus)
    start_one_of_each(bus)
    dry = cano("cancel", "--where", "customer=c-1", "--dry-run")
    assert ids(dry) == ["slow", "later"] and "2 runs would be cancelled. Nothing was done." in dry.stderr
    refused = cano("cancel", "--where", "customer=c-1")
    assert refused.returncode == 64 and "--yes" in refused.stderr
    assert not bus.entries("control") and bus.statuses(["slow", "later"]) == ["running", "scheduled"], "nothing was done"
    done = cano("cancel", "--where", "customer=c-1", "--yes", "--reason", "c-1 has left")
    assert done.returncode == 0 and json.loads(done.stdout) == {"cancel": 2, "unknown": 0}, done.stderr
    bus.wait_for_end("slow", "later")
    assert bus.record("slow")["cancel"] == bus.record("later")["cancel"] == "c-1 has left"
    assert bus.statuses(["asks"]) == ["waiting"]
    assert json.loads(cano("cancel", "--where", "customer=c-1", "--yes").stdout) == {"cancel": 0, "unknown": 0}


def test_only_those_are_resumed_that_can_be(launch, bus, cano):
    launch(bus)
    start_one_of_each(bus)
    done = cano("resume", "--status", "failed", "--yes")
    assert done.returncode == 0 and json.loads(done.stdout) == {"resume": 1, "unknown": 0}, done.stderr
    bus.wait_for("first", epoch="2", status="failed")
    assert bus.record("second")["epoch"] == "1" and not bus.dead_letters()


def test_commands_that_redis_does_not_take_are_told(launch, bus, cano):
    launch(bus)
    bus.start("approval", {"title": "a bill"}, id="asks")
    bus.wait_for_waiting("asks")
    bus.redis.rename(bus.key("control"), bus.key("control-of-before"))
    bus.redis.set(bus.key("control"), "in the way")
    done = cano("cancel", "--status", "waiting", "--yes")
    assert done.returncode == 1 and json.loads(done.stdout) == {"cancel": 0, "unknown": 1}
    assert "asks: " in done.stderr and "WRONGTYPE" in done.stderr and "same command again" in done.stderr
    bus.redis.delete(bus.key("control"))
    bus.redis.rename(bus.key("control-of-before"), bus.key("control"))


# On a terminal


def test_a_terminal_shows_an_aligned_table_with_colours_unless_told_otherwise(launch, bus, cano, on_terminal):
    launch(bus)
    start_one_of_each(bus)
    with on_terminal("runs") as terminal:
        assert terminal.exit_code() == 0
    assert "\x1b[31mfailed\x1b[0m" in terminal.shown
    lines = terminal.text.splitlines()
    assert lines[0].split() == ["RUN", "WORKFLOW", "STATUS", "STATE", "SINCE", "DETAIL"]
    assert [line.split()[0] for line in lines[1:]] == ["second", "first", "slow", "asks", "later"]
    assert len({line.index(word) for line, word in zip(lines[1:], ["failed", "failed", "running", "waiting", "scheduled"])}) == 1
    assert "refused: " in lines[1] and "signal approved or rejected" in lines[4]
    with on_terminal("runs", env={"NO_COLOR": "1"}) as terminal:
        assert terminal.exit_code() == 0 and "\x1b" not in terminal.shown
    with on_terminal("runs", "--json") as terminal:
        assert terminal.exit_code() == 0 and json.loads(terminal.text.splitlines()[0])["id"] == "second"
    with on_terminal("runs", "--limit", "2") as terminal:
        assert terminal.exit_code() == 0 and "There are more than these 2" in terminal.text
    piped = cano("runs", "--table").stdout
    assert piped.splitlines()[1].split()[0] == "second" and "\x1b" not in piped


def test_a_terminal_is_asked_before_many_are_steered_and_shows_how_far_it_is(launch, bus, on_terminal):
    launch(bus)
    runs = [fresh("asks") for _ in range(1_200)]
    bus.start_all([{"workflow": "approval", "id": id, "input": {"title": "a bill"}} for id in runs])
    bus.wait_for_waiting(*runs, within=60)
    with on_terminal("cancel", "--status", "waiting") as terminal:
        terminal.wait_for("Cancel 1,200 runs? [y/N] ")
        terminal.type("\n")
        assert terminal.exit_code() == 0 and "Nothing was done." in terminal.text
    assert bus.statuses(runs[:1]) == ["waiting"]
    with on_terminal("cancel", "--status", "waiting", "--reason", "enough") as terminal:
        terminal.wait_for("[y/N] ")
        terminal.type("y\n")
        assert terminal.exit_code() == 0
    assert "[##############################] 1,200 of 1,200" in terminal.text
    assert "1,200 runs were asked to be cancelled." in terminal.text
    bus.wait_for_end(*runs, within=60)
    assert set(bus.statuses(runs)) == {"cancelled"}


def test_a_dry_run_on_a_terminal_shows_the_first_of_them_and_how_many_there_are(launch, bus, on_terminal):
    launch(bus)
    runs = [fresh("fails") for _ in range(30)]
    bus.start_all([{"workflow": "order-fulfilment", "id": id, "input": FAILING} for id in runs])
    bus.wait_for_end(*runs)
    with on_terminal("resume", "--status", "failed", "--dry-run") as terminal:
        assert terminal.exit_code() == 0
    assert sum(line.startswith("fails-") for line in terminal.text.splitlines()) == 20
    assert "30 runs would be resumed. Nothing was done." in terminal.text
    assert {bus.record(id)["epoch"] for id in runs} == {"1"}


def test_a_watch_shows_what_changes_until_it_is_interrupted(launch, bus, cano, on_terminal):
    launch(bus)
    with on_terminal("runs", "--watch") as terminal:
        terminal.wait_for("RUN")
        bus.start("approval", {"title": "a bill"}, id="appears")
        terminal.wait_for("appears")
        terminal.type("\x03")
        assert terminal.exit_code() != 0, "by the signal"
    done = cano("runs", "--watch")
    assert done.returncode == 64 and "needs a terminal" in done.stderr


# What happened in a run


def test_the_timeline_of_a_run_is_shown_and_what_is_not_known_of_it(launch, bus, cano, on_terminal):
    launch(bus)
    bus.start("order-fulfilment", {**ORDER, "fail_at": "charge"}, id="fails")
    bus.wait_for_end("fails")
    done = cano("status", "fails", "--json", "--timeline")
    record, timeline = map(json.loads, done.stdout.splitlines())
    assert record["status"] == "failed" and [event["id"] for event in timeline["events"]] == [event.id for event in bus.story("fails")]
    assert timeline["missing"] == []
    with on_terminal("status", "fails") as terminal:
        assert terminal.exit_code() == 0
    assert "run.failed" in terminal.text and "charge-order, refused: charge was refused" in terminal.text and "Not known" not in terminal.text
    with on_terminal("status", "fails", "--no-timeline") as terminal:
        assert terminal.exit_code() == 0 and "run.failed" not in terminal.text
    bus.redis.xtrim(bus.key("events"), maxlen=2, approximate=False)
    shown = cano("status", "fails", "--timeline").stdout
    count = int(bus.record("fails")["events"])
    assert f"Not known: the events 1 to {count - 2}." in shown
