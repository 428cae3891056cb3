"""`cano-bridge tasks`: the queues, their workers and what is on them."""
import json
import re

from support.bus import fresh


def test_the_queues_are_a_table_and_lines_of_json(bus, command_line):
    queue, empty = fresh("queue"), fresh("empty")
    bus.redis.zadd(bus.key("queues"), {empty: 1})
    bus.put_tasks(queue, 3)
    lines = command_line("tasks", "--table", bus=bus).stdout.splitlines()
    assert re.split("  +", lines[0]) == ["QUEUE", "WAITING", "OLDEST", "HELD BACK", "IN HAND", "OLDEST", "WORKERS", "LAST HEARD OF"]
    assert re.split("  +", lines[1]) == [empty, "0", "-", "0", "0", "-", "0", "-"]
    assert re.split("  +", lines[2])[:2] == [queue, "3"] and len({len(line) for line in lines}) == 1

    bus.redis.xgroup_create(bus.key("tasks", queue), "workers", id="0")
    bus.redis.xreadgroup("workers", "till-7", {bus.key("tasks", queue): ">"}, count=2)
    found, = [one for line in command_line("tasks", bus=bus).stdout.splitlines() if (one := json.loads(line))["queue"] == queue]
    assert (found["waiting"], found["in_hand"]) == (1, 2)
    assert found["oldest_in_hand_ms"] >= found["oldest_waiting_ms"] >= 0
    assert [(one["worker"], one["in_hand"]) for one in found["workers"]] == [("till-7", 2)] and found["workers"][0]["silent_ms"] >= 0


def test_a_queue_is_its_workers_and_its_oldest_tasks(bus, command_line):
    queue = fresh("queue")
    entries = bus.put_tasks(queue, 3)
    bus.redis.xgroup_create(bus.key("tasks", queue), "workers", id="0")
    bus.redis.xreadgroup("workers", "till-7", {bus.key("tasks", queue): ">"}, count=1)
    workers, tasks = command_line("tasks", "--queue", queue, "--table", bus=bus).stdout.split("\n\n")
    assert [re.split("  +", row)[:2] for row in workers.splitlines()] == [["WORKER", "IN HAND"], ["till-7", "1"]]
    rows = [re.split("  +", row) for row in tasks.splitlines()]
    assert rows[0] == ["RUN", "STATE", "ATTEMPT", "AGE", "WORKER", "LAST HEARD OF"] and len(rows) == 4
    assert [(row[0], row[2], row[4]) for row in rows[1:]] == [("run/1", "1 of 4", "till-7"), ("run/2", "1 of 4", "-"), ("run/3", "1 of 4", "-")]

    found = [json.loads(line) for line in command_line("tasks", "--queue", queue, "--limit", "2", bus=bus).stdout.splitlines()]
    assert [one["entry"] for one in found] == [entry.decode() for entry in entries[:2]]
    assert found[0]["worker"] == "till-7" and "worker" not in found[1] and found[0]["input"] == {"n": 1}


def test_a_queue_that_no_worker_has_read_and_one_that_is_none(bus, command_line):
    done = command_line("tasks", "--queue", fresh("none"), "--table", bus=bus)
    assert (done.returncode, done.stdout.count("\n")) == (0, 3)
    done = command_line("tasks", "--queue", "no queue", bus=bus)
    assert done.returncode == 1 and "can't be used" in done.stderr


def test_many_tasks_cost_no_more_than_few(bus, command_line):
    """What is asked of Redis is the same, and what it answers is bounded."""
    def cost(queue):
        bus.redis.config_resetstat()
        assert command_line("tasks", bus=bus).returncode == 0
        assert command_line("tasks", "--queue", queue, bus=bus).returncode == 0
        calls = {name: stat["calls"] for name, stat in bus.redis.info("commandstats").items() if name.startswith("cmdstat_x")}
        return calls, bus.redis.info("stats")["total_net_output_bytes"]

    queue = fresh("queue")
    bus.put_tasks(queue, 200)
    bus.redis.xgroup_create(bus.key("tasks", queue), "workers", id="0")
    bus.redis.xreadgroup("workers", "till-7", {bus.key("tasks", queue): ">"}, count=150)
    few, bytes_of_few = cost(queue)
    bus.put_tasks(queue, 20_000)
    bus.redis.xreadgroup("workers", "till-7", {bus.key("tasks", queue): ">"}, count=10_000)
    many, bytes_of_many = cost(queue)
    assert few == many and bytes_of_many < 1.2 * bytes_of_few
