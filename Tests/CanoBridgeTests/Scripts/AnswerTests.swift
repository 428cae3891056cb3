import CanoBus
import CanoCore
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("What a script answers", .timeLimit(.minutes(5)))
struct AnswerTests {
    @Test("of a step is one of a few words, some with more behind them")
    func step() throws {
        let cases: [(reply: RESPValue, answer: String?)] = [
            (.text("ok"), "written"), (.text("again"), "written"), (.text("waiting"), "waiting"), (.text("lost"), "lost"),
            (.text("behind"), "behind"),
            (.texts("replies", "a,b"), #"replies("a,b")"#), (.texts("queues", "p,q"), #"queues("p,q")"#),
            (.texts("cancel", "enough"), #"cancelRequested("enough")"#),
            (.text("perhaps"), nil), (.texts("replies"), nil), (.texts("cancel", "a", "b"), nil), (.integer(1), nil), (.null, nil),
        ]
        for (reply, answer) in cases { #expect(try StepAnswer(reply).map { "\($0)" } == answer) }
        guard case .refused(let error) = try StepAnswer(.texts("conflict", "p:store:s", "k")) else {
            Issue.record("a conflict is a refusal")
            return
        }
        #expect(error is StepConflict)
    }

    @Test("of a step that opens a wait may be the inbox")
    func arrived() throws {
        let fields = RESPValue.texts("control/2-0", #"{"name":"n","data":1}"#, "control/1-0", #"{"name":"m","data":2}"#)
        guard case .arrived(let inbox) = try StepAnswer(.array([.text("arrived"), fields])) else {
            Issue.record("what it would wait for is there")
            return
        }
        #expect(inbox.signals.map(\.name) == ["m", "n"])
        #expect(throws: RedisError.self) { try StepAnswer(.texts("arrived", "nothing")) }
    }

    @Test("of a claim is the run, or why it is not to be had")
    func claim() throws {
        for word in ["gone", "unknown", "moved", "not-due", "not-resumable", "to-end", "later"] {
            guard case .refused(let refusal) = try ClaimAnswer(.text(word), about: "a") else {
                Issue.record("\(word) is a refusal")
                return
            }
            #expect(refusal.rawValue == word)
        }
        for reply in [RESPValue.text("perhaps"), .texts("claimed", "again"), .null] { #expect(try ClaimAnswer(reply, about: "a") == nil) }
    }

    @Test("of a claim is refused when the run's record was damaged")
    func damaged() {
        let reply = RESPValue.array([
            .text("claimed"), .text("again"), .texts("status", "running"), .array([]), .array([]), .array([]), .array([]),
        ])
        let error = #expect(throws: BusError.self) { try ClaimAnswer(reply, about: "a") }
        #expect(error?.code == .unreadableRun)
    }

    @Test("of a heartbeat is the time, what is lost and what is to be cancelled")
    func heartbeat() throws {
        let reply = RESPValue.array([.integer(5), .texts("a"), .array([.texts("b", "enough"), .texts("broken")]), .texts("p:bridges")])
        let answer = try #require(HeartbeatAnswer(reply))
        #expect(answer.time == 5 && answer.lost == ["a"] && answer.cancelled.map { [$0.run, $0.reason] } == [["b", "enough"]])
        #expect(answer.blocked == ["p:bridges"])
        for reply in [RESPValue.text("ok"), .array([.integer(5)]), .array([.integer(5), .array([]), .array([])])] {
            #expect(HeartbeatAnswer(reply) == nil)
        }
    }
}
