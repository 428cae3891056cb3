import CanoCore

/// What states of every kind a log can tell apart are called, in the logs made here and in the workflow that resumes them.
enum Kind: String, WorkflowState, CaseIterable { case plain, book, reserve, steps, stream, timer, split, router, done }

/// A log the engine can have written, grown row by row.
///
/// Beside the rows it keeps what a naive reader would say of them, worked out from how the log was grown and not from the
/// rows: the model the real reader is compared with.
struct LegalLog {
    /// What the run does when the log ends here.
    enum Phase: Equatable {
        case inVisit(Kind)
        case entering(Kind)
        case undoing
    }

    /// The rows of finished steps, oldest first: nothing takes their place.
    private var finished: [CheckpointRow] = []
    /// The row that enters the unfinished visit, until another one says more of it.
    private var entry: CheckpointRow?
    /// The row of its last cursor.
    private var cursorRow: CheckpointRow?
    /// The row that says how far the attempts behind that cursor are.
    private var progressRow: CheckpointRow?
    /// The rows of the branches of a split.
    private var branchRows: [CheckpointRow] = []
    /// The rows of the rollback.
    private var rollback: [CheckpointRow] = []
    /// The row that says how far undoing a step is.
    private var undoingRow: CheckpointRow?
    /// The rows in the order they were written, replaced ones too.
    private(set) var written: [CheckpointRow] = []
    private(set) var phase = Phase.entering(.plain)
    private(set) var visit = 0
    private(set) var cursor: Int?
    private(set) var deadline: Int64?
    /// How many attempts have failed at what the log ends in.
    private(set) var failures = 0
    /// The branches of the split that have ended, in that order.
    private(set) var ended: [Int] = []
    /// The visits whose steps are finished and not undone, oldest first.
    private(set) var toUndo: [Int] = []
    /// The visits that were undone.
    private(set) var undone: [Int] = []

    /// What the log holds: what may have to be undone, how far the unfinished visit is, how far the rollback is.
    var rows: [CheckpointRow] {
        finished + [entry, cursorRow, progressRow].compactMap(\.self) + branchRows + rollback + [undoingRow].compactMap(\.self)
    }
    /// The number of the next row.
    var nextSequence: Int { written.count }
    var cursorSequence: Int? { cursorRow?.sequence }
    /// The visit whose step attempts are made to undo.
    var undoing: Int? { undoingRow?.visit }

    private static let successors: [Kind] = [.plain, .book, .reserve, .steps, .stream, .timer, .split]

    /// Every log that is one row longer.
    var extensions: [LegalLog] {
        switch phase {
        case .undoing:
            // A compensation that failed for good is left out, and tried again by the next resume.
            return toUndo.map(undoing) + toUndo.filter { $0 != undoing }.flatMap { [failingToUndo($0), waitingToBeUndone($0)] }
        case .entering(.router):
            // It has a visit and no row, whether it decides or fails.
            return [entering(.plain, behindRouter: true), rollingBack(inRouter: true)]
        case .entering(let kind):
            return [entering(kind)] + (written.isEmpty ? [] : [rollingBack()])
        case .inVisit(let kind):
            var longer = [rollingBack()]
            switch kind {
            case .plain:
                longer += Self.successors.map { entering($0) } + [entering(.book, behindRouter: true), rollingBack(inRouter: true)]
            case .book: longer += [completing(.reserve), completing(.plain), completing(.book), completing(.router)]
            case .reserve: longer += [completing(.steps), completing(.plain)]
            case .steps: longer += [stepping(), entering(.plain), entering(.book)]
            case .stream: longer += [stepping(), entering(.plain)]
            case .timer: longer += (progressRow?.kind == .waiting ? [] : [waiting()]) + [entering(.plain)]
            case .split:
                longer += (0..<2).filter { !ended.contains($0) }.flatMap { [ending($0), failing(in: $0)] } + [entering(.plain)]
            case .router, .done: return []
            }
            // Attempts at the branches of a split are theirs, and a stream has none.
            return longer + (failures == 0 && kind != .split && kind != .stream ? [failing()] : [])
        }
    }

    /// Every log that at most that many rows were written to.
    static func all(upTo length: Int) -> [LegalLog] {
        var all: [LegalLog] = []
        var newest = successors.map { LegalLog().entering($0) } + [LegalLog().entering(.plain, behindRouter: true)]
        for _ in 1..<length {
            all += newest
            newest = newest.flatMap(\.extensions)
        }
        return all + newest
    }

    /// The log with one more row, which stands where the change puts it.
    private func adding(
        _ kind: RowKind, _ state: Kind, visit: Int, branch: Int? = nil, next: Kind? = nil, payload: String? = nil,
        _ change: (inout LegalLog, CheckpointRow) -> Void
    ) -> LegalLog {
        var longer = self
        var row = CheckpointRow(
            sequence: nextSequence, kind: kind, state: state.label, task: state.label, visit: visit, branch: branch,
            next: next?.label, payload: payload.map { Array($0.utf8) })
        change(&longer, row)
        // What is gone from the log is what the row takes the place of, and is its end.
        let (before, after) = (rows.map(\.sequence), longer.rows.map(\.sequence))
        let kept = zip(before, after).prefix { $0.0 == $0.1 }.count
        precondition(after.count == kept + 1, "a row takes the place of an end")
        guard kept < before.count else {
            longer.written.append(row)
            return longer
        }
        row.replaces = before[kept]
        longer = self
        change(&longer, row)
        longer.written.append(row)
        return longer
    }

