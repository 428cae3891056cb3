"""A known id never runs again, and whoever asks gets the answer."""
import json

import pytest

from support.bus import fresh
from support.event import TERMINAL
from support.invariants import check_envelope, check_run, check_runs
from support.waiting import eventually

ORDER = {"sku": "A1", "quantity": 1}


def ask_again(bus, id, workflow="numbers", input=None, **fields):
    """Starts a known id once more with a reply name of its own; (entry id, its first answer)."""
    reply = fresh("again")
    entry = bus.start(workflow, input, id=id, reply_to=reply, **fields)
    return entry, bus.wait_for_replies(reply)[0]


def test_after_the_end_the_answer_is_a_duplicate_with_the_output(run, shop):
    id, before, story = run("numbers", {"batch_size": 100})
    mark = shop.mark()
    entry, answer = ask_again(shop, id, input={"batch_size": 100})
    told = shop.events(after=mark)

    check_envelope(shop, answer)
    assert answer.type == "cano.run.duplicate"
    assert answer.id == f"{id}/duplicate/commands/{entry}"
    assert answer.subject == id
    assert (answer.sequence, answer.epoch) == (len(story), 1), "it takes no number: the run's last"
    assert answer.data == {"status": "completed", "same_workflow": True, "same_input": True, "output": 5050}
    assert shop.record(id) == before, "nothing has changed"
    assert [event.pairs for event in told if event.subject == id] == [answer.pairs], "every reader is told, and nothing else has happened"
    shop.wait_until_quiet()


def test_a_duplicate_without_a_reply_name_is_an_event_and_changes_nothing(run, shop):
    id, before, _ = run("numbers", {"batch_size": 3})
    events, letters = shop.mark(), shop.mark("deadletters")
    entry = shop.start("numbers", {"batch_size": 3}, id=id)
    shop.wait_until_quiet()
    event, = shop.events(after=events)
    check_envelope(shop, event)
    assert (event.kind, event.id, event.subject) == ("run.duplicate", f"{id}/duplicate/commands/{entry}", id)
    assert event.data == {"status": "completed", "same_workflow": True, "same_input": True, "output": 6}
    assert shop.mark("deadletters") == letters
    assert shop.record(id) == before


def test_the_duplicate_of_a_failed_run_carries_the_error(run, shop):
    id, record, _ = run("order-fulfilment", dict(ORDER, fail_at="charge"))
    _, answer = ask_again(shop, id, "order-fulfilment", dict(ORDER, fail_at="charge"))
    assert answer.type == "cano.run.duplicate"
    assert answer.data == {"status": "failed", "same_workflow": True, "same_input": True,
                           "error": json.loads(record["error"])}


@pytest.mark.parametrize("workflow, input, fields, same_workflow, same_input", [
    ("numbers", {"batch_size": 4}, {}, True, False),
    ("order-fulfilment", ORDER, {}, False, False),
    ("order-fulfilment", {"batch_size": 3}, {}, False, True),
    ("no-such-workflow", {"batch_size": 3}, {}, False, True),
    ("numbers", {"batch_size": 3}, {"version": "no-such-version"}, True, True),
    ("numbers", {"batch_size": 3}, {"expires_at": 1}, True, True),
    ("numbers", {"batch_size": "three"}, {}, True, False),
    ("numbers", "not even JSON", {}, True, False),
])
def test_a_known_id_is_known_before_anything_else_about_the_command_is_judged(
        run, shop, workflow, input, fields, same_workflow, same_input):
    id, before, _ = run("numbers", {"batch_size": 3})
    _, answer = ask_again(shop, id, workflow, input, **fields)
    assert answer.type == "cano.run.duplicate"
    assert answer.data == {"status": "completed", "same_workflow": same_workflow, "same_input": same_input, "output": 6}
    assert answer.workflow == "numbers", "the run's, not the command's"
    assert shop.record(id) == before


def test_a_field_that_breaks_its_rule_is_rejected_even_for_a_known_id(run, shop):
    id, before, _ = run("numbers", {"batch_size": 3})
    entry = shop.start("numbers", {"batch_size": 3}, id=id, expires_at="soon")
    assert shop.rejection(entry).data["code"] == "invalid_field"
    assert shop.record(id) == before


