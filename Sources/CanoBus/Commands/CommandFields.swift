import CanoPrimitives

/// The fields of one command, by their names; an empty value counts as absent, and of a name given twice the last counts.
///
/// A command comes in either of two spellings: plain fields, or a CloudEvent whose attributes have no underscores. Both read
/// the same here.
package struct CommandFields: Sendable {
    private let values: [String: [UInt8]]
    package let isCloudEvent: Bool
    /// Whether a name is not text: the command is broken, though what can be read of it tells where its answer goes.
    package let hasUnreadableName: Bool

    /// Reads the fields of an entry.
    package init(_ fields: [(name: [UInt8], value: [UInt8])]) {
        var values: [String: [UInt8]] = [:]
        var hasUnreadableName = false
        for (name, value) in fields where !value.isEmpty {
            guard let name = String(validating: name, as: UTF8.self) else {
                hasUnreadableName = true
                continue
            }
            values[name] = value
        }
        self.values = values
        self.hasUnreadableName = hasUnreadableName
        isCloudEvent = values[Field.specversion.rawValue] != nil
    }

    /// What CloudEvents calls data that is no text: no input is.
    package static let binaryData = "data_base64"

    /// Whether a CloudEvent has its data as base64.
    package var hasBinaryData: Bool { isCloudEvent && values[Self.binaryData] != nil }

    /// Whether there is nothing but data, as of a CloudEvent that is sent as one JSON text.
    package var hasOnlyData: Bool { values.count == 1 && values[Field.data.rawValue] != nil }

    // MARK: Values

    /// What a field is called here, for messages.
    package func spelled(_ field: Field) -> String { isCloudEvent ? field.cloudEventName : field.rawValue }

    /// A text.
    package func text(_ field: Field) throws(InvalidField) -> String? { try text(named: spelled(field)) }

    /// A text of at most so many bytes.
    package func text(_ field: Field, atMost maximum: Int) throws(InvalidField) -> String? {
        guard let text = try text(field) else { return nil }
        guard text.utf8.count <= maximum else {
            throw InvalidField("\(spelled(field)) is \(text.utf8.count) bytes long; \(maximum) are the most it may be.")
        }
        return text
    }

    /// A name.
    package func name(_ field: Field) throws(InvalidField) -> String? { try name(named: spelled(field)) }

    /// Milliseconds since 1970, or a length in milliseconds.
    package func milliseconds(_ field: Field) throws(InvalidField) -> Int64? {
        guard let text = try text(field) else { return nil }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard text.utf8.allSatisfy(digits.contains), let value = Int64(text) else {
            throw InvalidField("\(spelled(field)) is not a whole number of milliseconds.")
        }
        guard value <= BusLimits.lastMoment else {
            throw InvalidField(
                "\(spelled(field)) is \(value), which lies beyond the year 9999: give milliseconds, not micro- or nanoseconds.")
        }
        return value
    }

    /// One of several words.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(_ field: Field) throws(InvalidField) -> Choice? {
        guard let text = try text(field) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw InvalidField("\(spelled(field)) is \"\(text.prefix(40))\": choose one of \(choices).")
        }
        return choice
    }

    // MARK: What both spellings say in ways of their own

    /// What is asked for: `start` from `start` or, in a CloudEvent, from `cano.run.start`. Not yet known to be a command's type.
    package func type() throws(InvalidField) -> String? {
        guard let type = try text(.type) else { return nil }
        guard isCloudEvent, let version = try text(.specversion) else { return type }
        guard version == "1.0" else {
            throw InvalidField("specversion is \"\(version.prefix(40))\": send CloudEvents 1.0, or leave the field out.")
        }
        let prefix = CommandType.cloudEventPrefix
        return type.hasPrefix(prefix) ? String(type.dropFirst(prefix.count)) : type
    }

    /// The workflow. The subject of a CloudEvent is one only in commands that name a workflow.
    package func workflow() throws(InvalidField) -> String? {
        if isCloudEvent, ![.start, .schedule].contains(try knownType()) { return nil }
        return try name(.workflow)
    }

    /// The name of the schedule that a command is about.
    package func scheduleName() throws(InvalidField) -> String? {
        try name(named: place(of: .name, in: try knownType()))
    }

    /// The run that a command is about; nil of one about a schedule. Of an answer, and of what has no known type and no id, it is that of the
    /// task.
    package func run() throws(InvalidField) -> String? {
        let type = try knownType()
        if type?.isAboutSchedule == true { return nil }
        if type?.isAnswer == true { return try task()?.run }
        if isCloudEvent, type == .start, values[Field.id.cloudEventName] == nil { return try eventRunName() }
        let name = place(of: .id, in: type)
        guard let id = try text(named: name) else { return type == nil ? try task()?.run : nil }
        let (parent, told) = (ChildName(id)?.parent, try text(.parent))
        if !RunName.isChosen(id), parent == nil || type == .start && told != parent {
            throw InvalidField("\(name) has \(RunName.reserved) in it, which is reserved: put another character between, or one / alone.")
        }
        guard RunName.isValid(id) else { throw InvalidField("\(name) is not a run id: use \(RunName.rule).") }
        return id
    }

    /// The run of a start that is a CloudEvent and names none: ids of events are unique for their source only.
    private func eventRunName() throws(InvalidField) -> String? {
        guard let id = try text(named: Field.id.rawValue) else { return nil }
        let name = RunName.ofEvent(id, from: try text(named: Field.source.rawValue))
        guard RunName.isValid(name) else {
            throw InvalidField(
                "source and id make a run id of \(name.utf8.count) characters, more than 200: send \(Field.id.cloudEventName).")
        }
        return name
    }

    /// The task that a worker answers.
    package func task() throws(InvalidField) -> TaskToken? {
        guard let text = try text(.task) else { return nil }
        guard let token = TaskToken(text) else {
            throw InvalidField("task is \"\(text.prefix(300))\", which is no task: hand back what the task's entry says in this field.")
        }
        return token
    }

    /// Where the answer to a command goes. What workers answer is not answered itself.
    package func replyName() throws(InvalidField) -> String? {
        try knownType()?.isAnswer == true ? nil : try name(.replyTo)
    }

    /// What identifies a message among those to its run.
    package func messageID() throws(InvalidField) -> String? {
        guard let id = try text(.messageID) else { return nil }
        guard MessageID.isValid(id) else { throw InvalidField("\(spelled(.messageID)) can't be used: choose \(MessageID.rule).") }
        return id
    }

    /// What the run can be found by.
    package func attributes() throws(InvalidField) -> RunAttributes {
        guard let text = try text(.attributes, atMost: BusLimits.attributesBytes) else { return .empty }
        do { return try RunAttributes(json: text) } catch { throw InvalidField(error.message) }
    }

    /// The trace context, as far as it is well formed.
    package func trace() -> TraceContext {
        func valid(_ field: Field) -> String? { values[field.rawValue].flatMap { String(validating: $0, as: UTF8.self) } }
        return TraceContext(parent: valid(.traceparent), state: valid(.tracestate))
    }

    private func knownType() throws(InvalidField) -> CommandType? { try type().flatMap { CommandType(rawValue: $0) } }

    /// The name under which a field is here: its own or, in a CloudEvent without that attribute, another that means the same.
    private func place(of field: Field, in type: CommandType?) -> String {
        let name = spelled(field)
        guard isCloudEvent, values[name] == nil, let other = field.cloudEventFallback(in: type) else { return name }
        return other.rawValue
    }

    private func name(named field: String) throws(InvalidField) -> String? {
        guard let name = try text(named: field) else { return nil }
        guard Name.isValid(name) else { throw InvalidField("\(field) is not a name: use \(Name.rule).") }
        return name
    }

    private func text(named field: String) throws(InvalidField) -> String? {
        guard let bytes = values[field] else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw InvalidField("\(field) is not valid UTF-8.") }
        return text
    }
}

/// A field that breaks its rule: which, and what to send instead.
package struct InvalidField: Error, Sendable {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}
