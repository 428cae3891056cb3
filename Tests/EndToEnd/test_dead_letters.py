"""The dead letter and the answer of a rejected command, in every detail."""
import base64
import itertools

import pytest

from support.bus import fresh, milliseconds
from support.invariants import check_envelope
from support.rejection import check_rejected, check_still_serves
from support.waiting import eventually

START = ("type", "start")
INPUT = ("input", '{"batch_size":3}')
GOOD = (START, ("workflow", "numbers"), INPUT)


def test_the_requester_is_told_on_its_reply_stream(shop):
    reply, id = fresh("reply"), fresh()
    entry = shop.publish(START, ("workflow", "numbers"), ("input", "{"), ("id", id), ("reply_to", reply))
    answer, = shop.wait_for_replies(reply)
    assert answer.pairs == shop.rejection(entry).pairs, "the same event, field for field"
    assert answer.subject == id
    assert 0 < shop.redis.pttl(shop.key("replies", reply)) <= 3_600_000


@pytest.mark.parametrize("type", ["launch", "cancel", ""])
def test_a_valid_reply_name_is_answered_whatever_else_is_wrong(shop, type):
    reply = fresh("reply")
    entry = shop.publish(("type", type), ("id", "not an id"), ("reply_to", reply))
    answer, = shop.wait_for_replies(reply)
    assert answer.data["entry"] == entry


def test_subject_and_workflow_are_the_commands_where_they_are_valid(shop):
    id = fresh()
    told = {}
    for name, pairs in {
        "both": (START, ("workflow", "numbers"), ("id", id), ("input", "{")),
        "no id": (START, ("workflow", "numbers"), ("input", "{")),
        "bad id": (*GOOD, ("id", "a b")),
        "bad workflow": (START, ("workflow", "a b"), ("id", id), INPUT),
        "no workflow": (START, ("id", id), INPUT),
    }.items():
        entry = shop.publish(*pairs)
        event = shop.rejection(entry)
        check_envelope(shop, event)
        told[name] = (event.subject.replace(entry, "the entry"), event.workflow, event.source)
    assert told == {
        "both": (id, "numbers", "/cano/cano/numbers"),
        "no id": ("the entry", "numbers", "/cano/cano/numbers"),
        "bad id": ("the entry", "numbers", "/cano/cano/numbers"),
        "bad workflow": (id, "", "/cano/cano/"),
        "no workflow": (id, "", "/cano/cano/"),
    }


def test_the_event_repeats_the_command_with_long_values_cut_and_wrong_bytes_wrapped(shop):
    wrong = b"caf\xe9"
    entry = shop.publish(START, ("workflow", "numbers"), ("input", '{"batch_size":"' + "x" * 5000 + '"}'), ("note", "n"))
    command = shop.rejection(entry).data["command"]
    assert command["type"] == "start"
    assert command["note"] == "n"
    assert command["input"] == ('{"batch_size":"' + "x" * 5000)[:1024]

    entry = shop.publish(*GOOD, ("id", wrong))
    command = shop.rejection(entry).data["command"]
    assert base64.b64decode(command["id"]["base64"]) == wrong
    assert command["workflow"] == "numbers"


def test_a_cut_in_the_middle_of_a_character_is_still_text(shop):
    # 1 KiB ends inside one of these two-byte letters, whichever of the two paddings is used.
    for padding in ("", "x"):
        entry = shop.publish(START, ("workflow", "numbers"), ("input", '"' + padding + "é" * 2000 + '"'))
        shown = shop.rejection(entry).data["command"]["input"]
        if isinstance(shown, str):
            assert shown.startswith('"' + padding + "é" * 500) and "\ufffd" not in shown


def test_a_producers_own_field_of_a_reserved_name_is_kept_under_another(shop):
    pairs = [("error_code", "E-17"), ("type", "launch"), ("entry", "front door"), ("bridge", b"over\xfftroubled"),
             ("error_message", "none"), ("last", "1")]
    entry = shop.publish(*pairs)
    _, letter = shop.wait_for_dead_letter(entry)
    assert letter[:6] == [(b"original_error_code", b"E-17"), (b"type", b"launch"),
                          (b"original_entry", b"front door"), (b"original_bridge", b"over\xfftroubled"),
                          (b"original_error_message", b"none"), (b"last", b"1")]
    assert [name for name, _ in letter[6:]] == [b"error_code", b"error_message", b"entry", b"bridge"]
    assert dict(letter)[b"entry"].decode() == entry


