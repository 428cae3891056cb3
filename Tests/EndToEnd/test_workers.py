"""The example workers keep the contract: tried without a bridge, by what they read, answer and leave."""
import json
import os
import re

import pytest

from support.bridge import REPOSITORY
from support.processes import end, spawn
from support.schemas import answer_faults, load, task_faults
from support.waiting import eventually
from support.workers import LANGUAGES, worker

QUEUE = "payments"
languages = pytest.mark.parametrize("language", LANGUAGES)

# What the worker does with its input, in each language.
ECHO = {"shell": "jq '{received: .}'"}  # the others do that as they are
FAIL = {
    "python": "raise ValueError('ü' * 2_000)",
    "shell": "printf 'ü%.0s' $(seq 2000) >&2; false",
    "c": 'for (int i = 0; i < 2000; i++) fputs("ü", out); return task == NULL;',
    "node": "throw new Error('ü'.repeat(2_000));",
    "rust": 'Err("ü".repeat(2_000))',
    "java": 'throw new Exception("ü".repeat(2_000));',
}
UNTIL_TOLD = {
    "python": "import pathlib\n    while not pathlib.Path(os.environ['TOLD']).exists(): time.sleep(0.01)\n    return input",
    "shell": 'until [ -e "$TOLD" ]; do sleep 0.02; done; cat',
    "c": 'while (access(getenv("TOLD"), F_OK) != 0) { still_mine(task); usleep(100000); } return fprintf(out, "%s", input) > 0;',
    "node": 'const { existsSync } = await import("node:fs"); while (!existsSync(process.env.TOLD)) await pause(10); return input;',
    "rust": 'while !std::path::Path::new(&env::var("TOLD").unwrap()).exists() { thread::sleep(Duration::from_millis(10)) } Ok(input.into())',
    "java": 'while (!new File(System.getenv("TOLD")).exists()) Thread.sleep(10); return input;',
}
# A JVM and Node tell their programs of a signal later than it comes, which may be later than what was done after it.
UNTIL_TOLD_TO_END = UNTIL_TOLD | {
    language: UNTIL_TOLD[language].replace("while (", "while (!stopping || ") for language in ("node", "java")
}
UNTIL_LOST = {
    "python": "return {'stopped': lost.wait()}",
    "c": 'while (still_mine(task)) usleep(100000); return input && fputs("{\\"stopped\\":true}", out) >= 0;',
    "node": "while (!lost.aborted) await pause(10); return { stopped: true };",
    "rust": 'while !_lost.load(SeqCst) { thread::sleep(Duration::from_millis(10)) } Ok("{\\"stopped\\":true}".into())',
    "java": 'while (!lost.get()) Thread.sleep(10); return "{\\"stopped\\":true}";',
}


class Crew:
    """Workers on a bus without a bridge, which the test stands in for."""

    def __init__(self, bus, folder):
        self.bus, self.folder, self.processes = bus, folder, []
        self.told = folder / "told"
        self.tasks = bus.key("tasks", QUEUE)

    def hire(self, language, work=None, user="", count=None, url=None, path=""):
        url = url or (self.bus.server.url if not user else f"redis://{user}@127.0.0.1:{self.bus.server.port}")
        arguments = worker(language, work, self.folder) + [QUEUE] + (["sh", "-c", work] if language == "shell" else [count] if count else [])
        with open(self.folder / "worker.log", "ab") as log:
            env = dict(os.environ, REDIS_URL=url, CANO_PREFIX=self.bus.prefix, TOLD=str(self.told), PYTHONPATH=str(path))
            self.processes.append(spawn(arguments, stdout=log, stderr=log, env=env))
        return self.processes[-1]

    def put(self, number=1, input=5, lease_ms=60_000):
        """A task, as a bridge puts it."""
        run = f"run/{number}"
        fields = {
            "task": f"{run}//1/1/n0nce", "run": run, "workflow": "till", "version": "1", "state": "charge", "name": "charge", "attempt": "1",
            "attempts": "", "lease_ms": str(lease_ms), "until": "", "idempotency_key": f"run%2F{number}/charge/1", "input": json.dumps(input),
            "traceparent": "",
        }
        assert task_faults(fields) == [] and list(fields) == [name for name in load("task.schema.json")["required"]]
        return fields["task"], self.bus.redis.xadd(self.tasks, fields)

    def answers(self, count):
        def read():
            entries = self.bus.redis.execute_command("XRANGE", self.bus.key("results"), "-", "+")
            return len(entries) >= count and [
                {name.decode(): value.decode() for name, value in zip(flat[::2], flat[1::2])} for _, flat in entries]

        answers = eventually(read, f"{count} answers")
        assert len(answers) == count and [answer_faults(answer) for answer in answers] == [[]] * count
        return answers

    def pending(self):
        """(entry, idle ms) of the tasks that workers have; none before the first of them has made their group."""
        if not self.bus.redis.exists(self.tasks) or not self.bus.redis.xinfo_groups(self.tasks):
            return []
        return [(one["message_id"], one["time_since_delivered"])
                for one in self.bus.redis.xpending_range(self.tasks, "workers", "-", "+", 10)]


@pytest.fixture
def crew(bus, tmp_path):
    crew = Crew(bus, tmp_path)
    yield crew
    for process in crew.processes:
        end(process)


