import CanoCore

/// What states of every kind a log can tell apart are called, in the logs made here and in the workflow that resumes them.
enum Kind: String, WorkflowState, CaseIterable { case plain, book, reserve, steps, timer, done }

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
    private(set) var phase = Phase.entering(.plain)
    private(set) var visit = 0
    private(set) var cursor: Int?
    private(set) var deadline: Int64?
    /// The visits whose steps are finished and not undone, oldest first.
    private(set) var toUndo: [Int] = []
    /// The visits that were undone.
    private(set) var undone: [Int] = []

    private static let successors: [Kind] = [.plain, .book, .reserve, .steps, .timer]

    /// Every log that is one row longer.
    var extensions: [LegalLog] {
        switch phase {
        case .undoing:
            // A compensation that failed is left out, and tried again by the next resume.
            return toUndo.map(undoing)
        case .entering(let kind):
            return [entering(kind)] + (rows.isEmpty ? [] : [rollingBack()])
        case .inVisit(let kind):
            var longer = [rollingBack()]
            switch kind {
            case .plain: longer += Self.successors.map(entering)
            case .book: longer += [completing(.reserve), completing(.plain), completing(.book)]
            case .reserve: longer += [completing(.steps), completing(.plain)]
            case .steps: longer += [stepping(), entering(.plain), entering(.book)]
            case .timer: longer += (deadline == nil ? [waiting()] : []) + [entering(.plain)]
            case .done: return []
            }
            return longer
        }
    }

    /// Every log of at most that many rows.
    static func all(upTo length: Int) -> [LegalLog] {
        var all: [LegalLog] = []
        var newest = successors.map { LegalLog().entering($0) }
        for _ in 1..<length {
            all += newest
            newest = newest.flatMap(\.extensions)
        }
        return all + newest
    }

    private func adding(_ kind: RowKind, _ state: Kind, visit: Int, next: Kind? = nil, payload: String? = nil) -> LegalLog {
        var longer = self
        longer.rows.append(
            CheckpointRow(
                sequence: rows.count, kind: kind, state: state.label, task: state.label, visit: visit, next: next?.label,
                payload: payload.map { Array($0.utf8) }))
        return longer
    }

    private func entering(_ kind: Kind) -> LegalLog {
        var longer = adding(.stateEntry, kind, visit: visit + 1)
        longer.visit += 1
        longer.phase = .inVisit(kind)
        (longer.cursor, longer.deadline) = (nil, nil)
        return longer
    }

    private var current: Kind { if case .inVisit(let kind) = phase { kind } else { .plain } }

    private func completing(_ next: Kind) -> LegalLog {
        var longer = adding(.compensationCompletion, current, visit: visit, next: next, payload: "\(visit)")
        longer.toUndo.append(visit)
        longer.phase = .entering(next)
        return longer
    }

    private func stepping() -> LegalLog {
        let next = (cursor ?? 0) + 1
        var longer = adding(.stepCursor, .steps, visit: visit, payload: "\(next)")
        longer.cursor = next
        return longer
    }

    private func waiting() -> LegalLog {
        var longer = adding(.timerDeadline, .timer, visit: visit, payload: "5000")
        longer.deadline = 5_000
        return longer
    }

    private func rollingBack() -> LegalLog {
        var longer = adding(.rollbackStart, current, visit: visit, payload: Self.failure)
        longer.phase = .undoing
        (longer.cursor, longer.deadline) = (nil, nil)
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