@pytest.mark.parametrize("count", [65, 5000])
def test_of_too_many_fields_the_first_sixty_four_are_kept_and_the_number_is_told(shop, count):
    pairs = [*GOOD, *((f"field_{number}", f"value {number}") for number in range(count - len(GOOD)))]
    assert len(pairs) == count
    entry = shop.publish(*pairs)
    _, letter = shop.wait_for_dead_letter(entry)
    assert letter[:64] == [(name.encode(), value.encode()) for name, value in pairs[:64]]
    added = dict(letter[64:])
    assert len(letter) == 64 + 5
    assert added.keys() == {b"error_code", b"error_message", b"entry", b"bridge", b"field_count"}
    assert added[b"error_code"] == b"too_large"
    assert added[b"field_count"] == str(count).encode()
    check_envelope(shop, event := shop.rejection(entry))
    assert event.data["code"] == "too_large"
    check_still_serves(shop)


def test_a_mebibyte_is_kept_whole_in_the_dead_letter(shop):
    note = bytes(itertools.islice(itertools.cycle(range(256)), 2**20))
    pairs = (START, ("workflow", "numbers"), ("input", "{"), ("note", note))
    entry = shop.publish(*pairs)
    _, letter = shop.wait_for_dead_letter(entry)
    assert dict(letter)[b"note"] == note
    check_still_serves(shop)


def test_a_hundred_thousand_lists_inside_a_good_input_do_not_end_the_bridge(shop):
    id = fresh()
    entry = shop.start("numbers", '{"batch_size":3,"x":' + "[" * 100_000 + "]" * 100_000 + "}", id=id)
    eventually(lambda: shop.statuses([id]) == ["completed"] or shop.dead_letters_of(entry), "it ran or it was refused")
    check_still_serves(shop)


def test_one_command_of_each_kind_through_two_bridges_is_rejected_once(shop):
    mark = shop.mark()
    entries = [shop.publish(("type", "launch"), ("number", str(number))) for number in range(300)]
    eventually(lambda: shop.redis.xlen(shop.key("commands")) == 0, "the stream is empty")
    letters = [dict(pairs)[b"entry"].decode() for _, pairs in shop.dead_letters()]
    assert all(letters.count(entry) == 1 for entry in entries)
    rejected = [event.data["entry"] for event in shop.events(after=mark) if event.type == "cano.command.rejected"]
    assert sorted(rejected) == sorted(entries)


@pytest.mark.slow
def test_what_no_bridge_can_run_waits_for_one_that_can_and_shortly_where_none_ever_could(launch, bus):
    launch(bus, max_runs=2)
    version = f"{bus.version('numbers')}.other"
    cases = [
        ([START, ("workflow", "no-such-workflow"), INPUT], "unknown_workflow"),
        ([START, ("workflow", "no-such-workflow"), ("input", "{")], "unknown_workflow"),
        ([START, ("workflow", "numbers"), ("version", version), INPUT], "version_mismatch"),
        ([START, ("workflow", "no-such-workflow"), ("version", version)], "unknown_workflow"),
        ([("type", "schedule"), ("name", "idle"), ("workflow", "no-such-workflow"), ("every_ms", "1000")], "unknown_workflow"),
    ]
    commands = {bus.publish(*pairs): (pairs, code) for pairs, code in cases}
    good = {id: bus.start("numbers", {"batch_size": 2}, id=id) for id in (fresh(), fresh(), fresh())}
    for id, entry in good.items():  # two slots, four commands that wait: they take none, others run past them
        assert int(bus.wait_for_end(id)["finished"]) - milliseconds(entry) < 15_000
    for entry in commands:
        bus.wait_for_dead_letter(entry, within=60)
    for entry, (pairs, code) in commands.items():
        check_rejected(bus, entry, pairs, code)
        waited = milliseconds(bus.wait_for_dead_letter(entry)[0]) - milliseconds(entry)
        least = 5_000 if code == "unknown_workflow" else 30_000
        assert least <= waited < least + 10_000, f"{code} after {waited} ms"
    check_still_serves(bus)
