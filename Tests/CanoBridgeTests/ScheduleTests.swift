import CanoCore
import CanoRedis
import RedisServerFixture
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
        let whole = [
            ("workflow", "w"), ("catch_up", "skip"), ("overlap", "skip"), ("time_zone", "UTC"), ("every_ms", "500"), ("order", "1-0"),
            ("anchor", "5"), ("next", "5"),
        ]
        #expect(throws: Never.self) {
            try StoredSchedule(whole.map { (field: Array($0.0.utf8), value: Array($0.1.utf8)) }, name: "s")
        }
        let damages = [
            ("every_ms", "often"), ("every_ms", "1"), ("anchor", "-9223372036854775808"), ("next", "9223372036854775807"), ("next", ""),
            ("backlog", "1,x"), ("backlog", String(repeating: "1,", count: 1_001)), ("time_zone", "Mars/Base"), ("catch_up", "some"),
            ("jitter_ms", "-1"), ("start", "soon"),
        ]
        for damage in damages {
            let fields = whole.filter { $0.0 != damage.0 } + [damage]
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

@Suite("Commands about one schedule", .timeLimit(.minutes(1)))
struct ScheduleOrderTests {
    private static let set: [(String, String)] = [("type", "schedule"), ("name", "s"), ("workflow", "w"), ("every_ms", "60000")]
    private static let removed: [(String, String)] = [("type", "unschedule"), ("name", "s")]

    /// Publishes commands under these ids and takes them in this order; what the scripts answer.
    private func take(_ commands: [(id: String, fields: [(String, String)])], in order: [Int]) async throws -> [String] {
        try await withRedisServer { server in
            try await BusWatcher.watch(server.url) { watcher in
                let (redis, bus) = (watcher.redis, watcher.bus)
                _ = try await redis.execute(XGROUP.CREATE(bus.control, BusKeys.group))
                for (id, fields) in commands {
                    var command = RESPCommand("XADD", bus.control, id)
                    for (name, value) in fields {
                        command.append(name)
                        command.append(value)
                    }
                    _ = try await redis.execute(raw: command)
                }
                let entries = try await redis.execute(XRANGE(bus.control))
                let letter = ScheduleLetter(bus: bus, bridge: "b", limits: BusLimits())
                var answers: [String] = []
                for index in order {
                    let call: RedisScriptCall
                    switch try CommandParser(maximumInputBytes: 64).parse(entries[index], from: .control) {
                    case .schedule(let command):
                        let position = command.definition.position(at: 5, random: .always(0))
                        call = letter.set(command, at: position, entry: entries[index].id, from: .control, now: 5)
                    case .unschedule(let command):
                        call = letter.remove(command, entry: entries[index].id, from: .control, now: 5)
                    default: continue
                    }
                    answers.append(try await redis.evaluate(call).string ?? "")
                }
                let isListed = try await redis.execute(ZSCORE(bus.schedules, "s")) != nil
                return answers + [isListed ? "listed" : "gone"]
            }
        }
    }

    @Test("count in the order they were published in, whoever takes which first")
    func order() async throws {
        #expect(try await take([("5-1", Self.set), ("5-2", Self.removed)], in: [0, 1]) == ["set", "removed", "gone"])
        #expect(try await take([("5-1", Self.set), ("5-2", Self.removed)], in: [1, 0]) == ["unknown", "superseded", "gone"])
        #expect(try await take([("5-1", Self.removed), ("6-0", Self.set)], in: [1, 0]) == ["set", "superseded", "listed"])
    }

    @Test("are told apart by counts that no number of a script can hold")
    func largeCounts() async throws {
        let (first, second) = ("5-18446744073709551613", "5-18446744073709551614")
        #expect(try await take([(first, Self.set), (second, Self.removed)], in: [1, 0]) == ["unknown", "superseded", "gone"])
        #expect(try await take([(first, Self.set), (second, Self.removed)], in: [0, 1]) == ["set", "removed", "gone"])
    }

    @Test("with ids of the future count as of now, and shut out no later one")
    func future() async throws {
        let future = [("99999999999999-0", Self.set), ("99999999999999-1", Self.removed)]
        #expect(try await take(future, in: [0, 1]) == ["set", "removed", "gone"])
    }
}

@Suite("A command about a schedule")
struct ScheduleCommandTests {
    private static let entry = StreamEntryID(milliseconds: 1_700_000_000_000, sequence: 3)

    private func parse(_ fields: [(String, String)], from stream: CommandParser.Stream = .control) throws(Rejection) -> Command {
        try CommandParser(maximumInputBytes: 64).parse(
            StreamEntry(id: Self.entry, fields: fields.map { (Array($0.utf8), Array($1.utf8)) }), from: stream)
    }

    @Test("says when, and the rest is what it is without", arguments: [CommandParser.Stream.control, .commands])
    func plain(stream: CommandParser.Stream) throws {
        let named = [("type", "schedule"), ("name", "s"), ("workflow", "w")]
        #expect(
            try parse(named + [("every_ms", "500")], from: stream)
                == .schedule(ScheduleCommand(name: "s", definition: ScheduleDefinition(workflow: "w", due: .every(500)))))
        #expect(
            try parse(named + [("at", "500")], from: stream)
                == .schedule(ScheduleCommand(name: "s", definition: ScheduleDefinition(workflow: "w", due: .at(500)))))
        #expect(
            try parse([("type", "unschedule"), ("name", "s")], from: stream)
                == .unschedule(UnscheduleCommand(name: "s", replyName: nil, trace: TraceContext(parent: nil, state: nil))))
    }

    @Test("says everything, in plain fields or as a CloudEvent")
    func whole() throws {
        let definition = ScheduleDefinition(
            workflow: "w", version: "2", input: "[1]", replyName: "me", due: .cron(try CronExpression("30 2 * * *")),
            zone: try ScheduleTimeZone("Europe/Berlin"), jitter: 7, catchUp: .all, overlap: .allow)
        let expected = Command.schedule(ScheduleCommand(name: "s", definition: definition))
        #expect(
            try parse([
                ("type", "schedule"), ("name", "s"), ("workflow", "w"), ("version", "2"), ("input", "[1]"), ("reply_to", "me"),
                ("cron", "30 2 * * *"), ("time_zone", "Europe/Berlin"), ("jitter_ms", "7"), ("catch_up", "all"), ("overlap", "allow"),
            ]) == expected)
        #expect(
            try parse([
                ("specversion", "1.0"), ("type", "cano.run.schedule"), ("id", "e-1"), ("subject", "w"), ("name", "s"), ("version", "2"),
                ("data", "[1]"), ("replyto", "me"), ("cron", "30 2 * * *"), ("timezone", "Europe/Berlin"), ("jitterms", "7"),
                ("catchup", "all"), ("overlap", "allow"),
            ]) == expected)
    }

    @Test("that is broken is about no run, though it may have a field id")
    func addressee() {
        let rejection = #expect(throws: Rejection.self) {
            try parse([("type", "schedule"), ("id", "x"), ("name", "s"), ("workflow", "w"), ("reply_to", "me")])
        }
        #expect(rejection?.code == .missingField)
        #expect(rejection?.addressee == Rejection.Addressee(run: nil, workflow: "w", replyName: "me"))
    }

    @Test("with a zone that nobody knows is refused in few words, however long it is")
    func longZone() {
        let rejection = #expect(throws: Rejection.self) {
            try parse([
                ("type", "schedule"), ("name", "s"), ("workflow", "w"), ("cron", "* * * * *"),
                ("time_zone", String(repeating: "a/", count: 50_000)),
            ])
        }
        #expect(rejection?.code == .invalidField)
        #expect((rejection?.message.utf8.count ?? .max) < 500)
    }
}
