"""A signal reaches its run whenever it comes, counts once, and is consumed by one step."""
import json

import pytest

from support.bridge import QUICK_LEASE
from support.bus import fresh, milliseconds
from support.invariants import check_does_not_wait, check_envelope, check_history, check_nothing_is_left, check_waits
from support.rejection import check_rejected
from support.waiting import eventually

HOUR = 3_600_000
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def ask(bus, id=None, **fields):
    """A run that waits for `approved` or `rejected`; its id, once it does."""
    id = id or fresh("approval")
    bus.start("approval", {"title": "a bill"}, id=id, **fields)
    bus.wait_for_waiting(id)
    return id


def watch(bus, names, id=None, waits=True, **more):
    """A run of `trial-watch`; its id, once it waits unless told otherwise."""
    id, ordeal = id or fresh("watch"), {key: more.pop(key) for key in ("at", "deed", "remedy", "gate") if key in more}
    bus.start("trial-watch", {"watch": {"for": names, **more}, **ordeal}, id=id)
    if waits:
        bus.wait_for_waiting(id)
    return id


def outcome(bus, entry):
    """(outcome, unread) of a signal."""
    data = bus.taken(entry).data
    return data["outcome"], data["unread"]


def check_completed(bus, id, left=0):
    """It has completed with all in order, and so many signals unread; its output."""
    record = bus.wait_for_end(id)
    assert record["status"] == "completed", record
    story = bus.story(id)
    check_history(bus, id, story, record)
    check_does_not_wait(bus, id)
    assert "signals" not in record, "what was unread went with its end"
    assert not bus.has_inbox(id)
    assert story[-1].data.get("unread_signals", 0) == left
    assert ("unread_signals" in story[-1].data) == (left > 0), "left out where there are none"
    return json.loads(record["output"])


# What becomes of it


def test_it_wakes_the_run_that_waits_for_it(crew):
    id, reply = ask(crew), fresh("reply")
    before = check_waits(crew, id)
    entry = crew.signal(id, "approved", {"by": "ann"}, message_id="mail/7", reply_to=reply, traceparent=TRACE)
    event = crew.taken(entry)
    check_envelope(crew, event)
    assert event.data == {"name": "approved", "message_id": "mail/7", "outcome": "woke", "unread": 1}
    assert (event.id, event.subject, event.workflow) == (f"{id}/signal/control/{entry}", id, "approval")
    assert (event.sequence, event.epoch, event.traceparent) == (0, 0, TRACE)
    assert event.bridge in crew.bridges()
    assert check_completed(crew, id) == {"decision": "approved", "data": {"by": "ann"}}
    assert [answer.pairs for answer in crew.wait_for_replies(reply)] == [event.pairs], "the end of the run does not come there"
    assert entry not in crew.entries("control")
    record = crew.record(id)
    assert (record["epoch"], record["recoveries"]) == ("2", "0")
    assert int(record["created"]) <= int(before["waiting_since"]) <= int(record["finished"])


def test_waking_has_no_event_of_its_own(crew):
    id = ask(crew)
    crew.signal(id, "rejected")
    assert check_completed(crew, id) == {"decision": "rejected", "data": None}
    story = crew.story(id)
    assert [event.kind for event in story] == ["run.started", "run.waiting", "run.completed"]
    assert [event.epoch for event in story] == [1, 1, 2], "the next event shows it, under the next epoch"
    assert {event.traceparent for event in story} == {""}, "a signal's trace is on its own event alone"


def test_it_is_taken_while_the_run_does_something_else_and_found_by_the_step_that_waits(trials, gate):
    id = watch(trials, ["go"], waits=False, gate=gate.path)
    trials.wait_for(id, status="running")
    assert outcome(trials, trials.signal(id, "go")) == ("kept", 1)
    record = trials.record(id)
    assert (record["status"], record["state"], record["signals"]) == ("running", "take", "1")
    gate.open()
    assert check_completed(trials, id) == ["take", "go=null", "send"]
    story = trials.story(id)
    assert [event.data["state"] for event in story if event.kind == "run.waiting"] == ["watch"], "it has waited for no time"
    assert trials.record(id)["epoch"] == "1", "and was not put down"


