import CanoRedis

/// The fields of one command, by their names; an empty value counts as absent and of a name given twice the last counts.
///
/// A command comes in either of two spellings: plain fields (`reply_to`), or a CloudEvent whose attributes have no
/// underscores (`replyto`). Both read the same here.
struct CommandFields: Sendable {
    private let values: [String: RESPBytes]
    private let isCloudEvent: Bool
    /// Whether a name is not text: the command is broken, though what can be read of it tells whom to answer.
    let hasUnreadableName: Bool

    init(_ entry: StreamEntry) {
        var values: [String: RESPBytes] = [:]
        var hasUnreadableName = false
        for (name, value) in entry.fields where !value.isEmpty {
            guard let name = String(validating: name, as: UTF8.self) else {
                hasUnreadableName = true
                continue
            }
            values[name] = value
        }
        self.values = values
        self.hasUnreadableName = hasUnreadableName
        isCloudEvent = values["specversion"] != nil
    }

    /// What is asked for: `start` from `start` or, in a CloudEvent, from `cano.run.start`.
    func type() throws(InvalidField) -> String? {
        guard let type = try text("type") else { return nil }
        guard isCloudEvent, let version = try text("specversion") else { return type }
        guard version == "1.0" else {
            throw InvalidField("specversion is \"\(version.prefix(40))\": send CloudEvents 1.0, or leave the field out.")
        }
        let start = "cano.run."
        return type.hasPrefix(start) ? String(type.dropFirst(start.count)) : type
    }

    func workflow() throws(InvalidField) -> String? {
        guard isCloudEvent else { return try name("workflow") }
        return try ["start", "schedule"].contains(type()) ? name("subject") : nil
    }

    /// The name of the schedule that a command is about.
    func scheduleName() throws(InvalidField) -> String? {
        guard isCloudEvent, values["name"] == nil, try type() == "unschedule" else { return try name("name") }
        return try name("subject")
    }

    /// The schedule a start says that it belongs to.
    func schedule() throws(InvalidField) -> String? { try text("schedule") }

    func runID() throws(InvalidField) -> String? {
        // A command about a schedule is about no run.
        if try type()?.hasSuffix("schedule") == true { return nil }
        let field =
            switch (isCloudEvent, values["runid"] != nil) {
            case (true, true): "runid"
            case (true, false): try isStart ? "id" : "subject"
            case (false, _): "id"
            }
        guard let id = try text(field) else { return nil }
        guard BusName.isValidRunID(id) else {
            throw InvalidField("\(field) is not a run id: use 1 to 200 characters of A-Z a-z 0-9 . _ : @ / -.")
        }
        return id
    }

    /// The input, `null` where there is none; JSON as long as nobody has checked it.
    func input(atMost maximum: Int, _ reject: (RejectionCode, String) -> Rejection) throws -> String {
        let input = try text(isCloudEvent ? "data" : "input") ?? "null"
        guard input.utf8.count <= maximum else {
            throw reject(.tooLarge, "The input is \(input.utf8.count) bytes long; \(maximum) are the most it may be.")
        }
        return input
    }

    func version() throws(InvalidField) -> String? {
        try name("version")
    }

    func reason() throws(InvalidField) -> String? {
        try text("reason")
    }

    func replyName() throws(InvalidField) -> String? {
        try name(spelled("reply_to"))
    }

    /// Milliseconds since 1970, or a length in milliseconds.
    func milliseconds(_ plain: String) throws(InvalidField) -> Int64? {
        let field = spelled(plain)
        guard let text = try text(field) else { return nil }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int64(text),
            value < 1 << 53
        else {
            throw InvalidField("\(field) is not a whole number of milliseconds.")
        }
        return value
    }

    func trace() -> TraceContext {
        TraceContext(
            parent: values["traceparent"].flatMap { String(validating: $0, as: UTF8.self) },
            state: values["tracestate"].flatMap { String(validating: $0, as: UTF8.self) }
        )
    }

    /// The subject of a CloudEvent is a start's workflow, and the run of every other command.
    private var isStart: Bool {
        get throws(InvalidField) { try type() == "start" }
    }

    func spelled(_ plain: String) -> String {
        isCloudEvent ? plain.filter { $0 != "_" } : plain
    }

    private func name(_ field: String) throws(InvalidField) -> String? {
        guard let name = try text(field) else { return nil }
        guard BusName.isValid(name) else {
            throw InvalidField("\(field) is not a name: use 1 to 100 characters of A-Z a-z 0-9 . _ -.")
        }
        return name
    }

    func text(_ field: String) throws(InvalidField) -> String? {
        guard let bytes = values[field] else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InvalidField("\(field) is not valid UTF-8.")
        }
        return text
    }
}

/// A field that breaks its rule: which, and what to send instead.
struct InvalidField: Error, Sendable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
