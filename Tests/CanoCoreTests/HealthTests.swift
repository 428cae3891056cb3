import CanoCore
import CanoPrimitives
import CanoTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct HealthTests {
    /// On a clock that stands still, no answer is too late.
    let runtime = WorkflowRuntime(clock: ManualClock())
    let first = TestResource()
    let second = TestResource()
    var resources: Resources {
        Resources().inserting(first, for: "a").inserting(second, for: "b").inserting(5, for: "number")
    }

    @Test("a degraded resource is shown and keeps the host ready; an unhealthy one makes it not ready")
    func readiness() async {
        first.report(.degraded("slow"))
        var report = HealthReport()
        #expect(report.isReady)
        #expect(report.description == "healthy")
        report.add(await resources.checkHealth(in: runtime), of: "orders")
        #expect(report.isReady)
        #expect(report.overall == .degraded("slow"))
        #expect(report.description == "degraded: orders/a (slow)")
        second.report(.unhealthy("gone"))
        report.add(await resources.checkHealth(in: runtime), of: "invoices")
        #expect(!report.isReady)
        #expect(report["invoices/b"] == .unhealthy("gone"))
        #expect(report.description == "unhealthy: invoices/b (gone); degraded: orders/a (slow), invoices/a (slow)")
    }

    @Test("resources are asked at the same time, and one that gives no answer in time is unhealthy")
    func deaf() async {
        final class Deaf: Resource {
            let asked = Gate()
            let gate = Gate()
            func health() async -> HealthStatus {
                asked.open()
                await gate.pass()
                return .healthy
            }
        }
        let clock = ManualClock()
        let (one, other) = (Deaf(), Deaf())
        let resources = Resources().inserting(one, for: "one").inserting(other, for: "other")
        async let report = resources.checkHealth(within: .seconds(2), in: WorkflowRuntime(clock: clock))
        await one.asked.pass()
        await other.asked.pass()
        clock.advance(by: .seconds(2))
        let late = HealthStatus.unhealthy("no answer within 2.0 seconds")
        #expect(await report.entries == [entry("one", late), entry("other", late)])
        one.gate.open()
        other.gate.open()
    }

    @Test("a breaker is degraded while it turns calls away or tries them out")
    func breaker() async throws {
        let clock = ManualClock()
        let breaker = CircuitBreaker(CircuitPolicy(failureThreshold: 1, resetTimeout: .seconds(30)), clock: clock)
        let resources = Resources().inserting(breaker, for: "breaker")
        #expect(await resources.checkHealth(in: runtime).overall == .healthy)
        try breaker.acquire().fail()
        #expect(await resources.checkHealth(in: runtime).overall == .degraded("the circuit is open: calls are turned away"))
        clock.advance(by: .seconds(30))
        let trial = try breaker.acquire()
        #expect(await resources.checkHealth(in: runtime).overall == .degraded("the circuit is half-open: a few calls are tried"))
        trial.succeed()
        #expect(await resources.checkHealth(in: runtime).overall == .healthy)
    }

    func entry(_ name: String, _ status: HealthStatus) -> HealthReport.Entry { .init(resource: name, status: status) }
}
