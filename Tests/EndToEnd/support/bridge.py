"""One `cano-bridge serve` process."""
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from .processes import end, spawn
from .waiting import eventually

REPOSITORY = Path(__file__).resolve().parents[3]
SAMPLES = ("numbers", "order-fulfilment")
TRIALS = (  # of trial-bridge: Tests/TrialBridge
    "trial", "trial-saga", "trial-march", "trial-watch", "trial-retry", "trial-loop", "trial-branches", "trial-kin")
QUICK_LEASE = ("--lease-seconds", 1.5, "--heartbeat-seconds", 0.3)  # what is lost is another's soon


def find_binary(program="cano-bridge"):
    """`CANO_BRIDGE` (`CANO_TRIAL_BRIDGE` for trial-bridge), else the newest build; None when there is neither."""
    variable = {"cano-bridge": "CANO_BRIDGE", "trial-bridge": "CANO_TRIAL_BRIDGE"}[program]
    if given := os.environ.get(variable):
        return Path(given).resolve()
    built = [REPOSITORY / ".build" / kind / program for kind in ("release", "debug")]
    return max((path for path in built if path.exists()), key=lambda path: path.stat().st_mtime, default=None)


class Bridge:
    """Ready once `P:bridges` and `P:workflows` name it; `id` is what the bus calls it."""

    running = []  # every bridge of this session that has not been closed; failing tests print their stderr

    def __init__(self, binary, bus, max_runs=64, events="states", url=None, options=(), cwd=None, env=None,
                 workflows=SAMPLES, name="bridge"):
        self.bus = bus
        self.id = None
        self.name = name  # its id begins with it
        self.arguments = [
            str(binary), "serve", "--redis", url or bus.server.url, "--prefix", bus.prefix,
            "--max-runs", str(max_runs), "--events", events, "--name", name, *map(str, options),
        ]
        self._workflows = workflows
        if workflows == SAMPLES:
            self.arguments.append("--samples")
        self._log = bus.server.folder / f"bridge-{time.monotonic_ns()}.log"
        self._forgotten = 0
        self._cwd, self._env = cwd, env
        self._process = None

    def start(self, within=20.0):
        known = self.bus.bridges()
        self.spawn()
        self.id = eventually(lambda: self._arrived(known), "the bridge shows in P:bridges and P:workflows", within)
        return self

    def spawn(self):
        """Starts the process and waits for nothing."""
        with open(self._log, "wb") as log:
            self._process = spawn(self.arguments, stdout=log, stderr=log, cwd=self._cwd, env=self._env)
        Bridge.running.append(self)

    def _arrived(self, known):
        if not self.is_alive:
            raise AssertionError(f"cano-bridge ended with {self._process.returncode}:\n{self.output()}")
        new = self.bus.bridges() - known
        able = {(workflow, bridge) for workflow, _, bridge in self.bus.workflows()}
        return next((id for id in new if all((workflow, id) in able for workflow in self._workflows)), None)

    @property
    def is_alive(self):
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self):
        return self._process.pid

    def terminate(self):
        self._process.terminate()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def pause(self):
        """It stands still, as a process does whose machine is suspended, until `go_on`."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self._process.send_signal(signal.SIGCONT)

    @contextmanager
    def paused(self):
        self.pause()
        try:
            yield
        finally:
            self.go_on()

    @property
    def resident_mib(self):
        """How much memory it holds."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def exit_code(self, within):
        """Its exit code; fails when it has not ended `within` seconds."""
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"cano-bridge {self.id} still runs after {within} s") from None

    def output(self):
        """What it has said on its standard error since it began or `forget_output`; the last of it."""
        try:
            return self._log.read_bytes()[self._forgotten:][-60_000:].decode(errors="replace")
        except FileNotFoundError:
            return ""

    def forget_output(self):
        if self._log.exists():
            self._forgotten = self._log.stat().st_size

    def close(self):
        if self._process is not None:
            if self.is_alive:
                self.go_on()
            end(self._process)
        if self in Bridge.running:
            Bridge.running.remove(self)
