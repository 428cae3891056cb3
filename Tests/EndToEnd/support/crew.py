"""Bridges that are replaced when they die."""
import itertools
import threading

from .bridge import Bridge


class Crew:
    """Keeps `size` bridges on a bus; `with Crew(…) as crew:` ends them."""

    def __init__(self, binary, bus, size=2, every=0.05, **options):
        names = itertools.count(1)
        self._make = lambda: Bridge(binary, bus, name=f"crew{next(names)}", **options)
        self._every = every
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._lock = threading.Lock()
        self.bridges = []
        self.fallen = 0
        self._size = size

    def __enter__(self):
        for _ in range(self._size):
            self.bridges.append(self._make())
            self.bridges[-1].start()
        self._keeper.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._keeper.join()
        for bridge in self.bridges:
            bridge.close()

    def _keep(self):
        while not self._over.wait(self._every):
            for place, bridge in enumerate(self.bridges):
                if not bridge.is_alive:
                    bridge.close()
                    self.fallen += 1
                    successor = self._make()
                    successor.spawn()
                    with self._lock:
                        self.bridges[place] = successor

    def kill(self, place):
        """SIGKILL to the bridge at this place; another takes it at once."""
        with self._lock:
            self.bridges[place].kill()

    def kill_owner(self, id):
        """SIGKILL to the bridge of that id; whether it was one of these."""
        with self._lock:
            for bridge in self.bridges:
                if bridge.is_alive and id.startswith(f"{bridge.name}-"):
                    bridge.kill()
                    return True
        return False

    @property
    def resident_mib(self):
        return max(bridge.resident_mib for bridge in self.bridges if bridge.is_alive)
