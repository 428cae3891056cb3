"""Waiting for an observable, never for luck."""
import time


def eventually(probe, what, within=20.0, every=0.01):
    """The first truthy answer of `probe`; fails with `what` and the last answer when `within` seconds have passed."""
    deadline = time.monotonic() + within
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what} (last answer: {answer!r})")
        time.sleep(every)
