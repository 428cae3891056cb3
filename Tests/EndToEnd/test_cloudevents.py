"""Commands of producers that speak CloudEvents."""
import pytest

from support.bus import fresh
from support.invariants import check_run

SOURCE = "/web/checkout"


def command(**attributes):
    return [("specversion", "1.0"), ("type", "cano.run.start"), ("source", SOURCE),
            ("subject", "numbers"), *attributes.items()]


def test_a_cloudevent_starts_the_workflow_its_subject_names(shop):
    id, reply = fresh(), fresh("reply")
    entry = shop.publish(*command(id="event-1", runid=id, replyto=reply, data='{"batch_size":10}',
                                  datacontenttype="application/json", time="2030-01-01T00:00:00Z"))
    record = shop.wait_for_end(id)
    assert record["output"] == "55"
    assert record["input"] == '{"batch_size":10}'
    assert record["entry"] == entry
    assert record["reply_to"] == reply
    assert shop.replies(reply)[0].data["output"] == 55
    check_run(shop, id, shop.story(id), record)


def test_without_runid_source_and_id_are_the_run_id(shop):
    id = fresh()
    shop.publish(*command(id=id, data='{"batch_size":2}'))
    assert shop.wait_for_end(f"{SOURCE}::{id}")["output"] == "3"


def test_the_same_id_of_two_sources_is_two_runs(shop):
    id = fresh()
    for source, size in (("/shop", 2), ("https://other.example", 3)):
        fields = dict(command(id=id, data=f'{{"batch_size":{size}}}'))
        shop.publish(*dict(fields, source=source).items())
    assert shop.wait_for_end(f"/shop::{id}")["output"] == "3"
    assert shop.wait_for_end(f"https:3A/:2Fother.example::{id}")["output"] == "6"


def test_a_repeated_cloudevent_runs_once(shop):
    id, reply = fresh(), fresh("reply")
    for _ in range(2):
        shop.publish(*command(id=id, replyto=reply, data='{"batch_size":2}'))
    shop.wait_for_end(f"{SOURCE}::{id}")
    answers = shop.wait_for_replies(reply, 2)
    assert {answer.type for answer in answers} == {"cano.run.completed", "cano.run.duplicate"}
    assert len(shop.story(f"{SOURCE}::{id}")) == 3


def test_extension_attributes_are_the_fields_without_underscores(shop):
    seconds, _ = shop.redis.time()
    entry = shop.publish(*command(id=fresh(), data='{"batch_size":2}', expiresat=str((seconds - 1) * 1000)))
    assert shop.rejection(entry).data["code"] == "expired"
    entry = shop.publish(*command(id=fresh(), data='{"batch_size":2}', replyto="not:a:name"))
    assert shop.rejection(entry).data["code"] == "invalid_field"


@pytest.mark.parametrize("fields, code", [
    ([("type", "cano.run.launch"), ("subject", "numbers"), ("id", "e-1")], "unknown_type"),
    ([("type", "cano.run.start"), ("id", "e-2"), ("data", "null")], "missing_field"),
    ([("type", "cano.run.start"), ("subject", "numbers"), ("id", "e-3"), ("data", "{")], "invalid_input"),
    ([("type", "cano.run.start"), ("subject", "numbers"), ("id", "e-4"), ("runid", "e 4"), ("data", "null")], "invalid_field"),
])
def test_a_bad_cloudevent_is_rejected_with_its_own_fields_kept(shop, fields, code):
    pairs = [("specversion", "1.0"), *fields]
    entry = shop.publish(*pairs)
    _, letter = shop.wait_for_dead_letter(entry)
    assert letter[:len(pairs)] == [(name.encode(), value.encode()) for name, value in pairs]
    assert dict(letter)[b"error_code"].decode() == code
