"""Many runs that wait, and what they wait for: published before them, while they wait, and often twice."""
import collections
import json
import random

from support.bus import ENDED, fresh
from support.event import text
from support.waiting import eventually


class WaitingLoad:
    """Runs that are told things: `tend()` sends what is due, each as `(run, name, data, message id)` and with a second copy."""

    def __init__(self, bus):
        self.bus, self.commands, self.ends = bus, [], {}
        self.early, self.cancelled = [], set()  # what is sent before the starts, and who is cancelled when it waits
        self.later = collections.defaultdict(list)  # what each is sent once it waits, one at a time
        self.sent, self.entries = [], []  # every signal, and the entries of its copies
        self.asked = []  # whose cancellation was sent

    @property
    def ids(self):
        return list(self.ends)

    def start(self):
        self._send(self.early)
        self.bus.start_all(self.commands)
        return self

    def _send(self, signals):
        self.sent += signals
        for _ in range(2):
            self.entries += self.bus.signal_all(
                [{"id": id, "name": name, "data": data, "message_id": message} for id, name, data, message in signals])

    def tend(self):
        """Does what is due for the runs that wait; how many runs have ended."""
        statuses, due = dict(zip(self.ids, self.bus.statuses(self.ids))), []
        for id, status in statuses.items():
            if status != "waiting":
                continue
            if id in self.cancelled:
                self.bus.cancel(id, reason="enough")
                self.cancelled.discard(id)
                self.asked.append(id)
            elif self.later[id]:
                due.append(self.later[id].pop(0))
        self._send(due)
        return sum(status in ENDED for status in statuses.values())

    def so_far(self):
        """How much was sent until now: what comes behind it `send_again` sends again."""
        return len(self.sent), len(self.entries), len(self.asked)

    def send_again(self, so_far):
        """What was sent since then is lost, and its entries with it. Each signal is sent again at once, under the id it had, wherever its
        run is now, and a cancellation when its run waits again; how many signals these are."""
        sent, entries, asked = so_far
        lost = self.sent[sent:]
        self.cancelled.update(self.asked[asked:])
        del self.sent[sent:], self.entries[entries:], self.asked[asked:]
        self._send(lost)
        return len(lost)

    def see_through(self, within=120):
        """Tends until all have ended and every signal was answered."""
        eventually(lambda: self.tend() == len(self.ids), "all have ended", within, every=0.02)
        eventually(lambda: not self.bus.entries("control"), "each signal was answered", within)

    def check_signals(self):
        """Each signal was answered once, and of the two copies one counted at most; nothing is kept of any."""
        answers, counted = collections.Counter(), collections.Counter()
        for event in self.bus.events():
            if event.kind == "signal.taken":
                answers[event.id.rpartition("/")[2]] += 1
                counted[event.subject, event.data["message_id"]] += event.data["outcome"] != "duplicate"
            elif event.kind == "command.rejected":
                assert event.data["code"] == "run_over", event  # a second copy
                answers[event.data["entry"]] += 1
        assert answers == collections.Counter(self.entries), "each was answered, once"
        assert set(counted.values()) <= {1}, "one of two counted"
        left = [text(key) for key in self.bus.redis.scan_iter(match=self.bus.key("inbox", "*"), count=1_000)]
        assert not left, "what was unread went with its run"


class Payments(WaitingLoad):
    """Orders that wait for their payment. Of six, two are paid before they start, two while they wait; one is cancelled then, and one
    fails behind it."""

    def __init__(self, bus, count, delay_ms=50, seed=1):
        super().__init__(bus)
        dice = random.Random(seed)
        for number in range(count):
            id = fresh("order")
            input = {"sku": "A1", "quantity": 1, "await_payment": True, "delay_ms": dice.randint(delay_ms // 2, delay_ms * 3 // 2)}
            kind = ("before", "before", "waiting", "waiting", "cancelled", "failing")[number % 6]
            if kind == "failing":
                input["fail_at"] = "ship"
            if kind == "cancelled":
                self.cancelled.add(id)
            else:
                payment = (id, "payment-confirmed", {"amount": number}, f"payment/{number}")
                self.early.append(payment) if kind == "before" else self.later[id].append(payment)
            self.commands.append({"workflow": "order-fulfilment", "id": id, "input": input})
            self.ends[id] = {"cancelled": "cancelled", "failing": "failed"}.get(kind, "completed")

    def check(self):
        """Each order was shipped or undone, and paid once."""
        self.check_signals()
        shipped = {id for id, end in self.ends.items() if end == "completed"}
        for store in ("warehouse", "payments"):
            assert {text(field) for field in self.bus.redis.hkeys(self.bus.key("store", store))} == shipped, f"P:store:{store}"
        for id, end in self.ends.items():
            record = self.bus.record(id)
            assert record.get("rollback", "clean") == "clean", record


class Vigils(WaitingLoad):
    """Runs of `trial-watch` that wait three times for `go`; some hear all of it before they start, some the last of it while they wait."""

    ROUNDS = 3

    def __init__(self, bus, count, delay_ms=50, seed=1):
        super().__init__(bus)
        dice = random.Random(seed)
        for number in range(count):
            id = fresh("vigil")
            signals = [(id, "go", round, f"{number}:{round}") for round in range(self.ROUNDS)]
            before = number % (self.ROUNDS + 1)
            self.early += signals[:before]
            self.later[id] = signals[before:]
            self.commands.append({"workflow": "trial-watch", "id": id, "input": {
                "delay_ms": dice.randint(delay_ms // 2, delay_ms * 3 // 2), "watch": {"for": ["go"], "rounds": self.ROUNDS}}})
            self.ends[id] = "completed"

    def check(self):
        """Each signal was heard once. A bridge may take one while another still has an older one in hand: so not always in order."""
        self.check_signals()
        for id in self.ids:
            first, *marks, last = json.loads(self.bus.record(id)["output"])
            assert (first, sorted(marks), last) == ("take", [f"go={round}" for round in range(self.ROUNDS)], "send"), id
        heard = self.bus.redis.hmget(self.bus.key("store", "heard"), self.ids)
        assert set(heard) == {str(self.ROUNDS).encode()}
