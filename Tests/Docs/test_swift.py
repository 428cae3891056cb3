"""Every block of Swift on a page or in a documentation comment is taken by the compiler.

Blocks of articles are snippets of tests, where `swift test` compiles and runs them. The others have a place in a context: a file in `contexts` with
what a page takes for granted, in which a line `// block: <page>` stands for the next block of that page. Its `…` is code that it leaves out.
"""
import re
import shutil
import subprocess
import textwrap
from functools import cache

import pytest
from pages import REPOSITORY, blocks, parts

MODULES = REPOSITORY / ".build" / "debug" / "Modules"
FOLDER = REPOSITORY / "Tests" / "Docs"
CONTEXTS = sorted((FOLDER / "contexts").glob("*.swift"))
MARK = re.compile(r"^ *// block: (\S+)$")

# Pages whose blocks are whole files, and the tests that build and run them as they stand there.
ELSEWHERE = {
    "README.md": ["Tests/EndToEnd/test_example_packages.py", "Tests/Compiler/test_wrong_uses.py"],
    "Sources/CanoBridge/CanoBridge.docc/YourFirstWorkflowOnABridge.md": ["Tests/EndToEnd/test_example_packages.py"],
}

# Blocks that need not compile, by page and first line: why, and what the compiler says of them in their place.
EXEMPT = {
    ("docs/decisions/0014-define-a-workflow-as-a-switch-over-its-states.md", "// 1. A chain of registrations on a value with three type parameters."): (
        "pages of decisions are not rewritten, and it compares three forms of which two were never built", "specialized with too many type parameters"),
}

needs_compiler = pytest.mark.skipif(shutil.which("swiftc") is None, reason="asking the compiler needs a Swift toolchain")
each_context = pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.stem)


def key(block):
    return block.page, block.text.partition("\n")[0]


@cache
def snippets(page):
    """What the tests of an article compile and run."""
    article = re.fullmatch(r"Sources/(\w+)/\1\.docc/(\w+)\.md", page)
    file = REPOSITORY / f"Tests/{article[1]}Tests/Documentation/{article[2]}Snippets.swift" if article else None
    if file is None or not file.exists():
        return frozenset()
    passages = re.findall(r"^ *// snippet\.(?!end$).*\n((?:.*\n)*?) *// snippet\.end$", file.read_text(), re.MULTILINE)
    return frozenset(textwrap.dedent(passage) for passage in passages)


@cache
def to_place(page):
    """The blocks of a page that need a place in a context."""
    return tuple(block for block in parts(page)[1] if block.language == "swift" and page not in ELSEWHERE and block.text not in snippets(page))


@cache
def marks(context):
    return tuple(mark[1] for line in context.read_text().splitlines() if (mark := MARK.match(line)))


def home(block):
    context, = [context for context in CONTEXTS if block.page in marks(context)]
    return context


def program(context, changed={}):
    """A context with the blocks in their places, or what a block is changed into, as (line, where it comes from)."""
    left, lines = {page: iter(to_place(page)) for page in marks(context)}, []
    for number, line in enumerate(context.read_text().splitlines(), 1):
        mark = MARK.match(line)
        block = next(left[mark[1]], None) if mark else None
        if block:
            text = changed.get(block, "" if key(block) in EXEMPT else block.text)
            lines += [(shown, f"{block.page}:{block.line + place}") for place, shown in enumerate(text.replace("…", "omitted()").splitlines(), 1)]
        else:
            lines.append((line, f"{context.relative_to(REPOSITORY)}:{number}"))
    return lines


