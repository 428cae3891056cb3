#!/usr/bin/python3
"""The same job by other means, beside a bridge in one session: Benchmarks/peers.py path/to/cano-bridge [--rounds N] [a word of a name]

A job returns what it is given, or is three such steps where a system has chains. Each system has a backlog first, then two worker processes
that were not there before, on a Redis of its own with its append-only file on, over TCP on this machine; it is set up as it comes, but for what is
said. From a twentieth of the backlog on its jobs a second are measured, and the CPU time of all its processes and of Redis; then, with
nothing else to do, how long one job takes from its start until its result is seen. Systems from PyPI are installed into .build/peers, each into an
environment of its own, for they want different clients; Sidekiq is Debian's (apt install ruby-sidekiq)."""
import datetime, itertools, json, os, shutil, statistics, subprocess, sys, time
import redis
from bridge import BINARY, REPOSITORY, cpu_seconds, free_port, publish, redis_server, start_bridge

JOBS, ENVIRONMENTS = f"{REPOSITORY}/Benchmarks/peers", f"{REPOSITORY}/.build/peers"
WORKERS, STEPS, PROBE_SECONDS, SILENCE = 2, 3, 3, 20
TICKS = os.sysconf("SC_CLK_TCK")


class Peer:
    """A system that is measured by a program of the folder peers. ended says how many of so many jobs are over, in parts of a job while its steps are:
    where a queue is read in its order, all first steps come before any second one."""

    def __init__(self, name, packages, program, worker, count, ended, keeps, processes=WORKERS, steps=(1, STEPS), env={}, has_results=True):
        self.name, self.packages, self.program, self.worker, self.processes = name, packages, program, worker, processes
        self.count, self.ended, self.keeps, self.steps, self.env, self.has_results = count, ended, keeps, steps, env, has_results
        self.place = ENVIRONMENTS + "/" + packages[0].split("[")[0] if packages else None

    def install(self):
        """The versions of what it is made of, or why it is not there."""
        if not self.packages:
            if not (shutil.which("sidekiq") and shutil.which("ruby")):
                return None, "it is not installed (apt install ruby-sidekiq)"
            return subprocess.run(["ruby", "-e", "require 'sidekiq'; puts Sidekiq::VERSION"], capture_output=True, text=True, check=True).stdout.strip(), None
        names = [package.split("[")[0] for package in self.packages]
        ask = f"from importlib.metadata import version; print(*(each + ' ' + version(each) for each in {names!r}), sep=', ')"
        told = os.path.exists(self.place) and subprocess.run([self.place + "/bin/python", "-c", ask], capture_output=True, text=True)
        if not told or told.returncode != 0:
            for command in (["/usr/bin/python3", "-m", "venv", "--clear", self.place],
                            [self.place + "/bin/pip", "install", "-q", "--disable-pip-version-check", *self.packages]):
                done = subprocess.run(command, capture_output=True, text=True, timeout=600)
                if done.returncode != 0:
                    return None, (done.stderr or done.stdout).strip().splitlines()[-1]
            told = subprocess.run([self.place + "/bin/python", "-c", ask], capture_output=True, text=True, check=True)
        return told.stdout.strip(), None

    def command(self, words):
        at = {"python": self.place + "/bin/python", "bin": self.place + "/bin"} if self.place else {}
        return [word.format(**at) for word in words]

    def ask(self, env, *words):
        interpreter = ["{python}"] if self.place else ["ruby"]
        done = subprocess.run(
            self.command([*interpreter, f"{JOBS}/{self.program}", *map(str, words)]), env=env, cwd=JOBS, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"it ended with {done.returncode}")
        return done.stdout

    def fill(self, bus, count, steps):
        self.ask(bus.env | self.env, "enqueue", count, steps)

    def hire(self, bus):
        return [bus.launch(self.command(self.worker), self.env) for _ in range(self.processes)]

    def probe(self, bus, steps):
        return [float(line) for line in self.ask(bus.env | self.env, "probe", PROBE_SECONDS, steps).split()] if self.has_results else []


