"""What each of these programs is asked: enqueue COUNT STEPS, or probe SECONDS STEPS, which prints how long each job took in ms."""
import asyncio, inspect, os, sys, time

URL = os.environ["REDIS_URL"]
VALUE = {"item": 1}


def carry_out(enqueue, probe, before=None):
    """enqueue(count, steps) adds jobs; probe(steps) has one done and returns once its result is there. before makes what they need."""
    asyncio.run(told(enqueue, probe, before))


async def told(enqueue, probe, before):
    call = lambda function, *values: settled(function(*values))
    if before:
        await call(before)
    word, amount, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if word == "enqueue":
        await call(enqueue, amount, steps)
    else:
        for _ in range(3):
            await call(probe, steps)  # warm now
        end = time.perf_counter() + amount
        while (began := time.perf_counter()) < end:
            await call(probe, steps)
            print(f"{(time.perf_counter() - began) * 1e3:.3f}")
    sys.stdout.flush()
    # Clients that a library has opened are left to the system.
    os._exit(0)


async def settled(value):
    return await value if inspect.isawaitable(value) else value
