import CanoCore
import CanoTesting
import Testing

/// Rules of the loop from state to state, of total timeouts and of cancellation.
@Suite struct LoopRuleTests {
    let clock = ManualClock()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]) }

    @Test("WB-1, WB-2: registering answers a copy, and the last registration of a state counts")
    func lastRegistration() async throws {
        let first = Workflow<Step>().register(.first) { _ in .done }.addExitState(.done)
        let second = first.register(.first) { _ in .third }.addExitStates([.third, .third])
        #expect(try await first.orchestrate(from: .first) == .done)
        #expect(try await second.orchestrate(from: .first) == .third)
        #expect(second.registeredStates == [.first])
        #expect(second.exitStates == [.done, .third])
    }

    @Test("WB-3 changed: id, input, store, timeout, clock, log and observers belong to the run, not to the workflow")
    func perRun() async throws {
        let seen = Journal<String>()
        let workflow = Workflow<Step>.single { context in
            seen.add("\(context.runID) \(try context.input(Int.self))")
            return .done
        }.versioned("7")
        for number in 1...2 {
            _ = try await workflow.orchestrate(from: .first, as: RunID("run-\(number)"), input: number, in: runtime)
        }
        #expect(seen.entries == ["run-1 1", "run-2 2"])
        #expect(workflow.version == "7")
    }

    @Test("WB-5: a run cannot start in a state nobody registered; it can in an exit state, and ends there")
    func start() async throws {
        let workflow = Workflow<Step>.single { _ in .done }
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .third, in: runtime) }
        #expect(error?.category == .configuration)
        #expect(error?.message.contains("\"third\"") == true)
        #expect(observer.events.isEmpty)
        #expect(try await workflow.orchestrate(from: .done, in: runtime) == .done)
        try observer.expectPath(["done"])
    }

    @Test("FSM-1 changed: a cancel that comes once the exit state is chosen comes too late, whatever the kind of the last task")
    func tooLate() async throws {
        struct Last: SteppedTask {
            let control: RunControl
            func step(_ context: TaskContext, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                control.stop(.cancelled(reason: nil))
                return .done(.done)
            }
        }
        let (step, branch, reduction, batch) = (RunControl(), RunControl(), RunControl(), RunControl())
        let cancelling = BranchOf { _ in branch.stop(.cancelled(reason: nil)) }
        let last: [(Workflow<Step>, RunControl)] = [
            (Workflow<Step>().register(.first, Last(control: step)), step),
            (Workflow<Step>().registerSplit(.first, branches: [cancelling], then: .done), branch),
            (
                Workflow<Step>().registerSplit(.first, branches: [BranchOf { _ in }]) { _, _ in
                    reduction.stop(.cancelled(reason: nil))
                    return .done
                }, reduction
            ),
            (Workflow<Step>().register(.first, LastBatch(control: batch)), batch),
        ]
        for (workflow, control) in last {
            let run = Run<Step>(id: "r", start: .fresh(.first), control: control)
            guard case .completed(.done) = try await workflow.addExitState(.done).drive(run, in: runtime) else {
                return #expect(Bool(false))
            }
        }
        #expect(!observer.summary.contains { $0.hasPrefix("cancelled") })
    }

    private struct LastBatch: BatchTask {
        let control: RunControl
        func load(_ context: TaskContext) async throws -> [Int] { [] }
        func process(_ item: Int, _ context: TaskContext) async throws {}
        func finish(_ results: [Result<Void, any Error>], _ context: TaskContext) async throws -> Step {
            control.stop(.cancelled(reason: nil))
            return .done
        }
    }

    @Test("FSM-3: every state is observed when it is entered, with the one before: the first, routers and exits too")
    func entered() async throws {
        struct Route: RouterTask {
            func route(_ context: TaskContext) async throws -> Step { .second }
        }
        let workflow = Workflow<Step>().register(.first, Route()).register(.second) { _ in .done }.addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, in: runtime)
        let entries = observer.events.compactMap { event -> String? in
            guard case .stateEntered(let state, let previous) = event else { return nil }
            return "\(previous ?? "-") → \(state)"
        }
        #expect(entries == ["- → first", "first → second", "second → done"])
    }

    @Test("TT-1: a total time too long for the clock is never over; a zero one is over before the first task ends")
    func extremeTimeouts() async throws {
        let workflow = Workflow<Step>.single { context in
            try await context.sleep(for: .seconds(1_000_000))
            return .done
        }
        let (clock, runtime) = (clock, runtime)
        let endless = Duration.seconds(Int64.max / 2)
        #expect(try await clock.skippingWaits { try await workflow.orchestrate(from: .first, timeout: endless, in: runtime) } == .done)
        let error = await #expect(throws: CanoError.self) {
            try await workflow.orchestrate(from: .first, timeout: .zero, in: runtime)
        }
        #expect(error?.category == .workflowTimeout)
    }

    @Test("TT-1: a run's time begins when its resources are up, however long that took")
    func afterSetUp() async throws {
        struct SlowStart: Resource {
            let clock: ManualClock
            func setUp() async throws { try await clock.sleep(for: .seconds(20)) }
        }
        let (clock, runtime) = (clock, runtime)
        func end(of work: Duration) async throws -> Step {
            let workflow = Workflow<Step>(resources: Resources().inserting(SlowStart(clock: clock), for: "slow"))
                .register(.first, SlowTask(taking: work, then: .done)).addExitState(.done)
            return try await clock.skippingWaits {
                try await workflow.orchestrate(from: .first, as: .random(), timeout: .seconds(30), in: runtime)
            }
        }
        #expect(try await end(of: .seconds(29)) == .done)
        let error = await #expect(throws: CanoError.self) { try await end(of: .seconds(31)) }
        #expect(error?.category == .workflowTimeout)
        guard case .timedOut(.seconds(30), _)? = observer.events.last else { return #expect(Bool(false)) }
    }

    @Test("TT-2 changed: a run out of time stops before its next state, also when its task returned all the same; an exit still counts")
    func betweenStates() async throws {
        for next in [Step.second, .done] {
            let control = RunControl()
            let workflow = Workflow<Step>()
                .register(.first) { _ in
                    control.stop(.timedOut)
                    return next
                }
                .register(.second) { _ in .done }.addExitState(.done)
            let run = Run<Step>(id: RunID("r-\(next)"), start: .fresh(.first), control: control, timeout: .seconds(5))
            let outcome = try? await workflow.drive(run, in: runtime)
            if next == .done {
                guard case .completed(.done)? = outcome else { return #expect(Bool(false)) }
            } else {
                #expect(outcome == nil)
                #expect(observer.summary.suffix(2) == ["taskSucceeded first first", "timedOut"])
            }
        }
    }

    @Test("CT-1 changed: stopping twice is stopping once, a stop before the run counts, and one after it does nothing")
    func stopping() async throws {
        let control = RunControl()
        control.stop(.cancelled(reason: "once"))
        control.stop(.cancelled(reason: "twice"))
        let workflow = Workflow<Step>.single { _ in .done }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        #expect(error?.message.contains("once") == true)
        #expect(observer.summary == ["cancelled first once"])
        let late = RunControl()
        guard case .completed = try await workflow.drive(Run(id: "s", start: .fresh(.first), control: late), in: runtime) else {
            return #expect(Bool(false))
        }
        late.stop(.cancelled(reason: nil))
        #expect(observer.summary.count { $0.hasPrefix("cancelled") } == 1)
    }

    @Test("CT-6: a cancelled run with nothing to undo is cancelled, whatever its task threw meanwhile")
    func category() async throws {
        let control = RunControl()
        let workflow = Workflow<Step>.single { _ in
            control.stop(.cancelled(reason: nil))
            throw Mishap()
        }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        #expect(error?.category == .cancelled)
        #expect(error?.code == "cancelled")
    }

    @Test("WB-7: what is wrong before the first state has no place, runs nothing and is not observed")
    func beforeTheFirstState() async throws {
        let broken = TestResource(failingSetUp: Mishap())
        let workflow = Workflow<Step>(resources: Resources().inserting(broken, for: "broken"))
            .register(.first) { _ in .done }.addExitState(.done)
        let error = await #expect(throws: CanoError.self) { try await workflow.orchestrate(from: .first, in: runtime) }
        #expect(error?.state == nil)
        #expect(error?.path.isEmpty == true)
        #expect(observer.events.isEmpty)
        #expect(broken.tearDowns == 0)
    }

    @Test("FSM-9: sequences are dense over entries and cursors, and loops write a row for each visit")
    func denseSequences() async throws {
        struct Twice: SteppedTask {
            let visits: Counter
            func step(_ context: TaskContext, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                if cursor == nil { return .more(1) }
                return .done(visits.increment() == 2 ? .done : .first)
            }
        }
        let workflow = Workflow<Step>().register(.first, Twice(visits: Counter())).addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, as: "r", in: runtime)
        #expect(
            observer.summary.filter { $0.hasPrefix("checkpoint") } == [
                "checkpointWritten 0 state_entry", "checkpointWritten 1 step_cursor", "checkpointWritten 2 state_entry",
                "checkpointWritten 3 step_cursor", "checkpointWritten 4 state_entry",
            ])
    }

    @Test("FSM-10: a failed or cancelled run without compensations keeps its log and can be resumed")
    func keptLog() async throws {
        let task = FlakyTask<Step>(failing: 1, then: .done, config: .minimal)
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", in: runtime)
        #expect(try await store.rows(of: "r").count == 1)
        #expect(try await workflow.resume("r", in: runtime) == .done)
        #expect(try await store.rows(of: "r").isEmpty)
    }

    @Test("TT-2: work that ends in time is not disturbed by a total timeout, and its deadline is forgotten")
    func inTime() async throws {
        let workflow = Workflow<Step>.single { _ in .done }
        #expect(try await workflow.orchestrate(from: .first, timeout: .seconds(1), in: runtime) == .done)
        clock.advance(by: .seconds(5))
        #expect(!observer.summary.contains("timedOut"))
    }

    @Test("TT-1: the total time counts pauses between attempts too")
    func timeoutInPause() async throws {
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 9, delay: .seconds(10)))) { _ in throw Mishap() }
        let runtime = runtime
        let error = await #expect(throws: CanoError.self) {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, timeout: .seconds(25), in: runtime) }
        }
        #expect(error?.category == .workflowTimeout)
        #expect(observer.summary.count { $0.hasPrefix("taskRetried") } == 3)
    }

    @Test("CT-5 changed: of a cancellation and a timeout the first one counts")
    func firstReason() async throws {
        let control = RunControl()
        let workflow = Workflow<Step>.single { _ in
            control.stop(.cancelled(reason: "first"))
            control.stop(.timedOut)
            try await untilCancelled()
            return .done
        }
        let error = await #expect(throws: CanoError.self) {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(1)), in: runtime)
        }
        #expect(error?.category == .cancelled)
    }
}
