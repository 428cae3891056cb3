import CanoRedis
import Foundation

/// An event as a consumer finds it on a stream.
struct BusEventReader {
    private let fields: [String: String]

    init(_ entry: StreamEntry) {
        var fields: [String: String] = [:]
        for (name, value) in entry.fields {
            fields[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        self.fields = fields
    }

    subscript(field: String) -> String { fields[field] ?? "" }

    /// A member of the event's data, as JSON text.
    func dataMember(_ name: String) -> String? {
        do {
            let object = try JSONSerialization.jsonObject(with: Data(self["data"].utf8)) as? [String: Any]
            guard let value = object?[name] else { return nil }
            let options: JSONSerialization.WritingOptions = [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try JSONSerialization.data(withJSONObject: value, options: options), as: UTF8.self)
        } catch {
            return nil
        }
    }

    /// All fields as one JSON object, with `data` as an object inside it.
    var json: String {
        var text = JSONText()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            text.member(named: name, json: name == "data" ? value : JSONText.string(value))
        }
        return text.closed
    }
}
