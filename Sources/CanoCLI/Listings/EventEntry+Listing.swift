import CanoBus
import CanoPrimitives

extension EventEntry {
    /// The event as a line for people: time, type, subject and data.
    var line: String { "\(self[.time])  \(self[.type])  \(self[.subject])  \(self[.data].jsonOnOneLine)" }
}
