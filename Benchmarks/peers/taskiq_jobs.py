from command import URL, VALUE, carry_out
from taskiq_pipelines import Pipeline, PipelineMiddleware
from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

broker = RedisStreamBroker(url=URL).with_result_backend(RedisAsyncResultBackend(URL)).with_middlewares(PipelineMiddleware())


@broker.task(task_name="step")
async def step(value: dict) -> dict:
    return {"received": value}


def job(steps):
    if steps == 1:
        return step.kiq(VALUE)
    chain = Pipeline(broker, step)
    for _ in range(steps - 1):
        chain = chain.call_next(step)
    return chain.kiq(VALUE)


async def enqueue(count, steps):
    for _ in range(count):
        await job(steps)


async def probe(steps):
    await (await job(steps)).wait_result(check_interval=0.001, timeout=30)


if __name__ == "__main__":
    carry_out(enqueue, probe, before=broker.startup)