class Bridges:
    """So many bridges that run a workflow of theirs themselves, or one whose steps Python workers do."""

    def __init__(self, name, workflow, count, keeps, steps, bridges=WORKERS, workers=0):
        self.name, self.workflow, self.count, self.keeps, self.steps = name, workflow, count, keeps, steps
        self.bridges, self.workers = bridges, workers
        # How many a run has: of `numbers` that it has begun, is in its second state and has ended; of others that it has begun and ended.
        self.events, self.options = (2, ["--events", "runs"]) if workers else (3, [])

    def install(self):
        return subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout.strip().split("\n")[0], None

    def input(self, steps):
        return json.dumps({"queue": "steps", "steps": steps, "payload": {"item": 1}} if self.workers else {"batch_size": 3})

    def fill(self, bus, count, steps):
        publish(bus.client, count, self.workflow, self.input(steps))

    def hire(self, bus):
        bridges = [start_bridge(bus.folder, *self.options, url=bus.env["REDIS_URL"]) for _ in range(self.bridges)]
        return bridges + [bus.launch(["/usr/bin/python3", f"{REPOSITORY}/Examples/workers/python/worker.py", "steps"], {}) for _ in range(self.workers)]

    def ended(self, client, count, steps):
        ended = client.xlen("cano:events") / self.events
        if not self.workers or ended >= count or not client.exists("cano:results"):
            return ended
        return unfinished(count, client.xinfo_stream("cano:results")["entries-added"] / steps)

    def probe(self, bus, steps):
        waits, end = [], time.perf_counter() + PROBE_SECONDS
        for number in itertools.count():
            began = time.perf_counter()
            if began > end:
                return waits[3:]  # warm by then
            bus.client.xadd("cano:commands", {"type": "start", "workflow": self.workflow, "id": f"probe-{number}", "input": self.input(steps),
                                              "reply_to": f"probe-{number}"})
            bus.client.xread({f"cano:replies:probe-{number}": "0"}, block=30_000)
            waits.append((time.perf_counter() - began) * 1e3)


class Bus:
    """A Redis, and what is started beside it."""

    def __init__(self, folder, server, port):
        self.folder, self.server = folder, server
        url = f"redis://127.0.0.1:{port}"
        self.client = redis.Redis.from_url(url)
        self.env = dict(os.environ, REDIS_URL=url, PYTHONPATH=JOBS, PYTHONDONTWRITEBYTECODE="1")
        self.log = open(folder + "/workers.log", "ab")

    def launch(self, command, env):
        return subprocess.Popen(command, env=self.env | env, cwd=JOBS, stdout=self.log, stderr=self.log)


def family(roots):
    """These processes and all that they have started, by /proc."""
    parents = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(pid)] = int(fields[1]), sum(map(int, fields[11:15])) / TICKS
    members = set(roots)
    while fresh := {pid for pid, (parent, _) in parents.items() if parent in members} - members:
        members |= fresh
    return {pid: parents[pid][1] for pid in members if pid in parents}


def used_by(roots):
    """The CPU time of all of them, with that of the children that they have waited for."""
    return sum(family(roots).values())


def end(processes):
    """Ends them, and what they have started, by their ids."""
    members = family([each.pid for each in processes])
    for each in processes:
        each.terminate()
    for each in processes:
        try:
            each.wait(10)
        except subprocess.TimeoutExpired:
            each.kill()
            each.wait()
    for pid in members:
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            pass


