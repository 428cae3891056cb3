"""A program on a pseudo-terminal: what it shows, and what is typed."""
import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time

from .processes import end

SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A child whose input, output and error are one terminal of 120 columns and 30 lines. Ends with the `with` block."""

    def __init__(self, arguments, env=None):
        self.shown = ""
        self._own, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
        self._process = subprocess.Popen(
            [str(argument) for argument in arguments], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**os.environ, "TERM": "xterm", **(env or {})}, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(theirs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end(self._process)
        os.close(self._own)

    @property
    def text(self):
        """All that was shown, without colours and the like."""
        return SEQUENCE.sub("", self.shown).replace("\r\n", "\n")

    def type(self, text):
        os.write(self._own, text.encode())

    def wait_for(self, text, within=20.0):
        """Reads until the text was shown."""
        self._read(lambda: text in self.text, within, f"{text!r} is shown")

    def exit_code(self, within=30.0):
        """Reads to its end; its exit code."""
        self._read(lambda: False, within, "it has ended", to_the_end=True)
        return self._process.wait(5)

    def _read(self, is_enough, within, what, to_the_end=False):
        deadline = time.monotonic() + within
        while not is_enough():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {within} s: {what}; shown: {self.shown[-2000:]!r}")
            if not select.select([self._own], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self._own, 65_536)
            except OSError:  # the other end is closed: it has ended
                data = b""
            if not data:
                assert to_the_end, f"it has ended before {what}; shown: {self.shown[-2000:]!r}"
                return
            self.shown += data.decode(errors="replace")
