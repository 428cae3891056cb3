"""What a run of a trial waits for until its test has done what it came for."""


class Gate:
    """Shut until it is opened. A trial whose input has its `path` as `gate` is held in the state `at`, or in its first one without that."""

    def __init__(self, file):
        self._file = file
        self.path = str(file)

    def open(self):
        self._file.touch()

    def shut(self):
        self._file.unlink()
