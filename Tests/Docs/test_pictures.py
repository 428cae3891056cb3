"""The pictures of the pages are what their sources make, and say in words what they show."""
import re
import sys

import pytest
from pages import REPOSITORY, files, links, pages

sys.path.append(str(REPOSITORY / "scripts"))
import pictures  # noqa: E402

DRAWN = dict(pictures.drawn())


@pytest.mark.parametrize("file", DRAWN, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_a_picture_is_what_its_source_makes(file):
    assert file.read_text() == DRAWN[file], "draw it again with scripts/pictures.py"


def test_there_is_no_picture_without_a_source_and_none_that_no_page_shows():
    there = {REPOSITORY / file for file in files() if file.endswith(".svg") and not file.startswith("Sources/CanoAdmin/")}
    assert there == set(DRAWN)
    shown = {link.target.rpartition("/")[2] for link in links()}
    # DocC finds the one for dark pages by its name.
    assert {file.name for file in there if "~" not in file.name} <= shown


@pytest.mark.parametrize("page", pages())
def test_a_picture_has_words_for_those_who_do_not_see_it(page):
    text = (REPOSITORY / page).read_text()
    words = re.findall(r"!\[([^\]]*)\]\(", text) + [
        (re.search(r'alt="([^"]*)"', tag) or ["", ""])[1] for tag in re.findall(r"<img [^>]*>", text)]
    assert all(len(word.split()) > 3 for word in words)
