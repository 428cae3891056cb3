import CanoCore
import CanoTesting
import RuleFixture
import Testing

/// What ends a task from outside, for every kind of task.
@Suite(.timeLimit(.minutes(5))) struct InterruptionTests {
    /// The kinds of tasks, each one waiting for an hour in its first state.
    enum Kind: String, CaseIterable, Sendable {
        case single, router, poll, timer, batch, split, stepped, stream
    }

    static let hour = MonotonicInstant(nanoseconds: 3_600_000_000_000)

    let clock = ManualClock()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    let journal = Journal<String>()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]) }

    func workflow(_ kind: Kind, attemptTimeout: Duration? = nil) -> Workflow<Step> {
        let config = TaskConfig(retry: .none, attemptTimeout: attemptTimeout)
        let workflow = Workflow<Step>().addExitState(.done)
        return switch kind {
        case .single: workflow.register(.first, Waiting(config: config))
        case .router: workflow.register(.first, WaitingRouter(config: config))
        case .poll: workflow.register(.first, WaitingPoll(config: config))
        case .timer: workflow.register(.first, WaitingTimer(config: config))
        case .batch: workflow.register(.first, WaitingBatch(config: config))
        case .split:
            workflow.registerSplit(
                .first, branches: [Branch(Waiting(config: config)), Branch(Waiting(config: config))], join: JoinConfig(.partialResults(2)),
                then: .done)
        case .stepped: workflow.register(.first, WaitingSteps(config: config))
        case .stream: workflow.register(.first, WaitingStream(config: config, journal: journal))
        }
    }

    /// Drives a run and interrupts it once its task waits.
    func drive(
        _ workflow: Workflow<Step>, timeout: Duration? = nil, onceItSleepsUntil instant: MonotonicInstant = hour,
        interrupt: (RunControl) -> Void
    ) async throws -> RunOutcome<Step> {
        let control = RunControl()
        let run = Run<Step>(id: "r", start: .fresh(.first), control: control, timeout: timeout)
        let outcome = Task { [runtime] in try await workflow.drive(run, in: runtime) }
        await clock.waitForSleeper(until: instant)
        interrupt(control)
        return try await outcome.value
    }

    @Test(
        "an attempt's timeout bounds the attempt of every kind: the branch, the step and the item where they are attempts",
        arguments: Kind.allCases)
    func attemptTimeout(kind: Kind) async throws {
        // The engine waits for what comes first, a task only for what it wants.
        let end = kind == .poll || kind == .timer ? MonotonicInstant(nanoseconds: 10_000_000_000) : Self.hour
        let error = await #expect(throws: CanoError.self) {
            try await drive(workflow(kind, attemptTimeout: .seconds(10)), onceItSleepsUntil: end) { _ in clock.advance(by: .seconds(10)) }
        }
        #expect(error?.state == "first")
        if kind == .split {
            #expect(error?.category == .workflow)
            #expect(error?.causes.first?.category == .timeout)
        } else {
            #expect(error?.category == .timeout)
            #expect(observer.summary.last == "taskFailed first task timeout")
        }
    }

    @Test("a run that goes on elsewhere leaves the task of every kind at once, and tells and writes nothing", arguments: Kind.allCases)
    func handBack(kind: Kind) async throws {
        guard case .relinquished(.handBack) = try await drive(workflow(kind), interrupt: { $0.stop(.handBack) }) else {
            return #expect(Bool(false))
        }
        #expect(!observer.summary.contains { $0.hasPrefix("taskFailed") || $0.hasPrefix("cancelled") })
        #expect(journal.entries.isEmpty)
        let rows = try await store.rows(of: "r")
        #expect(rows.count == (kind == .router ? 0 : 1))
    }

    /// What an interrupted run told, and the rows it left: its entry, unless it is a router's, and how far its task had got.
    func facts(of kind: Kind, _ error: CanoError?) async throws -> Facts {
        [
            "category": error?.category, "attempt": error?.attempt, "path": error?.path,
            "last events": observer.summary.suffix(kind == .split ? 3 : 2),
            "rows by kind": try await store.rows(of: "r").map(\.kind), "journal": journal.entries,
        ]
    }
}

private struct Waiting: WorkflowTask {
    let name = "task"
    let config: TaskConfig
    func run(_ context: TaskContext<Step>) async throws -> Step {
        try await context.sleep(for: .seconds(3600))
        return .done
    }
}

private struct WaitingRouter: RouterTask {
    let name = "task"
    let config: TaskConfig
    func route(_ context: TaskContext<Step>) async throws -> Step {
        try await context.sleep(for: .seconds(3600))
        return .done
    }
}

private struct WaitingPoll: PollTask {
    let name = "task"
    let config: TaskConfig
    func poll(_ context: TaskContext<Step>) async throws -> PollOutcome<Step> { .pending(retryIn: .seconds(3600)) }
}

private struct WaitingTimer: TimerTask {
    let name = "task"
    let config: TaskConfig
    func wait(_ context: TaskContext<Step>) async throws -> TimerOutcome { .duration(.seconds(3600)) }
    func afterWait(_ context: TaskContext<Step>) async throws -> Step { .done }
}

private struct WaitingBatch: BatchTask {
    let name = "task"
    let config: TaskConfig
    func load(_ context: TaskContext<Step>) async throws -> [Int] { [1] }
    func process(_ item: Int, _ context: TaskContext<Step>) async throws { try await context.sleep(for: .seconds(3600)) }
    func finish(_ results: [Result<Void, any Error>], _ context: TaskContext<Step>) async throws -> Step { .done }
}

private struct WaitingSteps: SteppedTask {
    let name = "task"
    let config: TaskConfig
    func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
        guard cursor != nil else { return .more(1) }
        try await context.sleep(for: .seconds(3600))
        return .done(.done)
    }
}

/// One item is quick, the next one waits; the window is not full before.
private struct WaitingStream: StreamTask {
    let name = "task"
    let config: TaskConfig
    let journal: Journal<String>
    var window: StreamWindow { .count(5) }

    func open(_ context: TaskContext<Step>, from cursor: Int?) async throws -> AsyncStream<Int> {
        AsyncStream { continuation in for number in 1...2 { continuation.yield(number) } }
    }

    func process(_ item: Int, _ context: TaskContext<Step>) async throws -> (output: Int, cursor: Int) {
        if item == 2 { try await context.sleep(for: .seconds(3600)) }
        return (item, item)
    }

    func flush(_ outputs: [Int], _ context: TaskContext<Step>) async throws -> WindowSignal<Step> {
        journal.add("flush \(outputs)")
        return .proceed
    }

    func close(_ reason: CloseReason, _ context: TaskContext<Step>) async throws -> Step {
        journal.add("close \(reason)")
        return .done
    }
}
