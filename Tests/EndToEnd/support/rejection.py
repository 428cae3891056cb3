"""What holds for every rejected command."""
from .bus import fresh
from .invariants import check_envelope
from .waiting import eventually


def encoded(pairs):
    return [tuple(part if isinstance(part, bytes) else part.encode() for part in pair) for pair in pairs]


def check_rejected(bus, entry, pairs, code, stream="commands", within=20.0):
    """Once in the dead letters with its bytes, once on P:events, off its stream; the event."""
    _, letter = bus.wait_for_dead_letter(entry, within)
    original = encoded(pairs)
    assert letter[:len(original)] == original, "the original fields come first, byte for byte and in order"
    added = dict(letter[len(original):])
    assert [name for name, _ in letter[len(original):]] == [b"error_code", b"error_message", b"entry", b"bridge"]
    assert added[b"error_code"].decode() == code, added[b"error_message"]
    assert added[b"error_message"].decode(), "a reason a person can read"
    assert added[b"bridge"].decode() in bus.bridges()
    event = bus.rejection(entry)
    check_envelope(bus, event)
    assert (event.sequence, event.epoch) == (0, 0)
    assert event.data["code"] == code
    assert event.data["message"] == added[b"error_message"].decode()
    assert event.data["entry"] == entry
    assert event.bridge == added[b"bridge"].decode()
    assert len(bus.dead_letters_of(entry)) == 1
    assert entry not in bus.entries(stream)
    eventually(lambda: bus.pending(stream) == 0, "nothing is pending")
    return event


def check_still_serves(bus):
    id = fresh("after")
    bus.start("numbers", {"batch_size": 3}, id=id)
    assert bus.wait_for_end(id)["output"] == "6"