def measure(peer, steps):
    """Jobs a second, CPU a job of its processes and of Redis in us, and how long single jobs took in ms."""
    port = free_port()
    with redis_server("everysec", port) as (folder, server, _):
        bus = Bus(folder, server, port)
        count = peer.count // (steps if len(peer.steps) > 1 else 1)
        peer.fill(bus, count, steps)
        processes = peer.hire(bus)
        try:
            ended = lambda: peer.ended(bus.client, count, steps)
            used = lambda: (used_by(each.pid for each in processes), cpu_seconds(server.pid))

            def reach(some):
                most, since = 0, time.monotonic()
                while (done := ended()) < some:
                    if done > most:
                        most, since = done, time.monotonic()
                    if time.monotonic() > since + SILENCE or any(each.poll() is not None for each in processes):
                        said = " ".join(open(folder + "/workers.log").read().strip().splitlines()[-1:])
                        raise RuntimeError(f"only {most:.0f} of {count} jobs have ended, and no other one came to its end within {SILENCE} s {said}".strip())
                    time.sleep(0.01)
                return done

            if (done := reach(count / 20)) >= count:
                raise RuntimeError(f"all {count} jobs were done before anything could be measured")
            began, before = time.perf_counter(), used()
            reach(count)
            seconds, after = time.perf_counter() - began, used()
            own, its = ((later - earlier) / (count - done) * 1e6 for earlier, later in zip(before, after))
            time.sleep(1)
            return (count - done) / seconds, own, its, peer.probe(bus, steps)
        finally:
            end(processes)


def others(client, *keys):
    """How many keys there are besides these: results, where each is a key."""
    return client.dbsize() - client.exists(*keys)


def unfinished(count, done):
    """So many, but not all."""
    return min(done, count - 1)


def tasks_read(client, stream):
    """How many entries of a stream its group has read and acknowledged."""
    group = client.xinfo_groups(stream)[0]
    return (group["entries-read"] or 0) - group["pending"]


PEERS = [
    Bridges("cano-bridge, numbers", "numbers", 20_000, "each step with its outcome, store, record and events, and goes on from the last one", [STEPS]),
    Bridges("cano-bridge, remote-steps", "remote-steps", 2_400, "the same, and each task until its answer is taken", [1, STEPS], bridges=1, workers=WORKERS),
    Peer("Celery", ["celery[redis]"], "celery_jobs.py", ["{bin}/celery", "-A", "celery_jobs", "worker", "-c", str(WORKERS), "-l", "ERROR"], 1_500,
         lambda client, count, steps: others(
             client, "celery", "unacked", "unacked_index", "unacked_mutex", "_kombu.binding.celery", "_kombu.binding.celeryev",
             "_kombu.binding.celery.pidbox", "_kombu.binding.reply.celery.pidbox") / steps,
         "messages until a worker begins them, and the result of each task for a day; not what was begun, nor where a chain is", processes=1),
    Peer("RQ", ["rq"], "rq_jobs.py", ["{bin}/rq", "worker", "-q"], 150,
         lambda client, count, steps: client.zcard("rq:finished:default") / steps,
         "each job and, for 500 s, its result; one whose worker dies is listed as failed, and not done again"),
    Peer("RQ, SimpleWorker", ["rq"], "rq_jobs.py", ["{bin}/rq", "worker", "-q", "-w", "rq.worker.SimpleWorker"], 600,
         lambda client, count, steps: client.zcard("rq:finished:default") / steps, "the same; it does jobs in its own process"),
    Peer("dramatiq", ["dramatiq[redis]"], "dramatiq_jobs.py", ["{bin}/dramatiq", "dramatiq_jobs", "-p", str(WORKERS)], 2_400,
         # Besides results there are the queue, its messages, what each worker has in hand and when it was heard of.
         lambda client, count, steps: unfinished(count, (client.dbsize() - 5) / steps) if client.hlen("dramatiq:default.msgs") else count,
         "each message until it is done, and its result for ten minutes; not where a pipeline is, but in its message", processes=1),
    Peer("taskiq", ["taskiq", "taskiq-redis", "taskiq-pipelines"], "taskiq_jobs.py",
         ["{bin}/taskiq", "worker", "taskiq_jobs:broker", "-w", str(WORKERS), "--log-level", "WARNING"], 2_400,
         lambda client, count, steps: tasks_read(client, "taskiq") / steps,
         "each message until its result is saved, and both for ever; not where a pipeline is, but in its message", processes=1),
    Peer("arq", ["arq"], "arq_jobs.py", ["{bin}/arq", "arq_jobs.WorkerSettings"], 1_200,
         lambda client, count, _: count - client.zcard("arq:queue"), "each job until it is done, and its result for an hour", steps=[1]),
    Peer("arq, asks every 10 ms", ["arq"], "arq_jobs.py", ["{bin}/arq", "arq_jobs.WorkerSettings"], 1_200,
         lambda client, count, _: count - client.zcard("arq:queue"), "the same", steps=[1], env={"POLL_DELAY": "0.01"}),
    Peer("BullMQ for Python", ["bullmq"], "bullmq_jobs.py", ["{python}", f"{JOBS}/bullmq_jobs.py", "work"], 1_200,
         lambda client, count, steps: client.zcard("bull:jobs:completed") / steps,
         "each job, its result and some 10,000 events; a flow is its jobs, which know their parents"),
    Peer("Sidekiq", [], "sidekiq_jobs.rb", ["sidekiq", "-r", "./sidekiq_jobs.rb"], 10_000,
         lambda client, count, _: count - client.llen("queue:default"),
         "jobs until a worker fetches them; not what was fetched, and no results", steps=[1], has_results=False),
    Peer("streams by hand", ["redis[hiredis]"], "streams_jobs.py", ["{python}", f"{JOBS}/streams_jobs.py", "work"], 20_000,
         lambda client, count, steps: sum(
             part * client.xlen(stream) for part, stream in ((1 / steps, "stage-1"), (2 / steps, "stage-2"), (1, "results"))),
         "the entry of the step under way, which no one takes over from a worker that dies; no record of a job"),
]


