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

    private(set) var rows: [CheckpointRow] = []
    /// The rows in the order they were written, replaced ones too.
    private(set) var written: [CheckpointRow] = []
    /// The number of the next row. Ahead of their count, where a cursor has replaced the one before.
    private(set) var nextSequence = 0
    private(set) var phase = Phase.entering(.plain)
    private(set) var visit = 0
    private(set) var cursor: Int?
    private(set) var cursorSequence: Int?
    private(set) var deadline: Int64?
    /// The visits whose steps are finished and not undone, oldest first.
    private(set) var toUndo: [Int] = []
    /// The visits that were undone.
    private(set) var undone: [Int] = []

    private static let successors: [Kind] = [.plain, .book, .reserve, .steps, .stream, .timer, .split]

    /// Every log that is one row longer.
    var extensions: [LegalLog] {
        switch phase {
        case .undoing:
            // A compensation that failed is left out, and tried again by the next resume.
            return toUndo.map(undoing)
        case .entering(.router):
            // It has a visit and no row, whether it decides or fails.
            return [entering(.plain, behindRouter: true), rollingBack(inRouter: true)]
        case .entering(let kind):
            return [entering(kind)] + (rows.isEmpty ? [] : [rollingBack()])
        case .inVisit(let kind):
            var longer = [rollingBack()]
            switch kind {
            case .plain:
                longer += Self.successors.map { entering($0) } + [entering(.book, behindRouter: true), rollingBack(inRouter: true)]
            case .book: longer += [completing(.reserve), completing(.plain), completing(.book), completing(.router)]
            case .reserve: longer += [completing(.steps), completing(.plain)]
            case .steps: longer += [stepping(), entering(.plain), entering(.book)]
            case .stream: longer += [stepping(), entering(.plain)]
            case .timer: longer += (deadline == nil ? [waiting()] : []) + [entering(.plain)]
            case .split: longer += [entering(.plain)]
            case .router, .done: return []
            }
            return longer
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

    private func adding(
        _ kind: RowKind, _ state: Kind, visit: Int, next: Kind? = nil, payload: String? = nil, replaces: Int? = nil
    ) -> LegalLog {
        var longer = self
        let row = CheckpointRow(
            sequence: nextSequence, kind: kind, state: state.label, task: state.label, visit: visit, next: next?.label,
            payload: payload.map { Array($0.utf8) }, replaces: replaces)
        longer.rows.removeAll { $0.sequence == replaces }
        longer.rows.append(row)
        longer.written.append(row)
        longer.nextSequence += 1
        return longer
    }

    private func entering(_ kind: Kind, behindRouter: Bool = false) -> LegalLog {
        let visit = visit + (behindRouter ? 2 : 1)
        var longer = adding(.stateEntry, kind, visit: visit)
        longer.visit = visit
        longer.phase = .inVisit(kind)
        longer.forgetProgress()
        return longer
    }

    private mutating func forgetProgress() { (cursor, cursorSequence, deadline) = (nil, nil, nil) }

    private var current: Kind { if case .inVisit(let kind) = phase { kind } else { .plain } }

    private func completing(_ next: Kind) -> LegalLog {
        var longer = adding(.compensationCompletion, current, visit: visit, next: next, payload: "\(visit)")
        longer.toUndo.append(visit)
        longer.phase = .entering(next)
        return longer
    }

    private func stepping() -> LegalLog {
        let next = (cursor ?? 0) + 1
        var longer = adding(.stepCursor, current, visit: visit, payload: "\(next)", replaces: cursorSequence)
        (longer.cursor, longer.cursorSequence) = (next, nextSequence)
        return longer
    }

    private func waiting() -> LegalLog {
        var longer = adding(.timerDeadline, .timer, visit: visit, payload: "5000")
        longer.deadline = 5_000
        return longer
    }

    private func rollingBack(inRouter: Bool = false) -> LegalLog {
        let visit = visit + (inRouter ? 1 : 0)
        var longer = adding(.rollbackStart, inRouter ? .router : current, visit: visit, payload: Self.failure)
        longer.visit = visit
        longer.phase = .undoing
        longer.forgetProgress()
        return longer
    }

    private func undoing(_ visit: Int) -> LegalLog {
        let state = rows.first { $0.visit == visit }.flatMap { Kind(label: $0.state) } ?? .book
        var longer = adding(.compensated, state, visit: visit)
        longer.toUndo.removeAll { $0 == visit }
        longer.undone.append(visit)
        return longer
    }

    static let failure =
        #"{"category":"task_execution","code":"mishap","message":"it went wrong","path":[],"retryable":true,"causes":[]}"#
}