def test_an_order_whose_payment_was_confirmed_before_it_was_there_is_paid(crew):
    id = fresh("order")
    assert outcome(crew, crew.signal(id, "payment-confirmed")) == ("early", 1)
    crew.start("order-fulfilment", {"sku": "A1", "quantity": 1, "await_payment": True}, id=id)
    assert [r.split(":")[0] for r in check_completed(crew, id)["receipts"]] == ["reserve", "charge", "ship"]
    assert [event.data["state"] for event in crew.story(id) if event.kind == "run.waiting"] == ["await_payment"]


def test_what_it_does_not_wait_for_is_kept(crew):
    id = ask(crew)
    assert outcome(crew, crew.signal(id, "escalated")) == ("kept", 1)
    assert check_waits(crew, id)["signals"] == "1"
    assert outcome(crew, crew.signal(id, "approved")) == ("woke", 2)
    check_completed(crew, id, left=1)


def test_of_all_it_needs_each_but_the_last_is_kept(trials):
    id = watch(trials, ["paid", "packed", "booked"], all=True)
    assert json.loads(check_waits(trials, id)["waits"]) == [[3, "paid", "packed", "booked"]]
    assert outcome(trials, trials.signal(id, "booked", 3)) == ("kept", 1)
    assert outcome(trials, trials.signal(id, "paid", 1)) == ("kept", 2)
    assert outcome(trials, trials.signal(id, "paid", 4)) == ("kept", 3), "a second one of a name does not stand in for another"
    assert check_waits(trials, id)["signals"] == "3"
    assert outcome(trials, trials.signal(id, "packed", 2)) == ("woke", 4)
    marks = check_completed(trials, id, left=1)
    assert (marks[0], sorted(marks[1:4]), marks[4]) == ("take", ["booked=3", "packed=2", "paid=1"], "send"), "and the older of two"
    assert trials.redis.hget(trials.key("store", "heard"), id) == b"3"


def test_of_several_the_first_counts_and_another_stays_unread(crew):
    id = fresh("approval")
    with_both = [{"id": id, "name": "rejected", "data": 1}, {"id": id, "name": "approved", "data": 2}]
    first, second = crew.signal_all(with_both)
    crew.taken(first), crew.taken(second)
    crew.start("approval", {"title": "a bill"}, id=id)
    assert check_completed(crew, id, left=1) == {"decision": "rejected", "data": 1}


def test_a_step_whose_signal_its_bridge_has_already_does_not_wait(launch, launch_trial, bus):
    launch(bus, options=QUICK_LEASE)
    trials = launch_trial(bus, options=QUICK_LEASE)
    id = watch(bus, ["go"], rounds=2)
    trials.kill()
    for number in range(2):  # the other bridge takes them
        assert outcome(bus, bus.signal(id, "go", number)) == ("woke", number + 1)
    launch_trial(bus, options=QUICK_LEASE)
    assert check_completed(bus, id) == ["take", "go=0", "go=1", "send"]
    assert [event.kind for event in bus.story(id)].count("run.waiting") == 1, "the second was there when the first one woke it"


def test_it_may_come_on_the_commands_stream(crew):
    id = ask(crew)
    entry = crew.signal(id, "approved", to="commands")
    event = crew.taken(entry)
    assert (event.id, event.data["outcome"]) == (f"{id}/signal/commands/{entry}", "woke")
    check_completed(crew, id)
    assert entry not in crew.entries("commands")


def test_on_the_control_stream_it_is_taken_with_every_slot_taken(launch_trial, bus):
    launch_trial(bus, max_runs=1, options=QUICK_LEASE)
    id = watch(bus, ["go"])
    bus.start("trial", {"delay_ms": 30_000}, id=(busy := fresh("busy")))
    bus.wait_for(busy, status="running")
    assert outcome(bus, bus.signal(id, "go")) == ("woke", 1)
    assert bus.record(id)["status"] == "waiting", "there is no slot to go on in"
    assert bus.listed("waits")[id] == 0
    bus.cancel(busy)
    assert check_completed(bus, id) == ["take", "go=null", "send"]


