import CanoCore
import CanoTelemetry
import Testing

@Suite("The name of a metric", .timeLimit(.minutes(5)))
struct MetricNameTests {
    @Test(
        "is legal everywhere",
        arguments: [
            ("http.requests", CanoMetrics.Kind.counter, "http_requests_total"), ("cano_x_total", .counter, "cano_x_total"),
            ("9lives", .gauge, "_9lives"), ("a:b", .histogram, "a:b"), ("größe", .gauge, "gr__e"), ("", .gauge, "_"),
            ("٣", .gauge, "_"),
        ])
    func names(label: String, kind: CanoMetrics.Kind, name: String) {
        #expect(MetricName.name(of: label, kind) == name)
    }

    @Test(
        "keeps its labels from those that Prometheus makes itself",
        arguments: [
            ("code", "code"), ("le", "label_le"), ("quantile", "label_quantile"), ("__name__", "label___name__"), ("a-b:c", "a_b_c"),
            ("1st", "_1st"),
        ])
    func labels(given: String, told: String) {
        #expect(MetricName.labelName(given) == told)
    }
}
