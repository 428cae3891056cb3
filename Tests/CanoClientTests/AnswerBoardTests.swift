import CanoBus
import CanoRedis
import Testing

@testable import CanoClient

@Suite("The answers on a reply stream", .timeLimit(.minutes(5)))
struct AnswerBoardTests {
    private var board = AnswerBoard()
    private let entry = StreamEntryID(milliseconds: 1_000, sequence: 0)

    private func at(_ milliseconds: UInt64) -> StreamEntryID { StreamEntryID(milliseconds: milliseconds, sequence: 7) }

    private func completed(_ run: String, _ output: String = "1") -> EventEntry {
        .with([.type: "cano.run.completed", .subject: run, .data: RunCompleted(state: "done", output: output, duration: 1).json])
    }

    @Test("end the wait for their run, and no other")
    mutating func ended() throws {
        let (first, second) = (
            board.begin(about: "a", on: .commands, for: RunAnswer.self), board.begin(about: "b", on: .commands, for: RunAnswer.self)
        )
        #expect(board.published(first, as: entry) == nil)
        #expect(board.published(second, as: entry) == nil)
        let ended = board.receive(completed("b"), at(1_001))
        #expect(ended.map(\.ticket) == [second])
        #expect(try ended.first?.answer.get() as? RunAnswer == .completed(output: "1"))
    }

    @Test("end the wait for a signal only where they are about that: the end of its run ends the others")
    mutating func signals() throws {
        let start = board.begin(about: "a", on: .commands, for: RunAnswer.self)
        let signal = board.begin(about: "a", on: .control, for: SignalAnswer.self)
        for ticket in [start, signal] { #expect(board.published(ticket, as: entry) == nil) }
        #expect(board.receive(completed("a"), at(1_001)).map(\.ticket) == [start])
        let taken = SignalTaken(name: "n", messageID: nil, outcome: .kept, unread: 1)
        let event = EventEntry.with([
            .id: "a/signal/control/1000-0", .type: "cano.signal.taken", .subject: "a", .data: taken.json,
        ])
        let ended = board.receive(event, at(1_002))
        #expect(ended.map(\.ticket) == [signal])
        #expect(try ended.first?.answer.get() as? SignalAnswer == .taken(taken))
    }

    @Test("end every wait for their run")
    mutating func everyWait() {
        let tickets = [
            board.begin(about: "a", on: .commands, for: RunAnswer.self), board.begin(about: "a", on: .commands, for: RunAnswer.self),
        ]
        for ticket in tickets { _ = board.published(ticket, as: entry) }
        #expect(board.receive(completed("a"), at(1_001)).map(\.ticket) == tickets)
    }

    @Test("are kept while the command's entry is not known yet")
    mutating func early() throws {
        let ticket = board.begin(about: "a", on: .commands, for: RunAnswer.self)
        #expect(board.receive(completed("a"), at(1_001)).isEmpty)
        #expect(try board.published(ticket, as: entry)?.get() as? RunAnswer == .completed(output: "1"))
    }

    @Test("that are older than the command are about an earlier one")
    mutating func older() {
        let ticket = board.begin(about: "a", on: .commands, for: RunAnswer.self)
        #expect(board.receive(completed("a"), at(999)).isEmpty)
        #expect(board.published(ticket, as: entry) == nil)
        #expect(board.receive(completed("a"), at(999)).isEmpty)
        #expect(board.receive(completed("a"), at(1_000)).map(\.ticket) == [ticket], "of the same millisecond they may be")
    }

    @Test("reach nobody once the wait is over")
    mutating func over() {
        let ticket = board.begin(about: "a", on: .commands, for: RunAnswer.self)
        _ = board.published(ticket, as: entry)
        #expect(!board.isEmpty)
        board.end(ticket)
        #expect(board.isEmpty)
        #expect(board.receive(completed("a"), at(1_001)).isEmpty)
    }

    @Test("that can't be read end the wait with what is wrong")
    mutating func unreadable() {
        let ticket = board.begin(about: "a", on: .commands, for: RunAnswer.self)
        _ = board.published(ticket, as: entry)
        let ended = board.receive(.with([.type: "cano.run.completed", .subject: "a", .data: "{"]), at(1_001))
        #expect(throws: BusError.self) { try ended.first?.answer.get() }
    }
}
