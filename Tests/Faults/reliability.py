"""The table of docs/reliability.md: what a run of these tests has seen."""
import statistics
from pathlib import Path

from support.audit import Audit
from support.invariants import check_nothing_is_left

BEGIN, END = "<!-- what `make faults` saw -->", "<!-- end -->"
HEAD = ("| fault | times | starts | lost | run twice | compensated twice | out of order | seconds to recover |\n"
        "| --- | --: | --: | --: | --: | --: | --: | --: |")


class Row:
    """What one fault has done: how many times it was made, and the counts of the runs under it."""

    def __init__(self, fault):
        self.fault, self.times, self.seconds, self.audit = fault, 0, [], Audit()

    def judge(self, bus, load, ends=True):
        """Counts what became of a load that should be over, and fails if anything did that should not have."""
        try:
            bus.wait_for_end(*load.ids, within=120)
        except AssertionError as error:
            print(error)  # counted below as lost
        self.audit.add(bus, load.commands, load.ends if ends else None)
        told = "\n".join(repr(event) for id in {id for id, _, _ in self.audit.found[:3]} for event in self.audit.stories.get(id, []))
        assert not self.audit.found, f"{self.audit.found[:20]}\n{told}"
        if ends and hasattr(load, "check_tallies"):
            load.check_tallies()
        check_nothing_is_left(bus, *[id for id, end in load.ends.items() if end == "completed"] if ends else [])

    def cells(self):
        count, seconds = self.audit.count, sorted(self.seconds)
        recovery = f"{statistics.median(seconds):.1f}, at most {seconds[-1]:.1f}" if seconds else "–"
        return [self.fault, f"{self.times:,}", f"{self.audit.starts:,}", *(
            f"{count[kind]:,}" for kind in ("lost", "twice", "undone twice", "disorder")), recovery]

    def __str__(self):
        return "| " + " | ".join(self.cells()) + " |"


class Table:
    """A pytest plugin: prints the rows that the tests' reports carry, and puts them in their place on a page, if one is given."""

    ROW = "row of docs/reliability.md"  # the property of a report

    def __init__(self, page=None):
        self._page, self._rows = page and Path(page), []

    def pytest_runtest_logreport(self, report):
        if report.when == "teardown":
            self._rows += [row for name, row in report.user_properties if name == self.ROW]

    def pytest_terminal_summary(self, terminalreporter):
        for row in self._rows:
            terminalreporter.write_line(row)

    def pytest_sessionfinish(self):
        if not self._page:
            return
        before, rest = self._page.read_text().split(BEGIN, 1)
        _, after = rest.split(END, 1)
        table = "\n".join([HEAD, *self._rows])
        self._page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")
