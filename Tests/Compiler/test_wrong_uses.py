"""Wrong uses that do not compile, and what the compiler says of each; and what the README shows, which does.

A case is the right program with one thing changed. The right program compiles, so nothing but the change can be what is refused.
"""
import pathlib
import re
import shutil
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]
MODULES = REPOSITORY / ".build" / "debug" / "Modules"

pytestmark = pytest.mark.skipif(shutil.which("swiftc") is None, reason="asking the compiler needs a Swift toolchain")

RIGHT = """
import CanoCore

enum Step: String, WorkflowState, CaseIterable {
    typealias Input = Int
    typealias Output = String
    case charge, ship, done
}

enum Other: String, WorkflowState, CaseIterable { case begin, end }

struct Ship: WorkflowTask {
    func run(_ context: TaskContext<Step>) async throws -> Step { .done }
}

let workflow = Workflow<Step>("orders", startingAt: .charge) { state in
    switch state {
    case .charge:
        .sagaStep("charge") { context in
            (.ship, context.input)
        } undo: { context, receipt in
            try await context.store.put(receipt + 1, for: StoreKey<Int>("refunded"))
        }
    case .ship: .task(Ship())
    case .done: .exit { run in "\\(run.input)" }
    }
}

enum Line: String, WorkflowState, CaseIterable {
    typealias Input = [String]
    typealias Output = Int
    case measure, add, book, sum
}

let line = Workflow<Line>("line", startingAt: .measure) { state in
    switch state {
    case .measure: .step(then: .add) { context in context.input.map(\\.count) }
    case .add: .decision(taking: [Int].self, if: { $0 > 0 }, then: .book, else: .sum) { sizes, _ in sizes.reduce(0, +) }
    case .book:
        .sagaStep("book", taking: Int.self, then: .sum) { sum, _ in
            sum
        } undo: { context, booked in
            _ = try await context.store.increment("undone", by: booked)
        }
    case .sum: .exit(taking: Int.self) { sum, _ in sum }
    }
}

struct AskBank: BranchTask {
    func run(_ context: TaskContext<Step>) async throws -> Int { context.input }
}

struct AskFriends: BranchTask {
    let count: Int
    func run(_ context: TaskContext<Step>) async throws -> Int { count }
}

struct AskOracle: BranchTask {
    func run(_ context: TaskContext<Step>) async throws -> String { "yes" }
}

let asking = Workflow<Step>("asking", startingAt: .charge) { state in
    switch state {
    case .charge:
        .split([AskBank(), AskFriends(count: 2)], leadsTo: [.ship, .done]) { offers, _ in offers.outputs.reduce(0, +) > 9 ? .ship : .done }
    case .ship: .split([Branch(AskBank()), Branch("self") { context in context.input }]) { _, _ in .done }
    case .done: .exit { asked in asked.input.description }
    }
}

enum Sum: String, WorkflowState, CaseIterable {
    typealias Output = Int
    case count, check, end
}

struct Opaque: Sendable {}

let gathering = Workflow<Sum>("gathering", startingAt: .count) { state in
    switch state {
    case .count:
        .each("word", leadsTo: [.check, .end]) { _ in
            ["one", "two"]
        } branch: { word, _ in
            word.count
        } reduce: { counts, _ in
            counts.outputs.reduce(0, +) > 6 ? .check : .end
        }
    case .check:
        .split(
            [
                Branch<Sum, Int>("approval", waitingFor: Signal("approved", of: Int.self), .within(.seconds(9), else: 0)),
                Branch<Sum, Int>("own") { _ in 1 },
            ], then: .end)
    case .end: .exit { _ in 3 }
    }
}

func inClosures() {
    Task {
        do throws(CanoError) {
            print(try await asking.run(9))
        } catch {
            print(error.rollback)
        }
        print("ended")
    }
}

func use(_ breaker: CircuitBreaker) async throws {
    let output: String = try await workflow.run(7)
    let permit = try breaker.acquire()
    permit.succeed()
    print(output)
}
"""

