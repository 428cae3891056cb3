"""Examples/python/cano_bus.py, the client to copy, with the redis-py that Debian has and with today's."""
import os
import subprocess
import sys
import textwrap

import pytest

from support.bridge import REPOSITORY
from support.bus import fresh

CLIENT = REPOSITORY / "Examples" / "python"
pytestmark = pytest.mark.xdist_group("python client")  # today's redis-py is fetched once


@pytest.fixture(params=["Debian's redis-py", "today's redis-py"])
def python(request, shop):
    """Runs a program that has a `bus`, and answers what it prints."""
    paths, version = [str(CLIENT)], "< 8"
    if request.param.startswith("today"):
        paths.append(str(request.getfixturevalue("todays_redis_py")))
        version = ">= 8"

    def run(program):
        text = f"from cano_bus import *\nassert int(redis.__version__.split('.')[0]) {version}\n"
        text += f"url = {shop.server.url!r}\nbus = Bus(url, {shop.prefix!r})\n" + textwrap.dedent(program)
        done = subprocess.run(
            [sys.executable, "-W", "error::DeprecationWarning:cano_bus", "-c", text], env=dict(os.environ, PYTHONPATH=os.pathsep.join(paths)),
            capture_output=True, text=True, timeout=90)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def test_it_runs_and_joins_and_refuses_another_input(python):
    id = fresh("python")
    assert python(f"""
        print(bus.run("numbers", {{"batch_size": 100}}, id="{id}"))
        print(bus.run("numbers", {{"batch_size": 100}}, id="{id}"))
        try: bus.run("numbers", {{"batch_size": 10}}, id="{id}")
        except OtherInput as error: print("other input:", error)
        print(bus.wait("{id}")["output"], bus.record("{id}")["input"])
    """) == ["5050", "5050", f"other input: {id}", "5050 {'batch_size': 100}"]


def test_it_waits_for_longer_than_a_socket_does_by_default(python):
    assert python("""
        print(bus.run("order-fulfilment", {"sku": "A1", "quantity": 1, "delay_ms": 2_500})["quantity"])
        slow = f"slow-{uuid.uuid4()}"
        try: bus.run("order-fulfilment", {"sku": "A1", "quantity": 1, "delay_ms": 9_000}, id=slow, within=6)
        except TimeoutError as error: print("goes on" in str(error))
        bus.cancel(slow)
        print(bus.wait(slow, within=40)["status"])
    """) == ["1", "True", "cancelled"]


def test_it_says_why_a_run_did_not_end_well(python):
    assert python("""
        try: bus.run("order-fulfilment", {"sku": "A1", "quantity": 1, "fail_at": "charge"})
        except RunFailed as error: print(error.status, error.data["error"]["code"], error.data["rollback"])
        try: bus.run("numbers", {"batch_size": "many"})
        except Rejected as error: print(error.code)
    """) == ["failed refused clean", "invalid_input"]


def test_it_says_that_no_bridge_has_taken_a_start(python):
    prefix, id = fresh("deserted"), fresh("python")
    assert python(f"""
        deserted = Bus(url, "{prefix}")
        try: deserted.run("numbers", {{"batch_size": 3}}, id="{id}", within=1)
        except TimeoutError as error: print(error)
        deserted.redis.delete(deserted.key("commands"))
    """) == [f"no bridge has taken {id} within 1 s: does one run, with this prefix? It starts when one does"]


def test_it_refuses_another_number_of_shards_than_bridges_have_said(python):
    name = fresh("divided")
    assert python(f"""
        whole = "{{{name}}}"
        print(Bus.of("n-1", 4, url, whole).prefix)
        first = "{{{name}-0}}:shards"
        bus.redis.hset(first, mapping={{"shards": 3, "shard": 0}})
        print(Bus.of("n-1", 3, url, whole).prefix)
        for told in (2, 4):
            try: Bus.of("n-1", told, url, whole)
            except ValueError as error: print(error)
        bus.redis.delete(first)
    """) == [f"{{{name}-2}}", f"{{{name}-1}}", "the bus has 3 shards, and this client was told 2", "the bus has 3 shards, and this client was told 4"]


def test_it_cancels(python):
    assert python("""
        id = bus.start("order-fulfilment", {"sku": "A1", "quantity": 1, "await_payment": True})
        while bus.record(id).get("status") != "waiting": pass
        bus.cancel(id, "changed my mind")
        record = bus.wait(id, within=20)
        print(record["status"], record["rollback"])
    """) == ["cancelled clean"]


def test_it_follows_events_from_its_bookmark(python):
    group = fresh("reader")
    assert python(f"""
        import itertools
        bus.redis.xgroup_create(bus.key("events"), "{group}", id="$", mkstream=True)
        id = bus.start("numbers", {{"batch_size": 3}})
        mine = (event for event in bus.follow("{group}") if event["subject"] == id)
        for event in itertools.islice(mine, 3): print(event["type"])
        bus.redis.xgroup_destroy(bus.key("events"), "{group}")
    """) == ["cano.run.started", "cano.state.entered", "cano.run.completed"]


def test_it_follows_through_a_silence_that_is_longer_than_a_socket_waits_by_default(python):
    prefix = fresh("silent")
    assert python(f"""
        import threading
        quiet = Bus(url, "{prefix}")
        threading.Timer(6.5, lambda: quiet.redis.xadd(quiet.key("events"), {{"type": "late"}})).start()
        print(next(quiet.follow("reader"))["type"])
        quiet.redis.delete(quiet.key("events"))
    """) == ["late"]


def test_it_publishes_a_dead_letter_again(python):
    assert python("""
        id = f"letter-{uuid.uuid4()}"
        bus.redis.xadd(bus.key("commands"), {"type": "start", "workflow": "numbers", "id": id, "input": "{"})
        def letter():
            return next(((letter, fields) for letter, fields in bus.dead_letters() if fields.get("id") == id), None)
        while letter() is None: pass
        print(letter()[1]["error_code"])
        first = letter()[0]
        bus.requeue(first)
        while letter() is None: pass
        print(letter()[0] != first)
    """) == ["invalid_input", "True"]


def test_a_dead_letter_that_is_no_text_is_read_and_published_again_as_it_was(python, shop):
    assert python("""
        id = f"letter-{uuid.uuid4()}"
        bus.redis.xadd(bus.key("commands"), {"type": "start", "workflow": "numbers", "id": id, "input": b"caf\\xe9"})
        def letters():
            return [(letter, fields) for letter, fields in bus.dead_letters() if fields.get("id") == id]
        while not letters(): pass
        first, fields = letters()[0]
        bus.requeue(first)
        while not letters(): pass
        print(letters()[0][0] != first, letters()[0][1]["input"] == fields["input"] == "caf\\udce9")
    """) == ["True True"]
