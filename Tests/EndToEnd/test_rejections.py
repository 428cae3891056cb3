"""Bad commands: each is off the stream once, in the dead letters with its reason, and the bridge goes on."""
import pytest

from support.bus import fresh
from support.rejection import check_rejected, check_still_serves

N = ("workflow", "numbers")
START = ("type", "start")
INPUT = ("input", '{"batch_size":3}')
GOOD = (START, N, INPUT)
DEEP = "[" * 100_000 + "]" * 100_000


def with_id(id):
    return (*GOOD, ("id", id))


# name → (fields, code, a word its message must have)
BAD = {
    "an entry without type": ((N, INPUT), "missing_field", "type"),
    "an empty type": ((("type", ""), N, INPUT), "missing_field", "type"),
    "a start without workflow": ((START, INPUT), "missing_field", "workflow"),
    "an empty workflow": ((START, ("workflow", ""), INPUT), "missing_field", "workflow"),
    "one unknown field and nothing else": ((("colour", "red"),), "missing_field", "type"),
    "an unknown type": ((("type", "launch"), N, INPUT), "unknown_type", "launch"),
    "a type in capitals": ((("type", "START"), N, INPUT), "unknown_type", "START"),
    "a workflow with a blank": ((START, ("workflow", "two words"), INPUT), "invalid_field", "workflow"),
    "a workflow with a colon": ((START, ("workflow", "a:b"), INPUT), "invalid_field", "workflow"),
    "a workflow of 101 characters": ((START, ("workflow", "w" * 101), INPUT), "invalid_field", "workflow"),
    "a version with a slash": ((*GOOD, ("version", "1/2")), "invalid_field", "version"),
    "an id with a blank": (with_id("order 42"), "invalid_field", "id"),
    "an id with a letter beyond ASCII": (with_id("ordér"), "invalid_field", "id"),
    "an id with a newline": (with_id("order\n42"), "invalid_field", "id"),
    "an id with a null byte": (with_id("order\x0042"), "invalid_field", "id"),
    "an id with braces": (with_id("{order}"), "invalid_field", "id"),
    "an id of 201 characters": (with_id("x" * 201), "invalid_field", "id"),
    "a reply_to that is a key": ((*GOOD, ("reply_to", "cano:replies:me")), "invalid_field", "reply_to"),
    "a reply_to of 101 characters": ((*GOOD, ("reply_to", "r" * 101)), "invalid_field", "reply_to"),
    "an expires_at that is no number": ((*GOOD, ("expires_at", "tomorrow")), "invalid_field", "expires_at"),
    "an expires_at with a tail": ((*GOOD, ("expires_at", "4000000000000ms")), "invalid_field", "expires_at"),
    "an expires_at in the past": ((*GOOD, ("expires_at", "1000")), "expired", ""),
    "an expired start with a bad input": ((START, N, ("input", "{"), ("expires_at", "1000")), "expired", ""),
    "a cancel without id": ((("type", "cancel"),), "missing_field", "id"),
    "a cancel of a run nobody knows": ((("type", "cancel"), ("id", "nobody-knows-me")), "unknown_run", ""),
    "a cancel with a long reason":
        ((("type", "cancel"), ("id", "a"), ("reason", "r" * 1_025)), "invalid_field", "reason"),
    "a resume without id": ((("type", "resume"),), "missing_field", "id"),
    "a resume of a run nobody knows": ((("type", "resume"), ("id", "nobody-knows-me")), "unknown_run", ""),
    "a not_before that is no number": ((*GOOD, ("not_before", "noon")), "invalid_field", "not_before"),
    "a delay_ms below zero": ((*GOOD, ("delay_ms", "-5")), "invalid_field", "delay_ms"),
    "a timeout_ms of nothing": ((*GOOD, ("timeout_ms", "0")), "invalid_field", "timeout_ms"),
    "both not_before and delay_ms":
        ((*GOOD, ("not_before", "4000000000000"), ("delay_ms", "5")), "invalid_field", ""),
    "invalid UTF-8 in the type": ((("type", b"st\xffart"), N, INPUT), "invalid_field", "type"),
    "invalid UTF-8 in the workflow": ((START, ("workflow", b"num\xffbers"), INPUT), "invalid_field", "workflow"),
    "invalid UTF-8 in the id": (with_id(b"order-\xc3\x28"), "invalid_field", "id"),
    "invalid UTF-8 in the input": ((START, N, ("input", b'{"batch_size":3,"x":"\xff"}')), "invalid_field", "input"),
    "invalid UTF-8 in reply_to": ((*GOOD, ("reply_to", b"\x80")), "invalid_field", "reply_to"),
    "invalid UTF-8 in a field's name": ((*GOOD, (b"na\xf0\x28me", "x")), "invalid_field", ""),
    "an overlong UTF-8 form": (with_id(b"a\xc0\xafb"), "invalid_field", "id"),
    "an input that is not JSON": ((START, N, ("input", "batch_size=3")), "invalid_input", ""),
    "an input that stops in the middle": ((START, N, ("input", '{"batch_size":')), "invalid_input", ""),
    "an input of two values": ((START, N, ("input", '{"batch_size":3} 4')), "invalid_input", ""),
    "an input with single quotes": ((START, N, ("input", "{'batch_size':3}")), "invalid_input", ""),
    "an input with a comma too many": ((START, N, ("input", '{"batch_size":3,}')), "invalid_input", "JSON"),
    "an input with a broken number nobody reads":
        ((START, N, ("input", '{"batch_size":3,"x":1.2.3}')), "invalid_input", "JSON"),
    "an input with a comment": ((START, N, ("input", '{"batch_size":3}//')), "invalid_input", "JSON"),
    "an input of blanks": ((START, N, ("input", "  ")), "invalid_input", ""),
    "an input with NaN": ((START, N, ("input", '{"batch_size":NaN}')), "invalid_input", ""),
    "no input where one is needed": ((START, N), "invalid_input", ""),
    "an input of the wrong type": ((START, N, ("input", '{"batch_size":"three"}')), "invalid_input", "batch_size"),
    "an input with a fraction": ((START, N, ("input", '{"batch_size":1.5}')), "invalid_input", "batch_size"),
    "an input without its key": ((START, N, ("input", '{"size":3}')), "invalid_input", "batch_size"),
    "an input that is a list": ((START, N, ("input", "[3]")), "invalid_input", ""),
    "a number beyond every integer": ((START, N, ("input", '{"batch_size":1e400}')), "invalid_input", ""),
    "an input 100,000 lists deep": ((START, N, ("input", DEEP)), "invalid_input", ""),
    "an input 100,000 open objects deep": ((START, N, ("input", '{"a":' * 50_000)), "invalid_input", ""),
    "an input of a mebibyte":
        ((START, N, ("input", '{"batch_size":3,"pad":"' + "x" * 2**20 + '"}')), "too_large", "input"),
    "an input one byte too long":
        ((START, N, ("input", '{"batch_size":3}' + " " * (256 * 1024 - 15))), "too_large", "input"),
}

@pytest.mark.parametrize("name", BAD)
def test_rejected(shop, name):
    pairs, code, word = BAD[name]
    entry = shop.publish(*pairs)
    event = check_rejected(shop, entry, pairs, code)
    assert word in event.data["message"]
    check_still_serves(shop)


def test_a_start_on_the_control_stream_is_rejected_and_does_not_run(shop):
    id = fresh()
    entry = shop.publish(*with_id(id), to="control")
    check_rejected(shop, entry, with_id(id), "invalid_field", "control")
    assert shop.record(id) == {}


def test_all_bad_commands_at_once_do_no_harm_to_the_good_ones_between_them(shop):
    good, bad = [], {}
    for name, (pairs, code, _) in BAD.items():
        bad[shop.publish(*pairs)] = (pairs, code)
        good.append(fresh("between"))
        shop.start("numbers", {"batch_size": 3}, id=good[-1])
    shop.wait_for_end(*good)
    for entry, (pairs, code) in bad.items():
        check_rejected(shop, entry, pairs, code)
    shop.wait_until_quiet()