@pytest.mark.parametrize("data", ['null', '0', '"é 🙂 \\u00e9"', '[1,{"a":[]}]', '  {"a" : 1.50}  '])
def test_its_data_comes_as_it_was_sent(trials, data):
    id = watch(trials, ["go"])
    trials.signal(id, "go", data)
    assert json.loads(check_completed(trials, id)[1].removeprefix("go=")) == json.loads(data)


def test_data_of_64_kib_are_taken_and_longer_ones_are_rejected(trials):
    id = watch(trials, ["go"])
    longest = json.dumps("x" * (64 * 1024 - 2))
    pairs = [("type", "signal"), ("id", id), ("name", "go"), ("data", longest + " ")]
    check_rejected(trials, trials.publish(*pairs, to="control"), pairs, "too_large", stream="control")
    assert "signals" not in check_waits(trials, id)
    assert outcome(trials, trials.signal(id, "go", longest)) == ("woke", 1)
    assert check_completed(trials, id)[1] == "go=" + longest


# Sent again


def test_one_with_the_same_message_id_counts_once(trials):
    id = watch(trials, ["go", "other"], all=True)
    assert outcome(trials, trials.signal(id, "go", 1, message_id="m:1")) == ("kept", 1)
    assert outcome(trials, trials.signal(id, "go", 2, message_id="m:1")) == ("duplicate", 1)
    assert outcome(trials, trials.signal(id, "other", 2, message_id="m:1")) == ("duplicate", 1), "whatever it is called"
    assert check_waits(trials, id)["signals"] == "1"
    assert outcome(trials, trials.signal(id, "other", 3, message_id="m:2")) == ("woke", 2)
    assert sorted(check_completed(trials, id)) == sorted(["take", "go=1", "other=3", "send"])


def test_a_message_id_is_remembered_once_its_signal_is_consumed(trials):
    id = watch(trials, ["go"], rounds=2)
    assert outcome(trials, trials.signal(id, "go", 1, message_id="first")) == ("woke", 1)
    eventually(lambda: trials.record(id).get("epoch") == "2" and trials.record(id)["status"] == "waiting", "it waits again")
    answered = trials.taken(trials.signal(id, "go", 2, message_id="first"))
    assert answered.data == {"name": "go", "message_id": "first", "outcome": "duplicate", "unread": 0}
    check_waits(trials, id)
    trials.signal(id, "go", 3, message_id="second")
    assert check_completed(trials, id) == ["take", "go=1", "go=3", "send"]


def test_without_a_message_id_each_counts(trials):
    id = watch(trials, ["go"], rounds=3)
    for _ in range(3):
        trials.signal(id, "go", 5)
    assert check_completed(trials, id) == ["take", "go=5", "go=5", "go=5", "send"]


def test_message_ids_are_a_runs_own(trials):
    ids = [watch(trials, ["go"]) for _ in range(2)]
    entries = [trials.signal(id, "go", message_id="same") for id in ids]
    assert [outcome(trials, entry) for entry in entries] == [("woke", 1)] * 2


def test_the_last_thousand_message_ids_are_remembered(launch_trial, bus):
    launch_trial(bus)
    rounds = 1_010
    id = watch(bus, ["go"], rounds=rounds + 1)
    for part in range(0, rounds, 101):
        entries = bus.signal_all([{"id": id, "name": "go", "message_id": f"m-{n}"} for n in range(part, part + 101)])
        eventually(lambda: not bus.entries("control"), "they are taken")
        eventually(lambda: "signals" not in (record := bus.record(id)) and record["status"] == "waiting", "and consumed", within=60)
    assert outcome(bus, bus.signal(id, "go", message_id=f"m-{rounds - 1_000}")) == ("duplicate", 0)
    assert outcome(bus, bus.signal(id, "go", message_id=f"m-{rounds - 1}")) == ("duplicate", 0)
    assert outcome(bus, bus.signal(id, "go", message_id="m-0")) == ("woke", 1), "it was the first of more than a thousand"
    assert len(check_completed(bus, id)) == rounds + 3


