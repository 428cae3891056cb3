import CanoBridge
import CanoPrimitives
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

    /// A member of the event's data that is a text or a whole number.
    func dataMember(_ name: String) -> String? {
        do {
            let object = try JSONSerialization.jsonObject(with: Data(self["data"].utf8)) as? [String: Any]
            return object?[name] as? String ?? (object?[name] as? Int64).map(String.init)
        } catch {
            return nil
        }
    }

    /// What people want to see of it.
    var line: String { "\(self["time"])  \(self["type"])  \(self["subject"])  \(self["data"].jsonOnOneLine)" }

    /// All fields as one JSON object, with `data` as an object inside it.
    var json: String {
        var text = JSONWriter()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            text.member(name, json: name == "data" ? value.jsonOnOneLine : JSONWriter.string(value))
        }
        return text.object
    }
}

extension String {
    /// JSON text without line breaks: it has them between its parts only, since in a string they are escaped.
    var jsonOnOneLine: String {
        String(decoding: utf8.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}
