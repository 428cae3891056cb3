"""A command that Redis has handed out and no bridge has received: replies get lost, and bridges die with one on the way.

The bus is quiet all the while: it must not take another command to find these.
"""
import pytest

from support.bus import milliseconds
from support.invariants import check_run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stranded")]


@pytest.fixture(scope="module")
def stranded(standing):
    """A quiet bus and, by the consumer they were handed to, two starts that no bridge received: run id and entry id."""
    bus = standing.bus("stranded")
    bridge, = bus.bridges()
    return bus, {owner: bus.strand(owner, "numbers", {"batch_size": 10}) for owner in (bridge, "dead-bridge")}


def check_taken(bus, id, entry, within):
    record = bus.wait_for_end(id, within=60)
    assert record["output"] == "55"
    check_run(bus, id, bus.story(id), record)
    waited = int(record["started"]) - milliseconds(entry)
    assert waited < within * 1000, f"it was found after {waited} ms"
    assert entry not in bus.entries("commands")


def test_a_command_whose_reply_got_lost_is_found_at_the_next_heartbeat(stranded):
    bus, handed = stranded
    bridge, = bus.bridges()
    check_taken(bus, *handed[bridge], within=5 + 5)


def test_a_command_that_a_dead_bridge_had_been_handed_is_taken_after_one_lease(stranded):
    bus, handed = stranded
    check_taken(bus, *handed["dead-bridge"], within=15 + 5 + 5)


def test_stranded_commands_leave_nothing_pending(stranded):
    bus, handed = stranded
    bus.wait_for_end(*[id for id, _ in handed.values()])
    assert bus.is_quiet()
