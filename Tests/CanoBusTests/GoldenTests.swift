import CanoPrimitives
import Testing

@testable import CanoBus

@Suite("A golden", .timeLimit(.minutes(5)))
struct GoldenTests {
    @Test("command in plain fields is written as it was read, in whatever order", arguments: try Golden.all(in: "commands"))
    func plainCommand(_ golden: Golden) throws {
        guard golden.values["specversion"] == nil else { return }
        let command = try CommandParser.parse(golden.fields.map { ($0.name, $0.value) })
        #expect(command.fields.count == golden.fields.count)
        #expect(command.fieldValues == golden.values)
    }

    @Test("command as a CloudEvent means what its plain fields say", arguments: try Golden.all(in: "commands"))
    func cloudEvent(_ golden: Golden) throws {
        let values = golden.values
        guard values["specversion"] != nil else { return }
        let command = try CommandParser.parse(golden.fields.map { ($0.name, $0.value) })
        var plain = ["type": type(of: command).type.rawValue]
        for definition in type(of: command).definitions {
            let field = definition.field
            let other = field.cloudEventFallback(in: type(of: command).type)?.rawValue
            plain[field.rawValue] = values[field.cloudEventName] ?? other.flatMap { values[$0] }
        }
        // A start that names no run is called by its source and its id.
        if command is StartCommand, plain["id"] == nil { plain["id"] = values["id"].map { RunName.ofEvent($0, from: values["source"]) } }
        #expect(command.fieldValues == plain)
        #expect(try CommandParser.parse(command.fields.map { ($0.name, $0.value) }).fieldValues == plain)
    }

    @Test("command is there for each type, in both spellings where it is no answer")
    func bothSpellings() throws {
        let commands = try Golden.all(in: "commands")
        for type in CommandType.allCases {
            #expect(commands.contains { $0.values["type"] == type.rawValue })
            if !type.isAnswer { #expect(commands.contains { $0.values["type"] == CommandType.cloudEventPrefix + type.rawValue }) }
        }
    }

    @Test("task is written as it is there, field by field in their order", arguments: try Golden.all(in: "tasks"))
    func task(_ golden: Golden) throws {
        let values = golden.values
        let entry = TaskEntry(
            try #require(TaskToken(values["task"] ?? "")), workflow: try #require(values["workflow"]),
            version: try #require(values["version"]),
            state: try #require(values["state"]), name: try #require(values["name"]), attempts: values["attempts"].flatMap { Int($0) },
            lease: try #require(values["lease_ms"].flatMap { Int64($0) }), until: values["until"].flatMap { Int64($0) },
            idempotencyKey: try #require(values["idempotency_key"]), input: try #require(values["input"]),
            traceparent: try #require(values["traceparent"]))
        #expect(entry.fields.map(\.name) == golden.fields.map(\.name))
        #expect(entry.fields.map(\.value) == golden.fields.map(\.value))
        for definition in TaskEntry.definitions {
            let value = try #require(values[definition.field.rawValue])
            if let pattern = definition.rule.pattern { #expect(try value.wholeMatch(of: Regex(pattern)) != nil, "\(definition.field)") }
        }
    }

    @Test("event has the fields of every event, in their order", arguments: try Golden.all(in: "events"))
    func envelope(_ golden: Golden) {
        #expect(golden.fields.map(\.name) == EventEntry.fields.map(\.rawValue))
        let entry = EventEntry(golden.bytes)
        #expect(entry.unknownFields.isEmpty)
        #expect(golden.name.hasPrefix(entry[.type]))
    }

    @Test("event's data is written as it was read, byte for byte", arguments: try Golden.all(in: "events"))
    func data(_ golden: Golden) throws {
        let entry = EventEntry(golden.bytes)
        let data = try #require(try entry.data() as? any EventDataCoding)
        #expect(data.type == entry.type)
        #expect(data.json == entry[.data])
    }

    @Test("event is there for each type")
    func everyEvent() throws {
        #expect(Set(try Golden.all(in: "events").map { $0.values["type"] }) == Set(EventType.allCases.map(\.rawValue)))
    }

    @Test("event is one that an entry of its type may be", arguments: try Golden.all(in: "events"))
    func rules(_ golden: Golden) throws {
        let type = try #require(EventEntry(golden.bytes).type)
        for definition in EventEntry.definitions(of: type) {
            let value = try #require(golden.values[definition.field.rawValue])
            if let pattern = definition.rule.pattern { #expect(try value.wholeMatch(of: Regex(pattern)) != nil, "\(definition.field)") }
            if case .exactly(let text) = definition.rule { #expect(value == text) }
        }
    }

    @Test("record is read", arguments: try Golden.all(in: "records"))
    func record(_ golden: Golden) throws {
        let record = try #require(try RunRecord(golden.values, of: golden.name))
        #expect(record.status.rawValue == golden.values["status"])
        #expect(Set(golden.values.keys).isSubset(of: RunRecord.order.map(\.rawValue)))
        if let error = golden.values["error"] { #expect(try RunFailure(JSONObject(error)).json == error) }
    }

    @Test("dead letter of an answer says why as the parser does, and belongs on the stream that the answer came from")
    func deadAnswer() throws {
        let golden = try #require(try Golden.all(in: "deadletters").first { $0.name == "answer" })
        let letter = DeadLetter(golden.bytes)
        let fields = letter.command.map { (String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)) }
        let rejection = #expect(throws: Rejection.self) { try CommandParser.parse(fields) }
        #expect(rejection?.code.rawValue == letter.code && rejection?.message == letter.message)
        #expect(letter.stream == .results)
        let told = try #require(try Golden.all(in: "events").first { $0.name == "cano.command.rejected.answer" })
        let event = try #require(try EventEntry(told.bytes).data() as? CommandRejected)
        #expect(event == CommandRejected(try #require(rejection), entry: letter.entry, fields: letter.command))
        #expect(rejection?.addressee.run == told.values["subject"])
    }

    @Test("dead letter ends with the fields of every dead letter, in their order", arguments: try Golden.all(in: "deadletters"))
    func deadLetter(_ golden: Golden) {
        let own = DeadLetter.definitions.filter(\.isRequired).map(\.field.rawValue)
        #expect(golden.fields.suffix(own.count).map(\.name) == own)
    }
}
