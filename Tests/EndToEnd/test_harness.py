"""The helpers the other tests trust, tried on a bare Redis."""
import json

import pytest
import redis

from support.bus import fresh
from support.contract import examine_bus
from support.event import FIELDS, Event
from support.invariants import check_envelope, check_run, problems
from support.proxy import AFTER, BEFORE, DURING, Proxy, reply_end, request_end
from support.schemas import FOLDER
from support.waiting import eventually


def story(bus, id, kinds, **changes):
    """Events as a bridge would write them, one for each of (type, data)."""
    for number, (type, data) in enumerate(kinds, start=1):
        fields = {
            "specversion": "1.0", "id": f"{id}/{number:010}", "source": f"/cano/{bus.prefix}/numbers",
            "type": f"cano.{type}", "subject": id, "time": changes.get("time", now(bus)), "workflow": "numbers",
            "sequence": f"{number:010}", "epoch": "1", "bridge": "b-1", "traceparent": "",
            "datacontenttype": "application/json", "data": data,
        }
        fields.update({name: value for name, value in changes.items() if name in FIELDS})
        bus.redis.xadd(bus.key("events"), fields)
    return bus.stories()[id]


def now(bus):
    from datetime import datetime, timezone

    seconds, microseconds = bus.redis.time()
    at = datetime.fromtimestamp(seconds + microseconds / 1e6, timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{microseconds // 1000:03}Z"


STARTED = ("run.started", '{"version":"1","state":"fetch"}')
COMPLETED = ("run.completed", '{"state":"done","output":1,"duration_ms":1}')
RECORD = {"workflow": "numbers", "status": "completed", "events": "2", "epoch": "1"}


def test_a_proper_story_passes(bus):
    check_run(bus, "a", story(bus, "a", [STARTED, COMPLETED]), RECORD)


@pytest.mark.forges
@pytest.mark.parametrize("kinds, changes", [
    ([STARTED, COMPLETED, COMPLETED], {}),
    ([COMPLETED], {}),
    ([STARTED], {}),
    ([STARTED, COMPLETED], {"sequence": "0000000001"}),
    ([STARTED, COMPLETED], {"time": "2001-01-01T00:00:00.000Z"}),
    ([STARTED, COMPLETED], {"bridge": ""}),
    ([STARTED, ("run.completed", '{"state":"done","duration_ms":1,"colour":"red"}')], {}),
])
def test_an_improper_story_does_not(bus, kinds, changes):
    with pytest.raises(AssertionError):
        check_run(bus, "a", story(bus, "a", kinds, **changes), RECORD)


class Told:
    """An event as `problems` sees one."""

    def __init__(self, sequence, kind, epoch=1, bridge="b-1", **data):
        self.sequence, self.id, self.subject, self.workflow = sequence, f"a/{sequence:010}", "a", "numbers"
        self.kind, self.type, self.epoch, self.bridge, self.data = kind, f"cano.{kind}", epoch, bridge, data


def resumed(sequence, epoch, state, by="takeover", row=1):
    return Told(sequence, "run.resumed", epoch, f"b-{epoch}", state=state, by=by, row=row)


BEGIN = [Told(1, "run.started", state="fetch"), Told(2, "state.entered", state="process", previous="fetch")]


@pytest.mark.parametrize("more, kinds", [
    ([resumed(3, 2, "process"), Told(4, "run.completed", 2, "b-2")], set()),
    ([resumed(3, 2, "done"), Told(4, "run.completed", 2, "b-2", state="done")], set()),
    ([Told(3, "run.failed"), resumed(4, 2, "process", "command"), Told(5, "run.completed", 2, "b-2")], set()),
    ([Told(3, "run.failed"), resumed(4, 2, "process"), Told(5, "run.completed", 2, "b-2")], {"twice"}),
    ([Told(3, "run.completed"), Told(4, "run.completed")], {"twice"}),
    ([Told(3, "state.entered", state="fetch", previous="process"), Told(4, "run.completed")], {"twice"}),
    ([Told(3, "run.started", state="fetch"), Told(4, "run.completed")], {"twice", "disorder"}),
    ([Told(4, "run.completed")], {"disorder"}),
    ([Told(3, "run.completed", bridge="b-2")], {"disorder"}),
    ([resumed(3, 3, "process"), Told(4, "run.completed", 3, "b-3")], {"disorder"}),
    ([resumed(3, 2, "fetch"), Told(4, "run.completed", 2, "b-2")], {"disorder"}),
    ([resumed(3, 2, "process"), Told(4, "state.entered", state="x", previous="process"), Told(5, "run.completed", 2, "b-2")],
     {"disorder"}),
    ([Told(3, "compensation.succeeded", task="t"), Told(4, "run.completed")], {"disorder"}),
    ([Told(3, "compensation.succeeded", task="t"), Told(4, "compensation.succeeded", task="t"), Told(5, "run.failed")],
     {"undone twice"}),
    ([Told(3, "state.entered", state="x", previous="process")], {"lost"}),
])
def test_what_is_wrong_with_a_run_is_found(monkeypatch, more, kinds):
    monkeypatch.setattr("support.invariants.check_envelope", lambda bus, event: None)
    story = BEGIN + more
    status = story[-1].kind.removeprefix("run.") if story[-1].kind.startswith("run.") else "running"
    record = {"workflow": "numbers", "status": status, "events": str(len(story)), "epoch": str(story[-1].epoch)}
    assert {kind for kind, _ in problems(None, "a", story, record)} == kinds


def test_a_run_without_a_record_or_without_events_is_lost():
    assert {kind for kind, _ in problems(None, "a", [], {"status": "completed"})} == {"lost"}
    assert {kind for kind, _ in problems(None, "a", BEGIN, {})} == {"lost"}


def test_an_envelope_out_of_order_is_noticed(bus):
    fields = dict(reversed(story(bus, "a", [STARTED])[0].pairs))
    bus.redis.xadd(bus.key("events"), fields)
    with pytest.raises(AssertionError):
        check_envelope(bus, bus.events()[-1])


def test_published_pairs_arrive_byte_for_byte_and_in_order(bus):
    pairs = [("b", b"\xff\x00"), ("a", "1"), ("b", "2")]
    entry = bus.publish(*pairs)
    (at, flat), = bus.redis.execute_command("XRANGE", bus.key("commands"), "-", "+")
    assert at.decode() == entry
    assert flat == [b"b", b"\xff\x00", b"a", b"1", b"b", b"2"]
    assert bus.entries("commands") == {entry}


def test_the_proxy_knows_where_requests_and_replies_end():
    request = b"*2\r\n$4\r\nECHO\r\n$4\r\na\r\nb\r\n"
    assert request_end(request + b"*1\r\n") == (len(request), [b"ECHO", b"a\r\nb"])
    replies = [b"+OK\r\n", b"-ERR no\r\n", b":12\r\n", b"$-1\r\n", b"$0\r\n\r\n", b"*-1\r\n",
               b"*2\r\n*1\r\n$3\r\na\r\n\r\n:1\r\n"]
    for reply in replies:
        assert reply_end(b"+\r\n" + reply + b"+more", 3) == 3 + len(reply)
    for whole, end in [(request, request_end), *((reply, reply_end) for reply in replies)]:
        assert all(end(whole[:length]) is None for length in range(1, len(whole)))


def test_the_proxy_cuts_where_it_is_told(bus):
    where = {BEFORE: None, DURING: None, AFTER: b"1"}  # what Redis has done
    for place, done in where.items():
        proxy = Proxy(bus.server, lambda arguments: place if arguments[0] == b"SET" else None)
        client = redis.Redis.from_url(proxy.url, retry=None)
        assert client.ping()
        with pytest.raises(redis.exceptions.ConnectionError):
            client.set(place, "1")
        assert (bus.redis.get(place), proxy.cuts) == (done, 1)
        client.close()
        proxy.close()


def test_a_restarted_server_has_its_data_and_its_port(bus):
    bus.redis.set("kept", "1")
    port = bus.server.port
    bus.server.restart()
    assert (bus.redis.get("kept"), bus.server.port) == (b"1", port)


def test_waiting_gives_up_and_says_for_what():
    with pytest.raises(AssertionError, match="a miracle"):
        eventually(lambda: False, "a miracle", within=0.05)


def test_fresh_names_differ_and_events_name_only_contract_fields():
    assert fresh() != fresh()
    with pytest.raises(AttributeError):
        golden("cano.run.completed").colour


def test_events_that_do_not_fit_their_schema_fail_the_test_that_reads_them():
    for change in ({"data": '{"state":"done","duration":3}'}, {"data": "{"}, {"epoch": "one"}, {"type": "cano.run.paused"}, {"zone": "b"}):
        with pytest.raises(AssertionError, match="not as docs/contract has it"):
            golden("cano.run.completed", **change)


def golden(name, **changes):
    """The event of that name in docs/contract/golden, or one that differs in these fields."""
    pairs = json.loads((FOLDER / "golden" / "events" / f"{name}.json").read_text())
    return Event("1-1", [part for pair in {**dict(pairs), **changes}.items() for part in pair])


def test_what_a_test_does_not_read_is_looked_at_as_well(bus):
    examine_bus(bus)
    event = {**golden("cano.run.completed").fields, "data": '{"state":"done","duration":3}'}
    bus.redis.xadd(bus.key("replies", "me"), event)
    with pytest.raises(AssertionError, match="duration"):
        examine_bus(bus)
    bus.redis.delete(bus.key("replies", "me"))
    bus.redis.xadd(bus.key("deadletters"), {"type": "start", "error_code": "no_such_code", "error_message": "m", "entry": "1-1", "bridge": "b"})
    with pytest.raises(AssertionError, match="no_such_code"):
        examine_bus(bus)
    bus.redis.delete(bus.key("deadletters"))
