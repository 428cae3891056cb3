/// A command that could not be carried out, as it is kept: its own fields first, then why.
public struct DeadLetter: Sendable, Hashable {
    /// Why, for programs: the code of a rejection, or `poison` of a run that was quarantined.
    public let code: String
    /// Why, for people; may change.
    public let message: String
    /// The id the command's entry had; empty where its run is not known to have had one.
    public let entry: String
    /// The bridge that could not carry it out; of a run that was quarantined, the last that had it.
    public let bridge: String
    /// The command's own fields as they were sent; 64 of them at most.
    package let command: [(name: [UInt8], value: [UInt8])]

    /// The command's own fields, as far as they are text.
    public var fields: [String: String] {
        Dictionary(command.map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }) { $1 }
    }

    /// The type of the command, in either spelling; nil of one that is not known.
    private var type: CommandType? { fields[Field.type.rawValue]?.split(separator: ".").last.flatMap { CommandType(rawValue: String($0)) } }

    /// The workflow that the command is for, in either spelling; nil where it names none.
    public var workflow: String? {
        guard fields[Field.specversion.rawValue] != nil else { return fields[Field.workflow.rawValue] }
        return type == .start || type == .schedule ? fields[Field.workflow.cloudEventName] : nil
    }

    /// What the runs of the command can be found by; none where that can't be read.
    public var attributes: RunAttributes {
        do { return try fields[Field.attributes.rawValue].map { try RunAttributes(json: $0) } ?? .empty } catch { return .empty }
    }

    /// Whether it is the start of a run that was quarantined. Such a run is resumed, and not started again.
    public var isQuarantine: Bool { code == RunFailure.poison }

    /// Reads the fields of an entry.
    package init(_ fields: [(name: [UInt8], value: [UInt8])]) {
        var own: [Field: String] = [:]
        var command: [(name: [UInt8], value: [UInt8])] = []
        for (name, value) in fields {
            if let field = Self.definitions.first(where: { $0.field.rawValue.utf8.elementsEqual(name) })?.field {
                own[field] = String(decoding: value, as: UTF8.self)
            } else if name.starts(with: Self.originalPrefix.utf8), Self.isOwn(name.dropFirst(Self.originalPrefix.utf8.count)) {
                command.append((Array(name.dropFirst(Self.originalPrefix.utf8.count)), value))
            } else {
                command.append((name, value))
            }
        }
        code = own[.errorCode] ?? ""
        message = own[.errorMessage] ?? ""
        entry = own[.entry] ?? ""
        bridge = own[.bridge] ?? ""
        self.command = command
    }

    private static func isOwn(_ name: ArraySlice<UInt8>) -> Bool {
        definitions.contains { $0.field.rawValue.utf8.elementsEqual(name) }
    }

    /// The stream that the command belongs on.
    package var stream: InboundStream { type?.stream ?? .commands }

    /// Whether both hold the same.
    public static func == (one: DeadLetter, other: DeadLetter) -> Bool {
        one.code == other.code && one.message == other.message && one.entry == other.entry && one.bridge == other.bridge
            && one.command.elementsEqual(other.command) { $0.name == $1.name && $0.value == $1.value }
    }

    /// Feeds the entry and the reason.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(entry)
        hasher.combine(code)
    }

    package static let definitions: [FieldDefinition] = [
        .required(.errorCode, .word(RejectionCode.allCases.map(\.rawValue) + [RunFailure.poison]), "Why, for programs."),
        .required(.errorMessage, .text, "Why, for people; may change."),
        .required(.entry, .emptyOr(.entry), "The id the command had; empty where its run is not known to have had one."),
        .required(.bridge, .emptyOr(.name), "The bridge that could not carry it out; of a run that was quarantined, the last that had it."),
        .optional(.fieldCount, .count, "How many fields the command had, where that is more than were kept."),
    ]

    /// What stands before the name of a field of the command that is called like one of the letter's own.
    package static let originalPrefix = "original_"
}
