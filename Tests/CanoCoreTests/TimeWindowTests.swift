import CanoPrimitives
import CanoTesting
import Metrics
import MetricsTestKit
import Testing

@testable import CanoCore

/// Streams whose windows end with time, where two things are waited for at once.
@Suite(.timeLimit(.minutes(5))) struct TimeWindowTests {
    /// Reads numbers in windows of ten seconds; what it does is written down.
    struct Windowed<Source: AsyncSequence & Sendable>: StreamTask where Source.Element == Int {
        let name = "windowed"
        let source: Source
        let journal: Journal<String>
        var window = StreamWindow.duration(.seconds(10))
        var stops = false
        var onProcess: @Sendable (Int) async throws -> Void = { _ in }

        func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> Source { source }

        func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) {
            try await onProcess(item)
            return (item * 10, item)
        }

        func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> {
            journal.add("flush \(outputs)")
            return stops ? .stop(.second) : .proceed
        }

        func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step {
            journal.add("close \(reason)")
            return .done
        }
    }

    /// Gives number after number, and notices neither cancellation nor that its reader has left.
    struct Tireless: AsyncSequence, Sendable {
        /// Opened once its reader has left.
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

    func runtime() -> WorkflowRuntime {
        withMetricsFactory(backend) { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]) }
    }

    /// Drives a stream in a task of its own.
    func begin(
        _ task: Windowed<some AsyncSequence & Sendable>, control: RunControl? = nil, in runtime: WorkflowRuntime
    ) -> Task<RunOutcome<Step>, any Error> {
        let workflow = Workflow<Step>().register(.first, task).addExitStates([.second, .done])
        return Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(99)), in: runtime) }
    }

    /// A stream that has processed 1 and 2 and waits for more.
    func waiting(_ control: RunControl? = nil, stops: Bool = false) async -> Task<RunOutcome<Step>, any Error> {
        let (source, continuation) = AsyncStream.makeStream(of: Int.self)
        continuation.yield(1)
        continuation.yield(2)
        let processed = processed
        let outcome = begin(
            Windowed(source: source, journal: journal, stops: stops) { if $0 == 2 { processed.open() } }, control: control, in: runtime())
        await processed.pass()
        return outcome
    }

    func streams(_ outcome: String) -> Int64? {
        try? backend.expectCounter("cano_stream_runs_total", [("outcome", outcome)]).totalValue
    }

    @Test(
        "a source that notices nothing is read no further once the stream is over",
        arguments: ["stopped", "failed", "cancelled", "handed back"])
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
        await #expect(throws: Never.self) { try await eventually("nothing reads the source") { left.isOpen } }
    }
}
