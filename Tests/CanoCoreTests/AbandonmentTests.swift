import CanoCore
import CanoPrimitives
import CanoTesting
import InMemoryLogging
import InMemoryTracing
import Logging
import Metrics
import MetricsTestKit
import Testing

@Suite("A task that ignores that its run is stopped", .timeLimit(.minutes(5)))
struct AbandonmentTests {
    /// Where user code can be deaf.
    enum Place: CaseIterable {
        case task, secondAttempt, guarded, poll, step, timer, list, reduction, branch, batch
        case streamOpening, streamSource, streamItem, streamWindow, streamEnd
    }

    enum Station: String, WorkflowState, CaseIterable { case first, done }

    let clock = ManualClock()
    let observer = RecordingObserver()
    let log = InMemoryLogHandler()
    /// Opened when the task is where it hears nothing any more.
    let isDeaf = Gate()
    /// What it waits for.
    let gate = Gate()
    let late = Gate()
    let seen = Journal<CanoError.Category>()

    var runtime: WorkflowRuntime {
        let log = log
        return WorkflowRuntime(clock: clock, observers: [observer], logger: Logger(label: "test") { _ in log }, random: .always(0.5))
    }

    /// Hears nothing until the gate opens, and then tries to reach the run.
    @Sendable func deaf(_ store: TaskStore? = nil) async {
        isDeaf.open()
        await gate.pass()
        do { try await store?.put(1, for: "late") } catch { seen.add(CanoError(error).category) }
        late.open()
    }

    struct Numbers: AsyncSequence, Sendable {
        let upTo: Int
        var beforeFirst: @Sendable () async -> Void = {}

        struct Iterator: AsyncIteratorProtocol {
            let numbers: Numbers
            var last = 0
            mutating func next() async throws -> Int? {
                if last == 0 { await numbers.beforeFirst() }
                last += 1
                return last > numbers.upTo ? nil : last
            }
        }

        func makeAsyncIterator() -> Iterator { Iterator(numbers: self) }
    }

    struct Stream: StreamTask {
        let place: Place
        let deaf: @Sendable (TaskStore?) async -> Void
        func open(_ context: TaskContext<Station>, from cursor: Int?) async throws -> Numbers {
            if place == .streamOpening { await deaf(context.store) }
            return Numbers(upTo: 2) { if place == .streamSource { await deaf(nil) } }
        }
        func process(_ item: Int, _ context: TaskContext<Station>) async throws -> (output: Int, cursor: Int) {
            if place == .streamItem { await deaf(context.store) }
            return (item, item)
        }
        func flush(_ outputs: [Int], _ context: TaskContext<Station>) async throws -> WindowSignal<Station> {
            if place == .streamWindow { await deaf(context.store) }
            return .proceed
        }
        func close(_ reason: CloseReason, _ context: TaskContext<Station>) async throws -> Station {
            if place == .streamEnd { await deaf(context.store) }
            return .done
        }
    }

    struct Steps: SteppedTask {
        let deaf: @Sendable (TaskStore?) async -> Void
        func step(_ context: TaskContext<Station>, from cursor: Int?) async throws -> StepOutcome<Int, Station> {
            guard cursor != nil else { return .more(1) }
            await deaf(context.store)
            return .done(.done)
        }
    }

    struct Timer: TimerTask {
        let deaf: @Sendable (TaskStore?) async -> Void
        func wait(_ context: TaskContext<Station>) async throws -> TimerOutcome { .duration(.zero) }
        func afterWait(_ context: TaskContext<Station>) async throws -> Station {
            await deaf(context.store)
            return .done
        }
    }

    struct Poll: PollTask {
        let deaf: @Sendable (TaskStore?) async -> Void
        func poll(_ context: TaskContext<Station>) async throws -> PollOutcome<Station> {
            await deaf(context.store)
            return .ready(.done)
        }
    }

    struct Batch: BatchTask {
        let deaf: @Sendable (TaskStore?) async -> Void
        var concurrency: Int { 2 }
        func load(_ context: TaskContext<Station>) async throws -> [Int] { [1, 2] }
        func process(_ item: Int, _ context: TaskContext<Station>) async throws -> Int {
            if item == 2 { await deaf(context.store) }
            return item
        }
        func finish(_ results: [Result<Int, any Error>], _ context: TaskContext<Station>) async throws -> Station { .done }
    }

