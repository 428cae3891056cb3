import CanoCore
import CanoPrimitives
import CanoRedis
import CanoTesting
import RedisServerFixture
import Testing

@testable import CanoRedisStores

@Suite("Checkpoints in Redis", .timeLimit(.minutes(5)))
struct RedisCheckpointStoreTests {
    enum Step: String, WorkflowState { case first, second, done }
    struct Mishap: Error {}

    let run: RunID = "order-1"
    let row = CheckpointRow(sequence: 0, state: "first", task: "task")

    private func withStores<Result: Sendable>(
        lease: Duration = .seconds(60), _ body: (RedisCheckpointStore, RedisCheckpointStore, RedisClient) async throws -> Result
    ) async throws -> Result {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                try await body(
                    RedisCheckpointStore(client, prefix: "p", lease: lease, logger: quietLogger),
                    RedisCheckpointStore(client, prefix: "p", lease: lease, logger: quietLogger), client)
            }
        }
    }

    private func expectOwned(_ body: () async throws -> Void) async {
        let error = await #expect(throws: CanoError.self) { try await body() }
        #expect(error?.code == "run_owned")
        #expect(error?.category == .checkpointStore)
        #expect(error?.isRetryable == false)
    }

    private func expectLost(_ body: () async throws -> Void) async {
        let relinquished = await #expect(throws: Relinquished.self) { try await body() }
        #expect(relinquished?.reason == .ownershipLost)
    }

    @Test("are kept as every store keeps them", arguments: CheckpointStoreConformance.all)
    func conformance(_ check: CheckpointStoreConformance) async throws {
        try await withStores { store, _, client in
            try await check(store)
            #expect(try await client.execute(raw: RESPCommand("DBSIZE")).integerValue == 0)
        }
    }

    @Test("of a run are one key, and none once it has ended")
    func key() async throws {
        try await withStores { store, _, client in
            let workflow = Workflow<Step>().register(.first) { _ in
                let keys = try await client.execute(raw: RESPCommand("KEYS", "*"))
                #expect(keys.arrayValue?.map(\.string) == ["p:checkpoint:order-1"])
                return .done
            }.addExitState(.done)
            _ = try await workflow.orchestrate(from: .first, as: run, in: WorkflowRuntime(checkpoints: store))
            #expect(try await client.execute(raw: RESPCommand("DBSIZE")).integerValue == 0)
        }
    }

    @Test("belong to who began the run, until its lease is over")
    func lease() async throws {
        try await withStores(lease: .milliseconds(100)) { store, other, client in
            try await store.append(row, to: run)
            // Nothing renews it.
            try await eventually {
                do {
                    return try await other.rows(of: run) == [row]
                } catch let error as CanoError where error.code == "run_owned" {
                    return false
                }
            }
            await expectLost { try await store.append(CheckpointRow(sequence: 1, state: "second"), to: run) }
            #expect(try await sequences(client) == ["0"])
        }
    }

    @Test("cannot be read for resuming, begun, added to or removed while another owner has them")
    func owned() async throws {
        try await withStores { store, other, client in
            try await store.append(row, to: run)
            let before = try await client.execute(HGETALL("p:checkpoint:order-1")).map { "\(text($0.field)) \(text($0.value))" }
            await expectOwned { _ = try await other.rows(of: run) }
            await expectOwned { try await other.append(row, to: run) }
            await expectLost { try await other.append(CheckpointRow(sequence: 1, state: "second"), to: run) }
            await expectLost { try await other.clear(run) }
            await other.release(run)
            let after = try await client.execute(HGETALL("p:checkpoint:order-1")).map { "\(text($0.field)) \(text($0.value))" }
            #expect(before == after)
        }
    }

    @Test("keep out an owner that was taken for dead: it changes nothing and is told so")
    func zombie() async throws {
        try await withStores { store, other, client in
            try await store.append(row, to: run)
            try await expire(client)
            #expect(try await other.rows(of: run) == [row])
            try await other.append(CheckpointRow(sequence: 1, state: "second"), to: run)
            await expectLost { try await store.append(CheckpointRow(sequence: 1, state: "second"), to: run) }
            await expectLost { try await store.append(CheckpointRow(sequence: 2, state: "third"), to: run) }
            #expect(try await sequences(client) == ["0", "1"])
            #expect(try await client.execute(HGET("p:checkpoint:order-1", "epoch")).map(text) == "2")
        }
    }

    @Test("that were removed by a new owner do not come back through the old one")
    func zombieAfterTheEnd() async throws {
        try await withStores { store, other, client in
            try await store.append(row, to: run)
            try await expire(client)
            _ = try await other.rows(of: run)
            try await other.clear(run)
            await expectLost { try await store.append(CheckpointRow(sequence: 1, state: "second"), to: run) }
            await expectLost { try await store.append(CheckpointRow(sequence: 2, state: "second"), to: run) }
            #expect(try await client.execute(raw: RESPCommand("DBSIZE")).integerValue == 0)
        }
    }

    @Test("whose lease is over stay with their owner as long as no other process wants them")
    func unwanted() async throws {
        try await withStores { store, other, client in
            try await store.append(row, to: run)
            try await expire(client)
            try await store.append(CheckpointRow(sequence: 1, state: "second"), to: run)
            await expectOwned { _ = try await other.rows(of: run) }
        }
    }

    @Test("are renewed while the store runs")
    func renewal() async throws {
        try await withStores(lease: .milliseconds(150)) { store, _, client in
            try await store.append(row, to: run)
            func lease() async throws -> Int {
                try #require(Int(text(try await client.execute(HGET("p:checkpoint:order-1", "lease")) ?? [])))
            }
            let first = try await lease()
            let running = Task { await store.run() }
            // Past the end of the first lease, and the one after it.
            try await eventually { try await lease() > first + 300 }
            running.cancel()
            await running.value
        }
    }

    @Test("that were lost are noticed by the renewal, which leaves them alone from then on")
    func lostAtRenewal() async throws {
        try await withStores(lease: .milliseconds(150)) { store, other, client in
            try await store.append(row, to: run)
            try await expire(client)
            _ = try await other.rows(of: run)
            let running = Task { await store.run() }
            try await eventually { !store.has(run) }
            running.cancel()
            await running.value
        }
    }

    @Test("of a run that failed can be resumed by another process at once")
    func failed() async throws {
        try await withStores { store, other, _ in
            let isHealed = Gate()
            let workflow = Workflow<Step>().register(.first) { _ in .second }
                .register(.second, config: .minimal) { _ in
                    guard isHealed.isOpen else { throw Mishap() }
                    return .done
                }.addExitState(.done)
            await #expect(throws: CanoError.self) {
                try await workflow.orchestrate(from: .first, as: run, in: WorkflowRuntime(checkpoints: store))
            }
            isHealed.open()
            let end = try await workflow.orchestrate(resuming: run, in: WorkflowRuntime(checkpoints: other))
            #expect(end == .done)
        }
    }

    @Test("of a run that is under way cannot be resumed elsewhere, and the run goes on")
    func resumedTwice() async throws {
        try await withStores { store, other, _ in
            let workflow = Workflow<Step>().register(.first) { context in
                let error = await #expect(throws: CanoError.self) {
                    try await Workflow<Step>().register(.first) { _ in .done }.addExitState(.done)
                        .orchestrate(resuming: context.runID, in: WorkflowRuntime(checkpoints: other))
                }
                #expect(error?.code == "run_owned")
                return .done
            }.addExitState(.done)
            let end = try await workflow.orchestrate(from: .first, as: run, in: WorkflowRuntime(checkpoints: store))
            #expect(end == .done)
        }
    }

    @Test("end the drive of a run that was taken over: it undoes nothing and its log is the new owner's")
    func takenOver() async throws {
        try await withStores { store, other, client in
            let workflow = Workflow<Step>().register(.first) { _ in
                try await expire(client)
                _ = try await other.rows(of: run)
                return .second
            }.register(.second) { _ in .done }.addExitState(.done)
            let outcome = try await workflow.drive(Run(id: run, start: .fresh(.first)), in: WorkflowRuntime(checkpoints: store))
            guard case .relinquished(.ownershipLost) = outcome else { return #expect(Bool(false), "\(outcome)") }
            #expect(try await sequences(client) == ["0"])
            #expect(other.has(run))
        }
    }

    @Test("are for one drive of a process at a time: no other can resume or begin the run, nor end what the first one does")
    func drivenTwice() async throws {
        try await withStores { store, _, _ in
            let again = Workflow<Step>().register(.first) { _ in .done }.addExitState(.done)
            let runtime = WorkflowRuntime(checkpoints: store)
            let workflow = Workflow<Step>().register(.first) { context in
                let resumed = await #expect(throws: CanoError.self) { try await again.orchestrate(resuming: context.runID, in: runtime) }
                #expect(resumed?.code == "run_owned")
                let begun = await #expect(throws: CanoError.self) {
                    try await again.orchestrate(from: .first, as: context.runID, in: runtime)
                }
                #expect(begun?.code == "run_owned")
                return .done
            }.addExitState(.done)
            let end = try await workflow.orchestrate(from: .first, as: run, in: runtime)
            #expect(end == .done)
        }
    }

    @Test("go to one of many processes that resume a run at the same time")
    func race() async throws {
        try await withStores { store, _, client in
            try await store.append(row, to: run)
            await store.release(run)
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do {
                            return try await RedisCheckpointStore(client, prefix: "p").rows(of: run) == [row]
                        } catch let error as CanoError where error.code == "run_owned" {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
        }
    }

    @Test("of an unfinished run are not begun again: it is resumed, or its log removed first")
    func begunAgain() async throws {
        try await withStores { store, other, _ in
            try await store.append(row, to: run)
            await store.release(run)
            let error = await #expect(throws: CanoError.self) { try await other.append(row, to: run) }
            #expect(error?.code == "conflict")
            try await other.clear(run)
            try await other.append(row, to: run)
        }
    }

    @Test("with a row of a newer release are left for that release to resume")
    func unknownKind() async throws {
        try await withStores { store, other, client in
            try await store.append(row, to: run)
            await store.release(run)
            let newer = #"{"kind":"dream","sequence":1,"state":"s","task":"","version":"","visit":1}"#
            _ = try await client.execute(HSET("p:checkpoint:order-1", "1", newer))
            let error = await #expect(throws: CanoError.self) { try await store.rows(of: run) }
            #expect(error?.code == "unknown_kind")
            _ = try await client.execute(HSET("p:checkpoint:order-1", "1", "no row"))
            let malformed = await #expect(throws: CanoError.self) { try await other.rows(of: run) }
            #expect(malformed?.code == "malformed_log")
        }
    }

    @Test("whose key is something else are an error that no repetition cures")
    func wrongType() async throws {
        try await withStores { store, _, client in
            _ = try await client.execute(SET("p:checkpoint:order-1", "text"))
            let error = await #expect(throws: CanoError.self) { try await store.append(row, to: run) }
            #expect(error?.category == .checkpointStore)
            #expect(error?.isRetryable == false)
        }
    }

    @Test("wait for room when Redis is full, while leases are renewed and logs are removed all the same")
    func full() async throws {
        try await withStores { store, _, client in
            try await store.append(row, to: run)
            try await store.append(row, to: "order-2")
            try await expire(client)
            _ = try await client.execute(raw: RESPCommand("CONFIG", "SET", "maxmemory", "1"))
            let error = await #expect(throws: RedisError.self) {
                try await store.append(CheckpointRow(sequence: 1, state: "second"), to: run)
            }
            #expect(error?.isPassing == true)
            store.renew()
            try await eventually { try await client.execute(HGET("p:checkpoint:order-1", "lease")).map(text) != "1" }
            await store.release("order-2")
            try await store.clear(run)
            #expect(try await client.execute(HGETALL("p:checkpoint:order-2")).contains { text($0.field) == "owner" } == false)
            #expect(try await client.execute(raw: RESPCommand("EXISTS", "p:checkpoint:order-1")).integerValue == 0)
        }
    }

    @Test(
        "lose nothing and double nothing when a reply is lost, wherever that is",
        arguments: Self.scripts.indices)
    func lostReply(_ index: Int) async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(proxy.url) { client in
                    let store = RedisCheckpointStore(client, prefix: "p", logger: quietLogger)
                    let other = RedisCheckpointStore(client, prefix: "p", logger: quietLogger)
                    proxy.loseReply(toRequestWith: try await client.load(Self.scripts[index]))
                    let second = CheckpointRow(sequence: 1, kind: .stepCursor, state: "first", payload: [1])
                    let third = CheckpointRow(sequence: 2, kind: .stepCursor, state: "first", payload: [2], replaces: 1)
                    for row in [row, second, third] { try await persistently { try await store.append(row, to: run) } }
                    await store.release(run)
                    #expect(try await persistently { try await other.rows(of: run) } == [row, third])
                    try await persistently { try await other.append(CheckpointRow(sequence: 3, state: "second"), to: run) }
                    #expect(try await sequences(client) == ["0", "2", "3"])
                    try await persistently { try await other.clear(run) }
                    #expect(proxy.faultCount == 1)
                    #expect(try await client.execute(raw: RESPCommand("DBSIZE")).integerValue == 0)
                }
            }
        }
    }

    /// The scripts that write a log, each called at least once in its life.
    private static let scripts = [AcquireRun.script, BeginRun.script, AppendRow.script, ReleaseRun.script, ClearRun.script]

    /// What the engine does: it repeats a call that was not answered.
    private func persistently<Result>(_ body: () async throws -> Result) async throws -> Result {
        while true {
            do { return try await body() } catch let error as RedisError where error.isPassing { continue }
        }
    }

    /// The numbers of the rows that are in Redis, whichever store has the run.
    private func sequences(_ client: RedisClient) async throws -> [String] {
        try await client.execute(HGETALL("p:checkpoint:\(run)")).map { text($0.field) }.filter { Int($0) != nil }.sorted()
    }

    /// Lets the run's lease end now.
    private func expire(_ client: RedisClient) async throws {
        _ = try await client.execute(HSET("p:checkpoint:\(run)", "lease", "1"))
    }
}