def test_while_the_run_goes_on_the_second_requester_joins_and_gets_the_end_too(trials, gate):
    id, first, second = fresh(), fresh("first"), fresh("second")
    trials.start("trial", {"gate": gate.path}, id=id, reply_to=first)
    eventually(lambda: trials.record(id), "the run has begun")
    entry = trials.start("trial", {"gate": gate.path}, id=id, reply_to=second)
    trials.wait_for_replies(second)
    gate.open()
    duplicate, end = trials.wait_for_replies(second, 2)
    assert duplicate.type == "cano.run.duplicate"
    assert duplicate.id == f"{id}/duplicate/commands/{entry}"
    assert duplicate.data == {"status": "running", "same_workflow": True, "same_input": True}
    assert end.type == "cano.run.completed"
    assert [answer.pairs for answer in trials.replies(first)] == [end.pairs]
    record = trials.record(id)
    assert record["reply_to"] == f"{first},{second}"
    check_run(trials, id, trials.story(id), record)


def test_the_same_name_twice_gets_the_end_once(trials, gate):
    id, name = fresh(), fresh("reply")
    for _ in range(2):
        trials.start("trial", {"gate": gate.path}, id=id, reply_to=name)
    trials.wait_for_replies(name)
    gate.open()
    trials.wait_for_end(id)
    answers = [answer.type for answer in trials.wait_for_replies(name, 2)]
    assert answers == ["cano.run.duplicate", "cano.run.completed"]
    assert trials.record(id)["reply_to"] == name


def test_eight_names_get_the_end_and_the_others_the_first_answer_only(trials, gate):
    id, names = fresh(), [fresh("name") for _ in range(12)]
    trials.start("trial", {"gate": gate.path}, id=id, reply_to=names[0])
    eventually(lambda: trials.record(id), "the run has begun")
    for name in names[1:]:  # one after the other, so that it is known who came first
        trials.start("trial", {"gate": gate.path}, id=id, reply_to=name)
        trials.wait_for_replies(name)
    gate.open()
    record = trials.wait_for_end(id)
    assert record["reply_to"].split(",") == names[:8]
    answers = {name: [answer.type for answer in trials.replies(name)] for name in names}
    assert answers[names[0]] == ["cano.run.completed"]
    for name in names[1:8]:
        assert answers[name] == ["cano.run.duplicate", "cano.run.completed"]
    for name in names[8:]:
        assert answers[name] == ["cano.run.duplicate"]


def test_two_bridges_racing_for_the_same_ids_run_each_once_and_answer_both_requesters(shop):
    mark = shop.mark()
    ids = [fresh("race") for _ in range(300)]
    pairs = [{"workflow": "numbers", "id": id, "input": {"batch_size": 9}, "reply_to": f"{id}-{side}"}
             for id in ids for side in "ab"]
    shop.start_all(pairs)
    shop.wait_for_end(*ids, within=60)
    shop.wait_until_quiet()

    check_runs(shop, ids, after=mark)
    for command in pairs:
        answers = shop.wait_for_replies(command["reply_to"])
        results = [answer for answer in answers if answer.data.get("output") == 45]
        assert len(results) == 1, f"{command['reply_to']} got {answers}"
        assert sum(answer.type in TERMINAL for answer in answers) <= 1
        assert sum(answer.type == "cano.run.duplicate" for answer in answers) <= 1
    asked = {id: [a.type for side in "ab" for a in shop.replies(f"{id}-{side}")] for id in ids}
    assert all(types.count("cano.run.duplicate") == 1 for types in asked.values()), "one of the two came second"


def test_a_burst_of_the_same_start_runs_once(shop):
    id = fresh()
    shop.start_all([{"workflow": "numbers", "id": id, "input": {"batch_size": 5}}] * 500)
    shop.wait_for_end(id)
    shop.wait_until_quiet()
    check_run(shop, id, shop.story(id), shop.record(id))


def test_a_rejected_start_does_not_take_its_id(shop):
    id = fresh()
    entry = shop.start("numbers", {"batch_size": "three"}, id=id)
    assert shop.rejection(entry).subject == id
    assert shop.record(id) == {}
    shop.start("numbers", {"batch_size": 3}, id=id)
    record = shop.wait_for_end(id)
    assert record["output"] == "6"
    check_run(shop, id, shop.story(id), record)
