"""How long a run of a killed bridge waits: from the SIGKILL to its first event elsewhere."""
import statistics
import threading

from support.bus import Bus, fresh
from support.bridge import TRIALS
from support.crew import Crew

SIDE_BY_SIDE = 5  # buses of two bridges each


class Orphanage:
    """Two bridges on a bus of their own; the one that has the run is killed, again and again."""

    def __init__(self, server, number, kills, lease):
        self.bus, self.kills, self.lease = Bus(server, f"orphans-{number}"), kills, lease
        self.seconds, self.failure, self.commands, self.ends = [], None, [], {}
        self.ids = self.ends

    def measure(self, trial_binary):
        options = ["--lease-seconds", self.lease, "--heartbeat-seconds", int(self.lease * 1_000) // 3 / 1_000]
        try:
            with Crew(trial_binary, self.bus, size=2, options=options, workflows=TRIALS) as crew:
                while len(self.seconds) < self.kills:
                    self._one_run(crew, min(4, self.kills - len(self.seconds)))  # at the sixth it would be poison
        except BaseException as failure:  # of a thread: for the test to raise
            self.failure = failure

    def _one_run(self, crew, kills):
        id = fresh("orphan")
        self.commands.append({"workflow": "trial", "id": id, "input": {"delay_ms": 3_600_000}})
        self.ends[id] = "cancelled"
        self.bus.start_all(self.commands[-1:])
        for epoch in range(1, kills + 1):
            owner = self.bus.wait_for(id, epoch=epoch)["bridge"]
            killed_at = self.bus.now()
            assert crew.kill_owner(owner)
            self.bus.wait_for(id, epoch=epoch + 1, within=2 * self.lease + 10)
            resumed = self.bus.wait_for_event(id, "run.resumed", after=f"{killed_at}-0")
            self.seconds.append((int(resumed.entry.split("-")[0]) - killed_at) / 1000)
        self.bus.cancel(id)
        self.bus.wait_for_end(id)


def test_fifty_kills(server, trial_binary, fault, request):
    lease = request.config.getoption("--lease")
    row = fault(f"SIGKILL, until the run's first event elsewhere (lease {lease:g} s)")
    orphanages = [Orphanage(server, number, 10, lease) for number in range(SIDE_BY_SIDE)]
    threads = [threading.Thread(target=orphanage.measure, args=[trial_binary]) for orphanage in orphanages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for orphanage in orphanages:
        assert orphanage.failure is None, orphanage.failure
        row.times += len(orphanage.seconds)
        row.seconds += orphanage.seconds
        row.judge(orphanage.bus, orphanage)
    assert row.times == 50
    assert max(row.seconds) < lease + 2 + 1, f"the lease plus 2 s, and 1 s for a busy machine: {sorted(row.seconds)[-5:]}"
    assert statistics.median(row.seconds) < lease + 2
