/// What the log of a run holds, as far as the run goes on from there.
@usableFromInline struct LogPosition<State: WorkflowState>: Sendable {
    /// Where the run is taken up again.
    @usableFromInline enum Anchor: Sendable {
        /// This state is entered, which the step before it chose. Indirect, so that a driver is laid out alike whatever its states are.
        indirect case entering(State, after: StateNode<State>?)
        /// The task of this state runs again, in the visit the run is in.
        case revisiting(StateNode<State>)
    }

    /// The number of the next row.
    @usableFromInline var sequence = 0
    @usableFromInline var rowCount = 0
    /// About how many bytes the rows take, and the last one of them.
    @usableFromInline private(set) var byteCount = 0
    @usableFromInline var lastByteCount = 0
    /// What makes rows those of this execution.
    @usableFromInline var signature = RowSignature()
    /// The row that the log was away for when the run was stopped. It may have arrived, so the next one follows it. An array, for
    /// an optional would be as large as a row.
    @usableFromInline var unanswered: [CheckpointRow] = []
    /// How far the visit got.
    @usableFromInline var progress = VisitProgress()
    /// What the last row says is to be done, and the number of the last visit. `nil` before there is a row.
    @usableFromInline private(set) var anchor: Anchor?
    @usableFromInline private(set) var visit = 0

    @inlinable init() {}

    /// A row says that a visit has begun, or chosen what follows it.
    mutating func reached(_ anchor: Anchor, in visit: Int) {
        self.anchor = anchor
        self.visit = visit
        progress = VisitProgress()
    }

    /// A row was given up on before its append was answered.
    mutating func leftUnanswered(_ row: CheckpointRow) { unanswered = [row] }

    /// The row that has to be appended before any other.
    mutating func takeUnanswered() -> CheckpointRow? { unanswered.popLast() }

    /// A row was written.
    mutating func wrote(_ row: CheckpointRow) {
        sequence = row.sequence + 1
        if row.replaces == nil { rowCount += 1 }
        byteCount = byteCount(with: row)
        lastByteCount = row.byteCount
    }

    /// About how many bytes the rows would take with this one.
    func byteCount(with row: borrowing CheckpointRow) -> Int { byteCount + row.byteCount - (row.replaces == nil ? 0 : lastByteCount) }

    /// Why a log within these limits has no room for a row; nil when it has.
    func problem(with row: borrowing CheckpointRow, _ rowLimit: Int, _ byteLimit: Int) -> String? {
        if row.replaces == nil, rowCount >= rowLimit { return "the log holds \(rowLimit) rows, which is the limit" }
        let bytes = byteCount(with: row)
        return bytes > byteLimit ? "the log would hold \(bytes) bytes, and \(byteLimit) are the limit" : nil
    }

    /// The run goes on from a log.
    mutating func resumed(at point: ResumePoint) {
        (sequence, rowCount, progress) = (point.nextSequence, point.rowCount, point.progress)
        (byteCount, lastByteCount) = (point.byteCount, point.last.byteCount)
    }
}
