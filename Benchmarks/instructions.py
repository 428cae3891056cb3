#!/usr/bin/python3
"""How many instructions the engine's hot paths take, beside the counts of instructions.json, which no load of the machine changes:
Benchmarks/instructions.py path/to/engine [--update] [a word of a row's name]"""
import concurrent.futures, json, os, pathlib, re, shutil, subprocess, sys, tempfile

COUNTS = pathlib.Path(__file__).with_name("instructions.json")
# What a row may take more than its count. The same binary differs by a thousandth.
TOLERANCE = 0.03
# In these each run begins a task, and what threads tell each other differs by a twentieth.
WITH_TASKS = ("saga5",)
TOLERANCE_WITH_TASKS = 0.1
# The rows, and how many times each is done. Only those whose work is the same each time.
ROWS = {
    "orchestrate_overhead_exit_only": 2_000,
    "linear10": 500,
    "linear100": 100,
    "linear100_router": 100,
    "linear100_attempt_timeout": 100,
    "linear100_total_timeout": 100,
    "linear100_live_token": 100,
    "linear100_breaker": 100,
    "linear100_store_get_put": 100,
    "linear10_observer": 500,
    "linear10_checkpoint": 300,
    "task_fails_1_state": 1_000,
    "retry_fail2_ok_zero_delay": 500,
    "saga5_success": 300,
    "saga5_then_fail_rollback": 300,
    "saga5_then_fail_rollback_checkpoint": 200,
    "resume_100_row_log": 100,
    "stepped1000_in_memory": 20,
    "stepped1000_engine": 20,
    "stepped1000_engine_checkpoint": 20,
    "batch1000_conc1": 20,
    "batch1000_conc1_each_fails2_item_retry0": 20,
    "batch1000_conc1_each_fails2, foreign error": 20,
    "store_put_u64": 20_000,
    "store_get_u64": 20_000,
    "resources_get": 20_000,
    "breaker_acquire_success": 20_000,
    "breaker_open_rejected": 20_000,
    "rate_limiter_try_acquire": 20_000,
}
ALLOCATORS = ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc")


def totals(engine, row, iterations):
    """The instructions and the allocations of a process that does the row so many times."""
    with tempfile.TemporaryDirectory() as folder:
        profile = os.path.join(folder, "profile")
        result = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + profile, engine, row, "--iterations", str(iterations)],
            # Each process hashes alike, and none resolves its symbols in the middle of the work.
            env=dict(os.environ, SWIFT_DETERMINISTIC_HASHING="1", LD_BIND_NOW="1"), capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"{row} could not be counted:\n{result.stderr}")
        with open(profile) as lines:
            return read(lines)


def read(profile):
    """The instructions and the allocations of a profile. It names each function once, and calls it by a number from then on."""
    names, callee, instructions, allocations = {}, "", 0, 0
    for line in profile:
        if line.startswith("totals:"):
            instructions = int(line.split()[1])
        elif function := re.match(r"(c?fn)=\((\d+)\)(?: (.*))?", line):
            kind, number, name = function.groups()
            if name: names[number] = name
            if kind == "cfn": callee = names.get(number, "")
        elif line.startswith("calls=") and callee in ALLOCATORS:
            allocations += int(line[len("calls="):].split()[0])
    return instructions, allocations


def count(engine, row, iterations):
    """What doing the row once takes: what a process that does it twice as often takes more, so that its start is not in it."""
    once, twice = totals(engine, row, iterations), totals(engine, row, 2 * iterations)
    instructions, allocations = ((more - less) / iterations for less, more in zip(once, twice))
    return {"instructions": round(instructions), "allocations": max(0, round(allocations, 1))}


def print_line(row, *cells):
    print(f"{row:45}" + "".join(f"{cell:>13}" for cell in cells), flush=True)


def main():
    words = [word for word in sys.argv[2:] if not word.startswith("--")]
    updates = "--update" in sys.argv[2:]
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit("give the path of the built benchmarks: make bench-instructions builds and counts them")
    if not shutil.which("valgrind"):
        sys.exit("valgrind is missing, which counts the instructions: install it (apt install valgrind)")
    known = json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    counted, slower = {}, []
    print_line("row", "instructions", "before", "ratio", "allocations", "before")
    rows = {row: iterations for row, iterations in ROWS.items() if not words or any(word in row for word in words)}
    # As many at a time as there are cores: what is counted does not depend on who else is busy.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counting = {row: pool.submit(count, sys.argv[1], row, iterations) for row, iterations in rows.items()}
        for row in rows:
            now = counted[row] = counting[row].result()
            before = known.get(row)
            ratio = now["instructions"] / before["instructions"] if before else None
            if ratio and ratio > 1 + (TOLERANCE_WITH_TASKS if row.startswith(WITH_TASKS) else TOLERANCE): slower.append(row)
            print_line(
                row, f"{now['instructions']:,}", f"{before['instructions']:,}" if before else "–", f"{ratio:.3f}" if ratio else "–",
                now["allocations"], before["allocations"] if before else "–")
    if not counted: sys.exit("no row has such a name")
    if updates:
        rows = {row: counted.get(row, known.get(row)) for row in ROWS if row in counted or row in known}
        others = {row: count for row, count in known.items() if row.startswith("bridge:")}  # bridge.py counts these
        COUNTS.write_text(json.dumps(rows | others, indent=2) + "\n")
    elif slower:
        sys.exit(f"more instructions than {COUNTS.name} allows: {', '.join(slower)}. Mend it, or say why and --update")


if __name__ == "__main__":
    main()
