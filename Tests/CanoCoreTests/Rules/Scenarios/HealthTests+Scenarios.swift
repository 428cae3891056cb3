import CanoCore
import CanoTesting
import RuleFixture

extension HealthTests {
    func aggregate() async -> Facts {
        var facts: Facts = [:]
        facts["overall of none"] = await Resources().checkHealth(in: runtime).overall
        facts["all are healthy in order"] =
            await resources.checkHealth(in: runtime).entries == [entry("a", .healthy), entry("b", .healthy)]
        first.report(.degraded("slow"))
        second.report(.degraded("cold"))
        let report = await resources.checkHealth(in: runtime)
        facts["health of the first"] = report["a"]
        facts["health of a plain value"] = report["number"]
        facts["overall of two degraded"] = report.overall
        second.report(.unhealthy("gone"))
        facts["overall with an unhealthy one"] = await resources.checkHealth(in: runtime).overall
        return facts
    }

    func neverAsked() async throws -> Facts {
        final class Asked: Resource {
            let times = Counter()
            func health() async -> HealthStatus {
                times.increment()
                return .healthy
            }
        }
        let asked = Asked()
        let workflow = Workflow<Step>(resources: Resources().inserting(asked, for: "a")).register(.first) { _ in .done }
            .addExitState(.done)
        _ = try await workflow.orchestrate(from: .first)
        return ["times asked": asked.times.value]
    }

    func hosts() async throws -> Facts {
        var facts: Facts = [:]
        let orders = Workflow<Step>(resources: Resources().inserting(first, for: "a")).register(.first) { _ in .done }.addExitState(.done)
        let invoices = Workflow<Step>(resources: resources).register(.first) { _ in .done }.addExitState(.done)
        let scheduler = Scheduler(in: runtime)
        try scheduler.schedule("orders", orders, from: .first, Schedule(.manual))
        try scheduler.schedule("invoices", invoices, from: .first, Schedule(.manual))
        facts["has the workflow's own"] = await orders.checkHealth(in: runtime).entries == [entry("a", .healthy)]
        second.report(.unhealthy("gone"))
        let report = await scheduler.checkHealth()
        facts["the scheduler's resources"] = report.entries.map(\.resource)
        facts["is ready"] = report.isReady
        facts["health of the last"] = report["invoices/b"]
        return facts
    }
}
