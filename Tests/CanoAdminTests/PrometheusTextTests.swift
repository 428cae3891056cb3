import CanoCore
import CanoTelemetry
import Testing

@testable import CanoAdmin

@Suite("Prometheus' text", .timeLimit(.minutes(5)))
struct PrometheusTextTests {
    private func text(_ families: MetricsSnapshot.Family...) -> String { PrometheusText.text(of: MetricsSnapshot(families)) }

    private func gauge(_ value: Double) -> String {
        text(.init(name: "g", kind: .gauge, help: "", series: [.init([], .number(value))]))
    }

    @Test("has a family's help and type before its series, and all of it in order")
    func order() {
        let rejections = MetricsSnapshot.Family(
            name: "cano_rejections_total", kind: .counter, help: "Commands that were rejected.",
            series: [
                .init([.init("code", "too_large")], .count(2)), .init([.init("code", "expired")], .count(0)),
                .init([.init("code", "expired"), .init("zone", "b")], .count(7)),
            ])
        let slots = MetricsSnapshot.Family(name: "cano_a_slots", kind: .gauge, help: "Slots.", series: [.init([], .number(256))])
        #expect(
            text(rejections, slots) == """
                # HELP cano_a_slots Slots.
                # TYPE cano_a_slots gauge
                cano_a_slots 256
                # HELP cano_rejections_total Commands that were rejected.
                # TYPE cano_rejections_total counter
                cano_rejections_total{code="expired"} 0
                cano_rejections_total{code="expired",zone="b"} 7
                cano_rejections_total{code="too_large"} 2

                """)
    }

    @Test("adds a histogram's buckets up, and ends them with the infinite one, the sum and the count")
    func histogram() {
        var distribution = MetricsSnapshot.Distribution(bounds: [0.005, 0.1, 1])
        for value in [0.005, 0.0050001, 0.5, 0.6, 30, .nan, .infinity] { distribution.add(value) }
        let family = MetricsSnapshot.Family(
            name: "lag_seconds", kind: .histogram, help: "Lag.", series: [.init([.init("queue", "a")], .distribution(distribution))])
        #expect(
            text(family) == """
                # HELP lag_seconds Lag.
                # TYPE lag_seconds histogram
                lag_seconds_bucket{queue="a",le="0.005"} 1
                lag_seconds_bucket{queue="a",le="0.1"} 2
                lag_seconds_bucket{queue="a",le="1"} 4
                lag_seconds_bucket{queue="a",le="+Inf"} 5
                lag_seconds_sum{queue="a"} 31.1100001
                lag_seconds_count{queue="a"} 5

                """)
    }

    @Test(
        "escapes what would end a line or a value",
        arguments: [
            (#"a "b" \ c"#, #"a "b" \\ c"#, #"a \"b\" \\ c"#), ("one\ntwo", #"one\ntwo"#, #"one\ntwo"#),
            ("one\r\ntwo", "one\r\\ntwo", "one\r\\ntwo"),
            ("naïve 🚀 }", "naïve 🚀 }", "naïve 🚀 }"),
        ])
    func escaping(raw: String, help: String, value: String) {
        let family = MetricsSnapshot.Family(
            name: "x_total", kind: .counter, help: raw, series: [.init([.init("label", raw)], .count(1))])
        #expect(text(family) == "# HELP x_total \(help)\n# TYPE x_total counter\nx_total{label=\"\(value)\"} 1\n")
    }

    @Test(
        "writes numbers as Go reads them",
        arguments: [
            (0.0, "0"), (-3, "-3"), (0.25, "0.25"), (1e300, "1e+300"), (9_007_199_254_740_992, "9007199254740992"), (1e-7, "1e-07"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        ])
    func numbers(value: Double, told: String) {
        #expect(gauge(value) == "# HELP g \n# TYPE g gauge\ng \(told)\n")
    }

    @Test("tells a family once, and none without series")
    func once() {
        let first = MetricsSnapshot.Family(name: "a", kind: .gauge, help: "First.", series: [.init([], .number(1))])
        let second = MetricsSnapshot.Family(name: "a", kind: .counter, help: "Second.", series: [.init([], .count(2))])
        #expect(text(first, second) == "# HELP a First.\n# TYPE a gauge\na 1\n")
        #expect(text(.init(name: "b", kind: .gauge, help: "None.", series: [])).isEmpty)
        #expect(text().isEmpty)
    }
}
