public import CanoCore

/// All metrics of a process as they were at one moment.
public struct MetricsSnapshot: Sendable, Hashable {
    /// One metric, with its series.
    public struct Family: Sendable, Hashable {
        /// The exported name.
        public var name: String
        /// What kind of series it is.
        public var kind: CanoMetrics.Kind
        /// What it says; empty where nothing is known of it.
        public var help: String
        /// Its series, one for each combination of label values.
        public var series: [Series]

        /// Creates a family.
        public init(name: String, kind: CanoMetrics.Kind, help: String, series: [Series]) {
            self.name = name
            self.kind = kind
            self.help = help
            self.series = series
        }
    }

    /// One series.
    public struct Series: Sendable, Hashable {
        /// Its labels, in order.
        public var labels: [Label]
        /// What it holds.
        public var value: Value
        /// Since when it counts, in milliseconds since 1970.
        public var start: Int64

        /// Creates a series.
        public init(_ labels: [Label] = [], _ value: Value, since start: Int64 = 0) {
            self.labels = labels
            self.value = value
            self.start = start
        }
    }

    /// A label and its value.
    public struct Label: Sendable, Hashable {
        /// What it is called.
        public var name: String
        /// What it says.
        public var value: String

        /// Creates a label.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What a series holds.
    public enum Value: Sendable, Hashable {
        /// What has been counted.
        case count(Int64)
        /// What was measured last.
        case number(Double)
        /// What was spread over buckets.
        case distribution(Distribution)
    }

    /// How values are spread.
    public struct Distribution: Sendable, Hashable {
        /// The upper bounds of the buckets, rising, without the infinite one.
        public var bounds: [Double]
        /// How many values are in each bucket alone; one more than there are bounds, for those above all.
        public var counts: [Int64]
        /// The sum of all values.
        public var sum: Double

        /// Creates an empty distribution.
        public init(bounds: [Double]) {
            self.bounds = bounds
            counts = Array(repeating: 0, count: bounds.count + 1)
            sum = 0
        }

        /// Adds a value. One that is no number is left out: it is in no bucket, and would spoil the sum.
        public mutating func add(_ value: Double) {
            guard value.isFinite else { return }
            counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
            sum += value
        }
    }

    /// The moment, in milliseconds since 1970.
    public var moment: Int64
    /// The metrics.
    public var families: [Family]

    /// Creates a snapshot.
    public init(at moment: Int64 = 0, _ families: [Family] = []) {
        self.moment = moment
        self.families = families
    }
}
