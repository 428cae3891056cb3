"""Schedules on the bus: set and removed by commands, fired once however many bridges live."""
import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter

from support.bridge import QUICK_LEASE
from support.bus import CLOCK_ERROR, fresh, milliseconds
from support.event import text
from support.invariants import check_envelope, check_run
from support.rejection import check_rejected
from support.waiting import eventually

SUM = {"workflow": "numbers", "input": {"batch_size": 3}}
BUSY = 10_000  # ms that a busy machine may add


def wait_for_firings(bus, name, count, within=20.0):
    """The due times of the first firings, once all their runs have ended."""
    due = eventually(lambda: len(found := bus.firings(name)) >= count and found, f"{count} firings of {name}", within)
    bus.wait_for_end(*[f"{name}@{moment}" for moment in due])
    return due


@pytest.fixture
def name(crew):
    """A schedule that is removed with the test."""
    name = fresh("schedule")
    yield name
    if crew.is_scheduled(name):
        crew.answer(crew.unschedule(name), name)


def check_set(bus, entry, name, replaced=False):
    event = bus.answer(entry, name)
    check_envelope(bus, event)
    assert (event.kind, event.sequence, event.epoch, event.subject) == ("schedule.set", 0, 0, name)
    assert event.data["replaced"] is replaced
    return event


# When it is due


@pytest.mark.parametrize("stream", ["control", "commands"])
def test_every_ms_fires_at_once_and_then_exactly_so_far_apart(crew, name, stream):
    entry = crew.schedule(name, to=stream, every_ms=300, overlap="allow", **SUM)
    first = check_set(crew, entry, name).data["next"]
    assert milliseconds(entry) - CLOCK_ERROR <= first < milliseconds(entry) + BUSY
    due = wait_for_firings(crew, name, 5)
    assert due == [first + 300 * number for number in range(len(due))]
    for moment in due:
        id = f"{name}@{moment}"
        record = crew.record(id)
        check_run(crew, id, crew.story(id), record)
        assert record["output"] == "6"
        assert moment <= int(record["started"]) < moment + 1_000 + BUSY
    assert entry not in crew.entries(stream)
    eventually(lambda: int(crew.schedule_fields(name)["fired"]) >= len(due), "the firings are counted")


