"""`start` and `events --follow` do with the contract what any client could, and the binary needs no company."""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.bridge import REPOSITORY, Bridge
from support.bus import fresh
from support.event import FIELDS
from support.processes import end, spawn
from support.waiting import eventually


def test_start_and_wait_prints_the_result(shop, command_line):
    id = fresh()
    done = command_line("start", "numbers", "--id", id, "--input", '{"batch_size":100}', "--wait")
    assert done.returncode == 0, done.stderr
    assert "5050" in done.stdout
    assert shop.record(id)["output"] == "5050"


def test_start_and_wait_for_a_known_id_prints_its_result_again(shop, command_line):
    id = fresh()
    for _ in range(2):
        done = command_line("start", "numbers", "--id", id, "--input", '{"batch_size":100}', "--wait")
        assert done.returncode == 0, done.stderr
        assert "5050" in done.stdout
    assert len(shop.story(id)) == 3


def test_start_without_wait_returns_once_the_command_is_published(shop, command_line):
    id = fresh()
    done = command_line("start", "numbers", "--id", id, "--input", '{"batch_size":4}')
    assert done.returncode == 0, done.stderr
    assert shop.wait_for_end(id)["output"] == "10"


@pytest.mark.parametrize("workflow, input", [
    ("order-fulfilment", '{"sku":"A1","quantity":1,"fail_at":"charge"}'),  # fails
    ("numbers", '{"batch_size":"three"}'),  # is rejected
])
def test_start_and_wait_tells_a_script_that_it_did_not_end_well(command_line, workflow, input):
    done = command_line("start", workflow, "--id", fresh(), "--input", input, "--wait")
    assert done.returncode not in (0, None)
    assert done.returncode > 0, "not by a signal"
    assert done.stdout + done.stderr, "and says something"


def test_a_mistyped_option_is_explained(command_line):
    done = command_line("start", "numbers", "--imput", "{}")
    assert done.returncode > 0
    assert "imput" in done.stderr


