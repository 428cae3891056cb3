import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("Commands about one schedule", .timeLimit(.minutes(1)), .sharedRedisServer)
struct ScheduleOrderTests {
    private enum Order { case set, remove }

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
                case .remove:
                    let call = RemoveSchedule(
                        bus: table.bus, command: UnscheduleCommand("s"), entry: entry, stream: .control, made: 5)
                    answers.append(try await table.call(call).rawValue)
                }
            }
            answers.append(try await table.score(of: "s", in: table.keys.schedules) == nil ? "gone" : "listed")
        }
        return answers
    }

    @Test("count in the order they were published in, whichever bridge takes which first")
    func order() async throws {
        #expect(try await take([("5-1", .set), ("5-2", .remove)], in: [0, 1]) == ["set", "removed", "gone"])
        #expect(try await take([("5-1", .set), ("5-2", .remove)], in: [1, 0]) == ["unknown", "superseded", "gone"])
        #expect(try await take([("5-1", .remove), ("6-0", .set)], in: [1, 0]) == ["set", "superseded", "listed"])
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
