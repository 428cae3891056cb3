import CanoPrimitives
import CanoTesting
import RuleFixture

@testable import CanoCore

extension SplitTests {
    func allBranches() async throws -> Facts {
        let together = Counter()
        let gate = Gate()
        let (_, result) = try await run(
            branches(5) { index, _ in
                if together.increment() == 5 { gate.open() }
                await gate.pass()
                return index * 10
            }, JoinConfig())
        return ["outputs": result?.outputs, "branches": result?.totalCount]
    }

    func retries() async throws -> Facts {
        let (_, result) = try await run(
            branches(3, config: TaskConfig(retry: .fixed(retries: 2, delay: .zero))) { index, context in
                if context.attempt <= index { throw Mishap() }
                return context.attempt
            }, JoinConfig())
        return ["outputs": result?.outputs]
    }

    func bulkhead() async throws -> Facts {
        let (running, ended, atOnce) = (Counter(), Counter(), Journal<Int>())
        let (_, result) = try await run(
            branches(20) { index, _ in
                atOnce.add(running.increment() - ended.value)
                await Task.yield()
                ended.increment()
                return index
            }, JoinConfig(bulkhead: 3))
        return ["successes": result?.successes.count, "more than three at once": atOnce.entries.contains { $0 > 3 }]
    }