@pytest.mark.parametrize("when", ["before the start", "before the wait", "while it waits", "around the wait"])
def test_five_of_one_message_over_three_bridges_count_once(launch_trial, bus, when):
    for _ in range(3):
        launch_trial(bus, options=QUICK_LEASE)
    ids = [fresh("raced") for _ in range(20)]
    input = {"watch": {"for": ["go"], "rounds": 2}, "delay_ms": 60 if when.endswith("wait") else 1}
    starts = [{"workflow": "trial-watch", "id": id, "input": input} for id in ids]
    signals = [{"id": id, "name": "go", "data": n, "message_id": f"of-{id}"} for n in range(5) for id in ids]
    if when == "before the start":
        entries = bus.signal_all(signals)
        eventually(lambda: not bus.entries("control"), "they are taken")
        bus.start_all(starts)
    else:
        bus.start_all(starts)
        if when == "while it waits":
            bus.wait_for_waiting(*ids)
        entries = bus.signal_all(signals)
    # The first round ends with the one that counted; the second waits for good.
    eventually(lambda: bus.redis.hmget(bus.key("store", "heard"), ids) == [b"1"] * 20, "each has heard one")
    eventually(lambda: not bus.entries("control"), "all are taken")
    bus.wait_for_waiting(*ids)
    outcomes = {}
    for event in bus.events(since=entries[0]):
        if event.kind == "signal.taken":
            outcomes.setdefault(event.subject, []).append(event.data["outcome"])
    for id in ids:
        assert sorted(o == "duplicate" for o in outcomes[id]) == [False] + [True] * 4
        assert "signals" not in check_waits(bus, id)
    bus.signal_all([{"id": id, "name": "go", "data": '"last"'} for id in ids])
    bus.wait_for_end(*ids)
    for id in ids:
        assert check_completed(bus, id)[2] == 'go="last"'
    check_nothing_is_left(bus, *ids)


# In which order


def test_of_two_of_one_name_the_older_one_goes_first(trials, gate):
    id = watch(trials, ["go"], waits=False, gate=gate.path, rounds=2)
    trials.wait_for(id, status="running")
    for number in range(3):
        trials.taken(trials.signal(id, "go", number))
    gate.open()
    assert check_completed(trials, id, left=1) == ["take", "go=0", "go=1", "send"]


def test_they_are_in_the_order_of_their_entry_ids_whichever_bridge_took_them(launch_trial, bus):
    for _ in range(3):
        launch_trial(bus, options=QUICK_LEASE)
    id, count = fresh("order"), 60
    signals = [{"id": id, "name": "go", "data": number} for number in range(count)]
    bus.signal_all(signals)
    eventually(lambda: not bus.entries("control"), "all are taken")
    assert len({event.bridge for event in bus.events() if event.kind == "signal.taken"}) > 1, "by several bridges"
    watch(bus, ["go"], id=id, waits=False, rounds=count)
    assert check_completed(bus, id)[1:-1] == [f"go={number}" for number in range(count)]


# Before the run


def test_before_the_run_it_is_kept_for_it(crew):
    id, reply = fresh("early"), fresh("reply")
    entry = crew.signal(id, "approved", 1, message_id="a", reply_to=reply)
    event = crew.taken(entry)
    check_envelope(crew, event)
    assert event.data == {"name": "approved", "message_id": "a", "outcome": "early", "unread": 1}
    assert event.workflow == "" and event.source == "/cano/crew/"
    assert [answer.pairs for answer in crew.wait_for_replies(reply)] == [event.pairs]
    assert crew.record(id) == {}
    until = crew.orphans()[id]
    assert milliseconds(entry) + HOUR <= until < milliseconds(entry) + HOUR + 10_000
    assert outcome(crew, crew.signal(id, "approved", 2, message_id="a")) == ("duplicate", 1)
    crew.start("approval", {"title": "a bill"}, id=id)
    assert check_completed(crew, id) == {"decision": "approved", "data": 1}
    assert id not in crew.orphans()
    assert [event.kind for event in crew.story(id)] == ["run.started", "run.waiting", "run.completed"]
    assert crew.record(id)["epoch"] == "1", "it did not wait"


