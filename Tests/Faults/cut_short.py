"""A run whose bridge dies around one of its scripts."""
from support.bridge import QUICK_LEASE, TRIALS, Bridge
from support.bus import fresh
from support.proxy import Proxy, script


class OneRun:
    """A load of a single run."""

    def __init__(self, bus, workflow, input, end, id=None):
        self.bus, self.id = bus, id or fresh("run")
        self.commands, self.ends, self.ids = [{"workflow": workflow, "id": self.id, "input": input}], {self.id: end}, [self.id]

    def start(self):
        self.bus.start_all(self.commands)


class CutShort:
    """A bridge behind a proxy that kills it at the n-th script on its run: just before Redis has it, or when Redis has
    carried it out and the bridge does not know."""

    def __init__(self, binary, bus, run, at=None, where=None, workflows=TRIALS):
        self.count, self.run, self.at, self.where = 0, run, at, where
        self.proxy = Proxy(bus.server, self.plan, on_cut=lambda: self.bridge.kill())
        self.bridge = Bridge(binary, bus, workflows=workflows, url=self.proxy.url, options=QUICK_LEASE)
        self.key = bus.key("run", run.id).encode()

    def plan(self, arguments):
        if script(arguments) is None or self.key not in arguments:
            return None
        self.count += 1
        return self.where if self.count == self.at else None

    def close(self):
        self.bridge.close()
        self.proxy.close()
