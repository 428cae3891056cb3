import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("Commands about one schedule", .timeLimit(.minutes(5)), .sharedRedisServer)
struct ScheduleOrderTests {
    private enum Order { case set, remove, pause, resume }

    /// Publishes commands under these ids and takes them in this order; what the scripts answer, and whether the schedule is listed then.
    private func take(_ commands: [(id: String, order: Order)], in order: [Int]) async throws -> [String] {
        var answers: [String] = []
        try await ScriptTable.row { table in
            let ids = try commands.map { command -> StreamEntryID in try #require(StreamEntryID(command.id)) }
            for id in ids { try await table.publish(on: .control, id: id) }
            for index in order {
                let entry = ids[index]
                switch commands[index].order {
                case .set:
                    let definition = try ScheduleDefinition(ScheduleCommand("s", of: "w", due: .every(60_000)))
                    let call = SetSchedule(
                        bus: table.bus, name: "s", definition: definition, position: definition.position(at: 5, random: .always(0)),
                        entry: entry, stream: .control, made: 5)
                    answers.append(try await table.call(call).rawValue)
                case .pause:
                    let call = PauseSchedule(bus: table.bus, command: PauseScheduleCommand("s"), entry: entry, stream: .control, made: 5)
                    answers.append(try await table.call(call).rawValue)
                case .resume:
                    let fields = try await table.hash(table.keys.schedule(named: "s"))
                    let schedule = fields["workflow"] == nil ? nil : try StoredSchedule(fields, name: "s")
                    let call = ResumeSchedule(
                        bus: table.bus, command: ResumeScheduleCommand("s"), schedule: schedule,
                        position: schedule?.resumed(at: 5, random: .always(0)), entry: entry, stream: .control, made: 5)
                    answers.append(try await table.call(call).rawValue)
                case .remove:
                    let call = RemoveSchedule(
                        bus: table.bus, command: UnscheduleCommand("s"), entry: entry, stream: .control, made: 5)
                    answers.append(try await table.call(call).rawValue)
                }
            }
            let score = try await table.score(of: "s", in: table.keys.schedules)
            answers.append(score == nil ? "gone" : score == .infinity ? "rests" : "listed")
        }
        return answers
    }

    @Test("count in the order they were published in, whichever bridge takes which first")
    func order() async throws {
        #expect(try await take([("5-1", .set), ("5-2", .remove)], in: [0, 1]) == ["set", "removed", "gone"])
        #expect(try await take([("5-1", .set), ("5-2", .remove)], in: [1, 0]) == ["unknown", "superseded", "gone"])
        #expect(try await take([("5-1", .remove), ("6-0", .set)], in: [1, 0]) == ["set", "superseded", "listed"])
    }

    @Test("that pause and resume count among themselves in the order they were published in, and so do those that remove")
    func pauses() async throws {
        #expect(
            try await take([("5-1", .set), ("5-2", .pause), ("5-3", .resume)], in: [0, 1, 2]) == ["set", "paused", "resumed", "listed"])
        #expect(
            try await take([("5-1", .set), ("5-2", .pause), ("5-3", .resume)], in: [0, 2, 1]) == ["set", "resumed", "superseded", "listed"])
        // Set again, it stays paused, whichever is taken first.
        #expect(try await take([("5-1", .set), ("5-2", .pause), ("5-3", .set)], in: [0, 1, 2]) == ["set", "paused", "set", "rests"])
        #expect(try await take([("5-1", .set), ("5-2", .pause), ("5-3", .set)], in: [0, 2, 1]) == ["set", "set", "paused", "rests"])
        // One that was removed and set anew is another.
        let removed = [("5-1", Order.set), ("5-2", .pause), ("5-3", .remove), ("5-4", .set)].map { (id: $0.0, order: $0.1) }
        #expect(try await take(removed, in: [0, 1, 2, 3]) == ["set", "paused", "removed", "set", "listed"])
        #expect(try await take(removed, in: [0, 2, 3, 1]) == ["set", "removed", "set", "superseded", "listed"])
        #expect(try await take([("5-1", .pause), ("5-2", .set)], in: [1, 0]) == ["set", "superseded", "listed"])
    }

    @Test("are told apart by counts that no number of a script can hold")
    func largeCounts() async throws {
        let (first, second) = ("5-18446744073709551613", "5-18446744073709551614")
        #expect(try await take([(first, .set), (second, .remove)], in: [1, 0]) == ["unknown", "superseded", "gone"])
        #expect(try await take([(first, .set), (second, .remove)], in: [0, 1]) == ["set", "removed", "gone"])
    }

    @Test("with ids of the future count as of now, and shut out no later one")
    func future() async throws {
        #expect(
            try await take([("99999999999999-0", .set), ("99999999999999-1", .remove)], in: [0, 1]) == ["set", "removed", "gone"])
    }
}
