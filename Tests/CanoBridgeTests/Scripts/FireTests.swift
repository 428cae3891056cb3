import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("The script that lets a schedule fire", .timeLimit(.minutes(5)), .sharedRedisServer)
struct FireTests {
    /// A schedule that is due every second, due now; how it fires is decided as a bridge does.
    private struct Sample {
        let table: ScriptTable
        var key: String { table.keys.schedule(named: "s") }

        static func make(
            _ table: ScriptTable, due: Int64 = 0, _ more: KeyValuePairs<Field, String> = [:], field: Field = .interval,
            value: String = "1000"
        ) async throws -> Sample {
            let sample = Sample(table: table)
            let moment = "\(table.made + due)"
            try await table.set(
                sample.key,
                [
                    field: value, .workflow: "w", .catchUp: "skip", .overlap: "allow", .timeZone: "UTC", .order: "1-0", .anchor: moment,
                    .next: moment, .start: moment,
                ])
            if !more.isEmpty { try await table.set(sample.key, more) }
            try await table.list("s", in: table.keys.schedules, at: table.made + due)
            return sample
        }

        func call(at moment: Int64? = nil, overlap: ScheduleOverlapping? = nil) async throws -> Fire {
            let schedule = try StoredSchedule(try await table.hash(key), name: "s")
            let step = schedule.step(at: moment ?? table.made, overlap: overlap, random: .always(0))
            return Fire(bus: table.bus, schedule: schedule, step: step, made: table.made)
        }

        func starts() async throws -> [[String]] {
            try await table.redis.execute(XRANGE(table.keys.commands)).map { entry in
                entry.fields.flatMap { [String(decoding: $0.name, as: UTF8.self), String(decoding: $0.value, as: UTF8.self)] }
            }
        }
    }