def test_a_start_and_a_signal_may_be_published_at_the_same_moment(launch, bus):
    for _ in range(2):
        launch(bus, options=QUICK_LEASE)
    ids, pipeline = [fresh("both") for _ in range(100)], bus.redis.pipeline(transaction=False)
    for number, id in enumerate(ids):
        commands = [("commands", {"type": "start", "workflow": "approval", "id": id, "input": '{"title":"x"}'}),
                    ("control", {"type": "signal", "id": id, "name": "approved", "data": str(number)})]
        for stream, fields in commands if number % 2 else commands[::-1]:
            pipeline.xadd(bus.key(stream), fields)
    pipeline.execute()
    bus.wait_for_end(*ids)
    for number, id in enumerate(ids):
        assert check_completed(bus, id) == {"decision": "approved", "data": number}
    check_nothing_is_left(bus, *ids)


def test_a_run_that_is_to_start_later_is_no_early_one(trials):
    id = fresh("later")
    trials.start("trial-watch", {"watch": {"for": ["go"]}}, id=id, delay_ms=4_000)
    trials.wait_for(id, status="scheduled")
    assert outcome(trials, trials.signal(id, "go", keep_ms=1)) == ("kept", 1)
    record = trials.record(id)
    assert (record["status"], record["signals"]) == ("scheduled", "1") and id not in trials.orphans()
    assert check_completed(trials, id) == ["take", "go=null", "send"]


def test_without_a_start_in_time_it_is_a_dead_letter(trials):
    id = fresh("nobody")
    pairs = [("type", "signal"), ("keep_ms", "700"), ("id", id), ("name", "go"), ("data", '{"a": 1}'), ("message_id", "m/1"),
             ("reply_to", fresh("reply"))]
    entry = trials.publish(*pairs, to="control")
    assert outcome(trials, entry) == ("early", 1)
    _, letter = trials.wait_for_dead_letter(entry)
    assert trials.now() >= milliseconds(entry) + 700
    assert sorted(letter[:len(pairs)]) == sorted((name.encode(), value.encode()) for name, value in pairs)
    assert [name for name, _ in letter[len(pairs):]] == [b"error_code", b"error_message", b"entry", b"bridge"]
    assert dict(letter)[b"error_code"] == b"unknown_run" and dict(letter)[b"error_message"]
    assert id not in trials.orphans() and not trials.has_inbox(id)
    assert not [event for event in trials.events(since=entry) if event.kind == "command.rejected" and event.subject == id]
    assert len(trials.wait_for_replies(dict(pairs)["reply_to"])) == 1, "it says no more than it did"
    watch(trials, ["go"], id=id)
    assert outcome(trials, trials.publish(*dict(letter[:len(pairs)]).items(), to="control")) == ("woke", 1), "published again"
    assert check_completed(trials, id)[1] == 'go={"a": 1}'


def test_of_several_the_longest_time_counts_for_all(trials):
    id = fresh("early")
    entries = trials.signal_all([{"id": id, "name": "go", "data": n, "keep_ms": keep} for n, keep in enumerate((200, 10_000, 300))])
    assert sorted(outcome(trials, entry)[0] for entry in entries) == ["early"] * 3
    eventually(lambda: trials.now() > milliseconds(entries[0]) + 1_500, "more than the shortest has passed")
    assert id in trials.orphans() and not trials.dead_letters_of(entries[0])
    watch(trials, ["go"], id=id, waits=False, rounds=3)
    assert check_completed(trials, id) == ["take", "go=0", "go=1", "go=2", "send"]
    assert not any(trials.dead_letters_of(entry) for entry in entries)


