"""How long a run of a killed bridge waits: from the SIGKILL to its first event elsewhere."""
import statistics
import threading

from support.bus import Bus, fresh
from support.bridge import TRIALS
from support.crew import Crew

SIDE_BY_SIDE = 5  # buses of two bridges each


def kill_and_measure(bus, crew, kills, seconds):
    id = fresh("orphan")
    bus.start("trial", {"delay_ms": 3_600_000}, id=id)
    bus.wait_for(id, status="running")
    for epoch in range(1, kills + 1):
        record = bus.wait_for(id, epoch=epoch)
        if epoch % 5 == 0:  # before it would be quarantined, another run takes its place
            bus.cancel(id)
            bus.wait_for_end(id)
            return epoch - 1
        killed_at = bus.now()
        assert crew.kill_owner(record["bridge"])
        bus.wait_for(id, epoch=epoch + 1, within=30)
        resumed = bus.wait_for_event(id, "run.resumed", after=f"{killed_at}-0")
        seconds.append((int(resumed.entry.split("-")[0]) - killed_at) / 1000)
    return kills


def measure(server, trial_binary, number, kills, lease, seconds, failures):
    try:
        bus, left = Bus(server, f"orphans-{number}"), kills
        options = ["--lease-seconds", lease, "--heartbeat-seconds", lease / 3]
        with Crew(trial_binary, bus, size=2, options=options, workflows=TRIALS) as crew:
            while left > 0:
                left -= kill_and_measure(bus, crew, left, seconds)
    except BaseException as failure:  # of a thread of ours: for the test to raise
        failures.append(failure)


def test_fifty_kills(server, trial_binary, fault, request):
    lease = request.config.getoption("--lease")
    row, seconds, failures = fault(f"SIGKILL, until the run's first event elsewhere (lease {lease:g} s)"), [], []
    threads = [threading.Thread(target=measure, args=(server, trial_binary, n, 10, lease, seconds, failures))
               for n in range(SIDE_BY_SIDE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    row.times, row.seconds = len(seconds), seconds
    assert len(seconds) == 50
    assert max(seconds) < lease + 2 + 1, f"the lease plus 2 s, and 1 s for a busy machine: {sorted(seconds)[-5:]}"
    assert statistics.median(seconds) < lease + 2