    @Test("publishes a start for each due time, as any client would, and moves the schedule on; sent again it writes no more")
    func fired() async throws {
        try await ScriptTable.row { table in
            let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let sample = try await Sample.make(
                table, due: -1_000,
                [
                    .input: ScriptTable.awkward, .version: "2", .replyTo: "me", .traceparent: trace, .tracestate: "a=1", .fired: "4",
                    .attributes: #"{"kind":"é"}"#,
                ])
            let call = try await sample.call()
            // Reserved, as a bridge has it that fires it.
            try await table.list("s", in: table.keys.schedules, at: table.made + 1_000)
            #expect(try await table.call(call) == .fired(2))

            let common = [
                "schedule", "s", "input", ScriptTable.awkward, "version", "2", "reply_to", "me", "attributes", #"{"kind":"é"}"#,
            ]
            #expect(
                try await sample.starts()
                    == [table.made - 1_000, table.made].map { ["type", "start", "workflow", "w", "id", "s@\($0)"] + common })
            let fields = try await table.fields(sample.key)
            #expect(fields[.next] == "\(table.made + 1_000)" && fields[.start] == "\(table.made + 1_000)" && fields[.fired] == "6")
            #expect(fields[.last] == "\(table.made)" && fields[.updated] == "\(table.made)" && fields[.backlog] == nil)
            let last = try await table.redis.execute(XRANGE(table.keys.commands)).last?.id.description
            #expect(fields[.lastEntry] == last && fields[.lastRun] == "s@\(table.made)")
            #expect(try await table.score(of: "s", in: table.keys.schedules) == Double(table.made + 1_000))
            try await table.expectOnce(call, answers: .moved)
            // What it publishes is a command.
            let entry = try #require(await table.redis.execute(XRANGE(table.keys.commands)).first)
            let parser = CommandParser(limits: BusLimits())
            let command = try parser.parse(entry.id.description, entry.fields, from: .commands)
            guard case .start(let start) = command else {
                Issue.record("\(command) is no start")
                return
            }
            #expect(start.schedule == "s" && start.input == ScriptTable.awkward && start.reservingSchedule == nil)
            #expect(start.attributes["kind"] == "é")
        }
    }

    @Test("is over with its last due time, and kept for a while")
    func over() async throws {
        try await ScriptTable.row { table in
            let sample = try await Sample.make(table, field: .at, value: "\(table.made)")
            #expect(try await table.call(try await sample.call()) == .fired(1))
            #expect(try await table.score(of: "s", in: table.keys.schedules) == nil)
            #expect(try await table.lifetime(of: sample.key) != nil)
            let fields = try await table.fields(sample.key)
            #expect(fields[.next] == nil && fields[.start] == nil && fields[.fired] == "1")
        }
    }

    @Test("keeps what is to be made up for")
    func backlog() async throws {
        try await ScriptTable.row { table in
            let sample = try await Sample.make(table, due: -7_200_000, [.catchUp: "all", .overlap: "skip"], value: "3600000")
            let call = try await sample.call()
            #expect(try await table.call(call) == .fired(1))
            let fields = try await table.fields(sample.key)
            #expect(fields[.backlog] == call.step.position.backlog.map(String.init).joined(separator: ","))
            #expect(fields[.backlog]?.isEmpty == false)
            #expect(try await table.score(of: "s", in: table.keys.schedules) == Double(call.step.lookAgain))
        }
    }

    @Test(
        "writes nothing when it was set, removed, fired, run or paused since it was read",
        arguments: [Field.order, .next, .backlog, .lastEntry, .paused])
    func moved(field: Field) async throws {
        try await ScriptTable.row { table in
            let sample = try await Sample.make(table)
            let call = try await sample.call()
            try await table.set(sample.key, [field: "7"])
            try await table.expectOnce(call, answers: .moved)
        }
    }

    @Test("forgets a schedule whose key was deleted, and does nothing for one that is not listed")
    func gone() async throws {
        try await ScriptTable.row { table in
            let sample = try await Sample.make(table)
            let call = try await sample.call()
            _ = try await table.redis.execute(DEL(sample.key))
            #expect(try await table.call(call) == .gone)
            #expect(try await table.contents().isEmpty)
        }
        try await ScriptTable.row { table in
            let sample = try await Sample.make(table)
            let call = try await sample.call()
            _ = try await table.redis.execute(DEL(table.keys.schedules))
            try await table.expectOnce(call, answers: .gone)
        }
    }

    @Test("fails with nothing written when a key holds something else")
    func wrongType() async throws {
        try await ScriptTable.row { table in
            let sample = try await Sample.make(table)
            let call = try await sample.call()
            try await table.expectFailure(call, spoiling: [sample.key, table.keys.schedules, table.keys.commands])
        }
    }

    @Test("fails with nothing written where the commands have used up their ids")
    func exhausted() async throws {
        try await ScriptTable.row { table in
            let call = try await Sample.make(table).call()
            try await table.expectFailure(call, exhausting: [table.keys.commands])
        }
    }

    @Test("says which due times are left out because the last run is not over, and counts them; sent again it writes no more")
    func leftOut() async throws {
        try await ScriptTable.row { table in
            let sample = try await Sample.make(table, due: -1_000, [.overlap: "skip", .skipped: "3"])
            let call = try await sample.call(overlap: ScheduleOverlapping(run: "s@5", status: .running))
            #expect(try await table.call(call) == .fired(0))
            let events = try await table.events()
            #expect(events.map { $0[.id] } == ["s/skipped/\(table.made - 1_000)", "s/skipped/\(table.made)"].map { "schedule/\($0)" })
            #expect(
                try events.map { try $0.data() as? ScheduleSkipped }
                    == [-1_000, 0].map {
                        ScheduleSkipped(due: table.made + $0, run: "s@5", status: .running)
                    })
            #expect(events.allSatisfy { $0[.subject] == "s" && $0[.workflow] == "w" && $0[.bridge] == "b" && $0[.epoch] == "0" })
            #expect(try await sample.starts() == [])
            #expect(try await table.fields(sample.key)[.skipped] == "5")
            try await table.expectOnce(call, answers: .moved)
        }
    }

    @Test("says nothing and fires nothing where one of the two streams has used up its ids")
    func exhaustedEvents() async throws {
        try await ScriptTable.row { table in
            // The first fires, and the next is left out for it.
            let call = try await Sample.make(table, due: -1_000, [.overlap: "skip"]).call()
            #expect(call.step.due.count == 1 && call.step.leftOut.map(\.run) == ["s@\(table.made - 1_000)"])
            try await table.expectFailure(call, exhausting: [table.keys.events])
            try await table.expectFailure(call, exhausting: [table.keys.commands], but: [table.keys.events])
            #expect(try await table.call(call) == .fired(1))
        }
    }
}
