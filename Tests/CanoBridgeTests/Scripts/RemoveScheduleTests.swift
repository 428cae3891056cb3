import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that removes a schedule", .timeLimit(.minutes(5)), .sharedRedisServer)
struct RemoveScheduleTests {
    private func call(_ table: ScriptTable, _ entry: StreamEntryID) -> RemoveSchedule {
        RemoveSchedule(
            bus: table.bus, command: UnscheduleCommand("s", replyName: "me"), entry: entry, stream: .control, made: table.made)
    }

    private func set(_ table: ScriptTable, order: String = "1-0") async throws -> String {
        let key = table.keys.schedule(named: "s")
        try await table.set(
            key, [.workflow: "w", .interval: "1000", .order: order, .next: "5", .start: "5", .backlog: "4", .fired: "2", .paused: "3"])
        try await table.list("s", in: table.keys.schedules, at: 5)
        return key
    }

    @Test("takes a schedule off the list, keeps for a while what it was, and answers; sent again it writes no more")
    func removed() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            let entry = try await table.publish(on: .control)
            #expect(try await table.call(call(table, entry)) == .removed)

            try await table.expectTaken(entry, from: .control)
            #expect(
                try await table.fields(key) == [
                    .workflow: "w", .interval: "1000", .order: entry.description, .pauseOrder: entry.description, .fired: "2",
                ])
            #expect(try await table.lifetime(of: key) != nil)
            #expect(try await table.score(of: "s", in: table.keys.schedules) == nil)
            for stream in [table.keys.events, table.keys.replies(to: "me")] {
                let (event, data) = try await table.event(ScheduleRemoved.self, on: stream)
                #expect(data == ScheduleRemoved())
                #expect(
                    event[.id] == "schedule/s/control/\(entry)" && event[.workflow] == "w"
                        && event[.source] == table.keys.eventSource(of: "w"))
            }
            try await table.expectOnce(call(table, entry), answers: .gone)
        }
    }

    @Test("remembers that it was to be removed where there is none, and leaves the entry where it is")
    func unknown() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            let key = table.keys.schedule(named: "s")
            try await table.expectNothingWritten(but: [key]) {
                let answer = try await table.call(call(table, entry))
                #expect(answer == .unknown)
            }
            #expect(try await table.fields(key) == [.order: entry.description, .pauseOrder: entry.description])
            #expect(try await table.lifetime(of: key) != nil)
        }
    }

    @Test("changes nothing in a schedule about which a later command was taken before, and says so")
    func superseded() async throws {
        try await ScriptTable.row { table in
            let later = "99999999999999-7"
            let key = try await set(table, order: later)
            let entry = try await table.publish(on: .control)
            try await table.expectNothingWritten(but: [table.keys.control, table.keys.events, table.keys.replies(to: "me")]) {
                let answer = try await table.call(call(table, entry))
                #expect(answer == .superseded)
            }
            #expect(try await table.fields(key)[.order] == later)
            try await table.expectTaken(entry, from: .control)
            for stream in [table.keys.events, table.keys.replies(to: "me")] {
                #expect(try await table.event(ScheduleSuperseded.self, on: stream).data == ScheduleSuperseded(by: later))
            }
            try await table.expectOnce(call(table, entry), answers: .gone)
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            let entry = try await table.publish(on: .control)
            try await table.expectFailure(
                call(table, entry), spoiling: [table.keys.control, key, table.keys.schedules, table.keys.events])
        }
    }

    @Test("fails with nothing written where the events have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            _ = try await set(table)
            let entry = try await table.publish(on: .control)
            try await table.expectFailure(call(table, entry), exhausting: [table.keys.events])
        }
    }
}
