import CanoTesting
import Testing

@testable import CanoCore

@Suite struct StreamTests {
    /// Reads numbers; what it does is written down.
    struct Numbers: StreamTask {
        let journal: Journal<String>
        let source: AsyncStream<Int>
        var window = StreamWindow.count(2)
        var onItemError = StreamErrorPolicy.failFast
        var config = TaskConfig.minimal
        var bad: Set<Int> = []
        var stopAt: Int?
        var flushFails = false
        var onProcess: @Sendable (Int) async throws -> Void = { _ in }
        var onFlush: @Sendable (TaskContext) async throws -> Void = { _ in }
        var onClose: @Sendable (CloseReason) async throws -> Void = { _ in }
        var onOpen: @Sendable () async throws -> Void = {}

        func open(_ context: TaskContext, from cursor: Int?) async throws -> AsyncStream<Int> {
            journal.add("open \(cursor.map(String.init) ?? "-")")
            try await onOpen()
            return source
        }

        func process(_ item: Int, _ context: TaskContext) async throws -> (Int, Int) {
            try await onProcess(item)
            if bad.contains(item) { throw Mishap(code: "bad \(item)") }
            _ = try await context.store.increment("items", by: 1)
            return (item * 10, item)
        }

        func flush(_ outputs: [Int], _ context: TaskContext) async throws -> WindowSignal<Step> {
            journal.add("flush \(outputs)")
            try await onFlush(context)
            if flushFails { throw Mishap(code: "flush") }
            if let stopAt, outputs.contains(stopAt * 10) { return .stop(.second) }
            return .proceed
        }

        func close(_ reason: CloseReason, _ context: TaskContext) async throws -> Step {
            journal.add("close \(reason)")
            try await onClose(reason)
            return .done
        }
    }

    let journal = Journal<String>()
    let store = InMemoryCheckpointStore()
    let observer = RecordingObserver()
    let values = MemoryStore()

    private func numbers(_ range: ClosedRange<Int>) -> AsyncStream<Int> {
        AsyncStream { continuation in
            for number in range { continuation.yield(number) }
            continuation.finish()
        }
    }

