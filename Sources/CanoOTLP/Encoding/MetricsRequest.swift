import CanoCore
import CanoPrimitives
import CanoTelemetry
import Tracing

/// An `ExportMetricsServiceRequest` as OTLP's JSON has it: counters as sums since they began, gauges, and histograms with explicit bounds. Pure.
///
/// Metrics have the names and labels that Prometheus reads, so that what is made for one serves the other.
struct MetricsRequest: Sendable {
    let resource: OTLPResource
    let snapshot: MetricsSnapshot

    /// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
    private static let cumulative: Int64 = 2

    var json: String {
        let families = snapshot.families.filter { !$0.series.isEmpty }.sorted { $0.name < $1.name }
        var scope = JSONWriter()
        scope.member("scope", json: OTLPResource.scope)
        scope.member("metrics", json: JSONWriter.array(families.map(json)))
        var resourceMetrics = JSONWriter()
        resourceMetrics.member("resource", json: resource.json)
        resourceMetrics.member("scopeMetrics", json: JSONWriter.array([scope.object]))
        var request = JSONWriter()
        request.member("resourceMetrics", json: JSONWriter.array([resourceMetrics.object]))
        return request.object
    }

    private func json(of family: MetricsSnapshot.Family) -> String {
        var data = JSONWriter()
        data.member("dataPoints", json: JSONWriter.array(family.series.map(json)))
        if family.kind != .gauge { data.member("aggregationTemporality", Self.cumulative) }
        if family.kind == .counter { data.member("isMonotonic", true) }
        var metric = JSONWriter()
        metric.member("name", family.name)
        if !family.help.isEmpty { metric.member("description", family.help) }
        if family.name.hasSuffix("_seconds") { metric.member("unit", "s") }
        let member =
            switch family.kind {
            case .counter: "sum"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        metric.member(member, json: data.object)
        return metric.object
    }

    /// A point of a sum or a gauge, or one of a histogram.
    private func json(of series: MetricsSnapshot.Series) -> String {
        var point = JSONWriter()
        if !series.labels.isEmpty {
            point.member("attributes", json: JSONWriter.array(series.labels.map { AttributeValue.pair($0.name, .string($0.value)) }))
        }
        if series.isAccumulated { point.member("startTimeUnixNano", Self.nanoseconds(min(series.start, snapshot.moment))) }
        point.member("timeUnixNano", Self.nanoseconds(snapshot.moment))
        switch series.value {
        case .count(let count): point.member("asInt", String(count))
        case .number(let number): point.member("asDouble", json: AttributeValue.json(of: number))
        case .distribution(let distribution):
            point.member("count", String(distribution.counts.reduce(0, +)))
            point.member("sum", json: AttributeValue.json(of: distribution.sum))
            point.member("bucketCounts", json: JSONWriter.array(distribution.counts.map { "\"\($0)\"" }))
            point.member("explicitBounds", json: JSONWriter.array(distribution.bounds.map { AttributeValue.json(of: $0) }))
        }
        return point.object
    }

    private static func nanoseconds(_ milliseconds: Int64) -> String { String(max(0, milliseconds)) + "000000" }
}

extension MetricsSnapshot.Series {
    /// Whether it is what has come together since it began.
    fileprivate var isAccumulated: Bool {
        switch value {
        case .count, .distribution: true
        case .number: false
        }
    }
}