def test_all_that_were_kept_become_dead_letters_once_each(launch_trial, bus):
    for _ in range(3):  # which all look
        launch_trial(bus, options=QUICK_LEASE)
    entries = bus.signal_all([{"id": f"nobody-{n % 50}", "name": "go", "data": n, "keep_ms": 600} for n in range(200)])
    eventually(lambda: len(bus.dead_letters()) >= 200, "each has a dead letter")
    assert sorted(dict(letter)[b"entry"].decode() for _, letter in bus.dead_letters()) == sorted(entries)
    check_nothing_is_left(bus)
    assert not list(bus.redis.scan_iter(match=bus.key("inbox", "*")))


# What cannot be kept


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_to_a_run_that_is_over_it_is_rejected(trials, end):
    id, reply = fresh("over"), fresh("reply")
    trials.start("trial", {"at": "first", "deed": "fail"} if end == "failed" else {"delay_ms": 60_000 if end == "cancelled" else 0}, id=id)
    if end == "cancelled":
        trials.wait_for(id, status="running")
        trials.cancel(id)
    record = trials.wait_for_end(id)
    assert record["status"] == end
    pairs = [("type", "signal"), ("id", id), ("name", "go"), ("message_id", "m"), ("reply_to", reply)]
    event = check_rejected(trials, trials.publish(*pairs, to="control"), pairs, "run_over", stream="control")
    assert event.subject == id
    assert [answer.pairs for answer in trials.wait_for_replies(reply)] == [event.pairs]
    assert trials.record(id) == record and not trials.has_inbox(id)


def test_a_failed_run_keeps_what_was_unread_and_takes_signals_again_once_it_is_resumed(trials, tmp_path):
    remedy = tmp_path / "remedy"
    id = watch(trials, ["go"], at="send", deed="fail", remedy=str(remedy))
    trials.taken(trials.signal(id, "spare", 1, message_id="spare"))
    trials.signal(id, "go", 2, message_id="go")
    record = trials.wait_for_end(id)
    assert (record["status"], record["rollback"]) == ("failed", "clean")
    assert trials.story(id)[-1].data["unread_signals"] == 1


def test_a_run_that_failed_and_can_be_resumed_still_has_its_signals(trials, tmp_path, gate):
    remedy = tmp_path / "remedy"
    id = watch(trials, ["go"], waits=False, at="take", deed="fail", remedy=str(remedy), gate=gate.path)
    trials.wait_for(id, status="running")
    assert outcome(trials, trials.signal(id, "go", 2, message_id="go")) == ("kept", 1)
    gate.open()
    record = trials.wait_for_end(id)
    assert (record["status"], record["resumable"], record["signals"]) == ("failed", "1", "1")
    assert trials.story(id)[-1].data["unread_signals"] == 1
    pairs = [("type", "signal"), ("id", id), ("name", "go")]
    check_rejected(trials, trials.publish(*pairs, to="control"), pairs, "run_over", stream="control")
    remedy.touch()
    gate.shut()
    trials.resume(id)
    trials.wait_for(id, status="running")
    assert outcome(trials, trials.signal(id, "go", 3, message_id="go")) == ("duplicate", 1), "its message ids too"
    gate.open()
    assert check_completed(trials, id) == ["take", "go=2", "send"]


def test_a_thousand_unread_are_as_many_as_a_run_takes(launch_trial, bus):
    launch_trial(bus, options=QUICK_LEASE)
    id = watch(bus, ["go", "stop"], rounds=2)
    bus.signal_all([{"id": id, "name": "other", "data": n} for n in range(1_000)])
    eventually(lambda: bus.record(id).get("signals") == "1000", "they are taken", within=60)
    reply = fresh("reply")
    pairs = [("type", "signal"), ("id", id), ("name", "go"), ("message_id", "m"), ("reply_to", reply)]
    event = check_rejected(bus, bus.publish(*pairs, to="control"), pairs, "inbox_full", stream="control")
    assert [answer.pairs for answer in bus.wait_for_replies(reply)] == [event.pairs]
    assert check_waits(bus, id)["signals"] == "1000", "nothing has changed"
    bus.cancel(id)
    assert bus.wait_for_end(id)["status"] == "cancelled"
    assert bus.story(id)[-1].data["unread_signals"] == 1_000
    check_nothing_is_left(bus, id)