def main():
    words = sys.argv[2:]
    rounds = int(words.pop(words.index("--rounds") + 1)) if "--rounds" in words else 1
    words = [word for word in words if word != "--rounds"]
    chosen, measured = [], {}
    for peer in PEERS:
        if words and not any(word.lower() in peer.name.lower() for word in words):
            continue
        version, reason = peer.install()
        if reason:
            print(f"{peer.name} is left out: {reason}", flush=True)
        else:
            print(f"{peer.name}: {version}. It keeps {peer.keeps}", flush=True)
            chosen += [(peer, steps) for steps in peer.steps]
    try:
        for _ in range(rounds):  # in turn: what else the machine does meets all of them
            for peer, steps in list(chosen):
                try:
                    row = measure(peer, steps)
                except (RuntimeError, subprocess.TimeoutExpired) as error:
                    print(f"{peer.name}, {steps} steps, is left out: {error}", flush=True)
                    chosen.remove((peer, steps))
                    measured.pop((peer.name, steps), None)
                else:
                    measured.setdefault((peer.name, steps), []).append(row)
                    print(f"{peer.name}, {steps} steps: {row[0]:,.0f} jobs/s", flush=True)
    except KeyboardInterrupt:
        print("interrupted: what was measured by then")
    print(f"\n{datetime.date.today()}, {WORKERS} worker processes, medians of {max(map(len, measured.values()), default=0)}; load {os.getloadavg()[0]:.1f}")
    print(f"{'':28}{'steps':>6}{'jobs/s':>10}{'/ bridge':>10}{'workers us':>12}{'Redis us':>10}{'CPU / bridge':>14}{'p50 ms':>9}{'p99 ms':>9}")
    anchor = measured.get((PEERS[0].name, STEPS))
    for (name, steps), rows in measured.items():
        rate, own, its = (statistics.median(column) for column in list(zip(*rows))[:3])
        # Of each round's ratio the median.
        by = lambda value: f"{statistics.median(value(row) / value(other) for row, other in zip(rows, anchor)):.2f}" if anchor else "–"
        waits = [sorted(row[3]) for row in rows if row[3]]
        at = lambda share: f"{statistics.median(each[int(len(each) * share)] for each in waits):.2f}" if waits else "–"
        print(f"{name:28}{steps:>6}{rate:>10,.0f}{by(lambda row: row[0]):>10}{own:>12,.0f}{its:>10,.0f}{by(lambda row: row[1] + row[2]):>14}{at(0.5):>9}{at(0.99):>9}",
              flush=True)


if __name__ == "__main__":
    main()
