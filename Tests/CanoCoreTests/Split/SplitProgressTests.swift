import Testing

@testable import CanoCore

@Suite struct SplitProgressTests {
    private func row(
        _ index: Int, waits signals: [String]? = nil, until: Int64? = nil, consumes: String? = nil, isDurable: Bool = false,
        fails: Bool = false
    ) -> BranchRow {
        let content: BranchRow.Content =
            signals.map { .progress(PartProgress(), as: .waiting, until: OpenWait(signals: $0, until: until)) }
            ?? .end(fails ? .failure(Mishap()) : .success(nil, []))
        return BranchRow(
            index: index, content: content, payload: [],
            consumes: consumes.map { [ReceivedSignal(id: $0, name: $0, data: [])] } ?? [], isDurable: isDurable)
    }

    /// A split whose branches have all begun.
    private func begun(_ count: Int, _ join: JoinConfig = JoinConfig(), until: Int64? = nil) -> SplitProgress {
        var progress = SplitProgress(join, of: count, until: until)
        while progress.addWorker(within: join.bulkhead) { _ = progress.advance(after: nil, nil) }
        return progress
    }

    private func turn(_ progress: inout SplitProgress, _ rows: [BranchRow], at now: Int64 = 0) -> SplitProgress.Turn {
        for row in rows { _ = progress.add(row) }
        return progress.takeTurn(at: now, shortest: 1_000)
    }

    @Test("all waits begin with the last branch that waits, by index")
    func opens() {
        var progress = begun(3)
        let turn1 = turn(&progress, [row(2, waits: ["c"])])
        #expect(turn1.batch.opening == nil)
        _ = progress.wrote()
        let turn2 = turn(&progress, [row(0)])
        #expect(turn2.batch.opening == nil)
        _ = progress.wrote()
        let last = turn(&progress, [row(1, waits: ["b"])])
        #expect(last.batch.opening == RunWait([OpenWait(signals: ["b"]), OpenWait(signals: ["c"])]))
    }

    @Test(
        "a wait that is over soon is none of the run's, nor is one that the join's time cuts short",
        arguments: [(1_000, true), (999, false)])
    func short(left: Int64, isHeld: Bool) {
        var progress = begun(2)
        let turn3 = turn(&progress, [row(0, waits: ["a"]), row(1, waits: [], until: 5_000 + left)], at: 5_000)
        #expect((turn3.batch.opening != nil) == isHeld)
        var bounded = begun(1, until: 5_000 + left)
        let opening = turn(&bounded, [row(0, waits: ["a"], until: 99_000)], at: 5_000).batch.opening
        #expect(opening == (isHeld ? RunWait([OpenWait(signals: ["a"], until: 6_000)]) : nil))
    }

    @Test("a branch that has no place yet runs before the run waits, once a branch ends")
    func unbegun() {
        let join = JoinConfig(bulkhead: 2)
        var progress = begun(3, join)
        let turn4 = turn(&progress, [row(0, waits: ["a"]), row(1)])
        #expect(turn4.batch.opening == nil)
        _ = progress.wrote()
        let next = progress.advance(after: 1, nil).next
        #expect(next == 2)
        let turn5 = turn(&progress, [row(2, waits: ["b"])])
        #expect(turn5.batch.opening != nil)
        var full = begun(3, join)
        let turn6 = turn(&full, [row(0, waits: ["a"]), row(1, waits: ["b"])])
        #expect(turn6.batch.opening?.waits.count == 2)
    }

    @Test("behind a row that decides the join there is none")
    func decides() {
        var progress = begun(3, JoinConfig(.any))
        let last = turn(&progress, [row(1, fails: true), row(0), row(2)])
        #expect(last.batch.rows.map(\.index) == [1, 0])
        #expect(last.dropped == [2])
        let decides = progress.wrote()
        #expect(decides)
        #expect(progress.tally.decision == .proceed)
        #expect(progress.told == [0, 1])
    }

    @Test("a stopped split writes what has ended, and no wait")
    func stopped() {
        var progress = begun(2)
        progress.isStopped = true
        let last = turn(&progress, [row(0, waits: ["a"]), row(1)])
        #expect(last.batch.rows.map(\.index) == [1] && last.dropped == [0])
        #expect(last.batch.opening == nil)
    }

    @Test("a row that signals led to is the first one of its call")
    func consuming() {
        var progress = begun(4)
        let first = turn(&progress, [row(0), row(1, consumes: "s"), row(2), row(3, consumes: "t")])
        #expect(first.batch.rows.map(\.index) == [0])
        _ = progress.wrote()
        let turn7 = turn(&progress, [])
        #expect(turn7.batch.rows.map(\.index) == [1, 2])
        _ = progress.wrote()
        let turn8 = turn(&progress, [])
        #expect(turn8.batch.rows.map(\.index) == [3])
    }

    @Test("what the log says already is written again only to begin the wait of the run with")
    func durable() {
        var progress = begun(3)
        let first = turn(&progress, [row(0, waits: ["a"], isDurable: true), row(1, waits: ["b"], isDurable: true)])
        #expect(first.passed == [0, 1] && first.batch.rows.isEmpty)
        let second = turn(&progress, [row(2, waits: ["c"], isDurable: true)])
        #expect(second.batch.written.map(\.index) == [2])
        #expect(second.batch.opening?.waits.count == 3)
        var mixed = begun(2)
        let turn9 = turn(&mixed, [row(0, waits: ["a"]), row(1, waits: ["b"], isDurable: true)])
        #expect(turn9.batch.written.map(\.index) == [0])
    }

    @Test("the join's time is over once the rows are written that are under way")
    func timeUp() {
        var progress = begun(2, JoinConfig(.partialTimeout))
        _ = turn(&progress, [row(0)])
        let isDecided = progress.timeoutCame()
        #expect(!isDecided)
        let decides = progress.wrote()
        #expect(decides)
        #expect(progress.tally.decision == .proceed)
    }

    @Test("a branch that was woken is waited for")
    func woken() {
        var progress = begun(2)
        _ = turn(&progress, [row(0, waits: ["a"])])
        _ = progress.wrote()
        progress.wake(0)
        let turn10 = turn(&progress, [row(1, waits: ["b"])])
        #expect(turn10.batch.opening == nil)
    }
}
