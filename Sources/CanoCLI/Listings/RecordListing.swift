import CanoBus
import CanoPrimitives

/// A run's record as it is printed, made of its hash in Redis.
struct RecordListing: Sendable {
    /// The fields in the order of the listing, with each JSON value on one line.
    private let fields: [(name: String, value: String)]

    private static let moments = Set(RunRecord.moments.map(\.rawValue))
    private static let values = Set(RunRecord.nested.map(\.rawValue))

    /// Lists the fields in the order in which people look for them, and then those of later releases by name.
    init(_ record: [String: String]) {
        let order = RunRecord.order.map(\.rawValue)
        let others = record.keys.filter { !order.contains($0) }.sorted()
        fields = (order + others).compactMap { name in
            record[name].map { (name: name, value: Self.values.contains(name) ? $0.jsonOnOneLine : $0) }
        }
    }

    /// A line for each field, with moments as people read them.
    var lines: [String] {
        fields.map { name, value in
            let shown = Self.moments.contains(name) ? Int64(value).map(Timestamp.text) ?? value : value
            return name + String(repeating: " ", count: max(1, 12 - name.count)) + shown
        }
    }

    /// All fields as one JSON object on one line, with input, output and error as values inside it.
    var json: String {
        var text = JSONWriter()
        for (name, value) in fields {
            text.member(name, json: Self.values.contains(name) ? value : JSONWriter.string(value))
        }
        return text.object
    }
}
