import CanoBridge
import CanoBus
import CanoClient
import CanoCore
import CanoRedis
import CanoTesting
import Logging
import RedisServerFixture
import ServiceLifecycle
import Synchronization
import Testing
import UnixSignals

struct Order: Codable, Sendable, Hashable {
    var number = 7
    var isRefused = false
}

struct Receipt: Codable, Sendable, Hashable {
    let number: Int
}

// snippet.references
extension WorkflowReference<Order, Receipt> {
    static var ordering: Self { Self("order") }
}
// snippet.end

private enum OrderStep: String, WorkflowState, CaseIterable {
    typealias Input = Order
    typealias Output = Receipt
    case pay, paid
}

private struct CardRefused: TerminalError, CodedError {
    var code: String { "card_refused" }
}

private struct Refusal: Error, Hashable {
    let reason: String
}

private let ordering = Workflow<OrderStep>("order", startingAt: .pay) { state in
    switch state {
    case .pay:
        .task { context in
            if context.input.isRefused { throw CardRefused() }
            return .paid
        }
    case .paid: .exit { run in Receipt(number: run.input.number) }
    }
}

@Suite("Starting runs", .timeLimit(.minutes(5)))
struct StartingRunsSnippets {
    private final class Books: Sendable {
        let entries = Mutex<[String]>([])
    }

    private struct Shop: Service {
        let bus: BusClient
        var books = Books()

        func run() async throws {
            #expect(try await pay(Order()) == Receipt(number: 7))
            await #expect(throws: Refusal(reason: "card_refused")) { try await pay(Order(number: 9, isRefused: true)) }
            try await startAndCancel(Order(number: 8))
            try await schedule(Order())
            #expect(try await bus.schedules().map(\.name) == ["nightly"])
            await #expect(throws: Enough.self) { try await follow() }
            #expect(books.entries.withLock { $0 } == [#"order-7 {"number":7}"#, "order-9 CardRefused()"])
        }

        // snippet.execute
        func pay(_ order: Order) async throws -> Receipt {
            do {
                return try await bus.execute(.ordering, order, id: "order-\(order.number)", within: .seconds(30))
            } catch let error as ClientError where error.code == .runFailed {
                throw Refusal(reason: error.failure?.code ?? "unknown")
            }
        }
        // snippet.end

        private func startAndCancel(_ order: Order) async throws {
            // snippet.start
            let run = try await bus.start(.ordering, order, id: "order-8", options: StartOptions(timeout: .seconds(3_600)))
            try await run.cancel(reason: "sold out")
            let state = try await run.record()?.state
            // snippet.end
            _ = state
        }

        private struct Enough: Error {}

        private func book(_ run: String, _ output: String?) async throws { books.entries.withLock { $0.append("\(run) \(output ?? "")") } }

        private func report(_ run: String, _ message: String) async throws {
            books.entries.withLock { $0.append("\(run) \(message)") }
            throw Enough()
        }

        private func follow() async throws {
            // snippet.follow
            try await bus.followEvents(group: "billing", consumer: "billing-1") { event in
                switch try event.data() {
                case let completed as RunCompleted: try await book(event.subject, completed.output)
                case let failed as RunFailed: try await report(event.subject, try failed.failure.message)
                default: break
                }
            }
            // snippet.end
        }

        private func schedule(_ order: Order) async throws {
            // snippet.schedule
            try await bus.schedule("nightly", .cron("30 2 * * *", timeZone: "Europe/Berlin"), .ordering, order)
            // snippet.end
        }
    }

    @Test("does what the article shows")
    func article() async throws {
        try await withRedisServer { server in
            let (url, logger) = (server.url, quietLogger)
            var registry = WorkflowRegistry()
            try registry.register(ordering)
            let bridge = try Bridge(BridgeConfiguration(redis: try RedisConfiguration(url: url)), registry: registry, logger: logger)
            let bridges = ServiceGroup(services: [bridge.redis, bridge], logger: logger)
            async let serving: Void = bridges.run()
            try await runServices(url, logger)
            await bridges.triggerGracefulShutdown()
            try await serving
        }
    }

    private func runServices(_ url: String, _ logger: Logger) async throws {
        // snippet.client
        let bus = try BusClient(try RedisConfiguration(url: url))
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: bus),
                    .init(service: Shop(bus: bus), successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm], logger: logger))
        try await services.run()
        // snippet.end
    }
}
