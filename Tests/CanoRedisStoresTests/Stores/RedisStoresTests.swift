import CanoCore
import CanoRedis
import CanoTesting
import RedisServerFixture
import Synchronization
import Testing

@testable import CanoRedisStores

extension StoreKey<Int> { fileprivate static var stock: Self { "stock" } }
extension StoreKey<String> { fileprivate static var owner: Self { "owner" } }

@Suite("Shared stores in Redis", .timeLimit(.minutes(5)))
struct RedisStoresTests {
    enum Step: String, WorkflowState { case first, done }

    private func withStores<Result: Sendable>(_ body: (RedisStores, RedisClient) async throws -> Result) async throws -> Result {
        try await withRedisServer { server in
            try await withClient(server.url) { client in try await body(RedisStores(client, prefix: "p"), client) }
        }
    }

    private func write(_ key: String, _ operation: StagedWrite.Operation, to store: String = "warehouse") -> StagedWrite {
        StagedWrite(store: store, key: key, operation: operation)
    }

    @Test("are stores like any other while an attempt writes to them", arguments: StoreConformance.all)
    func conformance(_ check: StoreConformance) async throws {
        try await withStores { stores, _ in
            let workflow = Workflow<Step>().register(.first) { context in
                try await check(context.store(named: "warehouse"))
                return .done
            }.addExitState(.done)
            let end = try await workflow.orchestrate(from: .first, in: WorkflowRuntime(stores: stores))
            #expect(end == .done)
        }
    }

    @Test("lie under their prefix and name, and other names are refused")
    func names() async throws {
        try await withStores { stores, client in
            try await stores.store(named: "ware-house").put(1, for: .stock)
            #expect(try await client.execute(HGET("p:store:ware-house", "stock")).map(text) == "1")
            #expect(throws: CanoError.self) { try stores.store(named: "ware house") }
            await #expect(throws: CanoError.self) { try await stores.apply([write("stock", .put(1), to: "ware house")]) }
        }
    }

    @Test("take a step's writes in order")
    func order() async throws {
        try await withStores { stores, client in
            let store = try stores.store(named: "warehouse")
            try await store.put("there", for: "gone")
            try await stores.apply([
                write("stock", .put(5)), write("stock", .increment(-7)), write("gone", .remove), write("list", .append("a")),
                write("list", .append("b\"")), write("owner", .putIfAbsent("us")), write("owner", .putIfAbsent("us too")),
                write("gone", .putIfAbsent(1)), write("gone", .increment(1)), write("left", .put(1)), write("left", .remove),
            ])
            #expect(try await store.get(.stock) == -2)
            #expect(try await store.get("list") == ["a", "b\""])
            #expect(try await store.get(.owner) == "us")
            #expect(try await store.get("gone") == 2)
            #expect(Set(try await store.keys()) == ["stock", "list", "owner", "gone"])
        }
    }

