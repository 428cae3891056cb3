import Testing

@testable import CanoCore

@Suite struct JoinTallyTests {
    @Test("SJ-4 changed: what even success everywhere cannot meet is decided before any branch runs")
    func impossible() {
        #expect(JoinTally(strategy: .quorum(4), total: 3).decision == .fail(timedOut: false))
        #expect(JoinTally(strategy: .percentage(1.1), total: 3).decision == .fail(timedOut: false))
    }

    @Test("SJ-7: the tally of an empty split goes on where nothing is needed and fails where something is")
    func empty() {
        #expect(JoinTally(strategy: .all, total: 0).decision == .proceed)
        #expect(JoinTally(strategy: .quorum(0), total: 0).decision == .proceed)
        #expect(JoinTally(strategy: .percentage(0.5), total: 0).decision == .proceed)
        #expect(JoinTally(strategy: .partialResults(0), total: 0).decision == .proceed)
        #expect(JoinTally(strategy: .any, total: 0).decision == .fail(timedOut: false))
        #expect(JoinTally(strategy: .partialTimeout, total: 0).decision == .fail(timedOut: false))
    }

    @Test("SJ-3: percentages are rounded up and never overflow")
    func percentages() {
        #expect(JoinStrategy.percentage(0.5).needed(of: 5) == 3)
        #expect(JoinStrategy.percentage(.infinity).needed(of: 5) == .max)
        #expect(JoinStrategy.percentage(.nan).needed(of: 5) == .max)
    }
}
