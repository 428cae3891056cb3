#!/usr/bin/python3
"""How fast a history takes events, what it takes on the disk, and what questions take once a million runs are in it:
Benchmarks/history.py path/to/cano-bridge path/to/history-queries [runs]"""
import os, sqlite3, subprocess, sys, tempfile, time
from bridge import cpu_seconds, redis_server, resident_mib, start_bridge, stop

BINARY, QUERIES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
RUNS = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
CHUNK = 20_000

# Events as the contract has them, a run each millisecond: one run of twenty fails, one of fifty waits, one of fifty is cancelled, and every fourth has attributes.
PUBLISH = """
local function time(ms)
  return string.format('2026-11-24T%02d:%02d:%02d.%03dZ', ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000)
end
local function add(run, number, ms, type, workflow, data)
  local sequence = string.format('%010d', number)
  redis.call('XADD', 'cano:events', '*', 'specversion', '1.0', 'id', run .. '/' .. sequence, 'source', '/cano/cano/' .. workflow,
    'type', type, 'subject', run, 'time', time(ms), 'workflow', workflow, 'sequence', sequence, 'epoch', '1', 'bridge', 'bridge-1f3ick47fo6dd',
    'traceparent', '', 'datacontenttype', 'application/json', 'data', data)
end
for number = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local run, workflow = 'run-' .. string.format('%x', (number * 2654435761) % 4294967296) .. '-' .. number, 'work-' .. (number % 5)
  local ms, attributes = 21600000 + number, ''
  if number % 4 == 0 then
    attributes = string.format(',"attributes":{"customer":"c-%d","express":%s}', number % 50021, number % 8 == 0 and 'true' or 'false')
  end
  add(run, 1, ms, 'cano.run.started', workflow, string.format('{"version":"%d","state":"first","input":{"batch_size":3}%s}', number % 3, attributes))
  add(run, 2, ms + number % 97, 'cano.state.entered', workflow, '{"state":"second","previous":"first"}')
  if number % 20 == 0 then
    local error = string.format('{"code":"declined-%d","message":"The card of customer %d was declined by its bank.","category":"task_execution",' ..
      '"state":"second","task":"charge","attempt":1,"retryable":false,"causes":[]}', number % 13, number % 50021)
    add(run, 3, ms + number % 97 + number % 1009, 'cano.run.failed', workflow, '{"state":"second","error":' .. error ..
      ',"rollback":"clean","resumable":true,"duration_ms":3}')
  elseif number % 50 == 1 then
    add(run, 3, ms + number % 97 + number % 1009, 'cano.run.waiting', workflow, '{"state":"approve","for":["approved","rejected"],"until":1795739741730}')
  elseif number % 50 == 2 then
    add(run, 3, ms + number % 97 + number % 1009, 'cano.run.cancelled', workflow, '{"state":"second","reason":"requested","rollback":"clean","duration_ms":3}')
  else
    add(run, 3, ms + number % 97 + number % 1009, 'cano.run.completed', workflow, '{"state":"done","output":5050,"duration_ms":3}')
  end
end
"""


def keep(folder, path):
    return subprocess.Popen(
        [BINARY, "admin", "--redis", f"unix://{folder}/sock", "--history", path, "--log-level", "warning"],
        stderr=open(folder + "/history.log", "wb"))


def taken(path):
    """How many events the file has."""
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
            return file.execute("SELECT count FROM bookmark").fetchone()[0]
    except (sqlite3.OperationalError, TypeError):
        return 0


def wait_for(path, events):
    while taken(path) < events:
        time.sleep(0.02)


def size(path):
    return sum(os.path.getsize(path + end) for end in ("", "-wal") if os.path.exists(path + end))


with tempfile.TemporaryDirectory() as disk, redis_server("no") as (folder, server, client):
    path = disk + "/history.sqlite"
    publish = client.register_script(PUBLISH)
    published = 0

    def add(runs):
        global published
        publish(args=[published + 1, published + runs])
        published += runs

    while published < min(RUNS, 200_000):
        add(CHUNK)
    history = keep(folder, path)
    try:
        wait_for(path, 1)
        began, before, used, redis_used = time.perf_counter(), taken(path), cpu_seconds(history.pid), cpu_seconds(server.pid)
        wait_for(path, 3 * published)
        seconds, events = time.perf_counter() - began, 3 * published - before
        print(f"catching up with an empty file: {events / seconds:,.0f} events/s; {(cpu_seconds(history.pid) - used) / events * 1e6:.1f} us of "
              f"CPU an event, {(cpu_seconds(server.pid) - redis_used) / events * 1e6:.1f} us of Redis'", flush=True)
        rates = []
        while published < RUNS:
            client.xtrim("cano:events", maxlen=0, approximate=False)
            began, used, first = time.perf_counter(), cpu_seconds(history.pid), published
            for _ in range(min(5, (RUNS - published) // CHUNK)):
                add(CHUNK)
            wait_for(path, 3 * published)
            rates.append((3 * (published - first) / (time.perf_counter() - began), (cpu_seconds(history.pid) - used) / (published - first) / 3))
        if rates:
            print(f"with {published:,} runs in it: {rates[-1][0]:,.0f} events/s while they are published, {rates[-1][1] * 1e6:.1f} us of CPU an event")
        print(f"resident: {resident_mib(history):.0f} MiB")
    finally:
        stop(history)
    print(f"the file: {size(path) / published:,.0f} bytes a run of 3 events", flush=True)
    with sqlite3.connect(path) as file:
        for name, pages in file.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 16"):
            print(f"  {name}: {pages / published:,.0f}")
    for line in subprocess.run([QUERIES, path], capture_output=True, text=True, check=True).stdout.splitlines():
        print(line, flush=True)

    # A bridge at full speed, with the history beside it.
    client.flushall()
    backlog = 100_000
    pipeline = client.pipeline(transaction=False)
    for number in range(backlog):
        pipeline.xadd("cano:commands", {"type": "start", "workflow": "numbers", "id": f"run-{number}", "input": '{"batch_size":3}'})
    pipeline.execute()
    beside = disk + "/beside.sqlite"
    history = keep(folder, beside)
    bridge = start_bridge(folder)
    try:
        while client.xlen("cano:events") == 0:
            time.sleep(0.001)
        began, behind = time.perf_counter(), 0
        while (there := client.xlen("cano:events")) < 3 * backlog:
            behind = max(behind, there - taken(beside))
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        wait_for(beside, 3 * backlog)
        level = time.perf_counter() - began - seconds
        print(f"beside a bridge at full speed: {backlog / seconds:,.0f} runs/s, {3 * backlog / seconds:,.0f} events/s; at most {behind:,} events "
              f"behind, level {level:.2f} s after the last")
    finally:
        stop(bridge)
        stop(history)