def test_a_firing_is_an_ordinary_start(crew, name):
    entry = crew.schedule(name, every_ms=60_000, **SUM, version=crew.version("numbers"), reply_to="book",
                          traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    check_set(crew, entry, name)
    due, = wait_for_firings(crew, name, 1)
    record = crew.record(f"{name}@{due}")
    assert "traceparent" not in record, "each firing is a trace of its own"
    assert (record["workflow"], record["input"], record["reply_to"]) == ("numbers", '{"batch_size":3}', "book")
    answers = crew.wait_for_replies("book", 2)
    assert [answer.kind for answer in answers] == ["schedule.set", "run.completed"]


def test_cron_is_read_in_its_zone_by_the_program_as_it_ships(crew, name):
    for zone, expression in [("Europe/Berlin", "30 2 * * *"), ("America/New_York", "0 9 * * mon-fri"), ("UTC", "*/7 * * * *"),
                             ("Asia/Kathmandu", "15 6 1 * *"), ("Australia/Lord_Howe", "0 0 12 * * *")]:
        entry = crew.schedule(name, cron=expression, time_zone=zone, **SUM)
        told = crew.answer(entry, name).data["next"]
        fields = expression.split()
        # croniter has the second last.
        local = croniter(" ".join(fields[1:] + fields[:1]) if len(fields) == 6 else expression,
                         datetime.now(ZoneInfo(zone)).replace(tzinfo=None)).get_next(datetime)
        assert told == round(local.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000, (zone, expression)
        assert crew.schedule_fields(name)["next"] == str(told)


def test_cron_with_seconds_fires_on_the_second(crew, name):
    crew.schedule(name, cron="* * * * * *", overlap="allow", **SUM)
    due = wait_for_firings(crew, name, 3)
    assert due == [due[0] + 1_000 * number for number in range(len(due))] and due[0] % 1_000 == 0


def test_set_again_once_it_has_fired_at_its_moment_it_stays_over(crew, name):
    moment = crew.now() + 3_000
    for _ in range(2):
        answer = crew.answer(crew.schedule(name, at=moment, **SUM), name)
        assert answer.kind == "schedule.set"
        assert wait_for_firings(crew, name, 1) == [moment]
        eventually(lambda: not crew.is_scheduled(name), "it is over")
    assert answer.data == {"next": None, "replaced": False}
    assert crew.schedule_fields(name)["fired"] == "1"
    assert not crew.dead_letters_of(answer.id.rpartition("/")[2])


def test_at_fires_once_and_the_schedule_is_over(crew, name):
    moment = crew.now() + 4_000
    entry = crew.schedule(name, at=moment, **SUM)
    assert check_set(crew, entry, name).data["next"] == moment
    assert crew.redis.zscore(crew.key("schedules"), name) == moment
    assert wait_for_firings(crew, name, 1) == [moment]
    assert not crew.is_scheduled(name)
    assert crew.redis.pttl(crew.key("schedule", name)) > 0, "what is known of it goes some day"
    crew.answer(crew.unschedule(name), name)


def test_a_moment_that_has_passed_is_made_up_for_when_asked(crew, name):
    moment = crew.now() - 3_600_000
    pairs = [("type", "schedule"), ("name", name), ("workflow", "numbers"), ("input", '{"batch_size":3}'), ("at", str(moment))]
    check_rejected(crew, crew.publish(*pairs, to="control"), pairs, "expired", stream="control")
    crew.schedule(name, at=moment, catch_up="once", **SUM)
    assert wait_for_firings(crew, name, 1) == [moment]


def test_jitter_puts_the_start_off_and_not_the_due_time(crew, name):
    entry = crew.schedule(name, every_ms=1_000, jitter_ms=800, overlap="allow", **SUM)
    first = check_set(crew, entry, name).data["next"]
    delays = {}

    def seen():
        fields = crew.schedule_fields(name)
        delays[fields["next"]] = int(fields["start"]) - int(fields["next"])
        return len(delays) >= 5

    eventually(seen, "five due times are planned")
    assert all(0 <= delay <= 800 for delay in delays.values()) and len(set(delays.values())) > 1, delays
    due = wait_for_firings(crew, name, 4)
    assert due == [first + 1_000 * number for number in range(len(due))]
    for moment in due:
        assert moment <= int(crew.record(f"{name}@{moment}")["started"]) < moment + 1_800 + BUSY


# Overlaps


def test_while_its_run_goes_on_it_is_not_due(trials):
    name = fresh("slow")
    trials.schedule(name, workflow="trial", input={"delay_ms": 400}, every_ms=200)
    due = wait_for_firings(trials, name, 2)
    trials.answer(trials.unschedule(name), name)
    ends = [int(trials.record(f"{name}@{moment}")["finished"]) for moment in due]
    starts = [int(trials.record(f"{name}@{moment}")["created"]) for moment in due]
    assert all(start >= end for start, end in zip(starts[1:], ends)), "one after the other"
    assert all((moment - due[0]) % 200 == 0 for moment in due), "on time"
    assert all(later - earlier >= 1_200 for earlier, later in zip(due, due[1:])), "due times in between were skipped"


def test_while_its_start_waits_for_a_slot_it_is_not_due(launch_trial, bus, gate):
    launch_trial(bus, max_runs=1, options=QUICK_LEASE)
    blocker, name = fresh("blocker"), fresh("waiting")
    bus.start("trial", {"gate": gate.path}, id=blocker)
    bus.wait_for(blocker, status="running")
    bus.schedule(name, every_ms=200, workflow="trial", input={})
    eventually(lambda: bus.schedule_fields(name).get("last"), "it has fired")
    skipped = eventually(lambda: int(bus.schedule_fields(name)["next"]) - int(bus.schedule_fields(name)["last"]) >= 800
                         and bus.schedule_fields(name), "due times have passed")
    assert skipped["fired"] == "1", "its start waits"
    gate.open()
    bus.wait_for_end(blocker)
    eventually(lambda: int(bus.schedule_fields(name)["fired"]) >= 3, "it goes on")


# Setting it again, and removing it


def test_the_same_name_again_replaces_it(crew, name):
    crew.answer(crew.schedule(name, every_ms=300, **SUM), name)
    wait_for_firings(crew, name, 1)
    entry = crew.schedule(name, cron="0 0 1 1 *", workflow="order-fulfilment", input={"sku": "A", "quantity": 1})
    check_set(crew, entry, name, replaced=True)
    fields = crew.schedule_fields(name)
    assert (fields["cron"], fields["workflow"], fields["entry"]) == ("0 0 1 1 *", "order-fulfilment", entry)
    assert "every_ms" not in fields
    assert int(fields["next"]) > crew.now()


def test_set_again_with_the_same_times_it_keeps_to_them(crew, name):
    """As a program does that sets its schedules whenever it starts."""
    first = check_set(crew, crew.schedule(name, every_ms=60_000, **SUM), name).data["next"]
    assert wait_for_firings(crew, name, 1) == [first]
    entry = crew.schedule(name, every_ms=60_000, workflow="numbers", input={"batch_size": 4})
    assert check_set(crew, entry, name, replaced=True).data["next"] == first + 60_000
    fields = crew.schedule_fields(name)
    assert fields["input"] == '{"batch_size":4}' and fields["last"] == str(first)


def test_removed_it_fires_no_more_and_its_runs_go_on(trials, gate):
    name = fresh("removed")
    trials.schedule(name, workflow="trial", input={"gate": gate.path}, every_ms=100, overlap="allow")
    eventually(lambda: len(trials.firings(name)) >= 3, "it has fired")
    event = trials.answer(trials.unschedule(name), name)
    check_envelope(trials, event)
    assert (event.kind, event.subject, event.workflow) == ("schedule.removed", name, "trial")
    assert not trials.is_scheduled(name)
    gate.open()
    trials.wait_until_quiet()
    another = fresh("another")
    trials.schedule(another, workflow="trial", input={}, every_ms=100)
    wait_for_firings(trials, another, 5)
    trials.answer(trials.unschedule(another), another)
    due = trials.firings(name)
    assert len(due) == int(trials.schedule_fields(name)["fired"]), "every firing, and none since"
    assert {trials.record(f"{name}@{moment}")["status"] for moment in due} == {"completed"}


def test_removing_one_that_is_not_there_is_rejected(crew):
    name = fresh("nobody")
    pairs = [("type", "unschedule"), ("name", name), ("reply_to", name)]
    for stream in ("control", "commands"):
        check_rejected(crew, crew.publish(*pairs, to=stream), pairs, "unknown_schedule", stream=stream)
    assert [answer.data["code"] for answer in crew.wait_for_replies(name, 2)] == ["unknown_schedule"] * 2


def test_commands_about_one_schedule_count_in_the_order_they_were_published_in(crew):
    """Bridges take them side by side; what was published last is what holds."""
    for _ in range(20):
        name = fresh("contended")
        entries = [crew.schedule(name, cron="0 0 1 1 *", workflow="numbers", input={"batch_size": size}) for size in range(1, 4)]
        entries += [crew.unschedule(name)]
        answers = [crew.answer(entry, name) for entry in entries]
        assert not crew.is_scheduled(name), [answer.kind for answer in answers]
        entries = [crew.unschedule(name), crew.schedule(name, cron="0 0 1 1 *", **SUM)]
        [crew.answer(entry, name) for entry in entries]
        assert crew.is_scheduled(name)
        crew.answer(crew.unschedule(name), name)


# What is refused

BAD = [
    ([("workflow", "numbers"), ("every_ms", "1000")], "missing_field"),
    ([("name", "x"), ("every_ms", "1000")], "missing_field"),
    ([("name", "x"), ("workflow", "numbers")], "missing_field"),
    ([("name", "a b"), ("workflow", "numbers"), ("every_ms", "1000")], "invalid_field"),
    ([("name", "x" * 101), ("workflow", "numbers"), ("every_ms", "1000")], "invalid_field"),
    ([("name", "a@b"), ("workflow", "numbers"), ("every_ms", "1000")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1000"), ("cron", "* * * * *")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "0")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "99")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "-5")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1.5")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "9" * 15)], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("at", "soon")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("at", "9" * 15)], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("at", "1000")], "expired"),
    ([("name", "x"), ("workflow", "numbers"), ("cron", "61 * * * *")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("cron", "0 0 30 2 *")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("cron", "0 0 0 1 1 * 1999")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("cron", b"\xff * * * *")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("cron", "0 2 * * *"), ("time_zone", "Mars/Base")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("cron", "0 2 * * *"), ("time_zone", "CET")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1000"), ("jitter_ms", "much")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1000"), ("catch_up", "some")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1000"), ("overlap", "queue")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1000"), ("reply_to", "a:b")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1000"), ("version", "1/2")], "invalid_field"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1000"), ("input", "{")], "invalid_input"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1000"), ("input", '{"batch_size":"many"}')], "invalid_input"),
    ([("name", "x"), ("workflow", "numbers"), ("every_ms", "1000"), ("input", '"' + "x" * 300_000 + '"')], "too_large"),
]


