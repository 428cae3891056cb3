import CanoBus
import Testing

@testable import CanoCLI

@Suite("The wait for a run on the command line", .timeLimit(.minutes(1)))
struct RunAnswersTests {
    private let answers = RunAnswers(about: "order-1", to: "1700000000000-0")

    private func ends(_ type: EventType, subject: String = "order-1", data: String = "{}") throws -> Bool {
        try answers.end(with: .with([.type: type.rawValue, .subject: subject, .data: data]))
    }

    @Test("ends when the run has ended", arguments: [EventType.runCompleted, .runFailed, .runCancelled])
    func ended(_ type: EventType) throws {
        #expect(try ends(type))
    }

    @Test("goes on with an event on the way", arguments: [EventType.runStarted, .runScheduled, .runResumed, .stateEntered])
    func onTheWay(_ type: EventType) throws {
        #expect(try !ends(type))
    }

    @Test("ends when the run had ended before, and goes on when it has not")
    func known() throws {
        for status in RunStatus.allCases {
            #expect(try ends(.runDuplicate, data: RunDuplicate(status: status).json) == status.isOver)
        }
    }

    @Test("goes on with the end of another run on the same reply name")
    func other() throws {
        #expect(try !ends(.runCompleted, subject: "order-2"))
    }

    @Test("ends with the rejection of its own command, and not of another one")
    func rejected() throws {
        #expect(try answers.end(with: .with([.id: EventEntry.id(ofRejected: "1700000000000-0"), .type: "cano.command.rejected"])))
        #expect(try !answers.end(with: .with([.id: EventEntry.id(ofRejected: "1700000000000-1"), .subject: "order-1"])))
    }

    @Test("fails when a duplicate does not tell the status", arguments: ["", "{", "{}", #"{"status":"lost"}"#])
    func unreadable(_ data: String) {
        let error = #expect(throws: BusError.self) { try ends(.runDuplicate, data: data) }
        #expect(error?.code == .unreadableEvent)
    }

    @Test("goes on with an event of a later release")
    func unknown() throws {
        #expect(try !answers.end(with: .with([.type: "cano.run.paused", .subject: "order-1"])))
    }
}