@languages
def test_a_worker_answers_what_its_work_came_to_and_leaves_the_task_on_its_queue(crew, language):
    first, _ = crew.put(1, {"a": 'ü "x"\n'})
    crew.hire(language, ECHO.get(language))
    second, _ = crew.put(2, None)
    answers = crew.answers(2)
    assert [(answer["type"], answer["task"]) for answer in answers] == [("complete", first), ("complete", second)]
    assert [json.loads(answer["output"]) for answer in answers] == [{"received": {"a": 'ü "x"\n'}}, {"received": None}]
    assert crew.bus.redis.xlen(crew.tasks) == 2 and len(crew.pending()) == 2


@pytest.mark.xdist_group("python client")
@pytest.mark.parametrize("protocol", [2, 3])
def test_the_worker_in_python_reads_what_todays_redis_py_answers_in_either_protocol(crew, todays_redis_py, protocol):
    task, _ = crew.put(input=5)
    process = crew.hire("python", url=f"{crew.bus.server.url}?protocol={protocol}", path=todays_redis_py)
    assert [(answer["task"], json.loads(answer["output"])) for answer in crew.answers(1)] == [(task, {"received": 5})]
    late = crew.put(2, input=6)[0]  # it has read nothing meanwhile, and goes on
    assert crew.answers(2)[1]["task"] == late and process.poll() is None


@languages
def test_work_that_fails_is_answered_with_as_much_of_the_reason_as_may_be(crew, language):
    task, _ = crew.put()
    crew.hire(language, FAIL[language])
    answer, = crew.answers(1)
    assert (answer["type"], answer["task"]) == ("fail", task)
    assert re.fullmatch("ü+", answer["message"]) and 1_000 < len(answer["message"].encode()) <= 1_024


@languages
def test_a_worker_is_heard_of_until_its_work_is_done(crew, language):
    _, entry = crew.put(lease_ms=300)
    crew.hire(language, UNTIL_TOLD[language])
    eventually(crew.pending, "the task is taken")
    last = [0]

    def is_heard_of():
        (found, idle), = crew.pending()
        last[0], before = idle, last[0]
        return found == entry and idle < before

    for _ in range(3):
        eventually(is_heard_of, "the task is less idle than it was")
    crew.told.touch()
    assert json.loads(crew.answers(1)[0]["output"]) == 5


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "shell"])  # its command hears of nothing
def test_a_worker_whose_task_was_withdrawn_hears_of_it_and_stops(crew, language):
    _, entry = crew.put(lease_ms=300)
    crew.hire(language, UNTIL_LOST[language])
    eventually(crew.pending, "the task is taken")
    crew.bus.redis.xack(crew.tasks, "workers", entry)
    crew.bus.redis.xdel(crew.tasks, entry)
    assert json.loads(crew.answers(1)[0]["output"]) == {"stopped": True}
    assert crew.pending() == []


@languages
def test_a_worker_that_is_told_to_end_finishes_the_task_in_hand_and_takes_no_other(crew, language):
    crew.put(1)
    process = crew.hire(language, UNTIL_TOLD_TO_END[language])
    eventually(crew.pending, "the task is taken")
    crew.put(2)
    process.terminate()
    crew.told.touch()
    assert process.wait(20) == 0
    assert len(crew.answers(1)) == 1 and len(crew.pending()) == 1


@languages
def test_a_worker_that_is_killed_is_heard_of_no_more(crew, language):
    crew.put(lease_ms=300)
    process = crew.hire(language, UNTIL_TOLD[language])
    eventually(crew.pending, "the task is taken")
    process.kill()
    process.wait()
    eventually(lambda: crew.pending()[0][1] > 1_200, "it was silent for four leases")


@languages
def test_a_worker_whose_queue_is_gone_reads_the_next_one_of_that_name(crew, language):
    crew.told.touch()
    crew.put(1)
    crew.hire(language, UNTIL_TOLD[language])
    crew.answers(1)
    crew.bus.redis.delete(crew.tasks)
    crew.put(2, input=7)
    assert [json.loads(answer["output"]) for answer in crew.answers(2)] == [5, 7]


@languages
def test_a_worker_needs_no_other_rights_than_the_page_gives_it(crew, language):
    page = (REPOSITORY / "docs" / "security.md").read_text()
    rules = re.search(r"ACL SETUSER cano-worker (on [^`]*)```", page)[1].replace("SECRET", "worker").split()
    crew.bus.redis.execute_command("ACL", "SETUSER", "cano-worker", "reset", *rules)
    crew.put(lease_ms=300)
    crew.hire(language, UNTIL_TOLD[language], user="cano-worker:worker")
    eventually(crew.pending, "the task is taken")
    crew.told.touch()
    assert crew.answers(1)[0]["type"] == "complete"
    assert crew.bus.redis.acl_log() == []


def test_a_worker_that_takes_several_tasks_at_a_time_answers_each(crew):
    tokens = [crew.put(number, number)[0] for number in range(1, 1_001)]
    crew.hire("c", None, count="64")
    answers = crew.answers(1_000)
    assert [(answer["task"], json.loads(answer["output"])) for answer in answers] == [
        (token, {"received": number}) for number, token in enumerate(tokens, 1)]
