import CanoBus
import Testing

@testable import CanoClient

@Suite("The answer to a signal", .timeLimit(.minutes(5)))
struct SignalAnswerTests {
    private static let taken = SignalTaken(name: "approved", messageID: "mail/7", outcome: .woke, unread: 1)

    private func answer(_ type: EventType, _ data: String, id: String) throws -> SignalAnswer? {
        try SignalAnswer(
            .with([.id: id, .type: type.rawValue, .subject: "order-1", .data: data]), to: CommandEntryID("1000-0", on: .control))
    }

    @Test("is that it was taken, and what became of it")
    func taken() throws {
        #expect(try answer(.signalTaken, Self.taken.json, id: "order-1/signal/control/1000-0") == .taken(Self.taken))
    }

    @Test("is its rejection")
    func rejected() throws {
        let data = CommandRejected(SignalCommand("n", run: "order-1").runOver, entry: "1000-0", fields: []).json
        guard case .rejected(.runOver, _) = try answer(.commandRejected, data, id: "command/control/1000-0") else {
            Issue.record("the rejection is no answer")
            return
        }
    }

    @Test("is neither that of another signal to the run, nor that run's end")
    func others() throws {
        #expect(try answer(.signalTaken, Self.taken.json, id: "order-1/signal/control/1000-1") == nil)
        #expect(try answer(.signalTaken, Self.taken.json, id: "order-1/signal/commands/1000-0") == nil)
        let end = RunCompleted(state: "done", output: "1", duration: 1)
        #expect(try answer(.runCompleted, end.json, id: "order-1/0000000003") == nil)
    }

    @Test("can't be told where its data can't be read")
    func unreadable() {
        #expect(throws: BusError.self) { try answer(.signalTaken, "{}", id: "order-1/signal/control/1000-0") }
    }
}
