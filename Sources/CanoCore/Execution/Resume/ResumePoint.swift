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
        case rollBack(StoredFailure)
    }

    /// What happens first.
    private(set) var continuation: Continuation
    /// The last row.
    let last: CheckpointRow
    /// How far the unfinished visit got. Nothing of it outlives its visit.
    private(set) var progress = VisitProgress()
    /// The completions of the steps that were not undone, oldest first: what a rollback undoes, from the end.
    private(set) var completed: [CheckpointRow] = []
    /// The states entered so far, with the rows that say so.
    private(set) var entries: [(sequence: Int, state: String)]
    /// How many rows the log holds.
    let rowCount: Int
    /// About how many bytes they take.
    let byteCount: Int
    /// The number of the last visit a row was written in.
    private var visit: Int

    /// The number of the next row.
    var nextSequence: Int { last.sequence + 1 }

    /// Reads a log.
    ///
    /// - Parameters:
    ///   - rows: The whole log, in any order.
    ///   - version: The workflow's version; empty accepts every log.
    /// - Throws: ``CanoError/Category/checkpointStore`` for an empty log and for one that no run can have written (code
    ///   `malformed_log`), ``CanoError/Category/workflowVersionMismatch`` when the last row was written by another version.
    init(rows: [CheckpointRow], version: String) throws(CanoError) {
        // Stores answer rows in order, and looking costs less than sorting.
        let isSorted = zip(rows, rows.dropFirst()).allSatisfy { $0.sequence < $1.sequence }
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
        guard first.kind == .stateEntry else { throw Self.malformed(first, "is the first one and enters no state") }
        self.last = last
        continuation = .inVisit(of: first.state)
        entries = [(first.sequence, first.state)]
        rowCount = log.count
        byteCount = log.reduce(0) { $0 + $1.byteCount }
        visit = first.visit
        for index in log.indices.dropFirst() {
            guard log[index].sequence > log[index - 1].sequence else {
                throw Self.malformed(log[index], "has the sequence of another row")
            }
            try read(log[index])
        }
    }

    private mutating func read(_ row: CheckpointRow) throws(CanoError) {
        switch (row.kind, continuation) {
        case (.compensated, .rollBack):
            guard let index = completed.firstIndex(where: { $0.visit == row.visit }) else {
                throw Self.malformed(row, "says that visit \(row.visit) was undone, which has nothing to undo")
            }
            completed.remove(at: index)
        case (_, .rollBack):
            throw Self.malformed(row, "goes forward in a run that is being rolled back")
        case (.rollbackStart, _):
            continuation = .rollBack(try StoredFailure(row))
            progress = VisitProgress()
        case (.stateEntry, _):
            guard row.visit > visit else { throw Self.malformed(row, "enters visit \(row.visit) after visit \(visit)") }
            entries.append((row.sequence, row.state))
            visit = row.visit
            continuation = .inVisit(of: row.state)
            progress = VisitProgress()
        case (.compensationCompletion, .inVisit):
            try requireVisit(of: row)
            guard let next = row.next, row.payload != nil else { throw Self.malformed(row, "lacks the output or the next state") }
            completed.append(row)
            continuation = .enter(next)
        case (.stepCursor, .inVisit):
            try requireVisit(of: row)
            guard let cursor = row.payload else { throw Self.malformed(row, "lacks the cursor") }
            progress = VisitProgress(cursor: cursor, cursorSequence: row.sequence, deadline: progress.deadline)
        case (.timerDeadline, .inVisit):
            try requireVisit(of: row)
            guard let deadline = row.payload.flatMap({ Int64(String(decoding: $0, as: UTF8.self)) }) else {
                throw Self.malformed(row, "lacks the deadline")
            }
            progress.deadline = deadline
        case (.compensationCompletion, .enter), (.stepCursor, .enter), (.timerDeadline, .enter):
            throw Self.malformed(row, "belongs to a visit that is finished")
        case (.compensated, _):
            throw Self.malformed(row, "undoes a step of a run that is not being rolled back")
        }
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

/// How far a visit got, as far as its log says.
@usableFromInline struct VisitProgress: Sendable, Equatable {
    /// The encoded cursor of a stepped or stream task.
    @usableFromInline var cursor: [UInt8]?
    /// The row that holds it.
    @usableFromInline var cursorSequence: Int?
    /// The moment a timer waits for, in milliseconds since 1970.
    @usableFromInline var deadline: Int64?

    @inlinable init(cursor: [UInt8]? = nil, cursorSequence: Int? = nil, deadline: Int64? = nil) {
        self.cursor = cursor
        self.cursorSequence = cursorSequence
        self.deadline = deadline
    }
}
