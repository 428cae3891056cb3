#!/usr/bin/env python3
"""A stand-in for a language model: a worker that reads a conversation and says what comes next, by rules.

    model.py QUEUE                               REDIS_URL and CANO_PREFIX say where

Put the call of a real one in place of `reply`. The loop around it is that of the example worker, which you copy into a project of yours."""
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workers" / "python"))
from worker import serve  # noqa: E402


def reply(conversation, task, lost):
    """Says something, or has a tool called. Tokens are words here."""
    words = sum(len(message["text"].split()) for message in conversation)
    last = conversation[-1]
    order = re.search(r"\bo-\d+\b", conversation[0]["text"])
    if not order:
        return {"say": "Which order is it?", "tokens": words + 4}
    if last["role"] == "supervisor":
        return {"say": "I may not refund that. A colleague will write to you.", "tokens": words + 11}
    if last["text"].startswith("refunded"):
        cents = int(last["text"].split()[1])
        return {"say": f"Your {order[0]} is lost. {cents / 100:.2f} euros are on their way to you.", "tokens": words + 13}
    found = re.fullmatch(r"\S+: (.+), (\d+) cents, (.+)", last["text"])
    if found and found[3] == "lost":
        return {"call": {"tool": "refund", "order": order[0], "cents": int(found[2])}, "tokens": words + 3}
    if found and "again and again" not in conversation[0]["text"]:
        return {"say": f"Your {found[1]} is {found[3]}.", "tokens": words + 5}
    return {"call": {"tool": "look_up", "order": order[0]}, "tokens": words + 2}


serve(reply)
