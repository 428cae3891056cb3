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
    }
}
