import CanoPrimitives
import CanoTesting
import RuleFixture
import Testing

@testable import CanoCore

extension StreamTests {
    func windows() async throws -> Facts {
        return [
            "outcome": try await drive(Numbers(journal: journal, source: numbers(1...5))), "journal": journal.entries,
            "checkpoint events": observer.summary.filter { $0.hasPrefix("checkpoint") },
            "items": try await values.get(StoreKey<Int>("items")),
        ]
    }

    func empty() async throws -> Facts {
        let empty = AsyncStream<Int> { $0.finish() }
        _ = try await drive(Numbers(journal: journal, source: empty))
        return ["journal": journal.entries, "told of a cursor": observer.summary.contains { $0.hasSuffix("step_cursor") }]
    }

    func stop() async throws -> Facts {
        return [
            "outcome": try await drive(Numbers(journal: journal, source: numbers(1...9), stopAt: 3)), "journal": journal.entries,
            "cursors told": observer.summary.count { $0.hasSuffix("step_cursor") },
        ]
    }

    func stopAtTheEnd() async throws -> Facts {
        return [
            "outcome": try await drive(Numbers(journal: journal, source: numbers(1...3), stopAt: 3)), "journal": journal.entries,
            "cursors told": observer.summary.count { $0.hasSuffix("step_cursor") },
        ]
    }

    func closeFails() async throws -> Facts {
        var task = Numbers(journal: journal, source: numbers(1...3))
        task.onClose = { _ in throw Mishap(code: "close") }
        let error = await caught { try await drive(task) }
        return ["code": error?.code, "cursors": try await cursors]
    }

    func badItemsInARow() -> Facts {
        var facts: Facts = [:]
        var tally = StreamTally<Int, Int>(policy: .retryOnError(maxErrors: 1), window: .count(0))
        facts["capacity of a window of 0"] = tally.capacity
        tally.good(10, 1)
        facts["full after a good item"] = tally.isFull
        facts["cursor after it"] = tally.cursor
        let goesOn = tally.bad()
        facts["goes on after a bad one"] = goesOn
        facts["outputs then"] = tally.outputs
        facts["cursor then"] = tally.cursor
        let window = tally.take()
        facts["outputs of the window"] = window.outputs
        facts["cursor of the window"] = window.cursor
        let goesOnBehind = tally.bad()
        facts["goes on after another behind the window"] = goesOnBehind
        tally.good(30, 3)
        let goesOnAnew = tally.bad()
        facts["goes on after a good and a bad one"] = goesOnAnew
        return facts
    }

    func badItems() async throws -> Facts {
        var facts: Facts = [:]
        let error = await caught { try await drive(Numbers(journal: journal, source: numbers(1...4), bad: [2])) }
        facts["code when failing fast"] = error?.code
        facts["journal when failing fast"] = journal.entries
        try await store.clear("r")
        _ = try await drive(Numbers(journal: journal, source: numbers(1...4), onItemError: .skipAndContinue, bad: [2, 4]))
        facts["end of journal when skipping"] = journal.entries.suffix(2)
        let policy = StreamErrorPolicy.retryOnError(maxErrors: 2)
        let last = await caught {
            try await drive(Numbers(journal: journal, source: numbers(1...9), onItemError: policy, bad: [1, 2, 4, 5, 6]))
        }
        facts["code when forgiving two"] = last?.code
        return facts
    }

    func itemTimeout() async throws -> Facts {
        let clock = ManualClock()
        var task = Numbers(journal: journal, source: numbers(1...3), onItemError: .skipAndContinue)
        task.config.attemptTimeout = .seconds(1)
        task.onProcess = { if $0 == 2 { try await untilCancelled() } }
        let timed = task
        _ = try await clock.skippingWaits { try await drive(timed, clock: clock) }
        return ["journal": journal.entries]
    }

    func flushFails() async throws -> Facts {
        let error = await caught {
            try await drive(Numbers(journal: journal, source: numbers(1...4), flushFails: true))
        }
        return ["code": error?.code, "cursors": try await cursors, "values": try await values.keys()]
    }