@pytest.mark.parametrize("pairs, code", BAD)
def test_a_bad_schedule_is_rejected_and_changes_nothing(crew, pairs, code):
    pairs = [("type", "schedule"), *pairs]
    check_rejected(crew, crew.publish(*pairs, to="control"), pairs, code, stream="control")
    assert not crew.is_scheduled("x")


# Run ids


def test_a_schedule_keeps_the_ids_of_its_runs(crew, name):
    crew.answer(crew.schedule(name, cron="0 0 1 1 *", **SUM), name)
    taken, own, other = f"{name}@5", f"{name}@6", f"{name}x@5"
    pairs = [("type", "start"), ("workflow", "numbers"), ("id", taken), ("input", '{"batch_size":3}')]
    check_rejected(crew, crew.publish(*pairs), pairs, "invalid_field")
    check_rejected(crew, crew.publish(*pairs, ("schedule", "another")), [*pairs, ("schedule", "another")], "invalid_field")
    crew.start_all([{"id": own, "schedule": name, **SUM}, {"id": other, **SUM}])
    crew.wait_for_end(own, other)
    crew.answer(crew.unschedule(name), name)
    crew.start_all([{"id": taken, **SUM}])
    crew.wait_for_end(taken)


def test_a_firing_whose_run_is_known_runs_nothing(crew, name):
    moment = crew.now() + 4_000
    crew.start_all([{"id": f"{name}@{moment}", "workflow": "numbers", "input": {"batch_size": 9}}])
    crew.wait_for_end(f"{name}@{moment}")
    crew.answer(crew.schedule(name, at=moment, **SUM), name)
    eventually(lambda: not crew.is_scheduled(name), "it has fired")
    eventually(lambda: crew.redis.xlen(crew.key("commands")) == 0 and crew.pending() == 0, "its start was answered")
    assert crew.record(f"{name}@{moment}")["output"] == "45"