def test_what_was_rejected_as_one_too_many_is_taken_once_others_are_consumed(launch_trial, bus):
    launch_trial(bus, options=QUICK_LEASE)
    id = fresh("watch")
    bus.signal_all([{"id": id, "name": "go", "data": n} for n in range(1_000)])
    eventually(lambda: not bus.entries("control"), "they are taken", within=60)
    assert bus.rejection(bus.signal(id, "go", 1_000, message_id="m")).data["code"] == "inbox_full", "also where no run has the id yet"
    watch(bus, ["go"], id=id, waits=False, rounds=1_001)
    eventually(lambda: int(bus.record(id).get("rows", 0)) > 100, "some are consumed", within=60)
    assert outcome(bus, bus.signal(id, "late", 1_000, message_id="m"))[0] == "kept"
    bus.signal(id, "go", 1_000)
    assert check_completed(bus, id, left=1)[1:-1] == [f"go={n}" for n in range(1_001)]


def test_a_mebibyte_unread_is_as_much_as_a_run_takes(trials):
    id = watch(trials, ["go"])
    entries = trials.signal_all([{"id": id, "name": "other", "data": json.dumps("x" * 64_000)} for _ in range(18)])
    eventually(lambda: not trials.entries("control") and trials.pending("control") == 0, "they are answered")
    full = [entry for entry in entries if trials.dead_letters_of(entry)]
    kept = int(trials.record(id)["signals"])
    assert len(full) + kept == 18 and 15 <= kept <= 17
    assert {trials.rejection(entry).data["code"] for entry in full} == {"inbox_full"}
    trials.cancel(id)
    trials.wait_for_end(id)


@pytest.mark.parametrize("fields, code", [
    ([("id", "a")], "missing_field"),
    ([("name", "go")], "missing_field"),
    ([("id", ""), ("name", "go")], "missing_field"),
    ([("id", "a b"), ("name", "go")], "invalid_field"),
    ([("id", "a//b"), ("name", "go")], "invalid_field"),
    ([("id", "a"), ("name", "go on")], "invalid_field"),
    ([("id", "a"), ("name", "x" * 101)], "invalid_field"),
    ([("id", "a"), ("name", "go"), ("data", "{")], "invalid_field"),
    ([("id", "a"), ("name", "go"), ("data", b"\xff")], "invalid_field"),
    ([("id", "a"), ("name", "go"), ("message_id", "m 1")], "invalid_field"),
    ([("id", "a"), ("name", "go"), ("message_id", "m" * 201)], "invalid_field"),
    ([("id", "a"), ("name", "go"), ("keep_ms", "0")], "invalid_field"),
    ([("id", "a"), ("name", "go"), ("keep_ms", "-1")], "invalid_field"),
    ([("id", "a"), ("name", "go"), ("keep_ms", "86400001")], "invalid_field"),
    ([("id", "a"), ("name", "go"), ("reply_to", "a:b")], "invalid_field"),
])
def test_one_that_breaks_a_rule_is_rejected(shop, fields, code):
    pairs = [("type", "signal"), *fields]
    check_rejected(shop, shop.publish(*pairs, to="control"), pairs, code, stream="control")
    assert not shop.orphans().keys() & {"a", "a b", "a//b"}


def test_the_longest_of_everything_is_taken(trials):
    id, name, message = fresh("x" * 180), "n" * 100, "m:@/." * 40
    watch(trials, [name], id=id)
    event = trials.taken(trials.signal(id, name, message_id=message, keep_ms=86_400_000))
    assert (event.data["name"], event.data["message_id"], event.data["outcome"]) == (name, message, "woke")
    check_completed(trials, id)


# As a CloudEvent


