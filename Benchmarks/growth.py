#!/usr/bin/python3
"""What a run costs with more bridges, states, input and store: Benchmarks/growth.py path/to/trial-bridge [--rounds N] [bridges states input store]

Runs of `trial-growth` from a backlog. Each row changes one thing of a run of three states with an input of 100 bytes and a store of 1 KB, on one
bridge. Rows take turns. A straight line is laid through the CPU times of each kind of row, so that the largest deviation in percent is small, and what that
comes to is said."""
import json, os, statistics, sys
from bridge import BINARY, measure, publish, redis_server, start_bridge, stop

USUAL = {"bridges": 1, "states": 3, "input": 100, "store": 1_000}
# What is tried of each, and how many runs of it.
TRIED = {
    "bridges": {1: 12_000, 2: 12_000, 4: 12_000},
    "states": {1: 12_000, 3: 12_000, 9: 2_500, 27: 1_000},
    "input": {100: 12_000, 10_000: 4_000, 50_000: 1_500, 100_000: 800},
    "store": {1_000: 12_000, 100_000: 1_000, 500_000: 300, 1_000_000: 150},
}
UNITS = {"bridges": ("bridge", 1), "states": ("state", 1), "input": ("KB of input", 1_000), "store": ("KB of store", 1_000)}


def case(bridges, states, input, store, runs):
    """Runs a second, and CPU a run of Redis and of the bridges in us."""
    with redis_server("everysec") as (folder, server, client):
        # Rewriting the file depends on how long it was before, and not on a run.
        client.config_set("auto-aof-rewrite-percentage", 0)
        text = json.dumps({"states": states, "store_bytes": store, "padding": ""})
        text = json.dumps({"states": states, "store_bytes": store, "padding": "x" * max(0, input - len(text))})
        publish(client, runs, "trial-growth", text)
        processes = [start_bridge(folder, program=[BINARY, "serve"]) for _ in range(bridges)]
        try:
            # It has begun, and each of its states but the first was entered, and it has ended.
            return measure(server, client, processes, runs, events=states + 1)
        finally:
            for each in processes:
                stop(each)


def line(points):
    """The straight line whose deviations, as shares of what was measured, have the least squares: its start and its slope, and its largest deviation."""
    weights = [1 / y ** 2 for _, y in points]
    total = sum(weights)
    x_mean = sum(w * x for w, (x, _) in zip(weights, points)) / total
    y_mean = sum(w * y for w, (_, y) in zip(weights, points)) / total
    slope = sum(w * (x - x_mean) * (y - y_mean) for w, (x, y) in zip(weights, points)) / sum(w * (x - x_mean) ** 2 for w, (x, _) in zip(weights, points))
    start = y_mean - slope * x_mean
    return start, slope, max(abs(start + slope * x - y) / y for x, y in points)


def main():
    words = sys.argv[2:]
    rounds = int(words.pop(words.index("--rounds") + 1)) if "--rounds" in words else 3
    kinds = [kind for kind in TRIED if kind in words or not set(words) & set(TRIED)]
    cases = {tuple((USUAL | {kind: value}).items()): runs for kind in kinds for value, runs in TRIED[kind].items()}
    measured = {}
    for number in range(rounds):  # in turn: what else the machine does meets all of them
        for each, runs in cases.items():
            measured.setdefault(each, []).append(case(**dict(each), runs=runs))
        print(f"{number + 1} of {rounds} rounds", file=sys.stderr, flush=True)
    medians = {each: [statistics.median(column) for column in zip(*rows)] for each, rows in measured.items()}
    print(f"medians of {rounds}, load {os.getloadavg()[0]:.1f}")
    for kind in kinds:
        rows = {value: medians[tuple((USUAL | {kind: value}).items())] for value in TRIED[kind]}
        usual = rows[USUAL[kind]]
        print(f"\n{kind:>10}{'runs/s':>10}{'Redis us':>11}{'bridge us':>11}{'CPU / usual':>13}")
        for value, (rate, its, own) in rows.items():
            print(f"{value:>10,}{rate:>10,.0f}{its:>11,.0f}{own:>11,.0f}{(its + own) / (usual[1] + usual[2]):>13.2f}")
        unit, size = UNITS[kind]
        for name, column in (("Redis", 1), ("bridge", 2)):
            start, slope, off = line([(value / size, row[column]) for value, row in rows.items()])
            print(f"  {name}: {start:,.0f} us and {slope:,.2f} us a {unit}; furthest off: {off:.0%}", flush=True)


if __name__ == "__main__":
    main()
