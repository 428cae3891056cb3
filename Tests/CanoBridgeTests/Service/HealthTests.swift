import CanoBridge
import CanoCore
import CanoRedis
import CanoTesting
import Logging
import Testing

@Suite("The health of a bridge", .timeLimit(.minutes(5)))
struct HealthTests {
    private enum Step: String, WorkflowState, CaseIterable { case first, done }

    private let stock = TestResource()
    private let payments = TestResource()

    private func bridge() throws -> Bridge {
        var registry = WorkflowRegistry()
        for (name, resource) in [("orders", stock), ("invoices", payments)] {
            let resources = Resources().inserting(resource, for: "resource")
            try registry.register(
                Workflow<Step>(name, startingAt: .first, resources: resources) { $0 == .done ? .exit : .task { _ in .done } })
        }
        return try Bridge(
            BridgeConfiguration(redis: try RedisConfiguration(url: "redis://127.0.0.1:1")), registry: registry,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test("is that of the resources of all its workflows: one that is degraded shows, one that is unhealthy keeps work away")
    func readiness() async throws {
        let bridge = try bridge()
        var report = await bridge.checkHealth(within: .seconds(50))
        #expect(report.isReady && report.description == "healthy")
        stock.report(.degraded("slow"))
        report = await bridge.checkHealth(within: .seconds(50))
        #expect(report.isReady)
        #expect(report.description == "degraded: orders@1/resource (slow)")
        payments.report(.unhealthy("no answer"))
        report = await bridge.checkHealth(within: .seconds(50))
        #expect(!report.isReady)
        #expect(report.description == "unhealthy: invoices@1/resource (no answer); degraded: orders@1/resource (slow)")
    }
}
