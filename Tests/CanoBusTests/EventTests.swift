import CanoPrimitives
import Testing

@testable import CanoBus

@Suite("An event", .timeLimit(.minutes(5)))
struct EventTests {
    @Test("of each type has its data's type, once", arguments: EventType.allCases)
    func catalog(_ type: EventType) {
        #expect(EventCatalog.all.flatMap { $0.types }.filter { $0 == type }.count == 1)
        #expect(EventCatalog.dataType(of: type)?.types.contains(type) == true)
    }

    @Test("has only members that are in its table, in that order, and all that must be there", arguments: try Golden.all(in: "events"))
    func members(_ golden: Golden) throws {
        let entry = EventEntry(golden.bytes)
        let type = try #require(entry.type)
        let table = try #require(EventCatalog.dataType(of: type)).members
        let names = try JSONObject(entry[.data]).members.map(\.name)
        #expect(names == table.map(\.field.rawValue).filter { names.contains($0) })
        #expect(Set(table.filter { !$0.mayBeMissing }.map(\.field.rawValue)).isSubset(of: names))
    }

    @Test(
        "whose data lacks a member that must be there, or has one of a wrong type, can't be read", arguments: try Golden.all(in: "events"))
    func unreadable(_ golden: Golden) throws {
        let entry = EventEntry(golden.bytes)
        let type = try #require(entry.type)
        let data = try JSONObject(entry[.data])
        for member in try #require(EventCatalog.dataType(of: type)).members {
            var wrong: [String?] = []
            if case .optional = member.kind { wrong = ["[1.5]"] } else if !member.mayBeMissing { wrong = [nil, "[1.5]"] }
            if [.any, .object].contains(member.kind) { wrong.removeAll { $0 != nil } }
            for value in wrong {
                var writer = JSONWriter()
                for (name, json) in data.members where name != member.field.rawValue { writer.member(name, json: json) }
                if let value { writer.member(member.field, json: value) }
                let error = #expect(throws: BusError.self, "\(member.field) as \(value ?? "nothing")") {
                    try EventCatalog.data(of: type, writer.object)
                }
                #expect(error?.code == .unreadableEvent)
            }
        }
    }

    @Test("of a type that is not known here has no data, and one whose data is no object can't be read")
    func unknown() throws {
        let entry = EventEntry([(Array("type".utf8), Array("cano.run.paused".utf8)), (Array("zone".utf8), Array("b".utf8))])
        #expect(entry.type == nil)
        #expect(try entry.data() == nil)
        #expect(entry.unknownFields == ["zone": "b"])
        #expect(entry[.data].isEmpty)
        #expect(throws: BusError.self) { try EventCatalog.data(of: .runStarted, "[]") }
        #expect(throws: BusError.self) { try EventCatalog.data(of: .runStarted, "") }
    }

    @Test("has a number of ten digits, and an id that says what it is about")
    func ids() {
        #expect(EventEntry.printed(sequence: 0) == "0000000000" && EventEntry.printed(sequence: 12) == "0000000012")
        #expect(EventEntry.printed(sequence: 12_345_678_901) == "12345678901")
        let inbound = InboundStream.allCases.map { CommandEntryID("1-2", on: $0) }
        #expect(inbound.map { EventEntry.id(ofRejected: $0) } == ["command/commands/1-2", "command/control/1-2", "command/results/1-2"])
        let commands = inbound.filter { $0.stream != .results }
        #expect(commands.map { EventEntry.id(ofSchedule: "poll", $0) } == ["schedule/poll/commands/1-2", "schedule/poll/control/1-2"])
        #expect(commands.map { EventEntry.id(ofSignalTo: "a/b", $0) } == ["a/b/signal/commands/1-2", "a/b/signal/control/1-2"])
        #expect(EventEntry.id(ofLateAnswerTo: "a/b", CommandEntryID("1-2", on: .results)) == "a/b/late/results/1-2")
    }

    @Test("is published from one level on, or is only an answer")
    func levels() {
        #expect(EventType.allCases.filter { $0.level == .states } == [.runWaiting, .stateEntered])
        #expect(EventType.allCases.filter { $0.level == .tasks } == [.taskStarted, .taskSucceeded, .itemRetried, .itemFailed])
        #expect(EventType.allCases.filter { $0.level == .all } == [.checkpointWritten])
        #expect(EventType.allCases.filter(\.isAnswer).allSatisfy { $0.level == .runs })
        #expect(EventLevel.allCases == EventLevel.allCases.sorted())
    }

    @Test("leaves out what is too long to repeat")
    func inline() {
        let (input, output) = (BusLimits.inlineInputBytes, BusLimits.inlineOutputBytes)
        #expect(RunStarted(version: "1", state: "s", input: String(repeating: "1", count: input)).input != nil)
        #expect(RunStarted(version: "1", state: "s", input: String(repeating: "1", count: input + 1)).input == nil)
        #expect(RunCompleted(state: "s", output: String(repeating: "1", count: output), duration: 0).output != nil)
        #expect(RunCompleted(state: "s", output: String(repeating: "1", count: output + 1), duration: 0).output == nil)
    }
}
