import os
from arq import create_pool
from arq.connections import RedisSettings
from command import URL, VALUE, carry_out

SETTINGS = RedisSettings.from_dsn(URL)


async def step(_, value):
    return {"received": value}


class WorkerSettings:
    functions = [step]
    redis_settings = SETTINGS
    poll_delay = float(os.environ.get("POLL_DELAY", 0.5))
    log_results = False


async def connect():
    global pool
    pool = await create_pool(SETTINGS)


async def enqueue(count, _):
    for _ in range(count):
        await pool.enqueue_job("step", VALUE)


async def probe(_):
    await (await pool.enqueue_job("step", VALUE)).result(timeout=30, poll_delay=0.001)


if __name__ == "__main__":
    carry_out(enqueue, probe, before=connect)
