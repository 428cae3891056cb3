/// What a log says of its run: where it goes on, what it would undo, whether it is being undone already.
///
/// A state machine over rows that runs nothing: the same rows always lead to the same point.
struct ResumePoint {
    /// What happens first when the run goes on.
    enum Continuation: Equatable {
        /// The visit of this state is unfinished: its task runs again, in the same visit.
        case inVisit(of: String)
        /// The visit is finished and its outcome known: this state is entered.
        case enter(String)
        /// The run is being rolled back, because of this failure: it goes on undoing.
        ///
        /// Indirect, for the continuation changes with each row, and few logs tell of a rollback.
        indirect case rollBack(StoredFailure)
    }

    /// The first row of a visit, as far as more than the rest of the log has to know of it.
    struct Entry {
        let sequence: Int
        let state: String
    }

    /// What happens first.
    private(set) var continuation: Continuation
    /// The last row.
    let last: CheckpointRow
    /// How far the unfinished visit got. Nothing of it outlives its visit.
    private(set) var progress = VisitProgress()
    /// The steps that were not undone, oldest first: what a rollback undoes, from the end.
    private(set) var completed: [CompletedStep] = []
    /// The states of the visits that the log tells of, with the first row of each.
    private(set) var entries: [Entry] = []
    /// How many rows there are, and which of them the next one may take the place of.
    private(set) var rows = LogRows()
    /// The number of the last visit a row was written in.
    private var visit: Int

    /// Reads a log.
    ///
    /// - Parameters:
    ///   - rows: The whole log, in any order.
    ///   - version: The workflow's version; empty accepts every log.
    /// - Throws: ``CanoError/Category/checkpointStore`` for an empty log and for one that no run can have written (code
    ///   `malformed_log`), ``CanoError/Category/workflowVersionMismatch`` when the last row was written by another version.
    init(rows: [CheckpointRow], version: String) throws(CanoError) {
        // Stores answer rows in order, and looking costs less than sorting.
        let isSorted = rows.indices.dropFirst().allSatisfy { rows[$0 - 1].sequence < rows[$0].sequence }
        let log = isSorted ? rows : rows.sorted { $0.sequence < $1.sequence }
        guard let first = log.first, let last = log.last else {
            throw CanoError(.checkpointStore, "there are no checkpoint rows to resume from", code: "no_rows")
        }
        guard version.isEmpty || last.version == version else {
            throw CanoError(
                .workflowVersionMismatch,
                "the log was written by version \"\(last.version)\" and this is version \"\(version)\": resume it with the version that wrote it"
            )
        }
        guard first.canBeginVisit else { throw Self.malformed(first, "is the first one, and goes on with a visit that is not there") }
        self.last = last
        // As if the state had been entered, whose row is gone once the step is finished.
        continuation = .inVisit(of: first.state)
        visit = first.visit - 1
        entries.reserveCapacity(log.count)
        // Taken out of the log once: to copy a row is a third of what reading it takes.
        var previous = Int.min
        for row in log {
            guard row.sequence > previous else { throw Self.malformed(row, "has the sequence of another row") }
            previous = row.sequence
            try read(row)
            self.rows.wrote(row)
        }
    }

    private mutating func read(_ row: CheckpointRow) throws(CanoError) {
        let begins = row.canBeginVisit && row.visit > visit && !isRollingBack
        if begins { begin(row) }
        switch (row.kind, continuation) {
        case (.attempt, .rollBack), (.waiting, .rollBack):
            guard completed.contains(where: { $0.visit == row.visit }) else {
                throw Self.malformed(row, "says how far undoing visit \(row.visit) is, which has nothing to undo")
            }
            progress = VisitProgress(undoing: row.visit)
            progress[.task] = try PartProgress(row)
        case (.compensated, .rollBack):
            guard let index = completed.firstIndex(where: { $0.visit == row.visit }) else {
                throw Self.malformed(row, "says that visit \(row.visit) was undone, which has nothing to undo")
            }
            completed.remove(at: index)
            progress.clear()
        case (_, .rollBack):
            throw Self.malformed(row, "goes forward in a run that is being rolled back")
        case (.rollbackStart, _):
            let failure = try StoredFailure(row)
            if let step = failure.step { completed.append(CompletedStep(step)) }
            continuation = .rollBack(failure)
            progress.clear()
        case (.stateEntry, _):
            guard begins else { throw Self.malformed(row, "enters visit \(row.visit) after visit \(visit)") }
        case (.compensationCompletion, _):
            try requireVisit(of: row)
            guard let next = row.next, row.payload != nil else { throw Self.malformed(row, "lacks the output or the next state") }
            completed.append(CompletedStep(row))
            continuation = .enter(next)
        case (.stepCursor, .inVisit):
            try requireVisit(of: row)
            guard let cursor = row.payload else { throw Self.malformed(row, "lacks the cursor") }
            // The attempts before it were at the step that it ends.
            progress = VisitProgress(cursor: cursor, cursorSequence: row.sequence)
        case (.waiting, .inVisit), (.attempt, .inVisit):
            try requireVisit(of: row)
            let part = try PartProgress(row)
            if let branches = part.branches { branches.add(to: &progress) } else { progress[.init(row.branch)] = part }
        case (.branchEnd, .inVisit):
            try requireVisit(of: row)
            guard let branch = row.branch, let end = row.payload else { throw Self.malformed(row, "lacks the branch or what it came to") }
            progress.end(branch, as: end)
        case (.stepCursor, .enter), (.waiting, .enter), (.attempt, .enter), (.branchEnd, .enter):
            throw Self.malformed(row, "belongs to a visit that is finished")
        case (.compensated, _):
            throw Self.malformed(row, "undoes a step of a run that is not being rolled back")
        }
    }

    private var isRollingBack: Bool { if case .rollBack = continuation { true } else { false } }

    /// A visit, as its first row tells of it.
    private mutating func begin(_ row: CheckpointRow) {
        entries.append(Entry(sequence: row.sequence, state: row.state))
        visit = row.visit
        continuation = .inVisit(of: row.state)
        progress.clear()
    }

    private func requireVisit(of row: CheckpointRow) throws(CanoError) {
        guard case .inVisit(let state) = continuation, row.visit == visit, row.state == state else {
            throw Self.malformed(row, "belongs to visit \(row.visit) of \"\(row.state)\", and the run was in another")
        }
    }

    private static func malformed(_ row: CheckpointRow, _ problem: String) -> CanoError {
        CanoError(
            .checkpointStore, "the log cannot be resumed: row \(row.sequence) (\(row.kind.rawValue)) \(problem)", code: "malformed_log")
    }
}

extension CheckpointRow {
    /// Whether it may be the first one of its visit that is left: it has taken the place of the one that entered the state.
    fileprivate var canBeginVisit: Bool {
        switch kind {
        case .stateEntry, .compensationCompletion, .stepCursor: true
        case .waiting, .attempt: branch == nil
        case .branchEnd, .rollbackStart, .compensated: false
        }
    }
}
