/// A finished compensatable step of a run, with what undoing it takes.
@usableFromInline struct CompletedStep: Sendable {
    @usableFromInline let state: String
    @usableFromInline let task: String
    @usableFromInline let visit: Int
    @usableFromInline let receipt: StepReceipt
    /// Whether the log says that the step is finished, and so has to learn that it was undone.
    @usableFromInline var isLogged: Bool

    @inlinable init(state: String, task: String, visit: Int, receipt: StepReceipt, isLogged: Bool = false) {
        self.state = state
        self.task = task
        self.visit = visit
        self.receipt = receipt
        self.isLogged = isLogged
    }

    init(_ step: UnfinishedStep) {
        let receipt =
            step.output.map { StepReceipt(stored: Array($0.utf8)) } ?? StepReceipt(asked: Array((step.asked ?? "null").utf8))
        self.init(state: step.state, task: step.task, visit: step.visit, receipt: receipt, isLogged: true)
    }

    init(_ row: CheckpointRow) {
        self.init(state: row.state, task: row.task, visit: row.visit, receipt: StepReceipt(stored: row.payload ?? []), isLogged: true)
    }

    /// The error that reports a step that was not undone.
    func orphaned(because reason: String) -> CanoError {
        let bytes = (try? receipt.encoded()) ?? []
        return CanoError(
            .orphanedCompensation, "step \"\(task)\" of state \"\(state)\" was not undone: \(reason)", state: state, task: task,
            underlying: OrphanedOutput(task: task, state: state, visit: visit, output: bytes))
    }
}
