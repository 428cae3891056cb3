import CanoPrimitives

/// What the text in a field may be: of a command, of an event's entry, of a hash.
package indirect enum FieldRule: Sendable, Hashable {
    /// Any text.
    case text
    /// Text of at most so many bytes.
    case shortText(bytes: Int)
    /// This and nothing else.
    case exactly(String)
    /// One of these.
    case word([String])
    /// A name.
    case name
    /// What a run may be called.
    case runName
    /// What a message may be called.
    case messageID
    /// Names with commas between them.
    case names
    /// The id of an entry of a stream.
    case entry
    /// A number of things, from 0.
    case count
    /// Milliseconds since 1970.
    case moment
    /// So many milliseconds, from the least that are allowed.
    case milliseconds(least: Int64)
    /// A moment as RFC 3339 writes it, in UTC and with milliseconds.
    case timestamp
    /// A well-formed `traceparent` of W3C Trace Context.
    case traceparent
    /// Any JSON.
    case json
    /// Any JSON, at most so many bytes.
    case shortJSON(bytes: Int)
    /// The attributes of a run, as ``RunAttributes`` reads them.
    case attributes
    /// A failure, as ``RunFailure`` writes it.
    case failure
    /// The data of an event of that type.
    case data(EventType)
    /// What fits a regular expression.
    case pattern(String)
    /// That, or nothing between the quotes.
    case emptyOr(FieldRule)

    /// One of an enum's words.
    package static func words<Word: RawRepresentable<String> & CaseIterable>(_: Word.Type) -> FieldRule {
        .word(Word.allCases.map(\.rawValue))
    }

    /// Whether a value is JSON.
    package var isJSON: Bool {
        switch self {
        case .json, .shortJSON, .attributes, .failure, .data: true
        default: false
        }
    }

    /// The regular expression that every value fits, in the syntax all languages share; nil where any text does, or other things are said.
    ///
    /// Where it is about a quantity, a text that fits can still be too large: an expression tells digits and not numbers.
    package var pattern: String? {
        switch self {
        case .text, .shortText, .exactly, .word, .json, .shortJSON, .attributes, .failure, .data: nil
        case .name: Self.whole(Name.pattern)
        case .runName: Self.whole(RunName.pattern)
        case .messageID: Self.whole(MessageID.pattern)
        case .names: Self.whole("\(Name.pattern)(?:,\(Name.pattern))*")
        case .entry: Self.whole(Self.entryPattern)
        case .count: Self.whole("0*[0-9]{1,16}")
        case .moment: Self.whole("0*[0-9]{1,15}")
        case .milliseconds(let least) where least > 0:
            Self.whole("0*[1-9][0-9]{\(String(least).utf8.count - 1),14}")
        case .milliseconds: Self.whole("0*[0-9]{1,15}")
        case .timestamp: Self.whole("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z")
        case .traceparent: Self.whole(TraceContext.parentPattern)
        case .pattern(let pattern): Self.whole(pattern)
        case .emptyOr(let rule): rule.pattern.map { "^$|\($0)" }
        }
    }

    /// The most bytes a value may have, where it has a limit of its own.
    package var maximumBytes: Int? {
        switch self {
        case .shortText(let bytes), .shortJSON(let bytes): bytes
        case .runName: RunName.maximumBytes
        case .attributes: BusLimits.attributesBytes
        case .traceparent: TraceContext.maximumBytes
        case .emptyOr(let rule): rule.maximumBytes
        default: nil
        }
    }

    /// What the id of an entry looks like, without anchors.
    package static let entryPattern = "[0-9]+-[0-9]+"
    /// What the ``CommandEntryID`` of a command that is no answer looks like, without anchors.
    package static let commandPattern = pattern(on: [.commands, .control])
    /// The same of a worker's answer.
    package static let answerPattern = pattern(on: [.results])
    /// What every ``CommandEntryID`` looks like, without anchors.
    package static let inboundPattern = pattern(on: InboundStream.allCases)

    private static func pattern(on streams: [InboundStream]) -> String {
        "(?:\(streams.map(\.rawValue).joined(separator: "|")))/\(entryPattern)"
    }

    private static func whole(_ pattern: String) -> String { "^(?:\(pattern))$" }
}