# In other words, and elsewhere


def test_a_cloud_event_sets_and_removes_it(crew, name):
    entry = crew.publish(("specversion", "1.0"), ("type", "cano.run.schedule"), ("id", "e-1"), ("source", "/shop"), ("subject", "numbers"),
                         ("name", name), ("everyms", "60000"), ("jitterms", "0"), ("catchup", "all"), ("overlap", "allow"),
                         ("timezone", "Europe/Berlin"), ("data", '{"batch_size":3}'), to="control")
    check_set(crew, entry, name)
    fields = crew.schedule_fields(name)
    assert (fields["workflow"], fields["every_ms"], fields["catch_up"], fields["overlap"], fields["time_zone"]) == (
        "numbers", "60000", "all", "allow", "Europe/Berlin")
    entry = crew.publish(("specversion", "1.0"), ("type", "cano.run.unschedule"), ("id", "e-2"), ("source", "/shop"), ("subject", name),
                         to="control")
    assert crew.answer(entry, name).kind == "schedule.removed"


def test_it_is_set_by_a_bridge_that_has_the_workflow_and_runs_there(launch, launch_trial, bus):
    launch(bus, options=QUICK_LEASE), launch_trial(bus, options=QUICK_LEASE)
    for stream in ("control", "commands"):
        for workflow, input in (("numbers", {"batch_size": 3}), ("trial", {})):
            name = fresh("mixed")
            check_set(bus, bus.schedule(name, to=stream, workflow=workflow, input=input, every_ms=200), name)
            wait_for_firings(bus, name, 2)
            assert bus.answer(bus.unschedule(name), name).kind == "schedule.removed"
    assert not bus.dead_letters()