    private func entering(_ kind: Kind, behindRouter: Bool = false) -> LegalLog {
        let visit = visit + (behindRouter ? 2 : 1)
        return adding(.stateEntry, kind, visit: visit) { log, row in
            log.leaveVisit()
            log.entry = row
            log.visit = visit
            log.phase = .inVisit(kind)
        }
    }

    private mutating func leaveVisit() {
        (entry, cursorRow, progressRow, branchRows) = (nil, nil, nil, [])
        (cursor, deadline, failures, ended) = (nil, nil, 0, [])
    }

    private var current: Kind { if case .inVisit(let kind) = phase { kind } else { .plain } }

    private func completing(_ next: Kind) -> LegalLog {
        adding(.compensationCompletion, current, visit: visit, next: next, payload: "\(visit)") { log, row in
            log.leaveVisit()
            log.finished.append(row)
            log.toUndo.append(visit)
            log.phase = .entering(next)
        }
    }

    private func stepping() -> LegalLog {
        let next = (cursor ?? 0) + 1
        return adding(.stepCursor, current, visit: visit, payload: "\(next)") { log, row in
            (log.entry, log.cursorRow, log.progressRow) = (nil, row, nil)
            (log.cursor, log.failures) = (next, 0)
        }
    }

    private func waiting() -> LegalLog {
        let payload = #"{"failures":\#(failures),"wait":{"signals":[],"need":1,"until":5000}}"#
        return adding(.waiting, .timer, visit: visit, payload: payload) { log, row in
            (log.entry, log.progressRow) = (nil, row)
            log.deadline = 5_000
        }
    }

    /// An attempt at the visit's task failed, and another one follows.
    private func failing() -> LegalLog {
        let wait = deadline.map { #","wait":{"signals":[],"need":1,"until":\#($0)}"# } ?? ""
        return adding(.attempt, current, visit: visit, payload: #"{"failures":1,"nextAttempt":5000\#(wait)}"#) { log, row in
            (log.entry, log.progressRow) = (nil, row)
            log.failures = 1
        }
    }

    /// A branch of the split has ended.
    private func ending(_ branch: Int) -> LegalLog {
        adding(.branchEnd, .split, visit: visit, branch: branch, payload: #"{"split":{"branches":2}}"#) { log, row in
            log.add(row, of: branch)
            log.ended.append(branch)
        }
    }

    /// An attempt at a branch of the split failed, and another one follows.
    private func failing(in branch: Int) -> LegalLog {
        let payload = #"{"failures":1,"nextAttempt":5000,"split":{"branches":2}}"#
        return adding(.attempt, .split, visit: visit, branch: branch, payload: payload) { log, row in log.add(row, of: branch) }
    }

    /// A row takes the place of the one before it that says how far the same branch was.
    private mutating func add(_ row: CheckpointRow, of branch: Int) {
        if let last = branchRows.last, last.branch == branch, last.kind == .attempt { branchRows.removeLast() }
        branchRows.append(row)
    }

    /// An attempt at undoing the step of that visit failed, and another one follows.
    private func failingToUndo(_ visit: Int) -> LegalLog {
        adding(.attempt, state(of: visit), visit: visit, payload: #"{"failures":1,"nextAttempt":5000}"#) { log, row in
            log.undoingRow = row
            log.failures = 1
        }
    }

    /// A worker was asked to undo the step of that visit.
    private func waitingToBeUndone(_ visit: Int) -> LegalLog {
        let payload = #"{"wait":{"signals":["//\#(visit)-undo"],"need":1}}"#
        return adding(.waiting, state(of: visit), visit: visit, payload: payload) { log, row in
            log.undoingRow = row
            log.failures = 0
        }
    }

    private func state(of visit: Int) -> Kind {
        finished.first { $0.visit == visit }.flatMap { Kind(label: $0.state) } ?? .book
    }

    private func rollingBack(inRouter: Bool = false) -> LegalLog {
        let visit = visit + (inRouter ? 1 : 0)
        return adding(.rollbackStart, inRouter ? .router : current, visit: visit, payload: Self.failure) { log, row in
            log.rollback.append(row)
            log.visit = visit
            log.phase = .undoing
            (log.cursor, log.deadline, log.failures, log.ended) = (nil, nil, 0, [])
        }
    }

    private func undoing(_ visit: Int) -> LegalLog {
        adding(.compensated, state(of: visit), visit: visit) { log, row in
            log.rollback.append(row)
            (log.undoingRow, log.failures) = (nil, 0)
            log.toUndo.removeAll { $0 == visit }
            log.undone.append(visit)
        }
    }

    static let failure =
        #"{"category":"task_execution","code":"mishap","message":"it went wrong","path":[],"retryable":true,"causes":[]}"#
}
