import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that runs a schedule", .timeLimit(.minutes(5)), .sharedRedisServer)
struct RunScheduleTests {
    private func call(_ table: ScriptTable, _ entry: StreamEntryID, lastBefore: String = "7-0") -> RunSchedule {
        RunSchedule(
            bus: table.bus, command: RunScheduleCommand("s", replyName: "me"), lastBefore: lastBefore, entry: entry, stream: .control,
            made: table.made)
    }

    private func set(_ table: ScriptTable, _ more: KeyValuePairs<Field, String> = [:]) async throws -> String {
        let key = table.keys.schedule(named: "s")
        try await table.set(
            key,
            [
                .workflow: "w", .interval: "1000", .order: "1-0", .anchor: "5", .next: "500", .start: "501", .last: "5", .lastRun: "s@5",
                .lastEntry: "7-0", .fired: "2",
            ])
        if !more.isEmpty { try await table.set(key, more) }
        try await table.list("s", in: table.keys.schedules, at: 501)
        return key
    }

    @Test("publishes a start under the id of the command, and answers; when it is due stays, and sent again it writes no more")
    func ran() async throws {
        try await ScriptTable.row { table in
            let key = try await set(
                table, [.input: ScriptTable.awkward, .version: "2", .replyTo: "book", .attributes: #"{"kind":"é"}"#, .paused: "400"])
            let entry = try await table.publish(on: .control)
            #expect(try await table.call(call(table, entry)) == .ran)

            try await table.expectTaken(entry, from: .control)
            let run = "s@\(entry)"
            let start = try #require(await table.redis.execute(XRANGE(table.keys.commands)).first)
            let command = try CommandParser(limits: BusLimits()).parse(start.id.description, start.fields, from: .commands)
            #expect(
                command
                    == .start(
                        StartCommand(
                            "w", run: run, version: "2", input: ScriptTable.awkward, attributes: try RunAttributes(["kind": "é"]),
                            replyName: "book", schedule: "s")))
            let fields = try await table.fields(key)
            #expect(fields[.lastRun] == run && fields[.lastEntry] == start.id.description && fields[.fired] == "3")
            #expect(fields[.next] == "500" && fields[.start] == "501" && fields[.last] == "5" && fields[.paused] == "400")
            #expect(try await table.score(of: "s", in: table.keys.schedules) == 501)
            for stream in [table.keys.events, table.keys.replies(to: "me")] {
                let (event, data) = try await table.event(ScheduleRan.self, on: stream)
                #expect(data == ScheduleRan(run: run))
                #expect(event[.id] == "schedule/s/control/\(entry)" && event[.workflow] == "w")
            }
            try await table.expectOnce(call(table, entry), answers: .gone)
        }
    }

    @Test("publishes its start on the stream that the command came on, too")
    func onCommands() async throws {
        try await ScriptTable.row { table in
            _ = try await set(table)
            let entry = try await table.publish()
            let call = RunSchedule(
                bus: table.bus, command: RunScheduleCommand("s"), lastBefore: "7-0", entry: entry, stream: .commands, made: table.made)
            #expect(try await table.call(call) == .ran)
            let left = try await table.redis.execute(XRANGE(table.keys.commands))
            #expect(left.count == 1 && left.first?.id != entry)
        }
    }

    @Test("writes nothing where it has started another run since it was read, where there is none, and where its key was deleted")
    func moved() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            let entry = try await table.publish(on: .control)
            try await table.expectOnce(call(table, entry, lastBefore: "6-0"), answers: .moved)
            _ = try await table.redis.execute(DEL(key))
            try await table.expectOnce(call(table, entry), answers: .unknown)
            _ = try await table.redis.execute(DEL(table.keys.schedules))
            try await table.expectOnce(call(table, entry), answers: .unknown)
        }
    }

    @Test("fails with nothing written when a key holds something else, or a stream has used up its ids")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            let entry = try await table.publish(on: .control)
            try await table.expectFailure(
                call(table, entry),
                spoiling: [table.keys.control, key, table.keys.schedules, table.keys.events, table.keys.commands])
            try await table.expectFailure(call(table, entry), exhausting: [table.keys.events])
            try await table.expectFailure(call(table, entry), exhausting: [table.keys.commands], but: [table.keys.events])
            #expect(try await table.call(call(table, entry)) == .ran)
        }
    }
}
