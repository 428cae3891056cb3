import CanoPrimitives
import CanoRedis
import Foundation

/// An event as a consumer finds it on a stream.
struct ReceivedEvent: Sendable {
    private let fields: [String: String]

    init(_ entry: StreamEntry) {
        var fields: [String: String] = [:]
        for (name, value) in entry.fields {
            fields[String(decoding: name, as: UTF8.self)] = String(decoding: value, as: UTF8.self)
        }
        self.fields = fields
    }

    init(fields: [String: String]) {
        self.fields = fields
    }

    /// A field of the envelope; empty when the event has none of that name.
    subscript(field: String) -> String { fields[field] ?? "" }

    /// A member of the event's data that is a string or a whole number; nil when it is missing or of another kind.
    func dataMember(_ name: String) -> String? {
        do {
            let object = try JSONSerialization.jsonObject(with: Data(self["data"].utf8)) as? [String: Any]
            return object?[name] as? String ?? (object?[name] as? Int64).map(String.init)
        } catch {
            return nil
        }
    }

    /// The event as a line for people: time, type, subject and data.
    var line: String { "\(self["time"])  \(self["type"])  \(self["subject"])  \(self["data"].jsonOnOneLine)" }

    /// All fields as one JSON object on one line, with `data` as an object inside it.
    var json: String {
        var text = JSONWriter()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            text.member(name, json: name == "data" ? value.jsonOnOneLine : JSONWriter.string(value))
        }
        return text.object
    }
}
