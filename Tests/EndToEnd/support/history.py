"""One `cano-bridge admin --history` process, and the file it keeps, read as any program with SQLite would."""
import sqlite3

from .processes import end, spawn
from .waiting import eventually

STATUSES = ("scheduled", "running", "waiting", "completed", "failed", "cancelled", "lost")


class History:
    def __init__(self, binary, bus, path, *options, url=None):
        self.bus, self.path = bus, path
        self.arguments = [str(binary), "admin", "--redis", url or bus.server.url, "--prefix", bus.prefix, "--history", str(path), *map(str, options)]
        self.log = bus.server.folder / f"history-{id(self)}.log"
        self._process = None

    def start(self):
        with open(self.log, "ab") as log:
            self._process = spawn(self.arguments, stdout=log, stderr=log)
        return self

    def kill(self):
        self._process.kill()
        self._process.wait()

    def close(self):
        if self._process:
            return end(self._process)

    @property
    def is_alive(self):
        return self._process.poll() is None

    def exit_code(self, within):
        return self._process.wait(within)

    def output(self):
        return self.log.read_text(errors="replace")

    def rows(self, query, *values):
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10) as file:
            return file.execute(query, values).fetchall()

    def bookmark(self):
        """The last entry that was read, whether a sweep is due, and how many runs are in doubt; nothing before the file is there."""
        try:
            [(entry, sweep)] = self.rows("SELECT entry, sweep FROM bookmark")
            [(doubtful,)] = self.rows("SELECT count(*) FROM run WHERE doubtful = 1")
        except (sqlite3.OperationalError, ValueError):
            return None
        return entry, sweep, doubtful

    def wait_until_level(self, within=60.0):
        """Until the file has all that the stream has, and nothing is left to be repaired."""
        def is_level():
            told = self.bus.redis.execute_command("XINFO", "STREAM", self.bus.key("events"))
            last = dict(zip(told[::2], told[1::2]))[b"last-generated-id"].decode()
            return self.bookmark() == (last, 0, 0)

        eventually(is_level, "the history has all of the stream", within, every=0.05)

    def runs(self):
        """What the file has of each run, by its id."""
        names = ("id", "workflow", "version", "status", "state", "events", "missing", "created", "started", "finished", "error_code", "rollback")
        rows = self.rows("""
            SELECT run.id, w.text, v.text, status, s.text, events, missing, created, started, finished, error_code, rollback FROM run
            JOIN term w ON w.number = workflow LEFT JOIN term v ON v.number = version JOIN term s ON s.number = state""")
        runs = {row[0]: dict(zip(names, row)) for row in rows}
        assert len(runs) == len(rows), "two runs have one id"
        for run in runs.values():
            run["status"] = STATUSES[run["status"]]
        return runs

    def events(self):
        """How many events the file has of each run's own counting, by its id."""
        return dict(self.rows("SELECT run.id, count(*) FROM event JOIN run ON run.number = event.run WHERE sequence > 0 GROUP BY run.id"))
