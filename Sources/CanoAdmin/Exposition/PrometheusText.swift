import CanoCore
public import CanoTelemetry

/// A snapshot in Prometheus' text format, version 0.0.4. Pure.
///
/// Strict: each family once, sorted by name, with its HELP and its TYPE before its series; series sorted by labels; names and labels with no
/// character that the format has not; buckets cumulative, with `+Inf`, `_sum` and `_count`.
public enum PrometheusText {
    /// What the text is served as.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The text.
    ///
    /// - Parameter snapshot: The metrics. Of two families with the same name, the first is told.
    /// - Returns: The text, ending in a line feed; empty for no metrics.
    public static func text(of snapshot: MetricsSnapshot) -> String {
        var text = ""
        var told: Set<String> = []
        for family in snapshot.families.sorted(by: { $0.name < $1.name }) where !family.series.isEmpty {
            guard told.insert(family.name).inserted else { continue }
            text += "# HELP \(family.name) \(escapedHelp(family.help))\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for series in family.series.sorted(by: { key(of: $0) < key(of: $1) }) { append(series, of: family.name, to: &text) }
        }
        return text
    }

    // MARK: Series

    private static func key(of series: MetricsSnapshot.Series) -> String {
        series.labels.map { "\($0.name)\u{0}\($0.value)\u{0}" }.joined()
    }

    private static func append(_ series: MetricsSnapshot.Series, of name: String, to text: inout String) {
        let labels = series.labels.map { "\($0.name)=\"\(escapedValue($0.value))\"" }
        func line(_ suffix: String, _ labels: [String], _ value: String) {
            text += name + suffix + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(value)\n"
        }
        switch series.value {
        case .count(let count): line("", labels, "\(count)")
        case .number(let number): line("", labels, Self.text(of: number))
        case .distribution(let distribution):
            var count: Int64 = 0
            for (bound, more) in zip(distribution.bounds + [.infinity], distribution.counts) {
                count += more
                line("_bucket", labels + ["le=\"\(Self.text(of: bound))\""], "\(count)")
            }
            line("_sum", labels, Self.text(of: distribution.sum))
            line("_count", labels, "\(count)")
        }
    }

    private static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }

    private static func escapedHelp(_ text: String) -> String { escaped(text, quotes: false) }

    private static func escapedValue(_ text: String) -> String { escaped(text, quotes: true) }

    /// By scalars: a line feed may be a part of a character, such as one after a carriage return.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
