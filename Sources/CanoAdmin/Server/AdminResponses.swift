import CanoTelemetry
import Hummingbird
import NIOCore

/// What each path answers.
struct AdminResponses: Sendable {
    let gate: AdminGate
    let metrics: MetricsRegistry
    let dashboard: Dashboard?
    let readiness: @Sendable () async -> HealthAnswer

    /// The paths. Probes need no token: what asks them often can't keep a secret.
    var router: Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.get("/health/live") { _, _ in json(HealthAnswer.alive) }
        router.get("/health/ready") { _, _ in json(await readiness()) }
        router.get("/metrics") { request, _ in
            if let refusal = gate.refusal(of: request) { return AdminAnswer.refusal(refusal) }
            return AdminAnswer.answer(.ok, PrometheusText.contentType, ByteBuffer(string: PrometheusText.text(of: metrics.snapshot)))
        }
        dashboard?.add(to: router)
        // Behind all paths, so that it is asked for no other.
        router.add(middleware: UnknownPathAnswer())
        return router
    }

    private func json(_ answer: HealthAnswer) -> Response {
        AdminAnswer.json(answer.body, status: HTTPResponse.Status(code: answer.status))
    }
}
