import CanoBus
import CanoCore
import Testing

@testable import CanoBridge

@Suite("A schedule on the bus", .timeLimit(.minutes(5)))
struct StoredScheduleTests {
    private static let hour: Int64 = 3_600_000
    private let random = RandomSource.always(0.5)

    private func definition(
        _ due: ScheduleCommand.Due, catchUp: ScheduleCatchUp = .skip, overlap: ScheduleOverlap = .skip
    ) throws -> ScheduleDefinition {
        try ScheduleDefinition(ScheduleCommand("s", of: "w", due: due, catchUp: catchUp, overlap: overlap))
    }

    /// A schedule as Redis has it, set at that moment and moved on by each step.
    private func stored(_ definition: ScheduleDefinition, at position: ScheduleState.Position) throws -> StoredSchedule {
        var fields = definition.fields
        fields["order"] = "1-0"
        fields["anchor"] = String(position.anchor)
        fields["next"] = position.next.map { String($0.due) }
        fields["start"] = position.next.map { String($0.start) }
        if !position.backlog.isEmpty { fields["backlog"] = position.backlog.map(String.init).joined(separator: ",") }
        return try StoredSchedule(fields, name: "s")
    }

    private func set(_ definition: ScheduleDefinition, at now: Int64) throws -> StoredSchedule {
        try stored(definition, at: try #require(definition.position(at: now, random: random)))
    }

    @Test("reads back as what was written")
    func fields() throws {
        let trace = TraceContext(parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", state: "a=1")
        for due in [.cron("30 2 * * mon"), .every(500), .at(9)] as [ScheduleCommand.Due] {
            let definition = try ScheduleDefinition(
                ScheduleCommand(
                    "s", of: "w", due: due, version: "2", input: "[1]", attributes: try RunAttributes(["a": 1]), replyName: "me",
                    timeZone: "Europe/Berlin", jitter: 7,
                    catchUp: .all,
                    overlap: .allow, trace: trace))
            #expect(try ScheduleDefinition(definition.fields) == definition)
        }
    }

    @Test("is refused by a bridge that can't make sense of it, with what to do")
    func damaged() {
        let whole = [
            "workflow": "w", "catch_up": "skip", "overlap": "skip", "time_zone": "UTC", "every_ms": "500", "order": "1-0", "anchor": "5",
            "next": "5",
        ]
        #expect(throws: Never.self) { try StoredSchedule(whole, name: "s") }
        let damages = [
            ("every_ms", "often"), ("every_ms", "1"), ("anchor", "-9223372036854775808"), ("next", "9223372036854775807"), ("next", ""),
            ("backlog", "1,x"), ("backlog", String(repeating: "1,", count: 1_001)), ("time_zone", "Mars/Base"), ("catch_up", "some"),
            ("jitter_ms", "-1"), ("start", "soon"), ("attributes", "[1]"),
        ]
        for (field, value) in damages {
            let error = #expect(throws: BusError.self, "\(field) \(value)") {
                try StoredSchedule(whole.merging([field: value]) { _, damage in damage }, name: "s")
            }
            #expect(error?.code == .unreadableSchedule)
        }
    }

    @Test("that is paused has no due time, and goes on with the first one after its pause, whatever is done about missed ones")
    func paused() throws {
        let whole = [
            "workflow": "w", "catch_up": "all", "overlap": "skip", "time_zone": "UTC", "order": "1-0", "anchor": "5", "paused": "2000",
            "backlog": "3,4",
        ]
        for (field, value, next) in [
            ("every_ms", "500", 9_005), ("cron", "* * * * *", 60_000), ("at", "9000", 9_000), ("at", "8999", nil),
        ] as [(String, String, Int64?)] {
            let schedule = try StoredSchedule(whole.merging([field: value]) { $1 }, name: "s")
            #expect(schedule.position.next == nil && !schedule.isAhead(at: 0))
            let position = schedule.resumed(at: 8_999, random: random)
            #expect(position.next?.due == next && position.backlog == [3, 4], "\(field) \(value)")
        }
        // On a clock that was set back since, in whole intervals.
        let schedule = try StoredSchedule(whole.merging(["every_ms": "500", "anchor": "90005"]) { $1 }, name: "s")
        #expect(schedule.resumed(at: 8_999, random: random).next?.due == 9_005)
        // Its share of the jitter is drawn anew.
        let late = try StoredSchedule(whole.merging(["every_ms": "500", "jitter_ms": "100"]) { $1 }, name: "s")
        #expect(late.resumed(at: 8_999, random: random).next?.start == 9_055)
    }

    private static let last = ScheduleOverlapping(run: "s@1", status: .running)

    @Test("fires what is due and is looked at again when something is")
    func steps() throws {
        let schedule = try set(try definition(.every(1_000), overlap: .allow), at: 5)
        var step = schedule.step(at: 5, overlap: nil, random: random)
        #expect(step.due == [5])
        #expect(step.lookAgain == 1_005)
        step = try stored(schedule.definition, at: step.position).step(at: 3_100, overlap: Self.last, random: random)
        #expect(step.due == [1_005, 2_005, 3_005])
        #expect(step.position.next?.due == 4_005)
    }

    @Test("fires so many times at one look and the rest at the next, which follows at once")
    func manyDue() throws {
        let schedule = try set(try definition(.every(100), overlap: .allow), at: 0)
        let step = schedule.step(at: 50_000, overlap: nil, random: random)
        #expect(step.due == (0..<100).map { $0 * 100 })
        #expect(step.lookAgain == 50_000)
        let next = try stored(schedule.definition, at: step.position).step(at: 50_000, overlap: nil, random: random)
        #expect(next.due.first == 10_000)
    }

    @Test(
        "goes on with the time that it is when the clock was set back since, at the moments it was due at",
        arguments: [
            // How often it is due, and when next on a clock that was ahead; the time that it is, and when it is due then.
            (.every(30_000), 86_400_005, 3, 5), (.every(30_000), 86_400_005, 30_005, 60_005), (.every(7_000), 90_000, 20_000, 27_000),
            (.cron("* * * * *"), 86_460_000, 59_000, 60_000), (.cron("30 2 * * *"), 9_000_000 + 2 * 86_400_000, 0, 9_000_000),
        ] as [(ScheduleCommand.Due, Int64, Int64, Int64)])
    func setBack(_ due: ScheduleCommand.Due, ahead: Int64, now: Int64, next: Int64) throws {
        let position = ScheduleState.Position(anchor: ahead, next: ScheduleState.Due(due: ahead, start: ahead))
        let schedule = try stored(try definition(due), at: position)
        #expect(schedule.isAhead(at: now))
        let step = schedule.step(at: now, overlap: nil, random: random)
        #expect(step.due == [])
        #expect(step.position.next == ScheduleState.Due(due: next, start: next))
        #expect(step.lookAgain == next)
        // What it counts from stays ahead, and its due times come all the same.
        var moved = position
        moved.next = step.position.next
        let again = try stored(schedule.definition, at: moved).step(at: next, overlap: nil, random: random)
        #expect(again.due == [next])
        #expect(try #require(again.position.next).due <= next + 86_400_000)
    }

    @Test("waits for a clock that was set back by less than a minute, and is due nothing twice")
    func setBackALittle() throws {
        for (due, next) in [(.every(30_000), 120_000), (.cron("* * * * *"), 120_000)] as [(ScheduleCommand.Due, Int64)] {
            let schedule = try stored(
                try definition(due), at: ScheduleState.Position(anchor: 0, next: ScheduleState.Due(due: next, start: next)))
            let step = schedule.step(at: 61_000, overlap: nil, random: random)
            #expect(!schedule.isAhead(at: 61_000) && step.due == [] && step.position.next?.due == next)
        }
        let once = try stored(
            try definition(.at(999_999)), at: ScheduleState.Position(anchor: 0, next: ScheduleState.Due(due: 999_999, start: 999_999)))
        #expect(!once.isAhead(at: 0))
    }

    @Test("skips what is due while its last run goes on, and looks again when it is due next")
    func overlap() throws {
        let schedule = try set(try definition(.every(1_000)), at: 0)
        let step = schedule.step(at: 2_500, overlap: Self.last, random: random)
        #expect(step.due == [])
        #expect(step.leftOut == [0, 1_000, 2_000].map { ScheduleSkipped(due: $0, run: "s@1", status: .running) })
        #expect(step.position.next?.due == 3_000)
        #expect(step.lookAgain == 3_000)
    }

    @Test("leaves out what is due while the run goes on that it has just fired")
    func overlapsItself() throws {
        let step = try set(try definition(.every(1_000)), at: 0).step(at: 1_500, overlap: nil, random: random)
        #expect(step.due == [0])
        #expect(step.leftOut == [ScheduleSkipped(due: 1_000, run: "s@0", status: nil)])
    }

    @Test("leaves so many due times out at one look and the rest at the next, which follows at once")
    func manyLeftOut() throws {
        let schedule = try set(try definition(.every(100)), at: 0)
        let step = schedule.step(at: 50_000, overlap: Self.last, random: random)
        #expect(step.leftOut.map(\.due) == (0..<100).map { $0 * 100 } && step.lookAgain == 50_000)
    }

    @Test("makes up for missed times one after the other, and looks now and then whether the last run is over")
    func catchUp() throws {
        let schedule = try set(try definition(.every(Self.hour), catchUp: .all), at: 0)
        let now = 3 * Self.hour + 120_000
        var step = schedule.step(at: now, overlap: nil, random: random)
        #expect(step.due == [0])
        #expect(step.position.backlog == [Self.hour, 2 * Self.hour, 3 * Self.hour])
        #expect(step.lookAgain == now + ScheduleStep.pause)
        step = try stored(schedule.definition, at: step.position).step(at: now + 1_000, overlap: Self.last, random: random)
        #expect(step.due == [] && step.lookAgain == now + 1_000 + ScheduleStep.pause)
        step = try stored(schedule.definition, at: step.position).step(at: now + 2_000, overlap: nil, random: random)
        #expect(step.due == [Self.hour])
    }

    @Test("makes up for a thousand missed times at most")
    func catchUpBound() throws {
        let schedule = try set(try definition(.every(1_000), catchUp: .all, overlap: .allow), at: 0)
        let now: Int64 = 10_000_000
        let step = schedule.step(at: now, overlap: nil, random: random)
        #expect(step.due.count == ScheduleStep.largest)
        // The latest thousand of those that are more than a minute late; what is less late comes after them.
        #expect(step.due.first == now - 61_000 - 999_000)
        #expect(step.lookAgain == now)
    }

    @Test("is over once its only moment was fired, and never begins when that has long passed")
    func once() throws {
        let schedule = try set(try definition(.at(90_000)), at: 0)
        #expect(schedule.step(at: 89_999, overlap: nil, random: random).due == [])
        let step = schedule.step(at: 90_000, overlap: nil, random: random)
        #expect(step.due == [90_000])
        #expect(step.position.next == nil && step.position.backlog.isEmpty)
        #expect(try definition(.at(90_000)).position(at: 150_001, random: random) == nil)
        #expect(try definition(.at(90_000)).position(at: 149_999, random: random) != nil)
        #expect(try definition(.at(90_000), catchUp: .once).position(at: 150_001, random: random) != nil)
        #expect(try definition(.cron("0 0 0 1 1 * 1999")).position(at: 0, random: random) != nil)
        #expect(try definition(.cron("0 0 0 1 1 * 1999")).position(at: 999_999_999_999, random: random) == nil)
    }
}

extension ScheduleDefinition {
    /// Its fields as the script that sets it writes them.
    fileprivate var fields: [String: String] {
        Dictionary(uniqueKeysWithValues: (timingFields + otherFields).filter { !$0.1.isEmpty }.map { ($0.0.rawValue, $0.1) })
    }
}
