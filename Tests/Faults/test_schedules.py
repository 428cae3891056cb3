"""A schedule of every second over three bridges, one of which is killed now and then."""
import time

import pytest

from support.bus import fresh
from support.crew import Crew
from support.invariants import check_history


@pytest.mark.short
def test_every_second_while_bridges_are_killed(bus, binary, fault, times):
    row = fault("a bridge of three SIGKILLed every 10 s under a schedule of every second")
    seconds, pause = times(120, 20), times(10, 4)
    name = fresh("tick")
    with Crew(binary, bus, size=3, options=["--lease-seconds", 2.4, "--heartbeat-seconds", 0.5]) as crew:
        entry = bus.schedule(name, workflow="numbers", input={"batch_size": 10}, every_ms=1_000, overlap="allow")
        first = bus.answer(entry, name).data["next"]
        while bus.now() < first + seconds * 1_000:
            time.sleep(pause)
            crew.kill(row.times % 3)
            row.times += 1
        bus.answer(bus.unschedule(name), name)
        ends = bus.now()
        bus.wait_until_quiet(within=60)

        due = bus.firings(name)
        expected = [first + 1_000 * number for number in range(len(due))]
        assert due == expected, "none is lost, and they lie exactly a second apart"
        assert ends - 2_000 - 5_000 < due[-1] <= ends, "up to its removal"
        assert len(due) >= seconds
        ids = [f"{name}@{moment}" for moment in due]
        stories = bus.stories()
        for id in ids:
            check_history(bus, id, stories[id], bus.record(id))
        assert {record for record in bus.statuses(ids)} == {"completed"}
        assert int(bus.schedule_fields(name)["fired"]) == len(due), "none was published twice"
        row.audit.starts += len(due)
