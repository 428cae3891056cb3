"""The Markdown pages of the repository: their headings, links and blocks of code, as GitHub reads them; and the blocks of comments in Swift."""
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)(```+|~~~+)(.*)$")
DOCUMENTATION = re.compile(r"^ */// ?(.*)$")


@dataclass(frozen=True)
class Block:
    """A fenced block of code."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self):
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Link:
    page: str
    line: int
    target: str

    def __str__(self):
        return f"{self.page}:{self.line}-{self.target}"


@cache
def files():
    """What git knows, or would know with the next `git add`: a link to what a build makes is none. Without git, what is not below a dot."""
    asked = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True)
    if asked.returncode == 0:
        listed = asked.stdout.split("\0")
    else:
        found = (path.relative_to(REPOSITORY) for path in REPOSITORY.rglob("*") if path.is_file())
        listed = [str(path) for path in found if not path.parts[0].startswith(".") or path.parts[0] in (".ci", ".github")]
    return frozenset(file for file in listed if file and (REPOSITORY / file).exists())


@cache
def folders():
    return frozenset(str(parent) for file in files() for parent in Path(file).parents)


@cache
def pages():
    return tuple(sorted(file for file in files() if file.endswith(".md")))


@cache
def sources():
    """The files in Swift that document something with code."""
    return tuple(sorted(file for file in files() if file.endswith(".swift") and re.search(r"^ */// *```", (REPOSITORY / file).read_text(), re.MULTILINE)))


def lines(page):
    """What a page says, line by line; of a file in Swift, what its documentation comments say."""
    text = (REPOSITORY / page).read_text().splitlines()
    return [comment[1] if (comment := DOCUMENTATION.match(line)) else "" for line in text] if page.endswith(".swift") else text


@cache
def parts(page):
    """The page's lines that are prose, as (number, line), and its blocks."""
    prose, blocks, opened = [], [], None
    for number, line in enumerate(lines(page), 1):
        fence = FENCE.match(line)
        if opened:
            start, indent, mark, language, texts = opened
            if fence and fence[2].startswith(mark) and not fence[3].strip():
                blocks.append(Block(page, start, language, "".join(f"{text}\n" for text in texts)))
                opened = None
            else:
                texts.append(line[len(indent):] if line.startswith(indent) else line)
        elif fence:
            opened = (number, fence[1], fence[2], fence[3].strip(), [])
        else:
            prose.append((number, line))
    assert opened is None, f"{page}:{opened[0]} opens a block that nothing closes"
    return prose, blocks


def blocks(*languages):
    """The blocks of all pages, and of documentation comments."""
    return [block for page in pages() + sources() for block in parts(page)[1] if not languages or block.language in languages]


def without_code(line):
    return re.sub(r"(`+)(?:(?!\1).)+?\1(?!`)", "", line)


@cache
def links():
    """Every link that leads to something of the repository, those of pictures and of HTML too."""
    found = []
    for page in pages():
        for number, line in parts(page)[0]:
            line = without_code(line)
            targets = re.findall(r"\]\(<?([^()\s>]+(?:\([^()]*\)[^()\s>]*)?)>?(?: +\"[^\"]*\")?\)", line)
            targets += re.findall(r"^\s*\[[^\]]+\]: +<?([^\s>]+)", line)
            targets += re.findall(r"\b(?:href|src|srcset)=\"([^\"]+)\"", line)
            targets += re.findall(r"<(doc:[^>]+)>", line)
            found += [Link(page, number, target) for target in targets if not re.match(r"(?:https?|mailto|rediss?):", target)]
    return found


@cache
def anchors(page):
    """What GitHub calls the headings of a page: `#what-it-is`, and `-1` behind the second of two that are called the same."""
    seen, names = {}, set()
    for _, line in parts(page)[0]:
        names.update(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", line))
        heading = re.match(r"#{1,6} +(.*?) *#*$", line)
        if heading:
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).replace("`", "")
            name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            names.add(name if name not in seen else f"{name}-{seen[name]}")
            seen[name] = seen.get(name, 0) + 1
    return names