    func bulkheadKept() async throws -> Facts {
        var facts: Facts = [:]
        let config = TaskConfig(retry: .fixed(retries: 1, delay: .seconds(3)))
        let started = Journal<Int>()
        let prepared = branches(3, config: config) { index, context in
            started.add(index)
            if context.attempt == 1 { throw Mishap() }
            return index
        }
        let outcome = Task { try await run(prepared, JoinConfig(.partialTimeout, timeout: .seconds(5), bulkhead: 1)) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 3_000_000_000))
        facts["started at 3 seconds"] = started.entries
        clock.advance(by: .seconds(3))
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 6_000_000_000))
        facts["started at 6 seconds"] = started.entries
        clock.advance(by: .seconds(2))
        let (_, result) = try await outcome.value
        facts["outputs"] = result?.outputs
        facts["cancelled"] = result?.cancelled
        facts["started in the end"] = started.entries
        return facts
    }

    func sharedResources() async throws -> Facts {
        struct Shared: BranchTask {
            func run(_ context: TaskContext<Step>) async throws { try context[ResourceKey<Counter>("counter")].increment() }
        }
        let counter = Counter()
        let workflow = Workflow<Step>(resources: Resources().inserting(counter, for: "counter"))
            .registerSplit(.first, branches: [Shared(), Shared(), Shared()], then: .done).addExitState(.done)
        _ = try await workflow.orchestrate(from: .first)
        return ["counter": counter.value]
    }

    func stoppedPermit() async throws -> Facts {
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1), clock: clock)
        let waiting = Gate()
        let guarded = Branch(index: 0, config: TaskConfig(retry: .none, circuitBreaker: breaker)) { index, _ in
            waiting.open()
            try await untilCancelled()
            return index
        }
        let quick = Branch(index: 1) { index, _ in
            await waiting.pass()
            return index
        }
        let (_, result) = try await run([guarded, quick], JoinConfig(.any))
        return ["cancelled": result?.cancelled, "breaker is closed": breaker.state == .closed]
    }

    func refusedBranch() async throws -> Facts {
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1), clock: clock)
        try breaker.acquire().fail()
        let refused = Branch(index: 0, config: TaskConfig(retry: .none, circuitBreaker: breaker)) { index, _ in index }
        let run = Task { try await self.run([refused, Branch(index: 1) { index, _ in index }], JoinConfig(.all)) }
        await clock.waitForSleeper(until: MonotonicInstant(nanoseconds: 30_000_000_000))
        clock.advance(by: .seconds(30))
        let (_, result) = try await run.value
        return [
            "outputs": result?.outputs,
            "told circuitOpened first branch[0]": observer.summary.contains("circuitOpened first branch[0]"),
        ]
    }

    func configReadOnce() async throws -> Facts {
        struct Reading: BranchTask {
            let reads: Counter
            var config: TaskConfig {
                reads.increment()
                return .minimal
            }
            func run(_ context: TaskContext<Step>) async throws {}
        }
        let reads = Counter()
        let workflow = Workflow<Step>().registerSplit(.first, branches: [Reading(reads: reads)], then: .done).addExitState(.done)
        for _ in 0..<3 { _ = try await workflow.orchestrate(from: .first) }
        return ["reads": reads.value]
    }

    func reducerFails() async throws -> Facts {
        let calls = Counter()
        let branches = branches(2) { index, context in
            try await context.store.put(index, for: "last")
            return index
        }
        let workflow = Workflow<Step>()
            .registerSplit(.first, branches: branches) { _, _ in
                calls.increment()
                throw Mishap()
            }
            .addExitState(.done)
        let error = await caught { try await workflow.orchestrate(from: .first, store: store) }
        return ["code": error?.code, "state": error?.state, "calls": calls.value, "store": try await store.keys()]
    }

    func anyStops() async throws -> Facts {
        let (_, result) = try await run(
            branches(4) { index, _ in
                if index == 2 { return index }
                try await untilCancelled()
                return index
            }, JoinConfig(.any))
        return [
            "outputs": result?.outputs, "cancelled": result?.cancelled,
            "told taskFailed first branch[0] cancelled": observer.summary.contains("taskFailed first branch[0] cancelled"),
        ]
    }

    func earlyFailure() async throws -> Facts {
        let error = await caught {
            try await run(
                branches(4) { index, _ in
                    if index == 1 { throw Mishap() }
                    try await untilCancelled()
                    return index
                }, JoinConfig(.all))
        }
        return ["category": error?.category, "causes by code": error?.causes.map(\.code), "state": error?.state]
    }

    func timeout(strategy: JoinStrategy) async throws -> Facts {
        let prepared = branches(3) { index, _ in
            if index == 0 { return index }
            try await untilCancelled()
            return index
        }
        let config = JoinConfig(strategy, timeout: .seconds(5))
        let outcome = Task { try await clock.skippingWaits { try await run(prepared, config) } }
        let result = try? await outcome.value.1
        let error = await caught { try await outcome.value }
        return [
            "outputs": result?.outputs, "cancelled": result?.cancelled, "category": error?.category,
            "message speaks of a timeout": error?.message.contains("timeout"),
            "starts told": observer.summary.count { $0.hasPrefix("taskStarted") },
            "ends told": observer.summary.count { $0.hasPrefix("taskFailed") || $0.hasPrefix("taskSucceeded") },
        ]
    }

    func cancelledInGrace() async throws -> Facts {
        return [
            "outcome": try await stopInGrace(.cancelled(reason: nil)),
            "told taskSucceeded first branch[1]": observer.summary.contains("taskSucceeded first branch[1]"),
            "told attemptAbandoned first branch[0]": observer.summary.contains("attemptAbandoned first branch[0]"),
        ]
    }

    func failureText() async throws -> Facts {
        let error = await caught {
            try await run(branches(6) { index, _ in throw Mishap(code: "e\(index)") }, JoinConfig(.partialTimeout, timeout: .seconds(1)))
        }
        return [
            "message gives counts": error?.message.contains("0 of 6 branches succeeded and 6 failed"),
            "message gives up after three": error?.message.contains("and 3 more"), "causes": error?.causes.count,
        ]
    }

    func events() async throws -> Facts {
        _ = try await run(branches(2), JoinConfig())
        return ["events": observer.summary]
    }

    func row() async throws -> Facts {
        let checkpoints = KeepingStore()
        let workflow = Workflow<Step>()
            .registerSplit(.first, branches: branches(2), join: JoinConfig(bulkhead: 1)) { _, _ in throw Mishap() }.addExitState(.done)
        _ = try? await workflow.orchestrate(from: .first, as: "r", in: WorkflowRuntime(checkpoints: checkpoints))
        return ["appended rows by task": checkpoints.appended.map(\.task)]
    }

    func cancelled() async throws -> Facts {
        let control = RunControl()
        let error = await caught {
            try await run(
                branches(3) { index, _ in
                    if index == 2 { control.stop(.cancelled(reason: nil)) }
                    try await untilCancelled()
                    return index
                }, JoinConfig(), control: control)
        }
        return [
            "category": error?.category, "failures told": observer.summary.count { $0.hasPrefix("taskFailed") },
            "last event": observer.summary.last,
        ]
    }
}
