import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("A schedule on the bus")
struct ScheduleTests {
    private static let hour: Int64 = 3_600_000
    private let random = RandomSource.always(0.5)

    private func definition(
        _ due: ScheduleDefinition.Due, jitter: Int64 = 0, catchUp: ScheduleDefinition.CatchUp = .skip,
        overlap: ScheduleDefinition.Overlap = .skip
    ) -> ScheduleDefinition {
        ScheduleDefinition(workflow: "w", due: due, jitter: jitter, catchUp: catchUp, overlap: overlap)
    }

    /// A schedule as Redis has it, set at that moment and moved on by each step.
    private func stored(_ definition: ScheduleDefinition, at position: ScheduleState.Position) throws -> StoredSchedule {
        var fields = definition.fields.filter { !$0.value.isEmpty } + [("order", "1-0"), ("anchor", String(position.anchor))]
        if let next = position.next { fields += [("next", String(next.due)), ("start", String(next.start))] }
        if !position.backlog.isEmpty { fields.append(("backlog", position.backlog.map(String.init).joined(separator: ","))) }
        return try StoredSchedule(fields.map { (field: Array($0.name.utf8), value: Array($0.value.utf8)) }, name: "s")
    }

    private func set(_ definition: ScheduleDefinition, at now: Int64) throws -> StoredSchedule {
        try stored(definition, at: try #require(definition.position(at: now, random: random)))
    }

    @Test("reads back as what was written")
    func fields() throws {
        let berlin = try ScheduleTimeZone("Europe/Berlin")
        let trace = TraceContext(parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", state: "a=1")
        for due in [.cron(try CronExpression("30 2 * * mon")), .every(500), .at(9)] as [ScheduleDefinition.Due] {
            let definition = ScheduleDefinition(
                workflow: "w", version: "2", input: "[1]", replyName: "me", due: due, zone: berlin, jitter: 7, catchUp: .all,
                overlap: .allow, trace: trace)
            let fields = Dictionary(uniqueKeysWithValues: definition.fields.filter { !$0.value.isEmpty }.map { ($0.name, $0.value) })
            #expect(try ScheduleDefinition(fields) == definition)
        }
    }

    @Test("is refused by a bridge that can't make sense of it, with what to do")
    func damaged() {
        for fields in [[("workflow", "w")], [("every_ms", "often"), ("workflow", "w")]] {
            let error = #expect(throws: BridgeError.self) {
                try StoredSchedule(fields.map { (field: Array($0.0.utf8), value: Array($0.1.utf8)) }, name: "s")
            }
            #expect(error?.code == .unreadableSchedule)
        }
    }

    @Test("fires what is due and is looked at again when something is")
    func steps() throws {
        let schedule = try set(definition(.every(1_000), overlap: .allow), at: 5)
        var step = schedule.step(at: 5, isRunning: false, random: random)
        #expect(step.due == [5])
        #expect(step.lookAgain == 1_005)
        step = try stored(schedule.definition, at: step.position).step(at: 3_100, isRunning: true, random: random)
        #expect(step.due == [1_005, 2_005, 3_005])
        #expect(step.position.next?.due == 4_005)
    }

    @Test("fires so many times at one look and the rest at the next, which follows at once")
    func manyDue() throws {
        let schedule = try set(definition(.every(100), overlap: .allow), at: 0)
        let step = schedule.step(at: 50_000, isRunning: false, random: random)
        #expect(step.due == (0..<100).map { $0 * 100 })
        #expect(step.lookAgain == 50_000)
        let next = try stored(schedule.definition, at: step.position).step(at: 50_000, isRunning: false, random: random)
        #expect(next.due.first == 10_000)
    }

    @Test("skips what is due while its last run goes on, and looks again when it is due next")
    func overlap() throws {
        let schedule = try set(definition(.every(1_000)), at: 0)
        let step = schedule.step(at: 2_500, isRunning: true, random: random)
        #expect(step.due == [])
        #expect(step.position.next?.due == 3_000)
        #expect(step.lookAgain == 3_000)
    }

    @Test("makes up for missed times one after the other, and looks now and then whether the last run is over")
    func catchUp() throws {
        let schedule = try set(definition(.every(Self.hour), catchUp: .all), at: 0)
        let now = 3 * Self.hour + 120_000
        var step = schedule.step(at: now, isRunning: false, random: random)
        #expect(step.due == [0])
        #expect(step.position.backlog == [Self.hour, 2 * Self.hour, 3 * Self.hour])
        #expect(step.lookAgain == now + ScheduleStep.pause)
        step = try stored(schedule.definition, at: step.position).step(at: now + 1_000, isRunning: true, random: random)
        #expect(step.due == [] && step.lookAgain == now + 1_000 + ScheduleStep.pause)
        step = try stored(schedule.definition, at: step.position).step(at: now + 2_000, isRunning: false, random: random)
        #expect(step.due == [Self.hour])
    }

    @Test("makes up for a thousand missed times at most")
    func catchUpBound() throws {
        let schedule = try set(definition(.every(1_000), catchUp: .all, overlap: .allow), at: 0)
        let now: Int64 = 10_000_000
        let step = schedule.step(at: now, isRunning: false, random: random)
        #expect(step.due.count == ScheduleStep.largest)
        // The latest thousand of those that are more than a minute late; what is less late comes after them.
        #expect(step.due.first == now - 61_000 - 999_000)
        #expect(step.lookAgain == now)
    }

    @Test("is over once its only moment was fired, and never begins when that has long passed")
    func once() throws {
        let schedule = try set(definition(.at(90_000)), at: 0)
        #expect(schedule.step(at: 89_999, isRunning: false, random: random).due == [])
        let step = schedule.step(at: 90_000, isRunning: false, random: random)
        #expect(step.due == [90_000])
        #expect(step.position.next == nil && step.position.backlog.isEmpty)
        #expect(definition(.at(90_000)).position(at: 150_001, random: random) == nil)
        #expect(definition(.at(90_000)).position(at: 149_999, random: random) != nil)
        #expect(definition(.at(90_000), catchUp: .once).position(at: 150_001, random: random) != nil)
        #expect(definition(.cron(try CronExpression("0 0 0 1 1 * 1999"))).position(at: 0, random: random) != nil)
        #expect(definition(.cron(try CronExpression("0 0 0 1 1 * 1999"))).position(at: 999_999_999_999, random: random) == nil)
    }

    @Test("keeps ids that begin with its name and an @ for its own runs")
    func reserved() {
        func schedule(reserving run: String, _ schedule: String? = nil) -> String? {
            StartCommand(
                run: run, workflow: "w", version: nil, input: "null", replyName: nil, expiresAt: nil, start: nil, timeout: nil,
                schedule: schedule, trace: TraceContext(parent: nil, state: nil)
            ).reservingSchedule
        }
        #expect(schedule(reserving: "nightly@5") == "nightly")
        #expect(schedule(reserving: "nightly@5@6") == "nightly")
        #expect(schedule(reserving: "nightly@5", "nightly") == nil)
        #expect(schedule(reserving: "nightly@5", "daily") == "nightly")
        for free in ["nightly", "@5", "a:b@5", "a/b@5"] { #expect(schedule(reserving: free) == nil) }
    }
}
