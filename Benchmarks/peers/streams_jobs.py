"""A pipeline that a program might write by hand: a stream and a group for each step, workers that do all of them, an acknowledgement for
each entry; nothing durable but the streams, no retries, no record of a job."""
import json, os, sys
import redis
from command import URL, VALUE, carry_out

STREAMS, AT_A_TIME = ["stage-0", "stage-1", "stage-2"], 100


def connect():
    return redis.Redis.from_url(URL)


def work():
    client, me = connect(), str(os.getpid())
    while True:
        for stream, entries in dict(client.xreadgroup("workers", me, {name: ">" for name in STREAMS}, count=AT_A_TIME, block=1_000) or {}).items():
            entries = entries[0] if entries and isinstance(entries[0], list) else entries  # a list more with protocol 3
            pipeline = client.pipeline(transaction=False)
            for entry, fields in entries:
                # The steps that are left are among the job's fields; the last one's output goes to the results.
                left = int(fields[b"left"]) - 1
                output = json.dumps({"received": json.loads(fields[b"input"])})
                following = STREAMS[STREAMS.index(stream.decode()) + 1] if left else "results"
                pipeline.xadd(following, {"job": fields[b"job"], "left": left, "input": output})
                pipeline.xack(stream, "workers", entry)
                pipeline.xdel(stream, entry)
            pipeline.execute()


def prepare():
    global client
    client = connect()
    for stream in STREAMS:
        try:
            client.xgroup_create(stream, "workers", id="0", mkstream=True)
        except redis.ResponseError:
            pass  # it is there already


def start(to, number, steps):
    to.xadd("stage-0", {"job": f"job-{number}", "left": steps, "input": json.dumps(VALUE)})


def enqueue(count, steps):
    pipeline = client.pipeline(transaction=False)
    for number in range(count):
        start(pipeline, number, steps)
    pipeline.execute()


def probe(steps):
    last = client.xinfo_stream("results")["last-generated-id"] if client.exists("results") else "0"
    start(client, 0, steps)
    client.xread({"results": last}, block=30_000)


if __name__ == "__main__":
    if sys.argv[1] == "work":
        work()
    else:
        carry_out(enqueue, probe, before=prepare)
