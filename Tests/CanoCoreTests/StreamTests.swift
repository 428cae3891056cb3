import CanoTesting
import Testing

@testable import CanoCore

@Suite(.timeLimit(.minutes(5))) struct StreamTests {
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
        var onFlush: @Sendable (TaskContext<Step>) async throws -> Void = { _ in }
        var onClose: @Sendable (CloseReason) async throws -> Void = { _ in }
        var onOpen: @Sendable () async throws -> Void = {}

        func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
            journal.add("open \(cursor.map(String.init) ?? "-")")
            try await onOpen()
            return source
        }

        func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) {
            try await onProcess(item)
            if bad.contains(item) { throw Mishap(code: "bad \(item)") }
            _ = try await context.store.increment("items", by: 1)
            return (item * 10, item)
        }

        func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> {
            journal.add("flush \(outputs)")
            try await onFlush(context)
            if flushFails { throw Mishap(code: "flush") }
            if let stopAt, outputs.contains(stopAt * 10) { return .stop(.second) }
            return .proceed
        }

        func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step {
            journal.add("close \(reason)")
            try await onClose(reason)
            return .done
        }
    }

    let journal = Journal<String>()
    let store = InMemoryCheckpointStore()
    let observer = RecordingObserver()
    let values = MemoryStore()

    func numbers(_ range: ClosedRange<Int>) -> AsyncStream<Int> {
        AsyncStream { continuation in
            for number in range { continuation.yield(number) }
            continuation.finish()
        }
    }

    func drive(_ task: Numbers, control: RunControl? = nil, timeout: Duration? = nil, clock: ManualClock = ManualClock())
        async throws
        -> RunOutcome<Step>
    {
        let workflow = Workflow<Step>().register(.first, task).addExitStates([.second, .done])
        return try await workflow.drive(
            Run(id: "r", start: .fresh(.first), store: values, control: control, timeout: timeout),
            in: WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]))
    }

    var cursors: [String] {
        get async throws {
            try await store.rows(of: "r").filter { $0.kind == .stepCursor }.map { String(decoding: $0.payload ?? [], as: UTF8.self) }
        }
    }

    /// A source that gives these numbers and then waits.
    func endless(_ range: ClosedRange<Int>) -> (AsyncStream<Int>, AsyncStream<Int>.Continuation) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        for number in range { continuation.yield(number) }
        return (stream, continuation)
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

    @Test(
        "a stream reads no further than it processes: what follows its last window is there for the next that reads the source",
        arguments: [nil, RunControl()])
    func readsNothingAhead(control: RunControl?) async throws {
        let (source, continuation) = endless(1...3)
        var task = Numbers(journal: journal, source: source)
        task.stopAt = 2
        guard case .completed(.second) = try await drive(task, control: control) else { return #expect(Bool(false)) }
        #expect(journal.entries == ["open -", "flush [10, 20]"])
        continuation.yield(4)
        continuation.finish()
        var rest: [Int] = []
        for await item in source { rest.append(item) }
        #expect(rest == [3, 4])
    }

    @Test("a stream that stops at the last item so far leaves its source open")
    func leavesItsSourceOpen() async throws {
        let (source, continuation) = endless(1...2)
        var task = Numbers(journal: journal, source: source)
        task.stopAt = 2
        guard case .completed(.second) = try await drive(task, control: RunControl()) else { return #expect(Bool(false)) }
        continuation.yield(3)
        continuation.finish()
        var rest: [Int] = []
        for await item in source { rest.append(item) }
        #expect(rest == [3])
    }
}
