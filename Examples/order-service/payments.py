#!/usr/bin/env python3
"""The payments of the order service: a worker that charges, and pays back when an order is undone.

    payments.py QUEUE                            REDIS_URL and CANO_PREFIX say where

The loop around it is that of the example worker, which you copy into a project of yours."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workers" / "python"))
from worker import serve  # noqa: E402


def pay(input, task, lost):
    """A payment service knows a repeated request by its key, which is the same for every attempt: here the key is the receipt."""
    if task["name"] == "undo:charge":
        print(f"paid back {input['receipt']}", flush=True)
        return None
    receipt = task["idempotency_key"]
    print(f"charged {input['customer']} {input['cents']} cents, receipt {receipt}", flush=True)
    return {"receipt": receipt}


serve(pay)
