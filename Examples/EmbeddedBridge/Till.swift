import CanoBridge
import CanoClient
import CanoCore
import CanoRedis
import Foundation
import Logging
import PaymentWorkflow
import ServiceLifecycle
import UnixSignals

/// A program of one's own with a bridge in it: it pays for the articles it is given, each with a run.
@main
struct Till {
    static func main() async throws {
        let logger = Logger(label: "till") { StreamLogHandler.standardError(label: $0) }
        let redis = try RedisConfiguration(url: ProcessInfo.processInfo.environment["CANO_REDIS"] ?? "redis://127.0.0.1:6379")
        let payment = payment(through: CornerShop())

        var workflows = WorkflowRegistry()
        try workflows.register(payment)
        let bridge = try Bridge(BridgeConfiguration(redis: redis), registry: workflows, logger: logger)
        let bus = try BusClient(redis, logger: logger)
        let purchases = Purchases(articles: Array(CommandLine.arguments.dropFirst()), bus: bus, payment: payment.reference)

        // Each needs those before it, and they stop in the reverse order. The last ends by itself, and the others with it.
        let services = ServiceGroupConfiguration(
            services: [
                .init(service: bridge.redis), .init(service: bridge), .init(service: bus),
                .init(service: purchases, successTerminationBehavior: .gracefullyShutdownGroup),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await ServiceGroup(configuration: services).run()
    }
}

/// Pays for one article after another.
struct Purchases: Service {
    let articles: [String]
    let bus: BusClient
    let payment: WorkflowReference<Purchase, String>

    func run() async throws {
        for article in articles {
            do {
                // The id says what is done: a purchase that is paid for already is answered, and not paid for again.
                print(try await bus.execute(payment, Purchase(article: article, cents: 450), id: "purchase-of-\(article)"))
            } catch let error as ClientError where error.code == .runFailed {
                print(error.message)
            }
        }
    }
}
