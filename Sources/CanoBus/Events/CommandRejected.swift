package import CanoPrimitives

/// A command was rejected.
public struct CommandRejected: SingleEventData {
    package static let type = EventType.commandRejected

    /// Why, for programs.
    public let code: RejectionCode
    /// Why, for people; may change.
    public let message: String
    /// The id of the command's entry.
    public let entry: String
    /// JSON text: the command's fields, of those of one name the last, each value cut to `BusLimits.rejectedValueBytes`.
    public let command: String

    /// Tells of a rejection.
    ///
    /// - Parameters:
    ///   - rejection: Why.
    ///   - entry: The id of the command's entry.
    ///   - fields: The command's fields as they were sent.
    package init(_ rejection: Rejection, entry: String, fields: [(name: [UInt8], value: [UInt8])]) {
        code = rejection.code
        message = rejection.message
        self.entry = entry
        // Strict readers refuse an object in which a name stands twice. As in the command itself, the last one counts.
        var members: [(name: String, json: String)] = []
        for (name, value) in fields.prefix(BusLimits.commandFields) {
            let name = String(decoding: name.prefix(BusLimits.rejectedValueBytes), as: UTF8.self)
            members.removeAll { $0.name.utf8.elementsEqual(name.utf8) }
            members.append((name, Self.json(value)))
        }
        var command = JSONWriter()
        for (name, json) in members { command.member(name, json: json) }
        self.command = command.object
    }

    /// A value cut to what an event may carry: text where it is text, else its bytes.
    private static func json(_ value: [UInt8]) -> String {
        guard String(validating: value, as: UTF8.self) != nil else {
            var bytes = JSONWriter()
            bytes.member(.base64, JSONValue.base64(value.prefix(BusLimits.rejectedValueBytes)))
            return bytes.object
        }
        var kept = value.prefix(BusLimits.rejectedValueBytes)
        // A character that the cut would split is left out whole.
        while kept.count < value.count, !kept.isEmpty, value[kept.endIndex] & 0b1100_0000 == 0b1000_0000 { kept = kept.dropLast() }
        return JSONWriter.string(String(decoding: kept, as: UTF8.self))
    }

    package func write(_ data: inout JSONWriter) {
        data.member(.code, code.rawValue)
        data.member(.message, message)
        data.member(.entry, entry)
        data.member(.command, json: command)
    }

    package init(_ data: JSONObject) throws(JSONObject.Misfit) {
        code = try data.word(.code)
        message = try data.value(.message)
        entry = try data.value(.entry)
        command = try data.json(.command)
    }

    package static let members = [
        Member(.code, Member.words(RejectionCode.self), "Why, for programs."), Member(.message, .text, "Why, for people; may change."),
        Member(.entry, .text, "The id of the command's entry."),
        Member(
            .command, .object,
            "The command's fields, of those of one name the last. Each value is cut after 1 KiB; one that isn't UTF-8 is an object with its base64."
        ),
    ]
}
