import redis, rq
from command import URL, VALUE, carry_out


def step(value):
    earlier = rq.get_current_job().dependency
    return {"received": earlier.return_value() if earlier else value}


def add(queue, steps):
    """The first step and those that depend on it; the last of them."""
    last = None
    for _ in range(steps):
        last = queue.enqueue("rq_jobs.step", VALUE, depends_on=last, description="step")
    return last


if __name__ == "__main__":
    queue = rq.Queue(connection=redis.Redis.from_url(URL))
    carry_out(lambda count, steps: [add(queue, steps) for _ in range(count)] and None, lambda steps: add(queue, steps).latest_result(timeout=30) and None)
