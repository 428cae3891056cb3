#!/usr/bin/python3
"""Chains of three jobs by other means, beside Benchmarks/workers.py in the same session: Benchmarks/chains.py

A pipeline that a program might write by hand: a stream and a group for each of three stages, two Python workers that do all of them, an
acknowledgement for each entry, nothing durable but the streams, no retries, no record of a run. And Celery, where it is installed: a chain
of three tasks, two worker processes, results kept in Redis.
"""
import json, os, subprocess, sys, tempfile, time
import redis

from bridge import redis_server, stop

RUNS, STAGES, WORKERS, AT_A_TIME = 20_000, 3, 2, 100


def stage_worker(socket, me):
    client = redis.Redis(unix_socket_path=socket)
    streams = {f"stage-{stage}": ">" for stage in range(STAGES)}
    while True:
        for stream, entries in client.xreadgroup("workers", me, streams, count=AT_A_TIME, block=1_000):
            following = f"stage-{int(stream[6:]) + 1}"
            pipeline = client.pipeline(transaction=False)
            for entry, fields in entries:
                received = {"received": json.loads(fields[b"input"])}
                pipeline.xadd(following, {"run": fields[b"run"], "input": json.dumps(received)})
                pipeline.xack(stream, "workers", entry)
                pipeline.xdel(stream, entry)
            pipeline.execute()


def by_hand():
    with redis_server("everysec") as (folder, _, client):
        for stage in range(STAGES):
            client.xgroup_create(f"stage-{stage}", "workers", id="0", mkstream=True)
        pipeline = client.pipeline(transaction=False)
        for number in range(RUNS):
            pipeline.xadd("stage-0", {"run": f"run-{number}", "input": '{"item":1}'})
        pipeline.execute()
        began = time.perf_counter()
        workers = [subprocess.Popen([sys.executable, __file__, "stage", folder + "/sock", str(place)]) for place in range(WORKERS)]
        while client.xlen(f"stage-{STAGES}") < RUNS:
            time.sleep(0.01)
        print(f"a Python stream pipeline of {STAGES} stages, {WORKERS} workers that take {AT_A_TIME} at a time:"
              f" {RUNS / (time.perf_counter() - began):,.0f} runs/s", flush=True)
        for worker in workers:
            stop(worker)


CELERY = """
import os, celery
url = "redis+socket://" + os.environ["SOCKET"]
app = celery.Celery("chains", broker=url, backend=url)
app.conf.update(task_ignore_result=False, worker_prefetch_multiplier=100)
@app.task
def step(value): return {"received": value}
"""

START = """
import time, celery, chains_app
jobs = [celery.chain(*(chains_app.step.s({"item": 1}) if stage == 0 else chains_app.step.s() for stage in range(%d))) for _ in range(%d)]
ends = [job.apply_async() for job in jobs]
ends[-1].get(timeout=300)
while not all(end.ready() for end in ends): time.sleep(0.05)
"""


def celery():
    runs = RUNS // 20
    try:
        version = subprocess.run([sys.executable, "-c", "import celery, packaging; print(celery.__version__)"], capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError:
        return print("Celery is not installed")
    with redis_server("everysec") as (folder, _, _), tempfile.TemporaryDirectory() as app:
        open(app + "/chains_app.py", "w").write(CELERY)
        env = dict(os.environ, SOCKET=folder + "/sock", PYTHONPATH=app)
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "chains_app", "worker", "-c", str(WORKERS), "-l", "ERROR"],
            env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run([sys.executable, "-c", START % (STAGES, 10)], env=env, check=True)  # it is up, and warm
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", START % (STAGES, runs)], env=env, check=True)
        print(f"Celery {version.stdout.strip()}, a chain of {STAGES} tasks, {WORKERS} processes:"
              f" {runs / (time.perf_counter() - began):,.0f} runs/s, its starts among them")
        stop(worker)


if __name__ == "__main__":
    if sys.argv[1:2] == ["stage"]:
        stage_worker(*sys.argv[2:4])
    else:
        by_hand()
        celery()
