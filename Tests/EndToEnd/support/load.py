"""Many runs of the trials: some that complete and some that fail and are undone, none in step with another."""
import random

from .bus import fresh


class Load:
    """Start commands of `count` trials, each state `delay_ms` long, more or less; `ends` says how each will end."""

    def __init__(self, bus, count, delay_ms=50, seed=1, failing=3, name=lambda: fresh("run")):
        self.bus, self.commands, self.ends = bus, [], {}
        self._dice, self._delay_ms, self._failing, self._name = random.Random(seed), delay_ms, failing, name
        self.more(count)

    def more(self, count):
        """The start commands of so many further runs."""
        dice, delay_ms, failing = self._dice, self._delay_ms, self._failing
        begin = len(self.commands)
        for number in range(begin, begin + count):
            id, saga = self._name(), number % 2 == 0
            # Half of them read and write a store that runs share, which they need Redis for in the midst of a state.
            input = {"delay_ms": dice.randint(delay_ms // 2, delay_ms * 3 // 2), "tally": number % 4 < 2}
            fails = bool(failing) and dice.randrange(failing) == 0
            if fails:
                input |= {"deed": "fail", "at": dice.choice(["take", "pay", "send"] if saga else ["first", "second", "third"])}
            self.commands.append({"workflow": "trial-saga" if saga else "trial", "id": id, "input": input})
            self.ends[id] = "failed" if fails else "completed"
        return self.commands[begin:]

    @property
    def ids(self):
        return list(self.ends)

    def start(self):
        self.bus.start_all(self.commands)
        return self

    def check_tallies(self):
        """Each state of a completed run has counted itself once."""
        tallied = [command["id"] for command in self.commands
                   if command.get("input", {}).get("tally") and self.ends[command["id"]] == "completed"]
        found = self.bus.redis.hmget(self.bus.key("store", "tally"), tallied) if tallied else []
        wrong = {id: count for id, count in zip(tallied, found) if count != b"3"}
        assert not wrong, f"states counted themselves not once: {wrong}"

    def ended(self):
        return sum(status in ("completed", "failed", "cancelled") for status in self.bus.statuses(self.ids))
