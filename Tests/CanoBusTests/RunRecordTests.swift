import Testing

@testable import CanoBus

@Suite("The record of a run", .timeLimit(.minutes(1)))
struct RunRecordTests {
    private static let least = ["status": "running", "workflow": "numbers", "epoch": "1", "events": "3", "rows": "2"]

    @Test("is not there when it has no fields")
    func absent() throws {
        #expect(try RunRecord([:], of: "a") == nil)
    }

    @Test("needs little, and the rest has defaults")
    func least() throws {
        let record = try #require(try RunRecord(Self.least, of: "a"))
        #expect(record.status == .running && record.workflow == "numbers")
        #expect((record.epoch, record.events, record.rows, record.recoveries) == (1, 3, 2, 0))
        #expect(record.version == nil && record.started == nil && record.deadline == nil && record.timeout == nil)
        #expect(record.input == "null" && record.state.isEmpty && record.bridge.isEmpty && record.replyNames.isEmpty)
        #expect(!record.isResumable && record.cancellation == nil && record.trace == TraceContext())
    }

    @Test("is damaged without the fields that every record has, or when they are not what they should be")
    func damaged() throws {
        #expect(Set(Self.least.keys) == Set(RunRecord.definitions.filter(\.isRequired).map(\.field.rawValue)))
        for field in Self.least.keys {
            for value in [nil, ""] + (field == "workflow" ? [] : ["x", "-1"]) where !(field == "workflow" && value == "") {
                var fields = Self.least
                fields[field] = value
                let error = #expect(throws: BusError.self) { try RunRecord(fields, of: "a") }
                #expect(error?.code == .unreadableRun)
            }
        }
    }

    @Test("has numbers that a script can count: from 0 to 2⁵³ - 1")
    func numbers() {
        #expect(RunRecord.number("0") == 0 && RunRecord.number("9007199254740991") == 9_007_199_254_740_991)
        for text in [nil, "", "-1", "9007199254740992", "1.5", "x", "99999999999999999999"] { #expect(RunRecord.number(text) == nil) }
    }

    @Test("is over once it says that it has ended")
    func over() {
        #expect(RunStatus.allCases.filter(\.isOver) == [.completed, .failed, .cancelled])
    }

    @Test("says which of its fields are moments, and which are JSON")
    func display() {
        #expect(RunRecord.moments == [.notBefore, .expiresAt, .deadline, .created, .started, .updated, .finished])
        #expect(RunRecord.nested == [.input, .output, .error])
        #expect(Set(RunRecord.order).count == RunRecord.order.count && RunRecord.order.first == .status)
    }
}