@pytest.mark.parametrize("spelling", ["runid", "subject"])
def test_it_may_be_a_cloudevent(trials, spelling):
    id, reply = watch(trials, ["go"], rounds=2), fresh("reply")
    fields = {"specversion": "1.0", "type": "cano.run.signal", "id": "not-looked-at", "source": "/mail", spelling: id, "name": "go",
              "data": '{"n":1}', "messageid": "m-1", "keepms": "1000", "replyto": reply, "traceparent": TRACE}
    entry = trials.publish(*fields.items(), to="control")
    event = trials.taken(entry)
    assert event.data == {"name": "go", "message_id": "m-1", "outcome": "woke", "unread": 1} and event.traceparent == TRACE
    assert [answer.pairs for answer in trials.wait_for_replies(reply)] == [event.pairs]
    trials.wait_for(id, epoch=2, status="waiting")
    again = trials.publish(*fields.items(), to="control")
    assert trials.taken(again).data["outcome"] == "duplicate"
    del fields["messageid"]
    trials.publish(*fields.items(), to="control")
    assert check_completed(trials, id) == ["take", 'go={"n":1}', 'go={"n":1}', "send"]


def test_a_cloudevent_that_came_early_is_a_dead_letter_in_the_plain_spelling(trials):
    id = fresh("nobody")
    pairs = [("specversion", "1.0"), ("type", "cano.run.signal"), ("source", "/mail"), ("id", "e-1"), ("subject", id),
             ("name", "go"), ("messageid", "m"), ("keepms", "300")]
    _, letter = trials.wait_for_dead_letter(trials.publish(*pairs, to="control"))
    fields = dict(letter)
    assert fields[b"error_code"] == b"unknown_run"
    assert [fields[name] for name in (b"type", b"id", b"name", b"message_id", b"keep_ms")] == [b"signal", id.encode(), b"go", b"m", b"300"]


# By hand


def test_the_command_line_sends_one(crew, command_line):
    id = ask(crew)
    done = command_line("signal", id, "approved", "--data", '{"by":"bob"}', "--message-id", "cli/1", bus=crew)
    assert done.returncode == 0 and done.stdout == f"{id}\n", done
    assert check_completed(crew, id) == {"decision": "approved", "data": {"by": "bob"}}


def test_the_command_line_waits_and_says_what_became_of_it(crew, command_line, tmp_path):
    id, data = fresh("approval"), tmp_path / "data.json"
    data.write_text('{"from":"a file"}')
    said = [command_line("signal", id, "approved", "--wait", "--message-id", "m", "--data", f"@{data}", "--keep-seconds", "60", bus=crew)
            for _ in range(2)]
    assert [(done.returncode, done.stdout) for done in said] == [(0, "early\n"), (0, "duplicate\n")], said
    assert crew.orphans()[id] < crew.now() + 61_000
    crew.start("approval", {"title": "a bill"}, id=id)
    assert check_completed(crew, id)["data"] == {"from": "a file"}
    over = command_line("signal", id, "approved", "--wait", bus=crew)
    assert over.returncode == 1 and not over.stdout and over.stderr
    other = ask(crew)
    assert [command_line("signal", other, name, "--wait", bus=crew).stdout for name in ("escalated", "approved")] == ["kept\n", "woke\n"]


@pytest.mark.parametrize("arguments", [("a b", "go"), ("a", "go on"), ("a", "go", "--message-id", "m 1")])
def test_the_command_line_refuses_what_would_be_rejected(crew, command_line, arguments):
    before = crew.redis.xlen(crew.key("deadletters"))
    done = command_line("signal", *arguments, "--wait", bus=crew)
    assert done.returncode > 0 and done.stderr and not done.stdout
    assert crew.redis.xlen(crew.key("deadletters")) == before


def test_the_command_line_says_why_one_was_rejected(crew, command_line):
    done = command_line("signal", fresh("nobody"), "go", "--data", "{", "--wait", bus=crew)
    assert done.returncode == 1 and "JSON" in done.stderr and not done.stdout
