import CanoBus
import CanoCore
import Testing

@testable import CanoBridge

@Suite("What waits for the next script of a run", .timeLimit(.minutes(5)))
struct StepBufferTests {
    private var buffer = StepBuffer()

    private func event(_ time: Int64) -> PendingEvent { PendingEvent(StateEntered(state: "s\(time)", previous: nil), at: time) }

    private func times(_ events: [PendingEvent]) -> [Int64] { events.map(\.time) }

    @Test("are events in their order, of which the oldest are taken first")
    mutating func order() {
        for time in 1...4 as ClosedRange<Int64> { buffer.add(event(time)) }
        let taken = buffer.takeEvents(3)
        #expect(times(taken.events) == [1, 2, 3])
        #expect(times(buffer.events) == [4])
        let rest = buffer.takeEvents(1)
        #expect(times(rest.events) == [4])
        #expect(buffer.unpublished == nil)
    }

    @Test("counts as publishable only up to the first that a row makes true")
    mutating func announced() {
        #expect(buffer.unpublished == nil)
        buffer.add(event(1))
        buffer.add(event(2), isAnnounced: true)
        buffer.add(event(3))
        buffer.add(event(4), isAnnounced: true)
        #expect(buffer.unpublished.map { [$0.since, Int64($0.count)] } == [1, 1])
        _ = buffer.takeEvents(1)
        #expect(buffer.unpublished == nil, "the row is still to come")
        _ = buffer.takeEvents(3)
        buffer.add(event(5))
        #expect(buffer.unpublished?.count == 1)
    }

    @Test("comes back without what the refused row had announced")
    mutating func refused() {
        buffer.add(event(1))
        buffer.add(event(2), isAnnounced: true)
        buffer.add(event(3))
        let carried = buffer.takeEvents(3)
        buffer.add(event(4), isAnnounced: true)
        buffer.putBackCertain(of: carried)
        #expect(times(buffer.events) == [1, 4])
        #expect(buffer.unpublished?.count == 1, "the fourth is still announced")
    }

    @Test("comes back without its last event when that is made anew")
    mutating func anew() {
        buffer.add(event(1))
        buffer.add(event(2))
        let carried = buffer.takeEvents(2)
        buffer.putBackAllButLast(of: carried)
        #expect(times(buffer.events) == [1])
    }

    @Test("holds rows back only where nothing can come between them and the next script")
    mutating func rows() throws {
        var plain = StepWrites()
        var shared = StepWrites()
        try plain.add([StagedWrite(key: "k", operation: .put(1))])
        try shared.add([StagedWrite(store: "s", key: "k", operation: .increment(1))])
        let exit = CheckpointRow(sequence: 1, state: "done")
        let completion = CheckpointRow(sequence: 1, kind: .compensationCompletion, state: "a")
        let cases: [(row: CheckpointRow, isExit: Bool, writes: StepWrites, isDeferred: Bool)] = [
            (exit, true, plain, true), (exit, true, shared, false), (exit, false, plain, false), (completion, false, plain, true),
            (completion, false, shared, false), (CheckpointRow(sequence: 1, kind: .stepCursor, state: "a"), false, plain, false),
        ]
        for (row, isExit, writes, isDeferred) in cases {
            var buffer = StepBuffer()
            let answer = buffer.defers(row, isExit: isExit, with: writes)
            #expect(answer == isDeferred)
            #expect(buffer.exitRow == (isDeferred && isExit ? row : nil))
            #expect(buffer.heldRow == (isDeferred && !isExit ? row : nil))
        }
    }
}
