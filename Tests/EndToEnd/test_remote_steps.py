"""Steps whose work a worker does: the whole way, from the run to the example worker and back."""
import json

from support.schemas import task_faults
from support.workshop import QUEUE
from support.waiting import eventually

UNTIL_TOLD = "import pathlib\n    while not pathlib.Path(os.environ['TOLD']).exists(): time.sleep(0.01)\n    return input"
FAIL_FIRST = "if task['attempt'] == '1': raise ValueError('not yet')\n    return input['step']"


def test_a_worker_does_the_steps_one_after_the_other(workshop):
    workshop.hire()
    id = workshop.start(3, {"a": 'ü "x"'})
    assert workshop.output(id) == [{"step": step, "payload": {"a": 'ü "x"'}} for step in (1, 2, 3)]


def test_a_run_waits_for_its_worker_and_holds_nothing_of_a_bridge(workshop):
    id = workshop.start()
    workshop.bus.wait_for_waiting(id)
    record = workshop.bus.record(id)
    assert (record["waiting_for"], json.loads(record["waits"])) == (f"task {QUEUE}", [[1, "//1"]])
    task = workshop.task()
    assert task_faults(task) == [] and (task["run"], task["attempts"], task["lease_ms"]) == (id, "4", "1000")
    workshop.hire()
    assert workshop.output(id) == [{"step": 1, "payload": None}]


def test_work_that_fails_is_tried_again(workshop):
    workshop.hire(FAIL_FIRST)
    assert workshop.output(workshop.start(2)) == [1, 2]


def test_work_that_never_succeeds_fails_its_run(workshop):
    workshop.hire("raise ValueError('never')")
    id = workshop.start()
    record = workshop.bus.wait_for_end(id)
    assert record["status"] == "failed" and json.loads(record["error"])["code"] == "worker_failed"
    workshop.check_nothing_is_left(id)


def test_a_worker_that_was_killed_is_seen_lost_and_another_one_does_its_task(workshop):
    first = workshop.hire(UNTIL_TOLD)
    id = workshop.start()
    eventually(lambda: workshop.task() and workshop.pending() == 1, "the worker has the task")
    first.kill()
    first.wait()
    assert workshop.task(2)["task"].split("/")[-1] == workshop.bus.redis.hget(workshop.bus.key("opentasks", id), "//1").decode().split()[2]
    workshop.hire()
    assert workshop.output(id) == [{"step": 1, "payload": None}]


def test_a_worker_that_is_heard_of_keeps_its_task_for_longer_than_a_lease(workshop):
    workshop.hire(UNTIL_TOLD)
    id = workshop.start()
    eventually(lambda: workshop.task() and workshop.pending() == 1, "the worker has the task")
    before = workshop.bus.now()
    eventually(lambda: workshop.bus.now() - before > 3_000, "three leases have passed")
    assert workshop.task()["attempt"] == "1" and workshop.pending() == 1
    workshop.told.touch()
    assert workshop.output(id) == [{"step": 1, "payload": None}]


def test_a_queue_has_no_more_tasks_than_its_capacity_and_holds_the_others_back(workshop):
    queue, held = workshop.bus.key("tasks", QUEUE), workshop.bus.key("heldtasks", QUEUE)
    ids = [workshop.start(2, capacity=2) for _ in range(6)]
    eventually(lambda: workshop.bus.redis.xlen(queue) + workshop.bus.redis.xlen(held) == 6, "all have begun")
    assert (workshop.bus.redis.xlen(queue), workshop.bus.redis.xlen(held)) == (2, 4)
    workshop.bus.cancel(ids[0])
    workshop.bus.wait_for_end(ids[0])
    assert (workshop.bus.redis.xlen(queue), workshop.bus.redis.xlen(held)) == (2, 3), "what was withdrawn has left its place"
    for _ in range(4):
        workshop.hire()

    def are_over():
        assert workshop.bus.redis.xlen(queue) <= 2
        return all(workshop.bus.record(id).get("status") == "completed" for id in ids[1:])

    eventually(are_over, "all others have completed")
    workshop.check_nothing_is_left(ids[1])


def test_an_answer_that_is_sent_twice_counts_once(workshop):
    id = workshop.start(2)
    first = workshop.task()
    for output in ("7", "8"):
        workshop.bus.redis.xadd(workshop.bus.key("results"), {"type": "complete", "task": first["task"], "output": output})
    late = workshop.bus.wait_for_event(id, "task.late")
    assert late.data == {"task": first["task"], "attempt": 1, "type": "complete"}
    workshop.hire("return 9")
    output = workshop.output(id)
    assert len(output) == 2 and output[0] in (7, 8) and output[1] == 9


def test_a_task_that_is_given_back_goes_to_another_worker_and_costs_no_attempt(workshop):
    id = workshop.start()
    task = workshop.task()
    workshop.bus.redis.xadd(workshop.bus.key("results"), {"type": "release", "task": task["task"]})
    eventually(lambda: workshop.bus.redis.hget(workshop.bus.key("opentasks", id), "//1").decode().split()[6] == "1", "the task is given back")
    assert workshop.task()["task"] == task["task"]
    workshop.hire()
    assert workshop.output(id) == [{"step": 1, "payload": None}]


def test_an_answer_from_elsewhere_is_waited_for_until_its_time_is_over(workshop):
    id = workshop.start()
    task = workshop.task()
    workshop.bus.redis.xadd(workshop.bus.key("results"), {"type": "defer", "task": task["task"], "up_to_ms": "300"})
    workshop.task(2)
    workshop.hire()
    assert workshop.output(id) == [{"step": 1, "payload": None}]


def test_a_cancelled_run_withdraws_its_task(workshop):
    id = workshop.start()
    workshop.task()
    workshop.bus.cancel(id)
    assert workshop.bus.wait_for_end(id)["status"] == "cancelled"
    workshop.check_nothing_is_left(id)
