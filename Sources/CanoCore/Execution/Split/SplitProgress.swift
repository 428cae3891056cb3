/// How far a split is: which branch is begun next, which rows go to the log, and whether the run waits as a whole.
///
/// Knows no task, no clock and no log.
struct SplitProgress: Sendable {
    private(set) var tally: JoinTally
    private(set) var outcomes: [BranchOutcome?]
    /// The branches that are worked on, or wait.
    private(set) var isUnderWay: [Bool]
    private var underWay = 0
    private var started = 0
    /// The workers that run branches.
    private(set) var workers = 0
    /// No branch is begun any more, and those under way are to end.
    var isStopped = false
    /// Those that did not end are left behind.
    private(set) var isAbandoned = false

    // MARK: With a log

    /// The rows that are on their way.
    private(set) var queue: [BranchRow] = []
    /// The rows that are being written, and what the run waits for if the log keeps it.
    private(set) var writing: BranchBatch?
    /// What the branches wait for that wait in this process.
    private(set) var waits: [Int: OpenWait] = [:]
    /// The branches whose end observers know of.
    private(set) var told: Set<Int> = []
    /// When the join's time is over, in milliseconds since 1970.
    let until: Int64?
    /// The join's time is over, and rows are being written that count before that.
    private var isTimeUp = false
    /// No row is taken any more.
    private(set) var isClosed = false

    init(_ join: JoinConfig, of count: Int, until: Int64?, ended: [(index: Int, outcome: BranchOutcome)] = []) {
        tally = JoinTally(strategy: join.strategy, total: count)
        outcomes = Array(repeating: nil, count: count)
        isUnderWay = Array(repeating: false, count: count)
        self.until = until
        for (index, outcome) in ended where outcomes[index] == nil {
            outcomes[index] = outcome
            told.insert(index)
            _ = tally.ended(succeeded: outcome.succeeded)
        }
    }

    var isOver: Bool { workers == 0 || isAbandoned }

    private var hasUnbegun: Bool { outcomes[started...].contains { $0 == nil } }

    // MARK: Branches

    /// - Returns: Whether another worker has something to do.
    mutating func addWorker(within bulkhead: Int?) -> Bool {
        guard tally.decision == .wait, !isStopped, started < outcomes.count, workers < bulkhead ?? .max else { return false }
        workers += 1
        return true
    }

    /// A worker brings what became of its branch, unless that has been counted, and gets the next one.
    ///
    /// - Returns: The branch; `nil` when there is none. Whether the outcome decided the join while others run.
    mutating func advance(after index: Int?, _ outcome: BranchOutcome?) -> (next: Int?, decides: Bool) {
        var decides = false
        if let index {
            leave(index)
            if let outcome { decides = count(outcome, of: index) }
        }
        while started < outcomes.count, outcomes[started] != nil { started += 1 }
        guard tally.decision == .wait, !isStopped, started < outcomes.count else {
            workers -= 1
            return (nil, decides)
        }
        let next = started
        isUnderWay[next] = true
        underWay += 1
        started += 1
        return (next, decides)
    }

    private mutating func leave(_ index: Int) {
        guard isUnderWay[index] else { return }
        isUnderWay[index] = false
        underWay -= 1
    }

    /// What comes after the decision changes nothing: the branch counts as stopped.
    ///
    /// - Returns: Whether that decides the join while others are not over.
    private mutating func count(_ outcome: BranchOutcome, of index: Int) -> Bool {
        guard tally.decision == .wait else { return false }
        outcomes[index] = outcome
        return tally.ended(succeeded: outcome.succeeded) != .wait && tally.remaining > 0
    }

    /// The join's time is over.
    ///
    /// - Returns: Whether that decides it. Rows that are being written are waited for: that the log takes long is not their fault.
    mutating func timeoutCame() -> Bool {
        guard writing == nil else {
            isTimeUp = true
            return false
        }
        return tally.timedOut() != .wait
    }

    /// Goes on without the branches that are still under way.
    mutating func abandon() { isAbandoned = workers > 0 }

    // MARK: Rows

