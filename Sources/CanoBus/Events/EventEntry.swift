/// An event as it is on a stream: one CloudEvent.
package struct EventEntry: Sendable, Hashable {
    /// The fields of every event, in their order.
    package static let fields: [Field] = [
        .specversion, .id, .source, .type, .subject, .time, .workflow, .sequence, .epoch, .bridge, .traceparent, .datacontenttype, .data,
    ]

    private let values: [String: String]

    /// Reads the fields of an entry; those that are missing are empty.
    package init(_ fields: [(name: [UInt8], value: [UInt8])]) {
        values = Dictionary(
            fields.map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }
        ) { _, last in last }
    }

    /// The fields that the entry has besides those of every event, by their names.
    package var unknownFields: [String: String] {
        let known = Set(Self.fields.map(\.rawValue))
        return values.filter { !known.contains($0.key) }
    }

    package subscript(field: Field) -> String { values[field.rawValue] ?? "" }

    /// Its type, or nil when this release doesn't know it.
    package var type: EventType? { EventType(rawValue: self[.type]) }

    /// Its data; nil when this release doesn't know its type.
    ///
    /// - Throws: ``BusError`` with the code `unreadableEvent` when the data is not what the type says.
    package func data() throws(BusError) -> (any EventData)? {
        guard let type else { return nil }
        return try EventCatalog.data(of: type, self[.data])
    }

    /// An event's number as it is printed: ten digits, as the sequence extension of CloudEvents asks.
    package static func printed(sequence: Int) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits
    }

    /// The `id` of the event that rejects the command of an entry.
    package static func id(ofRejected entry: String) -> String { "command/\(entry)" }

    /// The `id` of the event that answers the command of an entry about a schedule.
    package static func id(ofSchedule name: String, _ entry: String) -> String { "schedule/\(name)/\(entry)" }
}