def compiled(lines, folder):
    """Whether the compiler takes it, and what it says, of the lines of pages."""
    assert (MODULES / "CanoCore.swiftmodule").exists(), "there is no debug build: run make build-tests first"
    file = folder / "blocks.swift"
    file.write_text("".join(f"{line}\n" for line, _ in lines))
    # As the package itself is compiled, and with its C modules where the build was told that they are.
    features = re.findall(r"\.enableUpcomingFeature\(\"(\w+)\"\)", (REPOSITORY / "Package.swift").read_text())
    maps = sorted(set(re.findall(r"-fmodule-map-file=[^\"]*", (MODULES.parents[1] / "debug.yaml").read_text())))
    done = subprocess.run(
        ["swiftc", "-emit-sil", "-wmo", "-o", "/dev/null", "-module-name", "Blocks", "-parse-as-library", "-suppress-warnings", "-diagnostic-style", "llvm",
         "-swift-version", "6", *[word for feature in features for word in ("-enable-upcoming-feature", feature)],
         "-I", str(MODULES), *[word for map in maps for word in ("-Xcc", map)], str(file), str(FOLDER / "Omitted.swift")],
        capture_output=True, text=True, timeout=300)
    return done.returncode == 0, re.sub(rf"{re.escape(str(file))}:(\d+)", lambda place: lines[int(place[1]) - 1][1], done.stderr)


@pytest.mark.parametrize("page", sorted({block.page for block in blocks("swift")}))
def test_every_block_has_a_place_where_it_is_compiled(page):
    homes = [context.name for context in CONTEXTS for mark in marks(context) if mark == page]
    assert len(homes) == len(to_place(page)), (
        f"no snippets, so that each needs a line `// block: {page}` in a file of Tests/Docs/contexts: {', '.join(map(str, to_place(page)))}")
    assert len(set(homes)) <= 1, "blocks of a page have their places in one context, in their order"


@each_context
def test_a_context_has_places_for_blocks_that_exist(context):
    assert marks(context) and all(to_place(page) for page in marks(context))


@pytest.mark.parametrize("page", ELSEWHERE)
def test_a_page_that_is_compiled_elsewhere_is_known_there(page):
    assert any(block.page == page for block in blocks("swift"))
    for tests in ELSEWHERE[page]:
        assert page.rpartition("/")[2] in (REPOSITORY / tests).read_text()


@needs_compiler
@each_context
def test_the_compiler_takes_the_blocks(context, tmp_path):
    is_taken, said = compiled(program(context), tmp_path)
    assert is_taken, said


@needs_compiler
@pytest.mark.parametrize("exempt", EXEMPT, ids=lambda exempt: exempt[0])
def test_an_exempted_block_exists_and_does_not_compile(exempt, tmp_path):
    block, = [block for block in to_place(exempt[0]) if key(block) == exempt]
    is_taken, said = compiled(program(home(block), {block: block.text}), tmp_path)
    assert not is_taken, "it needs no exemption"
    assert EXEMPT[exempt][1] in said


@needs_compiler
@pytest.mark.parametrize("page, right, wrong, line, answer", [
    ("Sources/CanoTesting/ManualClock.swift", "waitForSleepers()", "waitForSleeprs()", 3, "value of type 'ManualClock' has no member 'waitForSleeprs'"),
    # Beside what it leaves out.
    ("Sources/CanoCore/Workflow/StateHandler+Waiting.swift", ".step(taking: Payment.self", ".stop(taking: Payment.self", 2, "has no member 'stop'"),
    # What only the compiler's later passes see, which say it of the declaration.
    ("Sources/CanoCore/Resilience/CircuitBreaker.swift", "permit.succeed()", "permit.succeed(); permit.succeed()", 1, "'permit' consumed more than once"),
], ids=["a method that does not exist", "a handler that does not exist", "a permit used twice"])
def test_a_wrong_block_is_refused_at_its_line(page, right, wrong, line, answer, tmp_path):
    block, = [block for block in to_place(page) if right in block.text]
    is_taken, said = compiled(program(home(block), {block: block.text.replace(right, wrong)}), tmp_path)
    assert not is_taken
    assert re.search(rf"^{re.escape(page)}:{block.line + line}:\d+: error: .*{re.escape(answer)}", said, re.MULTILINE)