    /// - Returns: Whether the row is taken. When not, its branch is to end.
    mutating func add(_ row: BranchRow) -> Bool {
        guard !isClosed else { return false }
        queue.append(row)
        return true
    }

    /// What goes to the log next.
    struct Turn {
        /// The rows; empty when there are none.
        var batch = BranchBatch()
        /// The branches whose rows are not needed any more, and that are to end.
        var dropped: [Int] = []
        /// The branches that have nothing to write and go on.
        var passed: [Int] = []
    }

    /// Takes the rows that go to the log next.
    ///
    /// - Parameters:
    ///   - now: Milliseconds since 1970.
    ///   - shortest: For how many of them a run is put down at least.
    /// - Returns: What goes to the log next.
    mutating func takeTurn(at now: Int64, shortest: Int64) -> Turn {
        var turn = Turn()
        var foreseen = tally
        var rows: [BranchRow] = []
        var taken = 0
        for row in queue {
            // A signal goes from where it is kept with the first row of a call.
            if !row.consumes.isEmpty, !rows.isEmpty { break }
            taken += 1
            // Behind the row that decides the join there is none, so that a resumed run counts what this one does.
            guard foreseen.decision == .wait, row.isEnd || !isStopped else {
                turn.dropped.append(row.index)
                continue
            }
            if case .end(let outcome) = row.content { _ = foreseen.ended(succeeded: outcome.succeeded) }
            rows.append(row)
        }
        queue.removeFirst(taken)
        let opening = queue.isEmpty && foreseen.decision == .wait ? wait(behind: rows, at: now, shortest: shortest) : nil
        turn.batch.opening = opening
        for row in rows {
            if row.isDurable, opening == nil {
                turn.passed.append(row.index)
                waits[row.index] = row.wait
            } else {
                turn.batch.rows.append(row)
            }
        }
        if !turn.batch.rows.isEmpty { writing = turn.batch }
        return turn
    }

    /// What the run waits for once these rows are written; `nil` when something of it runs, or the wait is not worth it.
    private func wait(behind rows: [BranchRow], at now: Int64, shortest: Int64) -> RunWait? {
        guard !rows.isEmpty, !isStopped else { return nil }
        var waits = waits
        var ended = 0
        for row in rows {
            if let wait = row.wait { waits[row.index] = wait } else if row.isEnd { ended += 1 }
        }
        guard !waits.isEmpty, waits.count + ended == underWay else { return nil }
        // A worker without a branch takes the next one.
        if workers > waits.count, hasUnbegun { return nil }
        let isWorthIt: (Int64?) -> Bool = { until in until.map { $0.subtractingReportingOverflow(now).partialValue >= shortest } ?? true }
        guard isWorthIt(until), waits.values.allSatisfy({ !$0.signals.isEmpty || isWorthIt($0.until) }) else { return nil }
        return RunWait(
            waits.sorted { $0.key < $1.key }.map { _, wait in
                var wait = wait
                wait.until = [wait.until, until].compactMap(\.self).min()
                return wait
            })
    }

    /// The log has the rows.
    ///
    /// - Returns: Whether that decides the join while others run.
    mutating func wrote() -> Bool {
        guard let batch = writing else { return false }
        writing = nil
        for row in batch.rows {
            switch row.content {
            case .progress(_, _, let wait):
                waits[row.index] = wait
            case .end(let outcome):
                leave(row.index)
                told.insert(row.index)
                _ = count(outcome, of: row.index)
            }
        }
        if isTimeUp { _ = tally.timedOut() }
        return tally.decision != .wait && tally.remaining > 0
    }

    /// A branch goes on that has waited here.
    mutating func wake(_ index: Int) { waits[index] = nil }

    /// The log takes no rows of this split any more.
    ///
    /// - Returns: The branches whose rows it did not get.
    mutating func close() -> [Int] {
        isClosed = true
        defer { queue = [] }
        return queue.map(\.index)
    }

    /// Those rows did not reach the log.
    mutating func failed() -> [Int] {
        defer { writing = nil }
        let rows = writing?.rows ?? []
        // They were told before.
        for row in rows where row.isEnd { told.insert(row.index) }
        return rows.map(\.index) + close()
    }
}
