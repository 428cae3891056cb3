"""Orders whose money a worker takes, and pays back: the whole way, from the run to the example worker and back."""
import json
import os
import sys

import pytest

from support.bridge import QUICK_LEASE, REPOSITORY
from support.bus import fresh
from support.processes import end, spawn
from support.schemas import task_faults
from support.waiting import eventually

QUEUE = "payments"
CHARGE, REFUND = "charge-order-remotely", "undo:charge-order-remotely"
NOTED = """with open(os.environ["BOOK"], "a") as book:
        book.write(json.dumps([task["name"], task["idempotency_key"], input]) + "\\n")
    """
PAID = "return {'paid': input['order']}"


class Till:
    """Bridges, and workers that write down what they do."""

    def __init__(self, bus, launch, folder):
        self.bus, self.launch, self.folder, self.processes = bus, launch, folder, []
        self.book = folder / "book"
        self.bridges = [self.open() for _ in range(2)]

    def open(self):
        return self.launch(self.bus, options=QUICK_LEASE, events="tasks")

    def hire(self, work=PAID):
        text = (REPOSITORY / "Examples" / "workers" / "python" / "worker.py").read_text()
        program = self.folder / f"worker-{len(self.processes)}.py"
        program.write_text(text.replace("return {\"received\": input}", NOTED + work))
        with open(self.folder / "worker.log", "ab") as log:
            env = dict(os.environ, REDIS_URL=self.bus.server.url, CANO_PREFIX=self.bus.prefix, BOOK=str(self.book))
            self.processes.append(spawn([sys.executable, str(program), QUEUE], stdout=log, stderr=log, env=env))
        return self.processes[-1]

    def start(self, **input):
        id = fresh("order")
        self.bus.start("order-fulfilment", {"sku": "A1", "quantity": 2, "remote": True, **input}, id=id)
        return id

    def task(self, name, attempt=1):
        """The fields of the task of that name on the queue, once it is the one of this attempt."""
        def there():
            entries = self.bus.redis.execute_command("XRANGE", self.bus.key("tasks", QUEUE), "-", "+")
            tasks = [{name.decode(): value.decode() for name, value in zip(flat[::2], flat[1::2])} for _, flat in entries]
            return next((task for task in tasks if (task["name"], task["attempt"]) == (name, str(attempt))), None)

        return eventually(there, f"{name} is on the queue")

    def answer(self, task, **fields):
        self.bus.redis.xadd(self.bus.key("results"), {"task": task["task"], **fields})

    def noted(self):
        return [json.loads(line) for line in self.book.read_text().splitlines()] if self.book.exists() else []

    def store(self, name):
        return self.bus.redis.hgetall(self.bus.key("store", name))

    def end(self, id):
        """The record of the run at its end, after which nothing of it is left on the queue."""
        record, redis, tasks = self.bus.wait_for_end(id), self.bus.redis, self.bus.key("tasks", QUEUE)
        assert redis.xlen(tasks) == 0 and redis.xpending(tasks, "workers")["pending"] == 0
        assert not redis.exists(self.bus.key("opentasks", id)) and redis.zcard(self.bus.key("deadlines")) == 0
        eventually(lambda: redis.xlen(self.bus.key("results")) == 0, "all answers are taken")
        assert self.bus.pending("results") == 0
        return record


def charged(id):
    return [CHARGE, f"{id}/charge_remotely/2", {"order": id, "sku": "A1", "quantity": 2}]


def refunded(id, payment=None):
    return [REFUND, f"{id}/charge_remotely/2/compensation", {"order": id, **({"payment": payment} if payment else {})}]


@pytest.fixture
def till(bus, launch, tmp_path):
    till = Till(bus, launch, tmp_path)
    yield till
    for process in till.processes:
        end(process)


def test_a_worker_takes_the_money_of_an_order(till):
    till.hire()
    id = till.start()
    record = till.end(id)
    assert record["status"] == "completed", record
    assert json.loads(record["output"])["receipts"] == ["reserve:A1x2", "charge:A1x2", "ship:A1x2"]
    assert till.noted() == [charged(id)]


def test_an_order_that_waits_for_its_payment_has_a_worker_take_it(till):
    till.hire()
    id = till.start(await_payment=True)
    till.bus.wait_for_waiting(id)
    till.bus.signal(id, "payment-confirmed")
    assert till.end(id)["status"] == "completed"
    assert [name for name, *_ in till.noted()] == [CHARGE]


def test_a_worker_pays_the_money_of_an_order_back_once_that_cannot_be_shipped(till):
    till.hire()
    id = till.start(fail_at="ship")
    record = till.end(id)
    assert (record["status"], record["rollback"], json.loads(record["error"])["code"]) == ("failed", "clean", "refused"), record
    assert till.noted() == [charged(id), refunded(id, {"paid": id})]
    assert not till.store("warehouse")
    story = [event.kind for event in till.bus.story(id)]
    assert story.count("compensation.started") == 2 and story.count("compensation.succeeded") == 2, story


