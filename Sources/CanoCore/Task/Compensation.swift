/// How the engine undoes a step. Shared, for it is asked for whenever a step is undone.
///
/// Knows no states: undoing is compiled once, and not for each type of them.
@usableFromInline final class Compensation: Sendable {
    /// Who undoes it.
    enum Way: Sendable {
        /// This process.
        case here(@concurrent @Sendable (AttemptContext, StepReceipt) async throws -> Void)
        /// A worker.
        case byWorker(@Sendable (StepReceipt) -> VisitWork<Void>)
    }

    /// How undoing it is treated.
    let config: TaskConfig
    let way: Way
    /// Whether attempts at undoing it have neither a timeout nor a circuit breaker nor a limiter.
    let isUnguarded: Bool
    /// Whether work is undone too of which it is not known whether it was done.
    let undoesUnknownOutcomes: Bool

    init(config: TaskConfig, way: Way, undoesUnknownOutcomes: Bool = false) {
        self.config = config
        self.way = way
        isUnguarded = config.isUnguarded
        self.undoesUnknownOutcomes = undoesUnknownOutcomes
    }

    convenience init(of task: some CompensatableTask) {
        self.init(
            config: task.compensationConfig,
            way: .here { context, receipt in try await task.compensateErased(TaskContext(context), receipt) })
    }

    /// The undoing that a worker does.
    ///
    /// - Parameters:
    ///   - queue: The queue that workers take it from.
    ///   - config: How it is treated.
    ///   - undoesUnknownOutcomes: Whether it is asked for too where it is not known whether the work was done.
    ///   - request: Answers what it is done with. Has no effects.
    convenience init<State: WorkflowState, Input: Encodable & Sendable>(
        byWorkerOf queue: WorkerQueue, config: TaskConfig, undoesUnknownOutcomes: Bool = false,
        _ request: @escaping @concurrent @Sendable (TaskContext<State>, StepReceipt) async throws -> Input
    ) {
        self.init(
            config: config,
            way: .byWorker { receipt in
                Self.work(ofWorkersOf: queue, config) { context in try await request(context, receipt) }
            }, undoesUnknownOutcomes: undoesUnknownOutcomes)
    }

    /// The work of a worker that undoes a step.
    static func work<State: WorkflowState, Input: Encodable & Sendable>(
        ofWorkersOf queue: WorkerQueue, _ config: TaskConfig,
        _ request: @escaping @concurrent @Sendable (TaskContext<State>) async throws -> Input
    ) -> VisitWork<Void> {
        VisitWork(
            retry: config.retry, queue: { _ in queue }, request: { context in try await request(TaskContext(context)) },
            answered: { (_: UnreadOutput, _, _) in })
    }
}
