import CanoBus
import CanoPrimitives

extension EventEntry {
    /// The event as a line for people: time, type, subject and data.
    var line: String { "\(self[.time])  \(self[.type])  \(self[.subject])  \(self[.data].jsonOnOneLine)" }

    /// All fields as one JSON object on one line, with `data` as an object inside it.
    var json: String {
        var text = JSONWriter()
        for field in Self.fields {
            text.member(field, json: field == .data ? self[.data].jsonOnOneLine : JSONWriter.string(self[field]))
        }
        for (name, value) in unknownFields.sorted(by: { $0.key < $1.key }) { text.member(name, value) }
        return text.object
    }
}
