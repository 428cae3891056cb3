#!/usr/bin/env python3
"""Print what happens on the bus, a line an event:  follow_events.py [GROUP]

REDIS_URL and CANO_PREFIX say where. Needs nothing but redis-py.
"""
import os, sys
import redis

bus = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"), decode_responses=True)
events = os.environ.get("CANO_PREFIX", "cano") + ":events"

# A consumer group of your own is a bookmark that Redis keeps: after a restart you go on where you were. Each service
# takes its own group name and sees every event; id="0" begins with the oldest event kept, id="$" with the next one.
group = sys.argv[1] if len(sys.argv) > 1 else "follow-events"
try:
    bus.xgroup_create(events, group, id="0", mkstream=True)
except redis.ResponseError as error:
    if "BUSYGROUP" not in str(error):  # already there: what we hope for
        raise

start = "0"  # first what this consumer was given before and never acknowledged, then (">") what is new
while True:
    batch = bus.xreadgroup(group, "me", {events: start}, count=100, block=5_000)
    entries = batch[0][1] if batch else []
    for entry, event in entries:
        if event:  # empty: it was trimmed away while we were gone; the run records still tell the outcome
            print(event["time"], event["subject"], event["type"], event["data"], flush=True)
        # Acknowledge when the work is done, not before. After a crash in between the event comes again, so make your
        # own work repeatable: (source, id) names an event once and for all.
        bus.xack(events, group, entry)
    if start == "0" and not entries:
        start = ">"
