/// The metrics of a module: one case each, numbered from 0.
package protocol MetricList: RawRepresentable<Int>, CaseIterable, Sendable {
    /// What is exported of it.
    var definition: MetricDefinition { get }
}

extension MetricList {
    /// What users are told of it.
    package var description: CanoMetrics.Description {
        let definition = definition
        return CanoMetrics.Description(
            name: definition.name, kind: definition.kind, labels: definition.labels.map(\.name), help: definition.help,
            buckets: definition.buckets)
    }
}

/// A metric as its module defines it.
package struct MetricDefinition: Sendable {
    package let name: String
    package let kind: CanoMetrics.Kind
    package let labels: [MetricLabel]
    package let help: String
    /// Empty for what is no histogram.
    package let buckets: [Double]

    /// What only grows: the name ends in `_total`.
    package static func counter(_ name: String, _ labels: MetricLabel..., help: String) -> MetricDefinition {
        MetricDefinition(name: name, kind: .counter, labels: labels, help: help, buckets: [])
    }

    /// What goes up and down.
    package static func gauge(_ name: String, _ labels: MetricLabel..., help: String) -> MetricDefinition {
        MetricDefinition(name: name, kind: .gauge, labels: labels, help: help, buckets: [])
    }

    /// What is spread over buckets, in seconds.
    package static func histogram(
        _ name: String, _ labels: MetricLabel..., in buckets: [Double] = CanoMetrics.durationBuckets, help: String
    ) -> MetricDefinition {
        MetricDefinition(name: name, kind: .histogram, labels: labels, help: help, buckets: buckets)
    }
}
