import CanoCore
import Testing

@testable import CanoBridge

@Suite("The end of a run's log", .timeLimit(.minutes(5)))
struct LogTailTests {
    private func row(_ sequence: Int, replaces: Int? = nil) -> CheckpointRow {
        CheckpointRow(sequence: sequence, state: "s", replaces: replaces)
    }

    @Test("grows by rows that take no other's place")
    func grows() {
        var tail = LogTail([0])
        let written = tail.write([row(1), row(2)])
        #expect(written.drops == 0)
        #expect(written.rows.map(\.sequence) == [1, 2])
    }

    @Test("loses the replaced row and all behind it, and none before")
    func drops() {
        var tail = LogTail([0, 1, 4, 5])
        let written = tail.write([row(6, replaces: 4)])
        #expect(written.drops == 2)
        let next = tail.write([row(7, replaces: 1)])
        #expect(next.drops == 2)
        let last = tail.write([row(8, replaces: 7)])
        #expect(last.drops == 1)
    }

    @Test("is not written what comes and goes in one script")
    func together() {
        var tail = LogTail([0])
        let written = tail.write([row(1), row(2), row(3, replaces: 2), row(4)])
        #expect(written.drops == 0)
        #expect(written.rows.map(\.sequence) == [1, 3, 4])
        let next = tail.write([row(5), row(6, replaces: 3)])
        #expect(next.drops == 2)
        #expect(next.rows.map(\.sequence) == [6])
    }
}
