import dramatiq
from command import URL, VALUE, carry_out
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

broker = RedisBroker(url=URL)
broker.add_middleware(Results(backend=RedisBackend(url=URL)))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True)
def step(value):
    return {"received": value}


def job(steps):
    return dramatiq.pipeline([step.message(VALUE), *(step.message() for _ in range(steps - 1))])


if __name__ == "__main__":
    carry_out(
        lambda count, steps: [job(steps).run() for _ in range(count)] and None,
        lambda steps: job(steps).run().get_result(block=True, timeout=30_000) and None)