def test_the_help_shows_defaults_and_no_password(binary):
    for verb in ("serve", "start"):
        done = subprocess.run([str(binary), "help", verb], env=dict(os.environ, CANO_REDIS="redis://:secret@localhost:1"),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        assert "secret" not in done.stdout
        assert "(default: redis://127.0.0.1:6379)" in " ".join(done.stdout.split())
    done = subprocess.run([str(binary), "help", "serve"], capture_output=True, text=True, timeout=30)
    assert {"15", "5", "20", "86400", "256", "states", "info", "cano"} <= set(re.findall(r"\(default:\s+([^)]+)\)", done.stdout))


def test_events_follow_prints_each_event_as_a_line_of_json(shop, binary, tmp_path):
    lines = tmp_path / "events.jsonl"
    with open(lines, "wb") as output, open(tmp_path / "stderr", "wb") as errors:
        follower = spawn([str(binary), "events", "--follow", "--json", "--redis", shop.server.url,
                          "--prefix", shop.prefix], stdout=output, stderr=errors)
    try:
        ids = []

        def heard():
            # It is not known when it begins to listen: a new run each time, until one is heard to its end.
            ids.append(fresh("follow"))
            shop.start("numbers", {"batch_size": 10}, id=ids[-1])
            shop.wait_for_end(ids[-1])
            whole = [line for line in lines.read_text().split("\n")[:-1]]
            events = [event for event in map(json.loads, whole) if event["subject"] in ids]
            return [event for event in events if event["type"] == "cano.run.completed"] and events

        events = eventually(heard, "a completed run is printed", every=0.2)
        assert follower.poll() is None, (tmp_path / "stderr").read_text()
        assert {"id", "source", "type", "subject", "time", "data"} <= events[0].keys()
        assert set(FIELDS) <= events[0].keys()
        data = events[-1]["data"]
        assert (json.loads(data) if isinstance(data, str) else data)["output"] == 55
    finally:
        end(follower)


def test_the_release_binary_works_copied_alone_to_an_empty_folder(bus, tmp_path):
    release = Path(os.environ.get("CANO_BRIDGE_RELEASE", REPOSITORY / ".build" / "release" / "cano-bridge"))
    if not release.exists():
        pytest.skip("no release binary: `swift build -c release`, or name one in CANO_BRIDGE_RELEASE")
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy2(release.resolve(), alone / "cano-bridge")
    bridge = Bridge(alone / "cano-bridge", bus, cwd=alone, env={"PATH": os.environ["PATH"]})
    try:
        bridge.start()
        bus.start("numbers", {"batch_size": 100}, id="alone")
        assert bus.wait_for_end("alone")["output"] == "5050"
        entry = bus.publish(("type", "launch"))
        bus.wait_for_dead_letter(entry)
        bridge.terminate()
        assert bridge.exit_code(within=10) == 0
    finally:
        bridge.close()
    assert [path.name for path in alone.iterdir()] == ["cano-bridge"], "and leaves nothing beside itself"


def test_cancel_and_wait_ends_the_run(trials, command_line):
    id = fresh()
    trials.start("trial", {"delay_ms": 60_000}, id=id)
    trials.wait_for(id, status="running")
    done = command_line("cancel", id, "--reason", "out of stock", "--wait", bus=trials)
    assert done.returncode == 0, done.stderr
    assert trials.record(id)["status"] == "cancelled"
    assert trials.story(id)[-1].data["reason"] == "out of stock"


def test_cancel_tells_a_script_that_there_is_nothing_to_cancel(run, command_line):
    id, _, _ = run("numbers", {"batch_size": 3})
    for known in (id, fresh("nobody")):
        done = command_line("cancel", known, "--wait")
        assert done.returncode > 0 and done.stderr


def test_resume_and_wait_tells_how_the_run_ends_this_time(run, shop, command_line):
    id, _, _ = run("order-fulfilment", {"sku": "A1", "quantity": 1, "fail_at": "reserve"})
    done = command_line("resume", id, "--wait")
    assert done.returncode > 0 and "refused" in done.stderr
    assert shop.record(id)["epoch"] == "2"


def test_a_delayed_start_waits_and_a_limited_one_ends(trials, command_line):
    done = command_line("start", "numbers", "--input", '{"batch_size":4}', "--delay-seconds", "0.5", "--wait")
    assert done.returncode == 0 and done.stdout.strip() == "10", done.stderr
    done = command_line("start", "trial", "--input", '{"delay_ms":60000}', "--limit-seconds", "0.3", "--wait", bus=trials)
    assert done.returncode > 0 and "workflow_timeout" in done.stderr


def test_status_prints_the_record_for_people_and_for_programs(run, command_line):
    id, record, _ = run("numbers", {"batch_size": 3})
    done = command_line("status", id)
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()][:2] == [["status", "completed"], ["workflow", "numbers"]]
    done = command_line("status", id, "--json")
    printed = json.loads(done.stdout)
    assert printed["output"] == 6 and printed["input"] == {"batch_size": 3}
    assert printed.keys() == record.keys()
    assert command_line("status", fresh("nobody")).returncode > 0


# What could never be answered, and what is answered in another way


@pytest.mark.parametrize("arguments", [
    ("start", "numbers", "--id", "a b"), ("start", "numbers", "--id", ""), ("start", "numbers", "--id", "x" * 201),
    ("cancel", "a b"), ("resume", "a b"), ("start", "numbers", "--reply-to", "a b"), ("cancel", "a", "--reply-to", "a:b"),
])
def test_a_name_that_nobody_could_be_answered_on_is_refused_before_it_is_published(shop, command_line, arguments):
    before = shop.redis.xlen(shop.key("deadletters"))
    done = command_line(*arguments, "--wait")
    assert done.returncode > 0
    assert "can't be used: choose 1 to" in done.stderr
    assert shop.redis.xlen(shop.key("deadletters")) == before


