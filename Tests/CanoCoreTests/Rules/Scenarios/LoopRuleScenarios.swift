import CanoCore
import CanoTesting
import RuleFixture

/// Rules of the loop from state to state, of total timeouts and of cancellation.
struct LoopRuleScenarios {
    let clock = ManualClock()
    let observer = RecordingObserver()
    let store = InMemoryCheckpointStore()
    var runtime: WorkflowRuntime { WorkflowRuntime(clock: clock, checkpoints: store, observers: [observer]) }

    func lastRegistration() async throws -> Facts {
        let first = Workflow<Step>().register(.first) { _ in .done }.addExitState(.done)
        let second = first.register(.first) { _ in .third }.addExitStates([.third, .third])
        return [
            "end of the original": try await first.orchestrate(from: .first), "end of the copy": try await second.orchestrate(from: .first),
            "registered states": second.registeredStates, "exit states": second.exitStates.map(\.label).sorted(),
        ]
    }

    func perRun() async throws -> Facts {
        let seen = Journal<String>()
        let workflow = Workflow.single(given: Int.self) { context in
            seen.add("\(context.runID) \(context.input)")
            return .done
        }.versioned("7")
        for number in 1...2 {
            _ = try await workflow.orchestrate(from: .first, as: RunID("run-\(number)"), input: number, in: runtime)
        }
        return ["seen": seen.entries, "version": workflow.version]
    }

    func start() async throws -> Facts {
        var facts: Facts = [:]
        let workflow = Workflow<Step>.single { _ in .done }
        let error = await caught { try await workflow.orchestrate(from: .third, in: runtime) }
        facts["category"] = error?.category
        facts["message names the state"] = error?.message.contains("\"third\"")
        facts["events"] = observer.events
        facts["end in the exit state"] = try await workflow.orchestrate(from: .done, in: runtime)
        try observer.expectPath(["done"])
        return facts
    }

    func tooLate() async throws -> Facts {
        struct Last: SteppedTask {
            let control: RunControl
            func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
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
        var outcomes: [RunOutcome<Step>] = []
        for (workflow, control) in last {
            let run = Run<Step>(id: "r", start: .fresh(.first), control: control)
            outcomes.append(try await workflow.addExitState(.done).drive(run, in: runtime))
        }
        return ["outcomes": outcomes, "told of a cancellation": observer.summary.contains { $0.hasPrefix("cancelled") }]
    }

    private struct LastBatch: BatchTask {
        let control: RunControl
        func load(_ context: TaskContext<Step>) async throws -> [Int] { [] }
        func process(_ item: Int, _ context: TaskContext<Step>) async throws {}
        func finish(_ results: [Result<Void, any Error>], _ context: TaskContext<Step>) async throws -> Step {
            control.stop(.cancelled(reason: nil))
            return .done
        }
    }

    func entered() async throws -> Facts {
        struct Route: RouterTask {
            func route(_ context: TaskContext<Step>) async throws -> Step { .second }
        }
        let workflow = Workflow<Step>().register(.first, Route()).register(.second) { _ in .done }.addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, in: runtime)
        let entries = observer.events.compactMap { event -> String? in
            guard case .stateEntered(let state, let previous) = event else { return nil }
            return "\(previous ?? "-") → \(state)"
        }
        return ["entries": entries]
    }

    func extremeTimeouts() async throws -> Facts {
        var facts: Facts = [:]
        let workflow = Workflow<Step>.single { context in
            try await context.sleep(for: .seconds(1_000_000))
            return .done
        }
        let (clock, runtime) = (clock, runtime)
        let endless = Duration.seconds(Int64.max / 2)
        facts["end of an endless time"] = try await clock.skippingWaits {
            try await workflow.orchestrate(from: .first, timeout: endless, in: runtime)
        }
        let error = await caught {
            try await workflow.orchestrate(from: .first, timeout: .zero, in: runtime)
        }
        facts["category of a zero time"] = error?.category
        return facts
    }

    func afterSetUp() async throws -> Facts {
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
        let quick = try await end(of: .seconds(29))
        let slow = await caught { try await end(of: .seconds(31)) }
        guard case .timedOut(let limit, _)? = observer.events.last else { return ["last event": observer.summary.last] }
        return ["end of 29 seconds": quick, "category of 31 seconds": slow?.category, "limit told": limit]
    }

