/// An event as it is on a stream: one CloudEvent.
public struct EventEntry: Sendable, Hashable {
    /// The fields of an event of that type, in the order of every event.
    package static func definitions(of type: EventType) -> [FieldDefinition] {
        let about = EventSubject(type)
        return [
            .required(.specversion, .exactly("1.0"), "The version of CloudEvents."),
            .required(.id, about.id, "Together with `source` unique for ever, as long as run ids are."),
            .required(.source, about.source, "`/cano/<prefix>/<workflow>`, the prefix percent-encoded."),
            .required(.type, .exactly(type.rawValue), "The type."),
            .required(.subject, about.subject, about.meaning),
            .required(.time, .timestamp, "When it happened."),
            .required(.workflow, about.workflow, "The workflow."),
            .required(.sequence, about.sequence, "The event's number within its run: 1, 2, 3 … without gaps."),
            .required(.epoch, .count, "How often the run has changed hands: 0 while it is scheduled, 1 at its start."),
            .required(.bridge, .name, "The id of the bridge."),
            .required(.traceparent, .emptyOr(.traceparent), "As the command had it, or empty."),
            .required(.datacontenttype, .exactly("application/json"), "What `data` is."),
            .required(.data, .data(type), "What happened: a JSON object."),
        ]
    }

    /// The fields of every event, in their order.
    package static let fields = definitions(of: .runStarted).map(\.field)

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

    // MARK: What every event says

    /// Together with ``source`` unique for ever, as long as run ids are: what tells whether an event has been seen.
    public var id: String { self[.id] }

    /// `/cano/<prefix>/<workflow>`, the prefix percent-encoded.
    public var source: String { self[.source] }

    /// The name of its type, such as `cano.run.completed`, also where this release doesn't know it.
    public var typeName: String { self[.type] }

    /// What it is about: a run's id or, of the events of schedules, a schedule's name.
    public var subject: String { self[.subject] }

    /// When it happened, as RFC 3339 has it: `2026-03-01T09:30:00.125Z`.
    public var time: String { self[.time] }

    /// The workflow; empty where a rejected command has no valid one.
    public var workflow: String { self[.workflow] }

    /// The event's number within its run: 1, 2, 3 … without gaps. 0 of events that are about no run.
    public var sequence: Int { Int(self[.sequence]) ?? 0 }

    /// How often the run has changed hands: 0 while it is scheduled, 1 at its start.
    public var epoch: Int { Int(self[.epoch]) ?? 0 }

    /// The id of the bridge.
    public var bridge: String { self[.bridge] }

    /// The W3C trace context of the command, or empty.
    public var traceparent: String { self[.traceparent] }

    /// What happened, as JSON text; ``data()`` reads it.
    public var dataJSON: String { self[.data] }

    /// Its type, or nil when this release doesn't know it.
    public var type: EventType? { EventType(rawValue: self[.type]) }

    /// Its data; nil when this release doesn't know its type.
    ///
    /// - Throws: ``BusError`` with the code `unreadableEvent` when the data is not what the type says.
    public func data() throws(BusError) -> (any EventData)? {
        guard let type else { return nil }
        return try EventCatalog.data(of: type, self[.data])
    }

    /// An event's number as it is printed: ten digits, as the sequence extension of CloudEvents asks.
    package static func printed(sequence: Int) -> String {
        let digits = String(sequence)
        return String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits
    }

    /// What the `id` of an event begins with that rejects a command, before the command's own.
    package static let rejected = "command/"

    /// What stands in the `id` of an event that answers a command whose run is known, before the command's own.
    package static let duplicate = "/duplicate/"

    /// What stands in the `id` of an event that says that a signal was taken, before the command's own.
    package static let signal = "/signal/"

    /// What stands in the `id` of an event that says that a worker answered too late, before the answer's own.
    package static let late = "/late/"

    /// What the `id` of an event begins with that is about a schedule, before the schedule's name.
    package static let schedule = "schedule/"

    /// The `id` of the event that rejects a command.
    package static func id(ofRejected command: CommandEntryID) -> String { "\(rejected)\(command)" }

    /// The `id` of the event that says that a signal was taken.
    package static func id(ofSignalTo run: String, _ command: CommandEntryID) -> String { "\(run)\(signal)\(command)" }

    /// The `id` of the event that says that a worker answered too late.
    package static func id(ofLateAnswerTo run: String, _ answer: CommandEntryID) -> String { "\(run)\(late)\(answer)" }

    /// The `id` of the event that answers a command about a schedule.
    package static func id(ofSchedule name: String, _ command: CommandEntryID) -> String { "\(schedule)\(name)/\(command)" }

    /// The `id` of the event that says that a due time of a schedule was left out.
    package static func id(ofSkipped name: String, _ due: Int64) -> String { "\(schedule)\(name)\(skipped)\(due)" }

    /// What stands in such an `id` before the due time.
    package static let skipped = "/skipped/"

    /// Whether this event answers a command whose run was known already.
    package func isDuplicate(of command: CommandEntryID) -> Bool {
        id == "\(subject)\(Self.duplicate)\(command)"
    }
}
