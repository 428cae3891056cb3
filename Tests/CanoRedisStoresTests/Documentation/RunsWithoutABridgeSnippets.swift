import CanoCore
import CanoPrimitives
import CanoRedis
import Logging
import RedisServerFixture
import ServiceLifecycle
import Testing
import UnixSignals

@testable import CanoRedisStores

extension StoreKey<Int> { fileprivate static var sold: Self { "sold" } }

@Suite("Runs without a bridge", .timeLimit(.minutes(5)))
struct RunsWithoutABridgeSnippets {
    enum OrderStep: String, WorkflowState, CaseIterable {
        typealias Output = OrderStep
        case reserve, charge, shipped
    }
    struct CardRefused: Error {}

    static let isSolvent = Gate()
    static let orders = Workflow<OrderStep>("orders", startingAt: .reserve) { state in
        switch state {
        case .reserve:
            .task { context in
                _ = try await context.store(named: "seats").increment(.sold, by: 1)
                return .charge
            }
        case .charge:
            .task(config: .minimal) { _ in
                guard isSolvent.isOpen else { throw CardRefused() }
                return .shipped
            }
        case .shipped: .exit
        }
    }

    struct Shop: Service {
        let runtime: WorkflowRuntime
        var orders: Workflow<OrderStep> { RunsWithoutABridgeSnippets.orders }

        func run() async throws {
            await #expect(throws: CanoError.self) { try await carryOut("order-1", in: runtime) }
            RunsWithoutABridgeSnippets.isSolvent.open()
            let end = try await carryOut("order-1", in: runtime)
            #expect(end == .shipped)
        }

        // snippet.carry-out
        func carryOut(_ order: RunID, in runtime: WorkflowRuntime) async throws -> OrderStep {
            do throws(CanoError) {
                return try await orders.resume(order, in: runtime)
            } catch let error where error.code == "no_rows" {
                return try await orders.run(as: order, in: runtime)
            }
        }
        // snippet.end
    }

    @Test("a failed order is resumed where it was, and its seat was sold once")
    func orders() async throws {
        try await withRedisServer { server in
            let (url, logger) = (server.url, quietLogger)
            // snippet.stores
            let redis = RedisClient(try RedisConfiguration(url: url), logger: logger)
            let logs = RedisCheckpointStore(redis, prefix: "shop", logger: logger)
            let runtime = WorkflowRuntime(checkpoints: logs, stores: RedisStores(redis, prefix: "shop"), logger: logger)
            // snippet.end
            // snippet.services
            let services = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(service: redis), .init(service: logs),
                        .init(service: Shop(runtime: runtime), successTerminationBehavior: .gracefullyShutdownGroup),
                    ],
                    gracefulShutdownSignals: [.sigterm], logger: logger))
            try await services.run()
            // snippet.end
            try await withClient(url) { redis in
                // snippet.reading
                let seats = try RedisStores(redis, prefix: "shop").store(named: "seats")
                let sold = try await seats.get(.sold) ?? 0
                // snippet.end
                #expect(sold == 1)
                #expect(try await redis.execute(raw: RESPCommand("EXISTS", "shop:checkpoint:order-1")).integerValue == 0)
            }
        }
    }
}
