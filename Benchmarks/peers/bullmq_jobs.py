import asyncio, os, signal, sys
from bullmq import FlowProducer, Queue, QueueEvents, Worker
from command import URL, VALUE, carry_out

NAME = "jobs"
OPTIONS = {"connection": URL}


async def step(job, _):
    # What a job's children have returned is what goes into it.
    earlier = list((await job.getChildrenValues()).values()) if job.data is None else [job.data]
    return {"received": earlier[0]}


def flow(steps):
    """The last step, with the one before it as its child, and so on: the children are done first."""
    node = {"name": "step", "queueName": NAME, "data": VALUE}
    for _ in range(steps - 1):
        node = {"name": "step", "queueName": NAME, "data": None, "children": [node]}
    return node


async def connect():
    global queue, flows, ended
    queue, flows = Queue(NAME, OPTIONS), FlowProducer(OPTIONS)
    ended = None


async def add(count, steps):
    if steps == 1:
        return await queue.addBulk([{"name": "step", "data": VALUE} for _ in range(count)])
    return [tree["job"] for tree in await flows.addBulk([flow(steps) for _ in range(count)])]


async def enqueue(count, steps):
    for first in range(0, count, 100):
        await add(min(100, count - first), steps)


async def probe(steps):
    global ended, waiting
    if ended is None:
        waiting = {}
        ended = QueueEvents(NAME, {**OPTIONS, "lastEventId": "0"})
        ended.on("completed", lambda event, *_: waiting.setdefault(event["jobId"], asyncio.get_running_loop().create_future()).set_result(None))
    job, = await add(1, steps)
    await asyncio.wait_for(waiting.setdefault(job.id, asyncio.get_running_loop().create_future()), 30)


async def work():
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    worker = Worker(NAME, step, {**OPTIONS, "concurrency": int(os.environ.get("CONCURRENCY", 10))})
    await stopping.wait()
    await worker.close()


if __name__ == "__main__":
    if sys.argv[1] == "work":
        asyncio.run(work())
    else:
        carry_out(enqueue, probe, before=connect)