def test_an_order_whose_money_cannot_be_taken_has_none_to_pay_back(till):
    id = till.start()
    till.answer(till.task(CHARGE), type="fail", code="card.declined", retry="no")
    record = till.end(id)
    assert (record["status"], record["rollback"], json.loads(record["error"])["code"]) == ("failed", "clean", "card.declined"), record
    assert not till.store("warehouse")


def test_a_run_waits_for_its_undoing_and_holds_nothing_of_a_bridge(till):
    id = till.start(fail_at="ship")
    till.answer(till.task(CHARGE), type="complete", output="7")
    refund = till.task(REFUND)
    assert task_faults(refund) == [] and refund["state"] == "charge_remotely" and "//2-undo/" in refund["task"]
    till.bus.wait_for_waiting(id)
    record = till.bus.record(id)
    assert (record["waiting_for"], json.loads(record["waits"]), record["state"]) == (f"task {QUEUE}", [[1, "//2-undo"]], "ship")
    # No cancellation reaches it.
    till.bus.cancel(id)
    till.hire()
    record = till.end(id)
    assert (record["status"], record["rollback"]) == ("failed", "clean"), record
    assert till.noted() == [refunded(id, 7)]


def test_bridges_that_are_killed_while_a_worker_undoes_lose_nothing_and_repeat_nothing(till):
    till.hire("time.sleep(2 if task['name'].startswith('undo:') else 0)\n    " + PAID)
    id = till.start(fail_at="ship")
    eventually(lambda: len(till.noted()) == 2, "the worker is at it")
    for bridge in till.bridges:
        bridge.kill()
    till.open()
    record = till.end(id)
    assert (record["status"], record["rollback"]) == ("failed", "clean"), record
    assert till.noted() == [charged(id), refunded(id, {"paid": id})]
    assert not till.store("warehouse")


def test_undoing_whose_answer_does_not_come_in_time_is_asked_for_again(till):
    id = till.start(fail_at="ship")
    till.answer(till.task(CHARGE), type="complete", output="7")
    first = till.task(REFUND)
    till.answer(first, type="release")
    till.answer(first, type="defer", up_to_ms="300")
    second = till.task(REFUND, attempt=2)
    assert second["idempotency_key"] == first["idempotency_key"] and second["input"] == first["input"]
    till.hire()
    record = till.end(id)
    assert (record["status"], record["rollback"]) == ("failed", "clean"), record
    assert till.noted() == [refunded(id, 7)]


def test_a_run_whose_time_is_over_waits_for_its_undoing_and_holds_nothing_of_a_bridge(till):
    id = fresh("order")
    till.bus.start("order-fulfilment", {"sku": "A1", "quantity": 2, "remote": True}, id=id, timeout_ms=4_000)
    till.task(CHARGE)
    assert json.loads(till.task(REFUND)["input"]) == {"order": id}
    till.bus.wait_for_waiting(id)
    record = till.bus.record(id)
    assert "wake_at" not in record and record["waits"] == '[[1,"//2-undo"]]', record
    till.hire()
    record = till.end(id)
    assert (record["status"], record["rollback"], json.loads(record["error"])["category"]) == ("failed", "clean", "workflow_timeout"), record
    assert till.noted() == [refunded(id)]


def test_money_is_paid_back_of_which_it_is_not_known_whether_it_was_taken(till):
    id = till.start()
    charge = till.task(CHARGE)
    till.bus.cancel(id)
    refund = till.task(REFUND)
    assert json.loads(refund["input"]) == {"order": id}
    # That it was taken after all is no answer to the other task.
    till.answer(charge, type="complete", output='"late"')
    late = till.bus.wait_for_event(id, "task.late")
    assert late.data == {"task": charge["task"], "attempt": 1, "type": "complete"}
    assert till.bus.record(id)["status"] == "waiting"
    till.hire()
    record = till.end(id)
    assert (record["status"], record["rollback"]) == ("cancelled", "clean"), record
    assert till.noted() == [refunded(id)]


def test_money_that_cannot_be_paid_back_is_asked_for_again_when_the_run_is_resumed(till):
    id = till.start(fail_at="ship")
    till.answer(till.task(CHARGE), type="complete", output="7")
    till.answer(till.task(REFUND), type="fail", code="closed", retry="no")
    record = till.end(id)
    assert (record["status"], record["rollback"], record["resumable"]) == ("failed", "partial", "1"), record
    assert json.loads(record["error"])["category"] == "compensation_failed"
    till.bus.resume(id)
    assert json.loads(till.task(REFUND)["input"]) == {"order": id, "payment": 7}
    till.hire()
    eventually(lambda: till.bus.record(id).get("rollback") == "clean", "it is undone")
    assert till.end(id)["status"] == "failed"
    assert till.noted() == [refunded(id, 7)]


def test_work_that_failed_is_asked_for_again_when_the_run_is_resumed(till):
    id = fresh("steps")
    till.bus.start("remote-steps", {"queue": QUEUE, "steps": 1}, id=id)
    till.answer(till.task("Work"), type="fail", code="closed", retry="no")
    assert till.end(id)["status"] == "failed"
    till.bus.resume(id)
    till.answer(till.task("Work"), type="complete", output="5")
    eventually(lambda: till.bus.record(id)["status"] == "completed", "it is done")
    assert json.loads(till.bus.record(id)["output"]) == [5]
