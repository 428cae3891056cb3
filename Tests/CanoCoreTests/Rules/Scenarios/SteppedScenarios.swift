import CanoCore
import CanoTesting
import RuleFixture
import Testing

struct SteppedScenarios {
    struct Count: SteppedTask {
        let seen: Journal<Int?>
        var failAt: Int?
        var config: TaskConfig { TaskConfig(retry: .fixed(retries: 1, delay: .zero)) }

        func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
            seen.add(cursor)
            _ = try await context.store.increment("steps", by: 1)
            if let failAt, cursor == failAt { throw Mishap() }
            let next = (cursor ?? 0) + 1
            return next == 4 ? .done(.done) : .more(next)
        }
    }

    let store = InMemoryCheckpointStore()
    let seen = Journal<Int?>()
    let observer = RecordingObserver()

    private func workflow(failAt: Int? = nil) -> Workflow<Step> {
        Workflow<Step>().register(.first, Count(seen: seen, failAt: failAt)).addExitState(.done)
    }

    func unstorableCursor() async throws -> Facts {
        struct NotANumber: SteppedTask {
            let steps: Counter
            let config = TaskConfig(retry: .fixed(retries: 3, delay: .zero))
            func step(_ context: TaskContext<Step>, from cursor: Double?) async throws -> StepOutcome<Double, Step> {
                steps.increment()
                return .more(.nan)
            }
        }
        let steps = Counter()
        let workflow = Workflow<Step>().register(.first, NotANumber(steps: steps)).addExitState(.done)
        let runtime = WorkflowRuntime(checkpoints: store, observers: [observer])
        let error = await caught { try await workflow.orchestrate(from: .first, in: runtime) }
        return ["category": error?.category, "task": error?.task, "steps": steps.value, "last event": observer.summary.last]
    }

    func ownBudgets() async throws -> Facts {
        struct Unsteady: SteppedTask {
            let attempts: Journal<String>
            let config = TaskConfig(retry: .fixed(retries: 1, delay: .zero), attemptTimeout: .seconds(10))
            func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                attempts.add("\(cursor ?? 0).\(context.attempt)")
                try await context.sleep(for: .seconds(8))
                if context.attempt == 1 { throw Mishap() }
                return cursor == 2 ? .done(.done) : .more((cursor ?? 0) + 1)
            }
        }
        let attempts = Journal<String>()
        let clock = ManualClock()
        let workflow = Workflow<Step>().register(.first, Unsteady(attempts: attempts)).addExitState(.done)
        let end = Task { try await workflow.orchestrate(from: .first, in: WorkflowRuntime(clock: clock)) }
        for second in stride(from: 8, through: 48, by: 8) {
            await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: Int64(second) * 1_000_000_000))
            clock.advance(by: .seconds(8))
        }
        return ["end": try await end.value, "attempts": attempts.entries]
    }

    func refusedAndFailed() async throws -> Facts {
        var facts: Facts = [:]
        let refusing = RefusingStore(store) { row in
            row.kind == .stepCursor ? CanoError(conflicting: row, of: "r") : nil
        }
        let refused = await caught {
            try await workflow().orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: refusing))
        }
        facts["category"] = refused?.category
        facts["state"] = refused?.state
        facts["cursors seen"] = seen.entries
        await #expect(throws: CanoError.self) {
            try await workflow(failAt: 2).orchestrate(from: .first, in: WorkflowRuntime(observers: [observer]))
        }
        facts["task events of a failed step"] = observer.summary.filter { $0.hasPrefix("task") }
        return facts
    }

    func unencodable() async throws -> Facts {
        struct Infinite: SteppedTask {
            func step(_ context: TaskContext<Step>, from cursor: Double?) async throws -> StepOutcome<Double, Step> { .more(.infinity) }
        }
        let workflow = Workflow<Step>().register(.first, Infinite()).addExitState(.done)
        let error = await caught {
            try await workflow.orchestrate(from: .first, in: WorkflowRuntime(checkpoints: store))
        }
        return ["category": error?.category, "task": error?.task]
    }

    func laterVisit() async throws -> Facts {
        struct Again: SteppedTask {
            let seen: Journal<Int?>
            func step(_ context: TaskContext<Step>, from cursor: Int?) async throws -> StepOutcome<Int, Step> {
                seen.add(cursor)
                if cursor == nil { return .more(1) }
                return .done(context.visit == 1 ? .second : .done)
            }
        }
        let visits = Journal<Int?>()
        let looping = Workflow<Step>().register(.first, Again(seen: visits)).register(.second) { _ in .first }.addExitState(.done)
        return [
            "end": try await looping.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: store)),
            "cursors seen": visits.entries,
        ]
    }

    func standalone() async throws -> Facts {
        return ["end": try await Count(seen: seen).run(TaskContext<Step>()), "cursors seen": seen.entries]
    }

    func rows() async throws -> Facts {
        let values = MemoryStore()
        _ = try await workflow().drive(
            Run(id: "r", start: .fresh(.first), store: values), in: WorkflowRuntime(checkpoints: store, observers: [observer]))
        return ["events": observer.summary, "steps": try await values.get(StoreKey<Int>("steps"))]
    }

    func resume() async throws -> Facts {
        let runtime = WorkflowRuntime(checkpoints: store)
        await #expect(throws: CanoError.self) { try await workflow(failAt: 2).orchestrate(from: .first, as: "r", in: runtime) }
        return [
            "cursors of the first life": seen.entries, "payload of the last row": try await store.rows(of: "r").last?.payload,
            "end of the resume": try await workflow().orchestrate(resuming: "r", in: runtime), "cursors of both": seen.entries,
        ]
    }

    func staleCursor() async throws -> Facts {
        for row in [
            CheckpointRow(sequence: 0, state: "first", visit: 1),
            CheckpointRow(sequence: 1, kind: .stepCursor, state: "first", visit: 1, payload: Array("3".utf8)),
            CheckpointRow(sequence: 2, state: "first", visit: 2),
        ] { try await store.append(row, to: "r") }
        _ = try await workflow().orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: store))
        return ["cursors seen": seen.entries]
    }

    func badCursor() async throws -> Facts {
        try await store.append(CheckpointRow(sequence: 0, state: "first"), to: "r")
        try await store.append(CheckpointRow(sequence: 1, kind: .stepCursor, state: "first", payload: Array("{".utf8)), to: "r")
        let error = await caught {
            try await workflow().orchestrate(resuming: "r", in: WorkflowRuntime(checkpoints: store, observers: [observer]))
        }
        return ["category": error?.category, "task": error?.task, "cursors seen": seen.entries]
    }
}
