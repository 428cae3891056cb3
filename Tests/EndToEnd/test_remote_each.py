"""Lists of items that workers do, so many at once: the whole way, from the run to the example workers and back."""
import json

from support.workshop import QUEUE
from support.waiting import eventually

FAIL_FIRST = "if input == 3 and task['attempt'] == '1': raise ValueError('not yet')\n    return input * 10"
FAIL_ONE = "if input == 3: raise ValueError('never')\n    return input * 10"


def on_queue(workshop):
    return workshop.bus.redis.xlen(workshop.bus.key("tasks", QUEUE))


def test_outputs_come_in_the_order_of_the_list_whichever_worker_did_them(workshop):
    for _ in range(3):
        workshop.hire("return input * 10")
    assert workshop.output(workshop.start_each(list(range(40)), at_once=7)) == [item * 10 for item in range(40)]


def test_an_empty_list_needs_no_worker(workshop):
    record = workshop.bus.wait_for_end(workshop.start_each([]))
    assert record["status"] == "completed" and json.loads(record["output"]) == []


def test_no_more_items_are_on_the_queue_than_may_be_worked_on_at_once(workshop):
    id = workshop.start_each(list(range(9)), at_once=4)
    workshop.bus.wait_for_waiting(id)
    assert on_queue(workshop) == 4
    record = workshop.bus.record(id)
    assert sorted(json.loads(record["waits"])) == [[1, f"//1.{branch}"] for branch in range(4)]
    first = workshop.task()
    workshop.bus.redis.xadd(workshop.bus.key("results"), {"type": "complete", "task": first["task"], "output": first["input"]})
    eventually(lambda: first["task"] not in workshop.tasks() and on_queue(workshop) == 4, "the next item took its place")
    workshop.hire()
    assert workshop.output(id) == list(range(9))


def test_an_item_that_fails_is_tried_again_and_the_others_are_not(workshop):
    workshop.hire(FAIL_FIRST)
    assert workshop.output(workshop.start_each([1, 2, 3, 4])) == [10, 20, 30, 40]


def test_an_item_that_never_succeeds_fails_the_run_and_withdraws_the_others(workshop):
    workshop.hire(FAIL_ONE)
    id = workshop.start_each([1, 2, 3, 4, 5, 6], at_once=2, attempts=2)
    record = workshop.bus.wait_for_end(id)
    assert record["status"] == "failed"
    assert json.loads(record["error"])["causes"][0]["code"] == "worker_failed"
    workshop.check_nothing_is_left(id)


def test_a_cancelled_list_withdraws_all_that_is_on_the_queue(workshop):
    id = workshop.start_each(list(range(30)), at_once=20)
    workshop.bus.wait_for_waiting(id)
    eventually(lambda: on_queue(workshop) == 20, "as many as may be are on the queue")
    workshop.bus.cancel(id)
    assert workshop.bus.wait_for_end(id)["status"] == "cancelled"
    workshop.check_nothing_is_left(id)


def test_a_list_that_lets_no_item_be_worked_on_is_rejected(workshop):
    entry = workshop.bus.start("remote-each", {"queue": QUEUE, "items": [1], "at_once": 0}, id="none")
    assert "at_once" in workshop.bus.rejection(entry).data["message"]
