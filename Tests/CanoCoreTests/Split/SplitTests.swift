import CanoPrimitives
import CanoTesting
import Testing

@testable import CanoCore

@Suite(.timeLimit(.minutes(5))) struct SplitTests {
    struct Branch: BranchTask {
        let index: Int
        var config = TaskConfig.minimal
        var name = "branch"
        let body: @Sendable (Int, TaskContext<Step>) async throws -> Int

        func run(_ context: TaskContext<Step>) async throws -> Int { try await body(index, context) }
    }

    let clock = ManualClock()
    let observer = RecordingObserver()
    let store = MemoryStore()

    func branches(
        _ count: Int, config: TaskConfig = .minimal,
        _ body: @escaping @Sendable (Int, TaskContext<Step>) async throws -> Int = { index, _ in index }
    ) -> [Branch] {
        (0..<count).map { Branch(index: $0, config: config, body: body) }
    }

    func run(
        _ branches: [Branch], _ join: JoinConfig, control: RunControl? = nil
    ) async throws -> (RunOutcome<Step>, SplitResult<Int>?) {
        let results = Journal<SplitResult<Int>>()
        let workflow = Workflow<Step>()
            .registerSplit(.first, branches: branches, join: join) { result, _ in
                results.add(result)
                return .done
            }
            .addExitState(.done)
        let runtime = WorkflowRuntime(clock: clock, observers: [observer])
        let outcome = try await workflow.drive(Run(id: "r", start: .fresh(.first), store: store, control: control), in: runtime)
        return (outcome, results.entries.first)
    }

    /// A join that its second branch decides, while the first one ignores that it is no longer needed.
    private func decided(_ gate: Gate, late: @escaping @Sendable (TaskContext<Step>) async -> Void = { _ in }) -> [Branch] {
        let begun = Gate()
        return branches(2) { index, context in
            if index == 1 {
                await begun.pass()
                return index
            }
            begun.open()
            await gate.pass()
            await late(context)
            return index
        }
    }

    @Test("a branch that ignores its cancellation is left behind after its grace period, and can no longer reach the run")
    func abandoned() async throws {
        let (gate, ended) = (Gate(), Gate())
        let seen = Journal<CanoError.Category>()
        let prepared = decided(gate) { context in
            do { try await context.store.put(1, for: "late") } catch { seen.add(CanoError(error).category) }
            do { _ = try context[ResourceKey<Int>("none")] } catch { seen.add(CanoError(error).category) }
            ended.open()
        }
        let outcome = Task { try await clock.skippingWaits { try await run(prepared, JoinConfig(.any)) } }
        let (_, result) = try await outcome.value
        gate.open()
        await ended.pass()
        #expect(result?.outputs == [1])
        #expect(observer.summary.contains("attemptAbandoned first branch[0]"))
        #expect(seen.entries == [.attemptEnded, .attemptEnded])
        #expect(store.isEmpty)
    }

    @Test("a branch with a timeout that is left behind is told once")
    func abandonedOnce() async throws {
        let (begun, gate) = (Gate(), Gate())
        let deaf = Branch(index: 0, config: TaskConfig(retry: .none, attemptTimeout: .seconds(60))) { index, _ in
            begun.open()
            await gate.pass()
            return index
        }
        let prepared = [
            deaf,
            Branch(index: 1) { index, _ in
                await begun.pass()
                return index
            },
        ]
        _ = try await clock.skippingWaits { try await run(prepared, JoinConfig(.any)) }
        gate.open()
        #expect(observer.summary.filter { $0.hasPrefix("attemptAbandoned") } == ["attemptAbandoned first branch[0]"])
    }

    /// Stops the run once its join is decided and it only waits for a branch that is deaf.
    func stopInGrace(_ reason: StopReason) async throws -> RunOutcome<Step> {
        let (control, gate) = (RunControl(), Gate())
        defer { gate.open() }
        let prepared = decided(gate)
        let outcome = Task { try await run(prepared, JoinConfig(.any), control: control).0 }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 10_000_000_000))
        control.stop(reason)
        clock.advance(by: .seconds(10))
        return try await outcome.value
    }

    @Test("a run that is handed back once a join is decided tells nothing more, not of branches left behind either")
    func handedBackInGrace() async throws {
        guard case .relinquished(.handBack) = try await stopInGrace(.handBack) else { return #expect(Bool(false)) }
        #expect(observer.summary == ["stateEntered first", "taskStarted first branch[0]", "taskStarted first branch[1]"])
    }

    @Test("what branches write joins the run by index, and only of those that succeeded")
    func writes() async throws {
        let (_, result) = try await run(
            branches(4) { index, context in
                try await context.store.append(index, to: "order")
                try await context.store.put(index, for: "last")
                if index == 3 { throw Mishap() }
                return index
            }, JoinConfig(.partialTimeout, timeout: .seconds(1)))
        #expect(result?.failures.map(\.index) == [3])
        #expect(try await store.get("order") == [0, 1, 2])
        #expect(try await store.get("last") == 2)
    }

    @Test("what branches wrote is dropped when the join fails")
    func droppedWrites() async throws {
        _ = try? await run(
            branches(2) { index, context in
                try await context.store.put(index, for: "last")
                if index == 1 { throw Mishap() }
                return index
            }, JoinConfig(.all))
        #expect(store.isEmpty)
    }

    @Test("plain tasks may be branches, and the states they return are dropped")
    func plainTasks() async throws {
        struct Ignored: WorkflowTask {
            func run(_ context: TaskContext<Step>) async throws -> Step { .third }
        }
        let workflow = Workflow<Step>().registerSplit(
            .first, branches: [CanoCore.Branch(Ignored()), CanoCore.Branch(Ignored())], then: .done
        ).addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first) == .done)
    }

    @Test(
        "a share that is a whole number of branches asks for that number, whatever its binary fraction is",
        arguments: [(0.07, 100, 7), (0.55, 100, 55), (0.28, 25, 7), (0.1, 3, 1), (0.34, 3, 2), (1.0, 7, 7), (0.0001, 10, 1)])
    func shares(share: Double, total: Int, needed: Int) async throws {
        let branches = (0..<total).map { index in
            CanoCore.Branch<Step, Int>("branch", config: .minimal) { _ in
                if index >= needed { throw Mishap() }
                return index
            }
        }
        let workflow = Workflow<Step>().registerSplit(.first, branches: branches, join: JoinConfig(.percentage(share)), then: .done)
            .addExitState(.done)
        #expect(try await workflow.orchestrate(from: .first) == .done)
        let fewer = Array(branches.dropFirst()) + [CanoCore.Branch<Step, Int>("branch", config: .minimal) { _ in throw Mishap() }]
        let failing = Workflow<Step>().registerSplit(.first, branches: fewer, join: JoinConfig(.percentage(share)), then: .done)
            .addExitState(.done)
        #expect(await caught { try await failing.orchestrate(from: .first) }?.category == .workflow)
    }
}
