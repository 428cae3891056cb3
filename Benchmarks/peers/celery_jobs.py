import celery
from command import URL, VALUE, carry_out

app = celery.Celery("celery_jobs", broker=URL, backend=URL)


@app.task
def step(value):
    return {"received": value}


def job(steps):
    return celery.chain(step.s(VALUE), *(step.s() for _ in range(steps - 1))) if steps > 1 else step.s(VALUE)


def enqueue(count, steps):
    for _ in range(count):
        job(steps).apply_async()


def probe(steps):
    job(steps).apply_async().get(timeout=30)


if __name__ == "__main__":
    carry_out(enqueue, probe)