    func betweenStates(next: Step) async throws -> Facts {
        let control = RunControl()
        let workflow = Workflow<Step>()
            .register(.first) { _ in
                control.stop(.timedOut)
                return next
            }
            .register(.second) { _ in .done }.addExitState(.done)
        let run = Run<Step>(id: "r", start: .fresh(.first), control: control, timeout: .seconds(5))
        let outcome = try? await workflow.drive(run, in: runtime)
        return ["outcome": outcome, "last events": observer.summary.suffix(2)]
    }

    func stopping() async throws -> Facts {
        var facts: Facts = [:]
        let control = RunControl()
        control.stop(.cancelled(reason: "once"))
        control.stop(.cancelled(reason: "twice"))
        let workflow = Workflow<Step>.single { _ in .done }
        let error = await caught {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        facts["message says once"] = error?.message.contains("once")
        facts["events"] = observer.summary
        let late = RunControl()
        facts["outcome of a run stopped later"] = try await workflow.drive(Run(id: "s", start: .fresh(.first), control: late), in: runtime)
        late.stop(.cancelled(reason: nil))
        facts["cancellations told"] = observer.summary.count { $0.hasPrefix("cancelled") }
        return facts
    }

    func category() async throws -> Facts {
        let control = RunControl()
        let workflow = Workflow<Step>.single { _ in
            control.stop(.cancelled(reason: nil))
            throw Mishap()
        }
        let error = await caught {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control), in: runtime)
        }
        return ["category": error?.category, "code": error?.code]
    }

    func beforeTheFirstState() async throws -> Facts {
        let broken = TestResource(failingSetUp: Mishap())
        let workflow = Workflow<Step>(resources: Resources().inserting(broken, for: "broken"))
            .register(.first) { _ in .done }.addExitState(.done)
        let error = await caught { try await workflow.orchestrate(from: .first, in: runtime) }
        return ["state": error?.state, "path is empty": error?.path.isEmpty, "events": observer.events, "tear-downs": broken.tearDowns]
    }

    func denseSequences() async throws -> Facts {
        struct Twice: SteppedTask {
            let visits: Counter
            func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                if cursor == nil { return .more(1) }
                return .done(visits.increment() == 2 ? .done : .first)
            }
        }
        let workflow = Workflow<Step>().register(.first, Twice(visits: Counter())).addExitState(.done)
        _ = try await workflow.orchestrate(from: .first, as: "r", in: runtime)
        return ["rows told": observer.summary.filter { $0.hasPrefix("checkpoint") }]
    }

    func keptLog() async throws -> Facts {
        let task = FlakyTask<Step>(failing: 1, then: .done, config: .minimal)
        let workflow = Workflow<Step>().register(.first, task).addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", in: runtime)
        return [
            "rows": try await store.rows(of: "r").count, "end": try await workflow.orchestrate(resuming: "r", in: runtime),
            "log afterwards": try await store.rows(of: "r"),
        ]
    }

    func inTime() async throws -> Facts {
        var facts: Facts = [:]
        let workflow = Workflow<Step>.single { _ in .done }
        facts["end"] = try await workflow.orchestrate(from: .first, timeout: .seconds(1), in: runtime)
        clock.advance(by: .seconds(5))
        facts["told timedOut"] = observer.summary.contains("timedOut")
        return facts
    }

    func timeoutInPause() async throws -> Facts {
        let workflow = Workflow<Step>.single(config: TaskConfig(retry: .fixed(retries: 9, delay: .seconds(10)))) { _ in throw Mishap() }
        let runtime = runtime
        let error = await caught {
            try await clock.skippingWaits { try await workflow.orchestrate(from: .first, timeout: .seconds(25), in: runtime) }
        }
        return ["category": error?.category, "retries": observer.summary.count { $0.hasPrefix("taskRetried") }]
    }

    func firstReason() async throws -> Facts {
        let control = RunControl()
        let workflow = Workflow<Step>.single { _ in
            control.stop(.cancelled(reason: "first"))
            control.stop(.timedOut)
            try await untilCancelled()
            return .done
        }
        let error = await caught {
            try await workflow.drive(Run(id: "r", start: .fresh(.first), control: control, timeout: .seconds(1)), in: runtime)
        }
        return ["category": error?.category]
    }
}
