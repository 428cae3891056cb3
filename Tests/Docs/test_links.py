"""Every link of a page leads to a page, a heading or a file of the repository."""
import posixpath
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest
from pages import anchors, files, folders, links, pages

LINKS = links()


def led_to(link):
    """The file and the heading that a link means."""
    path, _, anchor = unquote(link.target).partition("#")
    if path.startswith("doc:"):
        return posixpath.join(posixpath.dirname(link.page), path.removeprefix("doc:") + ".md"), anchor
    return posixpath.normpath(posixpath.join(posixpath.dirname(link.page), path)) if path else link.page, anchor


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_a_link_leads_somewhere(link):
    path, anchor = led_to(link)
    assert path in files() or path in folders(), f"{link}: there is no {path}"
    if anchor:
        assert path in pages(), f"{link}: only pages have headings"
        assert anchor in anchors(path), f"{link}: {path} has the headings {', '.join(sorted(anchors(path)))}"


def test_links_are_found():
    assert len(LINKS) > 200 and any(link.target.startswith("doc:") for link in LINKS)
    assert {"a-start", "numbers-1"}.isdisjoint(anchors("README.md")) and "guarantees" in anchors("README.md")


def test_the_index_of_the_documentation_leads_to_every_page_of_it():
    linked = {led_to(link)[0] for link in LINKS if link.page in ("docs/README.md", "docs/decisions/README.md")}
    there = {page for page in pages() if PurePosixPath(page).is_relative_to("docs")} - {"docs/README.md"}
    # Decisions are read one by one, where something refers to them.
    assert {page for page in there if not page.startswith("docs/decisions/0")} <= linked
