import CanoTesting
import Metrics
import MetricsTestKit
import Testing

@testable import CanoCore

/// Streams whose windows end with time, where two things are waited for at once.
@Suite struct TimeWindowTests {
    /// Reads numbers in windows of ten seconds; what it does is written down.
    struct Windowed<Source: AsyncSequence & Sendable>: StreamTask where Source.Element == Int {
        let name = "windowed"
        let source: Source
        let journal: Journal<String>
        var window = StreamWindow.duration(.seconds(10))
        var stops = false
        var onProcess: @Sendable (Int) async throws -> Void = { _ in }

        func open(_ context: TaskContext, from cursor: Int?) async throws -> Source { source }

        func process(_ item: Int, _ context: TaskContext) async throws -> (Int, Int) {
            try await onProcess(item)
            return (item * 10, item)
        }

        func flush(_ outputs: [Int], _ context: TaskContext) async throws -> WindowSignal<Step> {
            journal.add("flush \(outputs)")
            return stops ? .stop(.second) : .proceed
        }

        func close(_ reason: CloseReason, _ context: TaskContext) async throws -> Step {
            journal.add("close \(reason)")
            return .done
        }
    }

    /// Gives number after number, and notices neither cancellation nor that nobody listens.
    struct Tireless: AsyncSequence, Sendable {
        /// Opened once nobody reads any more.
        let left: Gate

        struct AsyncIterator: AsyncIteratorProtocol {
            final class Presence: Sendable {
                let left: Gate
                init(_ left: Gate) { self.left = left }
                deinit { left.open() }
            }

            let presence: Presence
            var number = 0

            mutating func next() async -> Int? {
                number += 1
                return number
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(presence: .init(left)) }
    }

    let clock = ManualClock()
    let journal = Journal<String>()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    let backend = TestMetrics()
    let processed = Gate()

    private func runtime() -> WorkflowRuntime {
        withMetricsFactory(backend) { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]) }
    }

    /// Drives a stream in a task of its own.
    private func begin(
        _ task: Windowed<some AsyncSequence & Sendable>, control: RunControl? = nil, in runtime: WorkflowRuntime
    ) -> Task<RunOutcome<Step>, any Error> {
        let workflow = Workflow<Step>().register(.first, task).addExitStates([.second, .done])
        return Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(99)), in: runtime) }
    }

    /// A stream that has processed 1 and 2 and waits for more.
    private func waiting(_ control: RunControl? = nil, stops: Bool = false) async -> Task<RunOutcome<Step>, any Error> {
        let (source, continuation) = AsyncStream.makeStream(of: Int.self)
        continuation.yield(1)
        continuation.yield(2)
        let processed = processed
        let outcome = begin(
            Windowed(source: source, journal: journal, stops: stops) { if $0 == 2 { processed.open() } }, control: control, in: runtime())
        await processed.pass()
        return outcome
    }

    private func streams(_ outcome: String) -> Int64? {
        try? backend.expectCounter("cano_stream_runs_total", [("outcome", outcome)]).totalValue
    }

    @Test(
        "SM-7, SM-13: a stream that waits for its window to end is woken by a stop, and drained when the run ends",
        arguments: [StopReason.cancelled(reason: nil), .timedOut])
    func drained(reason: StopReason) async throws {
        let control = RunControl()
        let outcome = await waiting(control)
        control.stop(reason)
        let error = await #expect(throws: CanoError.self) { try await outcome.value }
        #expect(error?.category == (reason == .timedOut ? .workflowTimeout : .cancelled))
        #expect(journal.entries == ["flush [10, 20]", "close cancelled"])
        #expect(try await store.rows(of: "r").map(\.kind) == [.stateEntry, .stepCursor])
        #expect(streams(reason == .timedOut ? "failed" : "cancelled") == 1)
    }

    @Test("SM-7, SM-13: a stream that is handed back while it waits flushes nothing and has not ended")
    func handedBack() async throws {
        let control = RunControl()
        let outcome = await waiting(control)
        control.stop(.handBack)
        guard case .relinquished(.handBack) = try await outcome.value else { return #expect(Bool(false)) }
        #expect(journal.entries.isEmpty)
        #expect(try await store.rows(of: "r").map(\.kind) == [.stateEntry])
        for outcome in ["completed", "cancelled", "failed"] { #expect(streams(outcome) == nil) }
    }

    @Test("SM-5: a time window that says stop ends the stream without closing it")
    func stops() async throws {
        let outcome = await waiting(stops: true)
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(10))
        guard case .completed(.second) = try await outcome.value else { return #expect(Bool(false)) }
        #expect(journal.entries == ["flush [10, 20]"])
    }

    @Test("SM-1: a tick that is due goes before an item that is there")
    func tickFirst() async throws {
        let (source, continuation) = AsyncStream.makeStream(of: Int.self)
        let (busy, ticked, goesOn, runtime) = (Gate(), Gate(), Gate(), runtime())
        let outcome = begin(
            Windowed(source: source, journal: journal) { item in
                guard item == 1 else { return }
                busy.open()
                await goesOn.pass()
            }, in: runtime)
        continuation.yield(1)
        await busy.pass()
        continuation.yield(2)
        continuation.finish()
        // Due just behind the tick, so that the tick has come when it does.
        _ = runtime.deadlines.add(at: MonotonicInstant(nanoseconds: 10_000_000_001)) { ticked.open() }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(11))
        await ticked.pass()
        goesOn.open()
        guard case .completed(.done) = try await outcome.value else { return #expect(Bool(false)) }
        #expect(journal.entries == ["flush [10]", "flush [20]", "close exhausted"])
    }

    @Test("SM-1: a window lasts a millisecond at least", arguments: [Duration.zero, .nanoseconds(5), .seconds(-1)])
    func floor(duration: Duration) async throws {
        let (source, continuation) = AsyncStream.makeStream(of: Int.self)
        let outcome = begin(Windowed(source: source, journal: journal, window: .duration(duration)), in: runtime())
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 1_000_000))
        continuation.finish()
        guard case .completed(.done) = try await outcome.value else { return #expect(Bool(false)) }
    }

    @Test(
        "SM-10: a source that breaks fails the state, and what was buffered is dropped",
        arguments: [StreamWindow.count(3), .duration(.seconds(10))])
    func sourceBreaks(window: StreamWindow) async throws {
        let source = AsyncThrowingStream<Int, any Error> { continuation in
            continuation.yield(1)
            continuation.finish(throwing: Mishap(code: "broken"))
        }
        let error = await #expect(throws: CanoError.self) {
            try await begin(Windowed(source: source, journal: journal, window: window), in: runtime()).value
        }
        #expect(error?.code == "broken")
        #expect(error?.state == "first")
        #expect(journal.entries.isEmpty)
        #expect(observer.summary.last == "taskFailed first windowed broken")
        #expect(streams("failed") == 1)
    }

    @Test(
        "a source that notices nothing is read no further once the stream is over",
        .timeLimit(.minutes(1)), arguments: ["stopped", "failed", "cancelled", "handed back"])
    func tireless(end: String) async throws {
        let (left, control) = (Gate(), RunControl())
        let outcome = begin(
            Windowed(source: Tireless(left: left), journal: journal, stops: true) { item in
                guard item == 3 else { return }
                switch end {
                case "failed": throw Mishap()
                case "cancelled": control.stop(.cancelled(reason: nil))
                case "handed back": control.stop(.handBack)
                default: clock.advance(by: .seconds(10))
                }
            }, control: control, in: runtime())
        _ = await outcome.result
        await left.pass()
    }
}
