import Testing

@testable import CanoBus

@Suite("The record of a run", .timeLimit(.minutes(5)))
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
        #expect(try record.waits.isEmpty && record.waitingFor == nil && record.waitingSince == nil && record.wakeAt == nil)
        #expect(record.unreadSignals == 0)
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

    @Test("says what it waits for, since when, until when, and which signals are unread")
    func waiting() throws {
        let waiting = [
            "status": "waiting", "waits": "[[1,\"approved\",\"rejected\"],[2,\"a\",\"b\"]]", "waiting_for": "signal approved or rejected",
            "waiting_since": "1795480541721", "wake_at": "1795739741721", "signals": "3",
        ]
        let record = try #require(try RunRecord(Self.least.merging(waiting) { $1 }, of: "a"))
        #expect(record.status == .waiting && !record.status.isOver)
        #expect(try record.waits == [SignalWait(need: 1, signals: ["approved", "rejected"]), SignalWait(need: 2, signals: ["a", "b"])])
        #expect(record.waitingFor == "signal approved or rejected" && record.unreadSignals == 3)
        #expect(record.waitingSince == 1_795_480_541_721 && record.wakeAt == 1_795_739_741_721)
    }

    @Test("has waits that are read as they were written; one for time alone is left out")
    func waits() throws {
        let waits = [SignalWait(need: 1, signals: ["a"]), SignalWait(need: 2, signals: ["b", "c", "d"])]
        let json = SignalWait.json([SignalWait(need: 0, signals: [])] + waits)
        #expect(json == "[[1,\"a\"],[2,\"b\",\"c\",\"d\"]]" && SignalWait.json([]) == "[]")
        let record = try #require(try RunRecord(Self.least.merging(["waits": json]) { $1 }, of: "a"))
        #expect(try record.waits == waits)
    }

    @Test(
        "has damaged waits where they are no list of a number and its names",
        arguments: ["", "{}", "[1]", "[[]]", "[[0,\"a\"]]", "[[2,\"a\"]]", "[[\"a\"]]", "[[1,2]]", "[[1]]"])
    func damagedWaits(json: String) throws {
        let record = try #require(try RunRecord(Self.least.merging(["waits": json]) { $1 }, of: "a"))
        #expect(throws: BusError.self) { try record.waits }
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
        #expect(RunRecord.moments == [.notBefore, .expiresAt, .deadline, .created, .started, .updated, .finished, .waitingSince, .wakeAt])
        #expect(RunRecord.nested == [.input, .attributes, .output, .error, .waits])
        #expect(Set(RunRecord.order).count == RunRecord.order.count && RunRecord.order.first == .status)
    }
}
