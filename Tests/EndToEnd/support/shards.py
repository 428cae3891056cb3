"""A bus of several shards, as a client sees it: a bus each, and the arithmetic that says which run is where."""
from binascii import crc_hqx

from .bus import Bus
from .several_redis import Several

COUNT = 4  # of the fixture `shards`


def shard_of(name, count):
    """The number of the shard that a run, or a schedule, of that name is on: Python's crc_hqx is the CRC16 of Redis Cluster."""
    return crc_hqx(name.partition("//")[0].encode(), 0) % count


class Shards:
    """The shards of the bus `{<name>}`; index them, or ask for the one that a name belongs to."""

    def __init__(self, server, count, name="shards"):
        self.prefix, self.count = f"{{{name}}}", count
        prefixes = [f"{{{name}-{shard}}}" for shard in range(count)]
        # Of several servers each shard has its own, which changes.
        self._buses = [Bus(server.serving(prefix) if isinstance(server, Several) else server, prefix) for prefix in prefixes]

    def __getitem__(self, shard):
        return self._buses[shard]

    def __iter__(self):
        return iter(self._buses)

    def home(self, name):
        """The shard that a name belongs to."""
        return self[shard_of(name, self.count)]

    def elsewhere(self, name):
        """A shard that it does not belong to."""
        return self[(shard_of(name, self.count) + 1) % self.count]

    def options(self):
        """What `serve` needs besides the options of a bus without shards; the last prefix that is given counts."""
        return ("--prefix", self.prefix, "--shards", self.count)
