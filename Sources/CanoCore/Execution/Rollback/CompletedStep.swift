/// A finished compensatable step of a run, with what undoing it takes.
@usableFromInline struct CompletedStep: Sendable {
    /// The output, as it came from the task or from the log.
    enum Output: Sendable {
        case value(any Codable & Sendable)
        case stored([UInt8])
    }

    let state: String
    let task: String
    let visit: Int
    let output: Output
    /// Whether the log says that the step is finished, and so has to learn that it was undone.
    var isLogged: Bool

    init(state: String, task: String, visit: Int, output: Output, isLogged: Bool = false) {
        self.state = state
        self.task = task
        self.visit = visit
        self.output = output
        self.isLogged = isLogged
    }

    init(_ row: CheckpointRow) {
        self.init(state: row.state, task: row.task, visit: row.visit, output: .stored(row.payload ?? []), isLogged: true)
    }

    /// Undoes the step with its task.
    ///
    /// - Throws: What the task threw; ``CanoError/Category/taskExecution`` when the stored output is not one of this task.
    func undo<Task: CompensatableTask>(with task: Task, _ context: TaskContext<Task.State>) async throws {
        switch output {
        case .value(let value):
            guard let output = value as? Task.Receipt else {
                throw CanoError(
                    .taskExecution, "the output is a \(type(of: value)), not a \(Task.Receipt.self)", isRetryable: false)
            }
            try await task.compensate(context, output)
        case .stored(let bytes):
            try await task.compensate(context, try Payload.decode(Task.Receipt.self, from: bytes))
        }
    }

    /// The error that reports a step that was not undone.
    func orphaned(because reason: String) -> CanoError {
        let bytes: [UInt8] =
            switch output {
            case .value(let value): (try? Payload.encode(value)) ?? []
            case .stored(let bytes): bytes
            }
        return CanoError(
            .orphanedCompensation, "step \"\(task)\" of state \"\(state)\" was not undone: \(reason)", state: state, task: task,
            underlying: OrphanedOutput(task: task, state: state, visit: visit, output: bytes))
    }
}