    func workflow(_ place: Place) -> Workflow<Station> {
        let deaf = deaf
        let handler: StateHandler<Station> =
            switch place {
            case .task:
                .task("deaf") { context in
                    await deaf(context.store)
                    return .done
                }
            case .secondAttempt:
                .task("deaf", config: TaskConfig(retry: .fixed(retries: 1, delay: .zero))) { context in
                    if context.attempt == 1 { throw Mishap() }
                    await deaf(context.store)
                    return .done
                }
            case .guarded:
                .task("deaf", config: TaskConfig(circuitBreaker: CircuitBreaker())) { context in
                    await deaf(context.store)
                    return .done
                }
            case .poll: .task(Poll(deaf: deaf))
            case .step: .task(Steps(deaf: deaf))
            case .timer: .task(Timer(deaf: deaf))
            case .batch: .task(Batch(deaf: deaf))
            case .list:
                .each(
                    "item",
                    of: { context in
                        await deaf(context.store)
                        return [1]
                    }, branch: { item, _ in item }, reduce: { _, _ in .done })
            case .branch:
                .split(
                    [
                        Branch("deaf") { context in
                            await deaf(context.store)
                            return 1
                        }
                    ]
                ) { _, _ in .done }
            case .reduction:
                .split([Branch("quick") { _ in 1 }]) { _, context in
                    await deaf(context.store)
                    return .done
                }
            case .streamOpening, .streamSource, .streamItem, .streamWindow, .streamEnd: .task(Stream(place: place, deaf: deaf))
            }
        return Workflow<Station>("w", startingAt: .first) { $0 == .first ? handler : .exit }
    }

    /// The time until it is left: what no cancellation cuts short has longer.
    func patience(_ place: Place) -> Duration {
        place == .streamWindow || place == .streamEnd ? .seconds(60) : .seconds(10)
    }

    @Test(
        "is abandoned after the grace period: the run ends as cancelled, and what the task does then has no effect",
        arguments: Place.allCases)
    func cancelled(place: Place) async throws {
        let store = MemoryStore()
        let run = workflow(place).start(as: "r", store: store, in: runtime)
        await isDeaf.pass()
        run.stop(.cancelled(reason: "enough"))
        // What reads a source is a part of the engine, which leaves it behind without a word.
        if place != .streamSource {
            await clock.waitForSleeper(until: clock.now.advanced(by: patience(place)))
            clock.advance(by: patience(place))
        }
        let error = await caught { try await run.output() }
        #expect(error?.category == .cancelled)
        if place != .streamSource {
            #expect(observer.summary.contains { $0.hasPrefix("attemptAbandoned first") })
            let line = try #require(log.entries.first { $0.level == .error })
            #expect(line.metadata["run"] == "r" && line.metadata["workflow"] == "w" && line.metadata["state"] == "first")
            #expect(line.metadata["attempt"] == (place == .secondAttempt ? "2" : "1"))
            #expect(error?.message.hasSuffix("; a task ignored its cancellation and was abandoned") == true)
        }
        let told = observer.summary.count
        gate.open()
        await late.pass()
        #expect(seen.entries == (place == .streamSource ? [] : [.attemptEnded]))
        #expect(store.isEmpty)
        #expect(observer.summary.count == told)
    }

    @Test("is abandoned as well when the run is out of time", arguments: [Place.task, .step, .streamItem])
    func outOfTime(place: Place) async throws {
        let (runtime, workflow) = (runtime, workflow(place))
        let run = Task { try await workflow.orchestrate(from: .first, as: "r", timeout: .seconds(60), in: runtime) }
        await isDeaf.pass()
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 60_000_000_000))
        clock.advance(by: .seconds(60))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 70_000_000_000))
        clock.advance(by: .seconds(10))
        let error = await caught { try await run.value }
        #expect(error?.category == .workflowTimeout)
        gate.open()
    }

    @Test("is abandoned in a run that is measured and traced, and counted")
    func instrumented() async throws {
        let metrics = TestMetrics()
        var runtime = withMetricsFactory(metrics) { self.runtime }
        runtime.tracer = InMemoryTracer()
        let run = workflow(.task).start(as: "r", in: runtime)
        await isDeaf.pass()
        run.stop()
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        clock.advance(by: .seconds(10))
        #expect(await caught { try await run.output() }?.category == .cancelled)
        #expect(try metrics.expectCounter("cano_attempts_abandoned_total").totalValue == 1)
        gate.open()
    }

    @Test("has as long as its configuration, or else the runtime, says", arguments: [nil, Duration.seconds(3)])
    func grace(own: Duration?) async throws {
        var runtime = runtime
        runtime.abandonAfter = .seconds(60)
        let deaf = deaf
        let workflow = Workflow<Step>.single(config: TaskConfig(abandonAfter: own)) { context in
            await deaf(context.store)
            return .done
        }
        let control = RunControl()
        let settings = runtime
        let run = Task { try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: settings) }
        await isDeaf.pass()
        control.stop(.cancelled(reason: nil))
        let grace = own ?? .seconds(60)
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 0).advanced(by: grace))
        clock.advance(by: grace)
        #expect(await caught { try await run.value }?.category == .cancelled)
        gate.open()
    }

    @Test("is waited for by a call that is no more than cancelled: its caller waits for what it began")
    func waitedFor() async throws {
        let (runtime, workflow) = (runtime, workflow(.task))
        let run = Task { try await workflow.orchestrate(from: .first, as: "r", in: runtime) }
        await isDeaf.pass()
        run.cancel()
        gate.open()
        #expect(await caught { try await run.value } == nil)
        #expect(!observer.summary.contains { $0.hasPrefix("attemptAbandoned") })
    }
}
