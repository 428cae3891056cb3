import Testing

@testable import CanoBridge

@Suite("The order of work", .timeLimit(.minutes(5)))
struct WorkOrderTests {
    private typealias Kind = WorkOrder.Kind

    /// What slots go to that come free one after the other, while this much of each kind waits.
    private func turns(_ count: Int, _ waiting: [(WorkOrder.Kind, Int)]) -> [WorkOrder.Kind] {
        var order = WorkOrder(total: 1)
        for (kind, number) in waiting { order.announce(kind, number) }
        return (0..<count).compactMap { _ in turn(&order) }
    }

    /// Lets what has its turn begin and end; nil when nothing waits.
    private func turn(_ order: inout WorkOrder) -> WorkOrder.Kind? {
        for kind in Kind.allCases where order.take(kind) {
            order.give()
            return kind
        }
        return nil
    }

    @Test("gives three of four slots to runs under way, and the fourth to what has not begun")
    func shares() {
        let turns = turns(16, Kind.allCases.map { ($0, 100) })
        let counts = Kind.allCases.map { kind in turns.count { $0 == kind } }
        #expect(counts == [4, 4, 4, 2, 1, 1])
        #expect(turns.prefix(5) == [.handBack, .wake, .takeover, .pending, .handBack])
    }

    @Test("lets no kind wait for more than so many others, whatever else waits", arguments: WorkOrder.Kind.allCases)
    func bound(kind: WorkOrder.Kind) {
        let others = Kind.allCases.filter { $0 != kind }
        // Every set of other kinds, and every place of the round it can begin at.
        for set in 0..<(1 << others.count) {
            for begun in 0..<WorkOrder.round.count {
                var order = WorkOrder(total: 1)
                for (index, other) in others.enumerated() where set & (1 << index) != 0 { order.announce(other, 1_000) }
                for _ in 0..<begun { _ = turn(&order) }
                order.announce(kind, 5)
                var (met, waited) = (0, 0)
                while met < 5 {
                    if turn(&order) == kind { met += 1 } else { waited += 1 }
                    #expect(waited <= (met + 1) * WorkOrder.longestWait(of: kind))
                }
            }
        }
    }

    @Test("has the bounds that the contract states")
    func stated() {
        #expect(Kind.allCases.map { WorkOrder.longestWait(of: $0) } == [3, 3, 3, 7, 15, 15])
    }

    @Test("gives due runs and new entries slots in turn, and pending entries twice as many")
    func notBegun() {
        #expect(turns(6, [(.due, 9), (.new, 9)]) == [.due, .new, .due, .new, .due, .new])
        #expect(turns(8, [(.pending, 9), (.due, 9), (.new, 9)]) == [.pending, .due, .pending, .new, .pending, .due, .pending, .new])
        #expect(turns(6, [(.pending, 9), (.new, 9)]) == [.pending, .pending, .new, .pending, .pending, .new])
    }

    @Test("passes over kinds of which nothing waits, and gives slots to no other while it is one's turn")
    func turnsKept() {
        var order = WorkOrder(total: 2)
        let unannounced = order.take(.new)
        #expect(!unannounced)
        order.announce(.new, 2)
        order.announce(.handBack)
        let taken = [order.take(.new), order.take(.handBack), order.take(.new), order.take(.new)]
        #expect(taken == [false, true, true, false])
        order.give()
        let last = order.take(.new)
        #expect(last && !order.isWorkWaiting)
    }

    @Test("makes up for a turn that came to nothing before all others, while something of the kind waits")
    func owed() {
        var order = WorkOrder(total: 1)
        order.announce(.due, 3)
        order.announce(.new, 3)
        _ = order.take(.due)
        order.give(unusedBy: .due)
        let madeUpFor = [turn(&order), turn(&order)]
        _ = order.take(.due)
        order.give(unusedBy: .due)
        let last = turn(&order)
        order.announce(.due)
        let owedNothing = [turn(&order), turn(&order)]
        #expect(madeUpFor == [.due, .new])
        #expect(last == .new, "no due run waits any more")
        #expect(owedNothing == [.due, .new], "nothing is owed to what was gone")
    }

    @Test("gives what was withdrawn no turn")
    func withdrawn() {
        var order = WorkOrder(total: 1)
        order.announce(.takeover, 2)
        order.announce(.new)
        order.withdraw(.takeover, 2)
        let first = turn(&order)
        #expect(first == .new)
    }

    @Test("gives no slot twice, and has room for what is neither taken nor waited for")
    func room() {
        var order = WorkOrder(total: 3)
        #expect(order.room == 3)
        order.announce(.new, 2)
        #expect(order.room == 1)
        let taken = [order.take(.new), order.take(.new), order.take(.new)]
        #expect(taken == [true, true, false])
        #expect(order.room == 1)
        order.give()
        #expect(order.room == 2)
        #expect(WorkOrder(total: 0).room == 1, "there is one slot at least")
    }

    @Test("says that slots are worth waiting for when few of many are free")
    func worthWaiting() {
        var order = WorkOrder(total: 4)
        #expect(!order.isWorthWaiting)
        order.announce(.new, 3)
        #expect(order.isWorthWaiting)
        #expect(!WorkOrder(total: 1).isWorthWaiting)
    }
}
