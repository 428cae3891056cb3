"""Child processes that end with the test session, whatever happens to it."""
import ctypes
import signal
import subprocess
import sys

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent():
    if _libc is not None:
        _libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: a killed pytest leaves nothing running


def spawn(arguments, stdout, stderr, cwd=None, env=None):
    """Starts a child that reads nothing and dies with this process."""
    return subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, cwd=cwd, env=env,
        preexec_fn=_die_with_parent,
    )


def end(process, patience=5.0):
    """Ends a child by its own id: SIGTERM, then SIGKILL when it does not listen."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode
