import CanoBus
import CanoPrimitives

/// A run's record in the order in which people look at it, made of its hash in Redis.
package struct RecordListing: Sendable {
    /// The fields in the order of the listing, with each JSON value on one line.
    package let fields: [(name: String, value: String)]

    package static let moments = Set(RunRecord.moments.map(\.rawValue))
    private static let values = Set(RunRecord.nested.map(\.rawValue))

    /// Lists the fields in the order in which people look for them, and then those of later releases by name.
    package init(_ record: [String: String]) {
        let order = RunRecord.order.map(\.rawValue)
        let others = record.keys.filter { !order.contains($0) }.sorted()
        fields = (order + others).compactMap { name in
            record[name].map { (name: name, value: Self.values.contains(name) ? $0.jsonOnOneLine : $0) }
        }
    }

    /// All fields as one JSON object on one line, with input, output and the like as values inside it.
    package var json: String {
        var text = JSONWriter()
        for (name, value) in fields {
            text.member(name, json: Self.values.contains(name) ? value : JSONWriter.string(value))
        }
        return text.object
    }
}