@pytest.mark.parametrize("field, value", [
    ("every_ms", "often"), ("next", "9223372036854775807"), ("anchor", "-9223372036854775808"), ("order", "x"), ("fired", "many"),
])
def test_a_schedule_whose_key_is_deleted_or_damaged_harms_no_other(crew, name, field, value):
    gone, damaged = fresh("gone"), fresh("damaged")
    for other in (gone, damaged):
        crew.answer(crew.schedule(other, every_ms=200, **SUM), other)
    crew.redis.delete(crew.key("schedule", gone))
    crew.redis.hset(crew.key("schedule", damaged), field, value)
    crew.answer(crew.schedule(name, every_ms=200, **SUM), name)
    wait_for_firings(crew, name, 3)
    eventually(lambda: not crew.is_scheduled(gone), "it is off the list")
    crew.answer(crew.schedule(damaged, every_ms=200, **SUM), damaged)
    before = len(crew.firings(damaged))
    eventually(lambda: len(crew.firings(damaged)) > before, "set again, it fires again")
    crew.answer(crew.unschedule(damaged), damaged)


@pytest.mark.parametrize("catch_up", ["skip", "once", "all"])
def test_due_times_that_nobody_was_there_for_are_caught_up_with(launch, bus, catch_up):
    name = fresh("missed")
    first = launch(bus, options=QUICK_LEASE)
    bus.answer(bus.schedule(name, every_ms=600_000, catch_up=catch_up, **SUM), name)
    wait_for_firings(bus, name, 1)
    first.terminate()
    assert first.exit_code(within=20) == 0
    # As if an hour had passed.
    begin = bus.now() - 3_600_000 - 120_000
    key = bus.key("schedule", name)
    bus.redis.hset(key, mapping={"next": begin, "start": begin, "anchor": begin})
    bus.redis.zadd(bus.key("schedules"), {name: begin})
    launch(bus, options=QUICK_LEASE)
    missed = [begin + 600_000 * number for number in range(7)]  # the last one two minutes ago
    expected = {"skip": [], "once": missed[-1:], "all": missed}[catch_up]
    eventually(lambda: int(bus.schedule_fields(name)["next"]) > bus.now() and "backlog" not in bus.schedule_fields(name),
               "it has caught up", within=30)
    bus.wait_until_quiet()
    made_up = [due for due in bus.firings(name) if due < bus.now() - 3_600_000 or due in missed]
    assert made_up == expected
    starts = [int(bus.record(f"{name}@{due}")["created"]) for due in expected]
    ends = [int(bus.record(f"{name}@{due}")["finished"]) for due in expected]
    assert all(start >= end for start, end in zip(starts[1:], ends)), "one after the other, oldest first"


def test_late_by_less_than_a_minute_is_not_missed(launch, bus):
    name = fresh("late")
    first = launch(bus, options=QUICK_LEASE)
    bus.answer(bus.schedule(name, every_ms=600_000, **SUM), name)
    wait_for_firings(bus, name, 1)
    first.kill()
    due = bus.now() - 40_000
    bus.redis.hset(bus.key("schedule", name), mapping={"next": due, "start": due, "anchor": due})
    bus.redis.zadd(bus.key("schedules"), {name: due})
    launch(bus, options=QUICK_LEASE)
    bus.wait_for_end(f"{name}@{due}")


# Pausing and running


def check_answer(bus, entry, name, kind):
    event = bus.answer(entry, name)
    check_envelope(bus, event)
    assert (event.kind, event.sequence, event.epoch, event.subject) == (kind, 0, 0, name), event
    return event


def check_refused(bus, entry, code, word):
    rejection = bus.rejection(entry)
    assert rejection.data["code"] == code and word in rejection.data["message"], rejection


def test_a_paused_schedule_fires_at_none_of_its_due_times_and_goes_on_with_the_next(crew, name):
    crew.answer(crew.schedule(name, every_ms=200, overlap="allow", catch_up="all", **SUM), name)
    due = wait_for_firings(crew, name, 2)
    paused = check_answer(crew, crew.steer_schedule("pause", name, reply_to=name), name, "schedule.paused")
    assert [event.id for event in crew.wait_for_replies(name)] == [paused.id]
    fields = crew.schedule_fields(name)
    assert int(fields["paused"]) == paused.data["paused"] and "next" not in fields
    assert crew.redis.zscore(crew.key("schedules"), name) == float("inf")
    before = crew.firings(name)
    # Another one fires meanwhile, as often as this one would have.
    other = fresh("schedule")
    crew.answer(crew.schedule(other, every_ms=200, overlap="allow", **SUM), other)
    wait_for_firings(crew, other, 6)
    crew.answer(crew.unschedule(other), other)
    assert crew.firings(name) == before
    resumed = check_answer(crew, crew.steer_schedule("resume", name), name, "schedule.resumed")
    after = eventually(lambda: (found := [moment for moment in crew.firings(name) if moment > before[-1]])[1:] and found, "it fires again")
    assert after[0] == resumed.data["next"]
    assert after[0] > int(fields["paused"]) + 1_000 and (after[0] - due[0]) % 200 == 0, "none of its pause, at the moments it was due at"


