import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that sets a schedule", .timeLimit(.minutes(5)), .sharedRedisServer)
struct SetScheduleTests {
    private func command(_ due: ScheduleCommand.Due = .every(1_000), input: String = "[1]", replyName: String? = "me") -> ScheduleCommand {
        ScheduleCommand("s", of: "w", due: due, input: input, replyName: replyName)
    }

    private func call(
        _ table: ScriptTable, _ entry: StreamEntryID, _ command: ScheduleCommand? = nil, at moment: Int64? = nil
    ) throws -> SetSchedule {
        let definition = try ScheduleDefinition(command ?? self.command())
        return SetSchedule(
            bus: table.bus, name: "s", definition: definition, position: definition.position(at: moment ?? table.made, random: .always(0)),
            entry: entry, stream: .control, made: moment ?? table.made)
    }

    @Test("sets a schedule that is new, and answers; sent again it writes no more")
    func set() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            let call = try call(table, entry)
            let due = try #require(call.position?.next?.due)
            #expect(try await table.call(call) == .set)

            try await table.expectTaken(entry, from: .control)
            #expect(
                try await table.fields(table.keys.schedule(named: "s")) == [
                    .workflow: "w", .interval: "1000", .timeZone: "UTC", .input: "[1]", .replyTo: "me", .catchUp: "skip", .overlap: "skip",
                    .order: entry.description, .entry: entry.description, .created: "\(table.made)", .anchor: "\(table.made)",
                    .updated: "\(table.made)", .next: "\(due)", .start: "\(due)", .pauseOrder: entry.description,
                ])
            #expect(try await table.lifetime(of: table.keys.schedule(named: "s")) == nil)
            #expect(try await table.score(of: "s", in: table.keys.schedules) == Double(due))
            for stream in [table.keys.events, table.keys.replies(to: "me")] {
                let (event, data) = try await table.event(ScheduleSet.self, on: stream)
                #expect(data == ScheduleSet(next: due, isReplaced: false))
                #expect(
                    event[.id] == "schedule/s/control/\(entry)" && event[.subject] == "s" && event[.workflow] == "w" && event[.epoch] == "0"
                )
                #expect(event[.sequence] == "0000000000" && event[.source] == table.keys.eventSource(of: "w"))
            }
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("goes on with its due times when only what it starts is another, and begins anew when they are others")
    func replaced() async throws {
        for isSame in [true, false] {
            try await ScriptTable.row { table in
                let first = try await table.publish(on: .control)
                #expect(try await table.call(call(table, first)) == .set)
                let before = try await table.fields(table.keys.schedule(named: "s"))
                let second = try await table.publish(on: .control)
                let changed = command(.every(isSame ? 1_000 : 2_000), input: "[2]", replyName: nil)
                #expect(try await table.call(call(table, second, changed, at: table.made + 300)) == .set)
                let after = try await table.fields(table.keys.schedule(named: "s"))
                #expect(after[.input] == "[2]" && after[.replyTo] == nil && after[.order] == second.description)
                #expect((after[.anchor] == before[.anchor]) == isSame && (after[.next] == before[.next]) == isSame)
                let data = try #require(try await table.events().last?.data() as? ScheduleSet)
                #expect(data.isReplaced && data.next.map { String($0) } == after[.next])
            }
        }
    }

    @Test("begins anew where it was set before the clock was set back, for it would not be due for as long")
    func setBack() async throws {
        for due in [.every(1_000), .cron("* * * * *")] as [ScheduleCommand.Due] {
            try await ScriptTable.row { table in
                let ahead = table.made + 86_400_000
                let first = try await table.publish(on: .control)
                #expect(try await table.call(call(table, first, command(due), at: ahead)) == .set)
                let second = try await table.publish(on: .control)
                #expect(try await table.call(call(table, second, command(due))) == .set)
                let fields = try await table.fields(table.keys.schedule(named: "s"))
                let next = try #require(fields[.next].flatMap { Int64($0) })
                #expect(next <= table.made + 60_000 && fields[.anchor] == "\(table.made)")
                #expect(try await table.score(of: "s", in: table.keys.schedules) == Double(next))
            }
        }
    }

    @Test("begins anew where it was damaged")
    func damaged() async throws {
        try await ScriptTable.row { table in
            let key = table.keys.schedule(named: "s")
            let first = try await table.publish(on: .control)
            #expect(try await table.call(call(table, first)) == .set)
            try await table.set(key, [.anchor: "never", .backlog: "x"])
            let second = try await table.publish(on: .control)
            #expect(try await table.call(call(table, second)) == .set)
            let fields = try await table.fields(key)
            #expect(fields[.anchor] == "\(table.made)" && fields[.backlog] == nil)
        }
    }

    @Test("stays paused, with the same due times or with others, and says since when")
    func paused() async throws {
        for isSame in [true, false] {
            try await ScriptTable.row { table in
                let key = table.keys.schedule(named: "s")
                #expect(try await table.call(call(table, table.publish(on: .control))) == .set)
                let pause = PauseSchedule(
                    bus: table.bus, command: PauseScheduleCommand("s"), entry: try await table.publish(on: .control), stream: .control,
                    made: table.made)
                #expect(try await table.call(pause) == .paused)
                let before = try await table.fields(key)
                let changed = command(.every(isSame ? 1_000 : 2_000), input: "[2]")
                #expect(try await table.call(call(table, table.publish(on: .control), changed, at: table.made + 300)) == .set)
                let after = try await table.fields(key)
                #expect(after[.paused] == "\(table.made)" && after[.next] == nil && after[.start] == nil && after[.input] == "[2]")
                #expect((after[.anchor] == before[.anchor]) == isSame && after[.pauseOrder] == before[.pauseOrder])
                #expect(try await table.score(of: "s", in: table.keys.schedules) == .infinity)
                let data = try #require(try await table.events().last?.data() as? ScheduleSet)
                #expect(data == ScheduleSet(next: nil, isReplaced: true, pausedSince: table.made))
            }
        }
    }

    @Test("begins anew where it has neither a due time nor a reason to have none")
    func neverDue() async throws {
        try await ScriptTable.row { table in
            let key = table.keys.schedule(named: "s")
            #expect(try await table.call(call(table, table.publish(on: .control))) == .set)
            _ = try await table.redis.execute(raw: RESPCommand("HDEL", key, "next", "start"))
            try await table.set(key, [.paused: "soon"])
            #expect(try await table.call(call(table, table.publish(on: .control))) == .set)
            let fields = try await table.fields(key)
            #expect(fields[.next] != nil && fields[.paused] == nil)
        }
    }

    @Test("keeps what was missed, and says that nothing else is due, when only that is left")
    func onlyMissed() async throws {
        try await ScriptTable.row { table in
            let key = table.keys.schedule(named: "s")
            let once = command(.at(table.made + 60_000))
            let first = try await table.publish(on: .control)
            #expect(try await table.call(call(table, first, once)) == .set)
            _ = try await table.redis.execute(raw: RESPCommand("HDEL", key, "next", "start"))
            try await table.set(key, [.backlog: "5"])
            let second = try await table.publish(on: .control)
            #expect(try await table.call(call(table, second, once)) == .set)
            #expect(try await table.fields(key)[.backlog] == "5")
            let data = try #require(try await table.events().last?.data() as? ScheduleSet)
            #expect(data == ScheduleSet(next: nil, isReplaced: true))
        }
    }

    @Test("is over as before when its only moment was fired already")
    func fired() async throws {
        try await ScriptTable.row { table in
            let key = table.keys.schedule(named: "s")
            let once = command(.at(table.made + 60_000))
            let first = try await table.publish(on: .control)
            #expect(try await table.call(call(table, first, once)) == .set)
            _ = try await table.redis.execute(raw: RESPCommand("HDEL", key, "next", "start"))
            _ = try await table.redis.execute(ZREM(table.keys.schedules, ["s"]))
            try await table.set(key, [.last: "\(table.made + 60_000)"])
            let second = try await table.publish(on: .control)
            #expect(try await table.call(call(table, second, once)) == .set)
            #expect(try await table.score(of: "s", in: table.keys.schedules) == nil)
            #expect(try await table.lifetime(of: key) != nil)
        }
    }

    @Test("leaves the entry where it is of one that would never be due")
    func never() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            try await table.expectOnce(call(table, entry, command(.at(5))), answers: .never)
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            try await table.expectFailure(
                call(table, entry),
                spoiling: [table.keys.control, table.keys.schedule(named: "s"), table.keys.schedules, table.keys.events])
        }
    }

    @Test("fails with nothing written where the events have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let entry = try await table.publish(on: .control)
            try await table.expectFailure(call(table, entry), exhausting: [table.keys.events])
        }
    }
}
