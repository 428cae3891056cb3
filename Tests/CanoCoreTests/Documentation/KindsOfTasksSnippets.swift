import CanoCore
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct KindsOfTasksSnippets {
    enum Stage: String, WorkflowState, CaseIterable {
        typealias Input = Int
        typealias Output = Stage
        case choose, review, charge, paid, done
    }

    struct Gateway: Sendable {
        let calls = Journal<String>()

        func charge(_ cents: Int, key: String) async throws { calls.add("\(cents) \(key)") }

        func isPaid(_ run: RunID) async throws -> Bool {
            calls.add("\(run)")
            return calls.entries.count > 2
        }
    }

    struct Archive: Sendable {
        let pages = Journal<Int>()

        func importPage(_ page: Int) async throws -> Bool {
            pages.add(page)
            return page < 3
        }
    }

    struct Reading: Sendable {
        let offset: Int
        let value: Int
    }

    struct Feed: Sendable {
        func readings(after offset: Int) -> AsyncStream<Reading> {
            AsyncStream { continuation in
                for next in (offset + 1)..<5 { continuation.yield(Reading(offset: next, value: next * 10)) }
                continuation.finish()
            }
        }
    }

    // snippet.task
    struct Charge: WorkflowTask {
        let gateway: Gateway

        var config: TaskConfig { TaskConfig(retry: .exponential(5), attemptTimeout: .seconds(10)) }

        func run(_ context: TaskContext<Stage>) async throws -> Stage {
            try await gateway.charge(context.input, key: context.idempotencyKey)
            return .paid
        }
    }
    // snippet.end

    // snippet.router
    struct BySize: RouterTask {
        func route(_ context: TaskContext<Stage>) async throws -> Stage {
            context.input > 10_000 ? .review : .charge
        }
    }
    // snippet.end

    // snippet.poll
    struct AwaitPayment: PollTask {
        let gateway: Gateway

        var onPollError: PollErrorPolicy { .retryOnError(maxErrors: 3) }

        func poll(_ context: TaskContext<Stage>) async throws -> PollOutcome<Stage> {
            try await gateway.isPaid(context.runID) ? .ready(.paid) : .pending(retryIn: .seconds(5))
        }
    }
    // snippet.end

    // snippet.timer
    struct CoolOff: TimerTask {
        func wait(_ context: TaskContext<Stage>) async throws -> TimerOutcome { .duration(.seconds(3600)) }

        func afterWait(_ context: TaskContext<Stage>) async throws -> Stage { .charge }
    }
    // snippet.end

    // snippet.batch
    struct PrintLabels: BatchTask {
        var concurrency: Int { 4 }
        var itemRetry: RetryMode { .fixed(retries: 2, delay: .seconds(1)) }
        var itemTimeout: Duration? { .seconds(20) }

        func load(_ context: TaskContext<Stage>) async throws -> [String] { ["books", "lamp"] }

        func process(_ parcel: String, _ context: TaskContext<Stage>) async throws -> String { "label for \(parcel)" }

        func finish(_ results: [Result<String, any Error>], _ context: TaskContext<Stage>) async throws -> Stage {
            let labels = results.compactMap { try? $0.get() }
            return labels.count == results.count ? .done : .review
        }
    }
    // snippet.end

    // snippet.stepped
    struct ImportPages: SteppedTask {
        let archive: Archive

        func step(_ context: TaskContext<Stage>, from cursor: Int?) async throws -> StepOutcome<Int, Stage> {
            let page = cursor ?? 0
            return try await archive.importPage(page) ? .more(page + 1) : .done(.done)
        }
    }
    // snippet.end

    // snippet.stream
    struct Ingest: StreamTask {
        let feed: Feed

        var window: StreamWindow { .count(2) }
        var onItemError: StreamErrorPolicy { .skipAndContinue }

        func open(_ context: TaskContext<Stage>, from cursor: Int?) async throws -> AsyncStream<Reading> {
            feed.readings(after: cursor ?? -1)
        }

        func process(_ reading: Reading, _ context: TaskContext<Stage>) async throws -> (output: Int, cursor: Int) {
            (reading.value, reading.offset)
        }

        func flush(_ values: [Int], _ context: TaskContext<Stage>) async throws -> WindowSignal<Stage> {
            _ = try await context.store.increment("total", by: values.reduce(0, +))
            return .proceed
        }

        func close(_ reason: CloseReason, _ context: TaskContext<Stage>) async throws -> Stage { .done }
    }
    // snippet.end

    private func run(
        _ task: some WorkflowTask<Stage>, input: Int = 0, in runtime: WorkflowRuntime = .standard
    ) async throws -> Stage {
        let workflow = Workflow<Stage>("kinds", startingAt: .choose) { $0 == .choose ? .task(task) : .exit }
        return try await workflow.run(input, as: "r", in: runtime)
    }

    /// For tasks that wait; not for those with a timeout, which skipping could bring about.
    private func runSkippingWaits(_ task: some WorkflowTask<Stage>) async throws -> Stage {
        let clock = ManualClock()
        return try await clock.skippingWaits { try await run(task, in: WorkflowRuntime(clock: clock)) }
    }

    @Test("every kind of task runs in a workflow")
    func kinds() async throws {
        let gateway = Gateway()
        #expect(try await run(Charge(gateway: gateway), input: 5) == .paid)
        #expect(gateway.calls.entries == ["5 r/choose/1"])
        #expect(try await runSkippingWaits(AwaitPayment(gateway: gateway)) == .paid)
        #expect(gateway.calls.entries.count == 3)
        #expect(try await runSkippingWaits(CoolOff()) == .charge)
        #expect(try await run(PrintLabels()) == .done)
        let archive = Archive()
        #expect(try await run(ImportPages(archive: archive)) == .done)
        #expect(archive.pages.entries == [0, 1, 2, 3])
        #expect(try await run(Ingest(feed: Feed())) == .done)
    }

    @Test("a task is called without an engine")
    func alone() async throws {
        // snippet.alone
        let next = try await BySize().run(TaskContext<Stage>(input: 20_000))
        // snippet.end
        #expect(next == .review)
        #expect(try await run(BySize(), input: 1) == .charge)
    }
}
