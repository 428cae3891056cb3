import CanoBus
import CanoCore
import CanoRedis

/// A child of a run, as the run's open tasks have it by the leg that waits for its end.
struct OpenChild: Sendable, Hashable {
    let run: String
    /// Which attempt of its parent's it is, from 1.
    let attempt: Int
    let policy: ParentClosePolicy
    /// The entry of its start.
    let entry: StreamEntryID
    let workflow: String

    /// Reads it as it is kept; nil for what is no child, or was damaged.
    init?(_ text: String) {
        let words = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 5 else { return nil }
        let parts = words.map { String(Substring($0)) }
        guard let attempt = Int(parts[1]), let policy = ParentClosePolicy(rawValue: parts[2]),
            let entry = StreamEntryID(parts[3])
        else { return nil }
        run = parts[0]
        self.attempt = attempt
        self.policy = policy
        self.entry = entry
        workflow = parts[4]
    }

    /// Reads all of a run, by their legs; what is no child is left out.
    static func all(_ fields: [(field: RESPBytes, value: RESPBytes)]) -> [String: OpenChild] {
        let read = fields.compactMap { field, value in
            OpenChild(String(decoding: value, as: UTF8.self)).map { (String(decoding: field, as: UTF8.self), $0) }
        }
        return Dictionary(read) { _, last in last }
    }
}