WRONG = {
    "an input of another type": (
        "workflow.run(7)", 'workflow.run("seven")', "cannot convert value of type 'String' to expected argument type"),
    "no input": ("workflow.run(7)", "workflow.run()", "requires the types 'Step.Input' (aka 'Int') and '()' be equivalent"),
    "an output taken for another type": ("let output: String", "let output: Int", "cannot convert value of type 'Step.Output' (aka 'String')"),
    "an exit that makes another output": (
        '{ run in "\\(run.input)" }', "{ run in run.input }", "to closure result type 'Step.Output' (aka 'String')"),
    "an exit that makes none": ('.exit { run in "\\(run.input)" }', ".exit", "member 'exit' expects argument of type"),
    "a state without a handler": ("    case .ship: .task(Ship())\n", "", "add missing case: '.ship'"),
    "a state that does not exist": ("(.ship, context.input)", "(.sent, context.input)", "type 'Step' has no member 'sent'"),
    "a task of another workflow": (
        "TaskContext<Step>) async throws -> Step { .done }", "TaskContext<Other>) async throws -> Other { .end }", "requires the types"),
    "a receipt used as another type": (
        "receipt + 1", 'receipt + "1"', "cannot convert value of type 'String' to expected argument type 'Int'"),
    "an input used as another type": ("(.ship, context.input)", "(.ship, context.input.count)", "has no member 'count'"),
    "an exit that takes a value and makes another output": (
        ".exit(taking: Int.self)", ".exit(taking: String.self)", "cannot convert value of type 'String' to closure result type 'Line.Output'"),
    "a value handed on that cannot be stored": (
        "{ context in context.input.map(\\.count) }", "{ context -> TaskContext<Line> in context }", "declared closure result 'TaskContext<Line>' is incompatible"),
    "a value used as another type than was taken": (
        "sizes.reduce(0, +)", 'sizes.reduce("", +)', "cannot convert value of type 'String' to expected argument type 'Int'"),
    "a step that no state follows": (".step(then: .add)", ".step", "missing argument for parameter 'then' in call"),
    "a step that a state follows that does not exist": (".step(then: .add)", ".step(then: .sub)", "in reference to member 'sub'"),
    "a decision that says neither yes nor no": ("if: { $0 > 0 }", "if: { $0 + 1 }", "to closure result type 'Bool'"),
    "a decision between one state": ("then: .book, else: .sum", "then: .book", "missing argument for parameter 'else' in call"),
    # Where one name has forms that take a value and forms that take none, a mistake inside a body is still reported where it is.
    "a mistake in a step that takes no value": ("context.input.map", "context.inputs.map", "has no member 'inputs'"),
    "a mistake in an exit that takes no value": ('{ run in "\\(run.input)" }', "{ run in run.inputs }", "has no member 'inputs'"),
    "a mistake in a step that takes a value": ("sizes.reduce(0, +)", "sizes.sum", "value of type '[Int]' has no member 'sum'"),
    "a receipt undone as another type": (
        "by: booked", 'by: booked + "1"', "cannot convert value of type 'String' to expected argument type 'Int'"),
    "branches whose outputs are of two types": (
        "[AskBank(), AskFriends(count: 2)]", "[AskBank(), AskOracle()]",
        "cannot convert value of type 'AskOracle' to expected element type 'any BranchTask<Step, Int>'"),
    "a branch without Branch beside one with it": (
        "[Branch(AskBank()),", "[AskBank(),", "cannot convert value of type 'AskBank' to expected element type"),
    "a branch that returns what no log can keep": (
        'Branch<Sum, Int>("own") { _ in 1 }', 'Branch<Sum, Opaque>("own") { _ in Opaque() }', "'Opaque' and '()' be equivalent"),
    "branches of a list that return what no log can keep": ("            word.count\n", "            Opaque()\n", "cannot convert value of type 'Opaque'"),
    "another value than the signal's when its time is over": ("else: 0)", 'else: "none")', "cannot convert value of type 'String'"),
    "a task that answers a state among branches": (
        "[AskBank(), AskFriends(count: 2)]", "[AskBank(), Ship()]", "'Ship'"),
    "a permit used twice": ("permit.succeed()\n", "permit.succeed()\n    permit.fail()\n", "'permit' consumed more than once"),
    "a graph changed from outside": (
        "try await workflow.run(7)", "try await workflow.addExitState(.ship).run(7)", "'addExitState' is inaccessible"),
}


def compiled(program, folder):
    """Whether the compiler takes it, and what it says."""
    file = folder / "main.swift"
    file.write_text(program)
    done = subprocess.run(
        ["swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-parse-as-library", "-I", str(MODULES), str(file)],
        capture_output=True, text=True, timeout=120)
    return done.returncode == 0, done.stderr


def test_the_right_program_compiles(tmp_path):
    assert compiled(RIGHT, tmp_path) == (True, "")


@pytest.mark.parametrize("wrong", WRONG, ids=[name.replace(" ", "-") for name in WRONG])
def test_does_not_compile(wrong, tmp_path):
    before, after, answer = WRONG[wrong]
    assert RIGHT.count(before) == 1, "the change is where it was meant to be"
    is_taken, said = compiled(RIGHT.replace(before, after), tmp_path)
    assert not is_taken
    assert answer in said


def test_the_client_of_the_readme_compiles(tmp_path):
    program = re.search(r"^```swift\n(import CanoClient\n.*?)^```", (REPOSITORY / "README.md").read_text(), re.MULTILINE | re.DOTALL)[1]
    (tmp_path / "main.swift").write_text(program)
    # Where the C modules of its dependencies are, as the build was told.
    maps = sorted(set(re.findall(r"-fmodule-map-file=[^\"]*", (MODULES.parents[1] / "debug.yaml").read_text())))
    done = subprocess.run(
        ["swiftc", "-typecheck", "-swift-version", "6", "-I", str(MODULES), *[word for map in maps for word in ("-Xcc", map)],
         str(tmp_path / "main.swift")], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