    @Test("refuse a step as a whole when another process has set first what it was to set")
    func conflict() async throws {
        try await withStores { stores, client in
            try await stores.store(named: "warehouse").put("them", for: .owner)
            let conflict = await #expect(throws: StepConflict.self) {
                try await stores.apply([write("stock", .put(1), to: "shop"), write("owner", .putIfAbsent("us"))])
            }
            #expect(conflict?.message.contains("\"owner\" of p:store:warehouse") == true)
            #expect(try await client.execute(raw: RESPCommand("KEYS", "*")).arrayValue?.count == 1)
        }
    }

    @Test(
        "refuse a step as a whole when one of its writes does not fit",
        arguments: [
            (#""text""#, StagedWrite.Operation.increment(1)), ("007", .increment(1)), ("-0.5", .increment(1)),
            ("9223372036854775807", .increment(1)), ("-9223372036854775808", .increment(-1)), ("12345678901234567890", .increment(-1)),
            ("3", .append(1)), (#""[""#, .append(1)),
        ])
    func unfit(_ there: String, _ operation: StagedWrite.Operation) async throws {
        try await withStores { stores, client in
            _ = try await client.execute(HSET("p:store:warehouse", "stock", there))
            let error = await #expect(throws: CanoError.self) {
                try await stores.apply([write("stock", .put(1), to: "shop"), write("stock", operation)])
            }
            #expect(error?.category == .store)
            #expect(error?.isRetryable == false)
            #expect(try await client.execute(raw: RESPCommand("KEYS", "*")).arrayValue?.count == 1)
            #expect(try await client.execute(HGET("p:store:warehouse", "stock")).map(text) == there)
        }
    }

    @Test("add whole numbers exactly, up to the ends of the range")
    func sums() async throws {
        try await withStores { stores, client in
            var random = SystemRandomNumberGenerator()
            let ends = [0, 1, -1, .max, .min, .max - 1, .min + 1, 999_999_999, 1_000_000_000, -1_000_000_000, 1 << 53, -(1 << 53) - 1]
            var pairs = ends.flatMap { left in ends.map { (left, $0) } }
            for _ in 0..<500 {
                let shift = Int.random(in: 0..<60, using: &random)
                pairs.append((.random(in: .min ... .max, using: &random) >> shift, .random(in: .min ... .max, using: &random)))
            }
            let store = try stores.store(named: "warehouse")
            for (left, right) in pairs {
                try await store.put(left, for: .stock)
                let (sum, overflow) = left.addingReportingOverflow(right)
                do {
                    try await stores.apply([write("stock", .increment(right))])
                    #expect(!overflow)
                    #expect(try await client.execute(HGET("p:store:warehouse", "stock")).map(text) == "\(sum)", "\(left) + \(right)")
                } catch {
                    #expect(overflow, "\(left) + \(right): \(error)")
                }
            }
        }
    }

    @Test("write nothing when one of the stores is something else")
    func wrongType() async throws {
        try await withStores { stores, client in
            _ = try await client.execute(SET("p:store:shop", "text"))
            await #expect(throws: CanoError.self) {
                try await stores.apply([write("stock", .put(1)), write("stock", .put(1), to: "shop")])
            }
            #expect(try await client.execute(raw: RESPCommand("KEYS", "*")).arrayValue?.count == 1)
        }
    }

    @Test("apply a step once though the reply was lost, and though it never arrived")
    func lostReply() async throws {
        try await withRedisServer { server in
            try await withFlakyProxy(to: server) { proxy in
                try await withClient(proxy.url) { client in
                    let stores = RedisStores(client, prefix: "p")
                    try await stores.apply([write("stock", .increment(1))])
                    let hash = try await client.load(ApplyWrites.script)
                    proxy.loseReply(toRequestWith: hash)
                    try await stores.apply([write("stock", .increment(1))])
                    proxy.cut(beforeRequestWith: hash)
                    try await stores.apply([write("stock", .increment(1))])
                    #expect(proxy.faultCount == 2)
                    #expect(try await stores.store(named: "warehouse").get(.stock) == 3)
                }
            }
        }
    }

    @Test("give up when Redis has been away for too long, and say so")
    func away() async throws {
        try await withRedisServer { server in
            try await withClient(server.url) { client in
                var configuration = try RedisConfiguration(url: "unix:///nowhere/redis.sock")
                configuration.commandTimeout = .milliseconds(20)
                try await withClient(configuration) { lost in
                    let stores = RedisStores(lost, prefix: "p", patience: .zero)
                    let error = await #expect(throws: CanoError.self) { try await stores.apply([write("stock", .put(1))]) }
                    #expect(error?.category == .store)
                    #expect(error?.underlying is RedisError)
                }
            }
        }
    }

    @Test("let one of many runs have what all of them want")
    func race() async throws {
        try await withStores { stores, _ in
            let workflow = Workflow<Step>().register(.first) { context in
                let warehouse = try context.store(named: "warehouse")
                let isOurs = try await warehouse.putIfAbsent("\(context.runID)", for: .owner)
                _ = try await warehouse.increment(isOurs ? "winners" : "losers", by: 1)
                return .done
            }.addExitState(.done)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { _ = try await workflow.orchestrate(from: .first, in: WorkflowRuntime(stores: stores)) }
                }
                try await group.waitForAll()
            }
            let store = try stores.store(named: "warehouse")
            #expect(try await store.get("winners") == 1)
            #expect(try await store.get("losers") == 19)
        }
    }
}
