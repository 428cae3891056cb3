"""The helpers the other tests trust, tried on a bare Redis."""
import pytest

from support.bus import fresh
from support.event import FIELDS, Event
from support.invariants import check_envelope, check_run
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
        Event(b"1-1", [b"type", b"x"]).colour
