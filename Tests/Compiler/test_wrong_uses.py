"""Wrong uses that do not compile, and what the compiler says of each.

A case is the right program with one thing changed. The right program compiles, so nothing but the change can be what is refused.
"""
import pathlib
import shutil
import subprocess

import pytest

MODULES = pathlib.Path(__file__).parents[2] / ".build" / "debug" / "Modules"

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
