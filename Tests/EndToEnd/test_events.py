"""What is published at which level, in which order, with which data."""
import pytest

from support.bus import fresh
from support.invariants import check_envelope, check_run

LEVELS = ("runs", "states", "tasks", "all")

# Every event of a numbers run, with the level from which on it is published.
NUMBERS = [
    ("runs", "run.started fetch"),
    ("tasks", "task.started fetch"), ("tasks", "task.succeeded fetch"),
    ("states", "state.entered process"),
    ("tasks", "task.started process"), ("tasks", "task.succeeded process"),
    ("runs", "run.completed done"),
]
# … and of an order that fails while charging.
FAILING = [
    ("runs", "run.started reserve"),
    ("tasks", "task.started reserve"), ("tasks", "task.succeeded reserve"),
    ("states", "state.entered charge"),
    ("tasks", "task.started charge"), ("runs", "task.failed charge"),
    ("runs", "compensation.started reserve-order"), ("runs", "compensation.succeeded reserve-order"),
    ("runs", "run.failed charge"),
]
ORDER = {"sku": "A1", "quantity": 2}


def expected(everything, level):
    return [event for least, event in everything if LEVELS.index(least) <= LEVELS.index(level)]


def said(story):
    return [f"{event.kind} {event.data.get('state') or event.data['task']}" for event in story if event.type != "cano.checkpoint.written"]


@pytest.mark.parametrize("level", LEVELS)
def test_a_run_of_numbers_says_what_its_level_promises(at_level, level):
    bus, id = at_level(level), fresh()
    bus.start("numbers", {"batch_size": 5}, id=id)
    record = bus.wait_for_end(id)
    story = bus.story(id)
    check_run(bus, id, story, record)
    assert said(story) == expected(NUMBERS, level)


@pytest.mark.parametrize("level", LEVELS)
def test_a_failing_order_says_what_its_level_promises(at_level, level):
    bus, id = at_level(level), fresh()
    bus.start("order-fulfilment", dict(ORDER, fail_at="charge"), id=id)
    record = bus.wait_for_end(id)
    story = bus.story(id)
    check_run(bus, id, story, record)
    assert said(story) == expected(FAILING, level)


@pytest.mark.parametrize("workflow, input", [
    ("numbers", {"batch_size": 5}), ("order-fulfilment", dict(ORDER, fail_at="charge")),
])
def test_only_at_level_all_every_stored_row_is_announced(at_level, workflow, input):
    for level in LEVELS:
        bus, id = at_level(level), fresh()
        bus.start(workflow, input, id=id)
        record = bus.wait_for_end(id)
        rows = [event.data["row"] for event in bus.story(id) if event.type == "cano.checkpoint.written"]
        if level == "all":
            assert len(rows) == int(record["rows"]) > 0
            assert rows == list(range(rows[0], rows[0] + len(rows))) and rows[0] in (0, 1)
        else:
            assert rows == []


def test_started_entered_and_completed_tell_the_way(run):
    _, record, (started, entered, completed) = run("numbers", {"batch_size": 4})
    assert started.data == {"version": record["version"], "state": "fetch", "input": {"batch_size": 4}}
    assert entered.data == {"state": "process", "previous": "fetch"}
    assert completed.data == {"state": "done", "output": 10, "duration_ms": completed.data["duration_ms"]}
    assert type(completed.data["output"]) is int
    assert completed.data["duration_ms"] >= 0


def test_a_slow_order_takes_as_long_as_it_says(run):
    _, record, story = run("order-fulfilment", dict(ORDER, delay_ms=100))
    assert said(story) == ["run.started reserve", "state.entered charge", "state.entered ship", "run.completed shipped"]
    assert 300 <= story[-1].data["duration_ms"] < 5_000
    assert int(record["finished"]) - int(record["started"]) >= 299


@pytest.mark.parametrize("state", ["reserve", "charge", "ship"])
def test_a_failed_order_names_state_task_and_error(run, state):
    _, record, story = run("order-fulfilment", dict(ORDER, fail_at=state))
    task_failed, run_failed = next(event for event in story if event.kind == "task.failed"), story[-1]
    assert (task_failed.type, run_failed.type) == ("cano.task.failed", "cano.run.failed")
    assert task_failed.data["state"] == run_failed.data["state"] == state == record["state"]
    # The first state that can be undone has failed: nothing was done, so it can go on. Later all is undone, and it is over.
    assert run_failed.data["rollback"] == ("none" if state == "reserve" else "clean") == record["rollback"]
    assert run_failed.data["resumable"] == (state == "reserve")  # as true or as 1
    for error in (task_failed.data["error"], run_failed.data["error"]):
        assert error["state"] == state
        assert error["task"] == task_failed.data["task"] != ""
        assert error["attempt"] == 1
        assert error["retryable"] is False
        assert isinstance(error["causes"], list)
        assert error["code"] and error["message"] and error["category"]


def test_input_above_four_kibibytes_is_left_out_of_started_only(run):
    for length in (4096, 4097):
        input = '{"batch_size":1,"pad":"' + "x" * (length - 25) + '"}'
        assert len(input) == length
        _, record, story = run("numbers", input)
        assert ("input" in story[0].data) == (length == 4096)
        assert record["input"] == input


def test_output_above_sixty_four_kibibytes_is_read_from_the_record(run):
    sku = "s" * 70_000
    _, record, story = run("order-fulfilment", dict(ORDER, sku=sku))
    assert "output" not in story[-1].data
    assert sku in record["output"]


def test_text_from_outside_stays_what_it_was(run):
    sku = 'quote " backslash \\ newline \n tab \t nul \u0000 emoji \U0001F6D2 line\u2028'
    _, record, story = run("order-fulfilment", dict(ORDER, sku=sku))
    assert story[0].data["input"]["sku"] == sku
    assert story[-1].data["output"]["sku"] == sku


def test_a_prefix_with_a_hash_tag_is_percent_encoded_in_the_source(standing):
    bus, id = standing.bus("{shop-0}"), fresh()
    bus.start("numbers", {"batch_size": 2}, id=id)
    record = bus.wait_for_end(id)
    check_run(bus, id, bus.story(id), record)
    assert bus.story(id)[0].source == "/cano/%7Bshop-0%7D/numbers"
    entry = bus.publish(("type", "launch"), ("id", fresh()))
    rejected = bus.rejection(entry)
    check_envelope(bus, rejected)
    assert rejected.source == "/cano/%7Bshop-0%7D/"


def test_source_and_id_together_are_unique(shop):
    ids = [fresh() for _ in range(50)]
    shop.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": 1}} for id in ids for _ in range(2)])
    shop.wait_for_end(*ids)
    names = [(event.source, event.id) for event in shop.events()]
    assert len(names) == len(set(names))


def test_a_reader_with_a_group_of_its_own_misses_nothing(shop):
    shop.redis.xgroup_create(shop.key("events"), group := fresh("reader"), id="$")
    ids = [fresh() for _ in range(30)]
    shop.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": 1}} for id in ids])
    shop.wait_for_end(*ids)
    (_, entries), = shop.redis.xreadgroup(group, "me", {shop.key("events"): ">"})
    seen = [(fields[b"subject"].decode(), int(fields[b"sequence"])) for _, fields in entries]
    assert sorted(seen) == sorted((id, number) for id in ids for number in (1, 2, 3))
    shop.redis.xgroup_destroy(shop.key("events"), group)
