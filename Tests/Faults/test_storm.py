"""Five thousand orders over three bridges, one of which is killed every two seconds; and one order that is poison."""
import collections
import json
import random
import threading
import time

from support.bus import fresh
from support.crew import Crew
from support.event import text
from support.waiting import eventually

PLACES = ["reserve", "charge", "ship"]

# A killed bridge's runs are free 1.9 to 3.3 s after its end. With a kill every 2 s that leaves them time for a state, which
# takes 0.23 s at most. (With a lease of 1.5 s they would be free just before the next kill, and a run with longer states
# could meet it five times in a row: the contract calls that poison.)
LEASE, STATE_MS, SLOTS = ["--lease-seconds", 2.4, "--heartbeat-seconds", 0.5], 150, 16


def kinds(bus):
    """How many keys of each kind Redis has."""
    return collections.Counter(text(key).split(":")[1] for key in bus.redis.scan_iter(count=5_000))


class Orders:
    """Orders of three states, a random third of which fails at a random one."""

    def __init__(self, bus, count, delay_ms, seed=11):
        dice, self.bus, self.commands, self.ends = random.Random(seed), bus, [], {}
        for _ in range(count):
            id, order = fresh("order"), {"sku": "A1", "quantity": 1, "delay_ms": dice.randint(delay_ms // 2, delay_ms * 3 // 2)}
            if fails := dice.randrange(3) == 0:
                order["fail_at"] = dice.choice(PLACES)
            self.commands.append({"workflow": "order-fulfilment", "id": id, "input": order})
            self.ends[id] = "failed" if fails else "completed"

    @property
    def ids(self):
        return list(self.ends)


class Killer:
    """Ends one bridge after the other, and whichever has the poison, until it is told to stop."""

    def __init__(self, crew, bus, poison, every=2.0):
        self.kills, self.poisoned = 0, 0
        self._crew, self._bus, self._poison, self._every = crew, bus, poison, every
        self._over = threading.Event()
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._in_turn, self._by_poison)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _in_turn(self):
        while not self._over.wait(self._every):
            self._crew.kill(self.kills % 3)
            self.kills += 1

    def _by_poison(self):
        bus, epoch = type(self._bus)(self._bus.server, self._bus.prefix), 0
        while not self._over.wait(0.02):
            record = bus.record(self._poison)
            if record.get("status") == "running" and int(record["epoch"]) > epoch and self._crew.kill_owner(record["bridge"]):
                epoch = int(record["epoch"])
                self.poisoned += 1


def test_five_thousand_orders_while_a_bridge_is_killed_every_two_seconds(bus, binary, fault):
    row = fault("a bridge of three SIGKILLed every 2 s under 5,000 orders, one of them poison")
    with Crew(binary, bus, size=3, options=LEASE, max_runs=SLOTS) as crew:
        warm = Orders(bus, 300, delay_ms=2, seed=2)
        bus.start_all(warm.commands)
        bus.wait_for_end(*warm.ids, within=60)
        base = crew.resident_mib
        warm_records = set(kinds(bus))

        orders, poison = Orders(bus, 5_000, delay_ms=STATE_MS), fresh("poison")
        bus.start("order-fulfilment", {"sku": "X", "quantity": 1, "delay_ms": 600_000}, id=poison)
        bus.start_all(orders.commands)
        with Killer(crew, bus, poison) as killer:
            eventually(lambda: "running" not in bus.statuses(orders.ids) and None not in bus.statuses(orders.ids),
                       "every order has ended", within=400, every=0.5)
            bus.wait_for_end(poison, within=120)
        row.times = killer.kills + killer.poisoned
        row.judge(bus, orders)

        record = bus.record(poison)
        assert (record["status"], json.loads(record["error"])["category"]) == ("failed", "poison")
        quarantined = [dict(letter) for _, letter in bus.dead_letters()]
        assert [letter[b"id"].decode() for letter in quarantined] == [poison], "it alone"
        sold = {id for id, end in (orders.ends | warm.ends).items() if end == "completed"}
        for store in ("warehouse", "payments"):
            assert {field.decode() for field in bus.redis.hkeys(bus.key("store", store))} == sold, f"P:store:{store}"
        assert crew.resident_mib < base + 40, "memory is back to base"
        assert set(kinds(bus)) - warm_records <= {"log", "runstore", "deadletters"}, "nothing else is left in Redis"
        resumable = [id for id in [poison, *(orders.ends | warm.ends)] if bus.record(id).get("resumable") == "1"]
        assert kinds(bus)["log"] == len(resumable), "logs are left of those that can be resumed"
