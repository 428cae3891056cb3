import CanoBus
import CanoPrimitives

extension RunTimeline {
    /// The timeline as a JSON object: the events, and the numbers of those that are not known as pairs of the first and the last.
    package var json: String {
        var text = JSONWriter()
        text.member("events", json: JSONWriter.array(events.map(\.json)))
        text.member("missing", json: JSONWriter.array(missing.map { "[\($0.lowerBound),\($0.upperBound)]" }))
        return text.object
    }

    /// What is not known; nil where nothing is missing.
    package var missingLine: String? {
        guard !isWhole else { return nil }
        let ranges = missing.prefix(5).map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
        let more = missing.count > 5 ? " and others" : ""
        return
            "Not known: the events \(ranges.joined(separator: ", "))\(more). They are no longer kept, or too far from the run's beginning and end."
    }
}
