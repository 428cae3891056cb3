import CanoCore
import CanoTelemetry
import Testing

@testable import CanoOTLP

@Suite("A request to a receiver of metrics")
struct MetricsRequestTests {
    private func json(_ families: MetricsSnapshot.Family...) -> String {
        let request = MetricsRequest(
            resource: OTLPResource(serviceName: "shop"), snapshot: MetricsSnapshot(at: 1_700_000_000_002, families)
        ).json
        let head =
            #"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"#
            + #""scopeMetrics":[{"scope":{"name":"cano"},"metrics":["#
        #expect(request.hasPrefix(head) && request.hasSuffix("]}]}]}"))
        return String(request.dropFirst(head.count).dropLast("]}]}]}".count))
    }

    private static let start: Int64 = 1_700_000_000_001
    private static let times = #""startTimeUnixNano":"1700000000001000000","timeUnixNano":"1700000000002000000""#

    @Test("has a counter as a sum that only grows, since its beginning")
    func counter() {
        let family = MetricsSnapshot.Family(
            name: "runs_total", kind: .counter, help: "Runs.",
            series: [.init([.init("workflow", "a \"b\"")], .count(9_007_199_254_740_993), since: Self.start)])
        #expect(
            json(family)
                == #"{"name":"runs_total","description":"Runs.","sum":{"dataPoints":[{"attributes":[{"key":"workflow","#
                + #""value":{"stringValue":"a \"b\""}}],\#(Self.times),"asInt":"9007199254740993"}],"aggregationTemporality":2,"isMonotonic":true}}"#
        )
    }

    @Test("has a gauge without a beginning", arguments: [(2.5, "2.5"), (-3, "-3.0"), (.infinity, #""Infinity""#)])
    func gauge(value: Double, text: String) {
        let family = MetricsSnapshot.Family(name: "g", kind: .gauge, help: "", series: [.init([], .number(value), since: Self.start)])
        #expect(json(family) == #"{"name":"g","gauge":{"dataPoints":[{"timeUnixNano":"1700000000002000000","asDouble":\#(text)}]}}"#)
    }

    @Test("has a histogram with its bounds, what is in each bucket alone, and the unit that its name tells")
    func histogram() {
        var distribution = MetricsSnapshot.Distribution(bounds: [0.5, 1])
        for value in [0.5, 0.75, 2, 4] { distribution.add(value) }
        let family = MetricsSnapshot.Family(
            name: "lag_seconds", kind: .histogram, help: "", series: [.init([], .distribution(distribution), since: Self.start)])
        #expect(
            json(family)
                == #"{"name":"lag_seconds","unit":"s","histogram":{"dataPoints":[{\#(Self.times),"count":"4","sum":7.25,"#
                + #""bucketCounts":["1","1","2"],"explicitBounds":[0.5,1.0]}],"aggregationTemporality":2}}"#)
    }

    @Test("has families in order, those that have series, and no beginning after its moment")
    func families() {
        let text = json(
            .init(name: "z", kind: .gauge, help: "", series: [.init([], .number(1))]), .init(name: "b", kind: .gauge, help: "", series: []),
            .init(name: "a_total", kind: .counter, help: "", series: [.init([], .count(1), since: Self.start + 9)]))
        #expect(text.hasPrefix(#"{"name":"a_total","sum":{"dataPoints":[{"startTimeUnixNano":"1700000000002000000","#))
        #expect(text.contains(#"{"name":"z""#) && !text.contains(#""b""#))
    }
}
