import CanoPrimitives
import Testing

@testable import CanoBus

/// The tables of commands' fields, which schemas are made from, against what reads and writes commands.
@Suite("The table of a command's fields", .timeLimit(.minutes(5)))
struct CommandTableTests {
    private static let trace = TraceContext(parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", state: "a=1")

    /// Commands that together have every field they can have.
    private static let fullest: [any BusCommand] = [
        StartCommand(
            "w", run: "r", version: "1", input: "1", attributes: attributes, replyName: "me", expiresAt: 1, start: .at(2), timeout: 3,
            schedule: "s", trace: trace),
        StartCommand("w", run: "r", start: .after(2)), StartCommand("w", run: "r//1.0:2", timeout: 3, trace: trace),
        CancelCommand(run: "r", reason: "why", replyName: "me", trace: trace),
        ResumeCommand(run: "r", replyName: "me", trace: trace),
        SignalCommand("n", run: "r", data: "1", messageID: "m", keep: 5, replyName: "me", trace: trace),
        ScheduleCommand(
            "s", of: "w", due: .cron("@daily"), version: "1", input: "1", attributes: attributes, replyName: "me",
            timeZone: "Europe/Berlin", jitter: 5,
            catchUp: .all, overlap: .allow, trace: trace),
        ScheduleCommand("s", of: "w", due: .every(100)), ScheduleCommand("s", of: "w", due: .at(1)),
        UnscheduleCommand("s", replyName: "me", trace: trace), PauseScheduleCommand("s", replyName: "me", trace: trace),
        ResumeScheduleCommand("s", replyName: "me", trace: trace), RunScheduleCommand("s", replyName: "me", trace: trace),
        CompleteAnswer(task, output: "1", next: "n"),
        FailAnswer(task, code: "c", message: "m", isRetryable: false, retryAfter: 5),
        ReleaseAnswer(task), DeferAnswer(task, upTo: 5),
    ]

    private static let attributes = (try? RunAttributes(["a": 1])) ?? .empty
    private static let task = TaskToken(run: "r", leg: "//1", attempt: 2, nonce: "n")

    /// Each type in each spelling it has: what workers answer is no CloudEvent.
    private static let spellings =
        CommandType.allCases.map { ($0, false) } + CommandType.allCases.filter { !$0.isAnswer }.map { ($0, true) }

    @Test("has every field that the command writes, and no other", arguments: CommandType.allCases)
    func fields(_ type: CommandType) throws {
        let table = try #require(CommandCatalog.all.first { $0.type == type })
        let written = Self.fullest.filter { Swift.type(of: $0).type == type }.flatMap(\.values).map(\.0)
        #expect(Set(written) == Set(table.definitions.map(\.field)))
        #expect(Set(table.definitions.map(\.field)).count == table.definitions.count)
        #expect(Set(table.choices.flatMap(\.fields)).isSubset(of: table.definitions.filter { !$0.isRequired }.map(\.field)))
    }

    @Test("is there for each type of command")
    func complete() {
        #expect(CommandCatalog.all.map { $0.type } == CommandType.allCases)
        #expect(CommandCatalog.all.allSatisfy { $0.definitions.count <= BusLimits.commandFields })
    }

    @Test("names what is required: without it the command is rejected", arguments: spellings)
    func required(_ type: CommandType, isCloudEvent: Bool) throws {
        let sample = try Sample(type, isCloudEvent: isCloudEvent)
        _ = try CommandParser.parse(sample.fields)
        for definition in sample.table.definitions where definition.isRequired {
            let rejection = #expect(throws: Rejection.self) { try CommandParser.parse(sample.without(definition.field)) }
            #expect(rejection?.code == .missingField)
        }
        for choice in sample.table.choices where choice.isRequired {
            let rejection = #expect(throws: Rejection.self) { try CommandParser.parse(sample.without(choice.fields)) }
            #expect(rejection?.code == .missingField)
        }
    }

    @Test("has the rules that the parser holds to, up to their limits", arguments: spellings)
    func rules(_ type: CommandType, isCloudEvent: Bool) throws {
        let sample = try Sample(type, isCloudEvent: isCloudEvent)
        // Whose child a run is stands in its id as well.
        for definition in sample.table.definitions where ![.parent, .root].contains(definition.field) {
            for good in definition.rule.good {
                let command = try CommandParser.parse(sample.with(definition.field, good))
                #expect(command.fieldValues[definition.field.rawValue] == good, "\(definition.field)")
            }
            for (bad, code) in definition.rule.bad {
                let rejection = #expect(throws: Rejection.self) { try CommandParser.parse(sample.with(definition.field, bad)) }
                #expect(rejection?.code == code)
                #expect(code == .tooLarge || rejection?.message.hasPrefix(sample.spelled(definition.field)) == true)
            }
        }
    }

    @Test("names the fields that exclude each other", arguments: spellings)
    func choices(_ type: CommandType, isCloudEvent: Bool) throws {
        let sample = try Sample(type, isCloudEvent: isCloudEvent)
        for choice in sample.table.choices {
            for (one, other) in zip(choice.fields, choice.fields.dropFirst()) {
                let both = sample.with(one, "1000") + [(sample.spelled(other), "1000")]
                let rejection = #expect(throws: Rejection.self) { try CommandParser.parse(both) }
                #expect(rejection?.code == .invalidField)
            }
        }
    }

    @Test("says which commands need a slot, and so don't go to the control stream, and which are answers, with a stream of their own")
    func streams() throws {
        for command in Self.fullest {
            let fields = command.fields.map { ($0.name, $0.value) }
            let type = type(of: command).type
            #expect(command.stream == (type.isAnswer ? .results : type.needsSlot ? .commands : .control))
            #expect(try CommandParser.parse(fields, from: command.stream).fieldValues == command.fieldValues)
            for stream in InboundStream.allCases {
                let isAllowed = type.isAnswer ? stream == .results : stream == .commands || stream == .control && type != .start
                if isAllowed {
                    #expect(throws: Never.self) { try CommandParser.parse(fields, from: stream) }
                } else {
                    let rejection = #expect(throws: Rejection.self) { try CommandParser.parse(fields, from: stream) }
                    #expect(rejection?.code == .invalidField)
                }
            }
        }
    }
}

/// The fields of a command that has nothing but what it must have.
private struct Sample {
    let table: any BusCommand.Type
    let isCloudEvent: Bool
    private let base: [(field: Field, value: String)]

