import CanoBus

extension EventEntry {
    /// An event with these fields, and no others.
    static func with(_ fields: [Field: String]) -> EventEntry {
        EventEntry(fields.map { (Array($0.key.rawValue.utf8), Array($0.value.utf8)) })
    }
}
