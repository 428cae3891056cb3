import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that pauses a schedule", .timeLimit(.minutes(5)), .sharedRedisServer)
struct PauseScheduleTests {
    private func call(_ table: ScriptTable, _ entry: StreamEntryID, made: Int64? = nil) -> PauseSchedule {
        PauseSchedule(
            bus: table.bus, command: PauseScheduleCommand("s", replyName: "me"), entry: entry, stream: .control, made: made ?? table.made)
    }

    private func set(_ table: ScriptTable, _ more: KeyValuePairs<Field, String> = [:]) async throws -> String {
        let key = table.keys.schedule(named: "s")
        try await table.set(key, [.workflow: "w", .interval: "1000", .order: "9-0", .anchor: "5", .next: "5", .start: "5", .backlog: "4"])
        if !more.isEmpty { try await table.set(key, more) }
        try await table.list("s", in: table.keys.schedules, at: 5)
        return key
    }

    @Test("takes its due time, keeps what was missed, and answers; sent again it writes no more")
    func paused() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            let entry = try await table.publish(on: .control)
            #expect(try await table.call(call(table, entry)) == .paused)

            try await table.expectTaken(entry, from: .control)
            #expect(
                try await table.fields(key) == [
                    .workflow: "w", .interval: "1000", .order: "9-0", .anchor: "5", .backlog: "4", .paused: "\(table.made)",
                    .pauseOrder: entry.description, .updated: "\(table.made)",
                ])
            #expect(try await table.score(of: "s", in: table.keys.schedules) == .infinity)
            for stream in [table.keys.events, table.keys.replies(to: "me")] {
                let (event, data) = try await table.event(SchedulePaused.self, on: stream)
                #expect(data == SchedulePaused(since: table.made))
                #expect(
                    event[.id] == "schedule/s/control/\(entry)" && event[.workflow] == "w"
                        && event[.source] == table.keys.eventSource(of: "w"))
            }
            try await table.expectOnce(call(table, entry), answers: .gone)
        }
    }

    @Test("leaves one that is paused as it was, and says since when")
    func again() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            #expect(try await table.call(call(table, table.publish(on: .control))) == .paused)
            let second = try await table.publish(on: .control)
            #expect(try await table.call(call(table, second, made: table.made + 500)) == .paused)
            #expect(try await table.fields(key)[.paused] == "\(table.made)")
            #expect(try await table.events().last?.data() as? SchedulePaused == SchedulePaused(since: table.made))
        }
    }

    @Test("leaves the entry where it is, and writes nothing, where there is none, or one whose key was deleted")
    func unknown() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            try await table.expectOnce(call(table, entry), answers: .unknown)
            try await table.list("s", in: table.keys.schedules, at: 5)
            try await table.expectOnce(call(table, entry), answers: .unknown)
        }
    }

    @Test("changes nothing where a later command that pauses or resumes was taken before, and says so; one that set it counts not")
    func superseded() async throws {
        try await ScriptTable.row { table in
            let later = "99999999999999-7"
            let key = try await set(table, [.pauseOrder: later])
            let entry = try await table.publish(on: .control)
            try await table.expectNothingWritten(but: [table.keys.control, table.keys.events, table.keys.replies(to: "me")]) {
                let answer = try await table.call(call(table, entry))
                #expect(answer == .superseded)
            }
            try await table.expectTaken(entry, from: .control)
            #expect(try await table.event(ScheduleSuperseded.self, on: table.keys.events).data == ScheduleSuperseded(by: later))
            try await table.set(key, [.pauseOrder: "1-0", .order: later])
            #expect(try await table.call(call(table, table.publish(on: .control))) == .paused)
        }
    }

    @Test("fails with nothing written when a key holds something else, or the events have used up their ids")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            let entry = try await table.publish(on: .control)
            try await table.expectFailure(
                call(table, entry), spoiling: [table.keys.control, key, table.keys.schedules, table.keys.events])
            try await table.expectFailure(call(table, entry), exhausting: [table.keys.events])
        }
    }
}
