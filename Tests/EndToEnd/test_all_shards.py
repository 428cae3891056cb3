"""What is about all of a bus of several shards: lists, changes of many, events, the doctor, and one shard that is away."""
import json
import re
import sqlite3
import subprocess
import urllib.parse
from itertools import islice

import pytest

from support.admin import Admin, free_port
from support.bridge import QUICK_LEASE
from support.bus import fresh
from support.history import History
from support.processes import end, spawn
from support.rejection import check_rejected
from support.shards import COUNT, shard_of
from support.waiting import eventually


@pytest.fixture
def cano(shards, binary):
    """`cano("runs", …)`: the command line on all shards."""
    def cano(*arguments, count=COUNT, prefix=None):
        server = ("--redis", shards[0].server.url, "--prefix", prefix or shards.prefix, "--shards", str(count))
        return subprocess.run([str(binary), *map(str, arguments), *server], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    return cano


def lines(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def on_each(word, count=1):
    """Fresh ids of runs, so many on each shard."""
    return [id for shard in range(COUNT) for id in islice((id for id in iter(lambda: fresh(word), None) if shard_of(id, COUNT) == shard), count)]


def fail(shards, ids):
    for id in ids:
        shards.home(id).start("trial", {"at": "first", "deed": "fail"}, id=id, attributes='{"batch":"b1"}')
    for id in ids:
        assert shards.home(id).wait_for_end(id)["status"] == "failed"


def wait(shards, ids):
    for id in ids:
        shards.home(id).start("trial-watch", {"watch": {"for": ["go"]}}, id=id)
    for id in ids:
        shards.home(id).wait_for_waiting(id)


def reject(shards, ids):
    """A command on each id's shard that no bridge can carry out; the letters as lists name them, the newest first."""
    letters = []
    for id in ids:
        bus, pairs = shards.home(id), [("type", "start"), ("workflow", "trial"), ("id", id), ("input", "nothing")]
        check_rejected(bus, bus.publish(*pairs), pairs, "invalid_input")
        letters.insert(0, f"{bus.redis.xrevrange(bus.key('deadletters'), count=1)[0][0].decode()}@{shard_of(id, COUNT)}")
    return letters


def test_runs_of_all_shards_are_one_list_with_the_last_that_failed_first(shards, cano):
    failed, waiting = on_each("fails", 2), on_each("waits")
    fail(shards, failed)
    wait(shards, waiting)
    found = lines(cano("runs"))
    ended = {id: int(shards.home(id).record(id)["finished"]) for id in failed}
    assert [one["id"] for one in found[:8]] == sorted(failed, key=lambda id: (ended[id], id.encode()), reverse=True)
    assert sorted(one["id"] for one in found[8:]) == sorted(waiting)
    assert [one["id"] for one in lines(cano("runs", "--limit", 3))] == [one["id"] for one in found[:3]]
    assert len(lines(cano("runs", "--where", "batch=b1"))) == 8
    table = cano("runs", "--table", "--status", "waiting")
    assert {re.split("  +", line)[0] for line in table.stdout.splitlines()[1:]} == set(waiting)


def test_many_runs_are_cancelled_and_resumed_on_their_shards(shards, cano):
    waiting, failed = on_each("waits"), on_each("fails")
    wait(shards, waiting)
    fail(shards, failed)
    done = cano("cancel", "--workflow", "trial-watch", "--yes")
    assert json.loads(done.stdout) == {"cancel": COUNT, "unknown": 0}
    for id in waiting:
        assert shards.home(id).wait_for_end(id)["status"] == "cancelled"
    assert "4 runs would be resumed" in cano("resume", "--where", "batch=b1", "--dry-run").stderr
    marks = {id: shards.home(id).mark() for id in failed}
    assert json.loads(cano("resume", "--where", "batch=b1", "--yes").stdout) == {"resume": COUNT, "unknown": 0}
    for id in failed:
        shards.home(id).wait_for_event(id, "run.failed", after=marks[id])


def test_dead_letters_of_all_shards_are_listed_shown_requeued_and_deleted(shards, cano):
    letters = reject(shards, on_each("misfit", 2))
    found = lines(cano("dead-letters"))
    assert [one["letter"] for one in found] == letters
    assert lines(cano("dead-letters", "show", letters[3])) == [found[3]]
    nameless = cano("dead-letters", "show", letters[3].split("@")[0])
    assert nameless.returncode == 1 and "name it with its shard" in nameless.stderr
    assert json.loads(cano("dead-letters", "requeue", *letters[:3]).stdout) == {"requeue": 3, "passed_over": 0}
    eventually(lambda: len(lines(cano("dead-letters"))) == 8, "they are rejected again")
    kept = {one["letter"] for one in lines(cano("dead-letters"))}
    assert kept.isdisjoint(letters[:3]) and kept >= set(letters[3:])
    assert json.loads(cano("dead-letters", "delete", "--all", "--yes").stdout) == {"delete": 8, "passed_over": 0}
    assert lines(cano("dead-letters")) == []


def test_workflows_schedules_and_queues_are_those_of_all_shards(shards, cano):
    waiting = on_each("waits", 2)
    wait(shards, waiting)
    found = {one["workflow"]: one for one in lines(cano("workflows"))}
    assert found["trial-watch"]["waiting"] == 8 and len(found["trial-watch"]["bridges"]) == 2
    assert "trial-watch@1" in cano("workflows", "--graph", "mermaid", "--workflow", "trial-watch").stdout
    names = on_each("hourly")
    for name in names:
        assert cano("schedule", name, "trial", "--every-seconds", 3600, "--input", "{}").returncode == 0
    assert {one["name"] for one in lines(cano("schedules"))} == set(names)
    assert cano("schedules", "--table").stdout.count("every 3600000 ms") == COUNT
    for number, bus in enumerate(shards):
        bus.put_tasks("mail", number)
    queue, = lines(cano("tasks"))
    assert (queue["queue"], queue["waiting"]) == ("mail", 0 + 1 + 2 + 3)
    tasks = lines(cano("tasks", "--queue", "mail"))
    assert len(tasks) == 6 and [one["entry"] for one in tasks] == sorted(one["entry"] for one in tasks)


def test_events_of_all_shards_are_printed_and_followed(shards, cano, binary, tmp_path):
    with open(tmp_path / "events", "wb") as output, open(tmp_path / "stderr", "wb") as errors:
        follower = spawn([str(binary), "events", "--follow", "--json", "--redis", shards[0].server.url, *map(str, shards.options())],
                         stdout=output, stderr=errors)
    try:
        def heard():
            # It is not known when it begins to listen: a new run on each shard each time, until one of each is heard to its end.
            ids = on_each("heard")
            for id in ids:
                shards.home(id).start("trial", {}, id=id)
            for id in ids:
                shards.home(id).wait_for_end(id)
            told = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines() if line.endswith("}")]
            ended = {shard_of(one["subject"], COUNT) for one in told if one["type"].endswith("run.completed")}
            return ended == set(range(COUNT))

        eventually(heard, "it hears of runs on every shard", every=0.2)
    finally:
        end(follower)
    kept = [json.loads(line) for line in cano("events", "--json").stdout.splitlines()]
    assert len(kept) == sum(bus.redis.xlen(bus.key("events")) for bus in shards)
    run = kept[0]["subject"]
    assert len(cano("events", "--run", run).stdout.splitlines()) == len(shards.home(run).story(run))


def test_the_doctor_names_the_shards_of_what_it_finds_and_the_server_once(shards, cano):
    id = on_each("fails")[2]
    fail(shards, [id])
    done = cano("doctor")
    assert done.returncode == 2, done.stdout + done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    failed = next(one for one in found if one["subject"] == "failed runs")
    assert failed["severity"] == "warning" and failed["shards"] == [shards.home(id).prefix]
    for subject in ("server", "persistence", "bridges"):
        one, = [one for one in found if one["subject"] == subject]
        assert "shards" not in one, "it is so on all"
    assert f"failed runs of {shards.home(id).prefix}: failed" in cano("doctor", "--table").stdout


def test_a_run_that_is_waited_for_answers_whatever_its_shard(shards, cano):
    for id in on_each("waited"):
        done = cano("start", "trial", "--id", id, "--input", "{}", "--wait")
        assert done.returncode == 0, done.stderr
        assert shards.home(id).record(id)["status"] == "completed"


@pytest.mark.parametrize("words", [("runs",), ("status", "a"), ("schedules",), ("start", "trial", "--input", "{}")], ids=" ".join)
def test_a_command_with_another_number_of_shards_says_so(shards, cano, words):
    done = cano(*words, count=3)
    assert done.returncode == 1 and f"is a shard of a bus of {COUNT} shards" in done.stderr and "told 3" in done.stderr
    assert all(bus.redis.xlen(bus.key("commands")) == 0 for bus in shards)


def test_what_needs_a_shard_that_refuses_names_it_and_the_rest_works(shards, binary):
    ids, bus = on_each("lost"), shards[2]
    bus.redis.execute_command("ACL", "SETUSER", "some", "on", ">secret", "+@all", *(f"~{other.prefix}*" for other in shards if other is not bus))
    url = f"redis://some:secret@{bus.server.url.removeprefix('redis://')}"

    def some(*words):
        return subprocess.run([str(binary), *words, "--redis", url, *map(str, shards.options())], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)

    for words in (("runs",), ("schedules",), ("dead-letters",), ("workflows",), ("tasks",), ("events",), ("status", ids[2])):
        done = some(*words)
        assert done.returncode == 1 and f'shard "{bus.prefix}"' in done.stderr and done.stdout == "", words
    for id in ids[:2] + ids[3:]:
        done = some("start", "trial", "--id", id, "--input", "{}", "--wait")
        assert done.returncode == 0, done.stderr
    done = some("doctor")
    first = json.loads(done.stdout.splitlines()[0])
    assert done.returncode == 3 and first["shards"] == [bus.prefix] and "can't be asked" in first["finding"]


# Pages and the history

@pytest.fixture
def office(binary, shards, tmp_path):
    """The pages of all shards, with a history."""
    admin = Admin(free_port())
    history = History(binary, shards[0], tmp_path / "history.sqlite", *shards.options(), *admin.options).start()
    eventually(lambda: admin.is_up() or not history.is_alive, "the admin server listens")
    if not history.is_alive and "built without SQLite" in history.output():
        pytest.skip("this cano-bridge was built without --traits SQLite")
    yield admin
    history.close()


def read(admin, path, **query):
    answer = admin.get(path + ("?" + urllib.parse.urlencode(query) if query else ""))
    assert answer.status == 200, answer.text
    return answer.json


def test_the_pages_show_what_is_on_all_shards_and_change_it_where_it_is(shards, office):
    failed, waiting = on_each("fails"), on_each("waits")
    fail(shards, failed)
    wait(shards, waiting)
    letters = reject(shards, on_each("misfit"))
    assert office.ready().status == 200
    overview = eventually(lambda: (now := read(office, "/api/overview"))["failed"] == COUNT and now, "the overview is fresh")
    assert (overview["waiting"], overview["failed"], overview["dead_letters"], overview["bridges"]) == (COUNT, COUNT, COUNT, 2)
    page = read(office, "/api/runs", count=3)
    rest = read(office, "/api/runs", count=1_000, after=page["next"])
    assert sorted(run["id"] for run in page["runs"] + rest["runs"]) == sorted(failed + waiting)
    for id in failed:
        assert read(office, "/api/run", id=id)["record"]["status"] == "failed"
        assert office.get("/run?" + urllib.parse.urlencode({"id": id})).status == 200
    assert [one["letter"] for one in read(office, "/api/dead-letters")["letters"]] == letters
    assert office.post("/api/dead-letters/delete", {"letter": letters[1]}).status == 202
    assert [one["letter"] for one in read(office, "/api/dead-letters")["letters"]] == letters[:1] + letters[2:]
    assert office.post("/api/run/cancel", {"id": waiting[0]}).status == 202
    assert office.post("/api/runs/cancel", {"all": "yes", "workflow": "trial-watch"}).status == 202
    for id in waiting:
        assert shards.home(id).wait_for_end(id)["status"] == "cancelled"
    assert {one["workflow"] for one in read(office, "/api/workflows")["workflows"]} >= {"trial", "trial-watch"}
    for page in ("/", "/runs", "/dead-letters", "/queues", "/schedules", "/workflows", "/bridges", "/history"):
        assert office.get(page).status == 200, page


def test_a_bridge_shows_the_pages_of_all_its_shards(shards, launch_trial):
    admin = Admin(free_port())
    launch_trial(shards[0], options=(*QUICK_LEASE, *shards.options(), *admin.options))
    eventually(admin.is_up, "the admin server listens")
    waiting = on_each("waits")
    wait(shards, waiting)
    assert {run["id"] for run in read(admin, "/api/runs", status="waiting")["runs"]} == set(waiting)
    assert all(read(admin, "/api/run", id=id)["record"]["status"] == "waiting" for id in waiting)
    assert {bridge["bridge"] for bridge in read(admin, "/api/bridges")["bridges"]} == set(shards[0].bridges())


def test_the_history_has_the_runs_of_all_shards_and_goes_on_where_it_was(shards, binary, tmp_path):
    def completed(history, ids):
        for id in ids:
            shards.home(id).start("trial", {}, id=id)
        for id in ids:
            shards.home(id).wait_for_end(id)
        eventually(lambda: {id for id, run in history.runs().items() if run["status"] == "completed"} >= set(ids), "they are in the file")

    def history():
        return History(binary, shards[0], tmp_path / "history.sqlite", *shards.options())

    first = history().start()
    eventually(lambda: first.path.exists() or not first.is_alive, "it runs")
    if not first.is_alive and "built without SQLite" in first.output():
        pytest.skip("this cano-bridge was built without --traits SQLite")
    eventually(lambda: len(bookmarks(first)) == COUNT, "it reads every shard")
    ids = on_each("kept", 2)
    completed(first, ids)
    first.kill()
    later = on_each("later", 2)
    for id in later:
        shards.home(id).start("trial", {}, id=id)
        shards.home(id).wait_for_end(id)
    second = history().start()
    try:
        completed(second, on_each("last"))
        runs = second.runs()
        assert set(ids + later) <= set(runs) and all(run["missing"] == 0 for run in runs.values())
        assert dict(second.rows("SELECT id, shard FROM run")) == {id: shard_of(id, COUNT) for id in runs}
        assert second.events() == {id: run["events"] for id, run in runs.items()}
    finally:
        second.close()
    other = History(binary, shards[1], tmp_path / "history.sqlite").start()
    assert other.exit_code(within=20) == 1 and 'of the 4 shards "{shards-0}" to "{shards-3}"' in other.output()


def bookmarks(history):
    try:
        return history.rows("SELECT shard FROM bookmark")
    except sqlite3.OperationalError:
        return []
