import CanoBus
import CanoRedis
import Testing

@testable import CanoClient

@Suite("The answers on a reply stream", .timeLimit(.minutes(1)))
struct AnswerBoardTests {
    private var board = AnswerBoard()
    private let entry = StreamEntryID(milliseconds: 1_000, sequence: 0)

    private func at(_ milliseconds: UInt64) -> StreamEntryID { StreamEntryID(milliseconds: milliseconds, sequence: 7) }

    private func completed(_ run: String, _ output: String = "1") -> EventEntry {
        .with([.type: "cano.run.completed", .subject: run, .data: RunCompleted(state: "done", output: output, duration: 1).json])
    }

    @Test("end the wait for their run, and no other")
    mutating func ended() throws {
        let (first, second) = (board.begin(about: "a", on: .commands), board.begin(about: "b", on: .commands))
        #expect(board.published(first, as: entry) == nil)
        #expect(board.published(second, as: entry) == nil)
        let ended = board.receive(completed("b"), at(1_001))
        #expect(ended.map(\.ticket) == [second])
        #expect(try ended.first?.answer.get() == .completed(output: "1"))
    }

    @Test("end every wait for their run")
    mutating func everyWait() {
        let tickets = [board.begin(about: "a", on: .commands), board.begin(about: "a", on: .commands)]
        for ticket in tickets { _ = board.published(ticket, as: entry) }
        #expect(board.receive(completed("a"), at(1_001)).map(\.ticket) == tickets)
    }

    @Test("are kept while the command's entry is not known yet")
    mutating func early() throws {
        let ticket = board.begin(about: "a", on: .commands)
        #expect(board.receive(completed("a"), at(1_001)).isEmpty)
        #expect(try board.published(ticket, as: entry)?.get() == .completed(output: "1"))
    }

    @Test("that are older than the command are about an earlier one")
    mutating func older() {
        let ticket = board.begin(about: "a", on: .commands)
        #expect(board.receive(completed("a"), at(999)).isEmpty)
        #expect(board.published(ticket, as: entry) == nil)
        #expect(board.receive(completed("a"), at(999)).isEmpty)
        #expect(board.receive(completed("a"), at(1_000)).map(\.ticket) == [ticket], "of the same millisecond they may be")
    }

    @Test("reach nobody once the wait is over")
    mutating func over() {
        let ticket = board.begin(about: "a", on: .commands)
        _ = board.published(ticket, as: entry)
        #expect(!board.isEmpty)
        board.end(ticket)
        #expect(board.isEmpty)
        #expect(board.receive(completed("a"), at(1_001)).isEmpty)
    }

    @Test("that can't be read end the wait with what is wrong")
    mutating func unreadable() {
        let ticket = board.begin(about: "a", on: .commands)
        _ = board.published(ticket, as: entry)
        let ended = board.receive(.with([.type: "cano.run.completed", .subject: "a", .data: "{"]), at(1_001))
        #expect(throws: BusError.self) { try ended.first?.answer.get() }
    }
}
