"""`cano-bridge worker-check`: the example workers pass it, and wrong ones are told what they do wrong."""
import os
import subprocess
import sys

import pytest

from support.processes import end, spawn
from support.workers import LANGUAGES, worker

QUEUE = "checked"
INPUTS = ("--input", '{"check":"succeed"}', "--failing-input", '{"check":"fail"}', "--slow-input", '{"check":"slow"}')
RULES = [
    "takes tasks off its queue", "reads under a consumer name of its own", "answers work that succeeds",
    "does the same work again for another attempt", "answers work that fails", "is heard of while work outlasts its lease",
    "takes no more than it can begin", "goes on when its task was withdrawn", "leaves its tasks to the bridges", "answers each task once",
]

# Work that does what a check says. Slow work takes two leases, which are long, for some of the workers start a program for each
# sign of life.
LEASE_SECONDS = 3
WORK = {
    "python": """
    if input["check"] == "fail": raise ValueError("as it was told")
    if input["check"] == "slow" and lost.wait(6): raise RuntimeError("it was lost")
    return input""",
    "shell": """input=$(cat); case $input in *fail*) echo as it was told >&2; exit 1;; *slow*) sleep 6;; esac; echo "$input" """,
    "c": """if (strstr(input, "fail")) { fputs("as it was told", out); return 0; }
    for (int i = 0; i < 60 && strstr(input, "slow"); i++) { if (!still_mine(task)) return 0; usleep(100000); }
    return fprintf(out, "%s", input) > 0;""",
    "node": """if (input.check === "fail") throw new Error("as it was told");
    for (let i = 0; i < 600 && input.check === "slow"; i++) { lost.throwIfAborted(); await pause(10); }
    return input;""",
    "rust": """if input.contains("fail") { return Err("as it was told".into()) }
    for _ in 0..600 { if input.contains("slow") && !_lost.load(SeqCst) { thread::sleep(Duration::from_millis(10)) } }
    if _lost.load(SeqCst) { return Err("it was lost".into()) }
    Ok(input.into())""",
    "java": """if (input.contains("fail")) throw new Exception("as it was told");
        for (int i = 0; i < 600 && input.contains("slow") && !lost.get(); i++) Thread.sleep(10);
        if (lost.get()) throw new Exception("it was lost");
        return input;""",
}

# A worker that a careless writer might have written. What is in braces makes it a wrong one.
CARELESS = """
import json, os, sys, time, threading
import redis
bus = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
tasks, results = f"{os.environ['CANO_PREFIX']}:tasks:checked", f"{os.environ['CANO_PREFIX']}:results"
me = f"careless-{os.getpid()}"
NAME
def beat(entry, done):
    while not done.wait(0.3):
        bus.xclaim(tasks, "workers", me, 0, [entry], justid=True)
def work(input):
    if input["check"] == "slow": time.sleep(2.5)
    return {"type": "fail", "code": "told", "message": "x"} if input["check"] == "fail" else {"type": "complete", "output": json.dumps(input)}
def perform(entry, task):
    done = threading.Event()
    threading.Thread(target=beat, args=(entry, done), daemon=True).start()
    answer = {**work(json.loads(task["input"])), "task": task["task"]}
    ANSWER
    done.set()
try:
    bus.xgroup_create(tasks, "workers", id="0", mkstream=True)
except redis.ResponseError:
    pass
while True:
    for _, entries in bus.xreadgroup("workers", me, {tasks: ">"}, count=COUNT, block=1000):
        for entry, task in entries:
            perform(entry, task)
"""
SEND = "bus.xadd(results, answer)"


def careless(folder, name="", answer=SEND, count="1", change=lambda text: text):
    program = folder / "careless.py"
    program.write_text(change(CARELESS.replace("NAME", name).replace("COUNT", count).replace("ANSWER", answer)))
    return [sys.executable, str(program)]


