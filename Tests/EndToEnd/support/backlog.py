"""Starts without end."""
import threading

from .bus import Bus, fresh


class Backlog:
    """As long as it is entered, `P:commands` never runs empty: trials, each state `delay_ms` long."""

    def __init__(self, bus, delay_ms=300, depth=40, every=0.05):
        self.ids = []
        self._bus, self._delay_ms, self._depth, self._every = Bus(bus.server, bus.prefix), delay_ms, depth, every
        self._over = threading.Event()
        self._feeder = threading.Thread(target=self._feed, daemon=True)

    def __enter__(self):
        self._fill()
        self._feeder.start()
        return self

    def __exit__(self, *_):
        """What no bridge has taken is taken back."""
        self._over.set()
        self._feeder.join()
        self._bus.redis.xtrim(self._bus.key("commands"), maxlen=0, approximate=False)

    def _feed(self):
        while not self._over.wait(self._every):
            self._fill()

    def _fill(self):
        missing = max(0, self._depth - self._bus.redis.xlen(self._bus.key("commands")))
        new = [fresh("backlog") for _ in range(missing)]
        self._bus.start_all([{"workflow": "trial", "id": id, "input": {"delay_ms": self._delay_ms}} for id in new])
        self.ids += new
