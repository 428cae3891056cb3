"""The example producers and consumers, run as a reader would run them."""
import os
import subprocess
import sys

import pytest

from support.bridge import REPOSITORY
from support.bus import fresh
from support.processes import end, spawn
from support.waiting import eventually

EXAMPLES = REPOSITORY / "Examples"
STARTERS = {"shell": [str(EXAMPLES / "shell" / "start.sh")],
            "python": [sys.executable, str(EXAMPLES / "python" / "cano_bus.py"), "start"]}
FOLLOWERS = {"shell": [str(EXAMPLES / "shell" / "follow.sh")],
             "python": [sys.executable, str(EXAMPLES / "python" / "cano_bus.py"), "follow"]}
languages = pytest.mark.parametrize("language", STARTERS)


@pytest.fixture
def where(shop):
    """The environment that tells an example where the bus is."""
    return dict(os.environ, REDIS_URL=shop.server.url, CANO_PREFIX=shop.prefix)


@pytest.fixture
def start(where):
    def start(language, *arguments):
        return subprocess.run([*STARTERS[language], *arguments], env=where, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    return start


@languages
def test_the_producer_starts_a_run_and_prints_its_result(start, language):
    done = start(language, "numbers", '{"batch_size":100}')
    assert (done.returncode, done.stderr) == (0, "")
    assert "5050" in done.stdout


@languages
def test_the_producer_with_a_known_id_gets_the_same_result_and_runs_nothing(shop, start, language):
    id = fresh("example")
    for _ in range(2):
        done = start(language, "numbers", '{"batch_size":100}', id)
        assert (done.returncode, done.stderr) == (0, "")
        assert "5050" in done.stdout
    assert len(shop.story(id)) == 3


@languages
def test_the_producer_leaves_no_reply_stream_behind(shop, start, language):
    before = set(shop.redis.keys(shop.key("replies", "*")))
    start(language, "numbers", '{"batch_size":100}')
    assert set(shop.redis.keys(shop.key("replies", "*"))) <= before


@languages
def test_the_producer_joins_a_run_that_goes_on(shop, start, language):
    id = fresh("example")
    order = '{"sku":"A1","quantity":2,"delay_ms":300}'
    shop.start("order-fulfilment", order, id=id)
    done = start(language, "order-fulfilment", order, id)
    assert (done.returncode, done.stderr) == (0, "")
    assert "receipts" in done.stdout


@languages
def test_the_producer_waits_for_a_run_that_is_to_start_later(shop, start, language):
    id = fresh("example")
    shop.start("numbers", '{"batch_size":100}', id=id, delay_ms=4_000)
    shop.wait_for(id, status="scheduled")
    done = start(language, "numbers", '{"batch_size":100}', id)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"scheduled"' not in done.stdout.splitlines()[-1] and "5050" in done.stdout


@languages
def test_the_producer_joins_a_run_that_waits_and_prints_its_result(shop, where, tmp_path, language):
    id, order = fresh("example"), '{"sku":"A1","quantity":2,"await_payment":true}'
    shop.start("order-fulfilment", order, id=id)
    shop.wait_for_waiting(id)
    before, printed = shop.mark(), tmp_path / "printed"
    with open(printed, "wb") as output:
        producer = spawn([*STARTERS[language], "order-fulfilment", order, id], stdout=output, stderr=output, env=where)
    try:
        shop.wait_for_event(id, "run.duplicate", after=before)
        shop.signal(id, "payment-confirmed")
        code = producer.wait(30)
    finally:
        end(producer)
    assert code == 0 and "receipts" in printed.read_text().splitlines()[-1]


@languages
@pytest.mark.parametrize("workflow, input, word", [
    ("order-fulfilment", '{"sku":"A1","quantity":2,"fail_at":"charge"}', "charge"),
    ("numbers", '{"batch_size":"many"}', "invalid_input"),
])
def test_the_producer_says_why_it_did_not_end_well(start, language, workflow, input, word):
    done = start(language, workflow, input)
    assert done.returncode == 1
    assert word in done.stdout + done.stderr


@languages
def test_the_consumer_prints_every_event_and_goes_on_where_it_was(shop, where, tmp_path, language):
    group, ids = fresh(f"{language}-reader"), []
    shop.redis.xgroup_create(shop.key("events"), group, id="$")  # from now on: the history of other tests is long

    def run_one():
        ids.append(fresh("followed"))
        shop.start("numbers", {"batch_size": 10}, id=ids[-1])
        shop.wait_for_end(ids[-1])

    def follow(until_lines):
        printed = tmp_path / "printed"
        with open(printed, "ab") as output:
            follower = spawn([*FOLLOWERS[language], group], stdout=output, stderr=output, env=where)
        try:
            eventually(lambda: printed.read_text().count("\n") >= until_lines, f"{until_lines} lines are printed")
            eventually(lambda: shop.redis.xpending(shop.key("events"), group)["pending"] == 0, "all is acknowledged")
        finally:
            end(follower)
        return printed.read_text()

    run_one()
    follow(until_lines=3)
    run_one()  # while nobody listens
    lines = follow(until_lines=6).splitlines()
    assert [tuple(line.split()[1:3]) for line in lines] == [
        (id, f"cano.{kind}") for id in ids for kind in ("run.started", "state.entered", "run.completed")]
    shop.redis.xgroup_destroy(shop.key("events"), group)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("shell/*.sh")), ids=lambda path: path.name)
def test_the_shell_examples_are_posix(path):
    assert subprocess.run(["sh", "-n", str(path)]).returncode == 0