@pytest.fixture
def check(bus, binary, tmp_path):
    """`check(words, *options)`: what comes of checking the worker that these words start; (exit code, rule → line)."""
    processes = []

    def run(words, *options, inputs=INPUTS, prefix="check", lease_seconds=1):
        with open(tmp_path / "worker.log", "ab") as log:
            env = dict(os.environ, REDIS_URL=bus.server.url, CANO_PREFIX=prefix)
            if words:
                processes.append(spawn(words, stdout=log, stderr=log, env=env))
            done = subprocess.run(
                [str(binary), "worker-check", "--queue", QUEUE, "--redis", bus.server.url, "--prefix", prefix,
                 "--lease-seconds", str(lease_seconds), "--patience-seconds", "15", *inputs, *options],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        lines = {rule: line for line in done.stdout.splitlines() for rule in RULES if line[2:].startswith(rule)}
        assert len(lines) == len(done.stdout.splitlines()), done.stdout
        return done, lines

    yield run
    for process in processes:
        end(process)


def broken(lines):
    return {rule for rule, line in lines.items() if line.startswith("✗")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_passes(check, tmp_path, bus, language):
    words = worker(language, WORK[language], tmp_path) + [QUEUE] + (["sh", "-c", WORK[language]] if language == "shell" else [])
    done, lines = check(words, lease_seconds=LEASE_SECONDS)
    assert done.returncode == 0, done.stdout
    assert {line[0] for line in lines.values()} == {"✓"} and list(lines) == RULES, done.stdout
    assert bus.redis.xlen("check:tasks:checked") == 0 and bus.redis.xlen("check:results") == 0, "nothing is left"


def test_a_careless_worker_that_does_nothing_wrong_passes(check, tmp_path):
    done, lines = check(careless(tmp_path))
    assert done.returncode == 0 and broken(lines) == set(), done.stdout
    assert "did the work to its end" in lines["goes on when its task was withdrawn"]


@pytest.mark.parametrize("rule, words, fault", [
    ("leaves its tasks to the bridges", "XACK", {"answer": SEND + '; bus.xack(tasks, "workers", entry)'}),
    ("leaves its tasks to the bridges", "XACK", {"answer": 'bus.xack(tasks, "workers", entry); ' + SEND}),
    ("leaves its tasks to the bridges", "XDEL", {"answer": SEND + "; bus.xdel(tasks, entry)"}),
    ("leaves its tasks to the bridges", "NOACK", {"change": lambda text: text.replace("block=1000", "block=1000, noack=True")}),
    ("answers each task once", "2 times", {"answer": SEND + "; " + SEND}),
    ("answers work that succeeds", "JSON", {"answer": 'answer.get("output") and answer.update(output="{oops"); ' + SEND}),
    ("answers work that succeeds", "type is missing", {"answer": 'answer.pop("type"); ' + SEND}),
    ("answers work that succeeds", "no command here has the type", {"answer": 'answer["type"] = "done"; ' + SEND}),
    ("answers work that succeeds", "task", {"answer": 'answer["task"] = entry; ' + SEND}),
    ("answers work that succeeds", "hand back", {"answer": 'answer["task"] = "run//1/1/other"; ' + SEND}),
    ("answers work that succeeds", "results stream", {"answer": 'answer["type"] = "start"; ' + SEND}),
    ("answers work that fails", "answered complete", {"answer": 'answer.update(type="complete", output="1"); ' + SEND}),
    ("is heard of while work outlasts its lease", "XCLAIM", {"change": lambda text: text.replace("done.wait(0.3)", "done.wait()")}),
    ("is heard of while work outlasts its lease", "under the name", {"change": lambda text: text.replace('"workers", me, 0', '"workers", "x1", 0')}),
    ("takes no more than it can begin", "COUNT", {"count": "10"}),
    ("reads under a consumer name of its own", "host and the process", {"name": 'me = "worker"'}),
    ("does the same work again for another attempt", "hand back",
     {"name": "first = {}", "answer": 'answer["task"] = first.setdefault(task["idempotency_key"], task["task"]); ' + SEND}),
    ("does the same work again for another attempt", "did not answer",
     {"name": "seen = set()", "answer": 'key = task["idempotency_key"]; key in seen or bus.xadd(results, answer); seen.add(key)'}),
    ("goes on when its task was withdrawn", "in the middle of the work",
     {"name": "lost = threading.Event()", "change": lambda text: text.replace(
         "justid=True)", "justid=True) or lost.set()").replace(
         "time.sleep(2.5)", "lost.wait(2.5); lost.clear()")}),
    ("goes on when its task was withdrawn", "took no other task",
     {"change": lambda text: text.replace("        bus.xclaim(tasks", "        if not bus.xclaim(tasks").replace("justid=True)", "justid=True): os._exit(3)")}),
])
def test_a_wrong_worker_is_told_what_it_does_wrong(check, tmp_path, rule, words, fault):
    is_quick = rule.startswith(("leaves", "answers", "does", "reads"))
    done, lines = check(careless(tmp_path, **fault), "--patience-seconds", "4", inputs=INPUTS[:4] if is_quick else INPUTS)
    assert done.returncode == 1 and rule in broken(lines), done.stdout
    assert words.lower() in lines[rule].lower(), lines[rule]


def test_what_there_is_no_input_for_is_not_tried(check, tmp_path):
    done, lines = check(careless(tmp_path), inputs=())
    assert done.returncode == 0, done.stdout
    assert {rule for rule, line in lines.items() if line.startswith("-")} == {
        "answers work that fails", "is heard of while work outlasts its lease", "takes no more than it can begin",
        "goes on when its task was withdrawn"}
    assert "--failing-input" in lines["answers work that fails"] and "--slow-input" in lines["is heard of while work outlasts its lease"]


def test_without_a_worker_the_check_says_what_to_look_at(check):
    done, lines = check(None, "--patience-seconds", "1")
    assert done.returncode == 1 and broken(lines) == {"takes tasks off its queue"} and set(lines) == set(RULES)
    assert "Is it started" in lines["takes tasks off its queue"] and "with the prefix check" in done.stderr


def test_where_bridges_are_or_tasks_of_others_nothing_is_touched(check, launch, bus, tmp_path):
    bus.redis.xadd("busy:tasks:checked", {"task": "t", "workflow": "till"})
    done, lines = check(None, prefix="busy")
    assert done.returncode == 1 and lines == {} and "not of a check" in done.stderr
    assert bus.redis.xlen("busy:tasks:checked") == 1
    bus.redis.delete("busy:tasks:checked")
    launch(bus)
    done, lines = check(None, prefix=bus.prefix)
    assert done.returncode == 1 and lines == {} and "a prefix of their own" in done.stderr
    assert not bus.redis.exists(bus.key("tasks", QUEUE))


@pytest.mark.parametrize("options, word", [
    (("--input", "{"), "not JSON"), (("--slow-input", "nul"), "not JSON"), (("--lease-seconds", "0"), "lease"), (("--queue", "a b"), "can't be used"),
])
def test_what_cannot_be_checked_is_refused(check, options, word):
    done, _ = check(None, *options, inputs=())
    assert done.returncode != 0 and word in done.stderr
