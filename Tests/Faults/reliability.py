"""The table of docs/reliability.md: what a run of these tests has seen."""
import itertools
import statistics
from pathlib import Path

from support.audit import Audit
from support.invariants import check_nothing_is_left

BEGIN, END = "<!-- what `make faults` saw -->", "<!-- end -->"
BEGIN_TOLD = "<!-- what clients were told -->"
HEAD = ("| fault | times | starts | lost | run twice | compensated twice | out of order | seconds to recover |\n"
        "| --- | --: | --: | --: | --: | --: | --: | --: |")
HEAD_TOLD = ("| fault | starts that Redis took | of these lost | starts that `WAIT` confirmed | of these lost | events read | of these gone |"
             " runs whose end was read twice |\n| --- | --: | --: | --: | --: | --: | --: | --: |")


class Row:
    """What one fault has done: how many times it was made, and the counts of the runs under it."""

    def __init__(self, fault):
        self.fault, self.times, self.seconds, self.audit = fault, 0, [], Audit()
        self.told = None  # the counts of what clients were told, where these are kept

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

    def lines(self):
        """(property of a report, line of its table) of what there is to say."""
        yield Table.ROW, "| " + " | ".join(self.cells()) + " |"
        if self.told:
            yield Table.TOLD, "| " + " | ".join([self.fault, *self.told.cells()]) + " |"


class Table:
    """A pytest plugin: prints the rows that the tests' reports carry, and puts them in their place on a page, if one is given."""

    ROW, TOLD = "row of docs/reliability.md", "row of its table of what clients were told"  # the properties of a report
    PLACES = {ROW: (BEGIN, HEAD), TOLD: (BEGIN_TOLD, HEAD_TOLD)}

    def __init__(self, page=None):
        self._page, self._rows = page and Path(page), {kind: [] for kind in self.PLACES}

    def pytest_runtest_logreport(self, report):
        if report.when == "teardown":
            for kind, rows in self._rows.items():
                rows += [row for name, row in report.user_properties if name == kind]

    def pytest_terminal_summary(self, terminalreporter):
        for row in itertools.chain(*self._rows.values()):
            terminalreporter.write_line(row)

    def pytest_sessionfinish(self):
        if not self._page:
            return
        text = self._page.read_text()
        for kind, (begin, head) in self.PLACES.items():
            before, rest = text.split(begin, 1)
            _, after = rest.split(END, 1)
            table = "\n".join([head, *self._rows[kind]])
            text = f"{before}{begin}\n{table}\n{END}{after}"
        self._page.write_text(text)
