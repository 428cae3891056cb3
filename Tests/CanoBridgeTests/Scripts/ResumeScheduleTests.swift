import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that resumes a schedule", .timeLimit(.minutes(5)), .sharedRedisServer)
struct ResumeScheduleTests {
    /// How a bridge resumes the schedule `s`: it reads it, and works out when it is due next.
    private func call(_ table: ScriptTable, _ entry: StreamEntryID) async throws -> ResumeSchedule {
        let fields = try await table.hash(table.keys.schedule(named: "s"))
        let schedule = fields.isEmpty ? nil : try StoredSchedule(fields, name: "s")
        return ResumeSchedule(
            bus: table.bus, command: ResumeScheduleCommand("s", replyName: "me"), schedule: schedule,
            position: schedule?.resumed(at: table.made, random: .always(0)), entry: entry, stream: .control, made: table.made)
    }

    /// A schedule that is due every second, at moments that end in 300 ms, and is paused.
    private func set(
        _ table: ScriptTable, field: Field = .interval, value: String = "1000", _ more: KeyValuePairs<Field, String> = [:]
    ) async throws -> String {
        let key = table.keys.schedule(named: "s")
        try await table.set(
            key,
            [
                field: value, .workflow: "w", .catchUp: "all", .overlap: "allow", .timeZone: "UTC", .order: "1-0",
                .anchor: "\(table.made - 10_300)", .paused: "\(table.made - 7_200_000)", .pauseOrder: "2-0",
            ])
        if !more.isEmpty { try await table.set(key, more) }
        _ = try await table.redis.execute(ZADD(table.keys.schedules, [(score: .infinity, member: "s")]))
        return key
    }

    @Test("lets it go on with its next due time, and makes up for none of its pause; sent again it writes no more")
    func resumed() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            let entry = try await table.publish(on: .control)
            let call = try await call(table, entry)
            #expect(try await table.call(call) == .resumed)

            try await table.expectTaken(entry, from: .control)
            let fields = try await table.fields(key)
            let next = table.made + 700
            #expect(fields[.paused] == nil && fields[.next] == "\(next)" && fields[.start] == "\(next)" && fields[.backlog] == nil)
            #expect(fields[.pauseOrder] == entry.description && fields[.order] == "1-0" && fields[.updated] == "\(table.made)")
            #expect(try await table.score(of: "s", in: table.keys.schedules) == Double(next))
            for stream in [table.keys.events, table.keys.replies(to: "me")] {
                let (event, data) = try await table.event(ScheduleResumed.self, on: stream)
                #expect(data == ScheduleResumed(next: next))
                #expect(event[.id] == "schedule/s/control/\(entry)" && event[.workflow] == "w")
            }
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("has what was missed before its pause made up for at once, also where nothing else is due any more")
    func backlog() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table, [.backlog: "7"])
            #expect(try await table.call(call(table, table.publish(on: .control))) == .resumed)
            #expect(try await table.fields(key)[.backlog] == "7")
            #expect(try await table.score(of: "s", in: table.keys.schedules) == Double(table.made))
        }
        try await ScriptTable.row { table in
            let key = try await set(table, field: .at, value: "\(table.made - 1)", [.backlog: "7"])
            #expect(try await table.call(call(table, table.publish(on: .control))) == .resumed)
            let fields = try await table.fields(key)
            #expect(fields[.next] == nil && fields[.backlog] == "7" && fields[.paused] == nil)
            #expect(try await table.event(ScheduleResumed.self, on: table.keys.events).data == ScheduleResumed(next: nil))
        }
    }

    @Test("leaves one that is never due again paused, and its entry where it is")
    func never() async throws {
        try await ScriptTable.row { table in
            _ = try await set(table, field: .at, value: "\(table.made - 1)")
            let entry = try await table.publish(on: .control)
            try await table.expectOnce(call(table, entry), answers: .never)
        }
    }

    @Test("answers for one that is not paused, and changes nothing about when it is due")
    func notPaused() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table, [.next: "77", .start: "78"])
            _ = try await table.redis.execute(raw: RESPCommand("HDEL", key, "paused"))
            try await table.list("s", in: table.keys.schedules, at: 78)
            #expect(try await table.call(call(table, table.publish(on: .control))) == .resumed)
            let fields = try await table.fields(key)
            #expect(fields[.next] == "77" && fields[.start] == "78")
            #expect(try await table.score(of: "s", in: table.keys.schedules) == 78)
            #expect(try await table.event(ScheduleResumed.self, on: table.keys.events).data == ScheduleResumed(next: 77))
        }
    }

    @Test("writes nothing where it was set since it was read, where there is none, and where its key was deleted")
    func moved() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            let entry = try await table.publish(on: .control)
            let call = try await call(table, entry)
            try await table.set(key, [.backlog: "77"])
            try await table.expectOnce(call, answers: .moved)
            try await table.set(key, [.order: "3-0"])
            try await table.expectOnce(call, answers: .moved)
            _ = try await table.redis.execute(DEL(key))
            try await table.expectOnce(call, answers: .unknown)
            _ = try await table.redis.execute(DEL(table.keys.schedules))
            try await table.expectOnce(call, answers: .unknown)
        }
    }

    @Test("changes nothing where a later command that pauses or resumes was taken before, and says so")
    func superseded() async throws {
        try await ScriptTable.row { table in
            _ = try await set(table, [.pauseOrder: "99999999999999-7"])
            let entry = try await table.publish(on: .control)
            let call = try await call(table, entry)
            try await table.expectNothingWritten(but: [table.keys.control, table.keys.events, table.keys.replies(to: "me")]) {
                let answer = try await table.call(call)
                #expect(answer == .superseded)
            }
            try await table.expectTaken(entry, from: .control)
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("fails with nothing written when a key holds something else, or the events have used up their ids")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let key = try await set(table)
            let call = try await call(table, table.publish(on: .control))
            try await table.expectFailure(call, spoiling: [table.keys.control, key, table.keys.schedules, table.keys.events])
            try await table.expectFailure(call, exhausting: [table.keys.events])
        }
    }
}