def test_somebody_elses_rejection_on_the_same_reply_name_is_not_taken_for_the_answer(trials, binary, gate):
    id, name = fresh(), fresh("desk")
    waiting = subprocess.Popen(
        [str(binary), "start", "trial", "--id", id, "--input", json.dumps({"gate": gate.path}),
         "--reply-to", name, "--wait", "--redis", trials.server.url, "--prefix", trials.prefix],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        trials.wait_for(id, status="running")
        trials.resume(id, reply_to=name)  # which can't be resumed
        trials.wait_for_replies(name)
        gate.open()
        out, errors = waiting.communicate(timeout=30)
    finally:
        end(waiting)
    assert [event.kind for event in trials.replies(name)] == ["command.rejected", "run.completed"]
    assert waiting.returncode == 0, errors
    assert json.loads(out) == ["first", "second", "third"]


def test_an_output_too_large_for_events_is_printed_as_the_record_has_it(trials, command_line):
    id = fresh()
    for _ in range(2):  # the second start gets a duplicate, which leaves it out too
        done = command_line("start", "trial", "--id", id, "--input", '{"dots":30000}', "--wait", bus=trials)
        assert done.returncode == 0, done.stderr
        assert "output" not in trials.story(id)[-1].data
        assert done.stdout == trials.record(id)["output"] + "\n"
        assert [len(mark) for mark in json.loads(done.stdout)] == [30_005, 30_006, 30_005]


def test_records_events_and_schedules_are_one_line_each_however_the_input_is_written(shop, command_line):
    id = fresh()
    shop.start("numbers", '{\r\n  "batch_size":\n3\r}', id=id)
    shop.wait_for_end(id)
    status = command_line("status", id, "--json").stdout
    assert status.count("\n") == 1 and json.loads(status)["input"] == {"batch_size": 3}
    assert "\r" not in status
    lines = command_line("events", "--json", "--run", id).stdout.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["cano.run.started", "cano.state.entered", "cano.run.completed"]
    assert json.loads(lines[0])["data"]["input"] == {"batch_size": 3}
    assert len(command_line("events", "--run", id).stdout.splitlines()) == 3


def test_waiting_ends_when_the_time_for_it_is_over(shop, command_line):
    id = fresh()
    done = command_line("start", "numbers", "--id", id, "--input", '{"batch_size":4}', "--delay-seconds", "600", "--wait",
                        "--timeout-seconds", "0.5")
    assert done.returncode == 1 and "No answer came in time" in done.stderr
    assert command_line("cancel", id, "--wait").returncode == 0


# Schedules


@pytest.fixture
def schedule(shop, command_line):
    """`schedule(name, …)`: sets a schedule that is removed with the test."""
    names = []

    def set(name, *arguments, expect=0):
        names.append(name)
        done = command_line("schedule", name, *arguments)
        assert done.returncode == expect, done.stderr
        return done

    yield set
    for name in names:
        command_line("unschedule", name)


def listed(done):
    """The rows of a printed table of schedules, by name."""
    assert done.returncode == 0, done.stderr
    headings, *rows = [re.split("  +", line) for line in done.stdout.splitlines()]
    assert headings == ["NEXT", "SCHEDULE", "WORKFLOW", "DUE", "FIRED", "LAST", "LEFT OUT"]
    return {row[1]: row for row in rows}


def test_a_schedule_is_set_listed_and_removed(schedule, command_line):
    daily, often = fresh("daily"), fresh("often")
    printed = schedule(daily, "numbers", "--cron", "30 3 * * *", "--time-zone", "Europe/Berlin",
                       "--input", '{\n"batch_size": 2}').stdout
    assert printed.endswith(":30:00.000Z\n"), "when it is due next"
    schedule(often, "numbers", "--every-seconds", "3600", "--input", '{"batch_size":2}')

    def fired():
        lines = listed(command_line("schedules", "--table"))
        return lines[often][4] == "1" and lines

    lines = eventually(fired, "an interval begins at once")
    assert lines[daily] == [printed.strip(), daily, "numbers", 'cron "30 3 * * *" Europe/Berlin', "0", "-", "0"]
    assert lines[often][2:4] == ["numbers", "every 3600000 ms"]
    assert lines[often][5] != "-"
    assert [line[0] for line in lines.values()] == sorted(line[0] for line in lines.values()), "the next one first"

    records = [json.loads(line) for line in command_line("schedules").stdout.splitlines()]
    record = next(record for record in records if record["name"] == daily)
    assert record["cron"] == "30 3 * * *" and record["input"] == {"batch_size": 2}

    done = command_line("unschedule", daily)
    assert (done.returncode, done.stdout) == (0, daily + "\n"), done.stderr
    lines = listed(command_line("schedules", "--table"))
    assert daily not in lines and often in lines


def test_a_schedule_is_paused_run_and_resumed(shop, schedule, command_line):
    name = fresh("nightly")
    due = schedule(name, "numbers", "--cron", "30 3 * * *", "--input", '{"batch_size":4}').stdout
    paused = command_line("schedules", "pause", name)
    assert paused.returncode == 0 and re.fullmatch(r"paused since \S+Z\n", paused.stdout), paused.stderr
    assert command_line("schedules", "pause", name).stdout == paused.stdout, "it is paused since the first time"
    assert schedule(name, "numbers", "--cron", "30 3 * * *", "--input", '{"batch_size":4}').stdout == paused.stdout, "set again it stays so"
    row = listed(command_line("schedules", "--table"))[name]
    assert row[0] == "-" and row[-1] == paused.stdout.strip()

    run = command_line("schedules", "run", name)
    assert run.returncode == 0 and run.stdout.startswith(f"{name}@"), run.stderr
    assert shop.wait_for_end(run.stdout.strip())["output"] == "10"
    record, = [json.loads(line) for line in command_line("schedules", "list", "--json").stdout.splitlines() if f'"{name}"' in line]
    assert record["last_run"] == run.stdout.strip() and record["fired"] == "1" and "next" not in record and "last" not in record

    resumed = command_line("schedules", "resume", name)
    assert (resumed.returncode, resumed.stdout) == (0, due), resumed.stderr
    for verb in ("pause", "resume", "run"):
        done = command_line("schedules", verb, fresh("nobody"))
        assert done.returncode == 1 and "There is no schedule" in done.stderr


def test_a_schedule_of_the_same_name_replaces_it(schedule, command_line):
    name = fresh("again")
    schedule(name, "numbers", "--every-seconds", "3600", "--input", '{"batch_size":2}')
    schedule(name, "numbers", "--every-seconds", "7200", "--input", '{"batch_size":2}')
    assert listed(command_line("schedules", "--table"))[name][3] == "every 7200000 ms"


def test_a_schedule_starts_a_run_under_its_name_and_time(shop, schedule):
    name = fresh("once")
    due = shop.now() + 4_000  # the program takes its time on a busy machine
    schedule(name, "numbers", "--at", str(due), "--input", '{"batch_size":4}', "--reply-to", name)
    assert shop.wait_for_end(f"{name}@{due}")["output"] == "10"
    assert [event.subject for event in shop.wait_for_replies(name)][-1] == f"{name}@{due}"


@pytest.mark.parametrize("arguments, word", [
    (("numbers", "--cron", "61 * * * *"), "61"),
    (("numbers", "--cron", "* * * * *", "--time-zone", "Mars/Olympus"), "Mars/Olympus"),
    (("numbers", "--every-seconds", "60", "--input", "{"), "invalid_input"),
    (("numbers", "--every-seconds", "60", "--input", '{"batch_size":"many"}'), "batch_size"),
    (("no workflow", "--every-seconds", "60"), "can't be used"),
])
def test_a_schedule_that_cannot_be_is_explained(shop, schedule, command_line, arguments, word):
    name = fresh("never")
    done = schedule(name, *arguments, expect=1)
    assert word in done.stderr
    assert name not in listed(command_line("schedules", "--table"))


@pytest.mark.parametrize("rules", [(), ("--every-seconds", "60", "--cron", "* * * * *"), ("--every-seconds", "60", "--overlap", "never")])
def test_a_schedule_that_is_not_due_by_one_rule_is_refused_before_it_is_published(shop, command_line, rules):
    mark, name = shop.mark("control"), fresh("never")
    done = command_line("schedule", name, "numbers", *rules)
    assert done.returncode > 0 and ("--every-seconds" in done.stderr or "--overlap" in done.stderr)
    assert shop.mark("control") == mark


def test_removing_a_schedule_that_is_not_there_fails(command_line):
    name = fresh("nobody")
    done = command_line("unschedule", name)
    assert done.returncode == 1 and name in done.stderr


@pytest.mark.parametrize("command", ["start", "runs", "cancel"])
def test_a_version_is_that_of_a_workflow_in_the_help_of_commands_that_have_one(binary, command):
    done = subprocess.run([str(binary), command, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert re.findall(r"^  --version.*", done.stdout, re.MULTILINE)[1:] == []
    assert "--version <version>" in done.stdout
    whole = subprocess.run([str(binary), "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert "--version" in whole.stdout


def test_the_version_names_what_a_report_of_a_problem_should(binary):
    done = subprocess.run([str(binary), "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    cano, hiredis, zones = done.stdout.splitlines()
    assert re.fullmatch(r"cano \d+\.\d+\.\d+(-\w+)?", cano)
    assert re.fullmatch(r"hiredis \d+\.\d+\.\d+", hiredis)
    assert re.fullmatch(r"time zones 20\d\d[a-z]+", zones)