    private func drive(_ task: Numbers, control: RunControl? = nil, timeout: Duration? = nil, clock: ManualClock = ManualClock())
        async throws
        -> RunOutcome<Step>
    {
        let workflow = Workflow<Step>().register(.first, task).addExitStates([.second, .done])
        return try await workflow.drive(
            Run(id: "r", start: .fresh(.first), store: values, control: control, timeout: timeout),
            in: WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]))
    }

    private var cursors: [String] {
        get async throws {
            try await store.rows(of: "r").filter { $0.kind == .stepCursor }.map { String(decoding: $0.payload ?? [], as: UTF8.self) }
        }
    }

    @Test("SM-1, SM-5, SM-6: full windows are flushed and logged; the rest is flushed before closing")
    func windows() async throws {
        guard case .completed(.done) = try await drive(Numbers(journal: journal, source: numbers(1...5))) else {
            return #expect(Bool(false))
        }
        #expect(journal.entries == ["open -", "flush [10, 20]", "flush [30, 40]", "flush [50]", "close exhausted"])
        #expect(
            observer.summary.filter { $0.hasPrefix("checkpoint") } == [
                "checkpointWritten 0 state_entry", "checkpointWritten 1 step_cursor", "checkpointWritten 2 step_cursor",
                "checkpointWritten 3 step_cursor", "checkpointWritten 4 state_entry",
            ])
        #expect(try await values.get("items") == 5)
    }

    @Test("SM-6: an empty source is only closed")
    func empty() async throws {
        let empty = AsyncStream<Int> { $0.finish() }
        _ = try await drive(Numbers(journal: journal, source: empty))
        #expect(journal.entries == ["open -", "close exhausted"])
        #expect(!observer.summary.contains { $0.hasSuffix("step_cursor") })
    }

    @Test("SM-5: a window that says stop ends the stream without closing it")
    func stop() async throws {
        guard case .completed(.second) = try await drive(Numbers(journal: journal, source: numbers(1...9), stopAt: 3)) else {
            return #expect(Bool(false))
        }
        #expect(journal.entries == ["open -", "flush [10, 20]", "flush [30, 40]"])
        // The stopping window's cursor is logged too.
        #expect(observer.summary.count { $0.hasSuffix("step_cursor") } == 2)
    }

    @Test("SM-6: the rest may say stop too, and the stream is then not closed")
    func stopAtTheEnd() async throws {
        guard case .completed(.second) = try await drive(Numbers(journal: journal, source: numbers(1...3), stopAt: 3)) else {
            return #expect(Bool(false))
        }
        #expect(journal.entries == ["open -", "flush [10, 20]", "flush [30]"])
        #expect(observer.summary.count { $0.hasSuffix("step_cursor") } == 2)
    }

    @Test("SM-6: the last cursor is logged once closing has succeeded, so that a resumed run closes again")
    func closeFails() async throws {
        var task = Numbers(journal: journal, source: numbers(1...3))
        task.onClose = { _ in throw Mishap(code: "close") }
        let error = await #expect(throws: CanoError.self) { try await drive(task) }
        #expect(error?.code == "close")
        #expect(try await cursors == ["2"])
    }

    @Test("SM-2, SM-3: a good item starts the count of bad ones anew, a window's end does not; a bad item moves no cursor")
    func badItemsInARow() {
        var tally = StreamTally<Int, Int>(policy: .retryOnError(maxErrors: 1), window: .count(0))
        #expect(tally.capacity == 1)
        tally.good(10, 1)
        #expect(tally.isFull && tally.cursor == 1)
        let goesOn = tally.bad()
        #expect(goesOn && tally.outputs == [10] && tally.cursor == 1)
        let window = tally.take()
        #expect(window.outputs == [10] && window.cursor == 1)
        let goesOnBehind = tally.bad()
        #expect(!goesOnBehind)
        tally.good(30, 3)
        let goesOnAnew = tally.bad()
        #expect(goesOnAnew)
    }

    @Test("SM-3: a bad item fails the stream, is skipped, or is forgiven up to a number in a row")
    func badItems() async throws {
        let error = await #expect(throws: CanoError.self) { try await drive(Numbers(journal: journal, source: numbers(1...4), bad: [2])) }
        #expect(error?.code == "bad 2")
        #expect(journal.entries == ["open -"])
        try await store.clear("r")
        _ = try await drive(Numbers(journal: journal, source: numbers(1...4), onItemError: .skipAndContinue, bad: [2, 4]))
        #expect(journal.entries.suffix(2) == ["flush [10, 30]", "close exhausted"])
        let policy = StreamErrorPolicy.retryOnError(maxErrors: 2)
        let last = await #expect(throws: CanoError.self) {
            try await drive(Numbers(journal: journal, source: numbers(1...9), onItemError: policy, bad: [1, 2, 4, 5, 6]))
        }
        #expect(last?.code == "bad 6")
    }

    @Test("SM-3: an item that takes too long is a bad item")
    func itemTimeout() async throws {
        let clock = ManualClock()
        var task = Numbers(journal: journal, source: numbers(1...3), onItemError: .skipAndContinue)
        task.config.attemptTimeout = .seconds(1)
        task.onProcess = { if $0 == 2 { try await untilCancelled() } }
        let timed = task
        _ = try await clock.skippingWaits { try await drive(timed, clock: clock) }
        #expect(journal.entries == ["open -", "flush [10, 30]", "close exhausted"])
    }

    @Test("SM-5: a flush that fails fails the state, and its cursor is not logged")
    func flushFails() async throws {
        let error = await #expect(throws: CanoError.self) {
            try await drive(Numbers(journal: journal, source: numbers(1...4), flushFails: true))
        }
        #expect(error?.code == "flush")
        #expect(try await cursors.isEmpty)
        #expect(values.isEmpty)
    }

    /// A source that gives these numbers and then waits.
    private func endless(_ range: ClosedRange<Int>) -> (AsyncStream<Int>, AsyncStream<Int>.Continuation) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        for number in range { continuation.yield(number) }
        return (stream, continuation)
    }

    @Test("SM-7: a cancelled stream flushes what it has, closes, logs its cursor in place of the last one and then is cancelled")
    func cancelDrain() async throws {
        let (source, continuation) = endless(1...3)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source)
        task.onProcess = { if $0 == 3 { control.stop(.cancelled(reason: nil)) } }
        let error = await #expect(throws: CanoError.self) { try await drive(task, control: control) }
        continuation.finish()
        #expect(error?.category == .cancelled)
        #expect(journal.entries == ["open -", "flush [10, 20]", "flush [30]", "close cancelled"])
        #expect(try await cursors == ["3"])
        #expect(observer.summary.suffix(2) == ["taskFailed first Numbers cancelled", "cancelled first"])
        #expect(try await values.get("items") == 3)
    }

    @Test("SM-8: a cancellation is noticed between items: the window being flushed is flushed whole, its writes included")
    func flushIsNotCutShort() async throws {
        let (source, continuation) = endless(1...3)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source)
        task.onFlush = { context in
            control.stop(.cancelled(reason: nil))
            try Task.checkCancellation()
            _ = try await context.store.increment("flushes", by: 1)
        }
        let error = await #expect(throws: CanoError.self) { try await drive(task, control: control) }
        continuation.finish()
        #expect(error?.category == .cancelled)
        #expect(journal.entries == ["open -", "flush [10, 20]", "close cancelled"])
        #expect(try await cursors == ["2"])
        #expect(try await values.get("flushes") == 1)
        #expect(try await values.get("items") == 2)
    }

    @Test("SM-8 changed: the item under way notices the cancellation, and is neither counted as bad nor lost from the window")
    func itemIsCutShort() async throws {
        let (source, continuation) = endless(1...3)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source, window: .count(5))
        task.onProcess = { item in
            guard item == 2 else { return }
            control.stop(.cancelled(reason: nil))
            try await untilCancelled()
        }
        let error = await #expect(throws: CanoError.self) { try await drive(task, control: control) }
        continuation.finish()
        #expect(error?.category == .cancelled)
        #expect(journal.entries == ["open -", "flush [10]", "close cancelled"])
        #expect(try await cursors == ["1"])
    }

    @Test("SM-7: when the flush of a drain fails the stream is still closed, and the flush's error is the result")
    func drainFails() async throws {
        let (source, continuation) = endless(1...1)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source, flushFails: true)
        task.onProcess = { _ in control.stop(.cancelled(reason: nil)) }
        let error = await #expect(throws: CanoError.self) { try await drive(task, control: control) }
        continuation.finish()
        #expect(error?.code == "flush")
        #expect(journal.entries == ["open -", "flush [10]", "close cancelled"])
        #expect(try await cursors.isEmpty)
    }

    @Test("SM-7: an error of closing a cancelled stream takes the place of the cancellation, and the cursor stays behind")
    func drainCloseFails() async throws {
        let (source, continuation) = endless(1...1)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source)
        task.onProcess = { _ in control.stop(.cancelled(reason: nil)) }
        task.onClose = { _ in throw Mishap(code: "close") }
        let error = await #expect(throws: CanoError.self) { try await drive(task, control: control) }
        continuation.finish()
        #expect(error?.code == "close")
        #expect(journal.entries == ["open -", "flush [10]", "close cancelled"])
        #expect(try await cursors.isEmpty)
        #expect(observer.summary.last == "taskFailed first Numbers close")
    }

    @Test("SM-9: a cursor that the log refuses is the run's error, also when the stream was being cancelled", arguments: [true, false])
    func cursorRefused(cancels: Bool) async throws {
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
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: WorkflowRuntime(checkpoints: Refusing()))
        }
        continuation.finish()
        #expect(error?.category == .checkpointStore)
        #expect(error?.code == "conflict")
        #expect(error?.state == "first")
    }

    @Test("SM-10: a stream that is cancelled while it opens has nothing to drain and is not closed")
    func cancelledWhileOpening() async throws {
        let control = RunControl()
        var task = Numbers(journal: journal, source: numbers(1...3))
        task.onOpen = {
            control.stop(.cancelled(reason: nil))
            try await untilCancelled()
        }
        let error = await #expect(throws: CanoError.self) { try await drive(task, control: control) }
        #expect(error?.category == .cancelled)
        #expect(journal.entries == ["open -"])
        #expect(try await cursors.isEmpty)
    }

    @Test("SM-10 changed: opening is not cut off; a stream that opens all the same is closed, though nothing is read")
    func openedAllTheSame() async throws {
        let control = RunControl()
        var task = Numbers(journal: journal, source: numbers(1...3))
        task.onOpen = { control.stop(.cancelled(reason: nil)) }
        let error = await #expect(throws: CanoError.self) { try await drive(task, control: control) }
        #expect(error?.category == .cancelled)
        #expect(journal.entries == ["open -", "close cancelled"])
        #expect(try await cursors.isEmpty)
    }

    @Test("SM-10: a source that cannot be opened fails the state")
    func openFails() async throws {
        var task = Numbers(journal: journal, source: numbers(1...3))
        task.onOpen = { throw Mishap(code: "open") }
        let error = await #expect(throws: CanoError.self) { try await drive(task) }
        #expect(error?.code == "open")
        #expect(observer.summary.last == "taskFailed first Numbers open")
        #expect(journal.entries == ["open -"])
    }

    @Test("SM-11 changed: of a timeout and a cancellation the first one counts, also when the other comes during the drain")
    func firstReasonCounts() async throws {
        let (source, continuation) = endless(1...1)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source)
        task.onProcess = { _ in control.stop(.timedOut) }
        task.onClose = { _ in control.stop(.cancelled(reason: "late")) }
        let error = await #expect(throws: CanoError.self) { try await drive(task, control: control, timeout: .seconds(5)) }
        continuation.finish()
        #expect(error?.category == .workflowTimeout)
        #expect(observer.summary.suffix(2) == ["taskFailed first Numbers workflow_timeout", "timedOut"])
    }

    @Test("SM-12: one start and one end; a cancellation that only the task speaks of is a failure like any other")
    func hooks() async throws {
        var task = Numbers(journal: journal, source: numbers(1...3))
        _ = try await drive(task)
        #expect(observer.summary.filter { $0.hasPrefix("task") } == ["taskStarted first Numbers", "taskSucceeded first Numbers"])
        observer.clear()
        task.onProcess = { _ in throw CancellationError() }
        let again = Numbers(journal: journal, source: numbers(1...3), onProcess: task.onProcess)
        let error = await #expect(throws: CanoError.self) { try await drive(again) }
        #expect(error?.category == .taskExecution)
        #expect(
            observer.summary.filter { !$0.hasPrefix("checkpoint") } == [
                "stateEntered first", "taskStarted first Numbers", "taskFailed first Numbers task_execution",
            ])
    }

    @Test("SM-14 changed: a stream's configuration retries nothing, for the engine never opens it twice")
    func notRetried() async throws {
        var task = Numbers(journal: journal, source: numbers(1...3), bad: [1])
        task.config = TaskConfig(retry: .fixed(retries: 5, delay: .zero))
        await #expect(throws: CanoError.self) { try await drive(task) }
        #expect(journal.entries == ["open -"])
    }

    @Test("SM-15: a stored cursor that cannot be read fails the task before the source is opened")
    func badCursor() async throws {
        try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
        try await store.append(CheckpointRow(sequence: 1, kind: .stepCursor, state: "first", payload: Array("{".utf8)), to: "r")
        let workflow = Workflow<Step>().register(.first, Numbers(journal: journal, source: numbers(1...3))).addExitStates([.second, .done])
        let error = await #expect(throws: CanoError.self) { try await workflow.resume("r", in: WorkflowRuntime(checkpoints: store)) }
        #expect(error?.category == .taskExecution)
        #expect(error?.task == "Numbers")
        #expect(journal.entries.isEmpty)
    }

    @Test("SM-11: a stream out of time drains and then has timed out")
    func timeoutDrain() async throws {
        let (source, continuation) = endless(1...1)
        let clock = ManualClock()
        let error = await #expect(throws: CanoError.self) {
            try await clock.skippingWaits {
                try await drive(Numbers(journal: journal, source: source), timeout: .seconds(5), clock: clock)
            }
        }
        continuation.finish()
        #expect(error?.category == .workflowTimeout)
        #expect(journal.entries == ["open -", "flush [10]", "close cancelled"])
    }

    @Test("a stream that is handed back drains nothing")
    func handBack() async throws {
        let (source, continuation) = endless(1...3)
        let control = RunControl()
        var task = Numbers(journal: journal, source: source)
        task.onProcess = { if $0 == 3 { control.stop(.handBack) } }
        guard case .relinquished(.handBack) = try await drive(task, control: control) else { return #expect(Bool(false)) }
        continuation.finish()
        #expect(journal.entries == ["open -", "flush [10, 20]"])
        #expect(try await cursors == ["2"])
    }

    @Test("ST-6 for streams: a resumed stream opens behind its last window")
    func resume() async throws {
        _ = try? await drive(Numbers(journal: journal, source: numbers(1...4), bad: [4]))
        let workflow = Workflow<Step>().register(.first, Numbers(journal: journal, source: numbers(3...4))).addExitStates([.second, .done])
        #expect(try await workflow.resume("r", in: WorkflowRuntime(checkpoints: store)) == .done)
        #expect(journal.entries == ["open -", "flush [10, 20]", "open 2", "flush [30, 40]", "close exhausted"])
    }

    @Test("SM-1, SM-4: time windows flush what came in them, and nothing when nothing came")
    func timeWindows() async throws {
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
        guard case .completed(.done) = try await end.value else { return #expect(Bool(false)) }
        #expect(journal.entries == ["open -", "flush [10, 20]", "flush [30]", "close exhausted"])
    }

    @Test("SM-14: called directly a stream keeps its windows and its closing")
    func standalone() async throws {
        #expect(try await Numbers(journal: journal, source: numbers(1...3)).run(TaskContext(store: values)) == .done)
        #expect(journal.entries == ["open -", "flush [10, 20]", "flush [30]", "close exhausted"])
    }
}
