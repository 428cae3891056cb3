import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that rejects a command", .timeLimit(.minutes(5)), .sharedRedisServer)
struct RejectTests {
    private static let fields = [("type", "start"), ("workflow", "w"), ("note", ScriptTable.awkward), ("reply_to", "me")]

    private func addressee(input: String = "1") -> Rejection.Addressee {
        Rejection.Addressee(run: "a", workflow: "w", replyName: "me", input: input)
    }

    /// Publishes a command; its entry as it was read.
    private func publish(_ table: ScriptTable, _ fields: [(String, String)] = fields) async throws -> StreamEntry {
        let id = try await table.publish(fields)
        return StreamEntry(id: id, fields: fields.map { (Array($0.0.utf8), Array($0.1.utf8)) })
    }

    private func letters(_ table: ScriptTable) async throws -> [[[String]]] {
        try await table.redis.execute(XRANGE(table.keys.deadLetters)).map { entry in
            entry.fields.map { [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)] }
        }
    }

    @Test("keeps the command as it was with its reason, says so in an event, and answers; sent again it writes no more")
    func rejected() async throws {
        try await ScriptTable.row { table in
            let entry = try await publish(table)
            let rejection = Rejection(.invalidInput, ScriptTable.awkward, of: addressee(), yieldsToKnownRun: true, isStart: true)
            let call = Reject(rejection, of: entry, from: .commands, on: table.bus)
            #expect(call.scope == .known)
            #expect(try await table.call(call) == .rejected)

            try await table.expectTaken(entry.id)
            #expect(
                try await letters(table) == [
                    Self.fields.map { [$0.0, $0.1] } + [
                        ["error_code", "invalid_input"], ["error_message", ScriptTable.awkward], ["entry", entry.id.description],
                        ["bridge", "b"],
                    ]
                ])
            for stream in [table.keys.events, table.keys.replies(to: "me")] {
                let (event, data) = try await table.event(CommandRejected.self, on: stream)
                #expect(data == CommandRejected(rejection, entry: entry.id.description, fields: entry.fields))
                #expect(data.message == ScriptTable.awkward)
                #expect(event[.id] == "command/commands/\(entry.id)" && event[.subject] == "a" && event[.workflow] == "w")
                #expect(event[.sequence] == "0000000000" && event[.epoch] == "0" && event[.source] == table.keys.eventSource(of: "w"))
            }
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("names the entry where the command names no run, and an empty workflow")
    func unaddressed() async throws {
        try await ScriptTable.row { table in
            let entry = try await publish(table, [("type", "nonsense")])
            let rejection = Rejection(.unknownType, "no", of: Rejection.Addressee())
            #expect(try await table.call(Reject(rejection, of: entry, from: .commands, on: table.bus)) == .rejected)
            let (event, _) = try await table.event(CommandRejected.self)
            #expect(event[.subject] == entry.id.description && event[.workflow] == "" && event[.source] == table.keys.eventSourcePrefix)
        }
    }

    @Test("renames fields of the command that a dead letter has for itself, and keeps as many as it may")
    func letter() async throws {
        try await ScriptTable.row { table in
            let fields = [("error_code", "mine"), ("entry", "too")] + (0..<70).map { ("f\($0)", "v") }
            let entry = try await publish(table, fields)
            let rejection = Rejection(.tooLarge, "no", of: Rejection.Addressee())
            #expect(try await table.call(Reject(rejection, of: entry, from: .commands, on: table.bus)) == .rejected)
            let letter = try #require(try await letters(table).first)
            #expect(letter.prefix(2) == [["original_error_code", "mine"], ["original_entry", "too"]])
            #expect(letter.count == 64 + 5)
            #expect(letter.suffix(5).map { $0[0] } == ["error_code", "error_message", "entry", "bridge", "field_count"])
            #expect(letter.last == ["field_count", "72"])
        }
    }

    @Test("answers a command whose run is known, if the reason yields to that", arguments: [true, false])
    func known(yields: Bool) async throws {
        try await ScriptTable.row { table in
            let entry = try await publish(table)
            try await table.set(
                table.keys.record(of: "a"), [.status: "running", .workflow: "w", .input: "1", .events: "2", .epoch: "1", .bridge: "other"])
            let rejection = Rejection(.expired, "late", of: addressee(), yieldsToKnownRun: yields, isStart: true)
            let call = Reject(rejection, of: entry, from: .commands, on: table.bus)
            #expect(try await table.call(call) == (yields ? .duplicate : .rejected))
            if yields {
                let (event, data) = try await table.event(RunDuplicate.self, on: table.keys.replies(to: "me"))
                #expect(data == RunDuplicate(status: .running, hasSameWorkflow: true, hasSameInput: true))
                #expect(event[.id] == "a/duplicate/commands/\(entry.id)" && event[.bridge] == "other")
                #expect(try await table.fields(table.keys.record(of: "a"))[.replyTo] == "me")
                #expect(try await table.events() == [event])
            }
            #expect(try await letters(table).isEmpty == yields)
            try await table.expectTaken(entry.id)
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("adds the requester to those of a run that waits, for it is not over")
    func waiting() async throws {
        try await ScriptTable.row { table in
            let entry = try await publish(table)
            try await table.set(table.keys.record(of: "a"), [.status: "waiting", .workflow: "w", .input: "1", .events: "2"])
            let rejection = Rejection(.expired, "late", of: addressee(), yieldsToKnownRun: true, isStart: true)
            #expect(try await table.call(Reject(rejection, of: entry, from: .commands, on: table.bus)) == .duplicate)
            let (_, data) = try await table.event(RunDuplicate.self, on: table.keys.replies(to: "me"))
            #expect(data == RunDuplicate(status: .waiting, hasSameWorkflow: true, hasSameInput: true))
            #expect(try await table.fields(table.keys.record(of: "a"))[.replyTo] == "me")
        }
    }

    @Test("answers only a command whose run is known when it is asked for no more, and leaves another where it is")
    func onlyKnown() async throws {
        try await ScriptTable.row { table in
            let entry = try await publish(table)
            let rejection = Rejection(.unknownWorkflow, "no", of: addressee(input: "2"), yieldsToKnownRun: true, isStart: true)
            let call = Reject(ifRunIsKnown: rejection, of: entry, from: .commands, on: table.bus)
            try await table.expectOnce(call, answers: .unknown)
            try await table.set(table.keys.record(of: "a"), [.status: "completed", .workflow: "v", .input: "1", .output: "3"])
            #expect(try await table.call(call) == .duplicate)
            let (_, data) = try await table.event(RunDuplicate.self, on: table.keys.replies(to: "me"))
            #expect(data == RunDuplicate(status: .completed, hasSameWorkflow: false, hasSameInput: false, output: "3"))
        }
    }

    @Test("gives commands with the same entry id on all streams events of their own")
    func bothStreams() async throws {
        try await ScriptTable.row { table in
            let id = StreamEntryID(milliseconds: UInt64(table.made), sequence: 7)
            for stream in InboundStream.allCases {
                let fields = [("type", "nonsense")]
                _ = try await table.publish(fields, on: stream, id: id)
                let entry = StreamEntry(id: id, fields: fields.map { (Array($0.0.utf8), Array($0.1.utf8)) })
                let rejection = Rejection(.unknownType, "no", of: Rejection.Addressee())
                #expect(try await table.call(Reject(rejection, of: entry, from: stream, on: table.bus)) == .rejected)
            }
            #expect(
                try await table.events().map { $0[.id] } == ["command/commands/\(id)", "command/control/\(id)", "command/results/\(id)"])
        }
    }

    @Test("fails with nothing written where a stream has used up its ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let entry = try await publish(table)
            let rejection = Rejection(.expired, "late", of: addressee(), yieldsToKnownRun: true, isStart: true)
            let call = Reject(rejection, of: entry, from: .commands, on: table.bus)
            try await table.expectFailure(call, exhausting: [table.keys.deadLetters, table.keys.events], but: [table.keys.deadLetters])
            #expect(try await table.call(call) == .rejected)
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let entry = try await publish(table)
            let rejection = Rejection(.expired, "late", of: addressee(), yieldsToKnownRun: true, isStart: true)
            try await table.expectFailure(
                Reject(rejection, of: entry, from: .commands, on: table.bus),
                spoiling: [table.keys.commands, table.keys.deadLetters, table.keys.events, table.keys.record(of: "a")])
        }
    }
}
