import CanoCore
import CanoRedis
import CanoTesting
import RedisServerFixture
import Testing

@testable import CanoRedisStores

/// When a process may be sure of a run, on a clock that only the test moves; Redis' own leases don't end here by themselves.
@Suite("Runs in Redis, of a process that was paused", .timeLimit(.minutes(5)))
struct RedisLeaseTests {
    enum Step: String, WorkflowState { case first, second, done }
    struct Mishap: Error {}

    let run: RunID = "order-1"
    let clock = ManualClock()
    let lease = Duration.seconds(60)

    private func withStores<Result: Sendable>(
        _ body: (RedisCheckpointStore, RedisCheckpointStore, RedisClient, FlakyProxy) async throws -> Result
    ) async throws -> Result {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(proxy.url) { client in
                    try await withClient(server.url) { direct in
                        try await body(
                            RedisCheckpointStore(client, prefix: "p", lease: lease, clock: clock, logger: quietLogger),
                            RedisCheckpointStore(direct, prefix: "p", lease: lease, logger: quietLogger), direct, proxy)
                    }
                }
            }
        }
    }

    private func expire(_ client: RedisClient) async throws {
        _ = try await client.execute(HSET("p:checkpoint:\(run)", "lease", "1"))
    }

    private func row(_ sequence: Int) -> CheckpointRow { CheckpointRow(sequence: sequence, state: "s", visit: sequence + 1) }

    @Test("may go on when no other process wanted the run meanwhile: the lease is renewed first")
    func unwanted() async throws {
        try await withStores { store, other, client, _ in
            try await store.append(row(0), to: run)
            #expect(await store.isStillOwner(of: run))
            clock.advance(by: lease)
            try await expire(client)
            #expect(await store.isStillOwner(of: run))
            let error = await #expect(throws: CanoError.self) { try await other.rows(of: run) }
            #expect(error?.code == "run_owned")
        }
    }

    @Test("is renewed with all others by one script")
    func together() async throws {
        try await withStores { store, _, client, _ in
            let runs = (0..<20).map { RunID("order-\($0)") }
            for run in runs {
                try await store.append(row(0), to: run)
                _ = try await client.execute(HSET("p:checkpoint:\(run)", "lease", "1"))
            }
            try await client.load(RenewLeases.script)
            let before = try await scriptCalls(client)
            store.renew()
            try await eventually("all renewed") {
                let leases = try await client.pipeline(runs.map { HGET("p:checkpoint:\($0)", "lease") })
                return try leases.allSatisfy { try $0.get() != Array("1".utf8) }
            }
            #expect(try await scriptCalls(client) == before + 1)
        }
    }

    /// How many scripts were called by their hash.
    private func scriptCalls(_ client: RedisClient) async throws -> Int {
        let stats = try await client.execute(INFO("commandstats"))["cmdstat_evalsha"] ?? ""
        return Int(stats.dropFirst("calls=".count).prefix { $0 != "," }) ?? 0
    }

    @Test("may not when another owner has it")
    func taken() async throws {
        try await withStores { store, other, client, _ in
            try await store.append(row(0), to: run)
            try await expire(client)
            _ = try await other.rows(of: run)
            // Before it has to, it doesn't ask.
            #expect(await store.isStillOwner(of: run))
            clock.advance(by: lease)
            #expect(await !store.isStillOwner(of: run))
            // From then on it knows, also when the other one has ended.
            await other.release(run)
            #expect(await !store.isStillOwner(of: run))
            await #expect(throws: Relinquished.self) { try await store.append(row(1), to: run) }
            await #expect(throws: Relinquished.self) { try await store.clear(run) }
        }
    }

    @Test("waits while Redis is away, and goes on when it is back; a cancellation is not kept waiting", arguments: [false, true])
    func away(isCancelled: Bool) async throws {
        try await withStores { store, _, _, proxy in
            try await store.append(row(0), to: run)
            clock.advance(by: lease)
            proxy.refuseConnections(true)
            proxy.cut()
            let answer = Task { await store.isStillOwner(of: run) }
            if isCancelled {
                answer.cancel()
            } else {
                proxy.refuseConnections(false)
                try await clock.skippingWaits { _ = await answer.value }
            }
            #expect(await answer.value)
        }
    }

    @Test("is not sure of a run whose row was answered for only after the lease")
    func lateAnswer() async throws {
        try await withStores { store, other, client, proxy in
            try await store.append(row(0), to: run)
            proxy.loseReply(toRequestWith: try await client.load(AppendRow.script))
            await #expect(throws: RedisError.self) { try await store.append(row(1), to: run) }
            clock.advance(by: lease)
            try await expire(client)
            _ = try await other.rows(of: run)
            #expect(await !store.isStillOwner(of: run))
        }
    }

    @Test("begins no further attempt of a run that was taken over, and undoes nothing of it")
    func nothingBegins() async throws {
        try await withStores { store, other, client, _ in
            let attempts = Attempts()
            let config = TaskConfig(retry: .fixed(retries: 3, delay: .zero))
            let workflow = Workflow<Step>()
                .register(.first, Undoable(attempts: attempts))
                .register(.second, config: config) { [clock, lease, run] _ in
                    attempts.add("second")
                    // The process is paused here for longer than its lease.
                    try await expire(client)
                    _ = try await other.rows(of: run)
                    clock.advance(by: lease)
                    throw Mishap()
                }
                .addExitState(.done)
            let runtime = WorkflowRuntime(clock: clock, checkpoints: store)
            let outcome = try await workflow.drive(Run(id: run, start: .fresh(.first)), in: runtime)
            guard case .relinquished(.ownershipLost) = outcome else { return #expect(Bool(false), "\(outcome)") }
            #expect(attempts.all == ["first", "second"])
            #expect(!store.has(run))
            #expect(other.has(run))
        }
    }

    @Test("undoes nothing more of a run that was taken over while it was being undone")
    func nothingIsUndone() async throws {
        try await withStores { store, other, client, _ in
            let attempts = Attempts()
            let undoing: @Sendable () async throws -> Void = { [clock, lease, run] in
                try await expire(client)
                _ = try await other.rows(of: run)
                clock.advance(by: lease)
                throw Mishap()
            }
            let workflow = Workflow<Step>()
                .register(.first, Undoable(attempts: attempts, undoing: undoing))
                .register(.second, config: .minimal) { _ in throw Mishap() }
                .addExitState(.done)
            let runtime = WorkflowRuntime(clock: clock, checkpoints: store)
            let outcome = try await workflow.drive(Run(id: run, start: .fresh(.first)), in: runtime)
            guard case .relinquished(.ownershipLost) = outcome else { return #expect(Bool(false), "\(outcome)") }
            #expect(attempts.all == ["first", "undo"])
        }
    }

    private struct Undoable: CompensatableTask {
        let name = "first"
        let attempts: Attempts
        var undoing: @Sendable () async throws -> Void = {}
        let compensationConfig = TaskConfig(retry: .fixed(retries: 3, delay: .zero))

        func run(_ context: TaskContext<Step>) async throws -> (next: Step, receipt: Int) {
            attempts.add("first")
            return (.second, 1)
        }

        func compensate(_ context: TaskContext<Step>, _ output: Int) async throws {
            attempts.add("undo")
            try await undoing()
        }
    }
}