    init(_ type: CommandType, isCloudEvent: Bool) throws {
        table = try #require(CommandCatalog.all.first { $0.type == type })
        self.isCloudEvent = isCloudEvent
        base =
            table.definitions.filter(\.isRequired).map { ($0.field, $0.rule.good.first ?? "a") }
            + table.choices.filter(\.isRequired).compactMap(\.fields.first).map { ($0, "1000") }
    }

    var fields: [(String, String)] { spelled(base) }

    func spelled(_ field: Field) -> String { isCloudEvent ? field.cloudEventName : field.rawValue }

    func without(_ field: Field) -> [(String, String)] { without([field]) }

    func without(_ fields: [Field]) -> [(String, String)] { spelled(base.filter { !fields.contains($0.field) }) }

    /// With this value, and without the fields that exclude it.
    func with(_ field: Field, _ value: String) -> [(String, String)] {
        let excluded = table.choices.first { $0.fields.contains(field) }?.fields ?? [field]
        return without(excluded) + [(spelled(field), value)]
    }

    private func spelled(_ fields: [(field: Field, value: String)]) -> [(String, String)] {
        let type = (isCloudEvent ? CommandType.cloudEventPrefix : "") + table.type.rawValue
        return [("type", type)] + (isCloudEvent ? [("specversion", "1.0")] : []) + fields.map { (spelled($0.field), $0.value) }
    }
}

extension FieldRule {
    private static let most = String(BusLimits.lastMoment)

    /// Values at the limits of what is allowed; none that a command leaves out when it is written.
    fileprivate var good: [String] {
        switch self {
        case .name: ["A-z._9", String(repeating: "x", count: 100)]
        case .runName: ["A-z._9:@/", "/a/b/", String(repeating: "x", count: 200)]
        case .messageID: ["A-z._9:@//", String(repeating: "x", count: 200)]
        case .moment: ["0", Self.most]
        case .milliseconds(let least): [String(max(least, 1)), Self.most]
        case .shortText(let bytes): [String(repeating: "ü", count: bytes / 2)].filter { _ in bytes != TraceContext.maximumBytes }
        case .shortJSON(let bytes): ["\"" + String(repeating: "x", count: bytes - 2) + "\""]
        case .attributes: Self.goodAttributes
        case .word(let words): [words.last ?? ""]
        case .text: ["anything at all"]
        case .pattern(TaskToken.pattern): ["r//0/1/n", "a/b///12.3/4/A-z._9"]
        default: []
        }
    }

    private static let goodAttributes = [
        #"{"b":"é","a":-1.50e3,"c":true,"d":false,"e":""}"#, #"{"\#(String(repeating: "x", count: 100))":0}"#,
        #"{"a":"\#(String(repeating: "ü", count: 128))"}"#, "{" + (1...16).map { "\"a\($0)\":\($0)" }.joined(separator: ",") + "}",
    ]

    private static let badAttributes = [
        "{", "[]", "null", #""a""#, "1", #"{"a":null}"#, #"{"a":[1]}"#, #"{"a":{"b":1}}"#, #"{"a b":1}"#, #"{"":1}"#, #"{"a":1,"a":2}"#,
        #"{"\#(String(repeating: "x", count: 101))":0}"#, #"{"a":"\#(String(repeating: "ü", count: 129))"}"#,
        "{" + (1...17).map { "\"a\($0)\":\($0)" }.joined(separator: ",") + "}", #"{"a":1e999}"#,
        #"{"a":\#(String(repeating: "1", count: 257))}"#, "{}" + String(repeating: " ", count: BusLimits.attributesBytes),
    ]

    /// Values that break it, and how they are answered. A trace context that breaks its rule is ignored.
    fileprivate var bad: [(String, RejectionCode)] {
        switch self {
        case .name: [("no name", .invalidField), ("a:b", .invalidField), (String(repeating: "x", count: 101), .invalidField)]
        case .runName: [("no name", .invalidField), ("a//b", .invalidField), (String(repeating: "x", count: 201), .invalidField)]
        case .messageID: [("no name", .invalidField), (String(repeating: "x", count: 201), .invalidField)]
        case .moment:
            [("soon", .invalidField), ("-1", .invalidField), ("1.5", .invalidField), (String(BusLimits.lastMoment + 1), .invalidField)]
        case .milliseconds(let least):
            [("soon", .invalidField), ("+1", .invalidField), (String(BusLimits.lastMoment + 1), .invalidField)]
                + (least > 0 ? [(String(least - 1), .invalidField)] : [])
        case .shortText(let bytes) where bytes != TraceContext.maximumBytes: [(String(repeating: "x", count: bytes + 1), .invalidField)]
        case .shortJSON(let bytes): [(String(repeating: "1", count: bytes + 1), .tooLarge)]
        case .attributes: Self.badAttributes.map { ($0, .invalidField) }
        case .word: [("nobody-knows", .invalidField)]
        case .pattern(TaskToken.pattern): [("r", .invalidField), ("r//0/0/n", .invalidField)]
        default: []
        }
    }
}
