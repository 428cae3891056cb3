"""A run that kills its bridge each time is put aside, alone."""
import json

import pytest

from support.bridge import QUICK_LEASE, TRIALS
from support.bus import fresh
from support.crew import Crew
from support.invariants import check_history, check_nothing_is_left
from support.waiting import eventually


@pytest.fixture
def crew(trial_binary, bus):
    """Two bridges of the trials, replaced when they die."""
    with Crew(trial_binary, bus, size=2, options=QUICK_LEASE, workflows=TRIALS) as crew:
        yield crew


@pytest.mark.slow
def test_after_five_takeovers_without_a_row_it_is_quarantined_and_its_neighbours_are_not(crew, bus):
    remedy = bus.server.folder / "remedy"
    poison, reply = fresh("poison"), fresh("reply")
    input = {"at": "second", "deed": "kill", "remedy": str(remedy)}
    neighbours = [fresh("neighbour") for _ in range(20)]
    bus.start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": 1_000}} for id in neighbours])
    entry = bus.start("trial", input, id=poison, reply_to=reply)
    record = bus.wait_for_end(poison, within=90)
    story = bus.story(poison)
    check_history(bus, poison, story, record)

    assert (record["status"], record["resumable"], record["state"]) == ("failed", "1", "second")
    error = json.loads(record["error"])
    assert error["category"] == "poison" and error.keys() == {
        "code", "message", "category", "state", "task", "attempt", "retryable", "causes"}
    taken = [event.data["recoveries"] for event in story if event.kind == "run.resumed"]
    assert taken == [1, 2, 3, 4, 5], "five takeovers, and at the next one it was over"
    assert crew.fallen == 6, "the first bridge and five others"
    assert story[-1].kind == "run.failed" and story[-1].data["error"] == error
    assert [answer.pairs for answer in bus.wait_for_replies(reply)] == [story[-1].pairs]
    assert bus.redis.ttl(bus.key("run", poison)) == -1, "kept until someone resumes it or deletes it"

    (_, letter), = bus.dead_letters(since=entry)
    fields = {name.decode(): value.decode() for name, value in letter}
    assert [name for name, _ in letter][:2] == [b"type", b"workflow"]
    expected = {"type": "start", "workflow": "trial", "version": "1", "id": poison, "input": record["input"],
                "reply_to": reply, "error_code": "poison"}
    assert {name: fields.get(name) for name in expected} == expected
    assert fields["error_message"] and json.loads(fields["input"]) == input

    bus.wait_for_end(*neighbours, within=90)
    stories = bus.stories()
    for id in neighbours:
        check_history(bus, id, stories[id], bus.record(id))
        assert json.loads(bus.record(id)["output"]) == ["first", "second", "third"]

    remedy.touch()
    bus.resume(poison)
    record = bus.wait_for(poison, status="completed")
    assert json.loads(record["output"]) == ["first", "second", "third"]
    check_history(bus, poison, bus.story(poison), record)
    check_nothing_is_left(bus, poison, *neighbours)


@pytest.mark.slow
def test_a_row_committed_in_between_starts_the_count_anew(crew, bus):
    id = fresh("unlucky")
    bus.start("trial", {"delay_ms": 2_500}, id=id)  # long enough for a death in each state
    counts, epoch = [], 1
    for state, deaths in (("first", 4), ("second", 4)):
        bus.wait_for(id, state=state, within=30)
        for _ in range(deaths):
            record = bus.wait_for(id, epoch=epoch, within=30)
            eventually(lambda: crew.kill_owner(record["bridge"]), "its bridge is found")
            epoch += 1
        record = bus.wait_for(id, epoch=epoch, within=30)
        counts.append(record["recoveries"])
    assert counts == ["4", "4"], "eight takeovers, and never five in a row"
    record = bus.wait_for_end(id, within=60)
    assert record["status"] == "completed"
    check_history(bus, id, bus.story(id), record)


def test_hand_backs_do_not_count(launch_trial, bus):
    id = fresh("wanderer")
    options = [*QUICK_LEASE, "--drain-seconds", 0.1, "--grace-seconds", 0.5]
    bridge = launch_trial(bus, options=options)
    bus.start("trial", {"delay_ms": 60_000}, id=id)
    for epoch in range(1, 8):
        bus.wait_for(id, epoch=epoch)
        successor = launch_trial(bus, options=options)
        bridge.terminate()
        assert bridge.exit_code(within=10) == 0
        bridge = successor
    record = bus.wait_for(id, epoch=8)
    assert (record["status"], record["recoveries"]) == ("running", "0")
    assert {event.data["by"] for event in bus.story(id) if event.kind == "run.resumed"} == {"handback"}
    assert not bus.dead_letters()
    bus.cancel(id)
    bus.wait_for_end(id)
