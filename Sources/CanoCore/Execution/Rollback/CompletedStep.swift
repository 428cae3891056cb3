/// A finished compensatable step of a run, with what undoing it takes.
@usableFromInline struct CompletedStep: Sendable {
    /// What contexts and rows call it while it is undone.
    @usableFromInline let identity: NodeIdentity
    /// What undoes it; `nil` for one out of a log, whose task is found by its name.
    @usableFromInline let compensation: Compensation?
    @usableFromInline let visit: Int
    @usableFromInline let receipt: StepReceipt
    /// Whether the log says that the step is finished, and so has to learn that it was undone.
    @usableFromInline var isLogged: Bool

    var state: String { identity.label }
    var task: String { identity.taskName }

    @inlinable init(
        identity: NodeIdentity, compensation: Compensation?, visit: Int, receipt: StepReceipt, isLogged: Bool = false
    ) {
        self.identity = identity
        self.compensation = compensation
        self.visit = visit
        self.receipt = receipt
        self.isLogged = isLogged
    }

    init(_ step: UnfinishedStep) {
        let receipt =
            step.output.map { StepReceipt(stored: Array($0.utf8)) } ?? StepReceipt(asked: Array((step.asked ?? "null").utf8))
        self.init(logged: step.state, step.task, visit: step.visit, receipt)
    }

    init(_ row: CheckpointRow) {
        self.init(logged: row.state, row.task, visit: row.visit, StepReceipt(stored: row.payload ?? []))
    }

    private init(logged state: String, _ task: String, visit: Int, _ receipt: StepReceipt) {
        self.init(
            identity: NodeIdentity(label: state, taskName: task, isCompensation: true), compensation: nil, visit: visit, receipt: receipt,
            isLogged: true)
    }

    /// The error that reports a step that was not undone.
    func orphaned(because reason: String) -> CanoError {
        let bytes = (try? receipt.encoded()) ?? []
        return CanoError(
            .orphanedCompensation, "step \"\(task)\" of state \"\(state)\" was not undone: \(reason)", state: state, task: task,
            underlying: OrphanedOutput(task: task, state: state, visit: visit, output: bytes))
    }
}
