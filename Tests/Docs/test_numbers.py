"""The numbers of the README are those of the pages that have measured them."""
import re

import pytest
from pages import REPOSITORY

README = (REPOSITORY / "README.md").read_text()
ROWS = re.findall(r"^\| (.*?) \| (.*?) \| \[\w+\]\((docs/\w+\.md)#[\w-]+\) \|$", README, re.MULTILINE)


@pytest.mark.parametrize("what, figure, page", [row for row in ROWS if "faults" not in row[0]])
def test_a_number_is_on_the_page_it_refers_to(what, figure, page):
    text = (REPOSITORY / page).read_text()
    numbers = re.findall(r"\d[\d,.]*\d|\d", figure)
    assert numbers and all(re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", text) for number in numbers if number != "99"), what


def test_the_faults_are_those_of_the_table():
    table = (REPOSITORY / "docs" / "reliability.md").read_text().partition("<!-- what `make faults` saw -->")[2].partition("<!-- end -->")[0]
    rows = [[cell.strip().replace(",", "") for cell in line.strip("| \n").split("|")] for line in table.splitlines() if line.startswith("| ")]
    faults = [[int(cell) for cell in row[1:7]] for row in rows if len(row) == 8 and row[1].isdigit()]
    times, starts, *wrong = map(sum, zip(*faults))
    figure, = (figure for what, figure, _ in ROWS if "faults" in what)
    assert figure == f"{times:,} under {starts:,} starts: none lost, none run twice" and wrong[:2] == [0, 0]
