"""A bus of several shards is given more: what is there stays where it is, and is found there."""
import json
import subprocess

import pytest

from support.bus import fresh
from support.shards import Shards, shard_of
from support.waiting import eventually

BEFORE, AFTER = 3, 7
ORDER = {"sku": "A1", "quantity": 1, "await_payment": True}


def moved(word):
    """A name that belongs to another shard afterwards."""
    return next(name for name in iter(lambda: fresh(word), None) if shard_of(name, BEFORE) != shard_of(name, AFTER))


@pytest.fixture
def before(server):
    return Shards(server, BEFORE, "grown")


@pytest.fixture
def after(server):
    return Shards(server, AFTER, "grown")


@pytest.fixture
def served(before, launch):
    """The bus was served before: each of its shards says so once its bridge is there, which may be after another one is."""
    bridge = launch(before[0], options=before.options())
    for shard in before:
        eventually(lambda: shard.redis.exists(shard.key("shards")), "the shard says what it is of")
    stop(bridge)


@pytest.fixture
def typed(binary, server):
    """`typed("grow", …)`: what the command says."""
    def run(*arguments, shards=None):
        options = ["--prefix", "{grown}", *(["--shards", str(shards)] if shards else [])]
        done = subprocess.run([str(binary), *arguments, "--redis", server.url, *options], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)
        return done.returncode, done.stdout.strip(), done.stderr

    return run


def stop(*bridges):
    for bridge in bridges:
        bridge.terminate()
    for bridge in bridges:
        bridge.exit_code(within=40)


def test_a_bus_grows_with_runs_under_way_and_nothing_of_it_is_lost(before, after, launch, typed):
    bridge = launch(before[0], options=before.options())
    waiting, cancelled, done, early, promised = ([moved(word) for _ in range(6)] for word in ("waiting", "cancelled", "done", "early", "signalled"))
    later, nightly = moved("later"), moved("nightly")
    for id in waiting + cancelled:
        before.home(id).start("order-fulfilment", ORDER, id=id)
    for id in done:
        before.home(id).start("numbers", {"batch_size": 3}, id=id)
    before.home(later).start("numbers", {"batch_size": 4}, id=later, delay_ms=3_600_000)
    before.home(nightly).schedule(nightly, workflow="numbers", every_ms=3_600_000, input='{"batch_size":5}')
    # Before their starts: a cancellation and a signal, which wait for them.
    for id in early:
        before.home(id).cancel(id)
    for id in promised:
        before.home(id).signal(id, "payment-confirmed", {"by": "bank"})
    for id in waiting + cancelled:
        before.home(id).wait_for_waiting(id)
    for id in done:
        before.home(id).wait_for(id, status="completed")
    for bus in before:
        eventually(lambda: not bus.entries("commands") | bus.entries("control"), "all commands are taken")

    code, _, error = typed("grow", "--to", str(AFTER))
    assert code != 0 and f"stop {bridge.id} first" in error
    stop(bridge)
    code, said, _ = typed("grow", "--to", str(AFTER))
    assert (code, said) == (0, "{grown} has 7 shards now, and had 3. Start its bridges with --shards 7, and tell its producers.")
    assert typed("grow", "--to", str(AFTER))[0] == 0, "given again it changes nothing"
    assert {after[number].redis.hget(after[number].key("shards"), "earlier_shards") for number in range(AFTER)} == {b"3"}
    launch(after[0], options=after.options())

    # Commands on the shard of now, and one of an old producer on that of then, find what is older.
    for number, id in enumerate(waiting):
        (after if number % 2 else before).home(id).signal(id, "payment-confirmed", {"by": "bank"})
    for id in cancelled:
        after.home(id).cancel(id)
    for id in done:
        after.home(id).start("numbers", {"batch_size": 3}, id=id, reply_to="again")
    for id in early + promised:
        after.home(id).start("order-fulfilment", ORDER, id=id)
    for id in waiting + promised:
        before.home(id).wait_for(id, status="completed")
    for id in cancelled + early:
        before.home(id).wait_for(id, status="cancelled")
    for id in done:
        eventually(lambda: any(event.kind == "run.duplicate" for event in before.home(id).replies("again") if event.subject == id), "it is known")
    everything = waiting + cancelled + done + early + promised + [later]
    assert all(after.home(id).record(id) == {} for id in everything), "none began anew"

    # New ones are where their ids say, wherever they were published.
    new = [moved("new") for _ in range(6)]
    for number, id in enumerate(new):
        (after if number % 2 else before).home(id).start("numbers", {"batch_size": 3}, id=id)
    for id in new:
        assert after.home(id).wait_for(id, status="completed")

    # The command line finds both.
    for id in (waiting[0], new[0]):
        code, record, _ = typed("status", id, "--json", shards=AFTER)
        assert code == 0 and json.loads(record)["status"] == "completed"
    assert json.loads(typed("status", later, "--json", shards=AFTER)[1])["status"] == "scheduled"
    assert typed("cancel", later, "--wait", shards=AFTER)[0] == 0
    code, due, _ = typed("schedules", "run", nightly, shards=AFTER)
    assert code == 0
    eventually(lambda: any(event.kind == "run.completed" and event.subject.startswith(nightly) for event in before.home(nightly).events()), "it ran")
    assert typed("unschedule", nightly, shards=AFTER)[0] == 0
    assert not before.home(nightly).is_scheduled(nightly)


def test_a_growth_that_was_cut_off_is_made_again(served, after, launch, typed):
    # As it is when the command was ended in its midst.
    after[0].redis.hset(after[0].key("shards"), mapping={"shards": AFTER, "earlier_shards": BEFORE})
    code, _, error = typed("runs", shards=BEFORE)
    assert code != 0 and "7" in error
    code, _, error = typed("grow", "--to", str(AFTER))
    assert code == 0, error
    launch(after[0], options=after.options())


def test_a_bus_that_was_never_served_is_not_grown(typed):
    assert "No bus of several shards has been served here" in typed("grow", "--to", str(AFTER))[2]


def test_what_does_not_grow_is_refused_with_what_to_do(served, typed):
    assert "The bus has 3 shards already." in typed("grow", "--to", "3")[2]
    assert "The bus has 3 shards: choose more." in typed("grow", "--to", "2")[2]
    assert "is no growth" in typed("grow", "--to", "1")[2]