    func cancelDrain() async throws -> Facts {
        let (source, continuation) = endless(1...3)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source)
        task.onProcess = { if $0 == 3 { control.stop(.cancelled(reason: nil)) } }
        let error = await caught { try await drive(task, control: control) }
        continuation.finish()
        return [
            "category": error?.category, "journal": journal.entries, "cursors": try await cursors,
            "last events": observer.summary.suffix(2), "items": try await values.get(StoreKey<Int>("items")),
        ]
    }

    func flushIsNotCutShort() async throws -> Facts {
        let (source, continuation) = endless(1...3)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source)
        task.onFlush = { context in
            control.stop(.cancelled(reason: nil))
            try Task.checkCancellation()
            _ = try await context.store.increment("flushes", by: 1)
        }
        let error = await caught { try await drive(task, control: control) }
        continuation.finish()
        return [
            "category": error?.category, "journal": journal.entries, "cursors": try await cursors,
            "flushes": try await values.get(StoreKey<Int>("flushes")), "items": try await values.get(StoreKey<Int>("items")),
        ]
    }

    func itemIsCutShort() async throws -> Facts {
        let (source, continuation) = endless(1...3)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source, window: .count(5))
        task.onProcess = { item in
            guard item == 2 else { return }
            control.stop(.cancelled(reason: nil))
            try await untilCancelled()
        }
        let error = await caught { try await drive(task, control: control) }
        continuation.finish()
        return ["category": error?.category, "journal": journal.entries, "cursors": try await cursors]
    }

    func drainFails() async throws -> Facts {
        let (source, continuation) = endless(1...1)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source, flushFails: true)
        task.onProcess = { _ in control.stop(.cancelled(reason: nil)) }
        let error = await caught { try await drive(task, control: control) }
        continuation.finish()
        return ["code": error?.code, "journal": journal.entries, "cursors": try await cursors]
    }

    func drainCloseFails() async throws -> Facts {
        let (source, continuation) = endless(1...1)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source)
        task.onProcess = { _ in control.stop(.cancelled(reason: nil)) }
        task.onClose = { _ in throw Mishap(code: "close") }
        let error = await caught { try await drive(task, control: control) }
        continuation.finish()
        return ["code": error?.code, "journal": journal.entries, "cursors": try await cursors, "last event": observer.summary.last]
    }

    func cursorRefused(cancels: Bool) async throws -> Facts {
        struct Refusing: CheckpointStore {
            func append(_ row: CheckpointRow, to run: RunID) async throws {
                if row.kind == .stepCursor { throw CanoError(.checkpointStore, "another row is there", code: "conflict") }
            }
            func rows(of run: RunID) async throws -> [CheckpointRow] { [] }
            func clear(_ run: RunID) async throws {}
        }
        let (source, continuation) = endless(1...1)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source, window: .count(cancels ? 2 : 1))
        task.onProcess = { _ in if cancels { control.stop(.cancelled(reason: nil)) } }
        let workflow = Workflow<Step>().register(.first, task).addExitStates([.second, .done])
        let error = await caught {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: WorkflowRuntime(checkpoints: Refusing()))
        }
        continuation.finish()
        return ["category": error?.category, "code": error?.code, "state": error?.state]
    }

    func cancelledWhileOpening() async throws -> Facts {
        let control = RunControl()
        var task = Numbers(journal: journal, source: numbers(1...3))
        task.onOpen = {
            control.stop(.cancelled(reason: nil))
            try await untilCancelled()
        }
        let error = await caught { try await drive(task, control: control) }
        return ["category": error?.category, "journal": journal.entries, "cursors": try await cursors]
    }

    func openedAllTheSame() async throws -> Facts {
        let control = RunControl()
        var task = Numbers(journal: journal, source: numbers(1...3))
        task.onOpen = { control.stop(.cancelled(reason: nil)) }
        let error = await caught { try await drive(task, control: control) }
        return ["category": error?.category, "journal": journal.entries, "cursors": try await cursors]
    }

    func openFails() async throws -> Facts {
        var task = Numbers(journal: journal, source: numbers(1...3))
        task.onOpen = { throw Mishap(code: "open") }
        let error = await caught { try await drive(task) }
        return ["code": error?.code, "last event": observer.summary.last, "journal": journal.entries]
    }

    func firstReasonCounts() async throws -> Facts {
        let (source, continuation) = endless(1...1)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source)
        task.onProcess = { _ in control.stop(.timedOut) }
        task.onClose = { _ in control.stop(.cancelled(reason: "late")) }
        let error = await caught { try await drive(task, control: control, timeout: .seconds(5)) }
        continuation.finish()
        return ["category": error?.category, "last events": observer.summary.suffix(2)]
    }

    func hooks() async throws -> Facts {
        var facts: Facts = [:]
        var task = Numbers(journal: journal, source: numbers(1...3))
        _ = try await drive(task)
        facts["task events of a success"] = observer.summary.filter { $0.hasPrefix("task") }
        observer.clear()
        task.onProcess = { _ in throw CancellationError() }
        let again = Numbers(journal: journal, source: numbers(1...3), onProcess: task.onProcess)
        let error = await caught { try await drive(again) }
        facts["category of a private cancellation"] = error?.category
        facts["events of it"] = observer.summary.filter { !$0.hasPrefix("checkpoint") }
        return facts
    }

    func notRetried() async throws -> Facts {
        var task = Numbers(journal: journal, source: numbers(1...3), bad: [1])
        task.config = TaskConfig(retry: .fixed(retries: 5, delay: .zero))
        let error = await caught { try await drive(task) }
        return ["code": error?.code, "journal": journal.entries]
    }

    func badCursor() async throws -> Facts {
        try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
        try await store.append(CheckpointRow(sequence: 1, kind: .stepCursor, state: "first", payload: Array("{".utf8)), to: "r")
        let workflow = Workflow<Step>().register(.first, Numbers(journal: journal, source: numbers(1...3))).addExitStates([.second, .done])
        let error = await caught { try await workflow.orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: store)) }
        return ["category": error?.category, "task": error?.task, "journal": journal.entries]
    }

    func timeoutDrain() async throws -> Facts {
        let (source, continuation) = endless(1...1)
        let clock = ManualClock()
        let error = await caught {
            try await clock.skippingWaits {
                try await drive(Numbers(journal: journal, source: source), timeout: .seconds(5), clock: clock)
            }
        }
        continuation.finish()
        return ["category": error?.category, "journal": journal.entries]
    }

    func resume() async throws -> Facts {
        _ = try? await drive(Numbers(journal: journal, source: numbers(1...4), bad: [4]))
        let workflow = Workflow<Step>().register(.first, Numbers(journal: journal, source: numbers(3...4))).addExitStates([.second, .done])
        return ["end": try await workflow.orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: store)), "journal": journal.entries]
    }

    func timeWindows() async throws -> Facts {
        let clock = ManualClock()
        let (source, continuation) = endless(1...2)
        let processed = Counter()
        let both = Gate()
        let third = Gate()
        var task = Numbers(journal: journal, source: source, window: .duration(.seconds(10)))
        task.onProcess = { _ in
            switch processed.increment() {
            case 2: both.open()
            case 3: third.open()
            default: break
            }
        }
        let prepared = task
        let end = Task { try await drive(prepared, clock: clock) }
        await both.pass()
        await clock.waitForSleepers()
        clock.advance(by: .seconds(10))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 20_000_000_000))
        clock.advance(by: .seconds(10))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 30_000_000_000))
        continuation.yield(3)
        await third.pass()
        continuation.finish()
        return ["outcome": try await end.value, "journal": journal.entries]
    }

    func standalone() async throws -> Facts {
        return [
            "end": try await Numbers(journal: journal, source: numbers(1...3)).run(TaskContext<Step>(store: values)),
            "journal": journal.entries,
        ]
    }
}