def test_a_schedule_stays_paused_while_no_bridge_lives_and_fires_once_it_is_resumed(launch, bus):
    name = fresh("schedule")
    first = launch(bus, options=QUICK_LEASE)
    bus.answer(bus.schedule(name, every_ms=300, catch_up="all", **SUM), name)
    wait_for_firings(bus, name, 1)
    bus.answer(bus.steer_schedule("pause", name), name)
    first.kill()
    before = bus.firings(name)
    entry = bus.steer_schedule("run", name)
    bridge = launch(bus, options=QUICK_LEASE)
    assert check_answer(bus, entry, name, "schedule.ran").data == {"run": f"{name}@{entry}"}, "what is asked for meanwhile waits"
    assert bus.wait_for_end(f"{name}@{entry}")["output"] == "6"
    assert bus.firings(name) == before and "paused" in bus.schedule_fields(name)
    assert "can't fire here" not in bridge.output()
    bus.answer(bus.steer_schedule("resume", name), name)
    eventually(lambda: len(bus.firings(name)) > len(before), "it fires again")


def test_an_extra_run_moves_no_due_time_and_counts_as_the_last_run(launch_trial, bus, gate):
    launch_trial(bus, options=QUICK_LEASE)
    name = fresh("schedule")
    bus.answer(bus.schedule(name, workflow="trial", input={"gate": gate.path}, cron="0 0 1 1 *"), name)
    before = bus.schedule_fields(name)
    first = bus.steer_schedule("run", name)
    run = check_answer(bus, first, name, "schedule.ran").data["run"]
    assert run == f"{name}@{first}"
    bus.wait_for(run, status="running")
    fields = bus.schedule_fields(name)
    assert (fields["next"], fields["start"]) == (before["next"], before["start"]) and fields["last_run"] == run and fields["fired"] == "1"
    assert "last" not in fields, "no due time was fired"
    refused = bus.steer_schedule("run", name)
    check_refused(bus, refused, "run_not_over", run)
    # Nor does a due time fire beside it.
    due = bus.now()
    bus.redis.hset(bus.key("schedule", name), mapping={"next": due, "start": due})
    bus.redis.zadd(bus.key("schedules"), {name: due})
    skipped = eventually(lambda: [event for event in bus.events() if event.kind == "schedule.skipped"], "it is left out")
    assert skipped[0].data == {"due": due, "run": run, "status": "running"}
    gate.open()
    bus.wait_for_end(run)
    again = check_answer(bus, bus.steer_schedule("run", name, to="commands"), name, "schedule.ran").data["run"]
    bus.wait_for_end(again)


def test_what_is_asked_of_a_schedule_that_is_not_there_is_rejected(crew):
    for verb in ("pause", "resume", "run"):
        entry = crew.steer_schedule(verb, fresh("nobody"), reply_to=(answers := fresh("answers")))
        check_refused(crew, entry, "unknown_schedule", "There is no schedule")
        assert [event.data["code"] for event in crew.wait_for_replies(answers)] == ["unknown_schedule"]


def test_a_moment_that_has_passed_during_a_pause_is_not_made_up_for_and_the_schedule_can_still_be_run(crew, name):
    moment = crew.now() + 60_000
    crew.answer(crew.schedule(name, at=moment, **SUM), name)
    crew.answer(crew.steer_schedule("pause", name), name)
    crew.redis.hset(crew.key("schedule", name), "at", crew.now() - 1)
    check_refused(crew, crew.steer_schedule("resume", name), "expired", "run_schedule")
    assert crew.is_scheduled(name) and "paused" in crew.schedule_fields(name)
    run = crew.answer(crew.steer_schedule("run", name), name).data["run"]
    assert crew.wait_for_end(run)["output"] == "6" and crew.firings(name) == []
